/**
 * The rules of the member node, N-01 to N-47 of the requirements (jfds-requirements, section 5): each status that they name, as a simulated device answers it, and
 * where connectedhomeip ("chip") and matter.js differ, as each of them does.
 */
import { describe, expect, it } from "vitest";
import { AccessControl, Descriptor, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceRequest } from "../../src/core/device.js";
import { Status, statusName } from "../../src/core/status.js";
import { AuthMode } from "./access-control-entry.js";
import { ChangeType } from "./access-control-event.js";
import { bridgeWithSwitches, type SwitchOptions } from "./composition.js";
import { chipRules, matterJsRules } from "./device-rules.js";
import { OtherAdministrator } from "./other-administrator.js";
import { Privilege } from "./privilege.js";
import { RequestFaults } from "./request-faults.js";
import type { RequestOptions } from "./request-options.js";
import { MANAGER_FABRIC, SimNode } from "./sim-node.js";
import * as t from "./testing.js";

interface Circumstances extends SwitchOptions {
    /** Requests before, which succeed. */
    readonly after?: readonly DeviceRequest[];
    /** Anything else before. */
    readonly given?: (node: SimNode) => unknown;
    readonly from?: RequestOptions;
    /** The status is inside the response. */
    readonly inPayload?: boolean;
}

type Row = readonly [rule: string, what: string, status: number, request: DeviceRequest, circumstances?: Circumstances];

const MAX_START = 0xffff_ffff_ffff_ffffn;
const chip: Circumstances = { rules: chipRules };
const matterJs: Circumstances = { rules: matterJsRules };
const adopted: Circumstances = { groupcastAdopted: true };
const inPayload: Circumstances = { inPayload: true };
const asOperator: Circumstances = { given: node => node.setAcl(MANAGER_FABRIC, [t.ownEntry, t.aclEntry()]), from: { subject: 0x77n } };
const asManager: Circumstances = { ...asOperator, given: node => node.setAcl(MANAGER_FABRIC, [t.ownEntry, t.aclEntry({ privilege: Privilege.MANAGE })]) };
const slots = (n: number) => Object.assign({}, ...Array.from({ length: n }, (_, slot) => ({ [`epochKey${slot}`]: t.key(slot), [`epochStartTime${slot}`]: BigInt(slot + 1) }))) as object;
const mapped: readonly DeviceRequest[] = [t.writeKeySet(1), t.writeKeyMap([[1, 1], [2, 1], [3, 1], [4, 1]])];
const withGroup: readonly DeviceRequest[] = [...mapped, t.addGroup(1)];

const keyManagement: readonly Row[] = [
    ["N-01", "no first key", Status.INVALID_COMMAND, t.writeKeySet(1, { epochKey0: null })],
    ["N-01", "no first start time", Status.INVALID_COMMAND, t.writeKeySet(1, { epochStartTime0: null })],
    ["N-01", "no right to administer", Status.UNSUPPORTED_ACCESS, t.writeKeySet(1), asManager],
    ["N-02", "start time 0", Status.INVALID_COMMAND, t.writeKeySet(1, { epochStartTime0: 0n })],
    ["N-03", "a key of 8 bytes", Status.CONSTRAINT_ERROR, t.writeKeySet(1, { epochKey0: new Uint8Array(8) })],
    ["N-04", "a second key without a start time", Status.INVALID_COMMAND, t.writeKeySet(1, { epochKey1: t.key(2) })],
    ["N-04", "a second start time without a key", Status.INVALID_COMMAND, t.writeKeySet(1, { epochStartTime1: 2_000_000n })],
    ["N-04", "a third key without a start time", Status.INVALID_COMMAND, t.writeKeySet(1, { ...slots(2), epochKey2: t.key(3) })],
    ["N-04", "a third start time without a key", Status.INVALID_COMMAND, t.writeKeySet(1, { ...slots(2), epochStartTime2: 9n })],
    ["N-05", "a second start time that is the first", Status.INVALID_COMMAND, t.writeKeySet(1, { ...slots(2), epochStartTime1: 1n })],
    ["N-05", "a third start time before the second", Status.INVALID_COMMAND, t.writeKeySet(1, { ...slots(3), epochStartTime1: 5n })],
    ["N-06", "a third key without a second", Status.INVALID_COMMAND, t.writeKeySet(1, { epochKey2: t.key(3), epochStartTime2: 3_000_000n })],
    ["N-07", "CacheAndSync", Status.INVALID_COMMAND, t.writeKeySet(1, { groupKeySecurityPolicy: 1 })],
    ["N-07", "an unknown policy on chip", Status.CONSTRAINT_ERROR, t.writeKeySet(1, { groupKeySecurityPolicy: 2 }), chip],
    ["N-07", "an unknown policy on matter.js", Status.INVALID_COMMAND, t.writeKeySet(1, { groupKeySecurityPolicy: 2 }), matterJs],
    ["N-08", "AllNodes", Status.SUCCESS, t.writeKeySet(1, { groupKeyMulticastPolicy: 1 })],
    ["N-08", "AllNodes on matter.js", Status.INVALID_COMMAND, t.writeKeySet(1, { groupKeyMulticastPolicy: 1 }), matterJs],
    ["N-09", "the start time that disables a slot", Status.SUCCESS, t.writeKeySet(1, { epochKey1: t.key(2), epochStartTime1: MAX_START })],
    ["N-10", "a new set when all are taken", Status.RESOURCE_EXHAUSTED, t.writeKeySet(3), { after: [t.writeKeySet(1), t.writeKeySet(2)] }],
    ["N-10", "a set that is there when all are taken", Status.SUCCESS, t.writeKeySet(2, { epochStartTime0: 9n }), { after: [t.writeKeySet(1), t.writeKeySet(2)] }],
    ["N-11", "set 0 when all are taken", Status.SUCCESS, t.writeKeySet(0), { after: [t.writeKeySet(1), t.writeKeySet(2)] }],
    ["N-11", "set 0 on matter.js when all are taken", Status.RESOURCE_EXHAUSTED, t.writeKeySet(0), { ...matterJs, after: [t.writeKeySet(1), t.writeKeySet(2)] }],
    ["N-12", "a third slot under Groupcast", Status.INVALID_COMMAND, t.writeKeySet(1, slots(3) as never), adopted],
    ["N-12", "a third slot of set 0 under Groupcast", Status.SUCCESS, t.writeKeySet(0, slots(3) as never), adopted],
    ["N-13", "reading an unknown set", Status.NOT_FOUND, t.readKeySet(9)],
    ["N-14", "removing set 0", Status.INVALID_COMMAND, t.removeKeySet(0)],
    ["N-14", "removing an unknown set", Status.NOT_FOUND, t.removeKeySet(9)],
    ["N-16", "a map to set 0", Status.CONSTRAINT_ERROR, t.writeKeyMap([[1, 0]])],
    ["N-16", "a map of group 0", Status.INVALID_ACTION, t.writeKeyMap([[0, 1]])],
    ["N-16", "a map of a group beyond the range", Status.INVALID_ACTION, t.writeKeyMap([[0xff00, 1]])],
    ["N-16", "a map with a group twice", Status.CONSTRAINT_ERROR, t.writeKeyMap([[1, 1], [1, 2]])],
    ["N-16", "a map of more groups than there is room for", Status.RESOURCE_EXHAUSTED, t.writeKeyMap([[1, 1], [2, 1], [3, 1], [4, 1], [5, 1]])],
    ["N-16", "a map to a set that is not there", Status.SUCCESS, t.writeKeyMap([[1, 9]])],
    ["N-16", "no right to manage", Status.UNSUPPORTED_ACCESS, t.writeKeyMap([]), asOperator],
    ["N-18", "a map under Groupcast", Status.INVALID_IN_STATE, t.writeKeyMap([[1, 1]]), adopted],
];

const groups: readonly Row[] = [
    ["N-20", "joining group 0", Status.CONSTRAINT_ERROR, t.addGroup(0), inPayload],
    ["N-20", "a name of 17 bytes", Status.CONSTRAINT_ERROR, t.addGroup(1, "0123456789abcdefg"), { ...inPayload, after: mapped }],
    ["N-20", "no right to manage", Status.UNSUPPORTED_ACCESS, t.addGroup(1), asOperator],
    ["N-21", "joining without a map entry", Status.UNSUPPORTED_ACCESS, t.addGroup(1), inPayload],
    ["N-21", "joining without a key set", Status.SUCCESS, t.addGroup(1), { ...inPayload, after: [t.writeKeyMap([[1, 9]])] }],
    ["N-21", "joining without a key set on chip", Status.UNSUPPORTED_ACCESS, t.addGroup(1), { ...inPayload, ...chip, after: [t.writeKeyMap([[1, 9]])] }],
    [
        "N-22",
        "joining when the table is full",
        Status.RESOURCE_EXHAUSTED,
        t.addGroup(5),
        { ...inPayload, after: [...mapped, ...[1, 2, 3, 4].map(group => t.addGroup(group)), t.writeKeyMap([[5, 1]])] },
    ],
    ["N-23", "joining again", Status.SUCCESS, t.addGroup(1, "other"), { ...inPayload, after: withGroup }],
    ["N-24", "joining under Groupcast", Status.INVALID_IN_STATE, t.addGroup(1), { ...inPayload, ...adopted }],
    ["N-24", "leaving under Groupcast", Status.INVALID_IN_STATE, t.removeGroup(1), { ...inPayload, ...adopted }],
    ["N-25", "leaving a group that it is not in", Status.NOT_FOUND, t.removeGroup(1), inPayload],
    ["N-25", "leaving group 0", Status.CONSTRAINT_ERROR, t.removeGroup(0), inPayload],
    ["N-26", "asking for group 0", Status.CONSTRAINT_ERROR, t.getMembership([0])],
    ["N-27", "joining if identifying, while it does not", Status.SUCCESS, t.addGroupIfIdentifying(1)],
    ["N-27", "joining if identifying, while it does", Status.UNSUPPORTED_ACCESS, t.addGroupIfIdentifying(1), { after: [t.identify(60)] }],
    ["N-27", "leaving all groups", Status.SUCCESS, t.removeAllGroups(), { after: withGroup }],
];

const entries = (n: number) => Array.from({ length: n }, (_, at) => t.aclEntry({ subjects: [BigInt(at + 1)] }));
const target = { cluster: null, endpoint: null, deviceType: null };
const subjects = (...list: bigint[]) => t.writeAcl([t.aclEntry({ subjects: list })]);
const groupSubjects = (...list: bigint[]) => t.writeAcl([t.aclEntry({ authMode: AuthMode.GROUP, subjects: list })]);
const targets = (...list: Partial<Record<keyof typeof target, number | null>>[]) => t.writeAcl([t.aclEntry({ targets: list.map(each => ({ ...target, ...each })) })]);
const restricted: Circumstances = { restrictions: [{ endpoint: 0, cluster: AccessControl.id, type: "write", id: AccessControl.attributes.acl }] };

const accessControl: readonly Row[] = [
    ["N-28", "no right to administer", Status.UNSUPPORTED_ACCESS, t.writeAcl([]), asManager],
    ["N-29", "a fifth entry", Status.RESOURCE_EXHAUSTED, t.writeAcl(entries(4))],
    ["N-29", "a fourth entry", Status.SUCCESS, t.writeAcl(entries(3))],
    ["N-30", "a fifth subject", Status.RESOURCE_EXHAUSTED, subjects(1n, 2n, 3n, 4n, 5n)],
    ["N-30", "a fourth target", Status.RESOURCE_EXHAUSTED, targets({ endpoint: 0 }, { endpoint: 1 }, { endpoint: 2 }, { endpoint: 3 })],
    ["N-31", "auth mode PASE", Status.CONSTRAINT_ERROR, t.writeAcl([t.aclEntry({ authMode: AuthMode.PASE })])],
    ["N-32", "a group that administers", Status.CONSTRAINT_ERROR, t.writeAcl([t.aclEntry({ authMode: AuthMode.GROUP, privilege: Privilege.ADMINISTER, subjects: [1n] })])],
    ["N-33", "group subject 0", Status.CONSTRAINT_ERROR, groupSubjects(0n)],
    ["N-33", "a group subject of 17 bits", Status.CONSTRAINT_ERROR, groupSubjects(0x1_0001n)],
    ["N-33", "a subject that is neither node id nor tag", Status.CONSTRAINT_ERROR, subjects(0xffff_ffff_ffff_0001n)],
    ["N-33", "subject 0", Status.CONSTRAINT_ERROR, subjects(0n)],
    ["N-33", "a tag of version 0", Status.CONSTRAINT_ERROR, subjects(0xffff_fffd_0001_0000n)],
    ["N-34", "a target of nothing", Status.CONSTRAINT_ERROR, targets({})],
    ["N-34", "a target of endpoint and device type", Status.CONSTRAINT_ERROR, targets({ endpoint: 1, deviceType: 0x103 })],
    ["N-36", "a write in the middle of another exchange's", Status.BUSY, t.writeAcl([]), { given: node => node.beginAclWrite(MANAGER_FABRIC) }],
    ["N-36", "a write after another exchange's", Status.SUCCESS, t.writeAcl([]), { given: node => node.beginAclWrite(MANAGER_FABRIC)() }],
    ["N-38", "a write that is granted and restricted", Status.ACCESS_RESTRICTED, t.writeAcl([]), restricted],
    ["N-39", "a write of AuxiliaryACL", Status.UNSUPPORTED_WRITE, t.write(0, AccessControl.id, 7, []), { auxiliaryAcl: [t.aclEntry()] }],
    ["N-39", "AuxiliaryACL where there is none", Status.UNSUPPORTED_ATTRIBUTE, t.read(0, AccessControl.id, 7)],
    ["N-39", "as many entries as fit beside auxiliary ones", Status.SUCCESS, t.writeAcl(entries(3)), { auxiliaryAcl: [t.aclEntry()] }],
    [
        "N-40",
        "a write after one's own entry went",
        Status.UNSUPPORTED_ACCESS,
        t.writeAcl([]),
        { after: [t.write(0, AccessControl.id, AccessControl.attributes.acl, [t.aclEntry()])] },
    ],
];

const bound: Circumstances = { binding: true };

const bindings: readonly Row[] = [
    ["N-41", "a binding to nothing", Status.CONSTRAINT_ERROR, t.writeBindings([{}]), bound],
    ["N-41", "a node without an endpoint", Status.CONSTRAINT_ERROR, t.writeBindings([{ node: 5n }]), bound],
    ["N-41", "an endpoint without a node", Status.CONSTRAINT_ERROR, t.writeBindings([{ endpoint: 1 }]), bound],
    ["N-41", "a node and a group", Status.CONSTRAINT_ERROR, t.writeBindings([{ node: 5n, endpoint: 1, group: 1 }]), bound],
    ["N-41", "group 0", Status.CONSTRAINT_ERROR, t.writeBindings([{ group: 0 }]), bound],
    ["N-41", "no right to manage", Status.UNSUPPORTED_ACCESS, t.writeBindings([]), { ...bound, ...asOperator }],
    ["N-42", "a cluster that the endpoint is no client of", Status.CONSTRAINT_ERROR, t.writeBindings([{ group: 1, cluster: 8 }]), bound],
    ["N-42", "the same on matter.js", Status.SUCCESS, t.writeBindings([{ group: 1, cluster: 8 }]), { ...bound, ...matterJs }],
    ["N-43", "more bindings than fit", Status.RESOURCE_EXHAUSTED, t.writeBindings([{ group: 1 }, { group: 2 }]), { ...bound, maxBindings: 1 }],
    [
        "N-43",
        "one where another fabric took the room",
        Status.RESOURCE_EXHAUSTED,
        t.writeBindings([{ group: 1 }]),
        { ...bound, maxBindings: 1, given: node => (node.addFabric(2), node.handle(t.writeBindings([{ group: 1 }]), 2)) },
    ],
    ["N-46", "Groupcast, which is not there", Status.UNSUPPORTED_CLUSTER, t.invoke(0, 0x65, 0)],
    ["N-46", "groups once it is adopted", Status.INVALID_IN_STATE, t.getMembership([]), adopted],
];

const table: readonly Row[] = [...keyManagement, ...groups, ...accessControl, ...bindings];

/** Rules that name no status, told below. */
const WITHOUT_STATUS = ["N-15", "N-17", "N-19", "N-35", "N-37", "N-44", "N-45", "N-47"];

describe("a member node", () => {
    it.each(table.map(row => [row[0], row[1], statusName(row[2]), row] as const))("%s: answers %s with %s", (_, what, status, row) => {
        const [, , , request, circumstances = {}] = row;
        const node = t.newNode(circumstances);
        for (const before of circumstances.after ?? []) {
            const answer = node.handle(before);
            expect(answer.kind === "response" ? t.payloadStatusOf(answer) : t.statusOf(answer)).toBe(Status.SUCCESS);
        }
        circumstances.given?.(node);
        const answer = node.handle(request, circumstances.from ?? {});
        const told = circumstances.inPayload === true ? t.payloadStatusOf(answer) : t.statusOf(answer);
        expect([what, typeof told === "number" ? statusName(told) : told]).toEqual([what, status]);
    });

    it("is told of by every rule", () => {
        const rules = Array.from({ length: 47 }, (_, at) => `N-${String(at + 1).padStart(2, "0")}`);
        expect(rules.filter(rule => !WITHOUT_STATUS.includes(rule) && !table.some(([of]) => of === rule))).toEqual([]);
    });
});

describe("what the rules say of no status", () => {
    it("N-15: KeySetReadAllIndices always has 0", () => {
        const node = t.newNode();
        expect(t.fieldsOf(node.handle(t.listKeySets))["groupKeySetIDs"]).toEqual([0]);
    });

    it("N-17: a refused map costs chip what was there, and others nothing", () => {
        const left = (options: SwitchOptions) => {
            const node = t.newNode(options);
            node.handle(t.writeKeyMap([[1, 1], [2, 1]]));
            expect(t.statusOf(node.handle(t.writeKeyMap([[3, 1], [4, 0], [5, 1]])))).toBe(Status.CONSTRAINT_ERROR);
            node.handle(t.writeKeyMap([[6, 1], [7, 1], [8, 1], [9, 1], [10, 1]]));
            return node.groupKeyMap(MANAGER_FABRIC).map(({ groupId }) => groupId);
        };
        expect([left({}), left(matterJs), left(chip)]).toEqual([[1, 2], [1, 2], [3]]);
    });

    it("N-19: a device has room for four groups at least", () => {
        const at = t.read(0, GroupKeyManagement.id, GroupKeyManagement.attributes.maxGroupsPerFabric);
        expect(t.valueOf(t.newNode().handle(at)).value).toBe(4);
    });

    it("N-25, N-23: leaving takes the row, joining again the name", () => {
        const node = t.nodeWithKeys(1);
        node.handle(t.addGroup(1, "old"));
        node.handle(t.addGroup(1, "new"));
        expect(node.groupTable(MANAGER_FABRIC)).toEqual([{ groupId: 1, endpoints: [1], groupName: "new" }]);
        node.handle(t.removeGroup(1));
        expect(node.groupTable(MANAGER_FABRIC)).toEqual([]);
    });

    it("N-35: empty subjects and targets are read back as null", () => {
        const node = t.newNode();
        node.handle(t.writeAcl([{ ...t.aclEntry(), subjects: [], targets: [] }]));
        expect(t.valueOf(node.handle(t.readAcl)).value).toEqual([t.ownEntry, t.aclEntry({ subjects: null })]);
    });

    it("N-36: another exchange's write ends with a restart", () => {
        const node = t.newNode();
        node.beginAclWrite(MANAGER_FABRIC);
        node.reboot(t.random());
        expect(t.statusOf(node.handle(t.writeAcl([])))).toBe(Status.SUCCESS);
    });

    it("N-37: each added, changed and removed entry is an event that names who did it", () => {
        const node = t.newNode();
        const [a, b, c] = entries(3) as [never, never, never];
        node.handle(t.writeAcl([a, b]));
        OtherAdministrator.join(node, 0x99n).rewriteList({ endpoint: t.readAcl.endpoint, cluster: AccessControl.id, attribute: 0 }, list => [list[0]!, c, list[3]!]);
        const told = node.aclEvents(MANAGER_FABRIC).map(({ adminNodeId, changeType, latestValue }) => [adminNodeId, changeType, latestValue.subjects?.[0]]);
        expect(told).toEqual([
            [t.ownEntry.subjects![0], ChangeType.ADDED, 1n],
            [t.ownEntry.subjects![0], ChangeType.ADDED, 2n],
            [0x99n, ChangeType.CHANGED, 3n],
            [0x99n, ChangeType.CHANGED, 0x99n],
            [0x99n, ChangeType.REMOVED, 0x99n],
        ]);
        node.handle(t.readAcl);
        node.handle(t.writeAcl(entries(5)));
        expect(node.aclEvents(MANAGER_FABRIC)).toHaveLength(5);
        for (let n = 0; n < 40; n++) {
            node.handle(t.writeAcl([t.aclEntry({ subjects: [BigInt(n + 100)] })]));
        }
        expect(node.aclEvents(MANAGER_FABRIC)).toHaveLength(32);
        node.reset(node.composition, t.random());
        expect(node.aclEvents(MANAGER_FABRIC)).toEqual([]);
    });

    it("N-39: auxiliary entries grant, and are told with what stands behind them", () => {
        const node = t.newNode({ auxiliaryAcl: [t.aclEntry()] });
        expect(t.valueOf(node.handle(t.read(0, AccessControl.id, 7))).value).toEqual([{ ...t.aclEntry(), auxiliaryType: 1 }]);
        expect(t.valueOf(node.handle(t.readAcl)).value).toEqual([t.ownEntry]);
        expect(t.statusOf(node.handle(t.getMembership([]), { subject: 0x77n }))).toBe("a response");
        expect(t.statusOf(t.newNode().handle(t.getMembership([]), { subject: 0x77n }))).toBe(Status.UNSUPPORTED_ACCESS);
    });

    it("N-44: a write of bindings leaves other fabrics and endpoints alone", () => {
        const node = t.newNode({ binding: true, switches: 2 });
        node.addFabric(2);
        node.handle(t.writeBindings([{ group: 1 }], undefined, 2));
        node.handle(t.writeBindings([{ group: 2 }]), 2);
        node.handle(t.writeBindings([{ group: 3 }]));
        expect([node.bindings(MANAGER_FABRIC, 2), node.bindings(2, 1), node.bindings(MANAGER_FABRIC, 1)]).toEqual([[{ group: 1 }], [{ group: 2 }], [{ group: 3 }]]);
    });

    it("N-45: the root lists all other endpoints, as they come and go", () => {
        const node = new SimNode(bridgeWithSwitches({ switches: 40 }), t.random());
        const parts = () => t.valueOf(node.handle(t.read(0, Descriptor.id, Descriptor.attributes.partsList))).value;
        expect(parts()).toEqual(Array.from({ length: 41 }, (_, at) => at + 1));
        node.removeEndpoint(17);
        expect(parts()).not.toContain(17);
    });
});

describe("N-47: what can be made to go wrong inside a node", () => {
    const nodeWithFaults = () => {
        const node = t.nodeWithKeys(1);
        const faults = new RequestFaults(t.random());
        node.setFaults(faults);
        return { node, faults };
    };

    it("is any status, of any operation, the n-th time", () => {
        const { node, faults } = nodeWithFaults();
        let reads = 0;
        faults.refuseOnce(Status.BUSY, request => request.op === "read" && ++reads === 3);
        expect([1, 2, 3, 4].map(() => t.statusOf(node.handle(t.readKeyMap)))).toEqual(["a value", "a value", Status.BUSY, "a value"]);
    });

    it("is a status inside a response", () => {
        const { node, faults } = nodeWithFaults();
        faults.answerOnce({ status: Status.RESOURCE_EXHAUSTED, groupId: 1 }, request => request.cluster === Groups.id);
        expect(t.statusOf(node.handle(t.readKeyMap))).toBe("a value");
        expect(t.payloadStatusOf(node.handle(t.addGroup(1)))).toBe(Status.RESOURCE_EXHAUSTED);
        expect(node.groupTable(MANAGER_FABRIC)).toEqual([]);
        expect(t.payloadStatusOf(node.handle(t.addGroup(1)))).toBe(Status.SUCCESS);
    });

    it("is a list that is written in part", () => {
        const { node, faults } = nodeWithFaults();
        faults.breakOnce(2);
        expect(node.handle(t.writeKeyMap([[4, 1], [5, 1], [6, 1]])).kind).toBe("unknown");
        expect(node.groupKeyMap(MANAGER_FABRIC)).toEqual([{ groupId: 4, groupKeySetId: 1 }]);
    });

    it("is a restart, with and without what was acknowledged last, and an endpoint that goes", () => {
        const { node } = nodeWithFaults();
        const before = node.snapshot();
        node.handle(t.addGroup(1));
        node.reboot(t.random());
        expect(node.isMember(MANAGER_FABRIC, 1, 1)).toBe(true);
        node.restore(before);
        expect(node.isMember(MANAGER_FABRIC, 1, 1)).toBe(false);
        node.removeEndpoint(1);
        expect(t.statusOf(node.handle(t.addGroup(1)))).toBe(Status.UNSUPPORTED_ENDPOINT);
    });

    it("is somebody else's change between a read and a write", () => {
        const { node } = nodeWithFaults();
        const { dataVersion } = t.valueOf(node.handle(t.readKeyMap));
        OtherAdministrator.join(node, 0x99n).handle(t.writeKeyMap([[9, 1]]));
        expect(t.statusOf(node.handle(t.writeKeyMap([], dataVersion)))).toBe(Status.DATA_VERSION_MISMATCH);
    });
});
