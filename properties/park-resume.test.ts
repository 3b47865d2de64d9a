/**
 * Claim: a node that is away, from the start or half-way, delays its own runs and nothing else: they park, are resumed when it is back, and
 * the end is the same as if it had never been away.
 * Generator: up to six tasks on three nodes; two nodes with outages that begin before, during or after the tasks and last seconds or
 * minutes, one without; otherwise a network that works.
 * Oracle: all checkers, scanning after every input; the device models' tables are compared with those of the same schedule without outages,
 * and tasks of the node that is never away complete within seconds.
 * Known gaps: nodes that return in another state than they left (resets, updates).
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outages, parameters, play, scriptOf, seeds, tasks, type SchedulePlan } from "./group-schedules.js";

const RUNS = 300;

/** Its outages are taken away. */
const ALWAYS_THERE = 2;

describe("park and resume", () => {
    it("ends as if no node had been away", () => {
        let parked = 0;
        const plans = fc
            .record({ seed: seeds, tasks: tasks({ max: 6 }), outages })
            .map(plan => ({ ...plan, outages: plan.outages.map((each, node) => (node === ALWAYS_THERE ? [] : each)) }));
        fc.assert(
            fc.property(plans, plan => {
                const ended = play(scriptOf(plan));
                const undisturbed = play(scriptOf({ ...plan, outages: plan.outages.map(() => []) }));
                expect(ended.devices).toEqual(undisturbed.devices);
                expect(new Set(ended.runs.values())).toEqual(new Set(["completed"]));
                parked += ended.marks["unreachable"] ?? 0;
            }),
            parameters(RUNS),
        );
        expect(parked).toBeGreaterThan(RUNS / 10);
    });

    it("lets nodes that are there go ahead", () => {
        // The others are away from before the first task until long after the last.
        const away: SchedulePlan["outages"][number] = [[0, 3_600_000]];
        const plans = fc.record({ seed: seeds, tasks: tasks({ max: 6 }) }).map(plan => ({ ...plan, outages: [away, away, []] }));
        fc.assert(
            fc.property(plans, plan => {
                const script = scriptOf(plan);
                const there = play({ ...script, lostNode: 0 });
                plan.tasks.forEach(({ node }, i) => {
                    const state = there.runs.get(i + 1);
                    if (state !== undefined) {
                        expect(state).toBe(node === 0 ? "parked" : "completed");
                    }
                });
            }),
            parameters(RUNS),
        );
    });
});
