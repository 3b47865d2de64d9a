import { createRequire } from "node:module";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { StorePut } from "../src/core/store.js";
import { decodeRecord, encodeRecord, LogStore } from "../src/runtime/store/index.js";

/** One engine under measurement, used as a store would use it: a commit resolves when it is synced. */
export interface EngineUnderTest {
    /** Open, read and decode everything; bytes that do not decode count as `undefined`. */
    open(directory: string): Promise<readonly unknown[]>;
    commit(puts: readonly StorePut[]): Promise<void>;
    close(): Promise<void>;
}

export interface Engine {
    readonly name: string;
    create(): EngineUnderTest;
}

/** What is used of `lmdb`, which is not installed as a rule. */
interface Lmdb {
    open(options: object): LmdbDatabase;
}

interface LmdbDatabase {
    readonly flushed: PromiseLike<unknown>;
    getRange(): Iterable<{ readonly value: Buffer }>;
    put(key: readonly [string, number], value: Buffer): unknown;
    transaction(action: () => void): Promise<unknown>;
    close(): Promise<void>;
}

/** What is used of `classic-level`. */
interface ClassicLevel {
    readonly ClassicLevel: new (path: string, options: object) => LevelDatabase;
}

interface LevelDatabase {
    open(): Promise<void>;
    iterator(): { nextv(count: number): Promise<[string, Buffer][]>; close(): Promise<void> };
    batch(puts: readonly { type: "put"; key: string; value: Buffer }[], options: { sync: boolean }): Promise<void>;
    close(): Promise<void>;
}

/**
 * The engines that can be measured here. `lmdb` and `classic-level` are no dependencies of Selvage: they are looked for in the
 * directory `SELVAGE_BENCH_ENGINES` (`npm install --prefix DIR lmdb classic-level`) and left out when they are not there.
 */
export async function engines(): Promise<{ found: Engine[]; missing: string[] }> {
    const found: Engine[] = [{ name: "append+fdatasync", create: rawAppend }, { name: "LogStore", create: ownLog }];
    const lmdbModule = await load<Lmdb>("lmdb");
    const levelModule = await load<ClassicLevel>("classic-level");
    found.push(...(lmdbModule === undefined ? [] : lmdb(lmdbModule)));
    found.push(...(levelModule === undefined ? [] : classicLevel(levelModule)));
    const missing = [lmdbModule === undefined ? "lmdb" : "", levelModule === undefined ? "classic-level" : ""];
    return { found, missing: missing.filter(name => name !== "") };
}

async function load<Module>(name: string): Promise<Module | undefined> {
    const home = process.env["SELVAGE_BENCH_ENGINES"];
    if (home === undefined) {
        return undefined;
    }
    try {
        const path = createRequire(join(home, "node_modules", "x.js")).resolve(name);
        return (await import(pathToFileURL(path).href)) as Module;
    } catch {
        return undefined;
    }
}

/** The baseline: the same bytes appended to one file and synced, nothing else. */
function rawAppend(): EngineUnderTest {
    let file: Awaited<ReturnType<typeof open>>;
    let tail: Promise<unknown> = Promise.resolve();
    return {
        async open(directory) {
            file = await open(join(directory, "raw"), "a");
            return [];
        },
        commit(puts) {
            const bytes = Buffer.concat(puts.map(put => encodeRecord(put.record!)));
            const done = tail.then(() => file.write(bytes)).then(() => file.datasync());
            tail = done;
            return done;
        },
        close: () => file.close(),
    };
}

function ownLog(): EngineUnderTest {
    let store: LogStore;
    let batch = 0;
    return {
        async open(directory) {
            store = new LogStore({ directory });
            const image = await store.open();
            return [...image.item.values(), ...image.run.values()];
        },
        commit: puts => store.commit({ id: ++batch, puts }),
        close: () => store.close(),
    };
}

function lmdb(module: Lmdb): Engine[] {
    const variant = (name: string, options: object): Engine => ({
        name,
        create() {
            let db: LmdbDatabase;
            return {
                async open(directory) {
                    db = module.open({ path: directory, encoding: "binary", ...options });
                    return Array.from(db.getRange(), ({ value }) => decodeRecord(value));
                },
                async commit(puts) {
                    const encoded = puts.map(put => [put, encodeRecord(put.record!)] as const);
                    await db.transaction(() => {
                        for (const [put, bytes] of encoded) {
                            db.put([put.table, put.id], bytes);
                        }
                    });
                    await db.flushed;
                },
                close: () => db.close(),
            };
        },
    });
    return [variant("lmdb (await flushed)", {}), variant("lmdb (no overlap)", { overlappingSync: false })];
}

function classicLevel(module: ClassicLevel): Engine[] {
    return [
        {
            name: "classic-level (sync)",
            create() {
                let db: LevelDatabase;
                return {
                    async open(directory) {
                        db = new module.ClassicLevel(join(directory, "level"), { keyEncoding: "utf8", valueEncoding: "buffer" });
                        await db.open();
                        const records: unknown[] = [];
                        const iterator = db.iterator();
                        for (;;) {
                            const entries = await iterator.nextv(1000);
                            if (entries.length === 0) {
                                break;
                            }
                            records.push(...entries.map(([, value]) => decodeRecord(value)));
                        }
                        await iterator.close();
                        return records;
                    },
                    commit: puts =>
                        db.batch(
                            puts.map(put => ({
                                type: "put" as const,
                                key: `${put.table}/${String(put.id).padStart(16, "0")}`,
                                value: encodeRecord(put.record!),
                            })),
                            { sync: true },
                        ),
                    close: () => db.close(),
                };
            },
        },
    ];
}
