/**
 * What does each engine say when one bit of its largest file is wrong? Each trial flips one bit in a copy of a good store and reads
 * everything in a process of its own.
 *
 *     SELVAGE_BENCH_ENGINES=/tmp/engines npx tsx bench/store-damage.ts [--trials 60]
 *
 * told: opening or reading failed, or a record did not decode. crashed: the process died or hung. wrong: other or fewer
 * records came back, and no error. unnoticed: all records came back as they were.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodeRecord } from "../src/runtime/store/index.js";
import { benchPut } from "./store-bench-record.js";
import { engines, type Engine } from "./store-engine-adapters.js";

const ITEMS = 2_000;
const { values } = parseArgs({
    options: { trials: { type: "string", default: "60" }, read: { type: "string" }, directory: { type: "string" } },
});
const trials = Number(values.trials);

/** In the child. Ends without closing: closing could repair or change something. */
async function readAll(engine: Engine, directory: string): Promise<never> {
    const records = await engine.create().open(directory);
    const encoded = records.map(record => encodeRecord(record as object).toString()).sort();
    console.log(createHash("sha256").update(encoded.join("\n")).digest("hex"));
    process.exit(0);
}

function read(engine: Engine, directory: string): { readonly outcome: "told" | "crashed" } | { readonly digest: string } {
    const script = fileURLToPath(import.meta.url);
    const child = spawnSync(process.execPath, ["--import", "tsx", script, "--read", engine.name, "--directory", directory], {
        encoding: "utf8",
        timeout: 20_000,
    });
    if (child.signal !== null) {
        return { outcome: "crashed" };
    }
    return child.status === 0 ? { digest: child.stdout.trim() } : { outcome: "told" };
}

async function flipBit(directory: string, share: number): Promise<void> {
    const names = await readdir(directory, { recursive: true });
    const files = await Promise.all(names.map(async name => ({ path: join(directory, name), info: await stat(join(directory, name)) })));
    const largest = files.filter(({ info }) => info.isFile()).sort((a, b) => b.info.size - a.info.size)[0]!;
    const file = await open(largest.path, "r+");
    const position = Math.floor(largest.info.size * share);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte[0]! ^= 0x04;
    await file.write(byte, 0, 1, position);
    await file.close();
}

async function examine(engine: Engine): Promise<void> {
    const home = await mkdtemp(join(tmpdir(), "selvage-damage-"));
    const counts = { told: 0, crashed: 0, wrong: 0, unnoticed: 0 };
    try {
        const good = await mkdtemp(join(home, "good-"));
        const store = engine.create();
        await store.open(good);
        for (let id = 1; id <= ITEMS; id += 100) {
            await store.commit(Array.from({ length: 100 }, (_, i) => benchPut(id + i, 1)));
        }
        await store.close();
        // The sockets of a lock cannot be copied.
        const copyTo = (target: string) => cp(good, target, { recursive: true, filter: path => !/lock\.\d+$/.test(path) });
        const untouched = join(home, "untouched");
        await copyTo(untouched);
        const expected = read(engine, untouched);
        for (let trial = 0; trial < trials; trial++) {
            const copy = join(home, "copy");
            await copyTo(copy);
            await flipBit(copy, (trial + 0.5) / trials);
            const found = read(engine, copy);
            const same = "digest" in found && "digest" in expected && found.digest === expected.digest;
            counts["outcome" in found ? found.outcome : same ? "unnoticed" : "wrong"]++;
            await rm(copy, { recursive: true });
        }
    } finally {
        await rm(home, { recursive: true, force: true });
    }
    console.log(engine.name.padEnd(24), JSON.stringify(counts));
}

const { found } = await engines();
if (values.read !== undefined) {
    await readAll(found.find(engine => engine.name === values.read)!, values.directory!);
}
for (const engine of found.slice(1)) {
    await examine(engine);
}
