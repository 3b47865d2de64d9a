/**
 * Which engine keeps the store? Durable commits per second, time to open, and size, of each candidate beside a raw append and
 * fdatasync of the same bytes in the same run.
 *
 *     npm install --prefix /tmp/engines lmdb classic-level
 *     SELVAGE_BENCH_ENGINES=/tmp/engines npx tsx bench/store-engines.ts [--seconds 1] [--items 1000,10000,100000]
 */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchPut, benchRun } from "./store-bench-record.js";
import { engines, type Engine, type EngineUnderTest } from "./store-engine-adapters.js";

const { values } = parseArgs({
    options: { seconds: { type: "string", default: "1" }, items: { type: "string", default: "1000,10000,100000" } },
});
const seconds = Number(values.seconds);

interface Load {
    readonly name: string;
    readonly recordsPerBatch: number;
    /** Commits handed over before the first is durable. The core hands over one at a time. */
    readonly outstanding: number;
}

const LOADS: readonly Load[] = [
    { name: "1 record", recordsPerBatch: 1, outstanding: 1 },
    { name: "10 records", recordsPerBatch: 10, outstanding: 1 },
    { name: "100 records", recordsPerBatch: 100, outstanding: 1 },
    { name: "1 record, 64 at once", recordsPerBatch: 1, outstanding: 64 },
];

/** Engines take turns in short rounds, so that what else the machine does meets all of them; the median counts. */
const ROUNDS = 7;

interface Row {
    readonly engine: string;
    readonly recordsPerSecond: readonly number[];
    readonly openMs: number;
    readonly megabytes: number;
}

interface Candidate {
    readonly engine: Engine;
    readonly directory: string;
    readonly store: EngineUnderTest;
}

async function prepare(engine: Engine, items: number): Promise<Candidate> {
    const directory = await mkdtemp(join(process.env["SELVAGE_BENCH_DIR"] ?? tmpdir(), "selvage-store-"));
    const store = engine.create();
    await store.open(directory);
    for (let id = 1; id <= items; id += 1000) {
        await store.commit(Array.from({ length: Math.min(1000, items - id + 1) }, (_, i) => benchPut(id + i, 1)));
    }
    return { engine, directory, store };
}

async function measure(candidates: readonly Candidate[], items: number): Promise<Row[]> {
    const rates = candidates.map((): number[] => []);
    for (const load of LOADS) {
        const rounds = candidates.map((): number[] => []);
        for (let round = 0; round < ROUNDS; round++) {
            for (const [index, candidate] of candidates.entries()) {
                rounds[index]!.push(await drive(candidate.store, load, items));
            }
        }
        rounds.forEach((list, index) => rates[index]!.push(median(list)));
    }
    const rows: Row[] = [];
    for (const [index, { engine, directory, store }] of candidates.entries()) {
        await store.close();
        const again = engine.create();
        const start = performance.now();
        await again.open(directory);
        const openMs = performance.now() - start;
        rows.push({ engine: engine.name, recordsPerSecond: rates[index]!, openMs, megabytes: (await size(directory)) / 1e6 });
        await again.close();
    }
    return rows;
}

function median(list: readonly number[]): number {
    return [...list].sort((a, b) => a - b)[list.length >> 1]!;
}

let drives = 1;

async function drive(store: EngineUnderTest, load: Load, items: number): Promise<number> {
    let records = 0;
    let generation = drives++;
    const start = performance.now();
    const worker = async (): Promise<void> => {
        while (performance.now() - start < (seconds * 1000) / ROUNDS) {
            generation++;
            // A stride coprime to the number of items: writes are spread over all of them.
            const puts = Array.from({ length: load.recordsPerBatch }, (_, i) =>
                benchPut((((generation * load.recordsPerBatch + i) * 7919) % items) + 1, generation),
            );
            await store.commit(puts);
            records += puts.length;
        }
    };
    await Promise.all(Array.from({ length: load.outstanding }, worker));
    return records / ((performance.now() - start) / 1000);
}

async function size(path: string): Promise<number> {
    const info = await stat(path);
    if (!info.isDirectory()) {
        return info.isFile() ? info.size : 0;
    }
    const sizes = await Promise.all((await readdir(path)).map(name => size(join(path, name))));
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function print(items: number, rows: readonly Row[]): void {
    const baseline = rows[0]!;
    console.log(`\n${items} items; durable records per second (ratio to ${baseline.engine})`);
    console.log(["engine".padEnd(22), ...LOADS.map(load => load.name.padStart(21)), "open ms".padStart(9), "MB".padStart(8)].join(" "));
    for (const row of rows) {
        const cells = row.recordsPerSecond.map((rate, i) =>
            `${Math.round(rate)} (${(rate / baseline.recordsPerSecond[i]!).toFixed(2)})`.padStart(21),
        );
        const open = row === baseline ? "-" : row.openMs.toFixed(0);
        console.log([row.engine.padEnd(22), ...cells, open.padStart(9), row.megabytes.toFixed(1).padStart(8)].join(" "));
    }
}

/** The store's part of DESIGN section 11, "10,000 parked runs on 1,000 nodes": 10,000 runs and 20,000 items are read and decoded. */
async function measureRestart(engine: Engine): Promise<string> {
    const directory = await mkdtemp(join(process.env["SELVAGE_BENCH_DIR"] ?? tmpdir(), "selvage-store-"));
    try {
        const store = engine.create();
        await store.open(directory);
        for (let id = 1; id <= 10_000; id += 500) {
            const ids = Array.from({ length: 500 }, (_, i) => id + i);
            await store.commit([...ids.map(benchRun), ...ids.flatMap(n => [benchPut(2 * n - 1, 1), benchPut(2 * n, 1)])]);
        }
        await store.close();
        const times: number[] = [];
        for (let round = 0; round < 5; round++) {
            const again = engine.create();
            const start = performance.now();
            await again.open(directory);
            times.push(performance.now() - start);
            await again.close();
        }
        return `${engine.name.padEnd(22)} best ${Math.min(...times).toFixed(0)} ms, median ${median(times).toFixed(0)} ms`;
    } finally {
        await rm(directory, { recursive: true, force: true });
    }
}

const { found, missing } = await engines();
if (missing.length > 0) {
    console.log(`not measured: ${missing.join(", ")}; install them with "npm install --prefix DIR ${missing.join(" ")}"`);
    console.log("and set SELVAGE_BENCH_ENGINES=DIR");
}
for (const items of values.items.split(",").map(Number)) {
    const candidates: Candidate[] = [];
    try {
        for (const engine of found) {
            candidates.push(await prepare(engine, items));
        }
        print(items, await measure(candidates, items));
    } finally {
        await Promise.all(candidates.map(({ directory }) => rm(directory, { recursive: true, force: true })));
    }
}

console.log("\nrestart with 10,000 runs and 20,000 items: open, read and decode all");
for (const engine of found.slice(1)) {
    console.log(await measureRestart(engine));
}
