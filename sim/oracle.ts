import type { ItemRecord, KeySetRecord } from "../src/core/records.js";
import type { GroupKeyIntent, GroupKeyMapIntent, GroupMembershipIntent } from "../src/kinds/index.js";
import { MANAGER_FABRIC, type SimNode } from "./devices/sim-node.js";

/** What a device's inside says about an item, key bytes included. The second opinion on every `verify`. An endpoint that is away holds nothing. */
export function deviceHolds(
    node: SimNode,
    record: ItemRecord,
    keySets: (id: number) => KeySetRecord | undefined,
    absentEndpoints: ReadonlySet<number>,
): boolean {
    switch (record.kind) {
        case "groupKey":
            return holdsKey(node, record.intent as GroupKeyIntent, keySets);
        case "groupKeyMap": {
            const { groupId, keySetId } = record.intent as GroupKeyMapIntent;
            return node.mappedKeySetId(MANAGER_FABRIC, groupId) === keySetId;
        }
        case "groupMembership": {
            const { groupId, endpoint } = record.intent as GroupMembershipIntent;
            return !absentEndpoints.has(endpoint) && node.isMember(MANAGER_FABRIC, groupId, endpoint);
        }
        default:
            return false;
    }
}

/** The device holds nothing under the item's identity, whatever the value. */
export function deviceLacks(node: SimNode, record: ItemRecord, absentEndpoints: ReadonlySet<number>): boolean {
    switch (record.kind) {
        case "groupKey":
            return node.keySet(MANAGER_FABRIC, (record.intent as GroupKeyIntent).keySetId) === undefined;
        case "groupKeyMap":
            return node.mappedKeySetId(MANAGER_FABRIC, (record.intent as GroupKeyMapIntent).groupId) < 0;
        case "groupMembership": {
            const { groupId, endpoint } = record.intent as GroupMembershipIntent;
            return absentEndpoints.has(endpoint) || !node.isMember(MANAGER_FABRIC, groupId, endpoint);
        }
        default:
            return true;
    }
}

function holdsKey(node: SimNode, intent: GroupKeyIntent, keySets: (id: number) => KeySetRecord | undefined): boolean {
    const onDevice = node.keySet(MANAGER_FABRIC, intent.keySetId);
    const revisions = keySets(intent.keySetId)?.revisions;
    if (onDevice === undefined || revisions === undefined) {
        return false;
    }
    for (const revision of revisions) {
        if (revision.revision !== intent.revision) {
            continue;
        }
        for (let i = 0; i < 3; i++) {
            const slot = revision.slots[i];
            const key = onDevice.keys[i] ?? null;
            if (slot === undefined ? key !== null : key === null || onDevice.startTimes[i] !== slot.startTime || !key.equals(slot.key)) {
                return false;
            }
        }
        return true;
    }
    return false;
}
