import { GroupKeyManagement } from "../core/clusters.js";
import type { DeviceFields, InvokeRequest, ReadRequest } from "../core/device.js";
import { endpointNumber } from "../core/ids.js";

/** Requests to the Group Key Management cluster on endpoint 0, as the kinds around groups share them. */
export const ROOT_ENDPOINT = endpointNumber(0);

export function readGroupKeyManagement(attribute: number): ReadRequest {
    return { op: "read", endpoint: ROOT_ENDPOINT, cluster: GroupKeyManagement.id, attribute };
}

export function groupKeyQuery(command: number, fields: DeviceFields): InvokeRequest {
    return { op: "invoke", endpoint: ROOT_ENDPOINT, cluster: GroupKeyManagement.id, command, fields, query: true };
}

export function groupKeyCommand(command: number, fields: DeviceFields): InvokeRequest {
    return { op: "invoke", endpoint: ROOT_ENDPOINT, cluster: GroupKeyManagement.id, command, fields, query: false };
}
