import Table, { type Cell } from "cli-table3";
import pc from "picocolors";
import type { NodesKind, ScenarioResult } from "../../scenarios/index.js";
import type { Fuzzed } from "./fuzz-campaign.js";

const PLACES: readonly (readonly [NodesKind, string])[] = [
    ["matter", "On real, commissioned matter.js nodes"],
    ["sim", "On simulated nodes"],
];
const STYLE = { head: ["bold"], border: [] };

/** What `selvage start` showed, as one table. */
export function startTable(played: readonly ScenarioResult[], fuzzed: Fuzzed): string {
    // Only the text has a width of its own: the other columns are as wide as what stands in them, so that nothing is cut off.
    const table = new Table({ head: ["", "what was shown", "facts", "result", "simulated", "took"], style: STYLE, colWidths: [null, 62], wordWrap: true });
    for (const [nodes, heading] of PLACES) {
        const there = played.filter(result => result.nodes === nodes);
        if (there.length > 0) {
            table.push([{ colSpan: 6, content: heading }], ...there.map(row));
        }
    }
    const { schedules, failures, simulatedSeconds, wallSeconds } = fuzzed.result;
    table.push([{ colSpan: 6, content: "In the model world" }]);
    table.push(["fuzzing", fuzzText(fuzzed), count(schedules), verdict(failures === 0), duration(simulatedSeconds * 1000), duration(wallSeconds * 1000)]);
    const footer = `Each fact: npx selvage scenario NAME --nodes ${played[0]?.nodes ?? "matter"}. More schedules: npx selvage fuzz --time 1m.`;
    return `${table.toString()}\n${footer}`;
}

function row({ name, title, passed, shown, error, virtualMs, wallMs }: ScenarioResult): Cell[] {
    const failure = error === undefined ? [] : [pc.red(error.split("\n")[0])];
    return [name, [title, ...failure].join("\n"), shown.length, verdict(passed), duration(virtualMs), duration(wallMs)];
}

function fuzzText({ result, workers, profile }: Fuzzed): string {
    const { failures, schedulesPerSecond, eventsMedian, faults } = result;
    return [
        `Random schedules of tasks, faults and crashes (profile ${profile.name}): ${failures === 0 ? "nothing violated" : `${count(failures)} violate something`}`,
        `${count(schedulesPerSecond)} per second with ${workers} ${workers === 1 ? "thread" : "threads"}, ${eventsMedian} events each (median);`,
        `a controller crash in ${percent(faults.crashShare)} of them, an outage in ${percent(faults.outageShare)}`,
    ].join("\n");
}

function verdict(isWell: boolean): string {
    return isWell ? pc.green("passed") : pc.red("FAILED");
}

function duration(ms: number): string {
    const units = [
        ["d", 86_400_000],
        ["h", 3_600_000],
        ["min", 60_000],
    ] as const;
    const [unit, size] = units.find(([, each]) => ms >= 2 * each) ?? ["s", 1000];
    return `${(ms / size).toFixed(ms >= 100 * size ? 0 : 1)} ${unit}`;
}

function percent(share: number): string {
    return `${Math.round(100 * share)} %`;
}

function count(n: number): string {
    return Math.round(n).toLocaleString("en-US");
}
