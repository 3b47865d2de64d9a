import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noFaults } from "./fault-plan.js";
import { crowded, devices } from "./generate.js";
import { replayToken, type Replay } from "./replay-token.js";
import { isAboutTask, type Script } from "./script.js";
import { shrink } from "./shrink.js";
import { simplerScripts } from "./simpler-scripts.js";
import type { Violation } from "./world.js";

/** A bug: a cancel of a run for group 2, in a schedule with a crash. */
function violationOf({ script }: Replay): Violation | null {
    const tasks = script.actions.filter(action => action.type === "addToGroup");
    const fails = script.crashes.length > 0 && script.actions.some(action => action.type === "cancel" && tasks[action.task]?.group === 2);
    return fails ? { checker: "S5", message: "left behind", atMs: 1 } : null;
}

const failing: Replay[] = Array.from({ length: 400 }, (_, seed) => ({ script: crowded.draw(seed), scanThroughout: false })).filter(
    replay => violationOf(replay) !== null,
);

describe("shrinking", () => {
    it("finds the little that matters", () => {
        expect(failing.length).toBeGreaterThan(5);
        for (const replay of failing) {
            const { script, tries } = shrink(replay, violationOf(replay)!, { violationOf });
            expect(script.actions.map(action => action.type).sort()).toEqual(["addToGroup", "cancel"]);
            expect(script.crashes).toEqual([{ beforeInput: 1, downMs: 0, backupMs: 0 }]);
            expect(script.nodes).toHaveLength(1);
            expect(script.faults).toEqual(noFaults);
            expect(script.lostNode).toBe(-1);
            expect(tries).toBeLessThan(1_000);
            expect(replayToken({ script, scanThroughout: false }).length).toBeLessThan(120);
        }
    });

    it("does not run after another violation", () => {
        const [replay] = failing as [Replay];
        const other = (each: Replay): Violation | null =>
            each.script.nodes.length < replay.script.nodes.length ? { checker: "S6", message: "another one", atMs: 1 } : violationOf(each);
        const small = shrink(replay, violationOf(replay)!, { violationOf: other });
        expect(small.violation.checker).toBe("S5");
        expect(small.script.nodes).toHaveLength(replay.script.nodes.length);
    });

    it("gives up when it has tried enough, with the best so far", () => {
        const [replay] = failing as [Replay];
        const small = shrink(replay, violationOf(replay)!, { violationOf, triesMax: 3 });
        expect(small.tries).toBeLessThanOrEqual(3);
        expect(violationOf(small)).not.toBeNull();
        const started = shrink(replay, violationOf(replay)!, { violationOf, isOver: () => true });
        expect(started.tries).toBe(1);
        expect(started.script).toEqual(replay.script);
    });
});

describe("simpler scripts", () => {
    const isWhole = ({ nodes, actions, incidents, lostNode }: Script) => {
        const tasks = actions.filter(action => action.type === "addToGroup").length;
        return (
            lostNode < nodes.length &&
            actions.every(action => (isAboutTask(action) ? action.task < tasks : action.node < nodes.length)) &&
            incidents.every(incident => !("node" in incident) || incident.node < nodes.length) &&
            actions.every((action, i) => i === 0 || actions[i - 1]!.atMs <= action.atMs) &&
            nodes.every(node => node.outages.every((ms, i) => i === 0 || node.outages[i - 1]! < ms))
        );
    };

    it("are whole scripts, other than the one they come from", () => {
        const seeds = fc.nat(100_000);
        fc.assert(
            fc.property(seeds, seed => {
                const script = (seed % 2 === 0 ? crowded : devices).draw(seed);
                for (const simpler of simplerScripts(script)) {
                    expect(isWhole(simpler)).toBe(true);
                    expect(simpler).not.toEqual(script);
                }
            }),
            { numRuns: 50, seed: 1 },
        );
    });

    it("come to an end, whichever one takes", () => {
        fc.assert(
            fc.property(fc.nat(1000), fc.infiniteStream(fc.nat(1000)), (seed, choices) => {
                let script = (seed % 2 === 0 ? crowded : devices).draw(seed);
                for (let steps = 0; steps < 2_000; steps++) {
                    const simpler = [...simplerScripts(script)];
                    if (simpler.length === 0) {
                        return;
                    }
                    script = simpler[choices.next().value! % simpler.length]!;
                }
                expect.unreachable("it goes on and on");
            }),
            { numRuns: 20, seed: 1 },
        );
    });
});
