import { describe, expect, it } from "vitest";
import { AccessControl, Groups, OperationalCredentials } from "../../src/core/clusters.js";
import { Status } from "../../src/core/status.js";
import { ScenesManagement } from "../../sim/devices/composition.js";
import { truthClusters } from "./clusters.js";
import type { ModelHandle } from "./comparison.js";
import { knownDifferences } from "./known-differences.js";
import { compareWithRealNodes, type TruthFinding } from "./run-truth.js";
import { commandText } from "./value-text.js";

/** Under load, a command with all that is looked at takes some 40 ms. */
const LIMIT_MS = 120_000;

const shown = (findings: readonly TruthFinding[]) =>
    findings.map(({ sequence, finding }) => ({ sequence: sequence.map(commandText), differences: finding.differences }));

/** Leaving a group that the endpoint is not in succeeds. */
const forgiving: ModelHandle = (node, request) => {
    const answer = node.handle(request);
    const isRemoval = request.op === "invoke" && request.cluster === Groups.id && request.command === Groups.commands.removeGroup;
    return isRemoval && answer.kind === "response" && answer.fields["status"] === Status.NOT_FOUND
        ? { ...answer, fields: { ...answer.fields, status: Status.SUCCESS } }
        : answer;
};

/** A full access control list is told by another status. */
const imprecise: ModelHandle = (node, request) => {
    const answer = node.handle(request);
    const isFull = request.cluster === AccessControl.id && answer.kind === "status" && answer.status === Status.RESOURCE_EXHAUSTED;
    return isFull ? { kind: "status", status: Status.CONSTRAINT_ERROR } : answer;
};

/** What takes a fail-safe is refused without one, by another status. */
const unguarded: ModelHandle = (node, request) => {
    const answer = node.handle(request);
    const isOfCertificates = request.op === "invoke" && request.cluster === OperationalCredentials.id;
    return isOfCertificates && answer.kind === "status" && answer.status === Status.FAILSAFE_REQUIRED ? { kind: "status", status: Status.INVALID_IN_STATE } : answer;
};

/** A scene of a group that is not there cannot be found. */
const easygoing: ModelHandle = (node, request) => {
    const answer = node.handle(request);
    return request.cluster === ScenesManagement.id && answer.kind === "response" && answer.fields["status"] === Status.INVALID_COMMAND
        ? { ...answer, fields: { ...answer.fields, status: Status.NOT_FOUND } }
        : answer;
};

describe("device models against real matter.js nodes", () => {
    it(
        "differ in nothing that is not listed, and under matter.js's rules in nothing",
        async () => {
            const { clusters, findings } = await compareWithRealNodes({ runs: 28, seed: 7 });
            expect(shown(findings)).toEqual([]);
            for (const { name } of truthClusters) {
                expect([name, clusters.get(name)?.compared]).toEqual([name, expect.toSatisfy((compared: number) => compared > 10)]);
            }
        },
        LIMIT_MS,
    );

    it.each([
        ["Groups", "one command", forgiving, "Groups: invoke"],
        ["AccessControl", "one command", imprecise, "AccessControl: write 0/0x1f/0"],
        ["OperationalCredentials", "one command", unguarded, "OperationalCredentials: invoke 0/0x3e/"],
        ["ScenesManagement", "one command", easygoing, "ScenesManagement: invoke"],
    ])(
        "is told of a model of %s with one status changed, in %s",
        async (cluster, _, handle, command) => {
            const { clusters, findings } = await compareWithRealNodes({ runs: 60, seed: 7, clusters: [cluster], handle, shrinkMs: 5_000 });
            expect(clusters.get(cluster)?.differences).toBe(1);
            expect(findings).toHaveLength(1);
            const { sequence, finding } = findings[0]!;
            expect(sequence).toHaveLength(1);
            expect(commandText(finding.command)).toContain(command);
            expect(finding.differences.map(({ rules, aspect }) => `${rules} ${aspect}`)).toEqual(["matter.js answer", "specification answer"]);
        },
        LIMIT_MS,
    );
});

describe("known differences", () => {
    it("have names of their own, a section and a reason", () => {
        expect(new Set(knownDifferences.map(({ name }) => name)).size).toBe(knownDifferences.length);
        for (const { section, reason } of knownDifferences) {
            expect(section).toMatch(/^(core|cluster) \d+(\.\d+)+$/);
            expect(reason).toMatch(/\.$/);
        }
    });
});
