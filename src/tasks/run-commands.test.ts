/** Goal: commands on runs are idempotent where they promise it, and refused with a code where they make no sense. */
import { describe, expect, it } from "vitest";
import { ONE } from "../core/testing/test-shell.js";
import { failureOf, numberOf, withNodes } from "./testing/task-shell.js";
import { put, toyTask } from "./testing/toy-task.js";

const one = toyTask("one", { phases: [{ wants: [put(1, 10)] }], slots: [["toy", 1]] });
const other = toyTask("other", { phases: [{ wants: [put(2, 10)] }] });

describe("a request id", () => {
    it("with the same parameters gives the same run, though its slot is taken by that run", () => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one", { a: 1, b: 2n }, { requestId: "r" });
        const again = shell.do({ type: "run", task: "one", params: { b: 2n, a: 1 }, requestId: "r" });
        expect(again).toEqual({ ok: true, value: { type: "run", run: id, state: "running", created: false } });
        expect(shell.manager.runs()).toHaveLength(1);
    });

    it("still gives the run when it is settled, and after a restart", () => {
        const shell = withNodes(one);
        const id = shell.begin("one", {}, { requestId: "r" });
        expect(shell.begin("one", {}, { requestId: "r" })).toBe(id);
        shell.restart();
        expect(shell.do({ type: "run", task: "one", params: {}, requestId: "r" })).toMatchObject({ value: { run: id, state: "completed", created: false } });
    });

    it.each([
        ["other parameters", "one", { a: 2 }],
        ["another task", "other", { a: 1 }],
    ])("with %s is refused, and names the run", (_, task, params) => {
        const shell = withNodes(one, other);
        const id = shell.begin("one", { a: 1 }, { requestId: "r" });
        expect(shell.refusal(task, params, { requestId: "r" })).toMatchObject({ code: "REQUEST_ID_REUSED", details: { run: id } });
    });

    it("is free when the store refused the run", () => {
        const shell = withNodes(one);
        const first = shell.send({ type: "run", task: "one", params: {}, requestId: "r" });
        shell.stored(false);
        expect(shell.replies.get(first)).toMatchObject({ ok: false, error: { code: "STORE_REFUSED" } });
        shell.run(5_000);
        const second = shell.do({ type: "run", task: "one", params: { other: true }, requestId: "r" });
        expect(second).toMatchObject({ ok: true, value: { created: true } });
    });

    it("is not kept as parameters: only a digest of them is", () => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one", { code: 4711 }, { requestId: "r" });
        expect(JSON.stringify(shell.image.run.get(id))).toContain("4711");
        shell.do({ type: "cancel", run: id });
        shell.back();
        expect(JSON.stringify(shell.image.run.get(id))).not.toContain("4711");
    });
});

describe("without a request id", () => {
    it("each command is a run of its own", () => {
        const shell = withNodes(other);
        expect(shell.begin("other")).not.toBe(shell.begin("other"));
    });
});

describe("commands on a run", () => {
    it.each(["cancel", "retryRun", "abandon"] as const)("%s is refused for one that is not known", type => {
        expect(failureOf(withNodes(one).do({ type, run: 4711 }))).toMatchObject({ code: "UNKNOWN_RUN", details: { run: 4711 } });
    });

    it.each(["cancel", "retryRun", "abandon"] as const)("%s is refused for one that is settled, and changes nothing", type => {
        const shell = withNodes(one);
        const id = shell.begin("one");
        const stored = shell.image.run.get(id);
        expect(failureOf(shell.do({ type, run: id }))).toMatchObject({ code: "RUN_SETTLED", details: { run: id, state: "completed" } });
        expect(shell.image.run.get(id)).toBe(stored);
        expect(shell.device().values.get(1)).toBe(10);
    });

    it.each(["retryRun", "abandon"] as const)("%s is refused for one that is not stuck", type => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one");
        expect(failureOf(shell.do({ type, run: id })).code).toBe("RUN_NOT_STUCK");
        expect(shell.infoOf(id).direction).toBe("forward");
    });

    it("cancel in the same breath as run leaves no device write behind", () => {
        const shell = withNodes(one);
        const started = shell.send({ type: "run", task: "one", params: {} });
        const id = shell.manager.runs()[0]!.run;
        shell.send({ type: "cancel", run: id });
        shell.settle();
        expect(numberOf(shell.replies.get(started))).toBe(id);
        expect(shell.infoOf(id).state).toBe("cancelled");
        expect(shell.asked().filter(text => text.startsWith("write"))).toEqual([]);
    });

    it("a reason beyond its bound is cut", () => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one");
        shell.do({ type: "cancel", run: id, reason: "x".repeat(10_000) });
        expect(shell.infoOf(id).cause!.message.length).toBeLessThan(400);
    });
});

describe("registering a task", () => {
    it("makes it known", () => {
        const shell = withNodes();
        expect(shell.refusal("one").code).toBe("UNKNOWN_TASK");
        expect(shell.do({ type: "registerTask", definition: one })).toMatchObject({ ok: true });
        expect(shell.infoOf(shell.begin("one")).state).toBe("completed");
    });

    it("under a name that is taken is refused", () => {
        const shell = withNodes(one);
        expect(failureOf(shell.do({ type: "registerTask", definition: toyTask("one", { phases: [] }) })).code).toBe("ALREADY_REGISTERED");
        expect(failureOf(shell.do({ type: "registerTask", definition: toyTask("addNodeToGroup", { phases: [] }) })).code).toBe("ALREADY_REGISTERED");
    });
});

describe("a refused store", () => {
    it("takes a new run back wholly: its slot, its items, its rows", () => {
        const shell = withNodes(one);
        shell.send({ type: "run", task: "one", params: {} });
        shell.stored(false);
        expect(shell.manager.runs()).toEqual([]);
        expect(shell.manager.items(ONE)).toEqual([]);
        shell.run(5_000);
        expect(shell.infoOf(shell.begin("one")).state).toBe("completed");
    });

    it("takes a cancel back: the run goes on forward", () => {
        const shell = withNodes(one);
        shell.silence();
        const id = shell.begin("one");
        const cancel = shell.send({ type: "cancel", run: id });
        shell.stored(false);
        expect(shell.replies.get(cancel)).toMatchObject({ ok: false, error: { code: "STORE_REFUSED" } });
        expect(shell.infoOf(id).direction).toBe("forward");
        shell.back();
        shell.run(5_000);
        expect(shell.infoOf(id).state).toBe("completed");
    });

    it("takes a settlement back: the run settles again", () => {
        const shell = withNodes(one);
        shell.send({ type: "run", task: "one", params: {} });
        shell.stored();
        shell.answer();
        shell.stored(false);
        const [run] = shell.manager.runs();
        expect(run!.state).toBe("running");
        expect(shell.manager.tasks.runs.history()).toEqual([]);
        const early = shell.send({ type: "run", task: "one", params: {} });
        shell.run(5_000);
        expect(failureOf(shell.replies.get(early)).code).toBe("SLOT_OCCUPIED");
        expect(shell.infoOf(run!.run).state).toBe("completed");
        expect(shell.told("runChanged").filter(({ state }) => state === "completed")).toHaveLength(1);
    });
});
