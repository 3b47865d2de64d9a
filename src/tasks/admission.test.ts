/** Goal: a run begins only when everything it will want is possible; the refusal has a code, names what is in the way, and changes nothing. */
import { describe, expect, it } from "vitest";
import { nodeId } from "../core/ids.js";
import { ok } from "../core/error.js";
import { ONE, TWO } from "../core/testing/test-shell.js";
import { TOY, toyKind, toyTable } from "../core/testing/toy-kind.js";
import { withNodes, withNodesAnd } from "./testing/task-shell.js";
import { drop, put, toyTask } from "./testing/toy-task.js";

const one = toyTask("one", { phases: [{ wants: [put(1, 10)] }], slots: [["toy", 1]] });
const bounded = toyKind({ capacity: { table: toyTable, rowOf: intent => intent.id } });

describe("a run is refused", () => {
    it.each([
        ["an unknown task", "none", {}, {}, "UNKNOWN_TASK"],
        ["an empty request id", "one", {}, { requestId: "" }, "INVALID_COMMAND"],
        ["a request id without end", "one", {}, { requestId: "x".repeat(257) }, "INVALID_COMMAND"],
        ["a deadline in the past", "one", {}, { deadlineMs: 0 }, "INVALID_COMMAND"],
        ["a deadline that is no number", "one", {}, { deadlineMs: NaN }, "INVALID_COMMAND"],
        ["a deadline that never comes", "one", {}, { deadlineMs: Infinity }, "INVALID_COMMAND"],
        ["an unknown kind after a removal", "odd-later", {}, {}, "UNKNOWN_KIND"],
        ["parameters that do not validate", "one", { wrong: true }, {}, "INVALID_PARAMS"],
        ["a node that is not managed", "elsewhere", {}, {}, "UNKNOWN_NODE"],
        ["a planned item on a node that is not managed", "planned-elsewhere", {}, {}, "UNKNOWN_NODE"],
        ["a planned item of an unknown kind", "odd-kind", {}, {}, "UNKNOWN_KIND"],
        ["a planned intent that does not validate", "odd-intent", {}, {}, "INVALID_INTENT"],
        ["a key set that does not validate", "odd-keys", {}, {}, "INVALID_KEY_SET"],
    ])("for %s", (_, task, params, more, code) => {
        const nowhere = nodeId(0x77n);
        const shell = withNodes(
            one,
            toyTask("elsewhere", { phases: [], nodes: [nowhere] }),
            toyTask("planned-elsewhere", { phases: [{ wants: [put(1, 1, nowhere)] }] }),
            toyTask("odd-kind", { phases: [{ wants: [{ op: "set", node: ONE, kind: "none", intent: {} }] }] }),
            toyTask("odd-later", { phases: [{ wants: [drop(1), { op: "set", node: ONE, kind: "none", intent: {} }] }] }),
            toyTask("odd-intent", { phases: [{ wants: [{ op: "set", node: ONE, kind: TOY, intent: { id: "x" } }] }] }),
            toyTask("odd-keys", {
                phases: [],
                prepare: input => ok({ params: input, drawn: {}, keySets: [{ keySetId: 1 as never, policy: 0, slots: [{ startTime: 1n, key: new Uint8Array(15) }] }] }),
            }),
        );
        const batches = shell.batches.length;
        const refused = shell.refusal(task, params, more);
        expect(refused.code).toBe(code);
        expect(refused.message.length).toBeGreaterThan(20);
        expect(shell.manager.runs()).toEqual([]);
        expect(shell.batches.length).toBe(batches);
    });

    it("while another run holds its slot, and is told which", () => {
        const shell = withNodes(one);
        shell.silence();
        const owner = shell.begin("one");
        expect(shell.refusal("one")).toMatchObject({ code: "SLOT_OCCUPIED", details: { run: owner, slot: '"toy"/1' } });
    });

    it("while another run wants something else of the same item", () => {
        const shell = withNodes(one, toyTask("other", { phases: [{ wants: [put(1, 11)] }] }));
        shell.silence();
        const owner = shell.begin("one");
        expect(shell.refusal("other")).toMatchObject({ code: "ITEM_OCCUPIED", details: { run: owner, item: "toy/1" } });
        expect(shell.record(1)!.intent).toMatchObject({ value: 10 });
    });

    it("while another run wants the item gone", () => {
        const shell = withNodes(one, toyTask("away", { phases: [{ wants: [drop(1)] }] }));
        shell.set({ id: 1, value: 10 });
        shell.silence();
        const owner = shell.begin("away");
        expect(shell.refusal("one")).toMatchObject({ code: "ITEM_OCCUPIED", details: { run: owner } });
    });

    it("when the node's table has no room, and is told how much is missing", () => {
        const big = toyTask("big", { phases: [{ wants: [1, 2, 3].map(id => put(id, 1)) }] });
        const shell = withNodesAnd({ kinds: [bounded], tasks: [big] });
        shell.device().limit = 2;
        shell.do({ type: "reconcile", node: ONE, capacity: true });
        expect(shell.refusal("big")).toMatchObject({ code: "CAPACITY_EXCEEDED", details: { resource: "toys", needed: 3, free: 2, limit: 2 } });
        expect(shell.manager.items()).toEqual([]);
    });
});

describe("room on a device", () => {
    const small = (name: string, id: number) => toyTask(name, { phases: [{ wants: [put(id, 1)] }] });

    function shellWithLimit(limit: number) {
        const shell = withNodesAnd({ kinds: [bounded], tasks: [small("a", 1), small("b", 2), small("c", 3)] });
        shell.device().limit = limit;
        shell.do({ type: "reconcile", node: ONE, capacity: true });
        return shell;
    }

    it("is reserved at admission, before anything is written", () => {
        const shell = shellWithLimit(2);
        shell.silence();
        shell.begin("a");
        shell.begin("b");
        expect(shell.refusal("c").code).toBe("CAPACITY_EXCEEDED");
    });

    it("is reserved for phases to come", () => {
        const later = toyTask("later", { phases: [{ wants: [put(9, 1, TWO)] }, { wants: [put(1, 1)] }] });
        const shell = withNodesAnd({ kinds: [bounded], tasks: [later, small("b", 2)] });
        shell.device().limit = 1;
        shell.do({ type: "reconcile", node: ONE, capacity: true });
        shell.silence(TWO);
        shell.begin("later");
        expect(shell.refusal("b").code).toBe("CAPACITY_EXCEEDED");
    });

    it("is not needed for a row that is there", () => {
        const shell = shellWithLimit(1);
        shell.set({ id: 1, value: 7 });
        expect(shell.infoOf(shell.begin("a")).state).toBe("completed");
    });

    it("is counted once for runs that want the same row", () => {
        const shell = withNodesAnd({ kinds: [bounded], tasks: [small("a", 1), small("again", 1), small("b", 2)] });
        shell.device().limit = 2;
        shell.do({ type: "reconcile", node: ONE, capacity: true });
        shell.silence();
        shell.begin("a");
        shell.begin("again");
        shell.begin("b");
    });

    it("is free again when a run was rolled back", () => {
        const shell = shellWithLimit(1);
        shell.silence();
        const id = shell.begin("a");
        shell.do({ type: "cancel", run: id });
        shell.back();
        expect(shell.infoOf(id).state).toBe("cancelled");
        expect(shell.infoOf(shell.begin("b")).state).toBe("completed");
    });

    it("of what a run removes stays its own until it is settled", () => {
        const away = toyTask("away", { phases: [{ wants: [drop(1)] }, { wants: [put(9, 1, TWO)] }] });
        const shell = withNodesAnd({ kinds: [bounded], tasks: [away, small("b", 2)] });
        shell.device().limit = 1;
        shell.do({ type: "reconcile", node: ONE, capacity: true });
        shell.set({ id: 1, value: 1 });
        shell.silence(TWO);
        const id = shell.begin("away");
        expect(shell.device().values.size).toBe(0);
        expect(shell.refusal("b").code).toBe("CAPACITY_EXCEEDED");
        shell.back(TWO);
        expect(shell.infoOf(id).state).toBe("completed");
        expect(shell.infoOf(shell.begin("b")).state).toBe("completed");
    });

    it("is counted with the specification's minimum on a device that was not read", () => {
        const shell = withNodesAnd({ kinds: [bounded], tasks: [toyTask("big", { phases: [{ wants: [1, 2, 3].map(id => put(id, 1, nodeId(3n))) }] })] });
        shell.device(nodeId(3n)).fault = () => ({ kind: "notSent", reason: "no session" });
        shell.do({ type: "addNode", node: nodeId(3n) });
        expect(shell.refusal("big")).toMatchObject({ code: "CAPACITY_EXCEEDED", details: { needed: 3, free: 2, limit: 2 } });
    });
});
