import { Logger, LogLevel } from "@matter/general";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { BasicInformation, Descriptor, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import { nodeId, type NodeId } from "../../src/core/ids.js";
import { Status } from "../../src/core/status.js";
import { type StackSnapshot, StackWorld } from "./index.js";
import * as send from "./requests.fixture.js";

const DEADLINE_MS = 30_000;
const GROUP = 0x101;

let fixture: { snapshot: StackSnapshot; switchNode: NodeId; lightNode: NodeId };
let world: StackWorld;

async function ask(request: DeviceRequest, node = fixture.switchNode, deadlineMs = DEADLINE_MS): Promise<DeviceAnswer> {
    return world.until(world.transport().request(node, request, { deadlineMs }));
}

async function dataVersionOfMap(): Promise<number> {
    const answer = await ask(send.readGroupKeyMap());
    if (answer.kind !== "value") {
        throw new Error(`reading the map answered ${JSON.stringify(answer)}`);
    }
    return answer.dataVersion;
}

beforeAll(async () => {
    const building = new StackWorld({ seed: "transport" });
    await building.addController();
    await building.addDevice("switch", { kind: "switch", maxGroupKeys: 4, maxGroups: 3 });
    await building.addDevice("light", { kind: "light", bindings: true, maxGroups: 100 });
    const switchNode = await building.commission("controller", "switch");
    const lightNode = await building.commission("controller", "light");
    await building.untilSubscribed();
    fixture = { snapshot: building.snapshot(), switchNode, lightNode };
    await building.close();
}, 60_000);

beforeEach(async () => {
    world = await StackWorld.restore(fixture.snapshot, { seed: "test" });
}, 60_000);

afterEach(async () => {
    await world.close();
}, 60_000);

const statusOf = (status: number) => ({ kind: "status", status });

describe("provisioning a group on a real device", () => {
    it("writes key set, map and membership, and the device holds them", async () => {
        expect(await ask(send.writeKeySet(1, 7n))).toEqual(statusOf(Status.SUCCESS));
        expect(await ask(send.writeGroupKeyMap([GROUP], await dataVersionOfMap()))).toEqual(statusOf(Status.SUCCESS));
        expect(await ask(send.addGroup(GROUP))).toEqual({
            kind: "response",
            fields: { status: Status.SUCCESS, groupId: GROUP },
        });

        const truth = world.groupTruth("switch");
        expect(truth.groupKeyMap).toEqual([{ groupId: GROUP, keySetId: 1 }]);
        expect(truth.groupTable).toEqual([{ groupId: GROUP, endpoints: [1], name: "kitchen" }]);
        expect(truth.keySets.map(({ id }) => id)).toEqual([1]);
        expect(truth.keySets[0]?.slots.map(({ startTime }) => startTime)).toEqual([7n]);
        expect(truth.keySets[0]?.slots[0]?.key.equals(send.KEY)).toBe(true);
    });

    it("reports AddGroup before the map entry inside the response", async () => {
        expect(await ask(send.addGroup(GROUP))).toEqual({
            kind: "response",
            fields: { status: Status.UNSUPPORTED_ACCESS, groupId: GROUP },
        });
    });

    it("passes on that the device is full", async () => {
        for (const id of [1, 2, 3]) {
            expect(await ask(send.writeKeySet(id))).toEqual(statusOf(Status.SUCCESS));
        }
        expect(await ask(send.writeKeySet(4))).toEqual(statusOf(Status.RESOURCE_EXHAUSTED));
    });

    it("reads start times back in the unit of the wire, and no key", async () => {
        await ask(send.writeKeySet(1, 5_000_000n));
        const answer = await ask(send.invoke(GroupKeyManagement.id, GroupKeyManagement.commands.keySetRead, { groupKeySetId: 1 }));
        expect(answer).toMatchObject({
            kind: "response",
            fields: { groupKeySet: { groupKeySetId: 1, epochKey0: null, epochStartTime0: 5_000_000n, epochStartTime1: null } },
        });
    });

    it("invokes commands without fields and without response", async () => {
        const indices = await ask(send.invoke(GroupKeyManagement.id, GroupKeyManagement.commands.keySetReadAllIndices, {}));
        expect(indices).toEqual({ kind: "response", fields: { groupKeySetIDs: [0] } });
        expect(await ask(send.invoke(Groups.id, Groups.commands.removeAllGroups, {}, 1))).toEqual(statusOf(Status.SUCCESS));
    });

    it("passes on that an unknown key set is not found", async () => {
        const request = send.invoke(GroupKeyManagement.id, GroupKeyManagement.commands.keySetRemove, { groupKeySetId: 9 });
        expect(await ask(request)).toEqual(statusOf(Status.NOT_FOUND));
    });
});

describe("reading", () => {
    it("answers with value and data version of the device, not of the cache", async () => {
        await ask(send.writeKeySet(1));
        await ask(send.writeGroupKeyMap([GROUP]));
        // No time has passed: no report can have reached the cache.
        const answer = await ask(send.readGroupKeyMap());
        expect(answer).toMatchObject({ kind: "value", value: [{ groupId: GROUP, groupKeySetId: 1 }] });
        expect(answer.kind === "value" && Number.isInteger(answer.dataVersion)).toBe(true);
    });

    it.each([
        ["an endpoint", send.readGroupKeyMap(7), Status.UNSUPPORTED_ENDPOINT],
        ["a cluster", send.readGroupKeyMap(1), Status.UNSUPPORTED_CLUSTER],
        ["an attribute", send.readAttribute(GroupKeyManagement.id, 0x99), Status.UNSUPPORTED_ATTRIBUTE],
    ])("says that %s is absent, rather than empty", async (_what, request, status) => {
        expect(await ask(request)).toEqual(statusOf(status));
    });

    it("gives bitmaps as numbers, node ids as bigint, and no fabric index", async () => {
        expect(await ask(send.readAttribute(Groups.id, Groups.attributes.nameSupport, 1))).toMatchObject({ value: 0x80 });
        const ACCESS_CONTROL = 0x1f;
        const acl = await ask(send.readAttribute(ACCESS_CONTROL, 0));
        expect(acl).toMatchObject({ value: [{ privilege: 5, authMode: 2, targets: null }] });
        const [entry] = (acl as unknown as { value: { subjects: unknown[] }[] }).value;
        expect(typeof entry?.subjects[0]).toBe("bigint");
        expect(entry).not.toHaveProperty("fabricIndex");
        expect(await ask(send.readAttribute(Descriptor.id, Descriptor.attributes.partsList))).toMatchObject({ value: [1] });
        const version = await ask(send.readAttribute(BasicInformation.id, BasicInformation.attributes.softwareVersion));
        expect(typeof (version.kind === "value" && version.value)).toBe("number");
    });
});

describe("writing", () => {
    it("refuses a conditional write after somebody else's", async () => {
        await ask(send.writeKeySet(1));
        const stale = await dataVersionOfMap();
        await ask(send.writeGroupKeyMap([GROUP], stale));
        expect(await ask(send.writeGroupKeyMap([GROUP + 1], stale))).toEqual(statusOf(Status.DATA_VERSION_MISMATCH));
        expect(world.groupTruth("switch").groupKeyMap.map(({ groupId }) => groupId)).toEqual([GROUP]);
    });

    it("replaces a list wholly or not at all", async () => {
        await ask(send.writeKeySet(1));
        await ask(send.writeGroupKeyMap([1, 2]));
        expect(await ask(send.writeGroupKeyMap([3, 4, 5, 6]))).toEqual(statusOf(Status.RESOURCE_EXHAUSTED));
        expect(world.groupTruth("switch").groupKeyMap.map(({ groupId }) => groupId)).toEqual([1, 2]);
        expect(await ask(send.writeGroupKeyMap([]))).toEqual(statusOf(Status.SUCCESS));
        expect(world.groupTruth("switch").groupKeyMap).toEqual([]);
    });

    it("writes a list that does not fit in one message in several, none of them too large", async () => {
        const UDP_LIMIT = 1232;
        const BINDING = 0x1e;
        let largest = 0;
        world.network.rule = ({ payload }) => void (largest = Math.max(largest, payload.byteLength));
        const list = Array.from({ length: 150 }, (_, index) => ({ group: 0x200 + index, cluster: 6 }));
        expect(await ask(send.writeAttribute(BINDING, 0, list, undefined, 1), fixture.lightNode)).toEqual(statusOf(Status.SUCCESS));
        expect(await ask(send.readAttribute(BINDING, 0, 1), fixture.lightNode)).toMatchObject({ kind: "value", value: list });
        expect(largest).toBeGreaterThan(1000);
        expect(largest).toBeLessThanOrEqual(UDP_LIMIT);
    });
});

describe("a request that is invalid before it is sent", () => {
    it.each([
        ["a group name of 17 bytes", send.addGroup(GROUP, { name: "12345678901234567" }), Status.CONSTRAINT_ERROR],
        ["a missing field", send.invoke(Groups.id, Groups.commands.addGroup, { groupId: GROUP }, 1), Status.INVALID_ACTION],
        ["an unknown field", send.invoke(Groups.id, Groups.commands.viewGroup, { groupId: GROUP, x: 1 }, 1), Status.INVALID_ACTION],
        ["an unknown command", send.invoke(Groups.id, 0x77, {}, 1), Status.INVALID_ACTION],
        ["a value of the wrong type", send.writeAttribute(GroupKeyManagement.id, 0, [{ groupId: "x" }]), Status.INVALID_ACTION],
    ])("answers %s with the status, and sends nothing", async (_what, request, status) => {
        const { sent } = world.network.counts;
        expect(await ask(request)).toEqual(statusOf(status));
        expect(world.network.counts.sent).toBe(sent);
    });

    it("answers a node that was never commissioned with notSent", async () => {
        expect(await ask(send.readGroupKeyMap(), nodeId(0x7777n))).toMatchObject({ kind: "notSent" });
    });

    it("passes on what the device says of an unknown endpoint", async () => {
        expect(await ask(send.addGroup(GROUP, { endpoint: 9 }))).toEqual(statusOf(Status.UNSUPPORTED_ENDPOINT));
    });
});

describe("a device that does not answer", () => {
    it("is unknown while a session exists, and notSent when none can be had", async () => {
        world.network.offline.add("switch");
        const kinds: string[] = [];
        // Each session must be found dead before matter.js tries for a new one.
        while (kinds.at(-1) !== "notSent" && kinds.length < 4) {
            kinds.push((await ask(send.writeKeySet(1))).kind);
        }
        expect(kinds[0]).toBe("unknown");
        expect(kinds.slice(0, -1).every(kind => kind === "unknown")).toBe(true);
        expect(kinds.at(-1)).toBe("notSent");
        await world.advance(120_000);
        const before = world.time.nowMs;
        expect(await ask(send.writeKeySet(1))).toMatchObject({ kind: "notSent" });
        expect(world.time.nowMs).toBe(before);
        expect(world.groupTruth("switch").keySets).toEqual([]);
    });

    it("is unknown at our own deadline, though the request took effect", async () => {
        world.network.rule = ({ from }) => (from === "switch" ? "drop" : undefined);
        const before = world.time.nowMs;
        const answer = await ask(send.writeKeySet(1), fixture.switchNode, 2_000);
        expect(answer).toMatchObject({ kind: "unknown" });
        expect(world.time.nowMs - before).toBe(2_000);
        expect(world.groupTruth("switch").keySets.map(({ id }) => id)).toEqual([1]);
    });

    it("does not delay another", async () => {
        world.network.offline.add("switch");
        const stalled = Array.from({ length: 10 }, () =>
            world.transport().request(fixture.switchNode, send.readGroupKeyMap(), { deadlineMs: DEADLINE_MS }),
        );
        const before = world.time.nowMs;
        expect(await ask(send.readGroupKeyMap(), fixture.lightNode)).toMatchObject({ kind: "value" });
        expect(world.time.nowMs - before).toBeLessThan(1_000);
        await world.until(Promise.all(stalled));
    });
});

describe("closing the transport", () => {
    it("answers what is outstanding and sends nothing more", async () => {
        world.network.offline.add("switch");
        const transport = world.transport();
        const outstanding = transport.request(fixture.switchNode, send.writeKeySet(1), { deadlineMs: DEADLINE_MS });
        await world.advance(100);
        const before = world.time.nowMs;
        await world.until(transport.close());
        expect(await world.until(outstanding)).toMatchObject({ kind: "unknown" });
        expect(world.time.nowMs).toBe(before);
        const late = await world.until(transport.request(fixture.lightNode, send.readGroupKeyMap(), { deadlineMs: DEADLINE_MS }));
        expect(late).toMatchObject({ kind: "notSent" });
    });
});

describe("key material", () => {
    it("is not in matter.js's own log of what the controller sends", async () => {
        const lines: string[] = [];
        const { level } = Logger;
        const written = vi.spyOn(Logger.destinations["default"]!, "write").mockImplementation(text => void lines.push(text));
        try {
            Logger.level = LogLevel.INFO;
            await ask(send.writeKeySet(1));
        } finally {
            Logger.level = level;
            written.mockRestore();
        }
        // The device logs in this process too, what it received; only the controller is ours.
        const ours = lines.filter(line => line.includes("ClientInteraction"));
        expect(ours.join("\n")).toContain("keySetWrite");
        expect(ours.join("\n")).not.toContain("abababab");
    });
});
