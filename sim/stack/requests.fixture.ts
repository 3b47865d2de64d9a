/** Requests that the tests of this folder send, short. */
import { GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceFields, DeviceRequest, DeviceValue } from "../../src/core/device.js";
import { endpointNumber } from "../../src/core/ids.js";
import { KeyMaterial } from "../../src/core/key-material.js";

/** A key that is easy to find in any output. */
export const KEY = new KeyMaterial(new Uint8Array(KeyMaterial.LENGTH).fill(0xab), "fixture");

export function readAttribute(cluster: number, attribute: number, endpoint = 0): DeviceRequest {
    return { op: "read", endpoint: endpointNumber(endpoint), cluster, attribute };
}

export function readGroupKeyMap(endpoint = 0): DeviceRequest {
    return readAttribute(GroupKeyManagement.id, GroupKeyManagement.attributes.groupKeyMap, endpoint);
}

/** Map each group to key set 1. */
export function writeGroupKeyMap(groupIds: readonly number[], dataVersion?: number): DeviceRequest {
    return writeAttribute(
        GroupKeyManagement.id,
        GroupKeyManagement.attributes.groupKeyMap,
        groupIds.map(groupId => ({ groupId, groupKeySetId: 1 })),
        dataVersion,
    );
}

export function writeAttribute(
    cluster: number,
    attribute: number,
    value: DeviceValue,
    dataVersion?: number,
    endpoint = 0,
): DeviceRequest {
    const request = { op: "write", endpoint: endpointNumber(endpoint), cluster, attribute, value } as const;
    return dataVersion === undefined ? request : { ...request, dataVersion };
}

export function invoke(cluster: number, command: number, fields: DeviceFields, endpoint = 0): DeviceRequest {
    return { op: "invoke", endpoint: endpointNumber(endpoint), cluster, command, fields, query: false };
}

export function writeKeySet(id: number, epochStartTime0 = 1n): DeviceRequest {
    return invoke(GroupKeyManagement.id, GroupKeyManagement.commands.keySetWrite, {
        groupKeySet: {
            groupKeySetId: id,
            groupKeySecurityPolicy: 0,
            epochKey0: KEY,
            epochStartTime0,
            epochKey1: null,
            epochStartTime1: null,
            epochKey2: null,
            epochStartTime2: null,
        },
    });
}

export function addGroup(groupId: number, { endpoint = 1, name = "kitchen" } = {}): DeviceRequest {
    return invoke(Groups.id, Groups.commands.addGroup, { groupId, groupName: name }, endpoint);
}
