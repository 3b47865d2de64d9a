import { describe, expect, it } from "vitest";
import { KeyMaterial } from "./key-material.js";
import { Machine } from "./machine.js";
import { nodeId } from "./ids.js";
import type { ItemRecord, MetaRecord } from "./records.js";
import { emptyImage, FABRIC, ONE, TestShell, WALL_MS, type TestImage } from "./testing/test-shell.js";
import { TOY } from "./testing/toy-kind.js";

const meta: MetaRecord = { schema: 1, fabric: FABRIC, reservedNumber: 1025 };
const node = { nodeId: ONE, incarnation: 2 };
const item: ItemRecord = {
    type: "item",
    node: 1,
    kind: TOY,
    key: [7],
    intent: { id: 7, value: 1 },
    mode: "converge",
    state: "committed",
    owes: "nothing",
    generation: 3,
    replaced: false,
    incarnation: 2,
    changedAtMs: WALL_MS,
    failure: null,
};
const failure = { class: "transient", code: 0x9c, message: "BUSY", attempts: 2, retryAtMs: WALL_MS + 1_000 } as const;
const failed: ItemRecord = { ...item, state: "commitFailed", owes: "apply", failure };
const tombstone = { type: "tombstone", node: 1, kind: TOY, key: [8] };
const slot = { startTime: 1n, key: new KeyMaterial(new Uint8Array(16).fill(83), "fp83") };
const revision = { revision: 1, policy: 0, slots: [slot], used: false };
const keySet = { keySetId: 42, latest: 1, revisions: [revision], startTimes: [[1n, "fp83"]] };

/** A good store, with one record put into the place of the item. */
function imageWith(record: object, id = 4): TestImage {
    const image = emptyImage();
    image.meta.set(1, meta);
    image.node.set(1, node);
    image.item.set(id, record);
    return image;
}

function reopen(image: TestImage): TestShell {
    return new TestShell({ image });
}

describe("a stored record", () => {
    it("that validates is used", () => {
        const image = imageWith(item);
        image.item.set(5, tombstone);
        image.keySet.set(6, keySet);
        const shell = reopen(image);
        expect(shell.machine.quarantined).toEqual([]);
        expect(shell.record(7)).toBe(item);
        expect([...shell.machine.nodes.get(ONE)!.tombstones.keys()]).toEqual(["toy/8"]);
        expect(shell.machine.keySets.all()).toEqual([keySet]);
    });

    it.each<[string, object]>([
        ["type", { ...item, type: "thing" }],
        ["node", { ...item, node: 0 }],
        ["kind", { ...item, kind: 7 }],
        ["key", { ...item, key: [] }],
        ["key", { ...item, key: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
        ["key", { ...item, key: [null] }],
        ["key", { ...item, key: "7" }],
        ["intent", { ...item, intent: null }],
        ["intent", { ...item, intent: [] }],
        ["mode", { ...item, mode: "sometimes" }],
        ["state", { ...item, state: "done" }],
        ["owes", { ...item, owes: null }],
        ["generation", { ...item, generation: 1.5 }],
        ["generation", { ...item, generation: 0 }],
        ["replaced", { ...item, replaced: 0 }],
        ["incarnation", { ...item, incarnation: -1 }],
        ["changedAtMs", { ...item, changedAtMs: NaN }],
        ["changedAtMs", { ...item, changedAtMs: "today" }],
        ["failure", { ...item, failure: undefined }],
        ["class", { ...failed, failure: { ...failure, class: "bad" } }],
        ["code", { ...failed, failure: { ...failure, code: "BUSY" } }],
        ["message", { ...failed, failure: { ...failure, message: null } }],
        ["attempts", { ...failed, failure: { ...failure, attempts: -1 } }],
        ["retryAtMs", { ...failed, failure: { ...failure, retryAtMs: null } }],
        ["key", { ...tombstone, key: [] }],
        ["kind", { ...tombstone, kind: null }],
    ])("of an item with a malformed %s is set aside", (field, record) => {
        const shell = reopen(imageWith(record));
        expect(shell.machine.quarantined).toEqual([{ table: "item", id: 4, reason: expect.stringContaining(`"${field}"`) as string }]);
        expect(shell.machine.items.size).toBe(0);
        expect(shell.machine.nodes.get(ONE)!.tombstones.size).toBe(0);
    });

    it.each<[string, object]>([
        ["keySetId", { ...keySet, keySetId: -1 }],
        ["latest", { ...keySet, latest: -1 }],
        ["revisions", { ...keySet, revisions: {} }],
        ["revision", { ...keySet, revisions: [{ ...revision, revision: 0 }] }],
        ["policy", { ...keySet, revisions: [{ ...revision, policy: 2 }] }],
        ["slots", { ...keySet, revisions: [{ ...revision, slots: [] }] }],
        ["slots", { ...keySet, revisions: [{ ...revision, slots: [slot, slot, slot, slot] }] }],
        ["startTime", { ...keySet, revisions: [{ ...revision, slots: [{ ...slot, startTime: 1 }] }] }],
        ["startTime", { ...keySet, revisions: [{ ...revision, slots: [{ ...slot, startTime: 2n ** 64n }] }] }],
        ["key", { ...keySet, revisions: [{ ...revision, slots: [{ ...slot, key: new Uint8Array(16).fill(83) }] }] }],
        ["used", { ...keySet, revisions: [{ ...revision, used: 1 }] }],
        ["startTimes", { ...keySet, startTimes: [[1n]] }],
        ["startTimes", { ...keySet, startTimes: [[1, "fp83"]] }],
    ])("of a key set with a malformed %s is set aside, and nothing of it is shown", (field, record) => {
        const image = imageWith(item);
        image.keySet.set(6, record);
        const shell = reopen(image);
        expect(shell.machine.quarantined).toEqual([{ table: "keySet", id: 6, reason: expect.stringContaining(`"${field}"`) as string }]);
        expect(JSON.stringify(shell.machine.quarantined)).not.toContain("83");
        expect(shell.machine.keySets.all()).toEqual([]);
    });

    it.each<[string, object]>([
        ["nodeId", { ...node, nodeId: 1 }],
        ["nodeId", { ...node, nodeId: -1n }],
        ["incarnation", { ...node, incarnation: "2" }],
    ])("of a node with a malformed %s is set aside, with what rests on it", (field, record) => {
        const image = imageWith(item);
        image.node.set(1, record);
        const shell = reopen(image);
        expect(shell.machine.quarantined).toEqual([
            { table: "node", id: 1, reason: expect.stringContaining(`"${field}"`) as string },
            { table: "item", id: 4, reason: "names a node that is not stored" },
        ]);
    });

    it("that is no object is set aside", () => {
        const image = imageWith([]);
        expect(reopen(image).machine.quarantined).toEqual([{ table: "item", id: 4, reason: "must be an object" }]);
    });

    it("of a tombstone without its node is set aside", () => {
        expect(reopen(imageWith({ ...tombstone, node: 9 })).machine.quarantined).toMatchObject([{ id: 4 }]);
    });

    it("whose intent its kind refuses is set aside", () => {
        const { quarantined } = reopen(imageWith({ ...item, intent: { id: 7 } })).machine;
        expect(quarantined).toEqual([{ table: "item", id: 4, reason: "a toy has a numeric id and value" }]);
    });

    it("with the identity of another is set aside: the older one counts, in whatever order they are stored", () => {
        const image = imageWith({ ...item, generation: 9 }, 5);
        image.item.set(4, item);
        image.node.set(3, node);
        const shell = reopen(image);
        expect(shell.record(7)).toBe(item);
        expect(shell.machine.quarantined).toEqual([
            { table: "node", id: 3, reason: "has the node id 0x1 of another record" },
            { table: "item", id: 5, reason: "has the identity of another item" },
        ]);
    });

    it("that was set aside stays in the store and is told at the start", () => {
        const image = imageWith({ ...item, mode: "sometimes" });
        const shell = reopen(image);
        shell.settle();
        expect(image.item.size).toBe(1);
        expect(shell.told("quarantined")).toEqual([{ type: "quarantined", table: "item", id: 4, reason: expect.any(String) as string }]);
    });
});

describe("a store", () => {
    const open = (image: TestImage) => {
        const opened = Machine.open(new TestShell().machineOptions, image, { monoMs: 0, wallMs: WALL_MS });
        return opened.ok ? "opened" : opened.error.code;
    };

    it("of this fabric, or an empty one, is opened", () => {
        expect([open(imageWith(item)), open(emptyImage())]).toEqual(["opened", "opened"]);
    });

    it.each([
        ["root key", { rootPublicKey: `04${"cd".repeat(64)}`, fabricId: FABRIC.fabricId }],
        ["fabric id", { ...FABRIC, fabricId: 0x1235n }],
    ])("of another %s is refused", (_what, fabric) => {
        const image = imageWith(item);
        image.meta.set(1, { ...meta, fabric });
        expect(open(image)).toBe("WRONG_FABRIC");
    });

    it("of a newer version is refused, whatever else its identity says", () => {
        const image = imageWith(item);
        image.meta.set(1, { schema: 2, somethingNew: true });
        expect(open(image)).toBe("NEWER_SCHEMA");
    });

    it.each(["node", "item", "keySet", "run"] as const)("with a %s but without identity is refused", table => {
        const image = emptyImage();
        image[table].set(1, {});
        expect(open(image)).toBe("CORRUPT_STORE");
    });

    it.each<[string, object]>([
        ["schema", { ...meta, schema: "1" }],
        ["schema", { ...meta, schema: 0 }],
        ["fabric", { ...meta, fabric: null }],
        ["rootPublicKey", { ...meta, fabric: { ...FABRIC, rootPublicKey: null } }],
        ["fabricId", { ...meta, fabric: { ...FABRIC, fabricId: 0x1234 } }],
        ["reservedNumber", { ...meta, reservedNumber: 0 }],
    ])("whose identity record has a malformed %s is refused", (_field, record) => {
        const image = imageWith(item);
        image.meta.set(1, record);
        expect(open(image)).toBe("CORRUPT_STORE");
    });

    it("is not opened with two kinds of one name", () => {
        const { machineOptions } = new TestShell();
        const opened = Machine.open({ ...machineOptions, kinds: [...machineOptions.kinds, ...machineOptions.kinds] }, emptyImage(), { monoMs: 0, wallMs: 0 });
        expect(opened).toMatchObject({ ok: false, error: { code: "ALREADY_REGISTERED" } });
    });
});

describe("a stored retry time", () => {
    const eligibleAt = (retryAtMs: number | undefined) => {
        const { retryAtMs: _, ...rest } = failure;
        const stored = { ...failed, failure: retryAtMs === undefined ? { ...rest, class: "terminal" } : { ...rest, retryAtMs } };
        return reopen(imageWith(stored)).item(7)!.eligibleAtMs;
    };

    it("is kept when it lies ahead", () => {
        expect(eligibleAt(WALL_MS + 1_000)).toBe(1_000);
    });

    it("is now when it has passed", () => {
        expect(eligibleAt(WALL_MS - 1_000)).toBe(0);
    });

    it("is at most the longest back-off ahead: the wall clock may have been wrong", () => {
        expect(eligibleAt(WALL_MS + 365 * 24 * 3_600_000)).toBe(15 * 60_000);
    });

    it("is none for what does not retry by itself", () => {
        expect(eligibleAt(undefined)).toBe(Infinity);
    });
});

it("numbers of nodes and items stay what they were", () => {
    const shell = reopen(imageWith(item));
    expect([shell.machine.nodes.get(nodeId(1n))!.id, shell.item(7)!.id]).toEqual([1, 4]);
    expect(shell.machine.nodes.byNumber(1)).toBe(shell.machine.nodes.get(ONE));
});
