import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FilePort, WritableFile } from "./file-port.js";
import { encodeFileHeader, encodeFrame, FILE_HEADER_BYTES, FRAME_HEADER_BYTES } from "./log-frame.js";
import { encodePuts } from "./log-puts.js";
import { LogStore } from "./log-store.js";
import { nodeFiles } from "./node-files.js";
import { UndecodableRecord } from "./undecodable-record.js";

let home: string;
let directory: string;

beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "selvage-damage-"));
    directory = join(home, "a", "store");
});

afterEach(async () => {
    await rm(home, { recursive: true, force: true });
});

const SECRET = "living room of somebody";

/** Commits one record per batch; leaves the store as a crash would (no mark at the end) unless told to close it well. */
async function storeWith(records: number, options: { compactAtBytes?: number; clean?: boolean } = {}): Promise<void> {
    const files = options.clean === true ? nodeFiles : withoutLock();
    const store = new LogStore({ directory, files, compactAtBytes: options.compactAtBytes ?? 1e9 });
    await store.open();
    for (let id = 1; id <= records; id++) {
        await store.commit({ id, puts: [{ table: "item", id, record: { name: SECRET } }] });
    }
    if (options.clean === true) {
        await store.close();
    }
    await Promise.all(abandoned.splice(0).map(file => file.close()));
}

const abandoned: WritableFile[] = [];

/** As if the process had died: neither its lock nor its files are in the way. */
function withoutLock(): FilePort {
    return {
        ...nodeFiles,
        lock: async () => async () => undefined,
        async open(path, mode) {
            const file = await nodeFiles.open(path, mode);
            abandoned.push(file);
            return file;
        },
    };
}

async function idsAfterReopen(): Promise<number[]> {
    const store = new LogStore({ directory });
    const image = await store.open();
    await store.close();
    return [...image.item.keys()];
}

/** Everything in the directory but the lock. */
async function content(path: string): Promise<Record<string, string>> {
    const names = (await readdir(path)).filter(name => !name.startsWith("lock.")).sort();
    return Object.fromEntries(
        await Promise.all(names.map(async name => [name, (await readFile(join(path, name))).toString("hex")])),
    ) as Record<string, string>;
}

async function expectUnchangedFailure(code: string, message: RegExp, path = directory): Promise<void> {
    const before = await content(path);
    const failure = await new LogStore({ directory: path }).open().then(
        () => undefined,
        (error: Error) => error,
    );
    expect(failure).toMatchObject({ name: "StoreError", code, message: expect.stringMatching(message) as string });
    expect(failure!.message).not.toContain(SECRET);
    expect(await content(path)).toEqual(before);
}

async function edit(name: string, change: (bytes: Buffer) => Buffer | void): Promise<void> {
    const path = join(directory, name);
    const bytes = await readFile(path);
    await writeFile(path, change(bytes) ?? bytes);
}

const LOG = "0000000001.log";
const FRAME_MARK = Buffer.from("e15a5667", "hex");
const flip = (at: number) => (bytes: Buffer) => {
    bytes[at < 0 ? bytes.length + at : at]! ^= 0x10;
};

describe("a log that a crash left", () => {
    it("loses its torn last batch, wherever the tear is, and goes on", async () => {
        await storeWith(3);
        const whole = await readFile(join(directory, LOG));
        const frame = (whole.length - FILE_HEADER_BYTES) / 3;
        for (let cut = 1; cut <= frame; cut++) {
            await writeFile(join(directory, LOG), whole.subarray(0, whole.length - cut));
            expect(await idsAfterReopen(), `cut by ${cut}`).toEqual([1, 2]);
        }
    });

    it.each([
        ["zeros behind the end", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(5000)]), [1, 2, 3]],
        ["a damaged last payload", flip(-1), [1, 2]],
        ["a damaged last frame header", (bytes: Buffer) => flip(bytes.lastIndexOf(FRAME_MARK) + 5)(bytes), [1, 2]],
    ])("ends before %s", async (_what, change, ids) => {
        await storeWith(3);
        await edit(LOG, change);
        expect(await idsAfterReopen()).toEqual(ids);
        const store = new LogStore({ directory });
        await store.open();
        await store.commit({ id: 1, puts: [{ table: "item", id: 9, record: {} }] });
        await store.close();
        const log = await readFile(join(directory, LOG));
        expect(log.lastIndexOf(FRAME_MARK), "nothing is left behind the end").toBe(log.length - FRAME_HEADER_BYTES);
        expect(await idsAfterReopen()).toEqual([...ids, 9]);
    });

    it("begins anew when not even its header was written", async () => {
        await mkdir(directory, { recursive: true });
        for (const header of [Buffer.alloc(0), Buffer.alloc(40), encodeFileHeader({ kind: "log", number: 1, sequence: 1 }).subarray(0, 20)]) {
            await writeFile(join(directory, LOG), header);
            expect(await idsAfterReopen()).toEqual([]);
            await rm(join(directory, LOG));
        }
    });
});

describe("damage that no crash explains", () => {
    it.each([
        ["in the first payload", LOG, flip(FILE_HEADER_BYTES + FRAME_HEADER_BYTES + 3)],
        ["in the first frame header", LOG, flip(FILE_HEADER_BYTES + 5)],
        ["in the header of the file", LOG, flip(3)],
        ["in the version of the file", LOG, flip(8)],
        ["by a frame that was cut out", LOG, (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 40), bytes.subarray(40 + (bytes.length - 40 - 24) / 3)])],
    ])("%s is told, and nothing is changed", async (_where, name, change) => {
        await storeWith(3, { clean: true });
        await edit(name, change);
        await expectUnchangedFailure("CORRUPT", /restore the directory from a backup/);
    });

    it("in the last batch is told when the store was closed well", async () => {
        await storeWith(3, { clean: true });
        await edit(LOG, bytes => flip(bytes.length - FRAME_HEADER_BYTES - 1)(bytes));
        await expectUnchangedFailure("CORRUPT", /damaged at byte/);
    });

    it("in a snapshot, at any byte, is told", async () => {
        await storeWith(60, { compactAtBytes: 2_000, clean: true });
        const name = (await readdir(directory)).find(file => file.endsWith(".snapshot"))!;
        const good = await readFile(join(directory, name));
        for (let at = 0; at < good.length; at += 7) {
            const bad = Buffer.from(good);
            flip(at)(bad);
            await writeFile(join(directory, name), bad);
            await expect(new LogStore({ directory }).open(), `byte ${at}`).rejects.toMatchObject({ code: "CORRUPT" });
        }
        for (const length of [good.length - 1, good.length - FRAME_HEADER_BYTES, FILE_HEADER_BYTES, 0]) {
            await writeFile(join(directory, name), good);
            await truncate(join(directory, name), length);
            await expectUnchangedFailure("CORRUPT", /./);
        }
    });

    it.each([
        ["what is missing at its end", (bytes: Buffer) => bytes.subarray(0, bytes.lastIndexOf(FRAME_MARK))],
        ["what is added at its end", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(9)])],
    ])("in a log that another follows is told: %s", async (_what, change) => {
        const noRename: FilePort = { ...nodeFiles, rename: async () => Promise.reject(new Error("no")) };
        const store = new LogStore({ directory, files: noRename, compactAtBytes: 1_000 });
        await store.open();
        for (let id = 1; id <= 20; id++) {
            await store.commit({ id, puts: [{ table: "item", id, record: { name: SECRET } }] });
        }
        await store.close();
        expect(Object.keys(await content(directory))).toContain("0000000002.log");
        await edit(LOG, change);
        await expectUnchangedFailure("CORRUPT", /0000000001.log|0000000002.log/);
    });

    it("by a missing file is told", async () => {
        await storeWith(60, { compactAtBytes: 2_000, clean: true });
        const snapshot = (await readdir(directory)).find(file => file.endsWith(".snapshot"))!;
        await rm(join(directory, snapshot));
        await expectUnchangedFailure("CORRUPT", /missing/);
    });

    it("within one record leaves the others: the image carries a stand-in without content", async () => {
        await storeWith(0, { clean: true });
        const puts = [
            { table: 2, id: 1, bytes: Buffer.from('{"fine":true}') },
            { table: 2, id: 2, bytes: Buffer.from(`{"name":"${SECRET}"`) },
        ];
        const header = encodeFileHeader({ kind: "log", number: 1, sequence: 1 });
        await writeFile(join(directory, LOG), Buffer.concat([header, encodeFrame(1, [encodePuts(puts)])]));
        const store = new LogStore({ directory });
        const image = await store.open();
        expect(image.item.get(1)).toEqual({ fine: true });
        expect(image.item.get(2)).toBeInstanceOf(UndecodableRecord);
        expect(JSON.stringify(image.item.get(2))).toBe('{"undecodable":true,"table":"item","id":2}');
        await store.commit({ id: 1, puts: [{ table: "item", id: 2, record: null }] });
        await store.close();
        expect(await idsAfterReopen()).toEqual([1]);
    });
});

describe("a place that cannot hold the store", () => {
    it("was written by a newer version", async () => {
        await storeWith(1, { clean: true });
        const { crc32 } = await import("node:zlib");
        await edit(LOG, bytes => {
            bytes.writeUInt32LE(2, 8);
            bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36);
        });
        await expectUnchangedFailure("NEWER_SCHEMA", /use that version/);
    });

    it("holds something else", async () => {
        await mkdir(directory, { recursive: true });
        await writeFile(join(directory, "thesis.txt"), "irreplaceable");
        await expectUnchangedFailure("UNAVAILABLE", /choose an empty directory/);
        expect(await readdir(directory)).toEqual(["thesis.txt"]);
    });

    it("is a file, or lies under one", async () => {
        const file = join(home, "file");
        await writeFile(file, "content");
        for (const path of [file, join(file, "store")]) {
            await expect(new LogStore({ directory: path }).open()).rejects.toMatchObject({
                code: "UNAVAILABLE",
                message: expect.stringMatching(/is a file/) as string,
            });
        }
        expect(await readFile(file, "utf8")).toBe("content");
    });

    it("is not writable", async () => {
        await mkdir(directory, { recursive: true });
        await chmod(directory, 0o500);
        await asOrdinaryUser([home, directory], () => expectUnchangedFailure("UNAVAILABLE", /permissions/));
        await chmod(directory, 0o700);
    });

    it.each(["EACCES", "EROFS", "ENOSPC", "EIO"])("fails with %s when the first file is made; a later open works", async code => {
        const failing: FilePort = { ...nodeFiles, open: async () => Promise.reject(Object.assign(new Error(code), { code })) };
        const store = new LogStore({ directory, files: failing });
        await expect(store.open()).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining(code) as string });
        expect(await idsAfterReopen()).toEqual([]);
    });
});

it("keeps one copy of a record that changes often", async () => {
    const store = new LogStore({ directory, compactAtBytes: 5_000 });
    await store.open();
    for (let n = 1; n <= 1_000; n++) {
        await store.commit({ id: n, puts: [{ table: "item", id: 1, record: { n } }] });
    }
    await store.close();
    const sizes = Object.entries(await content(directory)).map(([name, hex]) => [name, hex.length / 2] as const);
    expect(sizes.find(([name]) => name.endsWith(".snapshot"))![1]).toBeLessThan(200);
    expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(3 * 5_000);
});

it("keeps all of it from other users", async () => {
    await storeWith(60, { compactAtBytes: 2_000, clean: true });
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(directory)).toBe(0o700);
    const names = await readdir(directory);
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
        expect(await mode(join(directory, name)), name).toBe(0o600);
    }
});

/** The superuser may write everywhere, so as one this becomes somebody else for a while, who owns these directories. */
async function asOrdinaryUser(owned: readonly string[], act: () => Promise<void>): Promise<void> {
    if (process.geteuid?.() !== 0) {
        return act();
    }
    for (const path of owned) {
        await chown(path, NOBODY, NOBODY);
    }
    process.seteuid!(NOBODY);
    try {
        await act();
    } finally {
        process.seteuid!(0);
    }
}

const NOBODY = 65_534;
