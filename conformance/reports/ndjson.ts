import type { CaseResult } from "../runner.js";
import type { Summary } from "./summary.js";

/** One case as one line. Wall time is left out, so that two runs can be compared. */
export function resultLine({ case: each, verdict, reason, blocked, policies, evidence }: CaseResult): string {
    const { id, alias, level, section, must, reqs, fixture, when, then } = each;
    return JSON.stringify({
        type: "case",
        id,
        alias,
        level,
        section,
        requirement: must,
        requirements: reqs,
        fixture,
        stimulus: when,
        expectation: then,
        verdict,
        reason,
        blocked,
        policies: policies.length === 0 ? undefined : policies,
        evidence: verdict === "passed" || verdict === "notApplicable" ? undefined : evidence,
    });
}

/** The last line. */
export function summaryLine(summary: Summary): string {
    return JSON.stringify(summary);
}

export function ndjson(results: readonly CaseResult[], summary: Summary): string {
    return `${[...results.map(resultLine), summaryLine(summary)].join("\n")}\n`;
}
