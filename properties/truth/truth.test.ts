import { describe, expect, it } from "vitest";
import { Groups } from "../../src/core/clusters.js";
import { Status } from "../../src/core/status.js";
import type { ModelHandle } from "./comparison.js";
import { compareWithRealNodes, type TruthFinding } from "./run-truth.js";
import { commandText } from "./value-text.js";

/** Under load, a command with all that is looked at takes some 40 ms. */
const LIMIT_MS = 120_000;

const shown = (findings: readonly TruthFinding[]) =>
    findings.map(({ sequence, finding }) => ({ sequence: sequence.map(commandText), differences: finding.differences }));

describe("device models against real matter.js nodes", () => {
    it(
        "differ in nothing that is not listed, and under matter.js's rules in nothing",
        async () => {
            const { clusters, findings } = await compareWithRealNodes({ runs: 40, seed: 7 });
            expect(shown(findings)).toEqual([]);
            for (const name of ["GroupKeyManagement", "Groups"]) {
                expect(clusters.get(name)?.compared).toBeGreaterThan(30);
            }
        },
        LIMIT_MS,
    );

    it(
        "is told, in few commands, of a model with one status changed",
        async () => {
            const forgiving: ModelHandle = (node, request) => {
                const answer = node.handle(request);
                const isRemoval = request.op === "invoke" && request.cluster === Groups.id && request.command === Groups.commands.removeGroup;
                return isRemoval && answer.kind === "response" && answer.fields["status"] === Status.NOT_FOUND
                    ? { ...answer, fields: { ...answer.fields, status: Status.SUCCESS } }
                    : answer;
            };
            const { clusters, findings } = await compareWithRealNodes({ runs: 60, seed: 7, clusters: ["Groups"], handle: forgiving, shrinkMs: 10_000 });
            expect(clusters.get("Groups")?.differences).toBe(1);
            expect(findings).toHaveLength(1);
            expect(findings[0]!.sequence).toHaveLength(1);
            const { command, differences } = findings[0]!.finding;
            expect(commandText(command)).toContain("Groups: invoke");
            expect(differences.map(({ rules, aspect }) => `${rules} ${aspect}`)).toEqual(["matter.js answer", "specification answer"]);
        },
        LIMIT_MS,
    );
});
