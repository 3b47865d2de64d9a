import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StoreBatch } from "../../core/store.js";
import type { FilePort } from "./file-port.js";
import { LogStore } from "./log-store.js";
import { nodeFiles } from "./node-files.js";
import { batchesIn, crashBatch, inconsistency, seededRandom } from "./testing/crash-workload.js";
import { PowerLossDisk } from "./testing/power-loss-disk.js";

const errorOf = (code: string): Error => Object.assign(new Error(code), { code });

async function open30(disk: PowerLossDisk): Promise<LogStore> {
    const store = new LogStore({ directory: "/disk", files: disk, compactAtBytes: 1_500 });
    await store.open();
    return store;
}

describe("a full disk", () => {
    it.each(["write", "sync"])("refuses the batch whose %s fails, keeps nothing of it, and goes on", async operation => {
        let full = false;
        const disk = new PowerLossDisk({ fail: call => (full && call.startsWith(operation) ? take() : undefined) });
        const take = (): Error => {
            full = false;
            return errorOf("ENOSPC");
        };
        const store = await open30(disk);
        await store.commit(crashBatch(1));
        full = true;
        const refused: StoreBatch = { id: 2, puts: [{ table: "item", id: 99, record: { pad: "x".repeat(1000) } }] };
        await expect(store.commit(refused)).rejects.toMatchObject({ code: "REFUSED", message: expect.stringMatching(/free space/) as string });
        for (const committed of [1, 2]) {
            if (committed === 2) {
                await store.commit(crashBatch(2));
            }
            for (let seed = 0; seed < 200; seed++) {
                const image = await (await reopened(disk.crash(seededRandom(seed)))).open();
                expect(batchesIn(image)).toBe(committed);
                expect(inconsistency(image)).toBeUndefined();
            }
        }
    });

    it.each([
        ["making the next log", /^create .*2\.log$/],
        ["beginning the next log", /^write .*2\.log$/],
        ["making the snapshot", /^create .*new$/],
        ["writing the snapshot", /^write .*new$/],
        ["naming the snapshot", /^rename/],
    ])("is no reason to stop when only %s finds no space", async (_what, call) => {
        const failures: string[] = [];
        const disk = new PowerLossDisk({
            fail: made => {
                const fails = call.test(made);
                if (fails) {
                    failures.push(made);
                }
                return fails ? errorOf("ENOSPC") : undefined;
            },
        });
        const store = await open30(disk);
        for (let n = 1; n <= 40; n++) {
            await store.commit(crashBatch(n));
        }
        await store.close();
        expect(failures.length).toBeGreaterThan(0);
        const image = await (await reopened(disk.crash(() => 0))).open();
        expect(batchesIn(image)).toBe(40);
        expect(inconsistency(image)).toBeUndefined();
    });
});

describe("a disk that fails", () => {
    it.each(["write", "sync"])("at a %s stops the store until it is opened again", async operation => {
        let broken = false;
        const disk = new PowerLossDisk({ fail: call => (broken && call.startsWith(operation) ? errorOf("EIO") : undefined) });
        const store = await open30(disk);
        await store.commit(crashBatch(1));
        broken = true;
        const first = store.commit(crashBatch(2));
        const queued = store.commit(crashBatch(3));
        await expect(first).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringMatching(/open a new one/) as string });
        await expect(queued).rejects.toMatchObject({ code: "UNAVAILABLE" });
        broken = false;
        await expect(store.commit(crashBatch(2))).rejects.toMatchObject({ code: "UNAVAILABLE" });
        await store.close();
        const image = await (await reopened(disk)).open();
        expect(batchesIn(image)).toBeGreaterThanOrEqual(1);
        expect(inconsistency(image)).toBeUndefined();
    });
});

async function reopened(files: PowerLossDisk): Promise<LogStore> {
    return new LogStore({ directory: "/disk", files });
}

describe("on the real file system", () => {
    let home: string;

    beforeEach(async () => {
        home = await mkdtemp(join(tmpdir(), "selvage-trace-"));
    });

    afterEach(async () => {
        await rm(home, { recursive: true, force: true });
    });

    /** The calls of the store and the acknowledgements, in the order in which they ended. */
    async function trace(sync: "real" | "off"): Promise<string[]> {
        const events: string[] = [];
        const files: FilePort = {
            ...nodeFiles,
            async open(path, mode) {
                const file = await nodeFiles.open(path, mode);
                const name = basename(path);
                return {
                    write: async (bytes, position) => {
                        await file.write(bytes, position);
                        events.push(`written ${name}`);
                    },
                    sync: async () => {
                        if (sync === "real") {
                            await file.sync();
                            events.push(`synced ${name}`);
                        }
                    },
                    truncate: length => file.truncate(length),
                    close: () => file.close(),
                };
            },
        };
        const store = new LogStore({ directory: join(home, sync), files, compactAtBytes: 3_000 });
        await store.open();
        for (let n = 1; n <= 50; n++) {
            await store.commit(crashBatch(n));
            events.push("acknowledged");
        }
        await Promise.all([51, 52, 53, 54].map(n => store.commit(crashBatch(n)).then(() => events.push("acknowledged"))));
        await store.close();
        return events;
    }

    /** The acknowledgements that came while something written to a log was not synced. */
    function early(events: readonly string[]): number {
        const unsynced = new Set<string>();
        let count = 0;
        for (const event of events) {
            const [what, name] = event.split(" ") as [string, string?];
            if (what === "written" && name!.endsWith(".log")) {
                unsynced.add(name!);
            } else if (what === "synced") {
                unsynced.delete(name!);
            } else if (what === "acknowledged" && unsynced.size > 0) {
                count++;
            }
        }
        return count;
    }

    it("no acknowledgement precedes its sync", async () => {
        const events = await trace("real");
        expect(events.filter(event => event === "acknowledged")).toHaveLength(54);
        expect(early(events)).toBe(0);
    });

    it("that check fails when the sync is off", async () => {
        expect(early(await trace("off"))).toBe(54);
    });

    it("sync is the fdatasync of Node", async () => {
        const handle = await open(join(home, "probe"), "w");
        const datasync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, "datasync");
        await handle.close();
        const file = await nodeFiles.open(join(home, "file"), "create");
        await file.sync();
        expect(datasync).toHaveBeenCalledTimes(1);
        await file.close();
        datasync.mockRestore();
    });
});
