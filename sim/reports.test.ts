import { describe, expect, it } from "vitest";
import { noFaults, STALE_REPORT_MS, type FaultPlan } from "./fault-plan.js";
import { Reports, type ReportFate } from "./reports.js";

const NOW = 1_000;

function fates(plan: Partial<FaultPlan>, count = 200, seed = 1): ReportFate[] {
    const reports = new Reports();
    reports.begin({ ...noFaults, ...plan }, 1, seed);
    return Array.from({ length: count }, () => ({ ...reports.decide(0, NOW) }));
}

describe("an attribute report", () => {
    it("arrives after one way when nothing is wrong, and once", () => {
        for (const { atMs, againAtMs } of fates({ reported: 1000, latencyMinMs: 5, latencyMaxMs: 9 })) {
            expect(atMs - NOW).toBeGreaterThanOrEqual(5);
            expect(atMs - NOW).toBeLessThanOrEqual(9);
            expect(againAtMs).toBe(-1);
        }
    });

    it("is lost as often as the plan says", () => {
        const lost = fates({ reported: 700 }, 2_000).filter(({ atMs }) => atMs < 0).length;
        expect(lost).toBeGreaterThan(520);
        expect(lost).toBeLessThan(680);
    });

    it("can be so late that another overtakes it", () => {
        const times = fates({ reported: 1000, reportDelayMaxMs: 10_000 }).map(({ atMs }) => atMs - NOW);
        expect(Math.max(...times)).toBeGreaterThan(9_000);
        expect(times.some((atMs, i) => i > 0 && atMs < times[i - 1]!)).toBe(true);
    });

    it("comes once more while it is no older than a stale one may be", () => {
        for (const { atMs, againAtMs } of fates({ reported: 1000, reportAgain: 1000 })) {
            expect(againAtMs).toBeGreaterThan(atMs);
            expect(againAtMs - atMs).toBeLessThanOrEqual(STALE_REPORT_MS);
        }
    });

    it("arrives soon and once in calm, if anybody subscribes", () => {
        const reports = new Reports();
        reports.begin({ ...noFaults, reported: 1, reportDelayMaxMs: 50_000, reportAgain: 1000 }, 1, 1);
        reports.calm();
        for (let i = 0; i < 100; i++) {
            const { atMs, againAtMs } = reports.decide(0, NOW);
            expect(atMs - NOW).toBeLessThanOrEqual(noFaults.latencyMaxMs);
            expect([atMs < NOW, againAtMs]).toEqual([false, -1]);
        }
        reports.begin(noFaults, 1, 1);
        reports.calm();
        expect(reports.isOn).toBe(false);
    });

    it("is decided the same for the same seed", () => {
        const plan = { reported: 500, reportAgain: 300, reportDelayMaxMs: 1_000 };
        expect(fates(plan, 50, 3)).toEqual(fates(plan, 50, 3));
        expect(fates(plan, 50, 3)).not.toEqual(fates(plan, 50, 4));
    });
});
