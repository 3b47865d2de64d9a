import { identityText, type ItemKey } from "../src/core/identity.js";
import { ACL, acl, BINDING, GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP, type AclIntent, type BindingIntent } from "../src/kinds/index.js";
import { aclText, bindingText, SCRIPT_ACL_ENTRIES, SCRIPT_TARGETS } from "./list-entries.js";
import { MANAGER_FABRIC, type SimNode } from "./devices/sim-node.js";

/**
 * What a device holds that items can stand for: the item's identity, and the value under it; for lists, whose entries several items can stand for, the content. Without
 * the IPK, which every node has.
 */
export function contentOf(device: SimNode): Map<string, string> {
    const content = new Map<string, string>();
    for (const { id, startTimes } of device.keySets(MANAGER_FABRIC)) {
        if (id !== 0) {
            content.set(identityText(GROUP_KEY, [id]), startTimes.join());
        }
    }
    for (const { groupId, groupKeySetId } of device.groupKeyMap(MANAGER_FABRIC)) {
        content.set(identityText(GROUP_KEY_MAP, [groupId]), String(groupKeySetId));
    }
    for (const { groupId, endpoints } of device.groupTable(MANAGER_FABRIC)) {
        for (const endpoint of endpoints) {
            content.set(identityText(GROUP_MEMBERSHIP, [endpoint, groupId]), "");
        }
    }
    for (const text of listEntriesOf(device)) {
        content.set(text, "");
    }
    return content;
}

/** The entries of its access control list and of its bindings. */
export function listEntriesOf(device: SimNode): string[] {
    const bindings = device.composition.endpoints.flatMap(({ number }) => device.bindings(MANAGER_FABRIC, number).map(entry => bindingText(number, entry)));
    return [...device.acl(MANAGER_FABRIC).map(aclText), ...bindings];
}

/** What {@link contentOf} calls that which the item stands for. */
export function contentText(kind: string, key: ItemKey, intent: object): string {
    switch (kind) {
        case ACL:
            return aclText(intent as AclIntent);
        case BINDING:
            return bindingText((intent as BindingIntent).endpoint, (intent as BindingIntent).target);
        default:
            return identityText(kind, key);
    }
}

/** The same for an item of a script of which only the key is known. */
export function contentTextOfKey(kind: string, key: ItemKey): string {
    if (kind === ACL) {
        const entry = SCRIPT_ACL_ENTRIES.find(each => acl.keyOf({ ...each, label: "" }).slice(1).join() === key.slice(1).join());
        return entry === undefined ? "" : aclText(entry);
    }
    if (kind === BINDING) {
        const [endpoint, node, group, remote, cluster] = key;
        const target = SCRIPT_TARGETS.find(
            each => (each.node === undefined ? "" : `0x${each.node.toString(16)}`) === node && (each.group ?? -1) === group && (each.endpoint ?? -1) === remote && (each.cluster ?? -1) === cluster,
        );
        return target === undefined ? "" : bindingText(endpoint as number, target);
    }
    return identityText(kind, key);
}

/** Several items can stand for one of these, and an item owns one only if its record says so. */
export function isEntryOfList(kind: string): boolean {
    return kind === ACL || kind === BINDING;
}
