/** Goal: what a run changed gets its prior value back, phase by phase in reverse; what moved on, or is needed by others, is left and reported. */
import { describe, expect, it } from "vitest";
import { Status } from "../core/status.js";
import { ONE, TWO } from "../core/testing/test-shell.js";
import { TOY } from "../core/testing/toy-kind.js";
import { withNodes, type TaskShell } from "./testing/task-shell.js";
import { drop, put, toyTask } from "./testing/toy-task.js";

/** Does its work on node one and hangs on node two. */
const hanging = (...wants: ReturnType<typeof put>[]) => toyTask("hanging", { phases: [{ wants: [...wants, put(99, 1, TWO)] }] });

/** A run that did what it could on node one, while node two is silent. */
function hangingRun(shell: TaskShell): number {
    shell.silence(TWO);
    const id = shell.begin("hanging");
    shell.asked();
    return id;
}

function cancel(shell: TaskShell, id: number): void {
    shell.do({ type: "cancel", run: id });
    shell.back(TWO);
}

describe("a cancelled run", () => {
    it("removes what was not there before", () => {
        const shell = withNodes(hanging(put(1, 10)));
        const id = hangingRun(shell);
        expect(shell.device().values.get(1)).toBe(10);
        cancel(shell, id);
        expect(shell.infoOf(id)).toMatchObject({ state: "cancelled", cause: { code: "CANCELLED" }, notRestored: [] });
        expect(shell.record(1)).toBeUndefined();
        expect(shell.device().values.size).toBe(0);
    });

    it("writes back what was there before, mode included", () => {
        const shell = withNodes(hanging(put(1, 10)));
        shell.set({ id: 1, value: 3 }, "maintain");
        const id = hangingRun(shell);
        expect(shell.record(1)).toMatchObject({ mode: "converge", intent: { value: 10 } });
        cancel(shell, id);
        expect(shell.record(1)).toMatchObject({ mode: "maintain", state: "committed", intent: { value: 3 } });
        expect(shell.device().values.get(1)).toBe(3);
    });

    it("puts back what it had removed", () => {
        const shell = withNodes(hanging(drop(1)));
        shell.set({ id: 1, value: 3 });
        const id = hangingRun(shell);
        expect(shell.record(1)).toBeUndefined();
        cancel(shell, id);
        expect(shell.infoOf(id)).toMatchObject({ state: "cancelled", notRestored: [] });
        expect(shell.record(1)).toMatchObject({ state: "committed", intent: { value: 3 } });
    });

    it("leaves alone what it found as it wanted it", () => {
        const shell = withNodes(hanging(put(1, 10)));
        shell.set({ id: 1, value: 10 });
        const generation = shell.record(1)!.generation;
        const id = hangingRun(shell);
        cancel(shell, id);
        expect(shell.record(1)).toMatchObject({ state: "committed", generation });
        expect(shell.infoOf(id).state).toBe("cancelled");
    });

    it("knows the value from before all its phases, not the one of the phase before", () => {
        const shell = withNodes(toyTask("hanging", { phases: [{ wants: [put(1, 10)] }, { wants: [put(1, 20), put(99, 1, TWO)] }] }));
        shell.set({ id: 1, value: 3 });
        const id = hangingRun(shell);
        expect(shell.record(1)!.intent).toMatchObject({ value: 20 });
        cancel(shell, id);
        expect(shell.record(1)!.intent).toMatchObject({ value: 3 });
    });

    it("knows it after a restart, too", () => {
        const shell = withNodes(hanging(put(1, 10)));
        shell.set({ id: 1, value: 3 });
        const id = hangingRun(shell);
        shell.restart();
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
        cancel(shell, id);
        shell.run(120_000); // what the first process sent may still take effect
        expect(shell.infoOf(id).state).toBe("cancelled");
        expect(shell.device().values.get(1)).toBe(3);
    });

    it("is acknowledged only when its turn is durable, and stays turned after a crash", () => {
        const shell = withNodes(hanging(put(1, 10)));
        const id = hangingRun(shell);
        const command = shell.send({ type: "cancel", run: id });
        expect(shell.replies.has(command)).toBe(false);
        expect(shell.asked()).toEqual([]);
        shell.stored();
        expect(shell.replies.get(command)).toMatchObject({ ok: true });
        shell.restart();
        expect(shell.infoOf(id).direction).toBe("backward");
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
        shell.run(120_000);
        shell.back(TWO);
        expect(shell.infoOf(id).state).toBe("cancelled");
        expect(shell.device().values.size).toBe(0);
    });

    it("cancels once, however often it is asked", () => {
        const shell = withNodes(hanging(put(1, 10)));
        const id = hangingRun(shell);
        shell.do({ type: "cancel", run: id, reason: "first" });
        expect(shell.do({ type: "cancel", run: id, reason: "second" })).toMatchObject({ ok: true });
        expect(shell.infoOf(id).cause!.message).toContain("first");
    });
});

describe("a rollback", () => {
    it("goes through the phases in reverse", () => {
        const shell = withNodes(
            toyTask("three", { phases: [{ wants: [put(1, 1)] }, { wants: [put(2, 2)] }, { wants: [put(3, 3)] }, { wants: [put(99, 1, TWO)] }] }),
        );
        shell.silence(TWO);
        const id = shell.begin("three");
        shell.asked();
        shell.told("runChanged");
        cancel(shell, id);
        expect(shell.asked().filter(text => text.startsWith("remove"))).toEqual(["remove 3", "remove 2", "remove 1"]);
        expect(shell.told("runChanged").map(({ direction, phase }) => `${direction} ${phase}`)).toEqual([
            "backward 3",
            "backward 2",
            "backward 1",
            "backward 0",
            "backward 0",
        ]);
    });

    it("removes what needs something before what it needs", () => {
        const shell = withNodes(hanging(put(1, 1), put(2, 2, ONE, [1])));
        const id = hangingRun(shell);
        cancel(shell, id);
        expect(shell.asked().filter(text => text.startsWith("remove"))).toEqual(["remove 2", "remove 1"]);
        expect(shell.infoOf(id)).toMatchObject({ state: "cancelled", notRestored: [] });
    });

    it("does one node while another is out of reach, parks, and goes on when it returns", () => {
        const shell = withNodes(hanging(put(1, 10)));
        const id = hangingRun(shell);
        shell.do({ type: "cancel", run: id });
        expect(shell.device(ONE).values.size).toBe(0);
        expect(shell.stateOf(id)).toBe("parked backward 0");
        shell.back(TWO);
        expect(shell.stateOf(id)).toBe("cancelled backward 0");
    });

    it("keeps, and reports, what something else needs by now", () => {
        const shell = withNodes(hanging(put(1, 10)));
        const id = hangingRun(shell);
        shell.set({ id: 2, value: 2, needs: [1] });
        cancel(shell, id);
        expect(shell.infoOf(id)).toMatchObject({ state: "cancelled", notRestored: [{ node: ONE, kind: TOY, key: [1], reason: "stillReferenced" }] });
        expect(shell.record(1)).toMatchObject({ state: "committed" });
    });

    it("keeps, and reports, what a caller forced meanwhile", () => {
        const shell = withNodes(hanging(put(1, 10)));
        const id = hangingRun(shell);
        expect(shell.set({ id: 1, value: 77 })).toMatchObject({ ok: false, error: { code: "ITEM_OCCUPIED", details: { run: id } } });
        shell.do({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 77 } }], force: true });
        expect(shell.infoOf(id)).toMatchObject({ direction: "backward", cause: { code: "ITEM_OCCUPIED" } });
        shell.back(TWO);
        expect(shell.infoOf(id)).toMatchObject({ state: "failed", notRestored: [{ node: ONE, key: [1], reason: "forced" }] });
        expect(shell.device().values.get(1)).toBe(77);
    });

    it("that cannot finish is stuck, and keeps what it holds", () => {
        const { shell, id } = stuckRun();
        expect(shell.infoOf(id).state).toBe("stuck");
        expect(shell.refusal("hanging")).toMatchObject({ code: "SLOT_OCCUPIED", details: { run: id } });
        expect(shell.image.run.get(id)).toMatchObject({ state: "stuck", changeSet: [{ undo: "written" }, {}] });
    });

    it("goes on when an operator retries it", () => {
        const { shell, id } = stuckRun();
        shell.device().fault = () => undefined;
        shell.run(3_600_000);
        expect(shell.infoOf(id).state).toBe("stuck");
        shell.do({ type: "retryRun", run: id });
        expect(shell.infoOf(id)).toMatchObject({ state: "cancelled", notRestored: [] });
        expect(shell.device().values.size).toBe(0);
    });

    it("ends when an operator abandons it, naming what was not restored", () => {
        const { shell, id } = stuckRun();
        shell.do({ type: "abandon", run: id, reason: "scrapped" });
        expect(shell.infoOf(id)).toMatchObject({ state: "abandoned", notRestored: [{ node: ONE, kind: TOY, key: [1], reason: "abandoned" }] });
        expect(shell.infoOf(id).cause!.message).toContain("scrapped");
        expect(shell.device().values.get(1)).toBe(10);
        expect(shell.begin("hanging")).toBeGreaterThan(id);
    });

    it("stays stuck across a restart", () => {
        const { shell, id } = stuckRun();
        shell.restart();
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
        expect(shell.infoOf(id).state).toBe("stuck");
        expect(shell.refusal("hanging").code).toBe("SLOT_OCCUPIED");
    });

    function stuckRun(): { shell: TaskShell; id: number } {
        const shell = withNodes(toyTask("hanging", { phases: [{ wants: [put(1, 10), put(99, 1, TWO)] }], slots: [["it"]] }));
        const id = hangingRun(shell);
        shell.device().fault = request => (request.op === "invoke" ? { kind: "status", status: Status.CONSTRAINT_ERROR } : undefined);
        cancel(shell, id);
        return { shell, id };
    }
});
