import { AccessControl, Binding, GroupKeyManagement, Groups } from "../src/core/clusters.js";
import type { DeviceFields, DeviceRequest } from "../src/core/device.js";
import type { EndpointNumber } from "../src/core/ids.js";
import { KeyMaterial } from "../src/core/key-material.js";
import type { OtherAdministrator } from "./devices/other-administrator.js";
import { MANAGER_FABRIC } from "./devices/sim-node.js";
import { fingerprint } from "./fingerprint.js";
import { aclText, bindingText, letsManagerIn, SCRIPT_ACL_ENTRIES, SCRIPT_TARGETS } from "./list-entries.js";
import type { NodeSite } from "./node-site.js";
import type { Random } from "./random.js";
import type { OtherDeed } from "./script.js";

const ROOT = 0 as EndpointNumber;
const ACL = { endpoint: ROOT, cluster: AccessControl.id, attribute: AccessControl.attributes.acl };
const MAP = { endpoint: ROOT, cluster: GroupKeyManagement.id, attribute: GroupKeyManagement.attributes.groupKeyMap };

/** The other administrator's own groups and key sets begin here; the manager never names them. */
export const OTHERS_OWN = 100;

/** The other administrator's keys: the manager's times are whole seconds, so that these never meet them. */
const START_TIME_US = 500n;
const KEY_BYTE = 0xa7;

/** One of the things that another administrator does, with its own groups and key sets or with the manager's. */
export function drawDeed(random: Random, node: number): OtherDeed {
    const which = random.below(8);
    const isList = random.chance(350);
    const listed = drawListDeed(random, node);
    const own = random.chance(500) ? OTHERS_OWN : 0;
    const group = own + 1 + random.below(3);
    const keySet = (random.chance(500) ? OTHERS_OWN : 0) + 1 + random.below(3);
    const startTime = 1 + random.below(1000);
    if (isList) {
        return listed;
    }
    switch (which) {
        case 0:
        case 1:
        case 2:
            return { type: "otherMap", node, group, keySet };
        case 3:
            return { type: "otherUnmap", node, group };
        case 4:
            return { type: "otherKey", node, keySet, startTime };
        case 5:
            return { type: "otherUnkey", node, keySet };
        case 6:
            return { type: "otherJoin", node, endpoint: 1, group };
        default:
            return { type: "otherLeave", node, endpoint: 1, group };
    }
}

/** Something that another administrator does to an access control list or to bindings. */
export function drawListDeed(random: Random, node: number): OtherDeed {
    const which = random.below(5);
    const entry = random.below(SCRIPT_ACL_ENTRIES.length);
    const target = random.below(SCRIPT_TARGETS.length);
    if (which < 2) {
        return { type: "otherGrant", node, entry };
    }
    if (which === 2) {
        return { type: "otherRevoke", node, entry };
    }
    return { type: which === 3 ? "otherBind" : "otherUnbind", node, endpoint: 1, target };
}

/** Carry a deed out, at once and on no condition. */
export function carryOutDeed(site: NodeSite, deed: OtherDeed): void {
    const other = site.otherAdministrator();
    switch (deed.type) {
        case "otherMap": {
            const entry = { groupId: deed.group, groupKeySetId: deed.keySet };
            other.rewriteList(MAP, entries => [...entries.filter(each => (each as DeviceFields)["groupId"] !== deed.group), entry]);
            return;
        }
        case "otherUnmap":
            other.rewriteList(MAP, entries => entries.filter(each => (each as DeviceFields)["groupId"] !== deed.group));
            return;
        case "otherKey":
            other.handle(command(ROOT, GroupKeyManagement.id, GroupKeyManagement.commands.keySetWrite, { groupKeySet: keySet(deed.keySet, deed.startTime) }));
            return;
        case "otherGrant":
        case "otherRevoke":
            return changeAcl(other, site, deed);
        case "otherBind":
        case "otherUnbind":
            return changeBindings(other, site, deed);
        case "otherUnkey":
            other.handle(command(ROOT, GroupKeyManagement.id, GroupKeyManagement.commands.keySetRemove, { groupKeySetId: deed.keySet }));
            return;
        case "otherJoin":
            other.handle(command(deed.endpoint as EndpointNumber, Groups.id, Groups.commands.addGroup, { groupId: deed.group, groupName: "" }));
            return;
        case "otherLeave":
            other.handle(command(deed.endpoint as EndpointNumber, Groups.id, Groups.commands.removeGroup, { groupId: deed.group }));
            return;
    }
}

/** Nobody adds what is there already, or takes the manager's last right away. */
function changeAcl(other: OtherAdministrator, { device }: NodeSite, { type, entry }: Extract<OtherDeed, { readonly entry: number }>): void {
    const wanted = SCRIPT_ACL_ENTRIES[entry]!;
    const text = aclText(wanted);
    const rest = device.acl(MANAGER_FABRIC).filter(each => aclText(each) !== text);
    const isThere = rest.length < device.acl(MANAGER_FABRIC).length;
    if (isThere === (type === "otherRevoke") && (!isThere || letsManagerIn(rest))) {
        other.rewriteList(ACL, () => (isThere ? rest : [...rest, wanted]));
    }
}

function changeBindings(other: OtherAdministrator, { device }: NodeSite, { type, endpoint, target }: Extract<OtherDeed, { readonly target: number }>): void {
    const wanted = SCRIPT_TARGETS[target]!;
    const text = bindingText(endpoint, wanted);
    const bindings = device.bindings(MANAGER_FABRIC, endpoint);
    const rest = bindings.filter(each => bindingText(endpoint, each) !== text);
    const isThere = rest.length < bindings.length;
    if (isThere === (type === "otherUnbind")) {
        const path = { endpoint: endpoint as EndpointNumber, cluster: Binding.id, attribute: Binding.attributes.binding };
        other.rewriteList(path, () => (isThere ? rest : [...rest, wanted]));
    }
}

function command(endpoint: EndpointNumber, cluster: number, id: number, fields: DeviceFields): DeviceRequest {
    return { op: "invoke", endpoint, cluster, command: id, fields, query: false };
}

function keySet(groupKeySetId: number, startTime: number): DeviceFields {
    const bytes = new Uint8Array(KeyMaterial.LENGTH).fill(KEY_BYTE);
    new DataView(bytes.buffer).setUint32(0, startTime);
    return {
        groupKeySetId,
        groupKeySecurityPolicy: 0,
        epochKey0: new KeyMaterial(bytes, fingerprint(bytes)),
        epochStartTime0: BigInt(startTime) * START_TIME_US + 1n,
        epochKey1: null,
        epochStartTime1: null,
        epochKey2: null,
        epochStartTime2: null,
    };
}
