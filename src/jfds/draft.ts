import { identityText, type ItemKey } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import type { Kind } from "../core/kind.js";
import type { MachineParts } from "../core/machine.js";
import type { NodeState } from "../core/node-state.js";
import { Status, type StatusCode } from "../core/status.js";

type Change =
    | { readonly op: "set"; readonly nodeId: NodeId; readonly kind: Kind; readonly key: ItemKey; readonly intent: object }
    | { readonly op: "remove"; readonly nodeId: NodeId; readonly item: Item };

/** The changes of nodes that one command comes to: collected first, and made only when all of them can be. */
export class Draft {
    readonly #changes = new Map<NodeId, Map<string, Change>>();

    constructor(
        private readonly machine: MachineParts,
        private readonly owedPerNode: number,
    ) {}

    /** The node is to hold this. What is so, or is under way, stays untouched; what it depends on and is leaving is wanted again. */
    set(nodeId: NodeId, kindName: string, intent: object): void {
        const checked = this.machine.fabric.checkForm(kindName, intent);
        if (!checked.ok) {
            return;
        }
        const { kind, key, intent: canonical } = checked.value;
        const node = this.machine.nodes.get(nodeId);
        for (const need of node === undefined ? [] : kind.dependsOn(canonical)) {
            const needed = node!.items.get(identityText(need.kind, need.key));
            const isPlanned = this.#changes.get(nodeId)?.get(identityText(need.kind, need.key))?.op === "set";
            if (needed?.record?.owes === "remove" && !isPlanned) {
                this.set(nodeId, need.kind, needed.record.intent);
            }
        }
        const item = node?.items.get(identityText(kind.name, key));
        if (item === undefined || this.machine.fabric.isNews(item, kind, canonical)) {
            this.#of(nodeId).set(identityText(kind.name, key), { op: "set", nodeId, kind, key, intent: canonical });
        } else {
            this.#changes.get(nodeId)?.delete(item.text);
        }
    }

    /** The item is to leave its node; what is leaving already is left alone, unless it failed. */
    remove(item: Item): void {
        if (item.record !== null && item.record.state !== "deletePending") {
            this.#of(item.node.nodeId).set(item.text, { op: "remove", nodeId: item.node.nodeId, item });
        }
    }

    isRemoving(item: Item): boolean {
        return this.#changes.get(item.node.nodeId)?.get(item.text)?.op === "remove";
    }

    get isEmpty(): boolean {
        return [...this.#changes.values()].every(changes => changes.size === 0);
    }

    /** BUSY if a node owes too much to take more, or a run of a task holds one of the items; else SUCCESS. */
    status(): StatusCode {
        for (const [nodeId, changes] of this.#changes) {
            const node = this.machine.nodes.get(nodeId);
            let added = 0;
            for (const [text, change] of changes) {
                const item = node?.items.get(text);
                if (item !== undefined && (this.machine.fabric.occupied(item) !== null || (change.op === "remove" && this.#isNeeded(item)))) {
                    return Status.BUSY;
                }
                added += item === undefined || !node!.owed.has(item) ? 1 : 0;
            }
            if (added > 0 && (node?.owed.size ?? 0) + added > this.owedPerNode) {
                return Status.BUSY;
            }
        }
        return Status.SUCCESS;
    }

    /** Make the changes; nodes that are not managed yet are from now on. */
    perform(): void {
        for (const [nodeId, changes] of this.#changes) {
            if (changes.size === 0) {
                continue;
            }
            const node = managed(this.machine, nodeId);
            for (const change of changes.values()) {
                if (change.op === "remove") {
                    this.machine.fabric.removeIntent(change.item);
                } else {
                    this.machine.fabric.setIntent(node, change.kind, change.key, change.intent, "converge");
                }
            }
        }
    }

    #isNeeded(item: Item): boolean {
        return this.machine.context.extensions.some(extension => extension.neededBy(item) !== 0);
    }

    #of(nodeId: NodeId): Map<string, Change> {
        let changes = this.#changes.get(nodeId);
        if (changes === undefined) {
            changes = new Map();
            this.#changes.set(nodeId, changes);
        }
        return changes;
    }
}

/** The node, managed by the machine from now on if it was not. */
export function managed(machine: MachineParts, nodeId: NodeId): NodeState {
    const node = machine.nodes.get(nodeId);
    if (node !== undefined) {
        return node;
    }
    const added = machine.nodes.add(nodeId);
    added.next.capacity = true;
    machine.lanes.want(added);
    return added;
}
