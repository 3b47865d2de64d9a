import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MANAGER_FABRIC } from "../../sim/devices/sim-node.js";
import { newNode } from "../../sim/devices/testing.js";
import type { Store } from "../core/ports.js";
import type { ManagerEvent } from "../core/event.js";
import { openManager } from "./open-manager.js";
import { SelvageError } from "./selvage-error.js";
import { LogStore, MemoryStore } from "./store/index.js";
import { LoopbackTransport } from "./testing/loopback-transport.js";
import { FABRIC, KEY, NODE, openTest, turns } from "./testing/opening.js";

const params = { node: NODE, endpoint: 1, groupId: 7, keySetId: 42, epochKey: KEY };

async function refusalOf(options: object): Promise<SelvageError> {
    const error = await openManager({ fabric: FABRIC, store: new MemoryStore(), transport: new LoopbackTransport(), ...options }).then(
        () => "opened",
        (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(SelvageError);
    return error as SelvageError;
}

/** A store with one more record, put there by somebody else. */
async function storeWith(table: "meta" | "item" | "run", id: number, record: object): Promise<MemoryStore> {
    const { manager, store } = await openTest(newNode());
    await manager.close();
    const writing = store.reopen();
    await writing.open();
    await writing.commit({ id: 1, puts: [{ table, id, record }] });
    await writing.close();
    return writing.reopen();
}

describe("options that cannot be", () => {
    it.each([
        ["no fabric", { fabric: undefined }, /"fabric"/],
        ["a key that is no key", { fabric: { ...FABRIC, rootPublicKey: "abc" } }, /"rootPublicKey"/],
        ["a key of the wrong length", { fabric: { ...FABRIC, rootPublicKey: new Uint8Array(64) } }, /"rootPublicKey"/],
        ["a fabric id that is a number", { fabric: { ...FABRIC, fabricId: 1 } }, /"fabricId"/],
        ["fabric id 0", { fabric: { ...FABRIC, fabricId: 0n } }, /"fabricId"/],
        ["no store", { store: undefined }, /"store" must have the function open/],
        ["a transport that cannot be observed", { transport: { request() {} } }, /"transport" must have the function observe/],
        ["a clock without wakes", { clock: { monoMs() {}, wallMs() {} } }, /wakeAt/],
        ["entropy without bytes", { entropy: { below() {} } }, /bytes/],
        ["a timing that does not exist", { timing: { sweep: 1 } }, /known are settleMs/],
        ["a timing that is no time", { timing: { sweepMs: NaN } }, /sweepMs/],
        ["an onError that is none", { onError: 5 }, /onError/],
        ["kinds that are no list", { kinds: {} }, /"kinds"/],
        ["a task that is none", { tasks: [{}] }, /"type"/],
    ])("are refused: %s", async (_, options, says) => {
        const error = await refusalOf(options);
        expect(error.code).toBe("INVALID_OPTIONS");
        expect(error.message).toMatch(says);
    });

    it("leave the store unopened", async () => {
        const store = new MemoryStore();
        await refusalOf({ store, timing: { sweep: 1 } });
        await store.open();
    });
});

describe("a store", () => {
    it("of another fabric is refused, and let go of", async () => {
        const { manager, store } = await openTest(newNode());
        await manager.close();
        const again = store.reopen();
        expect(await refusalOf({ store: again, fabric: { ...FABRIC, fabricId: 2n } })).toMatchObject({ code: "WRONG_FABRIC", message: expect.stringMatching(/another place/) as string });
        await openTest(null, { store: again.reopen() }).then(opened => opened.manager.close());
    });

    it("knows its fabric whatever form the key is given in", async () => {
        const { manager, store } = await openTest(newNode());
        await manager.close();
        const rootPublicKey = new Uint8Array(Buffer.from(FABRIC.rootPublicKey, "hex"));
        const opened = await openTest(null, { store: store.reopen(), fabric: { ...FABRIC, rootPublicKey } });
        await opened.manager.close();
        const upper = await openTest(null, { store: opened.store.reopen(), fabric: { ...FABRIC, rootPublicKey: FABRIC.rootPublicKey.toUpperCase() } });
        await upper.manager.close();
    });

    it("that is in use is refused", async () => {
        const { manager, store } = await openTest(newNode());
        expect(await refusalOf({ store: store.reopen() })).toMatchObject({ code: "LOCKED" });
        await manager.addNode(NODE);
        await manager.close();
    });

    it("of a newer version is refused", async () => {
        const store = await storeWith("meta", 1, { schema: 99, fabric: FABRIC, reservedNumber: 1 });
        expect(await refusalOf({ store })).toMatchObject({ code: "NEWER_SCHEMA", details: { schema: 99 }, message: expect.stringMatching(/update/) as string });
    });

    it("without a readable identity is refused", async () => {
        const store = await storeWith("meta", 1, { schema: 1 });
        expect(await refusalOf({ store })).toMatchObject({ code: "CORRUPT", message: expect.stringMatching(/backup/) as string });
    });

    it("that fails in its own way is refused, with the cause", async () => {
        const cause = new RangeError("no such bucket");
        const store: Store = { open: () => Promise.reject(cause), commit: async () => {}, close: async () => {} };
        expect(await refusalOf({ store })).toMatchObject({ code: "UNAVAILABLE", cause });
    });

    it("with a record that does not validate is opened without it, which is told from the first event on", async () => {
        const store = await storeWith("item", 77, { type: 5, secret: KEY });
        const events: ManagerEvent[] = [];
        const { manager } = await openTest(null, { store, onEvent: event => events.push(event) });
        expect(events).toEqual([{ type: "quarantined", table: "item", id: 77, reason: expect.stringContaining("type") as string }]);
        expect(manager.quarantined()).toEqual([expect.objectContaining({ table: "item", id: 77 })]);
        await manager.close();
    });
});

describe("a store on disk", () => {
    async function inDirectory(act: (directory: string) => Promise<void>): Promise<void> {
        const directory = await mkdtemp(join(tmpdir(), "selvage-runtime-"));
        try {
            await act(directory);
        } finally {
            await rm(directory, { recursive: true, force: true });
        }
    }

    it("is continued by the next process", () =>
        inDirectory(async directory => {
            const device = newNode();
            const transport = new LoopbackTransport();
            transport.add(NODE, device);
            transport.leave(NODE);
            const first = await openManager({ fabric: FABRIC, store: new LogStore({ directory }), transport });
            await first.addNode(NODE);
            const { run } = await first.run("addNodeToGroup", params, { requestId: "once" });
            const fingerprints = first.keySets();
            await first.close();

            const second = await openManager({ fabric: FABRIC, store: new LogStore({ directory }), transport });
            expect(second.keySets()).toEqual(fingerprints);
            expect(second.runInfo(run)).toMatchObject({ task: "addNodeToGroup", requestId: "once" });
            expect(await second.run("addNodeToGroup", params, { requestId: "once" })).toEqual({ run, created: false });
            transport.comeBack(NODE);
            expect(await second.awaitRun(run)).toMatchObject({ state: "completed" });
            expect(device.isMember(MANAGER_FABRIC, 7, 1)).toBe(true);
            await second.close();

            const third = await openManager({ fabric: FABRIC, store: new LogStore({ directory }), transport });
            expect(await third.awaitRun(run)).toMatchObject({ state: "completed" });
            await third.close();
        }));

    it("that is in use is refused", () =>
        inDirectory(async directory => {
            const { manager } = await openTest(null, { store: new LogStore({ directory }) });
            expect(await refusalOf({ store: new LogStore({ directory }) })).toMatchObject({ code: "LOCKED" });
            await manager.close();
        }));

    it("in a directory that holds something else is refused", () =>
        inDirectory(async directory => {
            await writeFile(join(directory, "diary.txt"), "dear diary");
            expect(["UNAVAILABLE", "CORRUPT"]).toContain((await refusalOf({ store: new LogStore({ directory }) })).code);
        }));
});

describe("a restart", () => {
    it("continues in the middle of a run", async () => {
        const device = newNode();
        const first = await openTest(device, { onError: () => {} });
        await turns();
        first.transport.hold();
        const { run } = await first.manager.run("addNodeToGroup", params);
        await turns();
        const crashed = first.store.crash();
        first.transport.release();
        const second = await openTest(null, { store: crashed, transport: first.transport, timing: { lateEffectMs: 0 } });
        expect(await second.manager.awaitRun(run)).toMatchObject({ state: "completed" });
        await second.manager.close();
        await first.manager.close();
    });
});

it("is refused when the transport cannot be observed, and the store is let go of", async () => {
    const store = new MemoryStore();
    const transport = new LoopbackTransport();
    transport.observe = () => {
        throw new TypeError("not now");
    };
    expect(await refusalOf({ store, transport })).toMatchObject({ code: "INVALID_OPTIONS", message: expect.stringMatching(/observed/) as string });
    await openTest(null, { store: store.reopen() }).then(({ manager }) => manager.close());
});

it("is refused when two kinds or tasks have one name", async () => {
    const kind = Object.fromEntries(["validate", "keyOf", "equal", "dependsOn", "watch", "apply", "verify", "remove"].map(name => [name, () => {}]));
    expect(await refusalOf({ kinds: [{ ...kind, name: "groupKey", applyOrder: 1, removeOrder: 1 }] })).toMatchObject({ code: "ALREADY_REGISTERED" });
    const task = Object.fromEntries(["validate", "prepare", "restore", "slots", "nodes", "phases", "planned"].map(name => [name, () => {}]));
    expect(await refusalOf({ tasks: [{ ...task, type: "addNodeToGroup", version: 1 }] })).toMatchObject({ code: "ALREADY_REGISTERED" });
});
