import { identityText, type ItemIdentity, type ItemKey } from "../core/identity.js";
import type { KeySetId, NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import type { MachineParts } from "../core/machine.js";
import type { KeySetRevision } from "../core/records.js";
import type { ItemView, NodeItem, View } from "./definition.js";

/** Whether some live run other than the viewer's wants the item. */
export type WantedByOthers = (item: Item) => boolean;

/** The machine's desired state as task definitions see it. */
export class MachineView implements View {
    constructor(
        private readonly machine: MachineParts,
        private readonly wantedByOthers: WantedByOthers,
    ) {}

    hasNode(node: NodeId): boolean {
        return this.machine.nodes.get(node) !== undefined;
    }

    item(node: NodeId, kind: string, key: ItemKey): ItemView | undefined {
        return this.machine.nodes.get(node)?.items.get(identityText(kind, key))?.record ?? undefined;
    }

    members(identity: ItemIdentity): readonly NodeId[] {
        const nodes: NodeId[] = [];
        for (const item of this.machine.items.members(identity)) {
            if (item.record!.owes !== "remove") {
                nodes.push(item.node.nodeId);
            }
        }
        return nodes.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    }

    keySet(id: KeySetId): KeySetRevision | undefined {
        return this.machine.keySets.latest(id);
    }

    isReferenced({ node, kind, key }: NodeItem): boolean {
        const item = this.machine.nodes.get(node)?.items.get(identityText(kind, key));
        if (item === undefined) {
            return false;
        }
        for (const _ of this.machine.items.referencesTo(item)) {
            return true;
        }
        return this.wantedByOthers(item);
    }
}
