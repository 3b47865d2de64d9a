/**
 * Runs schedules in a process of its own, which can be a mutated one, and prints what came of them as one JSON line:
 *
 * `node [--import ...] dist/properties/mutant-schedules.js PROFILE FROM COUNT`
 *
 * First the happy schedule, then those of the profile until one violates something.
 */
import { allCheckers } from "../sim/checkers/index.js";
import { noFaults } from "../sim/fault-plan.js";
import { profiles } from "../sim/generate.js";
import { plainNode, SCRIPT_FORMAT, type NodeScript, type Script } from "../sim/script.js";
import { World, type Violation } from "../sim/world.js";
import { loadedMutations } from "./mutant-loader.js";

/** What one process found. */
export interface ScheduleReport {
    /** Of the happy schedule; null: it passed. */
    readonly happy: Violation | null;
    /** States of the happy schedule's runs. */
    readonly happyRuns: readonly string[];
    readonly violation: Violation | null;
    /** The seed that violated something, or the last one. */
    readonly seed: number;
    readonly wallMs: number;
    /** Source files that were loaded mutated. */
    readonly mutated: readonly string[];
}

const node: NodeScript = { ...plainNode, maxGroups: 4, maxKeys: 3 };

/** No faults, no crash, one task. */
const happy: Script = {
    format: SCRIPT_FORMAT,
    seed: 1,
    nodes: [node, node, node],
    faults: noFaults,
    incidents: [],
    crashes: [],
    chaosMs: 60_000,
    lostNode: -1,
    actions: [{ type: "addToGroup", atMs: 1_000, node: 1, endpoint: 1, group: 1, keySet: 1, request: 7, deadlineMs: 0 }],
};

function report(profileName: string, from: number, count: number): ScheduleReport {
    const profile = profiles.find(candidate => candidate.name === profileName)!;
    const world = new World(allCheckers());
    const happyResult = world.run(happy);
    const happyRuns = world.manager?.runs().map(run => run.state) ?? [];
    const startMs = performance.now();
    let seed = from;
    let violation: Violation | null = null;
    for (; seed < from + count && violation === null; seed++) {
        violation = world.run(profile.draw(seed)).violation;
    }
    const wallMs = Math.round(performance.now() - startMs);
    return { happy: happyResult.violation, happyRuns, violation, seed: seed - 1, wallMs, mutated: loadedMutations() };
}

const [profile = "standard", from = "1", count = "1"] = process.argv.slice(2);
console.log(JSON.stringify(report(profile, Number(from), Number(count))));
