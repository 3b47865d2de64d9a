import type { Context } from "./context.js";
import type { AttributePath } from "./device.js";
import type { Result } from "./error.js";
import type { ItemEnd } from "./event.js";
import { identityText, type ItemIdentity, type ItemKey } from "./identity.js";
import { Item, NOTHING_LATE, type ItemOwner } from "./item.js";
import type { Kind } from "./kind.js";
import type { KeySets } from "./key-sets.js";
import type { NodeState } from "./node-state.js";
import type { ItemMode, ItemRecord, ItemState, TombstoneRecord } from "./records.js";
import { Row } from "./row.js";

/** How an item ends besides the event: what it leaves (a mark, or with it the value to be removed later), and why the value is there all the same. */
interface Ending {
    readonly leaves?: "nothing" | "mark" | "value";
    readonly remains?: string | null;
}

/** A dismissed identity on a node. */
class Tombstone extends Row<TombstoneRecord> {
    constructor(
        id: number,
        readonly node: NodeState,
        readonly text: string,
        record: TombstoneRecord | null,
    ) {
        super("item", id, record);
    }

    isProgress(): boolean {
        return false;
    }

    takenBack(): void {
        if (this.record === null) {
            this.node.tombstones.delete(this.text);
        } else {
            this.node.tombstones.set(this.text, this);
        }
    }

    landed(): void {}
}

/** All items of all nodes, and every index over them. The only place that changes an item's record. */
export class Items implements ItemOwner {
    /** Items of one identity on any node; built when a task first asks, kept up from then on. */
    #byIdentity: Map<string, Set<Item>> | null = null;
    readonly #all = new Map<number, Item>();

    constructor(
        readonly context: Context,
        private readonly keySets: KeySets,
    ) {}

    /** Every item, in the order of creation. */
    all(): Iterable<Item> {
        return this.#all.values();
    }

    get size(): number {
        return this.#all.size;
    }

    get(node: NodeState, kind: string, key: ItemKey): Item | undefined {
        return node.items.get(identityText(kind, key));
    }

    byId(id: number): Item | undefined {
        return this.#all.get(id);
    }

    /** Items of this identity, wherever they are. */
    members(identity: ItemIdentity): Iterable<Item> {
        if (this.#byIdentity === null) {
            this.#byIdentity = new Map();
            for (const item of this.#all.values()) {
                this.#addMember(item);
            }
        }
        return this.#byIdentity.get(identityText(identity.kind, identity.key)) ?? [];
    }

    load(node: NodeState, id: number, record: ItemRecord): Item {
        const item = new Item(this, node, id, record.kind, this.context.kinds.get(record.kind) ?? null, record.key, record);
        item.durable = record;
        this.reindex(item);
        return item;
    }

    loadTombstone(node: NodeState, id: number, record: TombstoneRecord): void {
        const text = identityText(record.kind, record.key);
        const tombstone = new Tombstone(id, node, text, record);
        tombstone.durable = record;
        node.tombstones.set(text, tombstone);
    }

    /** A new intent, or a changed one: everything the item knew about the old one is void. */
    setIntent(node: NodeState, kind: Kind, key: ItemKey, intent: object, mode: ItemMode): Item {
        if (node.tombstones.size > 0) {
            this.#bury(node, identityText(kind.name, key));
        }
        const item = this.get(node, kind.name, key) ?? this.#create(node, kind, key);
        const before = item.record;
        this.#fresh(item);
        const replaced = before !== null && (before.replaced || before.owes !== "nothing" || item.lateGeneration !== NOTHING_LATE);
        this.write(item, this.#record(item, intent, mode, "pending", "apply", replaced, before?.incarnation ?? 0));
        return item;
    }

    /** The item is to leave the device. */
    removeIntent(item: Item): void {
        this.#fresh(item);
        const record = item.record!;
        this.write(item, this.#record(item, record.intent, record.mode, "deletePending", "remove", true, record.incarnation));
    }

    setMode(item: Item, mode: ItemMode): void {
        this.write(item, { ...item.record!, mode });
    }

    /** A value found on the device becomes a committed item. */
    adopt(node: NodeState, kind: Kind, key: ItemKey, intent: object, mode: ItemMode): Item {
        const item = this.#create(node, kind, key);
        this.write(item, this.#record(item, intent, mode, "committed", "nothing", false, node.record!.incarnation));
        return item;
    }

    /**
     * The item is over. It can leave a mark that bars adoption of what is on the node, and with it what is needed to remove the value when the node has a place
     * for it again.
     */
    end(item: Item, end: ItemEnd, { leaves = "nothing", remains = null }: Ending = {}): void {
        const { kindName, key, node, text } = item;
        const { intent, mode, claim } = item.record!;
        item.end = end;
        item.remains = remains;
        item.endedGeneration = item.record!.generation;
        this.write(item, null);
        if (leaves !== "nothing") {
            const leftover = leaves === "value" ? { leftover: { intent, mode, ...(claim === undefined ? {} : { claim }) } } : {};
            const record: TombstoneRecord = { type: "tombstone", node: node.id, kind: kindName, key, ...leftover };
            const tombstone = new Tombstone(this.context.numbers.draw(this.context.ledger), node, text, null);
            node.tombstones.set(text, tombstone);
            this.context.ledger.write(tombstone, record);
        }
    }

    /** The node may have a place again for what was removed while it had none: that is removed once more. */
    reviveLeftovers(node: NodeState): void {
        for (const [text, { record }] of node.tombstones.size === 0 ? [] : [...node.tombstones]) {
            const kind = record === null ? undefined : this.context.kinds.get(record.kind);
            if (kind === undefined || record?.leftover === undefined) {
                continue;
            }
            const { intent, mode, claim } = record.leftover;
            this.#bury(node, text);
            const item = this.#create(node, kind, record.key);
            const removal = this.#record(item, intent, mode, "deletePending", "remove", true, node.record!.incarnation);
            this.write(item, claim === undefined ? removal : { ...removal, claim });
        }
    }

    /** The leftover under this identity may be adopted again. */
    forgetTombstone(node: NodeState, kind: string, key: ItemKey): void {
        this.#bury(node, identityText(kind, key));
    }

    /** The one way to change an item's record: indexes follow. */
    write(item: Item, record: ItemRecord | null): void {
        this.context.ledger.write(item, record);
        this.reindex(item);
        this.context.itemChanged(item);
    }

    /** Items on the same node that need this one and are not leaving themselves. */
    *referencesTo(item: Item): Generator<Item> {
        for (const dependent of item.node.dependents.get(item.text) ?? []) {
            if (dependent.record!.owes !== "remove") {
                yield dependent;
            }
        }
    }

    /** Items of a node that an attribute report concerns. The index is built when the first report comes. */
    watching(node: NodeState, path: AttributePath): Iterable<Item> {
        if (node.watchers === null) {
            node.watchers = new Map();
            for (const item of node.items.values()) {
                this.#watch(item, item.record!);
            }
        }
        return node.watchers.get(pathText(path)) ?? [];
    }

    /** Make every index agree with the item's record. */
    reindex(item: Item): void {
        const before = item.indexed;
        const after = item.record;
        item.indexed = after;
        const owes = after !== null && after.owes !== "nothing";
        if (owes) {
            item.node.owed.add(item);
        } else {
            item.node.owed.delete(item);
        }
        if (before?.intent === after?.intent && before?.mode === after?.mode) {
            return;
        }
        // New claims first: what both name must not be given up in between.
        if (after !== null) {
            this.#index(item, after);
        }
        if (before !== null) {
            this.#unindex(item, before);
        }
        if (after !== null && before === null) {
            item.node.items.set(item.text, item);
            this.#all.set(item.id, item);
            this.#addMember(item);
        } else if (after === null) {
            item.node.reread.delete(item);
            this.#all.delete(item.id);
            this.#byIdentity?.get(item.text)?.delete(item);
            if (item.node.items.get(item.text) === item) {
                item.node.items.delete(item.text);
            }
        }
    }

    #index(item: Item, record: ItemRecord): void {
        const kind = item.definition;
        if (kind === null) {
            return;
        }
        const { node } = item;
        const needs = kind.dependsOn(record.intent).map(need => identityText(need.kind, need.key));
        for (const text of needs) {
            const dependents = node.dependents.get(text);
            if (dependents === undefined) {
                node.dependents.set(text, [item]);
            } else {
                dependents.push(item);
            }
        }
        item.needs = needs;
        const named = kind.keySetOf?.(record.intent);
        if (named !== undefined) {
            this.keySets.claim(named.keySetId, named.revision);
        }
        if (kind.capacity !== undefined) {
            node.capacity.of(kind.capacity.table).claim(kind.capacity.rowOf(record.intent));
        }
        if (isUnwatched(kind, record)) {
            node.unwatched.add(item);
        }
        this.#watch(item, record);
    }

    #watch(item: Item, record: ItemRecord): void {
        const { watchers } = item.node;
        if (watchers === null || item.definition === null) {
            return;
        }
        for (const path of item.definition.watch(record.intent)) {
            const text = pathText(path);
            const items = watchers.get(text);
            if (items === undefined) {
                watchers.set(text, new Set([item]));
            } else {
                items.add(item);
            }
        }
    }

    #unindex(item: Item, record: ItemRecord): void {
        const kind = item.definition;
        if (kind === null) {
            return;
        }
        const { node } = item;
        for (const need of kind.dependsOn(record.intent)) {
            const text = identityText(need.kind, need.key);
            const dependents = node.dependents.get(text)!;
            dependents.splice(dependents.indexOf(item), 1);
            if (dependents.length === 0) {
                node.dependents.delete(text);
            }
        }
        const named = kind.keySetOf?.(record.intent);
        if (named !== undefined) {
            this.keySets.release(named.keySetId, named.revision);
        }
        if (kind.capacity !== undefined) {
            node.capacity.of(kind.capacity.table).release(kind.capacity.rowOf(record.intent));
        }
        if (node.watchers !== null) {
            for (const path of kind.watch(record.intent)) {
                node.watchers.get(pathText(path))?.delete(item);
            }
            if (item.record !== null) {
                this.#watch(item, item.record);
            }
        }
        if (item.record === null || !isUnwatched(kind, item.record)) {
            node.unwatched.delete(item);
        }
    }

    /** A kind became known: its stored items can be used from now on, but for those whose intents it refuses. */
    define(kind: Kind, check: (intent: object) => Result<unknown>): void {
        for (const item of this.#all.values()) {
            if (item.kindName === kind.name && item.definition === null) {
                const checked = check(item.record!.intent);
                if (!checked.ok) {
                    this.context.event({ type: "quarantined", table: "item", id: item.id, reason: checked.error.message });
                    continue;
                }
                item.definition = kind;
                this.#index(item, item.record!);
            }
        }
    }

    #create(node: NodeState, kind: Kind, key: ItemKey): Item {
        return new Item(this, node, this.context.numbers.draw(this.context.ledger), kind.name, kind, key, null);
    }

    #fresh(item: Item): void {
        item.eligibleAtMs = 0;
        item.deferred = false;
        item.drifted = false;
        item.held = false;
        item.rewritesUntilMs = null;
        item.readFailures = 0;
        item.rereadAtMs = Infinity;
    }

    /** A record of a new generation. */
    #record(
        item: Item,
        intent: object,
        mode: ItemMode,
        state: ItemState,
        owes: ItemRecord["owes"],
        replaced: boolean,
        incarnation: number,
    ): ItemRecord {
        return {
            type: "item",
            node: item.node.id,
            kind: item.kindName,
            key: item.key,
            intent,
            mode,
            state,
            owes,
            generation: this.context.numbers.draw(this.context.ledger),
            replaced,
            incarnation,
            changedAtMs: this.context.wallMs,
            failure: null,
            ...(item.record?.claim === undefined ? {} : { claim: item.record.claim }),
        };
    }

    /** What the node's items own there is gone, or is somebody else's: the node is a new one. */
    dropClaims(node: NodeState): void {
        for (const item of node.items.values()) {
            if (item.record?.claim !== undefined) {
                const { claim: _, ...record } = item.record;
                this.write(item, record);
                item.claimIsVoid = true;
            }
        }
    }

    #bury(node: NodeState, text: string): void {
        const tombstone = node.tombstones.get(text);
        if (tombstone !== undefined) {
            node.tombstones.delete(text);
            this.context.ledger.write(tombstone, null);
        }
    }

    #addMember(item: Item): void {
        if (this.#byIdentity === null) {
            return;
        }
        const members = this.#byIdentity.get(item.text);
        if (members === undefined) {
            this.#byIdentity.set(item.text, new Set([item]));
        } else {
            members.add(item);
        }
    }
}

/** Reports do not tell everything about it, and it is to be maintained. */
function isUnwatched(kind: Kind, record: ItemRecord): boolean {
    return record.mode === "maintain" && (kind.isWatchPartial === true || kind.watch(record.intent).length === 0);
}

function pathText(path: AttributePath): string {
    return `${path.endpoint}/${path.cluster}/${path.attribute}`;
}
