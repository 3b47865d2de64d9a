import { Bed } from "./bed.js";
import type { BedWorld } from "./bed-world.js";
import { ScenarioFailure, type NodesKind, type Scenario, type ScenarioOptions, type ScenarioResult } from "./scenario.js";
import { SimBedWorld } from "./sim-bed.js";
import { DiskStorage, MemoryStorage, type Storage } from "./storage.js";

/**
 * Run one scenario on nodes of one kind. Never rejects: whatever goes wrong is a scenario that failed.
 *
 * One at a time: real nodes take the place of the realm's time and randomness while they run.
 */
export function runScenario(scenario: Scenario, nodes: NodesKind, options: ScenarioOptions = {}): Promise<ScenarioResult> {
    return runScenarioWith(scenario, nodes, { world: () => worldOf(nodes, options.seed ?? 1), storage: () => storageOf(scenario) }, options);
}

/** What a scenario is played with, made when it begins. */
export interface ScenarioParts {
    readonly world: () => Promise<BedWorld>;
    readonly storage: () => Promise<Storage>;
}

/** As {@link runScenario}, with parts of the caller's making: with a saboteur among them, to see that the scenario notices. */
export async function runScenarioWith(
    scenario: Scenario,
    nodes: NodesKind,
    parts: ScenarioParts,
    options: Omit<ScenarioOptions, "seed"> = {},
): Promise<ScenarioResult> {
    const { confinedTo } = scenario;
    if (confinedTo !== undefined && confinedTo.nodes !== nodes) {
        const error = `it cannot take place on these nodes: ${confinedTo.because}`;
        return { name: scenario.name, title: scenario.title, nodes, passed: false, shown: [], virtualMs: 0, wallMs: 0, error, traceHash: "" };
    }
    const startMs = performance.now();
    const outcome = await play(scenario, parts, options);
    const { name, title } = scenario;
    return { name, title, nodes, passed: outcome.error === undefined, ...outcome, wallMs: Math.round(performance.now() - startMs) };
}

type Outcome = Pick<ScenarioResult, "shown" | "virtualMs" | "error" | "traceHash">;

async function play(scenario: Scenario, { world, storage }: ScenarioParts, { onProgress }: ScenarioOptions): Promise<Outcome> {
    let bed: Bed;
    try {
        bed = new Bed(await world(), await storage(), onProgress);
    } catch (error) {
        return { shown: [], virtualMs: 0, error: `the nodes could not be made: ${textOf(error)}`, traceHash: "" };
    }
    let error: string | undefined;
    const startMs = bed.elapsedMs;
    try {
        await scenario.run(bed);
        if (bed.problems.length > 0) {
            throw new ScenarioFailure(`the shell reported problems that nobody expected: ${bed.problems.join("; ")}`);
        }
    } catch (failure) {
        error = textOf(failure);
    }
    const { elapsedMs, shown } = bed;
    const traceHash = bed.traceHash();
    try {
        await bed.dispose();
    } catch (failure) {
        error ??= `shutting down: ${textOf(failure)}`;
    }
    return { shown, virtualMs: elapsedMs - startMs, error, traceHash };
}

/** Commissioned nodes. Real ones are loaded only when they are wanted: matter.js is an optional peer dependency. */
export async function worldOf(nodes: NodesKind, seed: number): Promise<BedWorld> {
    if (nodes === "sim") {
        return new SimBedWorld(seed);
    }
    const { StackBedWorld } = await import("./stack-bed.js");
    return StackBedWorld.create(seed);
}

async function storageOf({ store }: Scenario): Promise<Storage> {
    return store === "disk" ? DiskStorage.create() : new MemoryStorage();
}

function textOf(error: unknown): string {
    if (error instanceof ScenarioFailure) {
        return error.message;
    }
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
