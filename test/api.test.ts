/**
 * Goal: a change of the public API is seen in review, and nobody exports what cannot be understood or named. Method: a report
 * of each entry point, made from the emitted declarations, is held against the one in `api/`. `npm run api` brings it up to date.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { apiReport, type ApiReport } from "./api-report.js";
import { ENTRY_POINTS, PENDING, ROOT } from "./package.js";

const pending = ENTRY_POINTS.filter(({ path }) => PENDING.includes(path));
const present = ENTRY_POINTS.filter(({ path }) => !PENDING.includes(path));

describe.runIf(pending.length > 0).each(pending)("the entry point $specifier", ({ path, specifier, types }) => {
    it("does not exist yet", () => {
        expect(existsSync(types), `${specifier} has arrived: take "${path}" out of PENDING in test/package.ts`).toBe(false);
    });
});

describe.each(present)("the public API of $specifier", ({ specifier, types }) => {
    const name = specifier.replace("/", "-");
    let report: ApiReport;

    beforeAll(() => {
        report = reportOf(specifier, types);
    });

    it("is as reported in api/", async () => {
        await expect(report.text, `The API of ${specifier} changed. If that is meant: npm run api, and commit api/.`).toMatchFileSnapshot(
            join(ROOT, "api", `${name}.api.md`),
        );
    });

    it("is documented", () => {
        expect(report.undocumented).toEqual([]);
    });

    it("mentions only what can be imported from some entry point", () => {
        // Until all entry points exist, nobody can tell what will be exported by the missing ones.
        if (pending.length > 0) return;
        const importable = new Set(present.flatMap(entry => reportOf(entry.specifier, entry.types).exports));
        expect(report.unexported.filter(symbol => !importable.has(symbol))).toEqual([]);
    });
});

const reports = new Map<string, ApiReport>();

function reportOf(specifier: string, types: string): ApiReport {
    const report = reports.get(specifier) ?? apiReport(ROOT, specifier.replace("/", "-"), types);
    reports.set(specifier, report);
    return report;
}
