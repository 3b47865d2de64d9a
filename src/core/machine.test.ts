import { beforeEach, describe, expect, it } from "vitest";
import type { Item } from "./item.js";
import { done } from "./kind.js";
import { extend, ReentrancyError } from "./machine.js";
import { plainExtension } from "./testing/plain-extension.js";
import { emptyImage, ONE, TestShell, TWO, withNode } from "./testing/test-shell.js";
import { readToy, TOY, toyKind, writeToy } from "./testing/toy-kind.js";

const STORE_REFUSED = { ok: false, error: { code: "STORE_REFUSED" } };
const notSent = { kind: "notSent", reason: "away" } as const;
const reconcile = { type: "reconcile", node: ONE, verify: "all" } as const;

let shell: TestShell;
beforeEach(() => {
    shell = withNode();
});

const set = (id: number, value: number) => shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id, value } }] });

describe("the store", () => {
    it("gets one batch at a time; what changes meanwhile forms the next", () => {
        set(1, 1);
        const first = shell.batch!;
        set(2, 1);
        set(3, 1);
        expect(shell.batch).toBe(first);
        shell.stored();
        expect(shell.batch).toMatchObject({ id: first.id + 1 });
        expect(shell.batch!.puts.length).toBe(2);
    });

    it("holds back replies and events until they are durable", () => {
        const id = set(1, 1);
        expect([shell.replies.has(id), shell.told("itemChanged")]).toEqual([false, []]);
        shell.stored();
        expect(shell.replies.get(id)).toEqual({ ok: true, value: { type: "done" } });
        expect(shell.told("itemChanged")).toMatchObject([{ state: "pending", key: [1] }]);
    });

    it("is waited for by writes, not by reads", () => {
        shell = withNode({
            kinds: [
                toyKind({
                    *apply({ intent }) {
                        yield readToy(intent.id);
                        yield writeToy(intent.id, intent.value);
                        return done;
                    },
                }),
            ],
        });
        set(1, 1);
        expect(shell.asked()).toEqual(["read 1"]);
        shell.answer();
        expect(shell.asked()).toEqual([]);
        shell.stored();
        expect(shell.asked()).toEqual(["write 1=1"]);
    });

    it("is not waited for by a command that changes plainExtension, unless others are before it", () => {
        expect(shell.replies.get(shell.send({ type: "addNode", node: ONE }))).toMatchObject({ ok: true });
        const first = set(1, 1);
        const second = shell.send({ type: "addNode", node: ONE });
        expect([shell.replies.has(first), shell.replies.has(second)]).toEqual([false, false]);
        shell.stored();
        expect([...shell.replies.keys()].slice(-2)).toEqual([first, second]);
    });

    it("loses nothing that was acknowledged over a crash, and keeps nothing that was not", () => {
        shell.set({ id: 1, value: 1 });
        set(2, 1);
        shell.restart();
        expect(shell.record(1)).toMatchObject({ state: "committed" });
        expect(shell.item(2)).toBeUndefined();
    });
});

describe("a refused batch", () => {
    it("answers its commands and those on top of it with STORE_REFUSED, and restores what was", () => {
        shell.set({ id: 1, value: 1 });
        const before = shell.record(1);
        shell.asked();
        const ids = [set(1, 2), set(1, 3), set(2, 1)];
        shell.stored(false);
        expect(ids.map(id => shell.replies.get(id))).toMatchObject([STORE_REFUSED, STORE_REFUSED, STORE_REFUSED]);
        expect(shell.record(1)).toBe(before);
        expect(shell.item(2)).toBeUndefined();
        expect(shell.told("storeRefused")).toEqual([{ type: "storeRefused", takenBack: 2, retried: 0 }]);
        shell.run(3_600_000);
        expect(shell.asked()).toEqual([]);
        expect(shell.batch).toBeNull();
    });

    it("does not take back progress, which is tried again after a back-off", () => {
        set(1, 1);
        shell.stored();
        shell.answer();
        const batch = shell.batch!;
        shell.stored(false);
        expect(shell.record(1)!.state).toBe("committed");
        expect(shell.told("storeRefused")).toEqual([{ type: "storeRefused", takenBack: 0, retried: 1 }]);
        shell.run(499, false);
        expect(shell.batch).toBeNull();
        shell.run(1, false);
        expect(shell.batch!.puts).toEqual(batch.puts);
        shell.stored(false);
        shell.run(999, false);
        expect(shell.batch).toBeNull();
        shell.run(1, false);
        shell.stored();
        expect([...shell.image.item.values()]).toMatchObject([{ state: "committed" }]);
        expect(shell.machine.context.timers.size).toBe(0);
    });

    it("does not hold up the next command by its back-off", () => {
        set(1, 1);
        shell.stored();
        shell.answer();
        shell.stored(false);
        const id = set(2, 1);
        expect(shell.batch!.puts.length).toBe(2);
        shell.stored();
        expect(shell.replies.get(id)).toMatchObject({ ok: true });
    });

    it("backs off from 500 ms to a minute, and from the beginning once a batch was durable", () => {
        set(1, 1);
        shell.stored();
        shell.answer();
        const gaps: number[] = [];
        for (let i = 0; i < 9; i++) {
            shell.stored(false);
            gaps.push(shell.wakeAtMs! - shell.nowMs);
            shell.run(gaps.at(-1)!, false);
        }
        expect(gaps).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        shell.stored();
        set(1, 2);
        shell.stored();
        shell.answer();
        shell.stored(false);
        expect(shell.wakeAtMs! - shell.nowMs).toBe(500);
    });

    it("voids a write that waited for it", () => {
        set(1, 1);
        shell.stored(false);
        shell.settle();
        expect(shell.asked()).toEqual([]);
    });

    it("takes back a node that was added, and leaves nothing of its lane", () => {
        const id = shell.send({ type: "addNode", node: TWO });
        shell.input({ type: "reachable", node: TWO });
        const behind = shell.send({ ...reconcile, node: TWO });
        expect(shell.asked(TWO)).toEqual([]);
        shell.stored(false);
        expect(shell.replies.get(id)).toMatchObject(STORE_REFUSED);
        expect(shell.replies.get(behind)).toMatchObject({ error: { code: "OUT_OF_REACH" } });
        expect(shell.machine.nodes.get(TWO)).toBeUndefined();
        expect(shell.told("nodeAdded")).toEqual([]);
        shell.do({ type: "addNode", node: TWO });
        expect(shell.told("nodeAdded")).toEqual([{ type: "nodeAdded", node: TWO }]);
    });

    it("takes back the removal of a node with all its items, which go on", () => {
        shell.set({ id: 1, value: 1 });
        shell.device().fault = () => notSent;
        shell.set({ id: 2, value: 1 });
        shell.device().fault = () => undefined;
        shell.send({ type: "removeNode", node: ONE });
        expect(shell.machine.nodes.get(ONE)).toBeUndefined();
        shell.stored(false);
        expect([shell.record(1)!.state, shell.record(2)!.state]).toEqual(["committed", "pending"]);
        expect([...shell.told("nodeRemoved"), ...shell.told("itemEnded")]).toEqual([]);
        shell.run(1_000);
        expect(shell.record(2)!.state).toBe("committed");
    });

    it("that is another one's outcome changes nothing", () => {
        set(1, 1);
        expect(shell.input({ type: "stored", batch: 99, durable: false })).toEqual([]);
        expect(shell.input({ type: "stored", batch: 99, durable: true })).toEqual([]);
        shell.stored();
        expect(shell.asked()).toEqual(["write 1=1"]);
    });
});

describe("a start", () => {
    const stopped = () => {
        shell.device().fault = () => notSent;
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 1, value: 1 });
        shell.device().fault = () => undefined;
        shell.restart();
        shell.settle();
    };

    it("waits 5 s for nodes to tell that they are reachable before it tries what is owed", () => {
        stopped();
        shell.run(4_999);
        expect(shell.asked()).toEqual([]);
        shell.run(1);
        expect(shell.asked()).toEqual(["write 1=1"]);
    });

    it("does not wait for a node that tells at once", () => {
        stopped();
        shell.input({ type: "reachable", node: ONE });
        expect(shell.asked()).toEqual(["write 1=1"]);
    });

    it("does not hold up what a caller asks for", () => {
        stopped();
        shell.do(reconcile);
        expect(shell.asked()).toEqual(["write 1=1"]);
    });

    it("with nothing owed asks plainExtension, writes nothing and sets no timer", () => {
        shell.set({ id: 1, value: 1 });
        expect(shell.restart()).toEqual([]);
        expect(shell.machine.context.timers.size).toBe(0);
    });

    it("with an empty store is as quiet", () => {
        expect(new TestShell({ image: emptyImage() }).restart()).toEqual([]);
    });
});

describe("a wake", () => {
    const wakes = (effects: readonly { type: string }[]) => effects.filter(effect => effect.type === "wake");

    it("is asked for when the earliest time moves forward or comes to be, and not when it moves back", () => {
        set(1, 1);
        expect(wakes(shell.stored())).toEqual([{ type: "wake", atMonoMs: 120_000 }]);
        shell.nowMs = 10;
        expect(wakes(shell.answer(notSent))).toEqual([{ type: "wake", atMonoMs: 1_010 }]);
        shell.input({ type: "reachable", node: ONE });
        expect(shell.wakeAtMs).toBe(1_010);
        shell.nowMs = 1_010;
        expect(wakes(shell.input({ type: "wake" }))).toEqual([{ type: "wake", atMonoMs: 120_010 }]);
    });

    it("is given up when nothing needs it", () => {
        set(1, 1);
        shell.stored();
        expect(wakes(shell.answer())).toEqual([{ type: "wake", atMonoMs: null }]);
    });

    it("that comes early is asked for again", () => {
        set(1, 1);
        shell.stored();
        expect(wakes(shell.input({ type: "wake" }))).toEqual([{ type: "wake", atMonoMs: 120_000 }]);
        expect(shell.machine.lanes.outstanding).toBe(1);
    });

    it("is unmoved by a clock that goes back", () => {
        shell.nowMs = 5_000;
        set(1, 1);
        shell.nowMs = 0;
        shell.stored();
        expect(shell.wakeAtMs).toBe(125_000);
    });
});

describe("a maintained item that no report covers", () => {
    it("is read every hour, and another is not", () => {
        shell = withNode({ kinds: [toyKind({ watch: () => [] })] });
        shell.set({ id: 1, value: 1 }, "maintain");
        shell.set({ id: 2, value: 1 });
        shell.asked();
        shell.run(3_599_999);
        expect(shell.asked()).toEqual([]);
        shell.run(1);
        expect(shell.asked()).toEqual(["read 1"]);
        shell.device().values.set(1, 9);
        shell.run(3_600_000);
        expect(shell.asked()).toEqual(["read 1", "write 1=1"]);
        shell.restart();
        shell.run(3_605_000);
        expect(shell.asked()).toEqual(["read 1"]);
    });
});

describe("the machine", () => {
    it("refuses an input from within a step", () => {
        let caught: unknown;
        const drive = () => {
            try {
                shell.input({ type: "wake" });
            } catch (error) {
                caught = error;
            }
        };
        extend(shell.machine, { ...plainExtension, drive });
        shell.input({ type: "wake" });
        expect(caught).toBeInstanceOf(ReentrancyError);
        expect(caught).toMatchObject({ code: "REENTRANT_STEP" });
        expect(shell.do({ type: "addNode", node: TWO })).toMatchObject({ ok: true });
    });

    it("tells its extensions what becomes of items: set, committed, drifted, confirmed again, ended", () => {
        const heard: string[] = [];
        const itemChanged = ({ record, drifted }: Item) => void heard.push(drifted ? "drifted" : (record?.state ?? "ended"));
        extend(shell.machine, { ...plainExtension, itemChanged });
        const told = (act: () => unknown) => {
            act();
            return heard.splice(0);
        };
        expect(told(() => shell.set({ id: 1, value: 1 }))).toEqual(["pending", "committed"]);
        expect(told(() => shell.do(reconcile))).toEqual(["committed"]);
        shell.device().values.set(1, 9);
        expect(told(() => shell.do(reconcile))).toEqual(["drifted"]);
        expect(told(() => shell.do({ ...reconcile, rewrite: "all" }))).toEqual(["drifted", "committed"]);
        expect(told(() => shell.remove(1))).toEqual(["deletePending", "ended"]);
    });

    it("tells its extensions when the store refuses, and when it is well again", () => {
        const heard: string[] = [];
        extend(shell.machine, { ...plainExtension, storeRefused: () => void heard.push("refused"), storeRecovered: () => void heard.push("recovered") });
        set(1, 1);
        shell.stored(false);
        set(1, 1);
        expect(heard).toEqual(["refused"]);
        shell.stored();
        expect(heard).toEqual(["refused", "recovered"]);
        shell.settle();
        expect(heard.length).toBe(2);
    });

    it("refuses a command that nothing plugged in takes", () => {
        expect(shell.do({ type: "removeFabric" })).toMatchObject({ ok: false, error: { code: "INVALID_COMMAND" } });
        expect(shell.do({ type: "addNode", node: TWO })).toMatchObject({ ok: true });
    });

    it("ignores what concerns nodes and requests that it does not know", () => {
        for (const type of ["reachable", "unreachable", "softwareChanged", "structureChanged"] as const) {
            expect(shell.input({ type, node: TWO })).toEqual([]);
        }
        expect(shell.input({ type: "answer", request: 99, answer: notSent })).toEqual([]);
    });

    it("takes other times than its defaults", () => {
        shell = withNode({ timing: { watchdogMs: 7_000, requestDeadlineMs: 3_000 } });
        set(1, 1);
        shell.stored();
        expect(shell.sent.at(-1)!.deadlineMs).toBe(3_000);
        expect(shell.wakeAtMs).toBe(7_000);
    });

    it("settled and idle leaves no timer and no request behind", () => {
        shell.change(...[1, 2].map(id => ({ op: "set", node: ONE, kind: TOY, intent: { id, value: 1 } }) as const));
        shell.do(reconcile);
        shell.remove(1);
        shell.remove(2);
        expect([shell.machine.context.timers.size, shell.machine.lanes.outstanding, shell.wakeAtMs]).toEqual([0, 0, null]);
        expect(shell.machine.context.ledger.idle).toBe(true);
    });
});
