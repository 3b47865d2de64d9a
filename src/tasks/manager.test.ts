/** Goal: questions to a manager change nothing and say what is so: dry runs, states of runs, rest. */
import { describe, expect, it } from "vitest";
import { plainExtension } from "../core/testing/plain-extension.js";
import { emptyImage, FABRIC, ONE, TWO } from "../core/testing/test-shell.js";
import { TOY } from "../core/testing/toy-kind.js";
import { Manager } from "./manager.js";
import { withNodes } from "./testing/task-shell.js";
import { drop, put, toyTask } from "./testing/toy-task.js";

const mixed = toyTask("mixed", { phases: [{ wants: [put(1, 10), put(2, 20)] }, { wants: [drop(3), drop(4)] }], slots: [["mixed"]] });

describe("a dry run", () => {
    it("says what would change: neither what is so, nor what is not there to remove", () => {
        const shell = withNodes(mixed);
        shell.set({ id: 1, value: 10 });
        shell.set({ id: 3, value: 1 });
        expect(shell.manager.assess("mixed", {})).toEqual({
            refused: null,
            changes: [
                { op: "set", node: ONE, kind: TOY, key: [2] },
                { op: "remove", node: ONE, kind: TOY, key: [3] },
            ],
        });
    });

    it("is refused as the real one would be", () => {
        const shell = withNodes(mixed);
        expect(shell.manager.assess("none", {}).refused).toMatchObject({ code: "UNKNOWN_TASK" });
        expect(shell.manager.assess("mixed", { wrong: true })).toMatchObject({ refused: { code: "INVALID_PARAMS" }, changes: [] });
        shell.silence();
        shell.begin("mixed");
        expect(shell.manager.assess("mixed", {}).refused).toMatchObject({ code: "SLOT_OCCUPIED" });
    });

    it("changes nothing, reserves nothing and draws nothing", () => {
        let drawn = 0;
        const shell = withNodes(mixed, {
            ...toyTask("drawing", { phases: [{ wants: [put(1, 1)] }] }),
            prepare: (input, _view, draw) => {
                drawn += draw.key()[0]!;
                return { ok: true, value: { params: input, drawn: {} } };
            },
        });
        const batches = shell.batches.length;
        for (let i = 0; i < 20; i++) {
            shell.manager.assess("mixed", {});
            shell.manager.assess("drawing", {});
            shell.manager.assess("addNodeToGroup", { node: ONE, endpoint: 1, groupId: i + 1, keySetId: i + 1 });
        }
        expect(shell.batches.length).toBe(batches);
        expect(shell.manager.keySets()).toEqual([]);
        expect(shell.manager.items()).toEqual([]);
        expect(shell.manager.runs()).toEqual([]);
        expect(drawn).toBe(0);
        expect(shell.manager.isIdle).toBe(true);
    });
});

describe("a run's state", () => {
    const both = toyTask("both", { phases: [{ wants: [put(1, 10), put(2, 20, TWO)] }] });

    it("is parked only while everything it waits for is out of reach, and never stored as such", () => {
        const shell = withNodes(both);
        shell.silence(TWO);
        shell.device(ONE).fault = () => "silence";
        const id = shell.begin("both");
        expect(shell.infoOf(id).state).toBe("running");
        shell.device(ONE).fault = () => undefined;
        shell.settle();
        expect(shell.infoOf(id).state).toBe("parked");
        expect(shell.image.run.get(id)).toMatchObject({ state: "running" });
        shell.back(TWO);
        expect(shell.infoOf(id).state).toBe("completed");
    });

    it("is parked also when nobody told that the node went away", () => {
        const shell = withNodes(both);
        shell.device(TWO).fault = () => ({ kind: "unknown", reason: "timed out" });
        expect(shell.infoOf(shell.begin("both")).state).toBe("parked");
    });
});

describe("a manager", () => {
    it("plugs extensions in before the first input, made from the machine and what the store holds", () => {
        const image = emptyImage();
        const made: unknown[] = [];
        const reachable: bigint[] = [];
        const opened = Manager.open(
            {
                fabric: FABRIC,
                entropy: { below: () => 0, bytes: length => new Uint8Array(length) },
                fingerprint: () => "",
                extensions: [
                    (machine, stored) => {
                        made.push(machine.nodes.size, stored);
                        return { ...plainExtension, nodeReachable: node => void reachable.push(node) };
                    },
                ],
            },
            image,
            { monoMs: 0, wallMs: 0 },
        );
        expect([opened.ok, made]).toEqual([true, [0, image]]);
        (opened as { value: Manager }).value.step({ type: "reachable", node: ONE, monoMs: 0, wallMs: 0 });
        expect(reachable).toEqual([ONE]);
    });

    it("is at rest when everything is done, and not before", () => {
        const shell = withNodes(mixed);
        shell.send({ type: "run", task: "mixed", params: {} });
        expect(shell.manager.isIdle).toBe(false);
        shell.stored();
        expect(shell.manager.isIdle).toBe(false);
        shell.settle();
        expect(shell.manager.isIdle).toBe(true);
    });

    it("lists nodes, items and runs as they are", () => {
        const shell = withNodes(mixed);
        const id = shell.begin("mixed");
        expect(shell.manager.nodes()).toEqual([ONE, TWO]);
        expect(shell.manager.items(ONE).map(({ key, state }) => `${key.join()} ${state}`)).toEqual(["1 committed", "2 committed"]);
        expect(shell.manager.items(TWO)).toEqual([]);
        expect(shell.manager.item(ONE, TOY, [2])).toMatchObject({ intent: { value: 20 }, drifted: false, held: false });
        expect(shell.manager.runs()).toMatchObject([{ run: id, task: "mixed", state: "completed", settledAtMs: shell.wallMs }]);
    });
});
