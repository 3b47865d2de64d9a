import { identityText } from "../src/core/identity.js";
import { GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP } from "../src/kinds/index.js";
import { MANAGER_FABRIC, type SimNode } from "./devices/sim-node.js";

/** What a device holds that items can stand for: the item's identity, and the value under it. Without the IPK, which every node has. */
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
    return content;
}
