import { AccessControl, Binding } from "../../src/core/clusters.js";
import type { RequestEffect } from "../../src/core/effect.js";
import { isQuery } from "../../src/core/pass.js";
import type { ItemRecord, RunRecord } from "../../src/core/records.js";
import type { StoreBatch } from "../../src/core/store.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** S2: every device write is explained by a durable item, and by its run's durable change set, when it leaves the machine. */
export class WritesAreExplained implements Checker {
    readonly name = "S2";
    readonly claim = "every device write is explained by a durable item at the moment it leaves the machine";
    #world!: World;

    begin(world: World): void {
        this.#world = world;
    }

    requestSent(effect: RequestEffect, node: number): void {
        if (isQuery(effect.request)) {
            return;
        }
        const world = this.#world;
        const { cause } = effect;
        const stored = cause === null ? undefined : (world.store.records("item").get(cause.item) as ItemRecord | undefined);
        if (stored?.claim === undefined && addsToList(effect)) {
            world.violate(this.name, `a list was written to node ${node} before it was durable whose the new entry is (item ${cause?.item})`);
        }
        const right = cause?.operation === "remove" ? stored?.owes === "remove" : stored !== undefined && stored.owes !== "remove";
        if (cause === null || cause.operation === "verify" || stored === undefined || stored.generation !== cause.generation || !right) {
            world.violate(this.name, `a write to node ${node} left without a durable item that explains it (${JSON.stringify(cause)})`);
        }
    }

    /** The batch that makes an intent durable has the change set of every run that wants it. */
    batchSent(batch: StoreBatch): void {
        for (const { table, id, record } of batch.puts) {
            if (table === "item" && record !== null && "generation" in record) {
                const stored = this.#world.store.records("item").get(id) as ItemRecord | undefined;
                if (stored?.generation !== record.generation) {
                    this.#checkRuns(batch, id, record.generation as number);
                }
            }
        }
    }

    #checkRuns(batch: StoreBatch, itemId: number, generation: number): void {
        const { manager, store } = this.#world;
        const item = manager!.machine.items.byId(itemId);
        if (item === undefined) {
            return; // ended since
        }
        for (const run of manager!.tasks.runs.occupants(item.node.id, item.text)) {
            const matches = (record: RunRecord) =>
                record.changeSet.some(entry => entry.generation === generation && entry.kind === item.kindName && entry.node === item.node.id);
            const put = batch.puts.find(({ table, id }) => table === "run" && id === run.id)?.record ?? store.records("run").get(run.id);
            if (run.isLive && matches(run.record!) && (put === undefined || !matches(put as RunRecord))) {
                this.#world.violate(this.name, `the intent of ${item.text} becomes durable before run ${run.id}'s change set`);
            }
        }
    }
}

/** Entries of these lists have no id: the item's record has to say that the entry is its own. */
function addsToList({ request, cause }: RequestEffect): boolean {
    return cause?.operation === "apply" && request.op === "write" && (request.cluster === AccessControl.id || request.cluster === Binding.id);
}
