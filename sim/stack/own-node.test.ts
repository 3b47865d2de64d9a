/**
 * Goal: to the manager, the controller's own node is one more node with a GroupKeyManagement server. Method: real matter.js controller; its
 * answers are compared with a real light's, and what it holds is read from the inside.
 */
import { Logger, LogLevel } from "@matter/general";
import { GroupKeyManagementServer } from "@matter/node/behaviors/group-key-management";
import { type Fabric, FabricAuthority, FabricManager } from "@matter/protocol";
import { FabricIndex, GroupId } from "@matter/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AccessControl, Binding, Descriptor, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import { nodeId, type NodeId } from "../../src/core/ids.js";
import type { TransportEvent } from "../../src/core/ports.js";
import { Status } from "../../src/core/status.js";
import { type StackSnapshot, StackWorld } from "./index.js";
import * as send from "./requests.fixture.js";

const DEADLINE_MS = 30_000;
const GROUP = 0x101;
const { id: GKM, attributes, commands } = GroupKeyManagement;
const readKeySet = (groupKeySetId: number) => send.invoke(GKM, commands.keySetRead, { groupKeySetId });
const removeKeySet = (groupKeySetId: number) => send.invoke(GKM, commands.keySetRemove, { groupKeySetId });
const readIndices = send.invoke(GKM, commands.keySetReadAllIndices, {});

let fixture: { snapshot: StackSnapshot; light: NodeId; own: NodeId };
let world: StackWorld;

async function ask(request: DeviceRequest, node = fixture.own): Promise<DeviceAnswer> {
    return world.until(world.transport().request(node, request, { deadlineMs: DEADLINE_MS }));
}

async function dataVersionOf(node: NodeId): Promise<number> {
    const answer = await ask(send.readGroupKeyMap(), node);
    return answer.kind === "value" ? answer.dataVersion : NaN;
}

const fabric = (): Fabric => world.node("controller").env.get(FabricManager).for(FabricIndex(1));
const workingKeySets = () => [...fabric().groups.keySets].map(({ groupKeySetId }) => groupKeySetId).sort((a, b) => a - b);
const statusOf = (status: number) => ({ kind: "status", status });

/** What an application can do on the controller's machine, past the manager. */
function changeState(change: (state: GroupKeyManagementServer.State) => void): Promise<void> {
    const controller = world.node("controller");
    return world.until(Promise.resolve(controller.act("a test", agent => change(agent.get(GroupKeyManagementServer).state))));
}

beforeAll(async () => {
    const building = new StackWorld({ seed: "own node" });
    await building.addController();
    await building.addDevice("light", { kind: "light" });
    const light = await building.commission("controller", "light");
    await building.addDevice("another", { kind: "light" });
    await building.untilSubscribed();
    fixture = { snapshot: building.snapshot(), light, own: (await building.administrator()).nodeId };
    await building.close();
});

beforeEach(async () => {
    world = await StackWorld.restore(fixture.snapshot, { seed: "test" });
});

afterEach(async () => {
    await world.close();
});

describe("the controller's own node", () => {
    it("has the node id of the controller's certificate", async () => {
        expect(await world.administrator()).toEqual({ nodeId: fabric().nodeId, caseAuthenticatedTags: [] });
        expect(fixture.own).toBe(fabric().nodeId);
    });

    it("answers as a device with the same limits does", async () => {
        const secondKey = { epochKey1: send.KEY, epochStartTime1: 3n };
        const keySet = (fields: object) => send.invoke(GKM, commands.keySetWrite, { groupKeySet: { ...keySetFields, ...fields } });
        const keySetFields = {
            groupKeySetId: 1,
            groupKeySecurityPolicy: 0,
            epochKey0: send.KEY,
            epochStartTime0: 5n,
            epochKey1: null,
            epochStartTime1: null,
            epochKey2: null,
            epochStartTime2: null,
        };
        const conversation: (DeviceRequest | ((version: number) => DeviceRequest))[] = [
            send.readGroupKeyMap(),
            send.readAttribute(GKM, attributes.maxGroupsPerFabric),
            send.readAttribute(GKM, attributes.maxGroupKeysPerFabric),
            send.readAttribute(GKM, 0x99),
            send.readAttribute(Descriptor.id, Descriptor.attributes.clientList),
            readIndices,
            readKeySet(0),
            readKeySet(1),
            keySet({}),
            keySet({ epochStartTime0: 0n }),
            keySet(secondKey),
            keySet({ epochStartTime0: 2n, ...secondKey }),
            keySet({ groupKeySecurityPolicy: 1 }),
            keySet({ groupKeySetId: 2 }),
            readKeySet(1),
            readIndices,
            version => send.writeGroupKeyMap([GROUP], version + 1),
            version => send.writeGroupKeyMap([GROUP], version),
            send.readGroupKeyMap(),
            send.writeGroupKeyMap([GROUP, GROUP]),
            send.writeGroupKeyMap([0xff01]),
            send.writeGroupKeyMap(Array.from({ length: 23 }, (_, index) => index + 1)),
            send.writeAttribute(GKM, attributes.maxGroupsPerFabric, 5),
            send.readGroupKeyMap(),
            removeKeySet(9),
            removeKeySet(0),
            removeKeySet(1),
            send.readGroupKeyMap(),
            readKeySet(1),
            ...Array.from({ length: 19 }, (_, index) => keySet({ groupKeySetId: 100 + index })),
            readIndices,
            send.invoke(GKM, 0x77, {}),
        ];
        for (const [index, step] of conversation.entries()) {
            const answers: unknown[] = [];
            for (const node of [fixture.own, fixture.light]) {
                const request = typeof step === "function" ? step(await dataVersionOf(node)) : step;
                const answer = await ask(request, node);
                answers.push(answer.kind === "value" ? { ...answer, dataVersion: 0 } : answer);
            }
            expect(answers[0], `step ${index}`).toEqual(answers[1]);
        }
        // The conversation has reached the limits.
        expect(await ask(readIndices)).toMatchObject({ fields: { groupKeySetIDs: { length: 20 } } });
    });

    it("has a data version that its changes move", async () => {
        const before = await dataVersionOf(fixture.own);
        expect(await dataVersionOf(fixture.own)).toBe(before);
        await ask(send.writeKeySet(1));
        await ask(send.writeGroupKeyMap([GROUP]));
        expect(await dataVersionOf(fixture.own)).not.toBe(before);
    });

    it.each([
        ["membership", send.addGroup(GROUP), Status.UNSUPPORTED_ENDPOINT],
        ["membership of its root endpoint", send.addGroup(GROUP, { endpoint: 0 }), Status.UNSUPPORTED_CLUSTER],
        ["access control list to read", send.readAttribute(AccessControl.id, AccessControl.attributes.acl), Status.UNSUPPORTED_CLUSTER],
        ["access control list to write", send.writeAttribute(AccessControl.id, AccessControl.attributes.acl, []), Status.UNSUPPORTED_CLUSTER],
        ["bindings", send.readAttribute(Binding.id, Binding.attributes.binding, 1), Status.UNSUPPORTED_ENDPOINT],
        ["groups", send.readAttribute(Groups.id, Groups.attributes.nameSupport), Status.UNSUPPORTED_CLUSTER],
    ])("has no %s", async (_what, request, status) => {
        expect(await ask(request)).toEqual(statusOf(status));
    });

    it("carries out requests that come at the same time, one after the other", async () => {
        const requests = [send.writeKeySet(1), send.writeKeySet(2), send.writeGroupKeyMap([GROUP]), send.writeKeySet(3), readIndices];
        const answers = requests.map(request => world.transport().request(fixture.own, request, { deadlineMs: DEADLINE_MS }));
        const kinds = await world.until(Promise.all(answers));
        expect(kinds.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => statusOf(Status.SUCCESS)));
        expect(kinds[4]).toMatchObject({ fields: { groupKeySetIDs: [0, 1, 2, 3] } });
    });

    it("leaves other fabrics' keys alone, and does not tell of them", async () => {
        const foreign = { groupKeySetId: 7, groupKeySecurityPolicy: 0, epochKey0: send.KEY.reveal(), epochStartTime0: 2n ** 60n } as const;
        const unused = { epochKey1: null, epochStartTime1: null, epochKey2: null, epochStartTime2: null } as const;
        await changeState(state => {
            state.groupKeySets = [{ ...foreign, ...unused, fabricIndex: FabricIndex(9) }];
            state.groupKeyMap = [{ groupId: GroupId(GROUP), groupKeySetId: 7, fabricIndex: FabricIndex(9) }];
        });
        expect(await ask(readIndices)).toMatchObject({ fields: { groupKeySetIDs: [0] } });
        expect(await ask(send.readGroupKeyMap())).toMatchObject({ value: [] });
        expect(workingKeySets()).toEqual([0]);
        expect([...fabric().groups.groupKeyIdMap.keys()]).toEqual([]);
        expect(await ask(send.writeKeySet(7))).toEqual(statusOf(Status.SUCCESS));
        expect(await ask(send.writeGroupKeyMap([GROUP + 1]))).toEqual(statusOf(Status.SUCCESS));
        expect(world.groupTruth("controller", 9)).toMatchObject({ groupKeyMap: [{ groupId: GROUP }], keySets: [{ id: 7 }] });
        expect(await ask(removeKeySet(7))).toEqual(statusOf(Status.SUCCESS));
        expect(world.groupTruth("controller", 9)).toMatchObject({ groupKeyMap: [{ groupId: GROUP }], keySets: [{ id: 7 }] });
    });
});

describe("what the controller sends with", () => {
    it("stays what was written through a restart, a new IPK included", async () => {
        for (const id of [0, 1]) {
            expect(await ask(send.writeKeySet(id, 7n))).toEqual(statusOf(Status.SUCCESS));
        }
        await world.stop("controller");
        await world.restart("controller");
        await world.administrator();
        for (const id of [0, 1]) {
            expect(fabric().groups.keySets.forId(id)?.epochKey0).toEqual(send.KEY.reveal());
            expect(await ask(readKeySet(id))).toMatchObject({ fields: { groupKeySet: { epochStartTime0: 7n } } });
        }
    });

    it("is what is stored, again with the next request if an application has taken it away", async () => {
        await ask(send.writeKeySet(1));
        await ask(send.writeGroupKeyMap([GROUP]));
        fabric().groups.removeGroupKeySet(1);
        fabric().groups.groupKeyIdMap = new Map();
        expect(await ask(readKeySet(1))).toMatchObject({ kind: "response" });
        expect(workingKeySets()).toEqual([0, 1]);
        expect(fabric().groups.currentKeyForGroup(GroupId(GROUP))).toMatchObject({ keySetId: 1 });
    });

    it("is not taken for stored when an application has only installed it", async () => {
        await ask(send.writeKeySet(1));
        await changeState(state => (state.groupKeySets = []));
        expect(workingKeySets()).toEqual([0, 1]);
        expect(await ask(readKeySet(1))).toEqual(statusOf(Status.NOT_FOUND));
        expect(workingKeySets()).toEqual([0, 1]); // the application's
    });

    it("is complete when the fabric object is replaced in the middle of a request", async () => {
        await world.administrator();
        const { env } = world.node("controller");
        const { groups } = fabric();
        const setKeys = groups.setFromGroupKeySet.bind(groups);
        groups.setFromGroupKeySet = async keySet => {
            groups.setFromGroupKeySet = setKeys;
            // As a commissioning does it: a new certificate, and with it another object.
            await env.get(FabricAuthority).defaultFabric({ adminFabricLabel: "selvage" });
            await setKeys(keySet);
        };
        expect(await ask(send.writeKeySet(1))).toEqual(statusOf(Status.SUCCESS));
        expect(fabric().groups).not.toBe(groups);
        expect(workingKeySets()).toEqual([0, 1]);
    });

    it("is complete when requests are under way while a commissioning replaces the fabric object", async () => {
        const before = fabric();
        const commissioning = world.node("controller").peers.commission({ passcode: 20202021, discriminator: 3, timeout: 60_000 as never });
        let commissioned = false;
        void commissioning.then(() => (commissioned = true));
        const answers: Promise<DeviceAnswer>[] = [];
        for (let id = 1; !commissioned && id < 19; id++) {
            answers.push(world.transport().request(fixture.own, send.writeKeySet(id), { deadlineMs: DEADLINE_MS }));
            answers.push(world.transport().request(fixture.own, send.writeGroupKeyMap([GROUP + id]), { deadlineMs: DEADLINE_MS }));
            await world.advance(20);
        }
        await world.until(commissioning);
        expect((await world.until(Promise.all(answers))).every(answer => answer.kind === "status" && answer.status === 0)).toBe(true);
        expect(fabric()).not.toBe(before);
        const stored = world.groupTruth("controller");
        expect(stored.keySets.length).toBeGreaterThan(3);
        expect(workingKeySets()).toEqual([0, ...stored.keySets.map(({ id }) => id)]);
        expect([...fabric().groups.groupKeyIdMap.keys()]).toEqual(stored.groupKeyMap.map(({ groupId }) => groupId));
    });
});

describe("observing the controller's own node", () => {
    let events: TransportEvent[];
    let stop: () => void;
    const REPORT = { type: "report", path: { endpoint: 0, cluster: GKM, attribute: attributes.groupKeyMap } };

    beforeEach(async () => {
        events = [];
        stop = world.transport().observe(event => {
            if (event.node !== fixture.light) {
                events.push(event);
            }
        });
        await world.time.settle();
    });

    it("tells it reachable at once, and never away", async () => {
        expect(events).toEqual([{ type: "reachable", node: fixture.own }]);
        world.network.offline.add("controller");
        await world.advance(180_000);
        expect(events).toEqual([{ type: "reachable", node: fixture.own }]);
        expect(await ask(send.readGroupKeyMap())).toMatchObject({ kind: "value" });
    });

    it("tells it reachable again when a commissioning replaces the fabric object", async () => {
        await world.commission("controller", "another");
        expect(events.filter(({ node }) => node === fixture.own)).toEqual([
            { type: "reachable", node: fixture.own },
            { type: "reachable", node: fixture.own },
        ]);
    });

    it("reports changes of its keys, whoever made them", async () => {
        events = [];
        await changeState(state => (state.groupKeyMap = [{ groupId: GroupId(GROUP), groupKeySetId: 1, fabricIndex: FabricIndex(1) }]));
        expect(events).toEqual([{ ...REPORT, node: fixture.own }]);
        events = [];
        await ask(send.writeKeySet(1));
        expect(events).toEqual([{ ...REPORT, node: fixture.own }]);
        events = [];
        await changeState(state => (state.groupKeySets = []));
        expect(events).toEqual([{ ...REPORT, node: fixture.own }]);
    });

    it("does not take others' reports for its own", async () => {
        await world.untilSubscribed();
        events = [];
        await ask(send.writeGroupKeyMap([GROUP]), fixture.light);
        await world.advance(5_000);
        expect(events).toEqual([]);
    });

    it("ends when asked to", async () => {
        stop();
        events = [];
        await ask(send.writeKeySet(1));
        await world.commission("controller", "another");
        expect(events).toEqual([]);
    });
});

describe("a controller without a fabric", () => {
    beforeEach(async () => {
        await world.close();
        world = new StackWorld({ seed: "no fabric" });
        await world.addController();
        await world.addDevice("light", { kind: "light" });
    });

    it("has no own node: requests are not sent", async () => {
        expect(await ask(send.readGroupKeyMap(), nodeId(1n))).toMatchObject({ kind: "notSent" });
        expect(await world.until(world.transport().administrator())).toBeUndefined();
    });

    it("tells its node reachable as soon as it has commissioned its first", async () => {
        const events: TransportEvent[] = [];
        world.transport().observe(event => events.push(event));
        await world.advance(1_000);
        expect(events).toEqual([]);
        await world.commission("controller", "light");
        const { nodeId: own } = await world.administrator();
        expect(events).toContainEqual({ type: "reachable", node: own });
        expect(await ask(send.readGroupKeyMap(), own)).toMatchObject({ kind: "value", value: [] });
    });
});

describe("the administrator that access control lists must know", () => {
    it("has the tags of the certificate that the controller uses", async () => {
        await world.close();
        world = new StackWorld({ seed: "tags" });
        await world.addController("controller", { caseAuthenticatedTags: [0x1234_0002, 0xffff_0001] });
        await world.addDevice("light", { kind: "light" });
        await world.commission("controller", "light");
        const { caseAuthenticatedTags } = await world.administrator();
        expect([...caseAuthenticatedTags].sort((a, b) => a - b)).toEqual([0x1234_0002, 0xffff_0001]);
    });
});

describe("letting go", () => {
    it("answers a request after the controller's shutdown with notSent", async () => {
        const transport = world.transport();
        await world.administrator();
        await world.stop("controller");
        expect(await world.until(transport.request(fixture.own, send.readGroupKeyMap(), { deadlineMs: DEADLINE_MS }))).toMatchObject({ kind: "notSent" });
        await world.restart("controller");
    });

    it("answers at the deadline: what has begun is unknown, what has not is not sent and never done", async () => {
        await ask(send.readGroupKeyMap());
        const { groups } = fabric();
        const setKeys = groups.setFromGroupKeySet.bind(groups);
        let goOn = () => {};
        groups.setFromGroupKeySet = async keySet => {
            groups.setFromGroupKeySet = setKeys;
            await new Promise<void>(resolve => (goOn = resolve));
            await setKeys(keySet);
        };
        const answers = [1, 2].map(id => world.transport().request(fixture.own, send.writeKeySet(id), { deadlineMs: 1_000 }));
        expect(await world.until(Promise.all(answers))).toMatchObject([{ kind: "unknown" }, { kind: "notSent" }]);
        goOn();
        await world.advance(1_000);
        expect(world.groupTruth("controller").keySets.map(({ id }) => id)).toEqual([1]);
    });

    it("answers a request to a closed transport with notSent, and changes nothing", async () => {
        await world.until(world.transport().close());
        expect(await ask(send.writeKeySet(1))).toMatchObject({ kind: "notSent" });
        expect(world.groupTruth("controller").keySets).toEqual([]);
    });

    it("keeps keys out of matter.js's log", async () => {
        const lines: string[] = [];
        const { level } = Logger;
        const written = vi.spyOn(Logger.destinations["default"]!, "write").mockImplementation(text => void lines.push(text));
        try {
            Logger.level = LogLevel.DEBUG;
            await ask(send.writeKeySet(1));
            await ask(send.writeGroupKeyMap([GROUP]));
            await ask(readKeySet(1));
        } finally {
            Logger.level = level;
            written.mockRestore();
        }
        expect(lines.length).toBeGreaterThan(0);
        expect(lines.join("\n")).not.toMatch(/abababab/i);
    });
});
