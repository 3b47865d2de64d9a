import { identityText, type ItemKey } from "../core/identity.js";
import type { Item } from "../core/item.js";
import type { NodeState } from "../core/node-state.js";
import type { Parts } from "./parts.js";
import { isRecoverable } from "./status-entry.js";

/** What a merge does to the items of a node; nothing that a run of a task holds is touched. */
export class ItemMerge {
    /** There was room for everything so far. */
    hasRoom = true;

    constructor(
        private readonly parts: Parts,
        readonly node: NodeState,
    ) {}

    items(kind: string, isInScope: (item: Item) => boolean): Item[] {
        return [...this.node.items.values()].filter(item => item.kindName === kind && isInScope(item) && this.#isFree(item));
    }

    /**
     * What is committed and not on the node any more goes: the node wins, unless something else there needs it; then it is written again. What failed is tried
     * again if that is worth it, and given up if not. What is under way goes on.
     *
     * @param isFound the node holds what has this identity
     * @param isThere the node holds the item's value
     */
    settle(
        kind: string,
        isInScope: (key: ItemKey) => boolean,
        isFound: (text: string) => boolean,
        isThere: (item: Item) => boolean = item => isFound(item.text),
    ): void {
        for (const item of this.items(kind, each => isInScope(each.key))) {
            const record = item.record!;
            if (record.state === "committed" && !isThere(item)) {
                this.#lost(item);
            } else if (record.state === "commitFailed") {
                this.#failed(item, isThere(item));
            }
        }
        for (const [text, { record }] of [...this.node.tombstones]) {
            // What was left is gone: if it comes back, somebody else wants it.
            if (record?.kind === kind && isInScope(record.key) && !isFound(text)) {
                this.parts.machine.items.forgetTombstone(this.node, kind, record.key);
            }
        }
    }

    /** The value is on the node, and becomes a committed item unless there is one, or it is a leftover. @returns whether it did */
    adopt(kindName: string, intent: object, hasRoom: boolean, claim?: object): boolean {
        const { machine } = this.parts;
        const checked = machine.fabric.checkForm(kindName, intent);
        if (!checked.ok) {
            return false;
        }
        const { kind, key, intent: canonical } = checked.value;
        const text = identityText(kind.name, key);
        if (this.node.items.has(text) || this.node.tombstones.has(text)) {
            return false;
        }
        if (!hasRoom) {
            this.hasRoom = false;
            return false;
        }
        const item = machine.items.adopt(this.node, kind, key, canonical, "converge");
        if (claim !== undefined) {
            machine.items.write(item, { ...item.record!, claim });
        }
        return true;
    }

    /** Give the item up. @param leaves `value`: it is to be removed as soon as the node has a place for it */
    end(item: Item, leaves: "nothing" | "value"): void {
        this.parts.machine.items.end(item, "withdrawn", { leaves });
    }

    /** Write it again, whatever the node holds. */
    push(item: Item, intent = item.record!.intent): void {
        this.parts.machine.fabric.setIntent(this.node, item.definition!, item.key, intent, item.record!.mode);
    }

    #lost(item: Item): void {
        if (this.#isNeeded(item)) {
            this.push(item);
        } else {
            this.end(item, "nothing");
        }
    }

    #failed(item: Item, isThere: boolean): void {
        const { machine, settings } = this.parts;
        const record = item.record!;
        const isRemoval = record.owes === "remove";
        if (isRecoverable(record.failure, settings.policies.unrecoverable) || (!isRemoval && this.#isNeeded(item))) {
            machine.fabric.tryAgain(item);
        } else {
            this.end(item, isRemoval && isThere ? "value" : "nothing");
        }
    }

    #isNeeded(item: Item): boolean {
        return !this.parts.machine.items.referencesTo(item).next().done;
    }

    #isFree(item: Item): boolean {
        return item.definition !== null && this.parts.machine.fabric.occupied(item) === null;
    }
}
