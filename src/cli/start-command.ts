import { Command } from "commander";
import { scenarios } from "../../scenarios/index.js";
import { ExitCode } from "./exit-code.js";
import type { Finish } from "./finish.js";
import { fuzzCampaign } from "./fuzz-campaign.js";
import { failureOf, FAILURES_DIRECTORY } from "./fuzz-command.js";
import { failureText } from "./fuzz-report.js";
import { playScenarios } from "./scenario-command.js";
import { scenarioLines } from "./scenario-report.js";
import { startTable } from "./start-report.js";

/** The same for everybody who tries this out; `selvage fuzz` draws one. */
const SEED = 1;
const FUZZ_MS = 10_000;

interface StartFlags {
    readonly progress?: boolean;
}

/** `selvage start`, which is also `npm start`. */
export function startCommand(finish: Finish): Command {
    return new Command("start")
        .summary("show everything: all scenarios on real nodes, then ten seconds of fuzzing")
        .description("Runs every scenario on real, commissioned matter.js nodes (or on simulated ones, if it cannot take place there), then fuzzes task interleavings for ten seconds, and prints what was shown.")
        .option("--progress", "show progress even if stderr is no terminal")
        .action(async (flags: StartFlags) => {
            finish(await start(flags));
        });
}

async function start(flags: StartFlags): Promise<ExitCode> {
    const played = await playScenarios(scenarios, "matter", { seed: SEED, ...flags });
    const fuzzed = await fuzzCampaign({ time: FUZZ_MS, seed: SEED, profile: "standard", ...flags });
    console.log(startTable(played, fuzzed));
    const failed = played.filter(({ passed }) => !passed);
    for (const result of failed) {
        console.log(`\n${scenarioLines(result)}`);
    }
    const failure = failureOf(fuzzed, { shrink: true, save: FAILURES_DIRECTORY, ...flags });
    if (failure !== null) {
        console.log(failureText(failure));
    }
    return failed.length === 0 && failure === null ? ExitCode.OK : ExitCode.VIOLATION;
}
