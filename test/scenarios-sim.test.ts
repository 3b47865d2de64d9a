import { describe, expect, it } from "vitest";
import { runScenario, scenarios, type ScenarioResult } from "../scenarios/index.js";
import { runScenarioWith, type ScenarioParts } from "../scenarios/run-scenario.js";
import { Status } from "../src/core/status.js";
import type { NodesKind, Scenario } from "../scenarios/scenario.js";
import { breakDown, forget, forgetConditions, hearNoReports, meddle, mishear, pretend } from "./scenarios-saboteurs.js";

const byName = new Map(scenarios.map(scenario => [scenario.name, scenario]));
const outcome = ({ passed, error }: ScenarioResult) => ({ passed, error });
const good = { passed: true, error: undefined };

describe("the scenarios", () => {
    it("have names of their own, fit for a command line, and say what they are", () => {
        expect(byName.size).toBe(scenarios.length);
        for (const { name, title, description } of scenarios) {
            expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
            expect(title.length).toBeGreaterThan(0);
            expect(description.length).toBeGreaterThan(title.length);
        }
    });
});

describe.each(scenarios)("$name on simulated nodes", scenario => {
    it("passes, tells what it showed when it did, and shows no key", async () => {
        const told: string[] = [];
        const result = await runScenario(scenario, "sim", { onProgress: fact => told.push(fact) });
        expect(outcome(result)).toEqual(good);
        expect(result.shown.length).toBeGreaterThanOrEqual(3);
        expect(told).toEqual(result.shown);
        expect(JSON.stringify(result)).not.toMatch(/(5a){4}|(90,){4}/i);
    });

    it("passes with other seeds, each another run, and the same seed is the same run", async () => {
        const hashes = new Map<number, string>();
        for (const seed of [2, 3, 4, 5]) {
            const result = await runScenario(scenario, "sim", { seed });
            expect({ seed, ...outcome(result) }).toEqual({ seed, ...good });
            hashes.set(seed, result.traceHash);
        }
        expect(new Set(hashes.values()).size).toBe(hashes.size);
        expect((await runScenario(scenario, "sim", { seed: 3 })).traceHash).toBe(hashes.get(3));
    });
});

/** What is broken, and what each scenario that must notice says is not so. */
const sabotage: readonly (readonly [what: string, parts: (nodes: NodesKind) => ScenarioParts, notices: Readonly<Record<string, RegExp>>])[] = [
    [
        "AddGroup is never sent",
        pretend("AddGroup"),
        {
            happy: /kitchen's own group table/,
            "park-at-start": /hall's own group table/,
            "park-in-the-middle": /kitchen's own group table/,
            "cancel-during": /kitchen's own group table/,
            "cancel-after": /kitchen's own group table/,
            "cancel-while-away": /kitchen's own group table/,
            "cancel-shared": /kitchen's own group table/,
            "restart-closed": /kitchen's own group table/,
            "restart-cut-off": /kitchen's own group table/,
            "restart-from-disk": /kitchen's own group table/,
            "crash-before-record": /kitchen's own group table/,
            "crash-after-record": /kitchen's own group table/,
            "lost-answer": /neither answer had arrived/,
            "capacity-refused": /kitchen's own group table/,
            "kind-applied": /a membership: porch holds it/,
            "drift-repaired": /request to porch was answered with NOT_FOUND/,
            "removed-while-shared": /all items of kitchen are committed/,
            "endpoint-gone": /all items of porch are committed/,
            "node-reboots": /a membership: porch rebooted before the write/,
        },
    ],
    ["KeySetWrite is never sent", pretend("KeySetWrite"), { happy: /holds key set/, "park-in-the-middle": /holds the key set/, "restart-cut-off": /holds the key set/, "drift-unreported": /holds it/ }],
    ["RemoveGroup is never sent", pretend("RemoveGroup"), { "cancel-after": /exactly what it held/, "lost-answer": /exactly what it held/ }],
    [
        "KeySetRemove is never sent",
        pretend("KeySetRemove"),
        { "cancel-during": /exactly what it held/, "cancel-after": /exactly what it held/, "cancel-while-away": /exactly what it held/ },
    ],
    ["GroupKeyMap is never sent", pretend("GroupKeyMap"), { "kind-applied": /a map entry: hall holds it/, "drift-repaired": /a key set: kitchen holds all of it/ }],
    ["the access control list is never sent", pretend("ACL"), { "kind-applied": /an access control entry: hall holds it/, "removed-while-shared": /two items with the same content/ }],
    [
        "no binding is ever sent",
        pretend("Binding"),
        { "kind-applied": /a binding: kitchen holds it/, "endpoint-gone": /a binding: its endpoint is back/, "node-reboots": /a binding: kitchen rebooted before the write/ },
    ],
    [
        "no report is heard",
        hearNoReports,
        {
            "drift-repaired": /holds all of it again/,
            "drift-reported": /is told within seconds/,
            "endpoint-gone": /which is told within seconds/,
            "limits-change": /both are there within seconds/,
            "certificate-drift": /within a minute/,
        },
    ],
    ["UpdateNOC is never sent", pretend("UpdateNOC"), { "certificate-renewed": /all items of kitchen are committed/, "certificate-interrupted": /CommissioningComplete .* is not settled/ }],
    ["writes are unconditional", forgetConditions, { "second-writer": /read again, it is written/ }],
    ["a full device is taken for a busy one", mishear(Status.RESOURCE_EXHAUSTED, Status.BUSY), { "capacity-exhausted": /the device refuses/, "bindings-full": /and refuses one more/ }],
    ["something else is written too", meddle, { happy: /and no other/, "cancel-before": /kitchen holds nothing/, "park-in-the-middle": /holds the key set, but/ }],
    [
        "the store forgets",
        forget,
        {
            "restart-closed": /the same run|UNKNOWN_RUN|no run/,
            "restart-cut-off": /no run/,
            "restart-from-disk": /no run/,
            "crash-before-record": /no run/,
            "crash-after-record": /no run/,
            "claims-survive": /goes with its intent/,
        },
    ],
];

describe.each(sabotage)("when %s", (_, parts, notices) => {
    it.each(Object.entries(notices))("%s fails", async (name, message) => {
        const result = await runScenarioWith(byName.get(name)!, "sim", parts("sim"));
        expect(result.error).toMatch(message);
        expect(result.passed).toBe(false);
    });
});

describe("the store on disk", () => {
    it("makes no difference to what happens", async () => {
        const [onDisk, inMemory] = [byName.get("restart-from-disk")!, byName.get("restart-cut-off")!];
        expect([onDisk.store, inMemory.store]).toEqual(["disk", undefined]);
        expect((await runScenario(onDisk, "sim")).traceHash).toBe((await runScenario(inMemory, "sim")).traceHash);
    });
});

describe("what goes wrong outside of a scenario's text", () => {
    const happy = byName.get("happy")!;

    it("is a failure with its reason: nodes that cannot be made", async () => {
        const parts = { ...pretend("AddGroup")("sim"), world: () => Promise.reject(new RangeError("no such world")) };
        const { passed, error, shown } = await runScenarioWith(happy, "sim", parts);
        expect({ passed, shown }).toEqual({ passed: false, shown: [] });
        expect(error).toMatch(/no such world/);
    });

    it("is a failure with its reason: nodes that a scenario cannot take place on", async () => {
        const { passed, error, shown } = await runScenario({ ...happy, confinedTo: { nodes: "matter", because: "of the air there" } }, "sim");
        expect({ passed, error, shown }).toEqual({ passed: false, error: "it cannot take place on these nodes: of the air there", shown: [] });
    });

    it("is a failure with its reason: an error that nobody expected", async () => {
        const { passed, error } = await runScenario({ ...happy, run: () => Promise.reject(new RangeError("out of it")) }, "sim");
        expect(passed).toBe(false);
        expect(error).toMatch(/out of it/);
    });

    it("is a failure with its reason: a problem that the manager's shell reports", async () => {
        const asking: Scenario = {
            ...happy,
            async run(bed) {
                await bed.open();
                await bed.join("kitchen", { groupId: 1, groupName: "", keySetId: 1 });
                await bed.advance(10_000);
            },
        };
        const { passed, error } = await runScenarioWith(asking, "sim", breakDown("sim"));
        expect(passed).toBe(false);
        expect(error).toMatch(/problems that nobody expected: transport/);
    });
});
