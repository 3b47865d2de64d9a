import { beforeEach, describe, expect, it } from "vitest";
import type { Command } from "./command.js";
import { nodeId } from "./ids.js";
import { Status } from "./status.js";
import { ONE, TestShell, TWO, withNode } from "./testing/test-shell.js";
import { TOY, toyKind, toyTable } from "./testing/toy-kind.js";

let shell: TestShell;
beforeEach(() => {
    shell = withNode();
});

const done = { ok: true, value: { type: "done" } };
const code = (command: Command) => {
    const reply = shell.do(command);
    return reply?.ok === false ? reply.error.code : "accepted";
};
const adopt = (value = 1, id = 7) => ({ type: "adopt", node: ONE, kind: TOY, intent: { id, value } }) as const;
const withdraw = { type: "withdraw", node: ONE, kind: TOY, key: [7] } as const;
const leftoverGone = { ...withdraw, type: "leftoverGone" } as const;

describe("addNode", () => {
    it("looks the node over when it is durable, and tells so", () => {
        shell = new TestShell({ kinds: [toyKind({ capacity: { table: toyTable, rowOf: intent => intent.id } })] });
        shell.send({ type: "addNode", node: TWO });
        expect([shell.told("nodeAdded"), shell.asked(TWO)]).toEqual([[], []]);
        shell.stored();
        expect(shell.asked(TWO)).toEqual(["read 61440"]);
        expect(shell.told("nodeAdded")).toEqual([{ type: "nodeAdded", node: TWO }]);
    });

    it("repeated changes nothing", () => {
        const before = shell.machine.nodes.get(ONE)!.record;
        expect(shell.do({ type: "addNode", node: ONE })).toEqual(done);
        expect(shell.machine.nodes.get(ONE)!.record).toBe(before);
        expect([...shell.machine.nodes.all()].length).toBe(1);
    });
});

describe("removeNode", () => {
    it("ends its items as nodeGone, with a request to none of them, and forgets its tombstones", () => {
        shell.set({ id: 1, value: 1 });
        shell.do(adopt());
        shell.do(withdraw);
        shell.asked();
        shell.told("itemEnded");
        expect(shell.do({ type: "removeNode", node: ONE })).toEqual(done);
        expect(shell.told("itemEnded")).toMatchObject([{ key: [1], end: "nodeGone" }]);
        expect(shell.told("nodeRemoved")).toEqual([{ type: "nodeRemoved", node: ONE }]);
        expect(shell.asked()).toEqual([]);
        expect([shell.image.node.size, shell.image.item.size]).toEqual([0, 0]);
    });

    it("leaves the node id to another node", () => {
        shell.set({ id: 1, value: 1 });
        const before = shell.machine.nodes.get(ONE)!.id;
        shell.do({ type: "removeNode", node: ONE });
        shell.do({ type: "addNode", node: ONE });
        expect(shell.machine.nodes.get(ONE)!.id).not.toBe(before);
        expect(shell.machine.items.size).toBe(0);
    });
});

describe("renewNode", () => {
    const renew = () => shell.send({ type: "renewNode", node: ONE });

    it("verifies what was committed before anything relies on it", () => {
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 2, value: 1 });
        shell.device().fault = () => ({ kind: "notSent", reason: "away" });
        renew();
        shell.set({ id: 3, value: 1, needs: [1] });
        shell.device().fault = () => undefined;
        shell.device().values.delete(2);
        expect([shell.item(1)!.isCommitted, shell.item(1)!.confirmedSequence]).toEqual([false, 0]);
        shell.asked();
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
        expect(shell.asked()).toEqual(["read 1", "read 2", "write 2=1", "write 3=1"]);
        expect([1, 2, 3].map(id => shell.item(id)!.isCommitted)).toEqual([true, true, true]);
        expect(shell.told("itemDrifted")).toEqual([]);
    });

    it("makes what was lost with the reset owed again, in a converge item too", () => {
        shell.set({ id: 1, value: 1 });
        shell.device().values.clear();
        renew();
        shell.stored();
        shell.answer();
        expect(shell.record(1)).toMatchObject({ state: "pending", owes: "apply" });
    });

    it("tries again what was refused for good", () => {
        shell.device().fault = () => ({ kind: "status", status: Status.CONSTRAINT_ERROR });
        shell.set({ id: 1, value: 1 });
        shell.device().fault = () => undefined;
        renew();
        shell.settle();
        expect(shell.record(1)!.state).toBe("committed");
    });

    it("of an unknown node is refused", () => {
        expect(code({ type: "renewNode", node: TWO })).toBe("UNKNOWN_NODE");
    });
});

describe("adopt", () => {
    it("makes a committed item without a request", () => {
        expect(shell.do({ ...adopt(), mode: "maintain" })).toEqual(done);
        expect(shell.record(7)).toMatchObject({ state: "committed", owes: "nothing", mode: "maintain" });
        expect(shell.asked()).toEqual([]);
    });

    it("of what is committed already changes nothing; of anything else that is managed is refused", () => {
        shell.do(adopt());
        expect(shell.do(adopt())).toEqual(done);
        expect(code(adopt(2))).toBe("ITEM_EXISTS");
        shell.device().fault = () => ({ kind: "notSent", reason: "away" });
        shell.set({ id: 7, value: 2 });
        expect(code(adopt(2))).toBe("ITEM_EXISTS");
        expect(shell.record(7)).toMatchObject({ state: "pending", intent: { value: 2 } });
    });

    it("is refused while what it needs is on its way out", () => {
        shell.set({ id: 1, value: 1 });
        shell.device().fault = request => (request.op === "invoke" ? { kind: "unknown", reason: "timed out" } : undefined);
        shell.do({ type: "change", changes: [{ op: "remove", node: ONE, kind: TOY, key: [1] }] });
        expect(code({ ...adopt(), intent: { id: 7, value: 1, needs: [1] } })).toBe("DEPENDENCY_LEAVING");
    });

    it.each<[string, Command]>([
        ["UNKNOWN_NODE", { ...adopt(), node: TWO }],
        ["UNKNOWN_KIND", { ...adopt(), kind: "nothing" }],
        ["INVALID_INTENT", { ...adopt(), intent: {} }],
        ["INVALID_COMMAND", { ...adopt(), mode: "sometimes" as never }],
    ])("is refused with %s", (expected, command) => {
        expect(code(command)).toBe(expected);
        expect(shell.machine.items.size).toBe(0);
    });
});

describe("withdraw", () => {
    beforeEach(() => {
        shell.do(adopt());
        shell.told("itemEnded");
    });

    it("gives the item up without a request, and leaves a durable tombstone that bars adoption", () => {
        expect(shell.do(withdraw)).toEqual(done);
        expect(shell.asked()).toEqual([]);
        expect(shell.told("itemEnded")).toMatchObject([{ key: [7], end: "withdrawn" }]);
        expect(code(adopt())).toBe("TOMBSTONED");
        shell.restart();
        expect(code(adopt())).toBe("TOMBSTONED");
    });

    it("does not bar a new intent, which buries the tombstone", () => {
        shell.do(withdraw);
        shell.set({ id: 7, value: 2 });
        expect(shell.record(7)!.state).toBe("committed");
        shell.do(withdraw);
        expect(shell.image.item.size).toBe(1);
    });

    it("does not bar adoption once the leftover is gone", () => {
        shell.do(withdraw);
        expect(shell.do(leftoverGone)).toEqual(done);
        expect(shell.do(leftoverGone)).toEqual(done);
        expect(shell.do(adopt())).toEqual(done);
    });

    it.each<[string, Command]>([
        ["UNKNOWN_ITEM", { ...withdraw, key: [8] }],
        ["UNKNOWN_NODE", { ...withdraw, node: TWO }],
        ["UNKNOWN_NODE", { ...leftoverGone, node: TWO }],
    ])("is refused with %s", (expected, command) => {
        expect(code(command)).toBe(expected);
    });
});

describe("putKeySet", () => {
    const putKeySet = (startTime: bigint, fill: number): Command => ({
        type: "putKeySet",
        keySetId: 42,
        slots: [{ startTime, key: new Uint8Array(16).fill(fill) }],
    });

    it("answers with the revision when it is durable", () => {
        const id = shell.send(putKeySet(1n, 1));
        expect(shell.replies.has(id)).toBe(false);
        shell.settle();
        expect(shell.replies.get(id)).toEqual({ ok: true, value: { type: "keySet", keySetId: 42, revision: 1 } });
        expect(shell.do(putKeySet(1n, 1))).toMatchObject({ value: { revision: 1 } });
        expect(shell.image.keySet.size).toBe(1);
    });

    it("is refused as the key set is", () => {
        shell.do(putKeySet(1n, 1));
        expect(code(putKeySet(1n, 2))).toBe("KEY_TIME_REUSED");
        expect(code(putKeySet(0n, 2))).toBe("INVALID_KEY_SET");
    });

    it("makes revisions known to intents; a revision that nothing names any more is erased in the same batch", () => {
        const keyed = toyKind({ name: "keyed", keySetOf: intent => ({ keySetId: 42 as never, revision: intent.value }) });
        shell = withNode({ kinds: [keyed] });
        const set = (value: number): Command => ({ type: "change", changes: [{ op: "set", node: ONE, kind: "keyed", intent: { id: 1, value } }] });
        expect(code(set(1))).toBe("UNKNOWN_KEY_SET");
        shell.do(putKeySet(1n, 1));
        shell.do(putKeySet(2n, 2));
        expect(code(set(1))).toBe("accepted");
        shell.send(set(2));
        expect(shell.batch!.puts).toMatchObject([{ table: "item" }, { table: "keySet", record: { revisions: [{ revision: 2 }] } }]);
        shell.settle();
        expect(code(set(1))).toBe("UNKNOWN_KEY_SET");
    });
});

describe("retry", () => {
    it("reads and rewrites the item, and answers with what came of it", () => {
        shell.set({ id: 1, value: 1 });
        shell.device().values.set(1, 9);
        shell.asked();
        expect(shell.do({ type: "retry", node: ONE, kind: TOY, key: [1] })).toMatchObject({ value: { report: { verified: 1, applied: 1 } } });
        expect(shell.asked()).toEqual(["read 1", "write 1=1"]);
    });

    it("of a removal tries the removal", () => {
        shell.set({ id: 1, value: 1 });
        shell.device().fault = () => ({ kind: "status", status: Status.INVALID_COMMAND });
        shell.remove(1);
        shell.device().fault = () => undefined;
        shell.send({ type: "retry", node: ONE, kind: TOY, key: [1] });
        expect(shell.record(1)).toMatchObject({ state: "deletePending", failure: null });
        shell.settle();
        expect(shell.item(1)).toBeUndefined();
    });

    it("of what is not there is refused", () => {
        expect(code({ type: "retry", node: ONE, kind: TOY, key: [1] })).toBe("UNKNOWN_ITEM");
        expect(code({ type: "retry", node: TWO, kind: TOY, key: [1] })).toBe("UNKNOWN_NODE");
    });
});

describe("registerKind", () => {
    it("late lets its stored items go on", () => {
        shell.device().fault = () => ({ kind: "notSent", reason: "away" });
        shell.set({ id: 1, value: 1 });
        shell.device().fault = () => undefined;
        const { image } = shell;
        const later = new TestShell({ image, kinds: [] });
        later.input({ type: "reachable", node: ONE });
        later.settle();
        later.run(3_600_000);
        expect(later.asked()).toEqual([]);
        expect(later.record(1)!.state).toBe("pending");
        expect(later.do({ type: "registerKind", kind: toyKind() })).toEqual(done);
        expect(later.asked()).toEqual(["write 1=1"]);
        expect(later.record(1)!.state).toBe("committed");
    });

    it("lets new intents name it", () => {
        shell.do({ type: "registerKind", kind: toyKind({ name: "other" }) });
        expect(shell.change({ op: "set", node: ONE, kind: "other", intent: { id: 1, value: 1 } })).toEqual(done);
        expect(shell.asked()).toEqual(["write 1=1"]);
    });

    it("under a name that is taken is refused", () => {
        expect(code({ type: "registerKind", kind: toyKind() })).toBe("ALREADY_REGISTERED");
    });
});

it("a command on a node that is not managed is refused", () => {
    const node = nodeId(99n);
    expect([code({ type: "removeNode", node }), code({ type: "reconcile", node })]).toEqual(["UNKNOWN_NODE", "UNKNOWN_NODE"]);
});
