import { describe, expect, it } from "vitest";
import type { StoreBatch, StorePut, TableName } from "../src/core/store.js";
import { noFaults, type FaultPlan } from "./fault-plan.js";
import { StoreModel } from "./store-model.js";

const put = (table: TableName, id: number, record: object | null): StorePut => ({ table, id, record });
const batch = (id: number, ...puts: StorePut[]): StoreBatch => ({ id, puts });

function newStore(plan: Partial<FaultPlan> = {}, seed = 1): StoreModel {
    const store = new StoreModel();
    store.reset({ ...noFaults, ...plan }, seed);
    return store;
}

function commit(store: StoreModel, ...puts: StorePut[]): boolean {
    store.begin(batch(1, ...puts), 0);
    return store.finish();
}

describe("StoreModel", () => {
    it("is empty at first", () => {
        const image = newStore().image();
        expect(Object.entries(image).map(([table, records]) => [table, records.size])).toEqual([
            ["meta", 0], ["node", 0], ["item", 0], ["keySet", 0], ["run", 0], ["jfds", 0],
        ]);
    });
    it("goes back to what was durable at a time, as from a backup", () => {
        const store = new StoreModel();
        store.reset(noFaults, 1, true);
        const commitAt = (nowMs: number, ...puts: StorePut[]) => {
            store.begin(batch(nowMs, ...puts), nowMs);
            store.finish(nowMs);
        };
        commitAt(10, put("node", 1, { n: 1 }), put("node", 2, { n: 2 }));
        commitAt(20, put("node", 1, { n: 3 }));
        commitAt(30, put("node", 1, null), put("item", 7, { n: 7 }));
        store.restoreTo(20);
        expect([...store.image().node]).toEqual([[1, { n: 3 }], [2, { n: 2 }]]);
        expect(store.records("item").size).toBe(0);
        store.restoreTo(10);
        expect([...store.image().node]).toEqual([[1, { n: 1 }], [2, { n: 2 }]]);
        store.restoreTo(9);
        expect(store.records("node").size).toBe(0);
    });
    it("holds records by reference, replaces and deletes them", () => {
        const store = newStore();
        const record = { n: 1 };
        commit(store, put("item", 1, record), put("item", 2, {}), put("run", 1, {}));
        expect(store.records("item").get(1)).toBe(record);
        const other = { n: 2 };
        commit(store, put("item", 1, other), put("item", 2, null));
        expect([...store.image().item]).toEqual([[1, other]]);
        expect(store.image().run.size).toBe(1);
        expect(store.commits).toBe(2);
    });
    it("makes nothing durable before its time has come", () => {
        const store = newStore({ storeLatencyMinMs: 5, storeLatencyMaxMs: 9 });
        const one = batch(1, put("item", 1, {}));
        const atMs = store.begin(one, 100);
        expect(atMs).toBeGreaterThanOrEqual(105);
        expect(atMs).toBeLessThanOrEqual(109);
        expect(store.inFlight).toBe(one);
        expect(store.image().item.size).toBe(0);
        expect(store.finish()).toBe(true);
        expect(store.inFlight).toBeNull();
        expect(store.image().item.size).toBe(1);
    });
    it("takes one batch at a time", () => {
        const store = newStore();
        store.begin(batch(1), 0);
        expect(() => store.begin(batch(2), 0)).toThrow(/batch 2 .* batch 1 is in flight/);
        store.finish();
        expect(() => store.finish()).toThrow(RangeError);
    });
    it("keeps nothing of a refused batch, and refuses as often as the plan says, but not in calm", () => {
        const refusing = newStore({ storeRefusal: 1000 });
        expect(commit(refusing, put("item", 1, {}))).toBe(false);
        expect(refusing.image().item.size).toBe(0);
        refusing.calm();
        expect(commit(refusing, put("item", 1, {}))).toBe(true);
        const store = newStore({ storeRefusal: 200 });
        const refused = Array.from({ length: 1000 }, () => commit(store, put("item", 1, {}))).filter(durable => !durable).length;
        expect(refused).toBeGreaterThan(150);
        expect(refused).toBeLessThan(250);
    });
    it("loses or keeps the batch in flight at a crash, always whole", () => {
        const outcomes = new Set<string>();
        for (let seed = 0; seed < 100; seed++) {
            const store = newStore({ storeKeepsInFlight: 500 }, seed);
            commit(store, put("item", 1, {}));
            store.begin(batch(2, put("item", 1, null), put("item", 2, {}), put("run", 1, {})), 0);
            const isKept = store.crash();
            outcomes.add(`${isKept} ${[...store.image().item.keys()].join()} ${store.image().run.size}`);
            expect(store.inFlight).toBeNull();
            expect(() => store.finish()).toThrow(RangeError);
        }
        expect([...outcomes].sort()).toEqual(["false 1 0", "true 2 1"]);
    });
    it("keeps nothing at a crash when nothing is in flight, or when it was to be refused", () => {
        expect(newStore({ storeKeepsInFlight: 1000 }).crash()).toBe(false);
        const refusing = newStore({ storeKeepsInFlight: 1000, storeRefusal: 1000 });
        refusing.begin(batch(1, put("item", 1, {})), 0);
        expect(refusing.crash()).toBe(false);
        expect(refusing.image().item.size).toBe(0);
    });
    it("gives images in ascending id, whatever the order of writing, and apart from the store", () => {
        const store = newStore();
        commit(store, put("item", 3, {}), put("item", 1, {}), put("item", 20, {}), put("item", 4, {}));
        const image = store.image();
        expect([...image.item.keys()]).toEqual([1, 3, 4, 20]);
        commit(store, put("item", 1, null), put("node", 5, {}));
        expect(image.item.size).toBe(4);
        expect(image.node.size).toBe(0);
        store.restore(image);
        expect([...store.image().item.keys()]).toEqual([1, 3, 4, 20]);
        expect(store.image().node.size).toBe(0);
    });
    it("is as new after a reset, and draws the same for the same seed", () => {
        const store = newStore({ storeRefusal: 500, storeLatencyMaxMs: 1000 }, 4);
        const history = () => Array.from({ length: 50 }, (_, id) => [store.begin(batch(id, put("item", 1, {})), 0), store.finish()]);
        const first = history();
        store.begin(batch(99), 0);
        store.reset({ ...noFaults, storeRefusal: 500, storeLatencyMaxMs: 1000 }, 4);
        expect([store.inFlight, store.commits, store.image().item.size]).toEqual([null, 0, 0]);
        expect(history()).toEqual(first);
    });
});
