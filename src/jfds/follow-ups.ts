import { identityText } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import { Status } from "../core/status.js";
import { ACL, GROUP_KEY, GROUP_KEY_MAP, type GroupKeyMapIntent } from "../kinds/index.js";
import { isWanted } from "./item-lists.js";
import type { Parts } from "./parts.js";
import type { LeavingKeyRecord, SupersededRecord } from "./records.js";

/** Removals that wait until what takes the place of the removed is on the node: no group and no subject is without in between. */
export class FollowUps {
    constructor(private readonly parts: Parts) {}

    /** @returns the items whose turn it was to leave */
    review(nodeId: NodeId): Item[] {
        const { tables } = this.parts;
        return [
            ...tables.ofNode(nodeId, "leavingKey").flatMap(record => this.#reviewKey(record)),
            ...tables.ofNode(nodeId, "superseded").flatMap(record => this.#reviewEntry(record)),
        ];
    }

    /** KeySetRemove takes along the map entries that still use the set: all its groups must be mapped to another one before, or have no members any more. */
    #reviewKey(record: LeavingKeyRecord): Item[] {
        const { tables, machine } = this.parts;
        const items = machine.nodes.get(record.nodeId)?.items;
        const key = items?.get(identityText(GROUP_KEY, [record.keySetId]));
        if (!isWanted(key)) {
            tables.delete(record);
            return [];
        }
        const maps = record.groups.map(groupId => items!.get(identityText(GROUP_KEY_MAP, [groupId]))).filter(isWanted);
        const unmoved = maps.filter(map => !map.isCommitted || (map.record!.intent as GroupKeyMapIntent).keySetId === record.keySetId);
        if (!unmoved.every(map => this.#isFree(map))) {
            return [];
        }
        tables.delete(record);
        unmoved.forEach(map => machine.fabric.removeIntent(map));
        if (!this.#isFree(key)) {
            return unmoved;
        }
        machine.fabric.removeIntent(key);
        return [...unmoved, key];
    }

    /** Nothing that stays on the node needs it. */
    #isFree(item: Item): boolean {
        return this.parts.machine.items.referencesTo(item).next().done === true;
    }

    #reviewEntry(record: SupersededRecord): Item[] {
        const { tables, machine } = this.parts;
        const items = machine.nodes.get(record.nodeId)?.items;
        const old = items?.get(identityText(ACL, record.key));
        if (old === undefined) {
            tables.delete(record);
            return [];
        }
        if (!isWanted(old)) {
            return []; // under way; until then its successors are not what they should be
        }
        const successors = record.by.map(key => items!.get(identityText(ACL, key))).filter(isWanted);
        // A full list has no room for both: the old entry has to go first. What was split needs more room than there was, and the old grants stay.
        const isShortOfRoom = record.by.length === 1 && successors[0]?.record!.failure?.code === Status.RESOURCE_EXHAUSTED;
        if (!successors.every(item => item.isCommitted) && !isShortOfRoom) {
            return [];
        }
        machine.fabric.removeIntent(old);
        return [old];
    }
}
