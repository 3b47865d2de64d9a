/** Goal: phases only advance on what their gates wait for, failure and cancel turn a run backward at once, and settling is one durable batch. */
import { describe, expect, it } from "vitest";
import type { RunRecord } from "../core/records.js";
import { Status } from "../core/status.js";
import { ONE, TWO } from "../core/testing/test-shell.js";
import { TOY } from "../core/testing/toy-kind.js";
import type { View } from "./definition.js";
import { numberOf, withNodes } from "./testing/task-shell.js";
import { drop, put, toyTask } from "./testing/toy-task.js";

const terminal = { kind: "status", status: Status.CONSTRAINT_ERROR } as const;

describe("a run", () => {
    const twoPhases = toyTask("two", { phases: [{ wants: [put(1, 10)] }, { wants: [put(2, 20, TWO)] }] });

    it("goes through its phases one after the other", () => {
        const shell = withNodes(twoPhases);
        const id = shell.begin("two");
        expect(shell.stateOf(id)).toBe("completed forward 2");
        expect(shell.device(ONE).values.get(1)).toBe(10);
        expect(shell.device(TWO).values.get(2)).toBe(20);
        expect(shell.told("runChanged").map(({ state, phase }) => `${state} ${phase}`)).toEqual(["running 0", "running 1", "completed 2"]);
    });

    it("writes nothing of a phase before the one before is through", () => {
        const shell = withNodes(twoPhases);
        shell.silence(ONE);
        const id = shell.begin("two");
        expect(shell.stateOf(id)).toBe("parked forward 0");
        expect(shell.record(2, TWO)).toBeUndefined();
        shell.back(ONE);
        expect(shell.stateOf(id)).toBe("completed forward 2");
    });

    it("with nothing to do completes at once", () => {
        const shell = withNodes(toyTask("none", { phases: [] }));
        expect(shell.stateOf(shell.begin("none"))).toBe("completed forward 0");
    });

    it("sends no write before the batch with its record and its change set is durable", () => {
        const shell = withNodes(twoPhases);
        const id = shell.send({ type: "run", task: "two", params: {} });
        expect(shell.asked()).toEqual([]);
        const tables = shell.batch!.puts.map(({ table }) => table);
        expect(tables).toContain("run");
        expect(tables).toContain("item");
        const run = shell.batch!.puts.find(({ table }) => table === "run")!.record as RunRecord;
        expect(run.changeSet).toMatchObject([{ kind: TOY, key: [1], prior: null, wants: { intent: { value: 10 } } }]);
        expect(shell.replies.has(id)).toBe(false);
        shell.stored();
        expect(shell.replies.get(id)).toMatchObject({ ok: true });
        expect(shell.asked()).toEqual(["write 1=10"]);
    });

    it("keeps of parameters, drawn values and priors nothing once it is settled", () => {
        const shell = withNodes(twoPhases);
        const id = shell.begin("two", { secret: "hush" });
        expect(JSON.stringify([...shell.image.run.values()])).not.toContain("hush");
        expect(shell.image.run.get(id)).toMatchObject({ state: "completed", params: null, drawn: null, changeSet: [] });
    });

    it("leaves nothing behind when it is settled", () => {
        const shell = withNodes(twoPhases);
        shell.begin("two");
        expect(shell.manager.isIdle).toBe(true);
        expect(shell.item(1)!.awaitedBy).toBe(0);
        expect(shell.manager.tasks.runs.interestedIn(shell.item(1)!)).toEqual([]);
    });

    it("goes back to nothing when a phase's requirement does not hold", () => {
        const refused = { code: "REQUIREMENT_FAILED", message: "no" } as const;
        const shell = withNodes(toyTask("picky", { phases: [{ wants: [put(1, 10)] }, { requires: () => refused, wants: [put(2, 20)] }] }));
        const id = shell.begin("picky");
        expect(shell.infoOf(id)).toMatchObject({ state: "failed", cause: refused, notRestored: [] });
        expect(shell.record(1)).toBeUndefined();
        expect(shell.device().values.size).toBe(0);
    });

    it("checks the requirement again before the next phase", () => {
        let holds = true;
        const requires = () => (holds ? null : ({ code: "REQUIREMENT_FAILED", message: "not any more" } as const));
        const shell = withNodes(toyTask("picky", { phases: [{ requires, wants: [put(1, 10)] }] }));
        shell.silence();
        const id = shell.begin("picky");
        holds = false;
        shell.back();
        expect(shell.infoOf(id).state).toBe("failed");
    });

    it("fails when an item fails for good, and says why", () => {
        const shell = withNodes(twoPhases);
        shell.device(TWO).fault = request => (request.op === "write" ? terminal : undefined);
        const id = shell.begin("two");
        expect(shell.infoOf(id)).toMatchObject({ state: "failed", cause: { code: "ITEM_FAILED", details: { item: "toy/2", status: Status.CONSTRAINT_ERROR } } });
        expect(shell.device(ONE).values.size).toBe(0);
    });
});

describe("what a phase selects", () => {
    it("is looked at again when somebody joins", () => {
        const everywhere = toyTask("everywhere", {
            phases: [
                {
                    selects: [{ kind: TOY, key: [1] }],
                    wants: view => view.members({ kind: TOY, key: [1] }).map(node => put(2, 5, node)),
                    awaits: [{ node: ONE, kind: TOY, key: [2], is: "committed" }],
                },
            ],
        });
        const shell = withNodes(everywhere);
        shell.set({ id: 1, value: 1 });
        shell.silence(ONE);
        const id = shell.begin("everywhere");
        expect(shell.record(2, TWO)).toBeUndefined();
        shell.set({ id: 1, value: 1 }, "converge", TWO);
        expect(shell.record(2, TWO)).toMatchObject({ state: "committed" });
        shell.back(ONE);
        expect(shell.infoOf(id).state).toBe("completed");
    });
});

describe("slots", () => {
    const slotted = toyTask("slotted", { phases: [{ wants: [put(1, 10)] }], slots: [["only"]] });

    it("are free only when the batch that settles the run is durable", () => {
        const shell = withNodes(slotted);
        const id = shell.begin.bind(shell);
        const first = numberOf(startAndHold(shell));
        const settling = shell.batch!;
        expect(settling.puts.find(({ table, id: row }) => table === "run" && row === first)!.record).toMatchObject({ state: "completed" });
        const early = shell.send({ type: "run", task: "slotted", params: {} });
        shell.stored();
        expect(shell.replies.get(early)).toMatchObject({ ok: false, error: { code: "SLOT_OCCUPIED", details: { run: first } } });
        expect(shell.stateOf(id("slotted"))).toBe("completed forward 1");
    });

    /** Runs a first run up to the batch that settles it, which stays in flight. */
    function startAndHold(shell: ReturnType<typeof withNodes>) {
        const command = shell.send({ type: "run", task: "slotted", params: {} });
        shell.stored();
        shell.answer();
        return shell.replies.get(command);
    }

    it("stay taken while the run rolls back", () => {
        const shell = withNodes(slotted);
        const first = shell.begin("slotted");
        expect(shell.infoOf(first).state).toBe("completed");
        shell.set({ id: 1, value: 3 });
        shell.silence();
        const second = shell.begin("slotted");
        shell.do({ type: "cancel", run: second });
        expect(shell.stateOf(second)).toBe("parked backward 0");
        expect(shell.refusal("slotted")).toMatchObject({ code: "SLOT_OCCUPIED", details: { run: second } });
        shell.back();
        expect(shell.stateOf(second)).toBe("cancelled backward 0");
        expect(shell.infoOf(shell.begin("slotted")).state).toBe("completed");
    });
});

describe("a deadline", () => {
    const slow = toyTask("slow", { phases: [{ wants: [put(1, 10)] }] });

    it("turns the run back when it passes first", () => {
        const shell = withNodes(slow);
        shell.silence();
        const id = shell.begin("slow", {}, { deadlineMs: 60_000 });
        shell.run(59_000);
        expect(shell.infoOf(id).direction).toBe("forward");
        shell.run(2_000);
        expect(shell.infoOf(id)).toMatchObject({ direction: "backward", cause: { code: "DEADLINE_PASSED" } });
        shell.back();
        expect(shell.infoOf(id).state).toBe("failed");
    });

    it("means nothing to a run that is done", () => {
        const shell = withNodes(slow);
        const id = shell.begin("slow", {}, { deadlineMs: 60_000 });
        expect(shell.manager.isIdle).toBe(true);
        shell.run(120_000);
        expect(shell.infoOf(id).state).toBe("completed");
    });

    it("counts on across a restart, by wall time", () => {
        const shell = withNodes(slow);
        shell.silence();
        const id = shell.begin("slow", {}, { deadlineMs: 60_000 });
        shell.nowMs += 50_000;
        shell.wallMs += 50_000;
        shell.restart();
        shell.run(9_000);
        expect(shell.infoOf(id).direction).toBe("forward");
        shell.run(2_000);
        expect(shell.infoOf(id).direction).toBe("backward");
    });
});

describe("past the point of no return", () => {
    const committing = toyTask("committing", {
        phases: [{ wants: [put(1, 10)] }, { wants: [put(2, 20)] }],
        irreversible: phase => (phase > 0 ? "keys are out" : null),
    });

    it("a cancel is declined with the reason", () => {
        const shell = withNodes(committing);
        shell.device().fault = request => (request.op === "write" && request.attribute === 2 ? "silence" : undefined);
        const id = shell.begin("committing");
        expect(shell.infoOf(id).phase).toBe(1);
        expect(shell.do({ type: "cancel", run: id })).toMatchObject({
            ok: false,
            error: { code: "POINT_OF_NO_RETURN", message: expect.stringContaining("keys are out") as string },
        });
        expect(shell.infoOf(id).direction).toBe("forward");
    });

    it("a failure undoes nothing and lists what was changed", () => {
        const shell = withNodes(committing);
        shell.device().fault = request => (request.op === "write" && request.attribute === 2 ? terminal : undefined);
        const id = shell.begin("committing");
        expect(shell.infoOf(id)).toMatchObject({
            state: "failed",
            notRestored: [
                { kind: TOY, key: [1], reason: "irreversible" },
                { kind: TOY, key: [2], reason: "irreversible" },
            ],
        });
        expect(shell.device().values.get(1)).toBe(10);
    });
});

describe("a node that leaves the fabric", () => {
    const phases = [{ wants: [put(1, 10, ONE), put(1, 10, TWO)], awaits: [{ node: ONE, kind: TOY, key: [1], is: "committed" as const }] }];

    it("fails a run that names it, which restores the others", () => {
        const shell = withNodes(toyTask("both", { phases, nodes: [ONE, TWO] }));
        shell.silence(ONE);
        const id = shell.begin("both");
        expect(shell.device(TWO).values.size).toBe(1);
        shell.do({ type: "removeNode", node: ONE });
        expect(shell.infoOf(id)).toMatchObject({ state: "failed", cause: { code: "NODE_GONE" } });
        expect(shell.device(TWO).values.size).toBe(0);
    });

    it("makes a run smaller, if the definition says so", () => {
        const shrinking = [{ ...phases[0]!, wants: (view: View) => [ONE, TWO].filter(node => view.hasNode(node)).map(node => put(1, 10, node)) }];
        const shell = withNodes(toyTask("both", { phases: shrinking, nodes: [ONE, TWO], whenNodeLeaves: "shrink" }));
        shell.silence(ONE);
        const id = shell.begin("both");
        shell.do({ type: "removeNode", node: TWO });
        expect(shell.stateOf(id)).toBe("parked forward 0");
        expect(shell.image.run.get(id)).toMatchObject({ changeSet: [{ kind: TOY }] });
    });

    it("ends a rollback there, and is named in what was not restored", () => {
        const shell = withNodes(toyTask("both", { phases, nodes: [ONE, TWO] }));
        shell.silence(ONE);
        shell.silence(TWO);
        const id = shell.begin("both");
        shell.do({ type: "cancel", run: id });
        shell.do({ type: "removeNode", node: ONE });
        expect(shell.stateOf(id)).toBe("parked backward 0");
        shell.back(TWO);
        expect(shell.infoOf(id)).toMatchObject({ state: "cancelled", notRestored: [{ node: ONE, kind: TOY, key: [1], reason: "nodeGone" }] });
    });
});

describe("a completed run", () => {
    it("makes what it wanted legitimate for a run that shares it", () => {
        const phases = [{ wants: [put(1, 10)] }];
        const shell = withNodes(toyTask("a", { phases }), toyTask("b", { phases: [{ wants: [put(1, 10), put(2, 20, TWO)] }] }));
        shell.silence(TWO);
        shell.silence(ONE);
        const a = shell.begin("a");
        const b = shell.begin("b");
        shell.back(ONE);
        expect(shell.infoOf(a).state).toBe("completed");
        shell.do({ type: "cancel", run: b });
        shell.back(TWO);
        expect(shell.infoOf(b).state).toBe("cancelled");
        expect(shell.device(ONE).values.get(1)).toBe(10);
        expect(shell.record(1)).toMatchObject({ state: "committed" });
    });

    it("removes what it wanted gone", () => {
        const shell = withNodes(toyTask("away", { phases: [{ wants: [drop(1)] }] }));
        shell.set({ id: 1, value: 1 });
        expect(shell.stateOf(shell.begin("away"))).toBe("completed forward 1");
        expect(shell.device().values.size).toBe(0);
    });
});
