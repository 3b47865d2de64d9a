import type { Item } from "../../src/core/item.js";
import type { ItemRecord } from "../../src/core/records.js";
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
}

/**
 * For each item, whether the device held or lacked its present generation at some instant since that was set. Looked at when the
 * generation appears and whenever its device changes; shared by the checkers that need it.
 */
export class ItemHistories {
    readonly #byItem = new Map<number, ItemHistory>();
    readonly #byNode: Map<number, ItemHistory>[] = [];
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#byItem.clear();
        for (let node = 0; node < world.script.nodes.length; node++) {
            (this.#byNode[node] ??= new Map()).clear();
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
                if (record !== undefined) {
                    this.#follow(history.node, item, record);
                }
            }
        }
    }

    get(item: number): ItemHistory | undefined {
        return this.#byItem.get(item);
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
        this.#follow(this.#world.indexOf(item.node.nodeId), item.id, record);
    }

    #follow(node: number, item: number, record: ItemRecord): void {
        const history: ItemHistory = { node, record, heldUntilMs: -1, lackedUntilMs: -1 };
        this.#byItem.set(item, history);
        this.#byNode[node]!.set(item, history);
        this.#look(history);
    }

    deviceChanged(node: number): void {
        for (const history of this.#byNode[node]!.values()) {
            this.#look(history);
        }
    }

    #look(history: ItemHistory): void {
        const { nodes, nowMs, manager } = this.#world;
        const device = nodes[history.node]!;
        const holds = deviceHolds(device, history.record, id => this.#keySet(id, manager));
        history.heldUntilMs = holds ? Infinity : Math.min(history.heldUntilMs, nowMs);
        const lacks = !holds && deviceLacks(device, history.record);
        history.lackedUntilMs = lacks ? Infinity : Math.min(history.lackedUntilMs, nowMs);
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
