import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyMaterial } from "../../core/key-material.js";
import type { Store } from "../../core/ports.js";
import type { StoreBatch, StorePut, TableName } from "../../core/store.js";
import { LogStore } from "./log-store.js";
import { MemoryStore } from "./memory-store.js";

interface Kind {
    readonly name: string;
    /** A way to make stores over one and the same content. */
    setUp(): Promise<{ another: () => Store; tearDown: () => Promise<void> }>;
}

const memory: Kind = {
    name: "MemoryStore",
    async setUp() {
        let last: MemoryStore | undefined;
        const another = (): Store => (last = last === undefined ? new MemoryStore() : last.reopen());
        return { another, tearDown: async () => undefined };
    },
};

const log: Kind = {
    name: "LogStore",
    async setUp() {
        const home = await mkdtemp(join(tmpdir(), "selvage-contract-"));
        const another = (): Store => new LogStore({ directory: join(home, "store"), compactAtBytes: 10_000 });
        return { another, tearDown: () => rm(home, { recursive: true, force: true }) };
    },
};

const put = (table: TableName, id: number, record: object | null): StorePut => ({ table, id, record });
const batch = (id: number, ...puts: StorePut[]): StoreBatch => ({ id, puts });

describe.each([memory, log])("$name keeps the contract of a store:", kind => {
    let another: () => Store;
    let tearDown: () => Promise<void>;
    const opened: Store[] = [];

    beforeEach(async () => ({ another, tearDown } = await kind.setUp()));

    afterEach(async () => {
        await Promise.all(opened.splice(0).map(store => store.close()));
        await tearDown();
    });

    async function open() {
        const store = another();
        const image = await store.open();
        opened.push(store);
        return { store, image };
    }

    async function reopen() {
        await Promise.all(opened.splice(0).map(store => store.close()));
        return open();
    }

    it("is empty at first, with all tables", async () => {
        const { image } = await open();
        expect(Object.keys(image).sort()).toEqual(["item", "jfds", "keySet", "meta", "node", "run"]);
        expect(Object.values(image).every(records => records.size === 0)).toBe(true);
    });

    it("gives back what was committed, of every type, in ascending id", async () => {
        const { store } = await open();
        const record = { n: 2n ** 64n, raw: Uint8Array.of(1), list: [null, true, { deep: "äöü" }] };
        await store.commit(batch(1, put("item", 10, record), put("item", 9, { a: 1 }), put("item", 2 ** 53 - 1, { z: 1 })));
        await store.commit(batch(2, put("item", 1, { b: 2 }), put("node", 10, { other: "table" })));
        const { image } = await reopen();
        expect([...image.item]).toStrictEqual([[1, { b: 2 }], [9, { a: 1 }], [10, record], [2 ** 53 - 1, { z: 1 }]]);
        expect([...image.node]).toStrictEqual([[10, { other: "table" }]]);
    });

    it("keeps key material", async () => {
        const { store } = await open();
        await store.commit(batch(1, put("keySet", 42, { slots: [new KeyMaterial(new Uint8Array(16).fill(9), "f9")] })));
        const { image } = await reopen();
        const [key] = (image.keySet.get(42) as { slots: KeyMaterial[] }).slots;
        expect(key).toBeInstanceOf(KeyMaterial);
        expect([...key!.reveal()]).toEqual(new Array(16).fill(9));
        expect(key!.fingerprint).toBe("f9");
    });

    it("applies the puts of a batch, and the batches, in order", async () => {
        const { store } = await open();
        await store.commit(batch(1, put("item", 1, { v: 1 }), put("item", 1, { v: 2 }), put("item", 2, { v: 1 })));
        await store.commit(batch(2, put("item", 2, null), put("item", 3, { v: 1 }), put("item", 3, null)));
        await store.commit(batch(3, put("item", 4, null), put("item", 3, { v: 2 })));
        const { image } = await reopen();
        expect([...image.item]).toEqual([[1, { v: 2 }], [3, { v: 2 }]]);
    });

    it("takes batches while others are outstanding, and acknowledges them in order", async () => {
        const { store } = await open();
        const acknowledged: number[] = [];
        const commits = Array.from({ length: 300 }, async (_, i) => {
            await store.commit(batch(i + 1, put("meta", 1, { last: i + 1 }), put("item", (i % 5) + 1, { by: i + 1 })));
            acknowledged.push(i + 1);
        });
        expect(acknowledged).toEqual([]);
        await Promise.all(commits);
        expect(acknowledged).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
        const { image } = await reopen();
        expect(image.meta.get(1)).toEqual({ last: 300 });
        expect([...image.item.values()]).toEqual([296, 297, 298, 299, 300].map(by => ({ by })));
    });

    it("keeps its own copy of what it was given", async () => {
        const { store } = await open();
        const record = { list: [1], raw: Uint8Array.of(1) };
        const commit = store.commit(batch(1, put("item", 1, record)));
        record.list.push(2);
        record.raw[0] = 2;
        await commit;
        const { image } = await reopen();
        expect(image.item.get(1)).toStrictEqual({ list: [1], raw: Uint8Array.of(1) });
    });

    it("refuses a batch it cannot keep, wholly, and goes on", async () => {
        const { store } = await open();
        const unkeepable: StorePut[] = [
            put("item", 2, { now: new Date(0) }),
            put("item", 0, {}),
            put("item", 1.5, {}),
            put("item", 2 ** 53, {}),
            put("nothing" as TableName, 1, {}),
        ];
        for (const bad of unkeepable) {
            await expect(store.commit(batch(1, put("item", 1, { half: true }), bad))).rejects.toMatchObject({
                name: "StoreError",
                code: "REFUSED",
            });
        }
        await store.commit(batch(2, put("item", 3, {})));
        const { image } = await reopen();
        expect([...image.item.keys()]).toEqual([3]);
    });

    it("belongs to one opener at a time", async () => {
        const { store } = await open();
        await expect(store.open()).rejects.toMatchObject({ code: "LOCKED" });
        const second = another();
        await expect(second.open()).rejects.toMatchObject({ code: "LOCKED" });
        await expect(second.commit(batch(1))).rejects.toMatchObject({ code: "CLOSED" });
        await store.commit(batch(1, put("item", 1, {})));
        await store.close();
        expect((await second.open()).item.size).toBe(1);
        opened.push(second);
    });

    it("closes when what is outstanding is durable, and takes nothing after that", async () => {
        const { store } = await open();
        let durable = 0;
        const commits = [1, 2, 3].map(n => store.commit(batch(n, put("item", n, {}))).then(() => durable++));
        const closing = store.close();
        await expect(store.commit(batch(4, put("item", 4, {})))).rejects.toMatchObject({ code: "CLOSED" });
        await closing;
        expect(durable).toBe(3);
        await Promise.all(commits);
        await store.close();
        await expect(store.open()).rejects.toMatchObject({ code: "CLOSED" });
        expect([...(await open()).image.item.keys()]).toEqual([1, 2, 3]);
    });

    it("takes nothing before it is open", async () => {
        await expect(another().commit(batch(1, put("item", 1, {})))).rejects.toMatchObject({ code: "CLOSED" });
    });

    it("keeps an empty batch", async () => {
        const { store } = await open();
        await store.commit(batch(1));
        await store.commit(batch(2, put("item", 1, {})));
        expect((await reopen()).image.item.size).toBe(1);
    });
});

describe("MemoryStore", () => {
    it("refuses as often as it is told, and keeps nothing of that", async () => {
        const store = new MemoryStore();
        await store.open();
        store.refuseNext(2);
        const outcomes = await Promise.allSettled([1, 2, 3].map(n => store.commit(batch(n, put("item", n, {})))));
        expect(outcomes.map(outcome => outcome.status)).toEqual(["rejected", "rejected", "fulfilled"]);
        await store.close();
        expect([...(await store.reopen().open()).item.keys()]).toEqual([3]);
    });

    it("loses in a crash what it had not acknowledged", async () => {
        const store = new MemoryStore();
        await store.open();
        await store.commit(batch(1, put("item", 1, {})));
        const outstanding = store.commit(batch(2, put("item", 2, {})));
        const next = store.crash();
        await expect(outstanding).rejects.toMatchObject({ code: "CLOSED" });
        expect([...(await next.open()).item.keys()]).toEqual([1]);
    });
});
