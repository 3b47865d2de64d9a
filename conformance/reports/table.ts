import Table from "cli-table3";
import pc from "picocolors";
import type { Expectation, Surprise } from "../expectations.js";
import type { CaseResult, Verdict } from "../runner.js";
import type { Summary } from "./summary.js";

const SHOWN: Readonly<Record<Verdict, (text: string) => string>> = { passed: pc.green, failed: pc.red, policy: pc.yellow, notApplicable: pc.dim, error: pc.magenta };

/** A line for a case that people should look at; undefined for one that passed. */
export function noteworthyLine({ case: each, verdict, reason }: CaseResult): string | undefined {
    return verdict === "passed" || verdict === "notApplicable" ? undefined : `${SHOWN[verdict](verdict)} ${each.alias} ${each.must}\n    ${reason ?? ""}`;
}

/** Verdicts by section of the specification, the surprises, and the figures. */
export function resultTable(results: readonly CaseResult[], summary: Summary, surprises: readonly Surprise[], expectations: readonly Expectation[]): string {
    const table = new Table({ head: ["section", "passed", "failed", "policy", "not applicable", "errors"], style: { head: [], border: [] }, colAligns: ["left"] });
    for (const section of new Set(results.map(result => result.case.section))) {
        const count = (verdict: Verdict) => {
            const number = results.filter(result => result.case.section === section && result.verdict === verdict).length;
            return number === 0 ? "" : SHOWN[verdict](String(number));
        };
        table.push([section, count("passed"), count("failed"), count("policy"), count("notApplicable"), count("error")]);
    }
    const passes = surprises.filter(({ kind }) => kind === "pass").map(({ result }) => `unexpected pass: ${result.case.alias} is expected to fail`);
    const { passed, failed, policy, notApplicable, errors, requirementsCovered, requirementsTotal } = summary;
    const figures = `${summary.target}: ${passed} passed, ${failed} failed, ${policy} policy, ${notApplicable} not applicable, ${errors} errors; ${requirementsCovered} of ${requirementsTotal} requirements covered`;
    const known = failed - summary.unexpectedFailures;
    return [table.toString(), ...passes, figures, ...(known > 0 ? [`${known} of ${expectations.length} known failures occurred`] : [])].join("\n");
}
