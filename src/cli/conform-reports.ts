import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { badge } from "../../conformance/reports/badge.js";
import { ctrf } from "../../conformance/reports/ctrf.js";
import { html } from "../../conformance/reports/html.js";
import { junit } from "../../conformance/reports/junit.js";
import { ndjson } from "../../conformance/reports/ndjson.js";
import type { Summary } from "../../conformance/reports/summary.js";
import type { CaseResult } from "../../conformance/runner.js";
import { UsageError } from "./usage-error.js";

interface Run {
    readonly results: readonly CaseResult[];
    readonly summary: Summary;
    /** Milliseconds since 1970. */
    readonly times: { readonly startMs: number; readonly stopMs: number };
}

const FILES: Readonly<Record<string, { readonly name: string; readonly text: (run: Run) => string }>> = {
    junit: { name: "junit.xml", text: ({ results, summary }) => junit(results, summary) },
    html: { name: "index.html", text: ({ results, summary }) => html(results, summary) },
    json: { name: "results.ndjson", text: ({ results, summary }) => ndjson(results, summary) },
    ctrf: { name: "ctrf.json", text: ({ results, summary, times }) => ctrf(results, summary, times) },
    badge: { name: "badge.svg", text: ({ summary }) => badge(summary) },
};

export const reportKinds: readonly string[] = Object.keys(FILES);

/** @throws UsageError for a kind of report that there is not */
export function writeReports(kinds: readonly string[], directory: string, run: Run): void {
    for (const kind of kinds) {
        const file = FILES[kind];
        if (file === undefined) {
            throw new UsageError("BAD_ARGUMENT", `There is no report "${kind}". Known: ${reportKinds.join(", ")}.`);
        }
        mkdirSync(directory, { recursive: true });
        writeFileSync(join(directory, file.name), file.text(run));
    }
}
