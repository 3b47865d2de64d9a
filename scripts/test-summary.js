/**
 * Prints "N passed, N failed" from vitest's JSON report. Usage: node scripts/test-summary.js <exit status of npm test>
 *
 * What fails outside a test (build, types, lint, a test file that does not load) counts as one failure, so that the line
 * never looks better than the exit status.
 */
import { readFileSync } from "node:fs";

const REPORT = "selvage-report/vitest.json";
const exitStatus = Number(process.argv[2] ?? 0);

/** @returns {{ passed: number, failed: number }} */
function counts() {
    let report;
    try {
        report = JSON.parse(readFileSync(REPORT, "utf8"));
    } catch {
        return { passed: 0, failed: 0 };
    }
    const unloaded = report.testResults.filter(file => file.status === "failed" && file.assertionResults.length === 0);
    return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}

const { passed, failed } = counts();
console.log(`${passed} passed, ${failed === 0 && exitStatus !== 0 ? 1 : failed} failed`);
