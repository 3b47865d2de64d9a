import { beforeEach, describe, expect, it } from "vitest";
import { Status, type StatusCode } from "./status.js";
import type { TestShell } from "./testing/test-shell.js";
import { ONE, withNode } from "./testing/test-shell.js";
import { TOY, TOY_CLUSTER, TOY_ENDPOINT, toyKind, toyTable } from "./testing/toy-kind.js";

/** Goal: what was refused, forgotten or found different is taken up again when what stood in its way is gone, told by whatever the node tells. */

const status = (code: StatusCode) => ({ kind: "status", status: code }) as const;
const path = (attribute: number) => ({ endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute });

let shell: TestShell;
beforeEach(() => {
    shell = withNode();
});

const report = (attribute: number) => {
    shell.input({ type: "report", node: ONE, path: path(attribute) });
    shell.settle();
};
const structureChanged = () => {
    shell.input({ type: "structureChanged", node: ONE });
    shell.settle();
};
/** Requests that change something and concern this toy are refused. */
const refuse = (id: number, code: StatusCode) => {
    shell.device().fault = request => {
        const concerned = request.op === "write" ? request.attribute : request.op === "invoke" ? request.fields["id"] : undefined;
        return concerned === id ? status(code) : undefined;
    };
};
const mend = () => {
    shell.device().fault = () => undefined;
};

describe("an item without a place", () => {
    beforeEach(() => {
        shell.set({ id: 1, value: 1 }, "maintain");
        refuse(2, Status.UNSUPPORTED_ENDPOINT);
        shell.set({ id: 2, value: 1, needs: [1] });
        mend();
        expect(shell.record(2)?.state).toBe("commitFailed");
    });

    it("is tried again when what it needs was lost and is written again", () => {
        shell.device().values.delete(1);
        report(1);
        expect([shell.record(1)?.state, shell.record(2)?.state]).toEqual(["committed", "committed"]);
    });

    it("is tried again when what it needs was lost and is seen again", () => {
        shell.do({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 }, mode: "converge" }] });
        shell.device().values.delete(1);
        report(1);
        expect([shell.item(1)?.drifted, shell.record(2)?.state]).toEqual([true, "commitFailed"]);
        shell.device().values.set(1, 1);
        report(1);
        expect([shell.item(1)?.drifted, shell.record(2)?.state]).toEqual([false, "committed"]);
    });
});

it("an item that was refused for want of what it needs is tried again when that is seen to be there", () => {
    const away = toyKind();
    shell = withNode({
        kinds: [
            toyKind({
                *apply(context) {
                    const result = yield* away.apply(context);
                    return result.done ? result : { done: false, failure: { class: "notApplicable", code: Status.UNSUPPORTED_ACCESS, message: "no key" } };
                },
            }),
        ],
    });
    shell.set({ id: 1, value: 1 });
    refuse(2, Status.UNSUPPORTED_ACCESS);
    shell.set({ id: 2, value: 1, needs: [1] });
    mend();
    expect(shell.record(2)?.failure?.class).toBe("notApplicable");
    report(1);
    expect(shell.record(2)?.state).toBe("committed");
});

it("a refusal for want of what an item needs makes that be read, and rewritten where it is maintained; but not for ever", () => {
    const plain = toyKind();
    shell = withNode({
        kinds: [
            toyKind({
                *apply(context) {
                    const result = yield* plain.apply(context);
                    return result.done ? result : { done: false, failure: { class: "notApplicable", code: Status.UNSUPPORTED_ACCESS, message: "no key" } };
                },
            }),
        ],
    });
    shell.set({ id: 1, value: 1 }, "maintain");
    shell.device().values.delete(1);
    shell.device().fault = request => (request.op === "write" && request.attribute === 2 && !shell.device().values.has(1) ? status(Status.UNSUPPORTED_ACCESS) : undefined);
    shell.set({ id: 2, value: 1, needs: [1] });
    expect([shell.device().values.get(1), shell.record(2)?.state]).toEqual([1, "committed"]);
    refuse(3, Status.UNSUPPORTED_ACCESS);
    shell.asked();
    shell.set({ id: 3, value: 1, needs: [1] });
    shell.run(3_600_000);
    expect(shell.asked().filter(text => text === "write 3=1")).toHaveLength(3);
});

it("a drift mark ends when the item is committed again", () => {
    shell.set({ id: 1, value: 1 }, "maintain");
    refuse(1, Status.UNSUPPORTED_ENDPOINT);
    shell.device().values.delete(1);
    report(1);
    expect(shell.record(1)?.state).toBe("commitFailed");
    mend();
    structureChanged();
    expect(shell.record(1)?.state).toBe("committed");
    expect(shell.item(1)?.drifted).toBe(false);
});

describe("a value that was removed while the node had no place for it", () => {
    beforeEach(() => {
        shell.set({ id: 1, value: 1 });
        refuse(1, Status.UNSUPPORTED_ENDPOINT);
        shell.remove(1);
        expect([shell.item(1), shell.device().values.has(1)]).toEqual([undefined, true]);
    });
    const leftovers = () => shell.machine.nodes.get(ONE)!.tombstones.size;

    it("is removed when the structure changes, durably", () => {
        shell.restart();
        mend();
        structureChanged();
        shell.run(120_000);
        expect([shell.item(1), shell.device().values.has(1), leftovers(), shell.image.item.size]).toEqual([undefined, false, 0, 0]);
    });

    it("is removed at the first sight of the node in a new process", () => {
        mend();
        shell.restart();
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
        expect(shell.device().values.has(1)).toBe(false);
    });

    it("stays remembered while there is no place", () => {
        structureChanged();
        expect([shell.item(1), leftovers()]).toEqual([undefined, 1]);
    });

    it("is forgotten when it is wanted again", () => {
        mend();
        shell.set({ id: 1, value: 2 });
        structureChanged();
        expect([shell.device().values.get(1), leftovers()]).toEqual([2, 0]);
    });

    it("is not what a dismissed item leaves: that is left alone", () => {
        mend();
        shell.set({ id: 3, value: 1 });
        shell.do({ type: "withdraw", node: ONE, kind: TOY, key: [3] });
        structureChanged();
        expect(shell.device().values.has(3)).toBe(true);
    });
});

it("room that a report tells of is looked for", () => {
    const table = { ...toyTable, watch: [path(0xf002)] };
    shell = withNode({ kinds: [toyKind({ capacity: { table, rowOf: intent => intent.id } })] });
    shell.device().limit = 1;
    shell.do({ type: "reconcile", node: ONE, capacity: true });
    shell.set({ id: 1, value: 1 });
    shell.set({ id: 2, value: 1 });
    expect(shell.record(2)?.failure?.code).toBe(Status.RESOURCE_EXHAUSTED);
    shell.device().limit = 2;
    report(0xf003);
    expect(shell.record(2)?.state).toBe("commitFailed");
    report(0xf002);
    expect(shell.record(2)?.state).toBe("committed");
});

it("a write that nobody counts any more makes the tables be read before anything else is written", () => {
    shell = withNode({ kinds: [toyKind({ capacity: { table: toyTable, rowOf: intent => intent.id } })] });
    shell.device().limit = 1;
    shell.do({ type: "reconcile", node: ONE, capacity: true });
    shell.send({ type: "change", changes: [1, 2].map(id => ({ op: "set", node: ONE, kind: TOY, intent: { id, value: 1 } })) });
    shell.stored();
    shell.send({ type: "withdraw", node: ONE, kind: TOY, key: [1] });
    shell.settle();
    expect([...shell.device().values.keys()]).toEqual([1]);
    expect(shell.record(2)?.failure).toMatchObject({ code: Status.RESOURCE_EXHAUSTED, message: expect.stringContaining("not sent") as string });
});

it("a maintained item whose reports do not tell everything is verified hourly", () => {
    shell = withNode({ kinds: [toyKind({ isWatchPartial: true })] });
    shell.set({ id: 1, value: 1 }, "maintain");
    shell.device().values.delete(1);
    shell.run(2 * 3_600_000);
    expect(shell.device().values.get(1)).toBe(1);
});

it("drift that was to be rewritten is not when the item only converges by then", () => {
    shell.set({ id: 1, value: 1 }, "maintain");
    shell.set({ id: 2, value: 1 }, "maintain");
    shell.device().values.clear();
    shell.send({ type: "reconcile", node: ONE, verify: "all" });
    shell.answer();
    shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 }, mode: "converge" }] });
    shell.settle();
    expect([shell.device().values.get(1), shell.device().values.get(2), shell.item(1)?.drifted]).toEqual([undefined, 1, true]);
});

it("a mode that the store refuses rewrites nothing", () => {
    shell.set({ id: 1, value: 1 });
    shell.device().values.delete(1);
    report(1);
    shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 }, mode: "maintain" }] });
    shell.answer();
    expect(shell.requests).toEqual([]);
    shell.stored(false);
    shell.settle();
    expect([shell.device().values.has(1), shell.record(1)?.mode]).toEqual([false, "converge"]);
});

it.each([
    ["withdrawn", () => shell.do({ type: "withdraw", node: ONE, kind: TOY, key: [1] })],
    ["no longer maintained", () => shell.do({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 }, mode: "converge" }] })],
])("a maintained item that is %s leaves no timer behind", (_, stop) => {
    shell = withNode({ kinds: [toyKind({ watch: () => [] })] });
    shell.set({ id: 1, value: 1 }, "maintain");
    expect(shell.machine.context.timers.size).toBe(1);
    stop();
    expect(shell.machine.context.timers.size).toBe(0);
});

it("drift that was only recorded is rewritten when the item is to be maintained from now on", () => {
    shell.set({ id: 1, value: 1 });
    shell.device().values.delete(1);
    report(1);
    expect(shell.item(1)?.drifted).toBe(true);
    shell.set({ id: 1, value: 1 }, "maintain");
    expect(shell.device().values.get(1)).toBe(1);
});

it("what is found is not recorded while a late write of an item that shares the list can undo it", () => {
    shell = withNode({ kinds: [toyKind({ sharesWrites: true })] });
    shell.device().fault = request => (request.op === "write" && request.attribute === 1 ? { kind: "unknown", reason: "lost" } : undefined);
    shell.set({ id: 1, value: 1 });
    mend();
    shell.do({ type: "withdraw", node: ONE, kind: TOY, key: [1] });
    shell.set({ id: 2, value: 1 });
    shell.run(10_000);
    expect([shell.device().values.get(2), shell.record(2)?.state]).toEqual([1, "pending"]);
    shell.run(30_000);
    expect(shell.record(2)?.state).toBe("committed");
});

it("a node that became another one is verified after back-off, though nothing else is owed and no event tells that it is back", () => {
    shell.set({ id: 1, value: 1 });
    shell.input({ type: "unreachable", node: ONE });
    shell.device().fault = () => ({ kind: "notSent", reason: "away" });
    shell.do({ type: "renewNode", node: ONE });
    shell.run(60_000);
    mend();
    shell.device().values.delete(1);
    shell.run(15 * 60_000);
    expect([shell.item(1)?.isCommitted, shell.device().values.get(1)]).toEqual([true, 1]);
});

it("what is owed again on a node that became another one is owed durably before it is written", () => {
    shell.set({ id: 1, value: 1 });
    shell.device().values.delete(1);
    shell.send({ type: "renewNode", node: ONE });
    shell.stored();
    shell.asked();
    while (shell.requests.length > 0) {
        shell.answer();
    }
    expect([shell.asked().filter(text => text.startsWith("write")), shell.record(1)?.owes]).toEqual([[], "apply"]);
    shell.stored();
    expect(shell.asked()).toEqual(["write 1=1"]);
});

it("a write that was on its way when the node was removed counts as unanswered if the store takes the removal back", () => {
    shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 } }] });
    shell.stored();
    expect(shell.requests.length).toBe(1);
    shell.send({ type: "removeNode", node: ONE });
    shell.stored(false);
    expect(shell.item(1)!.lateUntilMs).toBeGreaterThan(shell.nowMs);
});
