import { beforeAll, describe, expect, it } from "vitest";
import { runScenario, scenarios } from "../scenarios/index.js";
import { runScenarioWith } from "../scenarios/run-scenario.js";
import { forgetConditions, hearNoReports, pretend } from "./scenarios-saboteurs.js";

/** Sized for a busy machine: a scenario takes about half a second of its own. */
const TIMEOUT_MS = 60_000;

const byName = new Map(scenarios.map(scenario => [scenario.name, scenario]));
const hashes = new Map<string, string>();

// The first run commissions the nodes; it may take longer than the others.
beforeAll(() => runScenario({ ...scenarios[0]!, run: async () => {} }, "matter").then(({ error }) => expect(error).toBeUndefined()), TIMEOUT_MS);

describe.each(scenarios.filter(({ confinedTo }) => confinedTo === undefined))("$name on real matter.js nodes", scenario => {
    it(
        "passes",
        async () => {
            const { passed, error, shown, traceHash } = await runScenario(scenario, "matter");
            expect({ passed, error }).toEqual({ passed: true, error: undefined });
            expect(shown).toEqual((await runScenario(scenario, "sim")).shown);
            hashes.set(scenario.name, traceHash);
        },
        TIMEOUT_MS,
    );
});

describe("on real matter.js nodes", () => {
    it.each(["happy", "park-in-the-middle", "crash-before-record", "restart-from-disk", "endpoint-gone", "node-reboots"])(
        "%s again is the same run, byte for byte",
        async name => {
            expect((await runScenario(byName.get(name)!, "matter")).traceHash).toBe(hashes.get(name));
        },
        TIMEOUT_MS,
    );

    it(
        "another seed is another run",
        async () => {
            const { passed, traceHash } = await runScenario(byName.get("happy")!, "matter", { seed: 2 });
            expect(passed).toBe(true);
            expect(traceHash).not.toBe(hashes.get("happy"));
        },
        TIMEOUT_MS,
    );

    it("a store on disk makes no difference to what happens", () => {
        expect(hashes.get("restart-from-disk")).toBe(hashes.get("restart-cut-off"));
    });

    it.each([
        ["AddGroup is never sent", "happy", pretend("AddGroup"), /kitchen's own group table/],
        ["KeySetRemove is never sent", "cancel-during", pretend("KeySetRemove"), /exactly what it held/],
        ["no report is heard", "drift-reported", hearNoReports, /told within seconds/],
        ["writes are unconditional", "second-writer", forgetConditions, /read again, it is written/],
    ] as const)(
        "if %s, %s fails",
        async (_, name, sabotage, message) => {
            const { passed, error } = await runScenarioWith(byName.get(name)!, "matter", sabotage("matter"));
            expect(error).toMatch(message);
            expect(passed).toBe(false);
        },
        TIMEOUT_MS,
    );
});
