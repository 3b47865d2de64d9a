import { identityText } from "../../src/core/identity.js";
import type { RunRecord } from "../../src/core/records.js";
import type { StoreBatch } from "../../src/core/store.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";
import type { ItemHistories } from "./item-history.js";

/**
 * S13: `completed` is never false: what the run wanted was on the device at some instant of its last life before it was recorded; a run
 * that turned backward names a cause.
 */
export class CompletedIsTrue implements Checker {
    readonly name = "S13";
    readonly claim = "completed is never false";
    readonly #admittedAtMs = new Map<number, number>();
    #world!: World;

    constructor(private readonly histories: ItemHistories) {}

    begin(world: World): void {
        this.#world = world;
        this.#admittedAtMs.clear();
    }

    batchSent(batch: StoreBatch): void {
        for (const { table, id, record } of batch.puts) {
            if (table === "run" && record !== null) {
                this.#check(id, record as RunRecord);
            }
        }
    }

    #check(id: number, record: RunRecord): void {
        const before = this.#world.store.records("run").get(id) as RunRecord | undefined;
        if (!this.#admittedAtMs.has(id)) {
            this.#admittedAtMs.set(id, this.#world.nowMs);
        }
        if (record.state === "completed") {
            this.#checkHeld(id, before);
        } else if ((record.state === "failed" || record.state === "cancelled") && record.cause === null) {
            this.#world.violate(this.name, `run ${id} is ${record.state} without a cause`);
        }
    }

    #checkHeld(id: number, before: RunRecord | undefined): void {
        const { machine } = this.#world.manager!;
        if (before === undefined || before.changeSet.length === 0) {
            this.#world.violate(this.name, `run ${id} completed, but no change set of it was ever durable`);
            return;
        }
        for (const entry of before.changeSet) {
            const node = machine.nodes.byNumber(entry.node)!;
            const item = node.items.get(identityText(entry.kind, entry.key));
            const history = item === undefined ? undefined : this.histories.get(item.id);
            if (item === undefined || history === undefined || history.heldAtMs < 0) {
                this.#world.violate(this.name, `run ${id} completed, but node ${node.nodeId} never held ${identityText(entry.kind, entry.key)}`);
            } else if (history.record.generation === item.record!.generation && !item.isCommitted) {
                this.#world.violate(this.name, `run ${id} completed while ${item.text} is ${item.record!.state}`);
            }
        }
    }
}
