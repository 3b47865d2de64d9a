import { afterEach, describe, expect, it } from "vitest";
import { MANAGER_FABRIC } from "../../sim/devices/sim-node.js";
import { newNode } from "../../sim/devices/testing.js";
import { Random } from "../../sim/random.js";
import type { ManagerEvent } from "../core/event.js";
import type { FabricManager } from "./fabric-manager.js";
import { SelvageError } from "./selvage-error.js";
import { KEY, NODE, openTest as open, turns, type Opened } from "./testing/opening.js";

const params = { node: NODE, endpoint: 1, groupId: 7, keySetId: 42, groupName: "hall", epochKey: KEY };
const opened: FabricManager[] = [];

async function openTest(...args: Parameters<typeof open>): Promise<Opened> {
    const all = await open(...args);
    opened.push(all.manager);
    return all;
}

afterEach(async () => {
    await Promise.all(opened.splice(0).map(manager => manager.close()));
});

async function untilState(manager: FabricManager, kind: string, key: readonly number[], state: string): Promise<void> {
    while (manager.item(NODE, kind, key)?.state !== state) await turns(1);
}

async function seen(manager: FabricManager, wanted: (event: ManagerEvent) => boolean): Promise<ManagerEvent | undefined> {
    for await (const event of manager.events()) {
        if (wanted(event)) return event;
    }
    return undefined;
}

describe("a task", () => {
    it("is run to its end on the device", async () => {
        const device = newNode();
        const { manager } = await openTest(device);
        const { run, created } = await manager.run("addNodeToGroup", params);
        expect(created).toBe(true);
        expect(await manager.awaitRun(run)).toMatchObject({ run, task: "addNodeToGroup", state: "completed", cause: null, notRestored: [] });
        expect(device.isMember(MANAGER_FABRIC, 7, 1)).toBe(true);
        expect(device.mappedKeySetId(MANAGER_FABRIC, 7)).toBe(42);
    });

    it("tells its end at once when it is over, and to all who ask", async () => {
        const { manager } = await openTest(newNode());
        const { run } = await manager.run("addNodeToGroup", params);
        const [first, second] = await Promise.all([manager.awaitRun(run), manager.awaitRun(run)]);
        expect(first).toEqual(second);
        expect(await manager.awaitRun(run)).toEqual(first);
    });

    it("begins once per request id", async () => {
        const { manager } = await openTest(newNode());
        const first = await manager.run("addNodeToGroup", params, { requestId: "a" });
        await manager.awaitRun(first.run);
        expect(await manager.run("addNodeToGroup", params, { requestId: "a" })).toEqual({ run: first.run, created: false });
        await expect(manager.run("addNodeToGroup", { ...params, groupId: 8 }, { requestId: "a" })).rejects.toMatchObject({ code: "REQUEST_ID_REUSED" });
    });

    it("is turned back by cancel", async () => {
        const device = newNode();
        const { manager, transport } = await openTest(device);
        await turns();
        transport.hold();
        const { run } = await manager.run("addNodeToGroup", params);
        const end = manager.awaitRun(run);
        await manager.cancel(run, "changed my mind");
        transport.release();
        expect(await end).toMatchObject({ state: "cancelled", cause: { code: "CANCELLED", message: expect.stringContaining("changed my mind") as string } });
        expect(device.keySet(MANAGER_FABRIC, 42)).toBeUndefined();
    });

    it("waits for a node that is away, says so, and goes on when it comes back", async () => {
        const { manager, transport } = await openTest(newNode());
        await turns();
        transport.leave(NODE);
        const { run } = await manager.run("addNodeToGroup", params);
        await turns();
        expect(manager.runInfo(run)).toMatchObject({ state: "parked" });
        expect(manager.explain({ run })!.map(({ code }) => code)).toContain("nodeOutOfReach");
        transport.comeBack(NODE);
        expect(await manager.awaitRun(run)).toMatchObject({ state: "completed" });
    });

    it("need not be waited for any longer", async () => {
        const { manager, transport } = await openTest(newNode());
        transport.leave(NODE);
        const { run } = await manager.run("addNodeToGroup", params);
        const stop = new AbortController();
        const waiting = manager.awaitRun(run, { signal: stop.signal });
        stop.abort(new RangeError("enough"));
        await expect(waiting).rejects.toThrow("enough");
        await expect(manager.awaitRun(run, { signal: stop.signal })).rejects.toThrow("enough");
        transport.comeBack(NODE);
        expect(await manager.awaitRun(run, { signal: new AbortController().signal })).toMatchObject({ state: "completed" });
    });

    it("fails by its deadline", async () => {
        const { manager, transport } = await openTest(newNode());
        await turns();
        transport.leave(NODE);
        const { run } = await manager.run("addNodeToGroup", params, { deadlineMs: 20 });
        while (manager.runInfo(run)!.direction === "forward") await turns(1);
        expect(manager.runInfo(run)!.cause).toMatchObject({ code: "DEADLINE_PASSED" });
    });

    it("is assessed without being run", async () => {
        const { manager } = await openTest(newNode());
        const assessed = manager.assess("addNodeToGroup", params);
        expect(assessed.refused).toBeNull();
        expect(assessed.changes.map(({ kind }) => kind)).toEqual(["groupKey", "groupKeyMap", "groupMembership"]);
        expect(manager.runs()).toEqual([]);
        expect(manager.keySets()).toEqual([]);
        expect(manager.assess("addNodeToGroup", { ...params, groupId: 0 }).refused).toMatchObject({ code: "INVALID_PARAMS" });
    });
});

describe("intents", () => {
    it("are set, committed and removed", async () => {
        const device = newNode();
        const { manager } = await openTest(device);
        const { revision } = await manager.putKeySet({ keySetId: 3, slots: [{ startTime: 1_000_000n, key: KEY }] });
        expect(await manager.putKeySet({ keySetId: 3, slots: [{ startTime: 1_000_000n, key: KEY }] })).toEqual({ keySetId: 3, revision });
        await manager.setIntent(NODE, "groupKey", { keySetId: 3, revision });
        await manager.setIntent(NODE, "groupKeyMap", { groupId: 9, keySetId: 3 }, { mode: "maintain" });
        await untilState(manager, "groupKeyMap", [9], "committed");
        expect(device.mappedKeySetId(MANAGER_FABRIC, 9)).toBe(3);
        expect(manager.item(NODE, "groupKeyMap", [9])).toMatchObject({ mode: "maintain", intent: { groupId: 9, keySetId: 3 } });
        await expect(manager.removeIntent(NODE, "groupKey", [3])).rejects.toMatchObject({ code: "ITEM_REFERENCED" });
        await manager.change([
            { op: "remove", node: NODE, kind: "groupKey", key: [3] },
            { op: "remove", node: NODE, kind: "groupKeyMap", key: [9] },
        ]);
        while (manager.items().length > 0) await turns(1);
        expect(device.keySet(MANAGER_FABRIC, 3)).toBeUndefined();
        expect(manager.explain({ node: NODE })).toEqual([]);
    });

    it("of somebody else are adopted, withdrawn and barred", async () => {
        const { manager } = await openTest(newNode());
        const intent = { groupId: 9, keySetId: 3 };
        await manager.adopt(NODE, "groupKeyMap", intent);
        expect(manager.item(NODE, "groupKeyMap", [9])).toMatchObject({ state: "committed", mode: "converge" });
        await manager.withdraw(NODE, "groupKeyMap", [9]);
        await expect(manager.adopt(NODE, "groupKeyMap", intent)).rejects.toMatchObject({ code: "TOMBSTONED" });
        await manager.leftoverGone(NODE, "groupKeyMap", [9]);
        await manager.adopt(NODE, "groupKeyMap", intent);
    });

    it("that a live run holds are changed by force only, which turns the run back", async () => {
        const { manager, transport } = await openTest(newNode());
        transport.leave(NODE);
        const { run } = await manager.run("addNodeToGroup", params);
        const other = { endpoint: 1, groupId: 7, name: "other" };
        await expect(manager.setIntent(NODE, "groupMembership", other)).rejects.toMatchObject({ code: "ITEM_OCCUPIED", details: { run } });
        await manager.setIntent(NODE, "groupMembership", other, { force: true });
        expect(manager.runInfo(run)).toMatchObject({ direction: "backward" });
    });
});

describe("a pass", () => {
    it("reports what it found, and rewrites when asked to", async () => {
        const device = newNode();
        const { manager } = await openTest(device);
        await manager.awaitRun((await manager.run("addNodeToGroup", params)).run);
        expect(await manager.reconcile(NODE, { verify: "all", capacity: true })).toMatchObject({ verified: 3, drifted: 0, unread: [] });
        device.reset(device.composition, new Random(2));
        expect(await manager.reconcile(NODE, { verify: "all" })).toMatchObject({ drifted: 3, applied: 0 });
        expect(await manager.reconcile(NODE, { verify: "all", rewrite: "all" })).toMatchObject({ applied: 3 });
        device.reset(device.composition, new Random(3));
        const restored = seen(manager, event => event.type === "itemChanged" && event.kind === "groupMembership" && event.state === "committed");
        await manager.renewNode(NODE);
        await restored;
        expect(await manager.retry(NODE, "groupKeyMap", [7])).toMatchObject({ failed: 0 });
        expect(device.isMember(MANAGER_FABRIC, 7, 1)).toBe(true);
    });

    it("on a node that is away is refused", async () => {
        const { manager, transport } = await openTest(newNode());
        transport.leave(NODE);
        await expect(manager.reconcile(NODE)).rejects.toMatchObject({ code: "OUT_OF_REACH" });
    });
});

describe("queries", () => {
    it("show fingerprints in place of keys, the same for the same key", async () => {
        const { manager } = await openTest(newNode());
        await manager.putKeySet({ keySetId: 3, slots: [{ startTime: 1n, key: KEY }] });
        await manager.putKeySet({ keySetId: 4, slots: [{ startTime: 1n, key: KEY }] });
        const [three, four] = manager.keySets();
        expect(three!.revisions[0]!.keys[0]).toEqual({ startTime: 1n, fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string });
        expect(four!.revisions[0]!.keys).toEqual(three!.revisions[0]!.keys);
    });

    it("of what is not there say so", async () => {
        const { manager } = await openTest(newNode());
        expect(manager.nodes()).toEqual([NODE]);
        expect(manager.item(NODE, "groupKey", [1])).toBeUndefined();
        expect(manager.runInfo(1)).toBeUndefined();
        expect(manager.explain({ run: 1 })).toBeUndefined();
        expect(manager.explain({ node: NODE, kind: "groupKey", key: [1] })).toBeUndefined();
        expect(manager.quarantined()).toEqual([]);
    });
});

describe("own kinds and tasks", () => {
    const kind = {
        name: "label",
        validate: (intent: unknown) => ({ ok: true as const, value: intent as { text: string } }),
        keyOf: () => [1],
        equal: (a: { text: string }, b: { text: string }) => a.text === b.text,
        applyOrder: 1,
        removeOrder: 1,
        dependsOn: () => [],
        watch: () => [],
        apply: function* () {
            return { done: true as const };
        },
        verify: function* () {
            return { holds: true as const };
        },
        remove: function* () {
            return { done: true as const };
        },
    };

    it("can be registered later, once", async () => {
        const { manager } = await openTest(newNode());
        await expect(manager.setIntent(NODE, "label", { text: "a" })).rejects.toMatchObject({ code: "UNKNOWN_KIND" });
        await manager.registerKind(kind);
        await manager.setIntent(NODE, "label", { text: "a" });
        await untilState(manager, "label", [1], "committed");
        await expect(manager.registerKind(kind)).rejects.toMatchObject({ code: "ALREADY_REGISTERED" });
    });

    it("wait in the store for their registration", async () => {
        const first = await openTest(newNode(), { kinds: [kind] });
        await first.manager.setIntent(NODE, "label", { text: "a" });
        await first.manager.close();
        const second = await openTest(null, { store: first.store.reopen(), transport: first.transport });
        expect(second.manager.items()).toHaveLength(1);
        const events: ManagerEvent[] = [];
        second.manager.subscribe(event => events.push(event));
        await second.manager.registerKind(kind);
        expect(await second.manager.reconcile(NODE, { verify: "all" })).toMatchObject({ failed: 0 });
        expect(second.manager.item(NODE, "label", [1])).toMatchObject({ state: "committed" });
    });
});

it("tells errors as SelvageErrors with code and details", async () => {
    const { manager } = await openTest(newNode());
    const error = await manager.removeNode(99n as typeof NODE).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SelvageError);
    expect(error).toMatchObject({ name: "SelvageError", code: "UNKNOWN_NODE", details: { node: "0x63" }, message: expect.stringContaining("addNode") as string });
});
