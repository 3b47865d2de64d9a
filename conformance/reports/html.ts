import { requirements, type Requirement } from "../requirements.js";
import type { CaseResult } from "../runner.js";
import { escaped } from "./escaped.js";
import { STYLE } from "./html-style.js";
import type { Summary } from "./summary.js";

const GRADES = { M: "explicit", D: "derived", P: "policy" } as const;

/** One page without anything from elsewhere: each requirement with its cases, and each case with its evidence. */
export function html(results: readonly CaseResult[], summary: Summary): string {
    const byRequirement = requirements.map(requirement => ({ requirement, results: results.filter(({ case: each }) => each.reqs.includes(requirement.id)) }));
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>JFDS conformance: ${escaped(summary.target)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Joint Fabric Datastore, Matter 1.6: <em>${escaped(summary.target)}</em></h1>
<p class="figures">${figures(summary)}</p>
<h2>Requirements and cases</h2>
<table class="matrix">
<thead><tr><th>Requirement</th><th>Section</th><th>Grade</th><th>What must hold</th><th>Cases</th></tr></thead>
<tbody>
${byRequirement.map(({ requirement, results: cases }) => requirementRow(requirement, cases)).join("\n")}
</tbody>
</table>
<h2>Cases</h2>
${results.map(caseSection).join("\n")}
</body>
</html>
`;
}

function figures({ passed, failed, policy, notApplicable, errors, requirementsCovered, requirementsTotal }: Summary): string {
    const parts: readonly (readonly [string, number, string])[] = [
        ["passed", passed, "passed"],
        ["failed", failed, "failed"],
        ["policy", policy, "policy"],
        ["notApplicable", notApplicable, "not applicable"],
        ["error", errors, "errors"],
    ];
    const counts = parts.map(([style, count, text]) => `<span class="${style}">${count} ${text}</span>`).join(" ");
    return `${counts} <span>${requirementsCovered} of ${requirementsTotal} requirements covered</span>`;
}

function requirementRow({ id, section, grade, text }: Requirement, results: readonly CaseResult[]): string {
    const cells = results.map(({ case: each, verdict, reason }) => {
        const title = escaped(`${each.must}${reason === undefined ? "" : ` — ${reason}`}`);
        return `<a class="${verdict}" href="#${each.alias}" title="${title}">${each.alias.slice("JFDS-".length)}</a>`;
    });
    const cases = cells.length === 0 ? '<span class="none">none</span>' : cells.join(" ");
    return `<tr><td>${id}</td><td>${escaped(section)}</td><td>${GRADES[grade]}</td><td>${escaped(text)}</td><td>${cases}</td></tr>`;
}

function caseSection({ case: each, verdict, reason, policies, evidence }: CaseResult): string {
    const notes = policies.map(policy => `<li>policy: ${escaped(policy)}</li>`).join("");
    const steps = evidence.map(({ what, detail }) => `<li>${escaped(what)}${detail === undefined ? "" : ` <code>${escaped(detail)}</code>`}</li>`).join("");
    return `<details id="${each.alias}"${verdict === "failed" || verdict === "error" ? " open" : ""}>
<summary><span class="${verdict}">${verdict}</span> <b>${each.alias}</b> ${escaped(each.id)} ${escaped(each.must)}</summary>
<dl><dt>Requirements</dt><dd>${each.reqs.join(", ")} (${each.level})</dd><dt>Fixture</dt><dd>${each.fixture}</dd><dt>Stimulus</dt><dd>${escaped(each.when)}</dd><dt>Expectation</dt><dd>${escaped(each.then)}</dd>${
        reason === undefined ? "" : `<dt>Verdict</dt><dd>${escaped(reason)}</dd>`
    }</dl>
<ol>${notes}${steps}</ol>
</details>`;
}
