import { describe, expect, it } from "vitest";
import { drawFaultPlan, drawOutages, noFaults, type FaultPlan } from "./fault-plan.js";
import { Random } from "./random.js";

const CLASSES = ["lossBeforeEffect", "lossAfterEffect", "lateEffect", "duplicateEffect", "notSent", "eventMissing", "outagesMax", "storeRefusal"] as const;
const plans = Array.from({ length: 500 }, (_, seed) => drawFaultPlan(new Random(seed)));

describe("drawFaultPlan", () => {
    it("draws plain integers only, so that JSON carries a plan", () => {
        for (const plan of plans) {
            expect(Object.values(plan).every(value => Number.isInteger(value) && value >= 0)).toBe(true);
            expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
        }
    });
    it("gives the same plan for the same seed", () => {
        expect(drawFaultPlan(new Random(7))).toEqual(plans[7]);
    });
    it.each(CLASSES)("switches %s on in some schedules and off in others, in different strengths", name => {
        const strengths = plans.map(plan => plan[name]);
        const off = strengths.filter(strength => strength === 0).length;
        expect(off).toBeGreaterThan(75);
        expect(off).toBeLessThan(425);
        expect(new Set(strengths).size).toBeGreaterThan(2);
    });
    it("keeps ranges in order and probabilities in range", () => {
        for (const plan of [...plans, noFaults]) {
            expect(plan.latencyMinMs).toBeLessThanOrEqual(plan.latencyMaxMs);
            expect(plan.giveUpMinMs).toBeLessThanOrEqual(plan.giveUpMaxMs);
            expect(plan.storeLatencyMinMs).toBeLessThanOrEqual(plan.storeLatencyMaxMs);
            for (const name of CLASSES) {
                expect(plan[name]).toBeLessThanOrEqual(1000);
            }
        }
    });
    it("gives at least 60 % of the schedules an outage on one of three nodes", () => {
        const withOutage = plans.filter((plan, seed) =>
            [0, 1, 2].some(node => drawOutages(plan, new Random(seed).fork(node), 600_000).length > 0),
        );
        expect(withOutage.length / plans.length).toBeGreaterThan(0.6);
    });
});

describe("drawOutages", () => {
    const plan: FaultPlan = { ...noFaults, outagesMax: 3, outageMinMs: 10, outageMaxMs: 1000, outageAtStart: 300 };
    const drawn = Array.from({ length: 500 }, (_, seed) => drawOutages(plan, new Random(seed), 5000));
    it("are pairs, ascending, apart, begun within the horizon, of the lengths of the plan", () => {
        for (const outages of drawn) {
            expect(outages.length % 2).toBe(0);
            for (let i = 0; i < outages.length; i += 2) {
                expect(outages[i]!).toBeGreaterThan(i === 0 ? -1 : outages[i - 1]!);
                expect(outages[i]!).toBeLessThan(5000);
                expect(outages[i + 1]! - outages[i]!).toBeGreaterThanOrEqual(10);
                expect(outages[i + 1]! - outages[i]!).toBeLessThanOrEqual(1000);
            }
        }
    });
    it("begin at once as often as the plan says", () => {
        const atStart = drawn.filter(outages => outages[0] === 0).length;
        expect(atStart).toBeGreaterThan(100);
        expect(atStart).toBeLessThan(200);
    });
    it("are none without faults", () => {
        expect(drawOutages(noFaults, new Random(1), 5000)).toEqual([]);
    });
});
