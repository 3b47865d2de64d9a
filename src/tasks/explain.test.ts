/** Goal: for anything that is not there yet, the chain of reasons ends at what somebody could do something about. */
import { describe, expect, it } from "vitest";
import { Status } from "../core/status.js";
import { nodeId } from "../core/ids.js";
import { ONE, TWO } from "../core/testing/test-shell.js";
import { TOY, TOY_CLUSTER, TOY_ENDPOINT } from "../core/testing/toy-kind.js";
import { withNodes, type TaskShell } from "./testing/task-shell.js";
import { put, toyTask } from "./testing/toy-task.js";

const one = toyTask("one", { phases: [{ wants: [put(1, 10)] }] });
const ofItem = (shell: TaskShell, id = 1) => shell.manager.explain({ node: ONE, kind: TOY, key: [id] })!;
const codes = (reasons: readonly { readonly code: string }[] | undefined) => reasons?.map(({ code }) => code);

describe("an item", () => {
    it("that is there needs no explanation", () => {
        const shell = withNodes();
        shell.set({ id: 1, value: 1 });
        expect(ofItem(shell)).toEqual([]);
    });

    it("that nobody knows has none", () => {
        const shell = withNodes();
        expect(shell.manager.explain({ node: ONE, kind: TOY, key: [7] })).toBeUndefined();
        expect(shell.manager.explain({ node: nodeId(9n), kind: TOY, key: [7] })).toBeUndefined();
        expect(shell.manager.explain({ node: nodeId(9n) })).toBeUndefined();
        expect(shell.manager.explain({ run: 9 })).toBeUndefined();
    });

    it("waits for the store, then for the node's answer", () => {
        const shell = withNodes();
        shell.device().fault = () => "silence";
        shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 } }] });
        expect(codes(ofItem(shell))).toEqual(["waitsForStore"]);
        shell.stored();
        expect(ofItem(shell)).toMatchObject([{ code: "requestOutstanding", node: "0x1", item: "toy/1" }]);
    });

    it("waits for its node to return, and says when that is tried again", () => {
        const shell = withNodes();
        shell.silence();
        shell.set({ id: 1, value: 1 });
        const [reason] = ofItem(shell);
        expect(reason).toMatchObject({ code: "nodeOutOfReach", node: "0x1" });
        expect(reason!.inMs).toBeGreaterThan(0);
    });

    it("waits for its retry after a failure, which is named", () => {
        const shell = withNodes();
        shell.device().fault = () => ({ kind: "status", status: Status.BUSY });
        shell.set({ id: 1, value: 1 });
        const reasons = ofItem(shell);
        expect(codes(reasons)).toEqual(["waitsForRetry", "failed"]);
        expect(reasons[0]!.inMs).toBe(1_000);
        expect(reasons[1]!.text).toContain("BUSY");
    });

    it("failed for good, and says of what", () => {
        const shell = withNodes();
        shell.device().fault = () => ({ kind: "status", status: Status.CONSTRAINT_ERROR });
        shell.set({ id: 1, value: 1 });
        expect(ofItem(shell)).toMatchObject([{ code: "failed", text: expect.stringContaining("CONSTRAINT_ERROR") as string }]);
    });

    it("waits for what it needs, which waits for something else", () => {
        const shell = withNodes();
        shell.device().fault = request => (request.op === "write" && request.attribute === 1 ? { kind: "status", status: Status.CONSTRAINT_ERROR } : undefined);
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 2, value: 2, needs: [1] });
        shell.set({ id: 3, value: 3, needs: [2] });
        expect(codes(ofItem(shell, 3))).toEqual(["waitsForItem", "waitsForItem", "failed"]);
    });

    it("that differs on the device, or is held, says so", () => {
        const shell = withNodes();
        const report = () => {
            shell.device().values.set(1, 99);
            shell.input({ type: "report", node: ONE, path: { endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute: 1 } });
            shell.settle();
        };
        shell.set({ id: 1, value: 1 });
        report();
        expect(codes(ofItem(shell))).toEqual(["drifted"]);
        shell.set({ id: 1, value: 1 }, "maintain");
        for (let i = 0; i < 4; i++) {
            report();
        }
        expect(codes(ofItem(shell))).toEqual(["held"]);
    });

    it("applied while an older request may still take effect waits for the end of that time", () => {
        const shell = withNodes();
        shell.device().fault = () => ({ kind: "unknown", reason: "timed out" });
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 1, value: 2 });
        shell.device().fault = () => undefined;
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
        expect(shell.record(1)!.state).toBe("pending");
        const [reason] = ofItem(shell);
        expect(reason!.code).toBe("waitsForLateRequests");
        expect(reason!.inMs).toBeGreaterThan(0);
    });

    it("of a kind that is not registered says so", () => {
        const shell = withNodes();
        shell.silence();
        shell.set({ id: 1, value: 1 });
        for (const [id, record] of shell.image.item) {
            shell.image.item.set(id, { ...record, kind: "none" });
        }
        shell.restart();
        expect(codes(shell.manager.explain({ node: ONE, kind: "none", key: [1] }))).toEqual(["kindNotRegistered"]);
    });
});

describe("a node", () => {
    it("explains everything that is owed there", () => {
        const shell = withNodes();
        shell.silence();
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 2, value: 1 });
        expect(codes(shell.manager.explain({ node: ONE }))).toEqual(["nodeOutOfReach", "nodeOutOfReach"]);
        expect(shell.manager.explain({ node: TWO })).toEqual([]);
    });
});

describe("a run", () => {
    it("names the node that it waits for", () => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one");
        expect(shell.manager.explain({ run: id })).toMatchObject([
            { code: "runWaitsForItem", run: id, item: "toy/1", text: expect.stringContaining('"phase 0"') as string },
            { code: "nodeOutOfReach", node: "0x1" },
        ]);
    });

    it("names the node also when what it waits for is committed and only to be confirmed", () => {
        const shell = withNodes(one);
        shell.set({ id: 1, value: 10 });
        shell.silence();
        const id = shell.begin("one");
        expect(codes(shell.manager.explain({ run: id }))).toEqual(["runWaitsForItem", "nodeOutOfReach"]);
    });

    it("says why it goes back, and what that waits for", () => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one");
        shell.do({ type: "cancel", run: id, reason: "mistake" });
        const reasons = shell.manager.explain({ run: id })!;
        expect(codes(reasons)).toEqual(["rollingBack", "runWaitsForItem", "nodeOutOfReach"]);
        expect(reasons[0]!.text).toContain("mistake");
    });

    it("that is settled says how", () => {
        const shell = withNodes(one);
        expect(shell.manager.explain({ run: shell.begin("one") })).toMatchObject([{ code: "settled", text: expect.stringContaining("completed") as string }]);
    });
});
