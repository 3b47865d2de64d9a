import { Command, Option } from "commander";
import { runScenario, scenarios, type NodesKind, type Scenario, type ScenarioResult } from "../../scenarios/index.js";
import type { Finish } from "./finish.js";
import { ExitCode } from "./exit-code.js";
import { whole } from "./arguments.js";
import { Progress } from "./progress.js";
import { scenarioLines } from "./scenario-report.js";
import { UsageError } from "./usage-error.js";

interface ScenarioFlags {
    readonly nodes: NodesKind;
    readonly seed: number;
    readonly list?: boolean;
    readonly json?: boolean;
    readonly progress?: boolean;
}

/** `selvage scenario` */
export function scenarioCommand(finish: Finish): Command {
    return new Command("scenario")
        .summary("run one scenario or all, on simulated or on real nodes")
        .description("Runs end-to-end stories: on device models, or on real matter.js nodes with the whole protocol stack between, in virtual time.")
        .argument("[name]", `which one (default: all): ${scenarios.map(({ name }) => name).join(", ")}`)
        .addOption(new Option("--nodes <kind>", "what the nodes are").choices(["sim", "matter"]).default("sim"))
        .option("-s, --seed <number>", "the same seed gives the same run, byte for byte", whole(0, 0xffff_ffff), 1)
        .option("-l, --list", "list them")
        .option("--json", "print one JSON object as the last line of stdout, and nothing else there")
        .option("--progress", "show progress even if stderr is no terminal")
        .action(async (name: string | undefined, flags: ScenarioFlags) => {
            const chosen = chosenScenarios(name, flags);
            if (flags.list === true) {
                console.log(flags.json === true ? JSON.stringify(chosen.map(plain)) : chosen.map(listed).join("\n"));
                return finish(ExitCode.OK);
            }
            const results = await playScenarios(chosen, flags.nodes, flags);
            if (flags.json === true) {
                console.log(JSON.stringify({ passed: results.every(result => result.passed), scenarios: results }));
            } else {
                console.log(results.map(scenarioLines).join("\n\n"));
            }
            finish(results.every(result => result.passed) ? ExitCode.OK : ExitCode.VIOLATION);
        });
}

/**
 * Play scenarios one after the other. One that cannot take place on these nodes is played where it can; its result says where.
 *
 * @throws UsageError MATTER_MISSING
 */
export async function playScenarios(
    chosen: readonly Scenario[],
    nodes: NodesKind,
    options: { readonly seed: number; readonly progress?: boolean },
): Promise<readonly ScenarioResult[]> {
    if (nodes === "matter") {
        requireMatter();
    }
    const progress = new Progress(options.progress);
    const results: ScenarioResult[] = [];
    for (const scenario of chosen) {
        const place = scenario.confinedTo?.nodes ?? nodes;
        const onProgress = (shown: string) => progress.show(() => `${scenario.name} on ${place} nodes: ${shown}`);
        onProgress("begins");
        results.push(await runScenario(scenario, place, { seed: options.seed, onProgress }));
    }
    progress.done();
    return results;
}

/**
 * Real nodes come from an optional peer dependency.
 *
 * @throws UsageError MATTER_MISSING
 */
export function requireMatter(): void {
    const missing = ["@matter/main", "@matter/nodejs"].filter(name => {
        try {
            import.meta.resolve(name);
            return false;
        } catch {
            return true;
        }
    });
    if (missing.length > 0) {
        throw new UsageError(
            "MATTER_MISSING",
            `Real nodes need matter.js, which is not installed: npm install ${missing.map(name => `${name}@0.17.9`).join(" ")}. Or use --nodes sim.`,
        );
    }
}

function chosenScenarios(name: string | undefined, { nodes, list }: ScenarioFlags): readonly Scenario[] {
    if (name === undefined) {
        return scenarios;
    }
    const chosen = scenarios.filter(scenario => scenario.name === name);
    if (chosen.length === 0) {
        throw new UsageError("UNKNOWN_SCENARIO", `There is no scenario "${name}". Known: ${scenarios.map(each => each.name).join(", ")}.`);
    }
    const { confinedTo } = chosen[0]!;
    if (confinedTo !== undefined && confinedTo.nodes !== nodes && list !== true) {
        throw new UsageError("NOT_ON_THESE_NODES", `Scenario "${name}" takes place with --nodes ${confinedTo.nodes} alone: ${confinedTo.because}.`);
    }
    return chosen;
}

function plain({ name, title, description, confinedTo }: Scenario): object {
    return { name, title, description, ...(confinedTo === undefined ? {} : { confinedTo }) };
}

function listed({ name, title, description, confinedTo }: Scenario): string {
    const place = confinedTo === undefined ? "" : `\n    Only with --nodes ${confinedTo.nodes}: ${confinedTo.because}.`;
    return `${name}: ${title}\n    ${description}${place}`;
}
