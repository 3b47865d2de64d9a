/** Goal: the whole path of the main job on a simulated switch, and the law that a phase's changes are a fixpoint. */
import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { MANAGER_FABRIC, SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import type { DeviceRequest } from "../core/device.js";
import { ONE, TWO } from "../core/testing/test-shell.js";
import { ToyNode } from "../core/testing/toy-kind.js";
import { addNodeToGroup } from "./add-node-to-group.js";
import type { KeySetDraft, Wanted } from "./definition.js";
import { withNodesAnd, type TaskShell } from "./testing/task-shell.js";

/** A simulated switch, where the shell expects a node. */
class Switch extends ToyNode {
    readonly node = new SimNode(onOffLightSwitchWithGroups({ maxGroupsPerFabric: 4, maxGroupKeysPerFabric: 3 }), new Random(1));

    override perform(request: DeviceRequest) {
        return this.node.handle(request);
    }
}

const params = { node: ONE, endpoint: 1, groupId: 10, keySetId: 5, groupName: "hall" };
const epochKey = new Uint8Array(16).fill(7);

let shell: TaskShell;
let device: SimNode;
beforeEach(() => {
    shell = withNodesAnd({});
    for (const node of [ONE, TWO]) {
        shell.devices.set(node, new Switch());
    }
    device = (shell.device(ONE) as Switch).node;
    shell.do({ type: "reconcile", node: ONE, capacity: true });
});

describe("adding a node to a group", () => {
    it("gives the node the key, the mapping and the membership, in this order", () => {
        shell.sent = [];
        const id = shell.begin("addNodeToGroup", { ...params, epochKey });
        expect(shell.infoOf(id).state).toBe("completed");
        expect(device.keySet(MANAGER_FABRIC, 5)!.keys[0]!.reveal()).toEqual(epochKey);
        expect(device.mappedKeySetId(MANAGER_FABRIC, 10)).toBe(5);
        expect(device.isMember(MANAGER_FABRIC, 10, 1)).toBe(true);
        const writes = shell.sent.filter(({ request }) => request.op === "write" || (request.op === "invoke" && !request.query));
        expect(writes.map(({ request }) => request.op)).toEqual(["invoke", "write", "invoke"]);
    });

    it("keeps the key out of the run's record, out of events and out of items", () => {
        const secret = new Uint8Array(16).fill(0xa7);
        shell.begin("addNodeToGroup", { ...params, epochKey: secret });
        const show = (value: unknown) =>
            JSON.stringify(value, (_name, field: unknown) => (typeof field === "bigint" ? String(field) : field instanceof Uint8Array ? [...field] : field));
        const shown = show([shell.batches, shell.events, [...shell.replies], shell.manager.items(), shell.manager.runs(), shell.manager.keySets()]);
        expect(shown).toContain("key:");
        expect(shown).not.toContain("167,167");
    });

    it("makes a key of its own when none is given", () => {
        shell.begin("addNodeToGroup", params);
        expect(shell.manager.keySets()).toMatchObject([{ keySetId: 5, revisions: [{ revision: 1 }] }]);
    });

    it("uses the key set's present key for the next node", () => {
        shell.begin("addNodeToGroup", { ...params, epochKey });
        const id = shell.begin("addNodeToGroup", { ...params, node: TWO });
        expect(shell.infoOf(id).state).toBe("completed");
        expect((shell.device(TWO) as Switch).node.keySet(MANAGER_FABRIC, 5)!.keys[0]!.reveal()).toEqual(epochKey);
        expect(shell.begin("addNodeToGroup", { ...params, groupId: 11, epochKey })).toBeGreaterThan(id);
    });

    it("is refused with another key for a key set that exists", () => {
        shell.begin("addNodeToGroup", { ...params, epochKey });
        const other = new Uint8Array(16).fill(8);
        expect(shell.refusal("addNodeToGroup", { ...params, node: TWO, epochKey: other })).toMatchObject({ code: "KEY_SET_CONFLICT", details: { keySetId: 5 } });
    });

    it("is refused twice at once for the same endpoint and group, not for another group", () => {
        shell.silence();
        const id = shell.begin("addNodeToGroup", params);
        expect(shell.refusal("addNodeToGroup", params)).toMatchObject({ code: "SLOT_OCCUPIED", details: { run: id } });
        expect(shell.begin("addNodeToGroup", { ...params, groupId: 11 })).toBeGreaterThan(id);
    });

    it.each([
        ["no object", 5],
        ["a number as node", { ...params, node: 1 }],
        ["group 0", { ...params, groupId: 0 }],
        ["key set 0", { ...params, keySetId: 0 }],
        ["a key of 15 bytes", { ...params, epochKey: new Uint8Array(15) }],
        ["a key as text", { ...params, epochKey: "0123456789abcdef" }],
        ["a name of 17 bytes", { ...params, groupName: "x".repeat(17) }],
        ["an endpoint that cannot be", { ...params, endpoint: 0xffff }],
    ])("is refused with %s", (_, wrong) => {
        expect(shell.refusal("addNodeToGroup", wrong)).toMatchObject({ code: "INVALID_PARAMS" });
        expect(shell.manager.keySets()).toEqual([]);
    });

    it("that is cancelled leaves the device as it was, and erases the new key", () => {
        const groups = shell.begin("addNodeToGroup", { ...params, groupId: 12, keySetId: 6 });
        expect(shell.infoOf(groups).state).toBe("completed");
        const before = device.snapshot().fabrics;
        shell.device().fault = request => (request.op === "invoke" && request.cluster === 4 ? "silence" : undefined);
        const id = shell.begin("addNodeToGroup", params);
        expect(device.mappedKeySetId(MANAGER_FABRIC, 10)).toBe(5);
        shell.do({ type: "cancel", run: id });
        shell.device().fault = () => undefined;
        shell.answer({ kind: "notSent", reason: "no session" });
        shell.run(60_000);
        expect(shell.infoOf(id)).toMatchObject({ state: "cancelled", notRestored: [] });
        expect(device.snapshot().fabrics).toEqual(before);
        expect(shell.manager.keySets().find(({ keySetId }) => keySetId === 5)!.revisions).toEqual([]);
    });

    it("after a cancelled one makes a new key under a new start time", () => {
        shell.silence();
        const id = shell.begin("addNodeToGroup", { ...params, epochKey });
        shell.do({ type: "cancel", run: id });
        shell.back();
        const again = shell.begin("addNodeToGroup", { ...params, epochKey: new Uint8Array(16).fill(9) });
        expect(shell.infoOf(again).state).toBe("completed");
        const set = shell.manager.keySets()[0]!;
        expect(set.revisions.map(({ revision }) => revision)).toEqual([2]);
        expect(new Set(set.startTimes.map(([time]) => time)).size).toBe(2);
    });
});

describe("its phase", () => {
    const stored = { node: ONE, endpoint: 1 as never, groupId: 10 as never, groupName: "hall", keySetId: 5 as never };
    const drawn = { revision: 1 };

    it("wants nothing new of what it has made so: a law of every phase", () => {
        shell.begin("addNodeToGroup", params);
        const generations = shell.manager.items().map(({ generation }) => generation);
        const view = shell.manager.tasks.commands.view();
        const wanted: Wanted[] = addNodeToGroup.phases(stored, drawn).flatMap(phase => [...phase.changes(view)]);
        for (const want of wanted) {
            const kind = shell.machine.context.kinds.get(want.kind)!;
            const item = shell.manager.item(want.node, want.kind, want.op === "set" ? kind.keyOf(want.intent) : want.key)!;
            expect(want.op === "set" && kind.equal(item.intent, want.intent)).toBe(true);
        }
        shell.begin("addNodeToGroup", params);
        expect(shell.manager.items().map(({ generation }) => generation)).toEqual(generations);
    });

    it("plans what it changes, and awaits all of it", () => {
        const view = shell.manager.tasks.commands.view();
        const [phase] = addNodeToGroup.phases(stored, drawn);
        expect(addNodeToGroup.planned(stored, drawn)).toEqual(phase!.changes(view));
        expect(phase!.until(view).items.map(({ kind }) => kind)).toEqual(["groupKey", "groupKeyMap", "groupMembership"]);
    });

    it("is bound again from the store only to parameters that validate", () => {
        expect(addNodeToGroup.restore(stored, drawn)).toMatchObject({ ok: true });
        expect(addNodeToGroup.restore({ ...stored, groupId: 0 }, drawn)).toMatchObject({ ok: false, error: { code: "INVALID_PARAMS" } });
        expect(addNodeToGroup.restore(stored, {})).toMatchObject({ ok: false, error: { code: "INVALID_PARAMS" } });
    });

    it("draws key, revision and start time once, from what it is given", () => {
        const drafts: KeySetDraft[] = [];
        const view = shell.manager.tasks.commands.view();
        const prepared = addNodeToGroup.prepare(params, view, { key: () => epochKey, startTime: () => 77n as never, revision: () => 4, wallMs: 0 });
        if (prepared.ok) {
            drafts.push(...(prepared.value.keySets ?? []));
            expect(prepared.value.drawn).toEqual({ revision: 4 });
            expect(prepared.value.params).not.toHaveProperty("epochKey");
        }
        expect(drafts).toEqual([{ keySetId: 5, policy: 0, slots: [{ startTime: 77n, key: epochKey }] }]);
    });
});
