import { Command, CommanderError } from "commander";
import { MutantError } from "../../properties/mutant-loader.js";
import { ScriptError } from "../../sim/script-check.js";
import { AdapterError } from "../../conformance/stdio/adapter-error.js";
import { conformCommand } from "./conform-command.js";
import { ExitCode } from "./exit-code.js";
import type { Finish } from "./finish.js";
import { fuzzCommand } from "./fuzz-command.js";
import { packageVersion } from "./package-version.js";
import { replayCommand } from "./replay-command.js";
import { scenarioCommand } from "./scenario-command.js";
import { startCommand } from "./start-command.js";
import { truthCommand } from "./truth-command.js";
import { UsageError } from "./usage-error.js";

const ABOUT =
    "The intended state of a Matter fabric: stories on simulated and on real nodes, and a search for schedules of faults under which something " +
    "does not hold that must.";

const EXIT_CODES = `
Exit codes: 0 all is well, 1 a violation, a failed scenario or case, 2 wrong usage or a harness error, 3 a case passes that is known to fail.

Examples:
  selvage start                           every scenario on real nodes, then ten seconds of fuzzing
  selvage scenario happy --nodes sim      one scenario on device models
  selvage fuzz --time 30s                 look for a schedule that breaks something
  selvage replay slv1.AbCd...             look at one that did
  selvage truth --runs 300                compare the device models with real nodes
  selvage conform --target model          the conformance suite for cluster 0x0752`;

/** Run the command line with these arguments, and give the exit code. Never throws. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
    let code: ExitCode = ExitCode.OK;
    const program = createProgram(finished => {
        code = finished;
    });
    try {
        await program.parseAsync(argv, { from: "user" });
        return code;
    } catch (error) {
        return explained(error);
    }
}

function createProgram(finish: Finish): Command {
    const program = new Command("selvage")
        .description(ABOUT)
        .version(packageVersion(), "-V, --version", "print the version")
        .helpOption("-h, --help", "print this, or a command's own help")
        .helpCommand("help [command]", "print a command's help")
        .addHelpText("after", EXIT_CODES)
        .showSuggestionAfterError()
        .exitOverride();
    for (const command of [startCommand(finish), scenarioCommand(finish), fuzzCommand(finish), replayCommand(finish), truthCommand(finish), conformCommand(finish)]) {
        // Commands made on their own do not inherit this.
        program.addCommand(command.copyInheritedSettings(program));
    }
    return program;
}

function explained(error: unknown): ExitCode {
    if (error instanceof CommanderError) {
        // Commander has said what is wrong; help and version come this way, too, with code 0.
        const isAsked = error.exitCode === 0;
        if (!isAsked) {
            console.error('Try "selvage --help", or "selvage help <command>".');
        }
        return isAsked ? ExitCode.OK : ExitCode.UNUSABLE;
    }
    if (error instanceof UsageError || error instanceof AdapterError || error instanceof MutantError || error instanceof ScriptError || error instanceof RangeError) {
        const code = "code" in error ? error.code : "BAD_ARGUMENT";
        console.error(`selvage: ${error.message} [${code}]`);
        return ExitCode.UNUSABLE;
    }
    console.error("selvage: an error in Selvage itself; please report it:");
    console.error(error);
    return ExitCode.UNUSABLE;
}
