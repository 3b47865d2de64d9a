import type { DeviceFields } from "../core/device.js";
import type { KeySetId } from "../core/ids.js";
import { identityText } from "../core/identity.js";
import { GROUP_KEY, IPK, type GroupKeyIntent } from "../kinds/index.js";
import { sameStartTimes } from "../kinds/group-key.js";
import type { ItemMerge } from "./item-merge.js";
import { nodeKeySetRows, type Parts } from "./parts.js";

const IPK_KEY_SET = 0;

/** What a refresh makes of a node's key sets. GroupKeySetList stays what it is: no node can tell keys. */
export class KeySetMerge {
    constructor(private readonly parts: Parts) {}

    merge(merge: ItemMerge, found: readonly number[], fields: ReadonlyMap<number, DeviceFields>): void {
        const ids = new Set(found);
        const texts = new Set(found.map(id => identityText(GROUP_KEY, [id])));
        merge.settle(
            GROUP_KEY,
            () => true,
            text => texts.has(text),
        );
        this.#dropForeign(merge, ids);
        for (const keySetId of ids) {
            if (keySetId === IPK_KEY_SET) {
                this.#mergeIpk(merge);
            } else {
                this.#mergeSet(merge, keySetId, fields.get(keySetId));
            }
        }
    }

    #mergeSet(merge: ItemMerge, keySetId: number, fields: DeviceFields | undefined): void {
        const { tables, machine } = this.parts;
        const { node } = merge;
        const listed = tables.get("keySet", keySetId);
        const item = node.items.get(identityText(GROUP_KEY, [keySetId]));
        if (item === undefined && listed === undefined) {
            if (tables.get("foreignKey", node.nodeId, keySetId) === undefined && this.#takeRow(merge)) {
                tables.put({ type: "foreignKey", nodeId: node.nodeId, keySetId, changedAtMs: machine.context.wallMs });
            }
            return;
        }
        if (listed === undefined) {
            return;
        }
        const hasRoom = item !== undefined || tables.get("foreignKey", node.nodeId, keySetId) !== undefined || this.#hasRoom();
        tables.delete(tables.get("foreignKey", node.nodeId, keySetId));
        merge.adopt(GROUP_KEY, { keySetId, revision: listed.revision }, hasRoom);
        this.#refreshMaterial(merge, keySetId, fields);
    }

    /** The node has keys of other start times than it should: it is given the right ones. */
    #refreshMaterial(merge: ItemMerge, keySetId: number, fields: DeviceFields | undefined): void {
        const item = merge.node.items.get(identityText(GROUP_KEY, [keySetId]));
        const intent = item?.record?.intent as GroupKeyIntent | undefined;
        const revision = intent === undefined ? undefined : this.parts.machine.keySets.revision(keySetId as KeySetId, intent.revision);
        if (item?.record?.state === "committed" && revision !== undefined && fields !== undefined && !sameStartTimes(fields, revision)) {
            merge.push(item);
        }
    }

    #mergeIpk(merge: ItemMerge): void {
        const { tables, settings } = this.parts;
        const listed = tables.get("keySet", IPK_KEY_SET);
        if (listed !== undefined && settings.policies.ipkRow !== "forbidden") {
            merge.adopt(IPK, { revision: listed.revision }, this.#hasRoom());
        }
    }

    #dropForeign({ node }: ItemMerge, found: ReadonlySet<number>): void {
        const { tables } = this.parts;
        for (const record of tables.ofNode(node.nodeId, "foreignKey")) {
            if (!found.has(record.keySetId)) {
                tables.delete(record);
            }
        }
    }

    #takeRow(merge: ItemMerge): boolean {
        const hasRoom = this.#hasRoom();
        merge.hasRoom &&= hasRoom;
        return hasRoom;
    }

    #hasRoom(): boolean {
        return nodeKeySetRows(this.parts) < this.parts.settings.limits.nodeKeySets;
    }
}
