import { identityText } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import { Status } from "../core/status.js";
import { ACL, GROUP_KEY, GROUP_KEY_MAP, type GroupKeyMapIntent } from "../kinds/index.js";
import { isWanted } from "./item-lists.js";
import type { Parts } from "./parts.js";
import type { LeavingKeyRecord, SupersededRecord } from "./records.js";

/** Removals that wait until what takes the place of the removed is on the node: no group and no subject is without in between. */
export class FollowUps {
    constructor(private readonly parts: Parts) {}

    review(nodeId: NodeId): void {
        const { tables } = this.parts;
        tables.ofNode(nodeId, "leavingKey").forEach(record => this.#reviewKey(record));
        tables.ofNode(nodeId, "superseded").forEach(record => this.#reviewEntry(record));
    }

    /** KeySetRemove takes along the map entries that still use the set: all its groups must be mapped to another one before. */
    #reviewKey(record: LeavingKeyRecord): void {
        const { tables, machine } = this.parts;
        const items = machine.nodes.get(record.nodeId)?.items;
        const key = items?.get(identityText(GROUP_KEY, [record.keySetId]));
        if (!isWanted(key)) {
            tables.delete(record);
            return;
        }
        const maps = record.groups.map(groupId => items!.get(identityText(GROUP_KEY_MAP, [groupId])));
        const isRemapped = maps.every(map => map === undefined || (map.isCommitted && (map.record!.intent as GroupKeyMapIntent).keySetId !== record.keySetId));
        if (!isRemapped) {
            return;
        }
        tables.delete(record);
        if (machine.items.referencesTo(key).next().done) {
            machine.fabric.removeIntent(key);
        }
    }

    #reviewEntry(record: SupersededRecord): void {
        const { tables, machine } = this.parts;
        const items = machine.nodes.get(record.nodeId)?.items;
        const old = items?.get(identityText(ACL, record.key));
        if (old === undefined) {
            tables.delete(record);
            return;
        }
        if (!isWanted(old)) {
            return; // under way; until then its successors are not what they should be
        }
        const successors = record.by.map(key => items!.get(identityText(ACL, key))).filter(isWanted);
        // A full list has no room for both: the old entry has to go first. What was split needs more room than there was, and the old grants stay.
        const isShortOfRoom = record.by.length === 1 && successors[0]?.record!.failure?.code === Status.RESOURCE_EXHAUSTED;
        if (successors.every(item => item.isCommitted) || isShortOfRoom) {
            machine.fabric.removeIntent(old);
        }
    }
}
