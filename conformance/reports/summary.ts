import { requirements } from "../requirements.js";
import type { CaseResult, Verdict } from "../runner.js";
import type { Surprise } from "../expectations.js";

/** The figures of a run: what the last line of the NDJSON output carries. */
export interface Summary {
    readonly target: string;
    readonly passed: number;
    readonly failed: number;
    /** Cases in which the server does otherwise than the suite's default, where the specification is silent. */
    readonly policy: number;
    readonly notApplicable: number;
    /** Cases about which nothing is known: the suite or the target broke down. */
    readonly errors: number;
    /** Requirements with at least one case that gave a verdict. */
    readonly requirementsCovered: number;
    readonly requirementsTotal: number;
    /** Failures that nobody expected. */
    readonly unexpectedFailures: number;
    readonly unexpectedPasses: number;
}

export function summaryOf(target: string, results: readonly CaseResult[], surprises: readonly Surprise[]): Summary {
    const count = (verdict: Verdict) => results.filter(result => result.verdict === verdict).length;
    const judged = results.filter(({ verdict }) => verdict !== "notApplicable" && verdict !== "error");
    return {
        target,
        passed: count("passed"),
        failed: count("failed"),
        policy: count("policy"),
        notApplicable: count("notApplicable"),
        errors: count("error"),
        requirementsCovered: new Set(judged.flatMap(result => result.case.reqs)).size,
        requirementsTotal: requirements.length,
        unexpectedFailures: surprises.filter(({ kind }) => kind === "failure").length,
        unexpectedPasses: surprises.filter(({ kind }) => kind === "pass").length,
    };
}
