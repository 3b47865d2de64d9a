/** Goal: a gate opens only on an answer to a request made within the phase, for what the phase wrote; and fails where waiting is no use. */
import { describe, expect, it } from "vitest";
import { Status } from "../core/status.js";
import { ONE, TWO } from "../core/testing/test-shell.js";
import { TOY, TOY_CLUSTER, TOY_ENDPOINT } from "../core/testing/toy-kind.js";
import { withNodes } from "./testing/task-shell.js";
import { drop, put, toyTask } from "./testing/toy-task.js";

const one = toyTask("one", { phases: [{ wants: [put(1, 10)] }] });
const path = (attribute: number) => ({ endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute });

describe("a gate", () => {
    it("is content with the answer to the write itself", () => {
        const shell = withNodes(one);
        shell.begin("one");
        expect(shell.asked()).toEqual(["write 1=10"]);
    });

    it("reads what is committed already, and nothing else", () => {
        const shell = withNodes(one);
        shell.set({ id: 1, value: 10 });
        shell.set({ id: 2, value: 20 });
        shell.asked();
        expect(shell.infoOf(shell.begin("one")).state).toBe("completed");
        expect(shell.asked()).toEqual(["read 1"]);
    });

    it("does not open on what is stored while the node cannot be asked", () => {
        const shell = withNodes(one);
        shell.set({ id: 1, value: 10 });
        shell.silence();
        const id = shell.begin("one");
        expect(shell.stateOf(id)).toBe("parked forward 0");
        shell.back();
        expect(shell.infoOf(id).state).toBe("completed");
    });

    it("does not count an answer from before the phase", () => {
        const shell = withNodes(toyTask("again", { phases: [{ wants: [put(1, 10)] }, { wants: [put(1, 10)] }] }));
        shell.begin("again");
        expect(shell.asked()).toEqual(["write 1=10", "read 1"]);
    });

    it("asks again after a restart", () => {
        const shell = withNodes(toyTask("both", { phases: [{ wants: [put(1, 10), put(2, 20, TWO)] }] }));
        shell.silence(TWO);
        const id = shell.begin("both");
        shell.asked();
        shell.restart();
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
        expect(shell.asked()).toContain("read 1");
        shell.back(TWO);
        expect(shell.infoOf(id).state).toBe("completed");
    });

    it("rewrites what it finds changed, and opens then", () => {
        const shell = withNodes(one);
        shell.set({ id: 1, value: 10 });
        shell.device().values.set(1, 99);
        shell.asked();
        expect(shell.infoOf(shell.begin("one")).state).toBe("completed");
        expect(shell.asked().slice(0, 2)).toEqual(["read 1", "write 1=10"]);
        expect(shell.device().values.get(1)).toBe(10);
    });

    it("closes again for an item that is seen to differ before the others are there", () => {
        const shell = withNodes(toyTask("both", { phases: [{ wants: [put(1, 10), put(2, 20, TWO)] }] }));
        shell.silence(TWO);
        const id = shell.begin("both");
        shell.device().values.set(1, 99);
        shell.device().fault = request => (request.op === "write" ? { kind: "status", status: Status.BUSY } : undefined);
        shell.input({ type: "report", node: ONE, path: path(1) });
        shell.settle();
        shell.back(TWO);
        expect(shell.infoOf(id).state).toBe("running");
        shell.back(ONE);
        shell.run(60_000);
        expect(shell.infoOf(id).state).toBe("completed");
        expect(shell.device().values.get(1)).toBe(10);
    });

    it("tries a read that failed again by itself", () => {
        const shell = withNodes(one);
        shell.set({ id: 1, value: 10 });
        shell.device().fault = () => ({ kind: "status", status: Status.BUSY });
        const id = shell.begin("one");
        expect(shell.infoOf(id).state).toBe("running");
        shell.device().fault = () => undefined;
        shell.run(2_000);
        expect(shell.infoOf(id).state).toBe("completed");
    });

    it("waits for what can still succeed", () => {
        const shell = withNodes(one);
        shell.device().fault = () => ({ kind: "status", status: Status.BUSY });
        const id = shell.begin("one");
        expect(shell.record(1)).toMatchObject({ state: "commitFailed", failure: { class: "transient" } });
        expect(shell.infoOf(id).state).toBe("running");
    });

    it("fails on an item that is held, and names the remedies", () => {
        const shell = withNodes(toyTask("kept", { phases: [{ wants: [{ ...put(1, 10), mode: "maintain" } as never] }] }));
        shell.set({ id: 1, value: 10 }, "maintain");
        for (let i = 0; i < 4; i++) {
            shell.device().values.set(1, 99);
            shell.input({ type: "report", node: ONE, path: path(1) });
            shell.settle();
        }
        expect(shell.item(1)!.held).toBe(true);
        const id = shell.begin("kept");
        expect(shell.infoOf(id).cause).toMatchObject({ code: "ITEM_HELD", message: expect.stringContaining("retry the item") as string });
    });

    it("fails when what an awaited item needs failed for good, since nothing will happen by itself", () => {
        const wants = [put(1, 10), put(2, 20, ONE, [1])];
        const shell = withNodes(toyTask("leans", { phases: [{ wants, awaits: [{ node: ONE, kind: TOY, key: [2], is: "committed" }] }] }));
        shell.device().fault = request => (request.op === "write" ? { kind: "status", status: Status.CONSTRAINT_ERROR } : undefined);
        const id = shell.begin("leans");
        shell.settle();
        expect(shell.infoOf(id).cause).toMatchObject({ code: "ITEM_FAILED", message: expect.stringMatching(/toy\/1 .* failed for good .* toy\/2 waits for it/) as string });
    });

    it("fails when what it waits for is removed by force", () => {
        const shell = withNodes(toyTask("waiting", { phases: [{ awaits: [{ node: ONE, kind: TOY, key: [7], is: "committed" }] }] }));
        const id = shell.begin("waiting");
        expect(shell.infoOf(id)).toMatchObject({ state: "failed", cause: { code: "ITEM_GONE" } });
    });

    it("fails when it waits for an item of a node that is not there", () => {
        const shell = withNodes(toyTask("waiting", { phases: [{ awaits: [{ node: TWO, kind: TOY, key: [7], is: "committed" }] }] }));
        shell.do({ type: "removeNode", node: TWO });
        const id = shell.begin("waiting");
        expect(shell.infoOf(id)).toMatchObject({ state: "failed", cause: { code: "NODE_GONE" } });
    });

    it("waits until something is really gone", () => {
        const shell = withNodes(toyTask("away", { phases: [{ wants: [drop(1)] }] }));
        shell.set({ id: 1, value: 1 });
        shell.device().fault = () => "silence";
        const id = shell.begin("away");
        expect(shell.infoOf(id).state).toBe("running");
        expect(shell.record(1)).toMatchObject({ state: "deletePending" });
        shell.answer(undefined);
        shell.settle();
        expect(shell.infoOf(id).state).toBe("completed");
        expect(shell.record(1)).toBeUndefined();
    });
});
