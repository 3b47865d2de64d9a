import { ChunkRunner, SCHEDULES_PER_CHUNK, type ChunkResult, type FailingSeed } from "./campaign-chunk.js";
import { CampaignTally, type CampaignTotals } from "./campaign-tally.js";
import { ChunkWorkers } from "./campaign-workers.js";
import type { Profile } from "./generate.js";

export type { FailingSeed } from "./campaign-chunk.js";
export type { CampaignTotals, FaultCounts } from "./campaign-tally.js";

/** What a campaign runs, and for how long. */
export interface CampaignOptions {
    /** How scripts are drawn. With several workers it must be one of `profiles`, since functions do not cross threads. */
    readonly profile: Profile;
    /** The first seed; the others follow it. */
    readonly seed: number;
    /** How many schedules at most. Without it, `forMs` must say when to stop. */
    readonly runs?: number;
    /** Stop after this much real time. */
    readonly forMs?: number;
    /** Threads; 1 (the default) runs in the calling one. */
    readonly workers?: number;
    /** Go on after a violation, to count them. Without it a campaign ends with the chunk of seeds that has the first one. */
    readonly keepGoing?: boolean;
    /** Real time in milliseconds, e.g. `() => performance.now()`: the simulator has no clock of its own. */
    readonly now: () => number;
    /** Called every now and then with what was reached so far. */
    readonly onProgress?: (progress: CampaignProgress) => void;
}

/** How far a campaign has come. */
export interface CampaignProgress {
    readonly schedules: number;
    readonly failures: number;
    readonly elapsedMs: number;
}

/** What a campaign came to. */
export interface CampaignResult extends CampaignTotals {
    readonly seed: number;
    readonly wallSeconds: number;
    /** All workers together. */
    readonly schedulesPerSecond: number;
    /** The first failing seeds, in the order of seeds. */
    readonly failing: readonly FailingSeed[];
}

/** Seeds are 32-bit: the next one after the last is none. */
const SEED_LIMIT = 0x1_0000_0000;

/**
 * Run the schedules of many seeds and add up what they came to. The trace hash covers every input and effect of every schedule, in the
 * order of seeds; it depends on profile, first seed and number of schedules only, not on workers or timing.
 *
 * @throws RangeError for a first seed or a number of schedules or workers that cannot be
 *
 * @example
 * const result = await runCampaign({ profile: standard, seed: 1, runs: 10_000, now: () => performance.now() });
 * console.log(result.failures, result.traceHash);
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
    check(options);
    const { now, seed, profile, workers = 1 } = options;
    const campaign = new Campaign(options, now());
    if (workers === 1) {
        const runner = new ChunkRunner(profile);
        await campaign.lane(async (firstSeed, schedules) => runner.run(firstSeed, schedules));
    } else {
        const threads = new ChunkWorkers(profile.name, workers);
        try {
            await Promise.all(threads.lanes.map(run => campaign.lane(run)));
        } finally {
            await threads.close();
        }
    }
    const totals = campaign.tally.totals();
    const wallSeconds = (now() - campaign.startedMs) / 1000;
    return { ...totals, seed, wallSeconds, schedulesPerSecond: totals.schedules / wallSeconds, failing: campaign.tally.failing };
}

/** Runs a chunk somewhere. */
type RunChunk = (firstSeed: number, schedules: number) => Promise<ChunkResult>;

/** Hands out chunks and adds their results up in the order of seeds. */
class Campaign {
    readonly tally = new CampaignTally();
    readonly #early = new Map<number, ChunkResult>();
    readonly #runs: number;
    #handedOut = 0;
    #isOver = false;

    constructor(
        readonly options: CampaignOptions,
        readonly startedMs: number,
    ) {
        this.#runs = options.runs ?? SEED_LIMIT - options.seed;
    }

    async lane(run: RunChunk): Promise<void> {
        while (!this.#isDone) {
            const begin = this.#handedOut;
            const schedules = Math.min(SCHEDULES_PER_CHUNK, this.#runs - begin);
            this.#handedOut += schedules;
            this.#early.set(begin, await run(this.options.seed + begin, schedules));
            this.#addUp();
        }
    }

    get #isDone(): boolean {
        return this.#isOver || this.#handedOut >= this.#runs || this.#elapsedMs >= (this.options.forMs ?? Infinity);
    }

    get #elapsedMs(): number {
        return this.options.now() - this.startedMs;
    }

    #addUp(): void {
        const { tally, options } = this;
        for (;;) {
            const chunk = this.#early.get(tally.schedules);
            // Chunks behind a failing one may or may not be through by now: they do not count.
            if (chunk === undefined || this.#isOver) {
                break;
            }
            this.#early.delete(tally.schedules);
            tally.add(chunk);
            this.#isOver = tally.failures > 0 && options.keepGoing !== true;
        }
        options.onProgress?.({ schedules: tally.schedules, failures: tally.failures, elapsedMs: this.#elapsedMs });
    }
}

function check({ seed, runs, forMs, workers = 1 }: CampaignOptions): void {
    if (!Number.isInteger(seed) || seed < 0 || seed >= SEED_LIMIT) {
        throw new RangeError(`the first seed is a whole number from 0 to ${SEED_LIMIT - 1}, not ${seed}`);
    }
    if (runs === undefined && forMs === undefined) {
        throw new RangeError("say how long: a number of runs, or a time, or both");
    }
    if (runs !== undefined && (!Number.isInteger(runs) || runs < 1 || runs > SEED_LIMIT - seed)) {
        throw new RangeError(`from seed ${seed} there can be 1 to ${SEED_LIMIT - seed} runs, not ${runs}`);
    }
    if (forMs !== undefined && !(forMs > 0)) {
        throw new RangeError(`a campaign takes more than ${forMs} ms`);
    }
    if (!Number.isInteger(workers) || workers < 1) {
        throw new RangeError(`workers are a whole number from 1 on, not ${workers}`);
    }
}
