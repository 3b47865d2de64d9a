/** Goal: the table of `selvage start` tells every number and name in full, however long. */
import { describe, expect, it } from "vitest";
import type { ScenarioResult } from "../../scenarios/index.js";
import type { Fuzzed } from "./fuzz-campaign.js";
import { startTable } from "./start-report.js";

const played: ScenarioResult = {
    name: "a-scenario-with-quite-a-long-name",
    title: "It has a title",
    nodes: "matter",
    passed: true,
    shown: Array.from({ length: 123 }, (_, at) => `fact ${at}`),
    virtualMs: 600_000,
    wallMs: 900,
    error: undefined,
    traceHash: "",
};

function fuzzed(schedules: number): Fuzzed {
    const result = { schedules, failures: 0, simulatedSeconds: 1e9, wallSeconds: 10, schedulesPerSecond: 2_170, eventsMedian: 120, faults: { crashShare: 0.3, outageShare: 0.6 } };
    return { result, workers: 2, profile: { name: "standard" } } as unknown as Fuzzed;
}

describe("the table of what was shown", () => {
    it.each([
        [21_734, "21,734"],
        [12_345_678, "12,345,678"],
    ])("tells %i schedules in full", (schedules, text) => {
        expect(startTable([played], fuzzed(schedules))).toContain(` ${text} `);
    });

    it("cuts nothing off", () => {
        const table = startTable([played], fuzzed(21_734));
        expect(table).toContain(played.name);
        expect(table).toContain(played.title);
        expect(table).toContain(" 123 ");
        expect(table).not.toContain("…");
    });

    it("says on which nodes each scenario took place", () => {
        const table = startTable([played, { ...played, name: "another", nodes: "sim" }], fuzzed(1));
        const [real, simulated] = [table.indexOf("On real, commissioned matter.js nodes"), table.indexOf("On simulated nodes")];
        expect([real, table.indexOf(played.name), simulated, table.indexOf("another")].every((at, index, all) => at > (all[index - 1] ?? 0))).toBe(true);
    });

    it("says why a scenario failed", () => {
        const table = startTable([{ ...played, passed: false, error: "not so: the light is on\n  is: false" }], fuzzed(1));
        expect(table).toContain("not so: the light is on");
        expect(table).not.toContain("is: false");
    });
});
