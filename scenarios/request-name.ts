import { AccessControl, Binding, GeneralCommissioning, GroupKeyManagement, Groups, OperationalCredentials } from "../src/core/clusters.js";
import type { DeviceRequest } from "../src/core/device.js";

/** The requests that scenarios speak of. */
export type WriteName =
    | "KeySetWrite"
    | "KeySetRemove"
    | "GroupKeyMap"
    | "AddGroup"
    | "RemoveGroup"
    | "ACL"
    | "Binding"
    | "ArmFailSafe"
    | "CSRRequest"
    | "UpdateNOC"
    | "CommissioningComplete";

const attributes = new Map<string, WriteName>([
    [pathText(GroupKeyManagement.id, GroupKeyManagement.attributes.groupKeyMap), "GroupKeyMap"],
    [pathText(AccessControl.id, AccessControl.attributes.acl), "ACL"],
    [pathText(Binding.id, Binding.attributes.binding), "Binding"],
]);

const commands = new Map<string, WriteName>([
    [pathText(GroupKeyManagement.id, GroupKeyManagement.commands.keySetWrite), "KeySetWrite"],
    [pathText(GroupKeyManagement.id, GroupKeyManagement.commands.keySetRemove), "KeySetRemove"],
    [pathText(Groups.id, Groups.commands.addGroup), "AddGroup"],
    [pathText(Groups.id, Groups.commands.removeGroup), "RemoveGroup"],
    [pathText(GeneralCommissioning.id, GeneralCommissioning.commands.armFailSafe), "ArmFailSafe"],
    [pathText(OperationalCredentials.id, OperationalCredentials.commands.csrRequest), "CSRRequest"],
    [pathText(OperationalCredentials.id, OperationalCredentials.commands.updateNoc), "UpdateNOC"],
    [pathText(GeneralCommissioning.id, GeneralCommissioning.commands.commissioningComplete), "CommissioningComplete"],
]);

/** The specification's name of a request that changes a device; undefined for one that only asks, or that no scenario knows. */
export function writeName(request: DeviceRequest): WriteName | undefined {
    if (request.op === "write") {
        return attributes.get(pathText(request.cluster, request.attribute));
    }
    return request.op === "invoke" ? commands.get(pathText(request.cluster, request.command)) : undefined;
}

/** Whether carrying the request out can change the device. */
export function isWrite(request: DeviceRequest): boolean {
    return request.op === "write" || (request.op === "invoke" && !request.query);
}

function pathText(cluster: number, member: number): string {
    return `${cluster}/${member}`;
}
