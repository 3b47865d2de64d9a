/**
 * `npm run bench [-- --quick] [-- --json]`: what the simulator and the machine cost. Figures depend on the machine; ratios, each measured against a
 * baseline in the same run, hardly do. The store's engines have a benchmark of their own: `bench/store-engines.ts`.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { benchHome, type HomeFigures } from "./home.js";
import { benchItems, type ItemFigures } from "./items.js";
import { benchSchedules, type ScheduleFigures } from "./schedules.js";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } } });

const COMMIT_SIZES = [10, 100, 1_000, 10_000];
const PASS_SIZES = [10, 100, 1_000, 10_000, 100_000];
const STYLE = { head: [], border: [] };

const say = (text: string) => (values.json ? undefined : console.log(text));

say(`Node ${process.version} on ${cpus()[0]?.model ?? "?"}, one core; the best of several rounds, ratios as medians.\n`);
const schedules = await benchSchedules(values.quick ? 100 : 1_000);
say(schedulesTable(schedules));
const home = benchHome(values.quick ? 2 : 10);
say(homeTable(home));
const items = benchItems(COMMIT_SIZES, values.quick ? COMMIT_SIZES : PASS_SIZES, values.quick ? 300 : 3_000);
say(itemsTable(items));
if (values.json) {
    console.log(JSON.stringify({ node: process.version, schedules, home, items }));
}

function schedulesTable(figures: ScheduleFigures): string {
    const table = new Table({ head: ["standard schedules", "Selvage", "fc.scheduler", "ratio", "target"], style: STYLE });
    table.push(
        ["schedules per second", count(figures.schedulesPerSecond), count(figures.baselineSchedulesPerSecond), `${figures.timesBaseline} x`, "10,000"],
        ["ns per event", count(figures.nanosecondsPerEvent), count(figures.baselineNanosecondsPerEvent), "", ""],
        ["events per schedule", count(figures.eventsMedian), "as many", "", "120"],
        ["simulated : wall", `${count(figures.simulatedToWall)} : 1`, "", "", ""],
        ["failures", count(figures.failures), "", "", "0"],
    );
    return table.toString();
}

function homeTable(figures: HomeFigures): string {
    const table = new Table({ head: [`a day of a home with ${figures.nodes} nodes`, "measured", "target"], style: STYLE });
    table.push(
        ["simulated : wall, all checkers on", `${count(figures.simulatedToWall)} : 1`, "1,000,000 : 1"],
        ["simulated : wall, without checkers", `${count(figures.withoutCheckers)} : 1`, ""],
        ["events per day", count(figures.eventsPerDay), ""],
        ["failures", count(figures.failures), "0"],
    );
    return table.toString();
}

function itemsTable(figures: ItemFigures): string {
    const head = ["items on the node", "intent + commit, us", "with journal line, us", "map + 2 lines, us", "ratio", "no-op pass, us"];
    const table = new Table({ head, style: STYLE });
    for (const row of figures.rows) {
        const ratio = (row.withJournalMicroseconds / row.baselineMicroseconds).toFixed(2);
        table.push([count(row.items), row.commitMicroseconds, row.withJournalMicroseconds, row.baselineMicroseconds, ratio, row.passMicroseconds]);
    }
    table.push(["growth exponent", `${figures.commitExponent} (target 1.1)`, "", "", "", `${figures.passExponent} (target 0)`]);
    table.push(["target", "", "3", "", "", "1"]);
    return table.toString();
}

function count(n: number): string {
    return n.toLocaleString("en-US");
}
