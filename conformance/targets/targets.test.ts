import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cases } from "../cases/index.js";
import { resultLine } from "../reports/ndjson.js";
import { runCases, type CaseResult } from "../runner.js";
import type { Target } from "../target.js";
import { ModelTarget } from "./model-target.js";
import { openModule } from "./module-target.js";
import { PlainTarget } from "./plain-target.js";
import { StdioTarget } from "./stdio-target.js";

const REFERENCE_ADAPTER = `"${process.execPath}" --import tsx conformance/stdio/reference-adapter.ts`;

const notPassed = (results: readonly CaseResult[]) =>
    results.filter(({ verdict }) => verdict !== "passed" && verdict !== "notApplicable").map(({ case: each, verdict, reason }) => ({ case: each.alias, verdict, reason }));

/** Somebody else's server: a map, and two commands. */
const TINY_MODULE = `
const OWN = { groupKeySetId: 0, groupKeySecurityPolicy: 0, epochKey0: new Uint8Array(16), epochStartTime0: 1n,
    epochKey1: null, epochStartTime1: null, epochKey2: null, epochStartTime2: null };
async function open() {
    const sets = new Map([[0, OWN]]);
    const value = attribute => attribute === "groupKeySetList" ? [...sets.values()] : [];
    return {
        invoke: async (command, { groupKeySet, groupKeySetId }) => {
            if (command === "addKeySet") {
                if (sets.has(groupKeySet.groupKeySetId)) return { status: 0x87 };
                sets.set(groupKeySet.groupKeySetId, groupKeySet);
                return { status: 0 };
            }
            if (command !== "removeKeySet") return { status: 0x81 };
            if (groupKeySetId === 0) return { status: 0x87 };
            return { status: sets.delete(groupKeySetId) ? 0 : 0x8b };
        },
        read: async attribute => ({ status: 0, value: value(attribute) }),
        readAll: async () => ({ attributes: { groupKeySetList: value("groupKeySetList") } }),
        settle: async () => {},
        close: async () => {},
    };
}
export const createTarget = () => ({ name: "tiny", capabilities: new Set(), cleanUpPeriodMs: 1000, open, close: async () => {} });
`;

describe("targets", () => {
    it("the plain server, written for the suite, passes everything that it can be asked", async () => {
        expect(notPassed(await runCases(cases, new PlainTarget()))).toEqual([]);
    });

    it("the datastore passes everything that it can be asked without a node to host it", async () => {
        expect(notPassed(await runCases(cases, new ModelTarget()))).toEqual([]);
    });

    it("two runs of the same target say the same, but for times", async () => {
        const some = cases.filter(({ alias }) => /RFN|STM/.test(alias));
        const [one, other] = [await runCases(some, new ModelTarget()), await runCases(some, new ModelTarget())];
        expect(one.map(result => JSON.stringify([resultLine(result), result.evidence]))).toEqual(other.map(result => JSON.stringify([resultLine(result), result.evidence])));
    });

    it("the reference adapter, a program of its own, gives the verdicts of the target that it serves", async () => {
        const target = await StdioTarget.start(REFERENCE_ADAPTER);
        const verdicts = (results: readonly CaseResult[]) => results.map(({ case: each, verdict }) => `${each.alias} ${verdict}`);
        const own = new ModelTarget();
        try {
            expect(target.cleanUpPeriodMs).toBe(own.cleanUpPeriodMs);
            expect(verdicts(await runCases(cases, target))).toEqual(verdicts(await runCases(cases, own)));
        } finally {
            await target.close();
        }
    });

    it("a program that is no adapter is told as such", async () => {
        await expect(StdioTarget.start("echo hello; cat > /dev/null")).rejects.toMatchObject({ code: "PROTOCOL" });
        await expect(StdioTarget.start("exit 3")).rejects.toMatchObject({ code: "ENDED" });
    });

    it("a module's server is judged by what it can do", async () => {
        const path = join(mkdtempSync(join(tmpdir(), "selvage-conform-")), "tiny.mjs");
        writeFileSync(path, TINY_MODULE);
        const target: Target = await openModule(path);
        const results = await runCases(cases.filter(({ alias }) => /AKS-0[1234]|RKS-0[12]|AGR-06/.test(alias)), target);
        expect(results.map(({ case: each, verdict }) => `${each.alias} ${verdict}`)).toEqual([
            "JFDS-AKS-01 notApplicable",
            "JFDS-AKS-02 passed",
            "JFDS-AKS-03 passed",
            "JFDS-AKS-04 failed",
            "JFDS-RKS-01 passed",
            "JFDS-RKS-02 passed",
            "JFDS-AGR-06 failed",
        ]);
        expect(results[0]!.reason).toContain("members");
    });

    it("a module without a target is told as such", async () => {
        await expect(openModule("conformance/values.ts")).rejects.toMatchObject({ code: "NO_TARGET" });
        await expect(openModule("no/such/file.js")).rejects.toMatchObject({ code: "NO_TARGET" });
    });
});
