import type { CaseResult } from "../runner.js";
import { escaped } from "./escaped.js";
import type { Summary } from "./summary.js";

/** JUnit's XML, as continuous integration servers read it: one test suite for each section of the specification. */
export function junit(results: readonly CaseResult[], summary: Summary): string {
    const sections = [...new Set(results.map(result => result.case.section))];
    const suites = sections.map(section => suite(section, results.filter(result => result.case.section === section)));
    const { passed, failed, policy, notApplicable, errors } = summary;
    const tests = passed + failed + policy + notApplicable + errors;
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="selvage conform ${escaped(summary.target)}" tests="${tests}" failures="${failed}" errors="${errors}" skipped="${notApplicable}">`,
        ...suites,
        "</testsuites>",
        "",
    ].join("\n");
}

function suite(section: string, results: readonly CaseResult[]): string {
    const count = (verdict: CaseResult["verdict"]) => results.filter(result => result.verdict === verdict).length;
    const head = `<testsuite name="JFDS ${escaped(section)}" tests="${results.length}" failures="${count("failed")}" errors="${count("error")}" skipped="${count("notApplicable")}">`;
    return [`  ${head}`, ...results.map(testCase), "  </testsuite>"].join("\n");
}

function testCase({ case: each, verdict, reason = "", ms, evidence, policies }: CaseResult): string {
    const open = `    <testcase classname="JFDS ${escaped(each.section)}" name="${escaped(`${each.alias} ${each.must}`)}" time="${(ms / 1000).toFixed(3)}"`;
    const text = evidence.map(({ what, detail }) => (detail === undefined ? what : `${what} ${detail}`)).join("\n");
    switch (verdict) {
        case "failed":
            return `${open}>\n      <failure message="${escaped(reason)}">${escaped(text)}</failure>\n    </testcase>`;
        case "error":
            return `${open}>\n      <error message="${escaped(reason)}">${escaped(text)}</error>\n    </testcase>`;
        case "notApplicable":
            return `${open}>\n      <skipped message="${escaped(reason)}"/>\n    </testcase>`;
        case "policy":
            return `${open}>\n      <system-out>${escaped(`policy: ${reason}`)}</system-out>\n    </testcase>`;
        case "passed":
            return policies.length === 0 ? `${open}/>` : `${open}>\n      <system-out>${escaped(policies.join("\n"))}</system-out>\n    </testcase>`;
    }
}
