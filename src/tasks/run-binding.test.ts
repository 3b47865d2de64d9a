/** Goal: a restart takes every live run up where it was; what cannot be used waits visibly, or is set aside, and is never printed. */
import { describe, expect, it } from "vitest";
import { ok, refuse } from "../core/error.js";
import { ONE } from "../core/testing/test-shell.js";
import { toyKind, toyTable } from "../core/testing/toy-kind.js";
import { withNodes, withNodesAnd, type TaskShell } from "./testing/task-shell.js";
import { put, toyTask } from "./testing/toy-task.js";

const one = toyTask("one", { phases: [{ wants: [put(1, 10)] }], slots: [["toy", 1]] });

/** A run that waits for node one, then a new process with these tasks. */
function restartedWith(...tasks: Parameters<typeof withNodes>): { shell: TaskShell; id: number } {
    const shell = withNodes(one);
    shell.silence();
    const id = shell.begin("one", { code: 4711 });
    shell.restart(tasks);
    return { shell, id };
}

describe("after a restart a run", () => {
    it("goes on from its phase", () => {
        const { shell, id } = restartedWith(one);
        shell.back();
        shell.run(120_000);
        expect(shell.infoOf(id).state).toBe("completed");
    });

    it("holds its slot and its items", () => {
        const { shell, id } = restartedWith(one);
        expect(shell.refusal("one")).toMatchObject({ code: "SLOT_OCCUPIED", details: { run: id } });
        expect(shell.set({ id: 1, value: 4 })).toMatchObject({ ok: false, error: { code: "ITEM_OCCUPIED" } });
    });

    it("holds its reservation", () => {
        const bounded = toyKind({ capacity: { table: toyTable, rowOf: intent => intent.id } });
        const tasks = [1, 2].map(id => toyTask(`put${id}`, { phases: [{ awaits: [{ node: ONE, kind: "toy", key: [50], is: "gone" as const }] }, { wants: [put(id, 1)] }] }));
        const shell = withNodesAnd({ kinds: [bounded], tasks });
        shell.device().limit = 2;
        shell.set({ id: 50, value: 1 });
        shell.silence();
        shell.begin("put1");
        shell.restart();
        expect(shell.refusal("put2").code).toBe("CAPACITY_EXCEEDED");
    });

    it("whose type is not registered waits, and says so", () => {
        const { shell, id } = restartedWith();
        expect(shell.stateOf(id)).toBe("running forward 0");
        expect(shell.manager.explain({ run: id })).toMatchObject([{ code: "runBlocked", text: expect.stringContaining('"one" is not registered') as string }]);
        expect(shell.refusal("one").code).toBe("UNKNOWN_TASK");
    });

    it("goes on when its type is registered later", () => {
        const { shell, id } = restartedWith();
        shell.do({ type: "registerTask", definition: one });
        shell.back();
        shell.run(120_000);
        expect(shell.infoOf(id).state).toBe("completed");
    });

    it("can be cancelled although its type is not registered", () => {
        const { shell, id } = restartedWith();
        shell.do({ type: "cancel", run: id });
        shell.back();
        shell.run(120_000);
        expect(shell.infoOf(id).state).toBe("cancelled");
        expect(shell.device().values.size).toBe(0);
    });

    it("of another version of its task waits, and says so", () => {
        const { shell, id } = restartedWith(toyTask("one", { phases: [], version: 2 }));
        expect(shell.manager.explain({ run: id })).toMatchObject([{ code: "runBlocked", text: expect.stringContaining("version 1") as string }]);
    });

    it("whose stored parameters do not validate waits, and does not show them", () => {
        const { shell, id } = restartedWith(toyTask("one", { phases: [], restore: () => refuse("INVALID_PARAMS", '"code" must be smaller') }));
        const [reason] = shell.manager.explain({ run: id })!;
        expect(reason).toMatchObject({ code: "runBlocked", text: expect.stringContaining('"code" must be smaller') as string });
        expect(JSON.stringify(reason)).not.toContain("4711");
    });

    it("is driven with what was drawn when it was admitted", () => {
        let drawn = 0;
        const drawing = toyTask("drawing", {
            phases: params => [{ wants: [put(1, (params as { value: number }).value)] }],
            prepare: input => ok({ params: { ...input, value: ++drawn }, drawn: {} }),
        });
        const shell = withNodes(drawing);
        shell.silence();
        shell.begin("drawing");
        shell.restart();
        shell.back();
        shell.run(120_000);
        expect(shell.device().values.get(1)).toBe(1);
        expect(drawn).toBe(1);
    });

    it("that rolled back rolls back", () => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one");
        shell.do({ type: "cancel", run: id });
        shell.restart();
        shell.back();
        shell.run(120_000);
        expect(shell.infoOf(id).state).toBe("cancelled");
        expect(shell.device().values.size).toBe(0);
    });
});

describe("a stored run that does not validate", () => {
    it.each([
        ["no state", { state: "sleeping" }],
        ["no phase", { phase: -1 }],
        ["a change set that is none", { changeSet: [{ kind: 5 }] }],
    ])("(%s) is set aside, told, kept in the store, and not printed", (_, damage) => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one", { code: 4711 });
        const damaged = { ...shell.image.run.get(id), ...damage };
        shell.image.run.set(id, damaged);
        shell.restart();
        expect(shell.infoOf(id)).toBeUndefined();
        const told = shell.told("quarantined");
        expect(told).toMatchObject([{ table: "run", id }]);
        expect(JSON.stringify(told)).not.toContain("4711");
        shell.back();
        expect(shell.image.run.get(id)).toBe(damaged);
        expect(shell.infoOf(shell.begin("one")).state).toBe("completed");
    });
});
