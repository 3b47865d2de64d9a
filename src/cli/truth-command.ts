import { Command, Option } from "commander";
import { truthClusters } from "../../properties/truth/clusters.js";
import type { TruthResult } from "../../properties/truth/run-truth.js";
import { whole } from "./arguments.js";
import { ExitCode } from "./exit-code.js";
import type { Finish } from "./finish.js";
import { Progress } from "./progress.js";
import { requireMatter } from "./scenario-command.js";
import { findingText, truthTable } from "./truth-report.js";

interface TruthFlags {
    readonly runs: number;
    readonly cluster?: string;
    readonly seed: number;
    readonly json?: boolean;
    readonly progress?: boolean;
}

/** `selvage truth` */
export function truthCommand(finish: Finish): Command {
    return new Command("truth")
        .summary("compare the device models with real matter.js nodes")
        .description(
            "Sends the same random sequences of reads, writes and commands to a real matter.js node and to the device model of the simulation, and compares " +
                "answers, attributes and what the nodes hold inside, command by command. Differences that are known, with the section of the specification " +
                "and the reason, are told apart; any other is made as small as possible and shown, and the exit code is 1.",
        )
        .option("-r, --runs <number>", "sequences in all, shared among the clusters", whole(1, 1_000_000), 100)
        .addOption(new Option("-c, --cluster <name>", "only sequences about this cluster (default: all)").choices(truthClusters.map(({ name }) => name)))
        .option("-s, --seed <number>", "the same seed gives the same sequences", whole(0, 0x7fff_ffff), 1)
        .option("--json", "print one JSON object as the last line of stdout, and nothing else there; differences go to stderr")
        .option("--progress", "show progress even if stderr is no terminal")
        .action(async ({ runs, cluster, seed, json = false, progress: isShown }: TruthFlags) => {
            requireMatter();
            // Loads matter.js, which other commands do without.
            const { compareWithRealNodes } = await import("../../properties/truth/run-truth.js");
            const progress = new Progress(isShown);
            const clusters = cluster === undefined ? undefined : [cluster];
            const result = await compareWithRealNodes({ runs, seed, clusters, onProgress: doing => progress.show(() => doing) });
            progress.done();
            for (const finding of result.findings) {
                console.error(findingText(finding));
            }
            console.log(json ? JSON.stringify(plain(result)) : truthTable(result));
            finish(result.findings.length === 0 ? ExitCode.OK : ExitCode.VIOLATION);
        });
}

/** The result as `--json` prints it: part of the command line's contract. */
function plain({ clusters }: TruthResult): object {
    return Object.fromEntries([...clusters].map(([name, { compared, differences, known }]) => [name, { compared, differences, known }]));
}
