import { identityText } from "../../src/core/identity.js";
import type { Item } from "../../src/core/item.js";
import type { ItemRecord, NodeRecord } from "../../src/core/records.js";
import { isEntryOfList } from "../device-content.js";
import { deviceHolds, deviceLacks } from "../oracle.js";
import type { World } from "../world.js";

/** What the devices' insides showed of one generation of one item since it was set. */
export interface ItemHistory {
    readonly node: number;
    readonly record: ItemRecord;
    /** World time until which the device held it, Infinity while it does; -1: it never did. */
    heldUntilMs: number;
    /** World time until which the device was without it, Infinity while it is; -1: it never was. */
    lackedUntilMs: number;
    /** Of the durable generation that this one is to replace: it comes back when the store refuses this one. Null: none. */
    readonly replaces: ItemHistory | null;
}

/**
 * For each item, whether the device held or lacked its present generation at some instant since that was set. Looked at when the
 * generation appears and whenever its device changes; shared by the checkers that need it.
 */
export class ItemHistories {
    readonly #byItem = new Map<number, ItemHistory>();
    readonly #byNode: Map<number, ItemHistory>[] = [];
    /** By node and identity: of the item that had it last, also when that is over. */
    readonly #latest: Map<string, ItemHistory>[] = [];
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#byItem.clear();
        for (let node = 0; node < world.script.nodes.length; node++) {
            (this.#byNode[node] ??= new Map()).clear();
            (this.#latest[node] ??= new Map()).clear();
        }
    }

    /** A process ended: generations that never became durable are void, and their numbers may be drawn again. */
    restarted(): void {
        const stored = this.#world.store.records("item");
        for (const [item, history] of this.#byItem) {
            const record = stored.get(item) as ItemRecord | undefined;
            if (record === undefined || record.generation !== history.record.generation) {
                this.#byItem.delete(item);
                this.#byNode[history.node]!.delete(item);
                if (record !== undefined && history.replaces?.record.generation === record.generation) {
                    this.#byItem.set(item, history.replaces);
                    this.#byNode[history.node]!.set(item, history.replaces);
                    this.#latest[history.node]!.set(identityText(record.kind, record.key), history.replaces);
                } else if (record !== undefined) {
                    this.#follow(history.node, item, record);
                }
            }
        }
    }

    /** Everything is as it was then: what was committed then was held before. */
    backupRestored(): void {
        const { store, nowMs } = this.#world;
        this.#byItem.clear();
        for (const histories of [...this.#byNode, ...this.#latest]) {
            histories.clear();
        }
        for (const [item, record] of store.records("item") as ReadonlyMap<number, ItemRecord>) {
            const node = store.records("node").get(record.node) as NodeRecord | undefined;
            if (record.type === "item" && node !== undefined) {
                const history = this.#follow(this.#world.indexOf(node.nodeId), item, record);
                history.heldUntilMs = record.state === "committed" ? Math.max(history.heldUntilMs, nowMs) : history.heldUntilMs;
            }
        }
    }

    /** As it is at this very moment: in lists it also changes when other items come or go. */
    now(item: number): ItemHistory | undefined {
        const history = this.#byItem.get(item);
        if (history !== undefined) {
            this.#look(history);
        }
        return history;
    }

    get(item: number): ItemHistory | undefined {
        return this.#byItem.get(item);
    }

    /** Of the item that has, or had, this identity last. */
    latest(node: number, identity: string): ItemHistory | undefined {
        return this.#latest[node]?.get(identity);
    }

    itemChanged(item: Item): void {
        const { record } = item;
        if (record === null) {
            return;
        }
        const before = this.#byItem.get(item.id);
        if (before?.record.generation === record.generation) {
            return;
        }
        const node = this.#world.indexOf(item.node.nodeId);
        if (before?.replaces?.record.generation === record.generation) {
            this.#byItem.set(item.id, before.replaces);
            this.#byNode[node]!.set(item.id, before.replaces);
            this.#latest[node]!.set(item.text, before.replaces);
            return;
        }
        const durable = this.#world.store.records("item").get(item.id) as ItemRecord | undefined;
        const isDurable = before !== undefined && durable?.generation === before.record.generation;
        this.#follow(node, item.id, record, isDurable ? before : (before?.replaces ?? null));
    }

    #follow(node: number, item: number, record: ItemRecord, replaces: ItemHistory | null = null): ItemHistory {
        const history: ItemHistory = { node, record, heldUntilMs: -1, lackedUntilMs: -1, replaces };
        this.#byItem.set(item, history);
        this.#byNode[node]!.set(item, history);
        this.#latest[node]!.set(identityText(record.kind, record.key), history);
        this.#look(history);
        return history;
    }

    deviceChanged(node: number): void {
        for (const history of this.#byNode[node]!.values()) {
            this.#look(history);
            if (history.replaces !== null) {
                this.#look(history.replaces);
            }
        }
    }

    #look(history: ItemHistory): void {
        const { nodes, sites, nowMs, manager } = this.#world;
        const device = nodes[history.node]!;
        const { absent } = sites[history.node]!;
        const holds = deviceHolds(device, history.record, id => this.#keySet(id, manager), absent);
        history.heldUntilMs = holds ? Infinity : Math.min(history.heldUntilMs, nowMs);
        const lacks = (isEntryOfList(history.record.kind) || !holds) && this.#lacks(history);
        history.lackedUntilMs = lacks ? Infinity : Math.min(history.lackedUntilMs, nowMs);
    }

    #lacks({ node, record }: ItemHistory): boolean {
        const { nodes, sites, leftovers } = this.#world;
        return deviceLacks(
            nodes[node]!,
            this.#present(record),
            sites[node]!.absent,
            () => this.#siblings(node),
            content => leftovers.of(node).get(content)?.isOthers === true,
        );
    }

    /** With what the item owns by now: that changes within a generation. */
    #present(record: ItemRecord): ItemRecord {
        if (!isEntryOfList(record.kind)) {
            return record;
        }
        for (const sibling of this.#siblings(this.#nodeOf(record))) {
            if (sibling.generation === record.generation) {
                return sibling;
            }
        }
        return record;
    }

    #nodeOf(record: ItemRecord): number {
        const stored = this.#world.store.records("node").get(record.node) as NodeRecord | undefined;
        const nodeId = this.#world.manager?.machine.nodes.byNumber(record.node)?.nodeId ?? stored?.nodeId;
        return nodeId === undefined ? -1 : this.#world.indexOf(nodeId);
    }

    /** What is wanted on the node, as the process knows it, or the store while none runs. */
    *#siblings(node: number): Generator<ItemRecord> {
        const { manager, store, nodeIds } = this.#world;
        if (manager !== null) {
            for (const item of node < 0 ? [] : (manager.machine.nodes.get(nodeIds[node]!)?.items.values() ?? [])) {
                yield item.record!;
            }
            return;
        }
        for (const record of store.records("item").values() as Iterable<ItemRecord>) {
            if (record.type === "item" && this.#nodeOf(record) === node) {
                yield record;
            }
        }
    }

    /** Key sets as the process has them, or as the store has them while none runs. */
    #keySet(id: number, manager: World["manager"]) {
        if (manager !== null) {
            return manager.machine.keySets.get(id as never);
        }
        for (const record of this.#world.store.records("keySet").values()) {
            if ("keySetId" in record && record.keySetId === id) {
                return record as never;
            }
        }
        return undefined;
    }
}
