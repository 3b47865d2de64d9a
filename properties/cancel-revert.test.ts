/**
 * Claim: a run that was cancelled, at whatever moment, leaves no trace on the devices, and takes nothing away that another run brought or
 * still needs.
 * Generator: up to six tasks that share nodes, groups and key sets; about half are cancelled, between at once and minutes later; outages of
 * each node, and in half of the cases a bad network, so that a cancel meets requests whose fate nobody knows.
 * Oracle: all checkers, scanning after every input; when calm is over, the device models hold exactly what the completed runs wanted.
 * Known gaps: no other administrators between the write and its reversal; direct changes of items of a live run are the fuzzer's matter.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { badNetwork, outages, parameters, play, scriptOf, seeds, tasks, wantedBy } from "./group-schedules.js";

const RUNS = 300;

describe("cancel and revert", () => {
    it("leaves what completed runs wanted, and nothing of cancelled ones", () => {
        const states = new Map<string, number>();
        const faults = fc.oneof(fc.constant({}), badNetwork);
        const plans = fc.record({ seed: seeds, tasks: tasks({ max: 6, withCancel: true }), outages, faults });
        fc.assert(
            fc.property(plans, plan => {
                const ended = play(scriptOf(plan));
                for (const state of ended.runs.values()) {
                    expect(["completed", "cancelled"]).toContain(state);
                    states.set(state, (states.get(state) ?? 0) + 1);
                }
                const wanted = wantedBy(plan, task => ended.runs.get(task) === "completed");
                expect(ended.devices).toEqual(wanted);
            }),
            parameters(RUNS),
        );
        expect(states.get("cancelled") ?? 0).toBeGreaterThan(RUNS / 10);
        expect(states.get("completed") ?? 0).toBeGreaterThan(RUNS / 10);
    });
});
