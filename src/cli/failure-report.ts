import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { activeMutant, readMutant } from "../../properties/mutant-loader.js";
import { scansThroughout, type FailingSeed } from "../../sim/campaign-chunk.js";
import { failureFileText } from "../../sim/failure-file.js";
import type { Profile } from "../../sim/generate.js";
import { violationOf } from "../../sim/replay.js";
import { replayToken, type Replay } from "../../sim/replay-token.js";
import { shrink } from "../../sim/shrink.js";
import type { Violation } from "../../sim/world.js";
import { packageVersion } from "./package-version.js";
import { UsageError } from "./usage-error.js";

/** A failing seed, made small. */
export interface FailureReport {
    readonly seed: number;
    readonly profile: string;
    readonly checker: string;
    readonly message: string;
    /** Virtual time of the violation, in the shrunk schedule. */
    readonly atMs: number;
    readonly token: string;
    /** Scripts that shrinking tried; 0: not shrunk. */
    readonly shrinkTries: number;
    readonly mutant: string | null;
    /** With a mutant: whether the checker is one of those that its header predicts. */
    readonly isPredicted: boolean | null;
    readonly file: string | null;
    readonly replay: Replay;
}

/** Shrinking for longer than this is not worth the wait. */
const SHRINK_LIMIT_MS = 20_000;

/**
 * Run a failing seed again by itself, shrink its script, and say what is needed to look at it.
 *
 * @throws UsageError NOT_REPRODUCIBLE, when it does not fail again
 */
export function reportOfFailure(
    { seed, violation: seen }: FailingSeed,
    profile: Profile,
    options: { readonly shrink: boolean; readonly onTry?: (tries: number) => void },
): FailureReport {
    const replay: Replay = { script: profile.draw(seed), scanThroughout: scansThroughout(seed) };
    const violation = violationOf(replay);
    if (violation?.checker !== seen.checker || violation.message !== seen.message) {
        throw new UsageError(
            "NOT_REPRODUCIBLE",
            `Seed ${seed} of profile ${profile.name} violated ${seen.checker} (${seen.message}) in the campaign, and on its own ` +
                `${violation === null ? "nothing" : `${violation.checker} (${violation.message})`}: the simulator is not deterministic here. Please report this.`,
        );
    }
    const small = options.shrink ? shrunk(replay, violation, options.onTry) : { ...replay, violation, tries: 0 };
    const mutant = activeMutant() ?? null;
    const { script, scanThroughout, tries } = small;
    return {
        seed,
        profile: profile.name,
        ...small.violation,
        token: replayToken({ script, scanThroughout }),
        shrinkTries: tries,
        mutant,
        isPredicted: mutant === null ? null : readMutant(mutant).killers.includes(small.violation.checker),
        file: null,
        replay: { script, scanThroughout },
    };
}

/** Save it where one asked for it, and give the file's name. */
export function saveFailure(report: FailureReport, directory: string): string {
    const { seed, profile, checker, message, atMs, mutant, replay } = report;
    const file = join(directory, `${checker}-${profile}-${seed}${mutant === null ? "" : `-${mutant}`}.json`);
    const text = failureFileText({
        about: `${checker}: found by fuzzing, profile ${profile}, seed ${seed}${mutant === null ? "" : `, with the mutant ${mutant}`}`,
        violation: { checker, message, atMs },
        mutant,
        versions: { selvage: packageVersion(), node: process.version },
        ...replay,
    });
    try {
        mkdirSync(directory, { recursive: true });
        writeFileSync(file, text);
    } catch (error) {
        throw new UsageError(
            "UNREADABLE_FILE",
            `The failing schedule could not be saved: ${error instanceof Error ? error.message : String(error)}. ` +
                `Give another directory with --save. The token: ${report.token}`,
        );
    }
    return file;
}

function shrunk(replay: Replay, violation: Violation, onTry?: (tries: number) => void): ReturnType<typeof shrink> {
    const endMs = performance.now() + SHRINK_LIMIT_MS;
    let tries = 0;
    return shrink(replay, violation, {
        violationOf: candidate => {
            onTry?.(++tries);
            return violationOf(candidate);
        },
        isOver: () => performance.now() > endMs,
    });
}
