import { describe, expect, it } from "vitest";
import { cases } from "../cases/index.js";
import { parseExpectations, surprisesOf } from "../expectations.js";
import { epochKey, K1 } from "../fixtures.js";
import { runCases, type CaseResult } from "../runner.js";
import { PlainTarget } from "../targets/plain-target.js";
import { deviants } from "../deviants/index.js";
import { badge } from "./badge.js";
import { ctrf } from "./ctrf.js";
import { html } from "./html.js";
import { junit } from "./junit.js";
import { ndjson } from "./ndjson.js";
import { summaryOf } from "./summary.js";

const inUse = deviants.find(({ name }) => name === "KeySetRemovedInUse")!;
const some = cases.filter(({ alias }) => /RKS|AKS-11|UKS-05/.test(alias));

async function run(): Promise<readonly CaseResult[]> {
    return runCases(some, new PlainTarget("deviant", inUse.kind));
}

describe("reports", () => {
    it("the last line of the NDJSON has the figures", async () => {
        const results = await run();
        const lines = ndjson(results, summaryOf("deviant", results, surprisesOf(results, []))).trimEnd().split("\n");
        expect(lines).toHaveLength(some.length + 1);
        expect(JSON.parse(lines.at(-1)!)).toMatchObject({ passed: 7, failed: 4, notApplicable: 1, errors: 0, unexpectedFailures: 4, requirementsTotal: 251 });
    });

    it("each format has the failures with their reasons, and no epoch key", async () => {
        const results = await run();
        const summary = summaryOf("deviant", results, []);
        const times = { startMs: 0, stopMs: 1 };
        const texts = [junit(results, summary), html(results, summary), ctrf(results, summary, times), ndjson(results, summary)];
        for (const text of texts) {
            expect(text).toContain("removeKeySet is answered SUCCESS instead of CONSTRAINT_ERROR");
            for (const secret of [K1, 50].map(seed => Buffer.from(epochKey(seed)))) {
                expect(text).not.toContain(secret.toString("hex"));
                expect(text).not.toContain([...secret].join(","));
            }
        }
        expect(junit(results, summary)).toContain('failures="4"');
        expect(html(results, summary)).not.toMatch(/(src|href)="http/);
        expect(badge(summary)).toContain("4 failed, 7 passed");
    });
});

describe("expectations", () => {
    it("known failures are no surprise, and a pass of a case that is known to fail is", async () => {
        const known = (name: string) => ({ case: name, reason: "known" });
        const results = await run();
        const expectations = parseExpectations(JSON.stringify({ knownFailures: ["JFDS-RKS-04", "JFDS/11.24.7.3/5", "JFDS-RKS-01"].map(known) }));
        const surprises = surprisesOf(results, expectations).map(({ kind, result }) => `${kind} ${result.case.alias}`);
        expect(surprises).toEqual(["pass JFDS-RKS-01", "failure JFDS-RKS-06", "failure JFDS-RKS-08"]);
    });

    it.each(["", "[]", '{"knownFailures":[{"case":"x"}]}', '{"knownFailures":[{"case":"x","reason":""}]}'])("%s is no file of them", text => {
        expect(() => parseExpectations(text)).toThrow(expect.objectContaining({ code: "BAD_EXPECTATIONS" }) as Error);
    });
});
