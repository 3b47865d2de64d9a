import type { Context } from "./context.js";
import type { ItemEnd } from "./event.js";
import { identityText, nodeText, type ItemIdentity, type ItemKey } from "./identity.js";
import type { Kind } from "./kind.js";
import type { NodeState } from "./node-state.js";
import type { ItemRecord } from "./records.js";
import { Row } from "./row.js";

/** What {@link Item} tells when the store takes something back. */
export interface ItemOwner {
    readonly context: Context;
    reindex(item: Item): void;
}

/** No request of an older generation, or of a mix of them, can be outstanding. */
export const NOTHING_LATE = 0;
export const MIXED_LATE = -1;

/** One managed item: its durable record and what this process knows about it. */
export class Item extends Row<ItemRecord> implements ItemIdentity {
    /** Canonical text of kind and key. */
    readonly text: string;
    /** The record that indexes were built from. */
    indexed: ItemRecord | null = null;
    /** Canonical texts of the identities it depends on. */
    needs: readonly string[] = [];
    /** How it ended, once its record is deleted. */
    end: ItemEnd | null = null;
    /** Why the device holds the value all the same; see the event `itemEnded`. */
    remains: string | null = null;
    /** Generation under which it ended. */
    endedGeneration = 0;

    /** Monotonic time from which what is owed may be tried; Infinity: not before something changes. */
    eligibleAtMs = 0;
    /** Until then a request that was never answered may still take effect, and of which generation it was. */
    lateUntilMs = 0;
    lateGeneration = NOTHING_LATE;
    /** Applied and answered, but recorded only after a verify past `lateUntilMs`. */
    deferred = false;

    /** Sequence of the first request whose answers last showed that the device holds this generation. */
    confirmedSequence = 0;
    confirmedGeneration = 0;
    /** A live read found the device different from a committed intent. */
    drifted = false;
    /** Drift budget spent: not rewritten until asked. */
    held = false;
    /** Monotonic times at which rewrites of drift stop counting. */
    rewritesUntilMs: number[] | null = null;
    /** Its claim was given up because the node became another one, and that is not durable yet. */
    claimIsVoid = false;
    /** Failed reads in a row, of an item that a gate waits for. */
    readFailures = 0;
    /** Monotonic time of the next read for a gate; Infinity: none. */
    rereadAtMs = Infinity;
    /** Live runs whose gates look at this item. */
    awaitedBy = 0;

    constructor(
        readonly owner: ItemOwner,
        readonly node: NodeState,
        id: number,
        readonly kindName: string,
        /** Null until the kind is registered. */
        public definition: Kind | null,
        readonly key: ItemKey,
        record: ItemRecord | null,
    ) {
        super("item", id, record);
        this.text = identityText(kindName, key);
    }

    get kind(): string {
        return this.kindName;
    }

    /**
     * Its device writes may leave: the intent that explains them is durable, and that it is owed; when drift is rewritten, the mode. What a crash finds otherwise does not say that
     * something was under way.
     */
    get isDurable(): boolean {
        const { durable, record } = this;
        if (durable === null || record === null || durable.generation !== record.generation) {
            return false;
        }
        return record.owes === "nothing" ? durable.mode === record.mode : durable.owes === record.owes;
    }

    /** Present on the device as far as is known, and read since the node's last incarnation. */
    get isCommitted(): boolean {
        const record = this.record;
        return record !== null && record.state === "committed" && record.incarnation === this.node.record?.incarnation;
    }

    /** Until then a request that was sent, or may have been, for this item or for one that it shares writes with can take effect. */
    mayBeWritten(untilMs: number): void {
        this.lateUntilMs = untilMs;
        if (this.definition?.sharesWrites !== true) {
            return;
        }
        const { sharedWrites } = this.node;
        const other = sharedWrites.get(this.kindName);
        const alone = other === undefined || other.item === this || other.untilMs <= this.owner.context.monoMs;
        sharedWrites.set(this.kindName, { untilMs, item: alone ? this : null });
    }

    /** Until when a request of another item that it shares writes with may take effect; 0: there is none. */
    get othersLateUntilMs(): number {
        const shared = this.node.sharedWrites.get(this.kindName);
        return shared === undefined || shared.item === this ? 0 : shared.untilMs;
    }

    /** A request under another intent, or any request when removal is owed, may still take effect. */
    isLate(nowMs: number): boolean {
        return (
            nowMs < this.lateUntilMs &&
            (this.record?.owes === "remove" || this.lateGeneration !== this.record?.generation)
        );
    }

    isProgress(): boolean {
        const durable = this.durable;
        if (durable === null) {
            return false;
        }
        const record = this.record;
        if (record === null) {
            return this.end === "done" && this.endedGeneration === durable.generation;
        }
        return record.generation === durable.generation && record.mode === durable.mode && !this.claimIsVoid;
    }

    takenBack(): void {
        this.end = null;
        this.eligibleAtMs = 0;
        this.deferred = false;
        this.claimIsVoid = false;
        this.owner.reindex(this);
    }

    landed(before: ItemRecord | null): void {
        this.claimIsVoid = false;
        const record = this.durable;
        const { context } = this.owner;
        const node = this.node.nodeId;
        context.itemLanded(this);
        if (record === null) {
            if (before !== null && this.end !== null) {
                const remains = this.remains === null ? {} : { remains: this.remains };
                context.durableEvent({ type: "itemEnded", node, kind: this.kindName, key: this.key, end: this.end, ...remains });
            }
            return;
        }
        if (before !== null && before.state === record.state && before.generation === record.generation && before.failure === record.failure) {
            return;
        }
        context.durableEvent({
            type: "itemChanged",
            node,
            kind: this.kindName,
            key: this.key,
            state: record.state,
            generation: record.generation,
            failure: record.failure,
        });
    }
}

/** An item as messages name it. */
export function describeItem(item: Item): string {
    return `${item.text} on node ${nodeText(item.node.nodeId)}`;
}
