/**
 * Goal: access control lists and bindings of a real device are read and written as they are, and their changes are reported. Method: what was
 * written is compared with the device's inside, what is read with what the specification's structures hold.
 */
import { AccessControlServer } from "@matter/node/behaviors/access-control";
import { BindingServer } from "@matter/node/behaviors/binding";
import { FabricIndex, GroupId } from "@matter/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AccessControl, Binding, GroupKeyManagement } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceFields, DeviceRequest, DeviceValue } from "../../src/core/device.js";
import type { NodeId } from "../../src/core/ids.js";
import type { TransportEvent } from "../../src/core/ports.js";
import { Status } from "../../src/core/status.js";
import { builtInKinds } from "../../src/kinds/index.js";
import { type StackSnapshot, StackWorld } from "./index.js";
import * as send from "./requests.fixture.js";

const GROUP = 0x101;
const APP = 1;
const CASE = 2;
const GROUP_AUTH = 3;
/** A CASE authenticated tag, version 2, as a subject (section 6.6.2.1.2). */
const TAG = 0xffff_fffd_0001_0002n;
/** Not exact as a number. */
const FAR_NODE = 0x1122_3344_5566_7788n;

let fixture: { snapshot: StackSnapshot; light: NodeId; other: NodeId; own: NodeId };
let world: StackWorld;

function ask(request: DeviceRequest): Promise<DeviceAnswer> {
    return world.until(world.transport().request(fixture.light, request, { deadlineMs: 30_000 }));
}

const readAcl = () => ask(send.readAttribute(AccessControl.id, AccessControl.attributes.acl));
const writeAcl = (value: DeviceValue, version?: number) => ask(send.writeAttribute(AccessControl.id, AccessControl.attributes.acl, value, version));
const readBindings = () => ask(send.readAttribute(Binding.id, Binding.attributes.binding, APP));
const writeBindings = (value: DeviceValue, version?: number) =>
    ask(send.writeAttribute(Binding.id, Binding.attributes.binding, value, version, APP));

async function valueOf(answer: Promise<DeviceAnswer>): Promise<{ value: DeviceValue; dataVersion: number }> {
    const answered = await answer;
    if (answered.kind !== "value") {
        expect(answered).toMatchObject({ kind: "value" });
        throw new TypeError("no value");
    }
    return answered;
}

const statusOf = (status: number) => ({ kind: "status", status });
const administrator = () => ({ privilege: 5, authMode: CASE, subjects: [fixture.own], targets: null });
const heldAcl = () => world.node("light").stateOf(AccessControlServer).acl;
const heldBindings = () => world.node("light").parts.get("app1")!.stateOf(BindingServer).binding;

/** An entry of each form that the specification has. */
const forms = () => [
    administrator(),
    { privilege: 3, authMode: CASE, subjects: null, targets: [{ cluster: 6, endpoint: null, deviceType: null }] },
    {
        privilege: 3,
        authMode: GROUP_AUTH,
        subjects: [BigInt(GROUP)],
        targets: [
            { cluster: 6, endpoint: 1, deviceType: null },
            { cluster: null, endpoint: null, deviceType: 0x100 },
        ],
    },
    { privilege: 4, authMode: CASE, subjects: [TAG, FAR_NODE], targets: null },
];

beforeAll(async () => {
    const building = new StackWorld({ seed: "access and bindings" });
    await building.addController();
    await building.addDevice("light", { kind: "light", bindings: true });
    await building.addDevice("other", { kind: "light" });
    const light = await building.commission("controller", "light");
    const other = await building.commission("controller", "other");
    await building.untilSubscribed();
    const { nodeId: own } = await building.administrator();
    fixture = { snapshot: building.snapshot(), light, other, own };
    await building.close();
});

beforeEach(async () => {
    world = await StackWorld.restore(fixture.snapshot, { seed: "test" });
});

afterEach(async () => {
    await world.close();
});

describe("an access control list", () => {
    it("is written and read back in every form of an entry: any subject, group, tag, 64-bit node, device type", async () => {
        const { dataVersion } = await valueOf(readAcl());
        expect(await writeAcl(forms(), dataVersion)).toEqual(statusOf(Status.SUCCESS));
        expect(heldAcl()).toEqual(forms().map(entry => ({ ...entry, fabricIndex: FabricIndex(1) })));
        const back = await valueOf(readAcl());
        expect(back.value).toEqual(forms());
        expect(back.dataVersion).not.toBe(dataVersion);
    });

    it("may be written as it was read, which changes nothing", async () => {
        await writeAcl(forms());
        const before = await valueOf(readAcl());
        expect(await writeAcl(before.value, before.dataVersion)).toEqual(statusOf(Status.SUCCESS));
        expect(await valueOf(readAcl())).toEqual(before);
    });

    it("is not written on condition of a version that has passed", async () => {
        const { dataVersion } = await valueOf(readAcl());
        await writeAcl(forms(), dataVersion);
        expect(await writeAcl([administrator()], dataVersion)).toEqual(statusOf(Status.DATA_VERSION_MISMATCH));
        expect(heldAcl()).toHaveLength(4);
    });

    it.each([
        ["more entries than the device has room for", () => [...forms(), { ...administrator(), privilege: 1 }], Status.RESOURCE_EXHAUSTED],
        ["more subjects than an entry has room for", () => [{ ...administrator(), subjects: [1n, 2n, 3n, 4n, fixture.own] }], Status.RESOURCE_EXHAUSTED],
        ["a group that administers", () => [administrator(), { ...administrator(), authMode: GROUP_AUTH, subjects: [1n] }], Status.CONSTRAINT_ERROR],
        ["an endpoint and a device type in one", () => [{ ...administrator(), targets: [{ cluster: null, endpoint: 1, deviceType: 0x100 }] }], Status.CONSTRAINT_ERROR],
    ])("is left as it was when the device refuses %s", async (_what, list, status) => {
        expect(await writeAcl(list())).toEqual(statusOf(status));
        expect((await valueOf(readAcl())).value).toEqual([administrator()]);
    });

    it("is not sent with fields missing that may only be null", async () => {
        const { sent } = world.network.counts;
        expect(await writeAcl([administrator(), { privilege: 3, authMode: CASE, subjects: [1n] }])).toEqual(statusOf(Status.INVALID_ACTION));
        expect(world.network.counts.sent).toBe(sent);
    });

    it("is read and written without other fabrics' entries", async () => {
        const foreign = { privilege: 5, authMode: CASE, subjects: [FAR_NODE], targets: null, fabricIndex: FabricIndex(2) };
        const light = world.node("light");
        await world.until(light.act("another fabric", agent => void (agent.get(AccessControlServer).state.acl = [...heldAcl(), foreign] as never)));
        expect((await valueOf(readAcl())).value).toEqual([administrator()]);
        expect(await writeAcl(forms())).toEqual(statusOf(Status.SUCCESS));
        expect(heldAcl()).toHaveLength(5);
        expect(heldAcl()).toContainEqual(foreign);
    });
});

describe("bindings", () => {
    const list = (): DeviceFields[] => [
        { group: GROUP, cluster: 6 },
        { group: GROUP + 1 },
        { node: fixture.other, endpoint: 1, cluster: 6 },
        { node: fixture.other, endpoint: 1 },
    ];

    it("are written and read back; a field that is absent stays so", async () => {
        const { value, dataVersion } = await valueOf(readBindings());
        expect(value).toEqual([]);
        expect(await writeBindings(list(), dataVersion)).toEqual(statusOf(Status.SUCCESS));
        expect(heldBindings()).toMatchObject(list().map(entry => ({ ...entry, fabricIndex: 1 })));
        const back = await valueOf(readBindings());
        expect(back.value).toEqual(list());
        expect(await writeBindings(back.value, back.dataVersion)).toEqual(statusOf(Status.SUCCESS));
        expect(await valueOf(readBindings())).toEqual(back);
        expect(await writeBindings([], back.dataVersion)).toEqual(statusOf(Status.SUCCESS));
        expect(heldBindings()).toEqual([]);
    });

    it("are not written on condition of a version that has passed", async () => {
        const { dataVersion } = await valueOf(readBindings());
        await writeBindings([{ group: GROUP, cluster: 6 }], dataVersion);
        expect(await writeBindings([], dataVersion)).toEqual(statusOf(Status.DATA_VERSION_MISMATCH));
        expect(heldBindings()).toHaveLength(1);
    });

    it.each([
        ["a group and a node in one", () => ({ group: GROUP, node: fixture.other, endpoint: 1 })],
        ["a node without endpoint", () => ({ node: fixture.other })],
        ["neither group nor node", () => ({ cluster: 6 })],
    ])("are left as they were when the device refuses %s", async (_what, entry) => {
        await writeBindings([{ group: GROUP, cluster: 6 }]);
        expect(await writeBindings([{ group: GROUP + 1, cluster: 6 }, entry()])).toEqual(statusOf(Status.CONSTRAINT_ERROR));
        expect((await valueOf(readBindings())).value).toEqual([{ group: GROUP, cluster: 6 }]);
    });

    it("are read and written without other fabrics' entries", async () => {
        const foreign = { group: GroupId(9), cluster: 6, fabricIndex: FabricIndex(2) };
        const app = world.node("light").parts.get("app1")!;
        await world.until(app.act("another fabric", agent => void (agent.get(BindingServer).state.binding = [foreign] as never)));
        expect((await valueOf(readBindings())).value).toEqual([]);
        expect(await writeBindings([{ group: GROUP, cluster: 6 }])).toEqual(statusOf(Status.SUCCESS));
        expect(heldBindings()).toHaveLength(2);
        expect(heldBindings()).toContainEqual(expect.objectContaining(foreign));
    });
});

describe("a change by somebody else", () => {
    const path = (endpoint: number, cluster: number, attribute: number) => ({ endpoint, cluster, attribute });
    const GROUP_KEYS = GroupKeyManagement.attributes;

    async function reportsOf(change: () => Promise<unknown>): Promise<unknown[]> {
        await world.untilSubscribed();
        const events: TransportEvent[] = [];
        const stop = world.transport().observe(event => events.push(event));
        await change();
        await world.advance(5_000);
        stop();
        return events.flatMap(event => (event.type === "report" && event.node === fixture.light ? [event.path] : []));
    }

    it.each([
        ["the access control list", () => writeAcl(forms()), [path(0, AccessControl.id, AccessControl.attributes.acl)]],
        ["bindings", () => writeBindings([{ group: GROUP, cluster: 6 }]), [path(APP, Binding.id, Binding.attributes.binding)]],
        ["the key map", () => ask(send.writeGroupKeyMap([GROUP])), [path(0, GroupKeyManagement.id, GROUP_KEYS.groupKeyMap)]],
        ["membership", joinGroup, [path(0, GroupKeyManagement.id, GROUP_KEYS.groupKeyMap), path(0, GroupKeyManagement.id, GROUP_KEYS.groupTable)]],
    ])("of %s is reported where the kinds watch for it", async (_what, change, paths) => {
        const reported = await reportsOf(change);
        expect(reported).toEqual(paths);
        const watched = [
            ["groupKey", { keySetId: 1, revision: 1 }],
            ["groupKeyMap", { groupId: GROUP, keySetId: 1 }],
            ["groupMembership", { endpoint: APP, groupId: GROUP, name: "" }],
            ["acl", forms()[1]],
            ["binding", { endpoint: APP, group: GROUP, cluster: 6 }],
        ].flatMap(([name, intent]) => [...(builtInKinds.find(kind => kind.name === name)?.watch(intent as object) ?? [])]);
        for (const one of reported) {
            expect(watched).toContainEqual(one);
        }
    });

    async function joinGroup(): Promise<void> {
        await ask(send.writeKeySet(1));
        await ask(send.writeGroupKeyMap([GROUP]));
        expect(await ask(send.addGroup(GROUP))).toMatchObject({ fields: { status: Status.SUCCESS } });
    }
});
