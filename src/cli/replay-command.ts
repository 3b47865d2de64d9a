import { Command } from "commander";
import { readFileSync } from "node:fs";
import { activeMutant } from "../../properties/mutant-loader.js";
import { readFailureFile } from "../../sim/failure-file.js";
import { record, type Recorded } from "../../sim/replay.js";
import { looksLikeReplayToken, readReplayToken, type Replay } from "../../sim/replay-token.js";
import { argvOf, type Finish } from "./finish.js";
import { ExitCode } from "./exit-code.js";
import { requireMutationLoaded, rerunMutated } from "./mutated-process.js";
import { timelineText } from "./timeline.js";
import { UsageError } from "./usage-error.js";

interface ReplayFlags {
    /** false: the user wants none. */
    readonly mutant?: string | false;
    readonly json?: boolean;
    readonly timeline: boolean;
    readonly wide?: boolean;
}

/** What is replayed, and the mutant that it was found with. */
interface Source extends Replay {
    readonly mutant: string | null;
    readonly about: string | null;
}

/** `selvage replay` */
export function replayCommand(finish: Finish): Command {
    return new Command("replay")
        .summary("run a saved schedule again in the model world, and show what happens")
        .description("Runs the schedule of a token or file of \"selvage fuzz\" again, with all checkers on, and shows its timeline. Ends with 1 if it fails.")
        .argument("<token | file>", "a replay token, or the file that fuzzing saved")
        .option("-m, --mutant <name>", "switch a known bug on (default: the one that the file names)")
        .option("--no-mutant", "leave the file's mutant off")
        .option("--no-timeline", "print the verdict only")
        .option("--wide", "do not cut long lines")
        .option("--json", "print one JSON object as the last line of stdout, and nothing else there")
        .action((what: string, flags: ReplayFlags, command: Command) => {
            const source = sourceOf(what);
            const mutant = flags.mutant ?? source.mutant;
            const rerun = typeof mutant === "string" ? rerunMutated(mutant, argvOf(command)) : undefined;
            finish(rerun ?? replay(source, flags));
        });
}

function replay(source: Source, flags: ReplayFlags): ExitCode {
    const recorded = record(source);
    requireMutationLoaded();
    const { violation } = recorded;
    if (flags.json === true) {
        console.log(JSON.stringify(jsonOf(source, recorded, flags.timeline)));
    } else {
        if (flags.timeline) {
            console.log(timelineText(recorded.lines, flags.wide === true ? Infinity : (process.stdout.columns ?? 200)));
        }
        console.log(verdictText(source, recorded));
    }
    return violation === null ? ExitCode.OK : ExitCode.VIOLATION;
}

function sourceOf(what: string): Source {
    if (looksLikeReplayToken(what)) {
        return { ...readReplayToken(what), mutant: null, about: null };
    }
    let text: string;
    try {
        text = readFileSync(what, "utf8");
    } catch (error) {
        throw new UsageError(
            "UNREADABLE_FILE",
            `"${what}" is neither a replay token (those begin with "slv1.") nor a file that can be read: ${error instanceof Error ? error.message : String(error)}.`,
        );
    }
    // A token in a file is as good as the token.
    return looksLikeReplayToken(text) ? { ...readReplayToken(text), mutant: null, about: null } : readFailureFile(text);
}

function verdictText({ about }: Source, recorded: Recorded): string {
    const { violation, events, deviceRequests, simulatedMs, traceHash } = recorded;
    const mutant = activeMutant();
    const lines = [
        "",
        violation === null ? "passes: everything holds" : `${violation.checker} does not hold, ${violation.atMs} ms from the start: ${violation.message}`,
        `${events} events, ${deviceRequests} device requests, ${(simulatedMs / 1000).toFixed(1)} simulated seconds, trace hash ${traceHash}`,
        ...(mutant === undefined ? [] : [`with the mutant ${mutant}`]),
        ...(about === null ? [] : [`the file says: ${about}`]),
    ];
    return lines.join("\n");
}

function jsonOf(source: Source, recorded: Recorded, withTimeline: boolean): object {
    const { lines, ...rest } = recorded;
    return {
        failed: recorded.violation !== null,
        ...rest,
        mutant: activeMutant() ?? null,
        script: source.script,
        scanThroughout: source.scanThroughout,
        ...(withTimeline ? { timeline: lines } : {}),
    };
}
