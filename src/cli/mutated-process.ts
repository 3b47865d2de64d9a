import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { activeMutant, loadedMutations, mutantExecArgv } from "../../properties/mutant-loader.js";
import { ExitCode } from "./exit-code.js";
import { UsageError } from "./usage-error.js";

/**
 * Run this very command line again in a process in which the mutant is switched on, unless this is that process already.
 *
 * @returns how the other process ended; undefined: this is the one, go on
 * @throws MutantError when the mutant cannot be used
 */
export function rerunMutated(mutant: string, argv: readonly string[]): ExitCode | undefined {
    if (activeMutant() === mutant) {
        return undefined;
    }
    const main = fileURLToPath(new URL("./main.js", import.meta.url));
    const { status, error, signal } = spawnSync(process.execPath, [...mutantExecArgv(mutant), main, ...argv], { stdio: "inherit" });
    if (error !== undefined || status === null) {
        throw new UsageError("MUTANT_NOT_LOADED", `The process with the mutant ${mutant} did not end by itself: ${error?.message ?? signal}.`);
    }
    return status === ExitCode.OK || status === ExitCode.VIOLATION ? status : ExitCode.UNUSABLE;
}

/**
 * To be called when the work is done: a mutant of which nothing was loaded has not been tested.
 *
 * @throws UsageError MUTANT_NOT_LOADED
 */
export function requireMutationLoaded(): void {
    const mutant = activeMutant();
    if (mutant !== undefined && loadedMutations().length === 0) {
        throw new UsageError(
            "MUTANT_NOT_LOADED",
            `Mutant ${mutant} patches only files that this command does not load, so that nothing was tested. Let it patch what the model world runs.`,
        );
    }
}
