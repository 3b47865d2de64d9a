/**
 * Goal: a mistake of a caller is refused with a stable code and a message that says what to do, and leaves everything as it was.
 * Method: each mistake in turn against one manager; the store's content, what is managed, and the requests to devices are compared.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newNode } from "../../sim/devices/testing.js";
import { nodeId } from "../core/ids.js";
import type { FabricManager } from "./fabric-manager.js";
import { SelvageError } from "./selvage-error.js";
import { encodeRecord, MemoryStore } from "./store/index.js";
import { KEY, NODE, openTest, turns, type Opened } from "./testing/opening.js";

const good = { node: NODE, endpoint: 1, groupId: 7, keySetId: 42, epochKey: KEY };
const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;

/** Callers without a compiler. */
type Loose = { [M in keyof FabricManager]: FabricManager[M] extends (...args: never[]) => infer R ? (...args: unknown[]) => R : never };

const group = (changes: object) => (m: Loose) => m.run("addNodeToGroup", { ...good, ...changes });
const liveRun = (m: Loose) => m.runs().find(({ settledAtMs }) => settledAtMs === null)!.run;
const slots = (...keys: unknown[]) => keys.map((key, i) => ({ startTime: BigInt(i + 1), key }));

const mistakes: readonly [what: string, act: (manager: Loose) => unknown, code: string, says: RegExp][] = [
    ["an unknown kind", m => m.setIntent(NODE, "lamp", {}), "UNKNOWN_KIND", /known kinds are groupKey/],
    ["an unknown task", m => m.run("makeCoffee", {}), "UNKNOWN_TASK", /known tasks are addNodeToGroup/],
    ["an unknown node in an intent", m => m.setIntent(nodeId(6n), "groupKeyMap", { groupId: 1, keySetId: 1 }), "UNKNOWN_NODE", /addNode/],
    ["an unknown node in a task", group({ node: nodeId(6n) }), "UNKNOWN_NODE", /addNode/],
    ["an unknown node in reconcile", m => m.reconcile(nodeId(6n)), "UNKNOWN_NODE", /addNode/],
    ["an unknown node in retry", m => m.retry(nodeId(6n), "groupKey", [1]), "UNKNOWN_NODE", /addNode/],
    ["an unknown node to be removed", m => m.removeNode(nodeId(6n)), "UNKNOWN_NODE", /addNode/],
    ["an unknown node to be renewed", m => m.renewNode(nodeId(6n)), "UNKNOWN_NODE", /addNode/],
    ["an unknown item", m => m.retry(NODE, "groupKey", [1]), "UNKNOWN_ITEM", /list its items/],
    ["an unknown item to be withdrawn", m => m.withdraw(NODE, "groupKey", [1]), "UNKNOWN_ITEM", /list its items/],
    ["an unknown item in a scope", m => m.reconcile(NODE, { verify: [{ kind: "groupKey", key: [1] }] }), "UNKNOWN_ITEM", /list its items/],
    ["an unknown run", m => m.cancel(999), "UNKNOWN_RUN", /999/],
    ["an unknown run that is awaited", m => m.awaitRun(999), "UNKNOWN_RUN", /999/],
    ["an unknown key set", m => m.setIntent(NODE, "groupKey", { keySetId: 5, revision: 1 }), "UNKNOWN_KEY_SET", /putKeySet/],
    ["a run that is no number", m => m.cancel("1"), "INVALID_COMMAND", /run\(\)/],

    ["an endpoint out of range", group({ endpoint: 0xffff }), "INVALID_PARAMS", /"endpoint" must be an integer from 0 to 65534/],
    ["an endpoint of the wrong type", group({ endpoint: "1" }), "INVALID_PARAMS", /"endpoint"/],
    ["a key of 15 bytes", group({ epochKey: KEY.subarray(1) }), "INVALID_PARAMS", /"epochKey" must be 16 bytes/],
    ["a key that is a text", group({ epochKey: "0123456789abcdef" }), "INVALID_PARAMS", /"epochKey" must be 16 bytes/],
    ["group 0", group({ groupId: 0 }), "INVALID_PARAMS", /"groupId" must be an integer from 1 to 65279/],
    ["key set 0", group({ keySetId: 0 }), "INVALID_PARAMS", /IPK/],
    ["a group name that is too long", group({ groupName: "äöüäöüäöü" }), "INVALID_PARAMS", /16 bytes/],
    ["no parameters", m => m.run("addNodeToGroup", undefined), "INVALID_PARAMS", /must be an object/],
    ["parameters that hold a function", group({ groupName: () => "x" }), "INVALID_PARAMS", /function/],
    ["parameters that hold themselves", m => m.run("addNodeToGroup", cyclic), "INVALID_PARAMS", /nested/],
    ["parameters that hold an instance", group({ at: new Date(0) }), "INVALID_PARAMS", /instance of a class/],
    ["an empty request id", m => m.run("addNodeToGroup", good, { requestId: "" }), "INVALID_COMMAND", /request id/],
    ["a request id that is a number", m => m.run("addNodeToGroup", good, { requestId: 5 }), "INVALID_COMMAND", /request id/],
    ["a deadline in the past", m => m.run("addNodeToGroup", good, { deadlineMs: -1 }), "INVALID_COMMAND", /deadline/],
    ["options that are null", m => m.run("addNodeToGroup", good, null), "INVALID_COMMAND", /argument/],
    ["another key for a key set that exists", group({ keySetId: 9, groupId: 8 }), "KEY_SET_CONFLICT", /leave "epochKey" out/],
    ["a second run in an occupied slot", group({ groupId: 77, keySetId: 9, epochKey: undefined }), "SLOT_OCCUPIED", /wait until it is settled/],

    ["group 0 in an intent", m => m.setIntent(NODE, "groupKeyMap", { groupId: 0, keySetId: 1 }), "INVALID_INTENT", /"groupId"/],
    ["key set 0 in an intent", m => m.setIntent(NODE, "groupKey", { keySetId: 0, revision: 1 }), "INVALID_INTENT", /IPK/],
    ["an intent that is null", m => m.setIntent(NODE, "groupKeyMap", null), "INVALID_INTENT", /must be an object/],
    ["an intent that holds itself", m => m.setIntent(NODE, "groupKeyMap", cyclic), "INVALID_INTENT", /nested/],
    ["a mode that does not exist", m => m.setIntent(NODE, "groupKeyMap", { groupId: 1, keySetId: 1 }, { mode: "often" }), "INVALID_COMMAND", /maintain/],
    ["a mode that does not exist, to adopt", m => m.adopt(NODE, "groupKeyMap", { groupId: 1, keySetId: 1 }, { mode: "often" }), "INVALID_COMMAND", /maintain/],
    ["a kind that is no text", m => m.setIntent(NODE, undefined, {}), "INVALID_COMMAND", /kind/],
    ["a key that is no list", m => m.removeIntent(NODE, "groupKey", 1), "INVALID_COMMAND", /key/],
    ["a change that is neither", m => m.change([{ op: "put", node: NODE, kind: "groupKey" }]), "INVALID_COMMAND", /"set" or "remove"/],
    ["changes that are no list", m => m.change({}), "INVALID_COMMAND", /list/],
    [
        "one bad change among good ones",
        m =>
            m.change([
                { op: "set", node: NODE, kind: "groupKeyMap", intent: { groupId: 1, keySetId: 1 } },
                { op: "set", node: NODE, kind: "groupKeyMap", intent: { groupId: 0, keySetId: 1 } },
            ]),
        "INVALID_INTENT",
        /"groupId"/,
    ],
    [
        "too many changes",
        m => m.change(Array.from({ length: 1001 }, (_, i) => ({ op: "set", node: NODE, kind: "groupKeyMap", intent: { groupId: i + 1, keySetId: 1 } }))),
        "INVALID_COMMAND",
        /1000/,
    ],
    ["removing what is needed", m => m.removeIntent(NODE, "groupKey", [10]), "ITEM_REFERENCED", /remove that first/],
    ["changing what a run holds", m => m.withdraw(NODE, "groupMembership", [1, 77]), "ITEM_OCCUPIED", /cancel it/],

    ["node id 0", m => m.addNode(0n), "INVALID_COMMAND", /nodeId/],
    ["a node that is a number", m => m.addNode(5), "INVALID_COMMAND", /nodeId/],
    ["no node", m => m.addNode(), "INVALID_COMMAND", /nodeId/],
    ["a group node id", m => m.addNode(0xffff_ffff_ffff_0001n), "INVALID_COMMAND", /nodeId/],

    ["key set -1 to be put", m => m.putKeySet({ keySetId: -1, slots: slots(KEY) }), "INVALID_KEY_SET", /IPK/],
    ["a key set without keys", m => m.putKeySet({ keySetId: 5, slots: [] }), "INVALID_KEY_SET", /one to three/],
    ["a key set of four keys", m => m.putKeySet({ keySetId: 5, slots: slots(KEY, KEY, KEY, KEY) }), "INVALID_KEY_SET", /one to three/],
    ["a key set with a key of 15 bytes", m => m.putKeySet({ keySetId: 5, slots: slots(KEY.subarray(1)) }), "INVALID_KEY_SET", /16 bytes/],
    ["a key set whose slots are missing", m => m.putKeySet({ keySetId: 5 }), "INVALID_KEY_SET", /slots/],
    ["a key set that is none", m => m.putKeySet(null), "INVALID_KEY_SET", /object/],
    ["a start time that is a number", m => m.putKeySet({ keySetId: 5, slots: [{ startTime: 1, key: KEY }] }), "INVALID_KEY_SET", /bigint/],
    ["a new key under an old start time", m => m.putKeySet({ keySetId: 9, slots: slots(KEY) }), "KEY_TIME_REUSED", /new one/],

    ["a kind that is none", m => m.registerKind({ name: "x" }), "INVALID_COMMAND", /"applyOrder"/],
    ["a kind that locks nodes for ever", m => m.registerKind({ ...fakeKind, name: "x", locksNodeMs: Infinity }), "INVALID_COMMAND", /"locksNodeMs"/],
    ["a kind that locks nodes for no time", m => m.registerKind({ ...fakeKind, name: "x", locksNodeMs: 0 }), "INVALID_COMMAND", /"locksNodeMs"/],
    ["a kind that exists", m => m.registerKind({ ...fakeKind, name: "groupKey" }), "ALREADY_REGISTERED", /another name/],
    ["a task that is none", m => m.registerTask(undefined), "INVALID_COMMAND", /task definition/],
    ["a task without phases", m => m.registerTask({ type: "x", version: 1, validate() {} }), "INVALID_COMMAND", /"prepare"/],
    ["a reason that is no text", m => m.cancel(1, 5), "INVALID_COMMAND", /reason/],
    ["a scope that is none", m => m.reconcile(NODE, { verify: "some" }), "INVALID_COMMAND", /"all"/],
    ["abandoning a run that is not stuck", m => m.abandon(liveRun(m)), "RUN_NOT_STUCK", /cancel it/],
    ["retrying a run that is not stuck", m => m.retryRun(liveRun(m)), "RUN_NOT_STUCK", /stuck/],
    ["a listener that is none", m => m.subscribe(5), "INVALID_COMMAND", /function/],
    ["a queue for no event", m => m.events({ capacity: 0 }), "INVALID_COMMAND", /capacity/],
    ["a question about nothing", m => m.explain(undefined), "INVALID_COMMAND", /subject/],
];

const fakeKind = { applyOrder: 1, removeOrder: 1, ...Object.fromEntries(["validate", "keyOf", "equal", "dependsOn", "watch", "apply", "verify", "remove"].map(name => [name, () => {}])) };

/** Everything there is to see of a manager and its surroundings. */
class Surroundings {
    readonly #puts: string[] = [];

    constructor(private readonly opened: Opened) {
        const { store } = opened;
        const commit = store.commit.bind(store);
        store.commit = async batch => {
            this.#puts.push(...batch.puts.map(({ table, id, record }) => `${table}/${id}/${record === null ? "" : encodeRecord(record).toString()}`));
            return commit(batch);
        };
    }

    look(): unknown {
        const { manager, transport } = this.opened;
        return [manager.nodes(), manager.items(), manager.runs(), manager.keySets(), transport.requests.length, this.#puts.length];
    }
}

describe("a mistake", () => {
    let opened: Opened;
    let surroundings: Surroundings;
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);

    beforeAll(async () => {
        process.on("unhandledRejection", note);
        opened = await openTest(newNode(), { store: new MemoryStore() });
        const { manager, transport } = opened;
        const key = new Uint8Array(16).fill(1);
        await manager.putKeySet({ keySetId: 9, slots: [{ startTime: 1n, key }] });
        const { revision } = await manager.putKeySet({ keySetId: 10, slots: [{ startTime: 1n, key }] });
        await manager.setIntent(NODE, "groupKey", { keySetId: 10, revision });
        await manager.setIntent(NODE, "groupKeyMap", { groupId: 9, keySetId: 10 });
        await turns();
        transport.leave(NODE);
        await manager.run("addNodeToGroup", { node: NODE, endpoint: 1, groupId: 77, keySetId: 9 });
        await turns();
        surroundings = new Surroundings(opened);
    });

    afterAll(async () => {
        await opened.manager.close();
        await turns();
        process.off("unhandledRejection", note);
        expect(unhandled).toEqual([]);
    });

    it.each(mistakes)("is refused: %s", async (_, act, code, says) => {
        const before = surroundings.look();
        const error = await (async () => act(opened.manager as unknown as Loose))().then(
            () => "accepted",
            (caught: unknown) => caught,
        );
        expect(error).toBeInstanceOf(SelvageError);
        expect(error).toMatchObject({ code, message: expect.stringMatching(says) as string });
        await turns(2);
        expect(surroundings.look()).toEqual(before);
    });

    it("in a dry run is told in its result", () => {
        const { manager } = opened;
        expect(manager.assess("makeCoffee", {}).refused).toMatchObject({ code: "UNKNOWN_TASK" });
        expect(manager.assess("addNodeToGroup", { ...good, groupId: 77, keySetId: 9, epochKey: undefined }).refused).toMatchObject({ code: "SLOT_OCCUPIED" });
    });
});

it("names an endpoint that the node does not have, in the run's cause", async () => {
    const { manager } = await openTest(newNode());
    const { run } = await manager.run("addNodeToGroup", { ...good, endpoint: 9 });
    expect(await manager.awaitRun(run)).toMatchObject({
        state: "failed",
        cause: { code: "ITEM_FAILED", message: expect.stringMatching(/groupMembership\/9\/7 on node 0x5.*UNSUPPORTED_ENDPOINT/) as string },
    });
    await manager.close();
});

it("lets go of nothing that a caller changes afterwards", async () => {
    const { manager } = await openTest(newNode());
    const key = Buffer.from(KEY);
    const intent = { groupId: 7, keySetId: 42 };
    let entered!: Promise<unknown>;
    manager.subscribe(({ type }) => {
        if (type === "nodeAdded") {
            // From within a callback commands wait their turn.
            entered = Promise.all([
                manager.putKeySet({ keySetId: 42, slots: [{ startTime: 1n, key }] }),
                manager.setIntent(NODE, "groupKeyMap", intent),
                manager.run("addNodeToGroup", { ...good, groupId: 9, keySetId: 43, epochKey: key }),
            ]);
            key.fill(0);
            intent.groupId = 0;
        }
    });
    await manager.addNode(nodeId(6n));
    await entered;
    const again = await manager.putKeySet({ keySetId: 42, slots: [{ startTime: 1n, key: KEY }] });
    expect(again.revision).toBe(1);
    const fingerprints = manager.keySets().map(({ revisions }) => revisions[0]!.keys[0]!.fingerprint);
    expect(fingerprints[1]).toBe(fingerprints[0]);
    expect(manager.item(NODE, "groupKeyMap", [7])).toBeDefined();
    await manager.close();
});
