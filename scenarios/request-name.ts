import { GroupKeyManagement, Groups } from "../src/core/clusters.js";
import type { DeviceRequest } from "../src/core/device.js";

/** The requests that scenarios speak of. */
export type WriteName = "KeySetWrite" | "KeySetRemove" | "GroupKeyMap" | "AddGroup" | "RemoveGroup";

const writes = new Map<string, WriteName>([
    [commandText(GroupKeyManagement.id, GroupKeyManagement.commands.keySetWrite), "KeySetWrite"],
    [commandText(GroupKeyManagement.id, GroupKeyManagement.commands.keySetRemove), "KeySetRemove"],
    [commandText(Groups.id, Groups.commands.addGroup), "AddGroup"],
    [commandText(Groups.id, Groups.commands.removeGroup), "RemoveGroup"],
]);

/** The specification's name of a request that changes a device; undefined for one that only asks, or that no scenario knows. */
export function writeName(request: DeviceRequest): WriteName | undefined {
    switch (request.op) {
        case "read":
            return undefined;
        case "write":
            return request.cluster === GroupKeyManagement.id && request.attribute === GroupKeyManagement.attributes.groupKeyMap
                ? "GroupKeyMap"
                : undefined;
        case "invoke":
            return writes.get(commandText(request.cluster, request.command));
    }
}

/** Whether carrying the request out can change the device. */
export function isWrite(request: DeviceRequest): boolean {
    return request.op === "write" || (request.op === "invoke" && !request.query);
}

function commandText(cluster: number, command: number): string {
    return `${cluster}/${command}`;
}
