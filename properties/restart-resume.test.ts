/**
 * Claim: a controller that dies, at whatever moment and however often, forgets no run that it acknowledged and does none twice; what it left
 * half done is finished, or taken back, by the next one.
 * Generator: up to six tasks, a part of them cancelled; one to four crashes between the first inputs and long after the last task, each
 * keeping or losing the batch in flight; outages and losses as before.
 * Oracle: all checkers, scanning after every input; when calm is over, every run is settled, and the device models hold exactly what the
 * completed runs wanted.
 * Known gaps: as for cancel and revert; the store loses nothing that was durable and tears nothing; an old backup is never restored.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { badNetwork, crashes, outages, parameters, play, scriptOf, seeds, tasks, wantedBy } from "./group-schedules.js";

const RUNS = 300;

describe("restart and resume", () => {
    it("finishes or takes back whatever a crash left half done", () => {
        const reached = new Map<string, number>();
        const faults = fc.tuple(fc.oneof(fc.constant({}), badNetwork), fc.nat(1000)).map(([network, storeKeepsInFlight]) => ({ ...network, storeKeepsInFlight }));
        const plans = fc.record({ seed: seeds, tasks: tasks({ max: 6, withCancel: true }), outages, faults, crashes });
        fc.assert(
            fc.property(plans, plan => {
                const ended = play(scriptOf(plan));
                for (const state of ended.runs.values()) {
                    expect(["completed", "cancelled"]).toContain(state);
                }
                const wanted = wantedBy(plan, task => ended.runs.get(task) === "completed");
                expect(ended.devices).toEqual(wanted);
                Object.entries(ended.marks).forEach(([mark, count]) => reached.set(mark, (reached.get(mark) ?? 0) + count));
            }),
            parameters(RUNS),
        );
        expect(reached.get("crash") ?? 0).toBeGreaterThan(RUNS / 2);
        expect(reached.get("crashKeptBatch") ?? 0).toBeGreaterThan(0);
        expect(reached.get("crashLostBatch") ?? 0).toBeGreaterThan(0);
    });
});
