import type { DeviceAnswer, DeviceFields, DeviceRequest, DeviceValue, ResponseAnswer, ValueAnswer } from "../../src/core/device.js";
import type { EndpointNumber } from "../../src/core/ids.js";
import { AccessControl, Binding, BasicInformation, Descriptor, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { Status } from "../../src/core/status.js";
import { Random } from "../random.js";
import { Identify, MANAGER_NODE_ID, onOffLightSwitchWithGroups, type SwitchOptions } from "./composition.js";
import { AuthMode, type AccessControlEntry } from "./access-control-entry.js";
import { Privilege } from "./privilege.js";
import { SimNode } from "./sim-node.js";

/** Short words for tests of the device models. Not part of the simulator. */

export const random = () => new Random(1);

export const newNode = (options: SwitchOptions = {}) => new SimNode(onOffLightSwitchWithGroups(options), new Random(1));

export const key = (n: number) => new KeyMaterial(new Uint8Array(KeyMaterial.LENGTH).fill(n), `key ${n}`);

export const read = (endpoint: number, cluster: number, attribute: number): DeviceRequest => ({
    op: "read",
    endpoint: endpoint as EndpointNumber,
    cluster,
    attribute,
});

export const invoke = (endpoint: number, cluster: number, command: number, fields: DeviceFields = {}): DeviceRequest => ({
    op: "invoke",
    endpoint: endpoint as EndpointNumber,
    cluster,
    command,
    fields,
    query: false,
});

export const write = (endpoint: number, cluster: number, attribute: number, value: DeviceValue, dataVersion?: number): DeviceRequest => ({
    op: "write",
    endpoint: endpoint as EndpointNumber,
    cluster,
    attribute,
    value,
    ...(dataVersion === undefined ? {} : { dataVersion }),
});

export const readKeyMap = read(0, GroupKeyManagement.id, GroupKeyManagement.attributes.groupKeyMap);
export const readGroupTable = read(0, GroupKeyManagement.id, GroupKeyManagement.attributes.groupTable);
export const readParts = read(0, Descriptor.id, Descriptor.attributes.partsList);
export const readLabel = read(0, BasicInformation.id, BasicInformation.attributes.nodeLabel);

export const readAcl = read(0, AccessControl.id, AccessControl.attributes.acl);

/** The manager's own entry. */
export const ownEntry: AccessControlEntry = { privilege: Privilege.ADMINISTER, authMode: AuthMode.CASE, subjects: [MANAGER_NODE_ID], targets: null };

/** An entry that lets node 0x77 operate everything, with whatever a test wants otherwise. */
export const aclEntry = (changes: Partial<AccessControlEntry> = {}): AccessControlEntry => ({
    privilege: Privilege.OPERATE,
    authMode: AuthMode.CASE,
    subjects: [0x77n],
    targets: null,
    ...changes,
});

/** The list written is the manager's own entry and these; whatever they are, the node has to judge them. */
export const writeAcl = (entries: readonly DeviceValue[], dataVersion?: number) =>
    write(0, AccessControl.id, AccessControl.attributes.acl, [ownEntry, ...entries], dataVersion);

export const readBindings = (endpoint = 1) => read(endpoint, Binding.id, Binding.attributes.binding);
export const writeBindings = (entries: DeviceValue, dataVersion?: number, endpoint = 1) =>
    write(endpoint, Binding.id, Binding.attributes.binding, entries, dataVersion);

/** GroupKeyMap from `[group, key set]` pairs. */
export const writeKeyMap = (entries: readonly (readonly [number, number])[], dataVersion?: number) =>
    write(
        0,
        GroupKeyManagement.id,
        GroupKeyManagement.attributes.groupKeyMap,
        entries.map(([groupId, groupKeySetId]) => ({ groupId, groupKeySetId })),
        dataVersion,
    );

/** A key set of one key that starts at 1 s, with whatever a test wants otherwise. */
export const keySetFields = (groupKeySetId: number, changes: DeviceFields = {}): DeviceFields => ({
    groupKeySetId,
    groupKeySecurityPolicy: 0,
    epochKey0: key(groupKeySetId & 0xff),
    epochStartTime0: 1_000_000n,
    epochKey1: null,
    epochStartTime1: null,
    epochKey2: null,
    epochStartTime2: null,
    ...changes,
});

const keyCommand = (command: number, fields: DeviceFields = {}) => invoke(0, GroupKeyManagement.id, command, fields);

export const writeKeySet = (groupKeySetId: number, changes: DeviceFields = {}) =>
    keyCommand(GroupKeyManagement.commands.keySetWrite, { groupKeySet: keySetFields(groupKeySetId, changes) });
export const readKeySet = (groupKeySetId: number) => keyCommand(GroupKeyManagement.commands.keySetRead, { groupKeySetId });
export const removeKeySet = (groupKeySetId: number) => keyCommand(GroupKeyManagement.commands.keySetRemove, { groupKeySetId });
export const listKeySets = keyCommand(GroupKeyManagement.commands.keySetReadAllIndices);

const groupCommand = (command: number, fields: DeviceFields, endpoint: number) => invoke(endpoint, Groups.id, command, fields);

export const addGroup = (groupId: number, groupName = "", endpoint = 1) => groupCommand(Groups.commands.addGroup, { groupId, groupName }, endpoint);
export const viewGroup = (groupId: number, endpoint = 1) => groupCommand(Groups.commands.viewGroup, { groupId }, endpoint);
export const getMembership = (groupList: readonly number[], endpoint = 1) =>
    groupCommand(Groups.commands.getGroupMembership, { groupList }, endpoint);
export const removeGroup = (groupId: number, endpoint = 1) => groupCommand(Groups.commands.removeGroup, { groupId }, endpoint);
export const removeAllGroups = (endpoint = 1) => groupCommand(Groups.commands.removeAllGroups, {}, endpoint);
export const addGroupIfIdentifying = (groupId: number, groupName = "") =>
    groupCommand(Groups.commands.addGroupIfIdentifying, { groupId, groupName }, 1);
export const identify = (identifyTime: number) => invoke(1, Identify.id, Identify.commands.identify, { identifyTime });

/** The status of an answer that is one. */
export const statusOf = (answer: DeviceAnswer) => (answer.kind === "status" ? answer.status : `a ${answer.kind}`);

/** The payload of an answer that has one. */
export function fieldsOf(answer: DeviceAnswer): ResponseAnswer["fields"] {
    return answer.kind === "response" ? answer.fields : { noResponse: answer.kind, status: answer.kind === "status" ? answer.status : null };
}

/** The `status` inside a Groups response. */
export const payloadStatusOf = (answer: DeviceAnswer) => fieldsOf(answer)["status"];

export function valueOf(answer: DeviceAnswer): ValueAnswer {
    return answer.kind === "value" ? answer : { kind: "value", value: `no value: ${answer.kind}`, dataVersion: -1 };
}

/** The data version of the cluster that a read request goes to. */
export const versionAt = (node: SimNode, request: DeviceRequest) => valueOf(node.handle(request)).dataVersion;

/** A node with groups 1 to `groups` mapped to key set 1, which is there. */
export function nodeWithKeys(groups: number, options: SwitchOptions = {}): SimNode {
    const node = newNode({ maxGroupsPerFabric: Math.max(4, groups), ...options });
    node.handle(writeKeySet(1));
    const status = statusOf(node.handle(writeKeyMap(Array.from({ length: groups }, (_, i) => [i + 1, 1] as const))));
    if (status !== Status.SUCCESS && groups > 0 && options.groupcastAdopted !== true) {
        throw new RangeError(`the map was refused with ${status}`);
    }
    return node;
}
