import Table from "cli-table3";
import pc from "picocolors";
import type { FailureReport } from "./failure-report.js";
import type { Fuzzed } from "./fuzz-campaign.js";

const NO_COLORS = { head: [], border: [] };

/** A campaign as a table. */
export function fuzzTable({ result, workers, profile }: Fuzzed): string {
    const { schedules, failures, simulatedSeconds, wallSeconds, faults, marks } = result;
    const table = new Table({ style: NO_COLORS, colWidths: [22, 74], wordWrap: true });
    const last = result.seed + schedules - 1;
    table.push(
        ["verdict", failures === 0 ? pc.green("nothing found that does not hold") : pc.red(`${failures} of ${schedules} schedules violate something`)],
        ["schedules", `${count(schedules)} of profile ${profile.name}, seeds ${result.seed} to ${last}`],
        ["speed", `${count(result.schedulesPerSecond)} per second with ${workers} ${workers === 1 ? "thread" : "threads"}`],
        ["events", `${result.eventsMedian} per schedule (median); ${count(result.deviceRequests)} device requests in all`],
        ["simulated time", `${count(simulatedSeconds / 3600)} hours in ${wallSeconds.toFixed(1)} s: ${count(simulatedSeconds / wallSeconds)} to 1`],
        ["schedules with", byCount(faults.schedulesWith)],
        ["situations reached", byCount(marks)],
        ["trace hash", result.traceHash],
    );
    return table.toString();
}

/** What was found, and how to look at it. */
export function failureText(report: FailureReport): string {
    const { checker, message, seed, mutant, isPredicted, token, file, atMs, replay, shrinkTries } = report;
    const { nodes, actions, crashes } = replay.script;
    const prediction = isPredicted === true ? "as its header predicts" : pc.red("which its header does not predict");
    const lines = [
        `\n${pc.red(pc.bold(`${checker} does not hold:`))} ${message}`,
        `Seed ${seed}${shrinkTries > 0 ? `, shrunk (${shrinkTries} scripts tried)` : ""}: nodes ${nodes.length}, actions ${actions.length}, ` +
            `crashes ${crashes.length}; it happens ${atMs} ms from the start.`,
        ...(mutant === null ? [] : [`Mutant ${mutant}: found by ${checker}, ${prediction}.`]),
        ...(file === null ? [] : [`Saved as ${file}`]),
        `Look at it:\n    npx selvage replay ${mutant === null ? "" : `--mutant ${mutant} `}${token}`,
    ];
    return lines.join("\n");
}

function byCount(counts: Readonly<Record<string, number>>): string {
    const parts = Object.entries(counts).filter(([, n]) => n > 0);
    return parts.sort(([, a], [, b]) => b - a).map(([name, n]) => `${name} ${count(n)}`).join(", ");
}

function count(n: number): string {
    return Math.round(n).toLocaleString("en-US");
}
