import Table from "cli-table3";
import pc from "picocolors";
import type { ScenarioResult } from "../../scenarios/index.js";
import type { Fuzzed } from "./fuzz-campaign.js";

const STYLE = { head: ["bold"], border: [] };

/** What `selvage start` showed, as one table. */
export function startTable(played: readonly ScenarioResult[], { result, workers, profile }: Fuzzed): string {
    const table = new Table({ head: ["what", "where", "shown", "result", "took"], style: STYLE, colWidths: [20, 14, 58, 9, 9], wordWrap: true });
    for (const { name, nodes, passed, shown, title, error, wallMs } of played) {
        const details = [title, ...shown.map(line => `- ${line}`), ...(error === undefined ? [] : [`failed: ${firstLine(error)}`])];
        table.push([name, nodes === "sim" ? "simulated" : "real nodes", details.join("\n"), verdict(passed), seconds(wallMs)]);
    }
    const { schedules, failures, schedulesPerSecond, simulatedSeconds, faults, wallSeconds, eventsMedian } = result;
    const fuzzing = [
        `${count(schedules)} random schedules of profile ${profile.name}, ${count(failures)} failures`,
        `- ${count(schedulesPerSecond)} per second with ${workers} ${workers === 1 ? "thread" : "threads"}, ${eventsMedian} events each (median)`,
        `- ${count(simulatedSeconds / 86_400)} simulated days`,
        `- a controller crash in ${percent(faults.crashShare)}, an outage in ${percent(faults.outageShare)} of them`,
    ];
    table.push(["fuzzing", "model world", fuzzing.join("\n"), verdict(failures === 0), seconds(wallSeconds * 1000)]);
    return table.toString();
}

function verdict(isWell: boolean): string {
    return isWell ? pc.green("passed") : pc.red("FAILED");
}

function firstLine(text: string): string {
    return text.split("\n")[0]!;
}

function seconds(ms: number): string {
    return `${(ms / 1000).toFixed(1)} s`;
}

function percent(share: number): string {
    return `${Math.round(100 * share)} %`;
}

function count(n: number): string {
    return Math.round(n).toLocaleString("en-US");
}
