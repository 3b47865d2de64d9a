import { allCheckers } from "./checkers/index.js";
import { faultClasses } from "./fault-classes.js";
import type { Profile } from "./generate.js";
import type { Script } from "./script.js";
import { World, type Violation } from "./world.js";

/**
 * Campaigns go by chunks of neighbouring seeds: each has its own trace hash, so that the hash of the whole does not depend on who ran
 * which part when.
 */
export const SCHEDULES_PER_CHUNK = 128;

/** In one schedule of so many, checkers scan everything after every input: a check of the checkers. */
const SCHEDULES_PER_SCAN = 64;

/** Failing seeds that a chunk names; it counts all of them. */
const FAILURES_NAMED = 8;

/** A seed whose schedule violates something. */
export interface FailingSeed {
    readonly seed: number;
    readonly violation: Violation;
}

/** What the schedules of one chunk came to: plain data, which crosses threads. */
export interface ChunkResult {
    readonly firstSeed: number;
    readonly schedules: number;
    /** Two 32-bit words. */
    readonly hash: readonly [high: number, low: number];
    /** Per schedule. */
    readonly events: readonly number[];
    readonly deviceRequests: number;
    readonly simulatedMs: number;
    readonly failures: number;
    /** The first few. */
    readonly failing: readonly FailingSeed[];
    /** Schedules by the fault classes that they had. */
    readonly faults: Readonly<Record<string, number>>;
    readonly marks: Readonly<Record<string, number>>;
}

/** Whether checkers scan throughout the schedule of this seed. */
export function scansThroughout(seed: number): boolean {
    return seed % SCHEDULES_PER_SCAN === 0;
}

/** Runs chunks, one after the other, in one world. */
export class ChunkRunner {
    readonly #world = new World(allCheckers());

    constructor(readonly profile: Profile) {}

    run(firstSeed: number, schedules: number): ChunkResult {
        const world = this.#world;
        const tally = { deviceRequests: 0, simulatedMs: 0, failures: 0 };
        const events: number[] = [];
        const failing: FailingSeed[] = [];
        const faults = new Map<string, number>();
        world.hash.reset();
        world.marks.counts.clear();
        for (let seed = firstSeed; seed < firstSeed + schedules; seed++) {
            const script = this.profile.draw(seed);
            const crashesBefore = world.marks.counts.get("crash") ?? 0;
            const result = world.run(script, { scanThroughout: scansThroughout(seed) });
            const crashes = (world.marks.counts.get("crash") ?? 0) - crashesBefore;
            events.push(result.events);
            tally.deviceRequests += result.deviceRequests;
            tally.simulatedMs += result.simulatedMs;
            count(faults, script, crashes);
            if (result.violation !== null) {
                tally.failures++;
                if (failing.length < FAILURES_NAMED) {
                    failing.push({ seed, violation: result.violation });
                }
            }
        }
        const hash = [world.hash.high, world.hash.low] as const;
        return { firstSeed, schedules, hash, events, failing, faults: Object.fromEntries(faults), marks: world.marks.toRecord(), ...tally };
    }
}

function count(faults: Map<string, number>, script: Script, crashes: number): void {
    for (const name of faultClasses(script, crashes)) {
        faults.set(name, (faults.get(name) ?? 0) + 1);
    }
}
