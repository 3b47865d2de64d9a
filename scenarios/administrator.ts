import { AccessControl, Binding, GroupKeyManagement, Groups } from "../src/core/clusters.js";
import type { DeviceFields, DeviceRequest, WriteRequest } from "../src/core/device.js";
import { endpointNumber, type EndpointNumber } from "../src/core/ids.js";
import type { KeyMaterial } from "../src/core/key-material.js";
import { answerName } from "./answer-name.js";
import type { Bed } from "./bed.js";
import type { NodeName } from "./bed-world.js";
import { ScenarioFailure } from "./scenario.js";

/** A list that is read, changed and written back whole, without a condition. */
export interface ListChange {
    readonly list: Pick<WriteRequest, "endpoint" | "cluster" | "attribute">;
    readonly change: (entries: readonly DeviceFields[]) => readonly DeviceFields[];
}

/** Something that another administrator does to a node; the manager knows nothing of it. */
export type Deed = DeviceRequest | ListChange;

/** Another administrator does these things, one after the other; each succeeds. */
export async function administer(bed: Bed, node: NodeName, ...deeds: readonly Deed[]): Promise<void> {
    for (const deed of deeds) {
        const answer = await bed.administer(node, "list" in deed ? await changedList(bed, node, deed) : deed);
        if (answerName(answer) !== "SUCCESS") {
            throw new ScenarioFailure(`another administrator's request to ${node} was answered with ${answerName(answer)}`);
        }
    }
}

async function changedList(bed: Bed, node: NodeName, { list, change }: ListChange): Promise<DeviceRequest> {
    const answer = await bed.administer(node, { op: "read", ...list });
    if (answer.kind !== "value") {
        throw new ScenarioFailure(`another administrator could not read a list of ${node}: ${answerName(answer)}`);
    }
    return { op: "write", ...list, value: change(answer.value as readonly DeviceFields[]) };
}

const ROOT = endpointNumber(0);

/** KeySetWrite with one key. Start times are epoch-us. */
export function writeKeySet(groupKeySetId: number, startTime: bigint, key: KeyMaterial): DeviceRequest {
    const groupKeySet = {
        groupKeySetId,
        groupKeySecurityPolicy: 0,
        epochKey0: key,
        epochStartTime0: startTime,
        epochKey1: null,
        epochStartTime1: null,
        epochKey2: null,
        epochStartTime2: null,
    };
    return command(ROOT, GroupKeyManagement.id, GroupKeyManagement.commands.keySetWrite, { groupKeySet });
}

/** KeySetRemove: the entries of GroupKeyMap that use the set go with it. */
export function removeKeySet(groupKeySetId: number): DeviceRequest {
    return command(ROOT, GroupKeyManagement.id, GroupKeyManagement.commands.keySetRemove, { groupKeySetId });
}

export function mapGroup(groupId: number, groupKeySetId: number): ListChange {
    return changeMap(entries => [...entries.filter(entry => entry["groupId"] !== groupId), { groupId, groupKeySetId }]);
}

export function unmapGroup(groupId: number): ListChange {
    return changeMap(entries => entries.filter(entry => entry["groupId"] !== groupId));
}

export function addGroup(endpoint: number, groupId: number, groupName: string): DeviceRequest {
    return command(endpointNumber(endpoint), Groups.id, Groups.commands.addGroup, { groupId, groupName });
}

export function removeGroup(endpoint: number, groupId: number): DeviceRequest {
    return command(endpointNumber(endpoint), Groups.id, Groups.commands.removeGroup, { groupId });
}

/** Any change of the access control list. */
export function changeAcl(change: ListChange["change"]): ListChange {
    return { list: { endpoint: ROOT, cluster: AccessControl.id, attribute: AccessControl.attributes.acl }, change };
}

/** Any change of an endpoint's bindings. */
export function changeBindings(endpoint: number, change: ListChange["change"]): ListChange {
    return { list: { endpoint: endpointNumber(endpoint), cluster: Binding.id, attribute: Binding.attributes.binding }, change };
}

function changeMap(change: ListChange["change"]): ListChange {
    return { list: { endpoint: ROOT, cluster: GroupKeyManagement.id, attribute: GroupKeyManagement.attributes.groupKeyMap }, change };
}

function command(endpoint: EndpointNumber, cluster: number, id: number, fields: DeviceFields): DeviceRequest {
    return { op: "invoke", endpoint, cluster, command: id, fields, query: false };
}
