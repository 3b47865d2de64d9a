import { availableParallelism } from "node:os";
import { activeMutant } from "../../properties/mutant-loader.js";
import { runCampaign, type CampaignProgress, type CampaignResult } from "../../sim/campaign.js";
import { SCHEDULES_PER_CHUNK } from "../../sim/campaign-chunk.js";
import { mixed, profiles, standard, type Profile } from "../../sim/generate.js";
import { Progress } from "./progress.js";
import { UsageError } from "./usage-error.js";

/** What the user wants to be run. */
export interface FuzzRequest {
    readonly runs?: number;
    /** Milliseconds. */
    readonly time?: number;
    readonly seed?: number;
    readonly workers?: number;
    /** By default `standard`; with a mutant `mixed`. */
    readonly profile?: string;
    readonly keepGoing?: boolean;
    readonly progress?: boolean;
}

/** What was run, and what it came to. */
export interface Fuzzed {
    readonly result: CampaignResult;
    readonly workers: number;
    readonly profile: Profile;
}

export const LAST_SEED = 0xffff_ffff;
const DEFAULT_TIME_MS = 10_000;
/** A known bug shall be found on a busy machine, too. */
const MUTANT_TIME_MS = 120_000;

/**
 * Run the campaign that was asked for, with progress on stderr.
 *
 * @throws UsageError BAD_ARGUMENT
 */
export async function fuzzCampaign(request: FuzzRequest): Promise<Fuzzed> {
    const isMutated = activeMutant() !== undefined;
    const defaultTimeMs = isMutated ? MUTANT_TIME_MS : DEFAULT_TIME_MS;
    const { runs, time = runs === undefined ? defaultTimeMs : undefined, keepGoing = false } = request;
    // A mutant must be found every time; everything else is worth a new try.
    const seed = request.seed ?? (isMutated ? 1 : Math.floor(Math.random() * 0x7fff_ffff));
    const profile = profileOf(request.profile ?? (isMutated ? mixed : standard).name);
    if (runs !== undefined && seed + runs - 1 > LAST_SEED) {
        throw new UsageError("BAD_ARGUMENT", `Seeds end at ${LAST_SEED}: from seed ${seed} on there are ${LAST_SEED - seed + 1}. Lower --runs or --seed.`);
    }
    // A thread without a chunk of its own only costs its start.
    const workers = Math.min(request.workers ?? availableParallelism(), Math.ceil((runs ?? Infinity) / SCHEDULES_PER_CHUNK));
    const progress = new Progress(request.progress);
    const result = await runCampaign({
        profile,
        seed,
        workers,
        keepGoing,
        ...(runs === undefined ? {} : { runs }),
        ...(time === undefined ? {} : { forMs: time }),
        now: () => performance.now(),
        onProgress: reached => progress.show(() => progressText(reached, runs, time)),
    });
    progress.done();
    return { result, workers, profile };
}

function profileOf(name: string): Profile {
    const profile = profiles.find(candidate => candidate.name === name);
    if (profile === undefined) {
        throw new UsageError("BAD_ARGUMENT", `There is no profile "${name}". Give --profile one of ${profiles.map(each => each.name).join(", ")}.`);
    }
    return profile;
}

function progressText({ schedules, failures, elapsedMs }: CampaignProgress, runs: number | undefined, time: number | undefined): string {
    const bounds = [runs === undefined ? "" : ` of ${runs}`, time === undefined ? "" : `, ${(elapsedMs / 1000).toFixed(0)} of ${time / 1000} s`];
    const perSecond = Math.round((1000 * schedules) / elapsedMs);
    return `${schedules}${bounds.join("")} schedules, ${failures} failures, ${perSecond} per second`;
}
