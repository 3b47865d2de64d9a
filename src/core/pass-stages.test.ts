import { beforeEach, describe, expect, it } from "vitest";
import { Status } from "./status.js";
import { ONE, TestShell, TWO } from "./testing/test-shell.js";
import { toyKind, toyTable } from "./testing/toy-kind.js";

const busy = { kind: "status", status: Status.BUSY } as const;

let shell: TestShell;

describe("capacity", () => {
    const counted = toyKind({ capacity: { table: toyTable, rowOf: intent => intent.id } });
    const refusedHere = { state: "commitFailed", failure: { class: "terminal", code: Status.RESOURCE_EXHAUSTED, message: expect.stringContaining("not sent") as string } };

    beforeEach(() => {
        shell = new TestShell({ kinds: [counted] });
        const device = shell.device();
        device.limit = 2;
        device.values.set(90, 1);
        shell.do({ type: "addNode", node: ONE });
        shell.asked();
        shell.set({ id: 1, value: 1 });
    });

    it("is observed when a node is added, becomes reachable or has changed", () => {
        for (const type of ["reachable", "softwareChanged", "structureChanged"] as const) {
            shell.asked();
            shell.input({ type, node: ONE });
            shell.settle();
            expect(shell.asked()).toEqual(["read 61440", "read 61441", "read 1"]);
        }
    });

    it("that is used up refuses before anything is sent", () => {
        shell.asked();
        shell.set({ id: 2, value: 1 });
        expect(shell.asked()).toEqual([]);
        expect(shell.record(2)).toMatchObject(refusedHere);
    });

    it("is not asked of what is there already", () => {
        shell.asked();
        shell.set({ id: 90, value: 2 });
        shell.set({ id: 1, value: 3 });
        expect(shell.asked()).toEqual(["write 90=2", "write 1=3"]);
    });

    it("that grows revives what was refused for want of it", () => {
        shell.set({ id: 2, value: 1 });
        shell.do({ type: "reconcile", node: ONE, capacity: true });
        expect(shell.record(2)).toMatchObject(refusedHere);
        shell.device().limit = 3;
        shell.do({ type: "reconcile", node: ONE, capacity: true });
        expect(shell.record(2)!.state).toBe("committed");
    });

    it("that a removal gives back revives what was refused for want of it", () => {
        shell.set({ id: 2, value: 1 });
        shell.asked();
        shell.remove(1);
        expect(shell.asked()).toEqual(["remove 1", "write 2=1"]);
        expect(shell.record(2)!.state).toBe("committed");
    });

    it("is looked at again when a device refuses, once", () => {
        shell.remove(1);
        shell.asked();
        shell.device().fault = request => (request.op === "write" ? { kind: "status", status: Status.RESOURCE_EXHAUSTED } : undefined);
        shell.device().values.set(91, 1);
        shell.set({ id: 2, value: 1 });
        expect(shell.asked()).toEqual(["write 2=1", "read 61440", "read 61441"]);
        expect(shell.record(2)).toMatchObject({ state: "commitFailed", failure: { class: "terminal", attempts: 1 } });
        shell.run(3_600_000);
        expect(shell.asked()).toEqual([]);
    });

    it("that the device does not tell refuses nothing", () => {
        shell.do({ type: "addNode", node: TWO });
        shell.device(TWO).fault = request => (request.op === "read" ? busy : undefined);
        shell.input({ type: "reachable", node: TWO });
        for (const id of [1, 2, 3]) {
            shell.set({ id, value: 1 }, "converge", TWO);
        }
        expect([1, 2, 3].map(id => shell.record(id, TWO)!.state)).toEqual(["committed", "committed", "committed"]);
    });
});
