import { beforeEach, describe, expect, it } from "vitest";
import type { CommandResult, PassReport } from "./command.js";
import { done } from "./kind.js";
import { Status } from "./status.js";
import type { TestShell} from "./testing/test-shell.js";
import { ONE, TWO, withNode } from "./testing/test-shell.js";
import { readToy, TOY, TOY_CLUSTER, TOY_ENDPOINT, toyKind, writeToy } from "./testing/toy-kind.js";

const notSent = { kind: "notSent", reason: "no session" } as const;
const unknown = { kind: "unknown", reason: "timed out" } as const;
const success = { kind: "status", status: Status.SUCCESS } as const;
const busy = { kind: "status", status: Status.BUSY } as const;

let shell: TestShell;
beforeEach(() => {
    shell = withNode();
});

const path = (attribute: number) => ({ endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute });
const report = (attribute: number) => shell.input({ type: "report", node: ONE, path: path(attribute) });
const reconcile = { type: "reconcile", node: ONE, verify: "all" } as const;
const reportOf = (result: CommandResult | undefined): PassReport | undefined =>
    result?.ok && result.value.type === "pass" ? result.value.report : undefined;

/** Times of the requests to the node from now on, relative to now, while nobody answers. */
function sendTimes(ms: number): number[] {
    const times: number[] = [];
    const from = shell.nowMs;
    shell.device().fault = () => {
        times.push(shell.nowMs - from);
        return notSent;
    };
    shell.settle();
    shell.run(ms);
    return times;
}

describe("a pass", () => {
    it("asks one thing at a time", () => {
        shell.send({ type: "change", changes: [1, 2, 3].map(id => ({ op: "set", node: ONE, kind: TOY, intent: { id, value: 1 } })) });
        shell.stored();
        const asked: string[][] = [];
        while (shell.requests.length > 0) {
            asked.push(shell.asked());
            expect(shell.requests.length).toBe(1);
            shell.answer();
        }
        expect(asked).toEqual([["write 1=1"], ["write 2=1"], ["write 3=1"]]);
    });

    it("takes what is asked meanwhile into exactly one follow-up", () => {
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 2, value: 1 });
        shell.asked();
        const first = shell.send({ type: "reconcile", node: ONE, verify: [{ kind: TOY, key: [1] }] });
        report(2);
        report(2);
        const second = shell.send({ type: "reconcile", node: ONE, verify: [{ kind: TOY, key: [1] }] });
        const third = shell.send({ type: "reconcile", node: ONE });
        report(1);
        expect(shell.asked()).toEqual(["read 1"]);
        shell.answer();
        expect(reportOf(shell.replies.get(first))).toMatchObject({ verified: 1 });
        expect(shell.replies.has(second)).toBe(false);
        shell.settle();
        expect(shell.asked().sort()).toEqual(["read 1", "read 2"]);
        for (const id of [second, third]) {
            expect(reportOf(shell.replies.get(id))).toMatchObject({ verified: 2, applied: 0, drifted: 0, failed: 0 });
        }
        expect(shell.machine.context.timers.size).toBe(0);
    });

    it("reads what it was asked to, then does what is owed", () => {
        shell.set({ id: 1, value: 1 });
        shell.device().fault = () => busy;
        shell.set({ id: 2, value: 1 });
        shell.device().fault = () => undefined;
        shell.asked();
        shell.nowMs += 1_000;
        shell.do(reconcile);
        expect(shell.asked()).toEqual(["read 1", "write 2=1"]);
    });

    it("reports what it did", () => {
        for (const id of [1, 2, 3]) {
            shell.set({ id, value: 1 });
        }
        shell.device().values.set(2, 9);
        shell.device().fault = request => (request.op === "read" && request.attribute === 3 ? busy : undefined);
        const id = shell.send(reconcile);
        shell.send({ type: "change", changes: [{ op: "remove", node: ONE, kind: TOY, key: [1] }] });
        shell.settle();
        expect(reportOf(shell.replies.get(id))).toEqual({
            applied: 0,
            removed: 1,
            verified: 1,
            drifted: 1,
            failed: 0,
            unread: [{ item: { kind: TOY, key: [3] }, failure: expect.objectContaining({ code: Status.BUSY }) as object }],
        });
    });

    it("says with each request which item and generation explain it, and until when it must be answered", () => {
        shell.set({ id: 1, value: 1 });
        const { id: item, record } = shell.item(1)!;
        expect(shell.sent.at(-1)).toMatchObject({ deadlineMs: 30_000, cause: { item, generation: record!.generation, operation: "apply" } });
        shell.do(reconcile);
        expect(shell.sent.at(-1)).toMatchObject({ cause: { item, operation: "verify" } });
    });

    it("that only something unknown was asked for asks nothing", () => {
        report(99);
        shell.input({ type: "reachable", node: TWO });
        expect(shell.do({ type: "reconcile", node: ONE, verify: [{ kind: TOY, key: [9] }] })).toMatchObject({ error: { code: "UNKNOWN_ITEM" } });
        expect(shell.do({ ...reconcile, node: TWO })).toMatchObject({ error: { code: "UNKNOWN_NODE" } });
        expect(shell.sent).toEqual([]);
    });
});

describe("lanes", () => {
    it("are independent: a node that does not answer delays no other", () => {
        shell.do({ type: "addNode", node: TWO });
        shell.device().fault = () => "silence";
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 1, value: 2 }, "converge", TWO);
        expect(shell.record(1)!.state).toBe("pending");
        expect(shell.record(1, TWO)!.state).toBe("committed");
    });

    it("of a removed node end with it", () => {
        shell.set({ id: 1, value: 1 });
        const asked = shell.send(reconcile);
        const behind = shell.send(reconcile);
        const effect = shell.requests[0]!;
        expect(shell.do({ type: "removeNode", node: ONE })).toMatchObject({ ok: true });
        for (const id of [asked, behind]) {
            expect(shell.replies.get(id)).toMatchObject({ error: { code: "OUT_OF_REACH" } });
        }
        expect(shell.answer(success, effect)).toEqual([]);
        expect([shell.machine.lanes.outstanding, shell.machine.context.timers.size]).toEqual([0, 0]);
    });
});

describe("silence", () => {
    it("of two minutes is an unknown outcome, and later answers to that request are ignored", () => {
        shell.device().fault = () => "silence";
        shell.set({ id: 1, value: 1 });
        const [effect] = shell.requests;
        shell.asked();
        shell.run(119_999);
        expect(shell.asked()).toEqual([]);
        expect(shell.machine.lanes.outstanding).toBe(1);
        shell.run(1);
        expect(shell.machine.lanes.outstanding).toBe(0);
        expect(shell.item(1)!.lateUntilMs).toBe(shell.nowMs + 30_000);
        expect(shell.answer(success, effect)).toEqual([]);
        expect(shell.record(1)).toMatchObject({ state: "pending", failure: null });
        shell.run(1_000);
        expect(shell.asked()).toEqual(["write 1=1"]);
    });

    it("is not what a late wake is", () => {
        shell.device().fault = () => "silence";
        shell.set({ id: 1, value: 1 });
        shell.input({ type: "wake" });
        expect(shell.machine.lanes.outstanding).toBe(1);
        shell.answer();
        expect(shell.record(1)!.state).toBe("committed");
    });
});

describe("a request that is not answered", () => {
    it.each([
        ["not sent", notSent],
        ["unknown", unknown],
    ])("(%s) ends the pass and counts nothing", (_what, answer) => {
        shell.device().fault = () => answer;
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 2, value: 1 });
        expect(shell.asked()).toEqual(["write 1=1"]);
        expect([shell.record(1), shell.record(2)]).toMatchObject([
            { state: "pending", owes: "apply", failure: null },
            { state: "pending", owes: "apply", failure: null },
        ]);
        expect(shell.machine.nodes.get(ONE)!.isOutOfReach).toBe(true);
    });

    it("is tried again after 1 s to 5 min, doubling", () => {
        shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 } }] });
        const times = sendTimes(1_300_000);
        const gaps = times.slice(1).map((time, i) => (time - times[i]!) / 1_000);
        expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    });

    it("is tried again after at least half of that", () => {
        shell.lowest = true;
        shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 } }] });
        const times = sendTimes(600_000);
        const gaps = times.slice(1).map((time, i) => (time - times[i]!) / 1_000);
        expect(gaps.slice(0, 11)).toEqual([0.5, 1, 2, 4, 8, 16, 32, 64, 128, 150, 150]);
    });

    it("leaves the back-off where it was; any answer ends it", () => {
        shell.send({ type: "change", changes: [1, 2].map(id => ({ op: "set", node: ONE, kind: TOY, intent: { id, value: 1 } })) });
        expect(sendTimes(7_000)).toEqual([0, 1_000, 3_000, 7_000]);
        shell.device().fault = request => (request.op === "write" && request.attribute === 1 ? busy : notSent);
        shell.run(8_000);
        expect(shell.record(1)).toMatchObject({ state: "commitFailed" });
        expect(shell.machine.nodes.get(ONE)!.retryAtMs).toBe(shell.nowMs + 1_000);
    });

    it("is tried at once when the node becomes reachable, and the back-off begins anew", () => {
        shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 } }] });
        sendTimes(7_000);
        shell.asked();
        shell.input({ type: "reachable", node: ONE });
        expect(shell.asked()).toEqual(["write 1=1"]);
        expect(sendTimes(1_000)).toEqual([0, 1_000]);
    });

    it("is tried again by itself also when only a read was asked for", () => {
        shell.set({ id: 1, value: 1 });
        shell.asked();
        shell.device().fault = () => notSent;
        report(1);
        shell.settle();
        shell.device().fault = () => undefined;
        shell.asked();
        shell.run(1_000);
        expect(shell.asked()).toEqual(["read 1"]);
        shell.run(600_000);
        expect(shell.asked()).toEqual([]);
    });

    it("is tried again by itself when the reads that a reconnection asks for go unanswered: no other event need come", () => {
        shell.set({ id: 1, value: 1 });
        shell.asked();
        shell.device().fault = () => unknown;
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
        shell.device().values.delete(1);
        shell.device().fault = () => undefined;
        shell.asked();
        shell.run(1_000);
        expect(shell.asked()).toContain("read 1");
        expect(shell.machine.nodes.get(ONE)!.items.get(`${TOY}/1`)!.drifted).toBe(true);
    });

    it("answers the commands of its pass with OUT_OF_REACH; an explicit pass does not wait for the back-off", () => {
        shell.set({ id: 1, value: 1 });
        shell.asked();
        shell.device().fault = () => notSent;
        expect(shell.do(reconcile)).toMatchObject({ ok: false, error: { code: "OUT_OF_REACH" } });
        expect(shell.asked()).toEqual(["read 1"]);
        expect(shell.do(reconcile)).toMatchObject({ ok: false, error: { code: "OUT_OF_REACH" } });
        expect(shell.asked()).toEqual(["read 1"]);
    });

    it("does not delay an explicit pass that was asked for meanwhile", () => {
        shell.set({ id: 1, value: 1 });
        shell.asked();
        const ids = [shell.send(reconcile), shell.send(reconcile)];
        shell.answer(notSent);
        expect(shell.asked()).toEqual(["read 1", "read 1"]);
        shell.answer();
        expect(ids.map(id => shell.replies.get(id))).toMatchObject([{ error: { code: "OUT_OF_REACH" } }, { value: { report: { verified: 1 } } }]);
    });

    it("does not lose a rewrite that was asked for", () => {
        shell.set({ id: 1, value: 1 });
        shell.device().values.set(1, 9);
        shell.asked();
        shell.device().fault = request => (request.op === "write" ? notSent : undefined);
        shell.do({ type: "reconcile", node: ONE, rewrite: [{ kind: TOY, key: [1] }] });
        shell.device().fault = () => undefined;
        shell.run(1_000);
        expect(shell.asked()).toEqual(["read 1", "write 1=1", "read 1", "write 1=1"]);
    });
});

describe("a node that is said to be away", () => {
    it("is probed after 5 minutes if something is owed", () => {
        shell.device().fault = () => notSent;
        shell.set({ id: 1, value: 1 });
        shell.input({ type: "unreachable", node: ONE });
        shell.asked();
        shell.run(299_999);
        expect(shell.asked()).toEqual([]);
        shell.run(1);
        expect(shell.asked()).toEqual(["write 1=1"]);
    });

    it("is left alone if nothing is owed", () => {
        shell.set({ id: 1, value: 1 });
        shell.asked();
        shell.input({ type: "unreachable", node: ONE });
        shell.run(3_600_000);
        expect(shell.asked()).toEqual([]);
        expect(shell.wakeAtMs).toBeNull();
    });

    it("is not taken for away when it answers", () => {
        shell.set({ id: 1, value: 1 });
        shell.input({ type: "unreachable", node: ONE });
        shell.do(reconcile);
        expect(shell.machine.nodes.get(ONE)!.isOutOfReach).toBe(false);
    });
});

describe("an intent that changes under way", () => {
    const twoSteps = toyKind({
        *apply({ intent }) {
            yield readToy(intent.id);
            yield writeToy(intent.id, intent.value);
            return done;
        },
    });
    const change = (value: number) =>
        shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value } }] });

    it("stops the operation at its next request, and the new one begins", () => {
        shell = withNode({ kinds: [twoSteps] });
        change(1);
        shell.stored();
        change(2);
        shell.stored();
        shell.settle();
        expect(shell.asked()).toEqual(["read 1", "read 1", "write 1=2"]);
        expect(shell.record(1)!.state).toBe("committed");
    });

    it("lets the operation clean up", () => {
        let stopped = 0;
        shell = withNode({
            kinds: [
                toyKind({
                    *apply({ intent }) {
                        try {
                            yield readToy(intent.id);
                            return done;
                        } finally {
                            stopped++;
                        }
                    },
                }),
            ],
        });
        change(1);
        change(2);
        shell.stored();
        expect(stopped).toBe(0);
        shell.settle();
        expect(stopped).toBe(2);
    });

    it("lets an operation clean up whose write waits for the store", () => {
        const stopped: number[] = [];
        shell = withNode({
            kinds: [
                toyKind({
                    *apply({ intent }) {
                        try {
                            yield writeToy(intent.id, intent.value);
                            return done;
                        } finally {
                            stopped.push(intent.value);
                        }
                    },
                }),
            ],
        });
        change(1);
        change(2);
        shell.settle();
        expect(stopped).toEqual([1, 2]);
        expect(shell.asked()).toEqual(["write 1=2"]);
    });

    it("voids the outcome of the old one, and a write that waited for the store", () => {
        change(1);
        shell.stored();
        change(2);
        shell.answer(success);
        expect(shell.record(1)!.state).toBe("pending");
        shell.settle();
        expect(shell.asked()).toEqual(["write 1=1", "write 1=2"]);
        change(3);
        change(4);
        shell.settle();
        expect(shell.asked()).toEqual(["write 1=4"]);
    });

    it("to nothing stops it as well", () => {
        shell = withNode({ kinds: [twoSteps] });
        change(1);
        shell.stored();
        shell.do({ type: "withdraw", node: ONE, kind: TOY, key: [1] });
        expect(shell.asked()).toEqual(["read 1"]);
    });
});
