import type { Context } from "./context.js";
import { guarded } from "./error.js";
import { identityText, nodeText } from "./identity.js";
import { MIXED_LATE, type Item } from "./item.js";
import type { Items } from "./items.js";
import type { KeySets } from "./key-sets.js";
import { lockNode } from "./node-lock.js";
import type { Nodes } from "./nodes.js";
import type { ItemRecord, KeySetRecord, NodeRecord, TombstoneRecord } from "./records.js";
import { checkItem, checkKeySet, checkNode, checkTombstone } from "./schema.js";
import type { DurableRecord, StoreImage, TableName } from "./store.js";

/** A stored record that is not used. */
export interface Quarantined {
    readonly table: TableName;
    readonly id: number;
    readonly reason: string;
}

/** Builds the machine's rows from a store's image, in ascending id, and sets aside what does not validate. */
export class Loader {
    readonly quarantined: Quarantined[] = [];

    constructor(
        private readonly context: Context,
        private readonly nodes: Nodes,
        private readonly items: Items,
        private readonly keySets: KeySets,
    ) {}

    load(image: StoreImage): void {
        for (const [id, record] of sorted(image, "keySet")) {
            this.#use("keySet", id, checkKeySet(record), () => this.keySets.load(id, record as KeySetRecord));
        }
        for (const [id, record] of sorted(image, "node")) {
            this.#use("node", id, checkNode(record) ?? this.#nodeConflict(record as NodeRecord), () =>
                this.nodes.load(id, record as NodeRecord),
            );
        }
        for (const [id, record] of sorted(image, "item")) {
            if ("type" in record && record.type === "tombstone") {
                this.#loadTombstone(id, record as TombstoneRecord);
            } else {
                this.#loadItem(id, record as ItemRecord);
            }
        }
    }

    #loadTombstone(id: number, record: TombstoneRecord): void {
        const node = this.nodes.byNumber(record.node);
        this.#use("item", id, checkTombstone(record) ?? (node ? null : "names a node that is not stored"), () =>
            this.items.loadTombstone(node!, id, record),
        );
    }

    #loadItem(id: number, record: ItemRecord): void {
        this.#use("item", id, this.#itemProblem(record), () => this.#arm(this.items.load(this.nodes.byNumber(record.node)!, id, record)));
    }

    #itemProblem(record: ItemRecord): string | null {
        const malformed = checkItem(record);
        if (malformed !== null) {
            return malformed;
        }
        const node = this.nodes.byNumber(record.node);
        if (node === undefined) {
            return "names a node that is not stored";
        }
        if (this.items.get(node, record.kind, record.key) !== undefined) {
            return "has the identity of another item";
        }
        if ((record.state === "committed") !== (record.owes === "nothing") || (record.state === "commitFailed") !== (record.failure !== null)) {
            return "contradicts itself about its state";
        }
        return this.#kindProblem(record);
    }

    #kindProblem(record: ItemRecord): string | null {
        const kind = this.context.kinds.get(record.kind);
        if (kind === undefined) {
            return null; // checked when the kind is registered
        }
        const checked = guarded(`kind "${kind.name}"`, () => {
            const valid = kind.validate(record.intent);
            if (!valid.ok) {
                return valid.error.message;
            }
            const text = identityText(kind.name, kind.keyOf(valid.value));
            return text === identityText(record.kind, record.key) ? null : "has a key that is not its intent's";
        });
        return checked.ok ? checked.value : checked.error.message;
    }

    /** What was on its way when the process before ended may still take effect, and what failed is tried at its time. */
    #arm(item: Item): void {
        const { monoMs, wallMs, timing } = this.context;
        const record = item.record!;
        // Not declared unknown by anybody: it may have been sent just before the end, and wait out its deadline first.
        item.lateUntilMs = monoMs + this.context.deadlineMs(item) + timing.lateEffectMs;
        if (record.owes !== "nothing") {
            item.mayBeWritten(item.lateUntilMs);
        }
        item.lateGeneration = record.replaced ? MIXED_LATE : record.generation;
        const { failure } = record;
        if (record.owes !== "nothing" && (failure === null || failure.retryAtMs !== undefined)) {
            lockNode(item, monoMs);
        }
        if (failure !== null) {
            item.eligibleAtMs =
                failure.retryAtMs === undefined
                    ? Infinity
                    : monoMs + Math.min(Math.max(failure.retryAtMs - wallMs, 0), timing.itemBackoffMaxMs);
        }
    }

    #nodeConflict(record: NodeRecord): string | null {
        return this.nodes.get(record.nodeId) === undefined ? null : `has the node id ${nodeText(record.nodeId)} of another record`;
    }

    #use(table: TableName, id: number, problem: string | null, use: () => void): void {
        if (problem === null) {
            use();
        } else {
            this.quarantined.push({ table, id, reason: problem });
        }
    }
}

/** A table in ascending id, whatever order the store kept. */
export function sorted(image: StoreImage, table: TableName): [number, DurableRecord][] {
    return [...image[table]].sort(([a], [b]) => a - b);
}
