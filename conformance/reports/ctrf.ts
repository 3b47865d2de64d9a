import type { CaseResult, Verdict } from "../runner.js";
import type { Summary } from "./summary.js";

const STATUS: Readonly<Record<Verdict, string>> = { passed: "passed", failed: "failed", policy: "other", notApplicable: "skipped", error: "other" };

/** Common Test Report Format (ctrf.io). */
export function ctrf(results: readonly CaseResult[], summary: Summary, times: { readonly startMs: number; readonly stopMs: number }): string {
    const report = {
        results: {
            tool: { name: "selvage conform" },
            summary: {
                tests: results.length,
                passed: summary.passed,
                failed: summary.failed,
                pending: 0,
                skipped: summary.notApplicable,
                other: summary.policy + summary.errors,
                start: Math.round(times.startMs),
                stop: Math.round(times.stopMs),
            },
            tests: results.map(({ case: each, verdict, reason, ms }) => ({
                name: `${each.alias} ${each.must}`,
                status: STATUS[verdict],
                duration: Math.round(ms),
                suite: `JFDS ${each.section}`,
                ...(reason === undefined ? {} : { message: reason }),
                rawStatus: verdict,
                tags: [each.level, ...each.reqs],
            })),
            extra: { ...summary },
        },
    };
    return `${JSON.stringify(report, null, 2)}\n`;
}
