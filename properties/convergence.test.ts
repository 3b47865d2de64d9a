/**
 * Claim: whatever the network does, and whenever nodes can be reached, every node ends up in every group that somebody put it into, and in
 * no other.
 * Generator: up to eight tasks on three nodes, four groups and three key sets, interleaved at random; outages of each node; losses before and
 * after the effect, late and repeated effects, late and missing reachability events.
 * Oracle: all checkers, scanning after every input; and when calm is over, the tables inside the device models against the tasks as asked for.
 * Known gaps: no other administrators, no resets, no status errors, no full tables; the store obeys.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { badNetwork, outages, parameters, play, scriptOf, seeds, tasks, wantedBy } from "./group-schedules.js";

const RUNS = 300;

describe("convergence", () => {
    it("puts every node into the groups that were asked for, under any outages and losses", () => {
        const reached = new Map<string, number>();
        const plans = fc.record({ seed: seeds, tasks: tasks({ max: 8 }), outages, faults: badNetwork });
        fc.assert(
            fc.property(plans, plan => {
                const ended = play(scriptOf(plan));
                expect(new Set(ended.runs.values())).toEqual(new Set(["completed"]));
                // A task is refused while another one does the very same, so that no wish is lost.
                expect(ended.devices).toEqual(wantedBy(plan, () => true));
                Object.keys(ended.marks).forEach(mark => reached.set(mark, (reached.get(mark) ?? 0) + 1));
            }),
            parameters(RUNS),
        );
        // The schedules were hard enough to mean something.
        for (const mark of ["unreachable", "notSent", "unknown", "lateEffect", "duplicateEffect"]) {
            expect(reached.get(mark) ?? 0, mark).toBeGreaterThan(0);
        }
    });
});
