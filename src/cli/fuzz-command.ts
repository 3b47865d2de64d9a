import { Command } from "commander";
import { activeMutant, listMutants, readMutant } from "../../properties/mutant-loader.js";
import { profiles } from "../../sim/generate.js";
import { durationMs, whole } from "./arguments.js";
import { ExitCode } from "./exit-code.js";
import { reportOfFailure, saveFailure, type FailureReport } from "./failure-report.js";
import { argvOf, type Finish } from "./finish.js";
import { fuzzCampaign, LAST_SEED, type Fuzzed, type FuzzRequest } from "./fuzz-campaign.js";
import { failureText, fuzzTable } from "./fuzz-report.js";
import { requireMutationLoaded, rerunMutated } from "./mutated-process.js";
import { Progress } from "./progress.js";

interface FuzzFlags extends FuzzRequest {
    readonly mutant?: string;
    readonly listMutants?: boolean;
    readonly shrink: boolean;
    readonly save: string;
    readonly json?: boolean;
}

/** Where failing schedules go unless one says otherwise. */
export const FAILURES_DIRECTORY = "selvage-report/failures";

const PROFILES = profiles.map(({ name, description }) => `${name} (${description})`).join("; ");

/** `selvage fuzz` */
export function fuzzCommand(finish: Finish): Command {
    return new Command("fuzz")
        .summary("run random schedules of tasks and faults, and look for one that breaks something")
        .description(
            "Runs random schedules of tasks, changes, faults and crashes in the model world, with all checkers on. The first violation is shrunk, " +
                'saved as a file and printed as a token; look at either with "selvage replay".',
        )
        .option("-n, --runs <number>", "how many schedules (default: as many as fit in the time)", whole(1, LAST_SEED))
        .option("-t, --time <duration>", "stop after this time: 500ms, 30s, 5m (default: 10s, with a mutant 2m, unless --runs is given)", durationMs)
        .option("-s, --seed <number>", "the first seed; others follow it (default: drawn; 1 with a mutant)", whole(0, LAST_SEED))
        .option("-w, --workers <number>", "threads (default: one per core)", whole(1, 256))
        .option("-p, --profile <name>", `what is drawn: ${PROFILES} (default: standard; mixed with a mutant)`)
        .option("-m, --mutant <name>", "switch a known bug on, which must be found (needs a checkout of the repository)")
        .option("--list-mutants", "list the known bugs, with the checkers that are expected to find them")
        .option("--keep-going", "go on after the first violation, and count them")
        .option("--no-shrink", "leave a failing schedule as it is")
        .option("--save <directory>", "where to save a failing schedule", FAILURES_DIRECTORY)
        .option("--json", "print one JSON object as the last line of stdout, and nothing else there")
        .option("--progress", "show progress even if stderr is no terminal")
        .action(async (flags: FuzzFlags, command: Command) => {
            if (flags.listMutants === true) {
                printMutants(flags.json === true);
                return finish(ExitCode.OK);
            }
            const rerun = flags.mutant === undefined ? undefined : rerunMutated(flags.mutant, argvOf(command));
            finish(rerun ?? (await fuzz(flags)));
        });
}

async function fuzz(flags: FuzzFlags): Promise<ExitCode> {
    const fuzzed = await fuzzCampaign(flags);
    requireMutationLoaded();
    const failure = failureOf(fuzzed, flags);
    if (flags.json === true) {
        console.log(JSON.stringify(jsonOf(fuzzed, failure)));
    } else {
        console.log(fuzzTable(fuzzed));
        if (failure !== null) {
            console.log(failureText(failure));
        }
    }
    return fuzzed.result.failures > 0 ? ExitCode.VIOLATION : ExitCode.OK;
}

/** The first violation, shrunk and saved; null: there is none. */
export function failureOf({ result, profile }: Fuzzed, flags: Pick<FuzzFlags, "shrink" | "save" | "progress">): FailureReport | null {
    const first = result.failing[0];
    if (first === undefined) {
        return null;
    }
    const progress = new Progress(flags.progress);
    const report = reportOfFailure(first, profile, {
        shrink: flags.shrink,
        onTry: tries => progress.show(() => `shrinking: ${tries} scripts tried`),
    });
    progress.done();
    return { ...report, file: saveFailure(report, flags.save) };
}

function jsonOf({ result, workers, profile }: Fuzzed, failure: FailureReport | null): object {
    const { failing, schedulesPerSecond, ...figures } = result;
    const mutant = activeMutant();
    return {
        ...figures,
        schedulesPerSecond: Math.round(schedulesPerSecond),
        profile: profile.name,
        workers,
        mutant: mutant ?? null,
        predictedKillers: mutant === undefined ? null : readMutant(mutant).killers,
        failingSeeds: failing.map(({ seed, violation }) => ({ seed, checker: violation.checker })),
        violation: failure,
    };
}

function printMutants(json: boolean): void {
    const mutants = listMutants().map(name => readMutant(name));
    if (json) {
        console.log(JSON.stringify(mutants.map(({ name, bug, hazards, killers }) => ({ name, bug, hazards, killers }))));
        return;
    }
    for (const { name, bug, hazards, killers } of mutants) {
        console.log(`${name}\n    ${bug}\n    hazards ${hazards.join(", ")}; to be found by ${killers.join(" or ")}`);
    }
    if (mutants.length === 0) {
        console.log("There are none here: mutants are part of a checkout of the repository.");
    }
}
