import type { Item } from "../../src/core/item.js";
import type { Row } from "../../src/core/row.js";
import type { DurableRecord } from "../../src/core/store.js";
import { Manager } from "../../src/tasks/manager.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** S15: the durable image is the store's content plus the batch in flight; at rest, a machine rebuilt from the store is the same and writes nothing. */
export class ImageIsWhole implements Checker {
    readonly name = "S15";
    readonly claim = "the durable image is the store's content plus the batch in flight";
    #world!: World;

    begin(world: World): void {
        this.#world = world;
    }

    scan(): void {
        const { manager } = this.#world;
        if (manager === null) {
            return;
        }
        for (const item of manager.machine.items.all()) {
            this.#compare(item, item.text);
        }
        for (const run of manager.tasks.runs.all()) {
            this.#compare(run, `run ${run.id}`);
        }
        for (const node of manager.machine.nodes.all()) {
            this.#compare(node, `node ${node.nodeId}`);
        }
    }

    ended(): void {
        const { manager, store } = this.#world;
        if (manager === null) {
            return;
        }
        if (!manager.machine.context.ledger.idle) {
            this.#world.violate(this.name, "something is not durable although nothing more will happen");
            return;
        }
        const rebuilt = Manager.open(this.#world.managerOptions(), store.image(), { monoMs: 0, wallMs: this.#world.wallMs });
        if (!rebuilt.ok) {
            this.#world.violate(this.name, `a machine cannot be rebuilt from the store: ${rebuilt.error.message}`);
            return;
        }
        this.#compareItems(manager, rebuilt.value);
        this.#compareRuns(manager, rebuilt.value);
        if (rebuilt.value.quarantined.length > 0) {
            this.#world.violate(this.name, `the store holds a record that does not validate: ${rebuilt.value.quarantined[0]!.reason}`);
        }
    }

    #compare(row: Row<DurableRecord>, what: string): void {
        const { store } = this.#world;
        const stored = store.records(row.table).get(row.id) ?? null;
        if (row.durable !== stored) {
            this.#world.violate(this.name, `${what}: the machine takes something else for durable than the store holds`);
        }
        const sent = store.inFlight?.puts.find(put => put.table === row.table && put.id === row.id);
        if (!row.dirty && row.record !== (sent === undefined ? stored : sent.record)) {
            this.#world.violate(this.name, `${what}: what memory says is neither stored, nor on its way, nor waiting for a batch`);
        }
    }

    #compareItems(live: Manager, rebuilt: Manager): void {
        const found = new Map<number, Item>();
        for (const item of rebuilt.machine.items.all()) {
            found.set(item.id, item);
        }
        for (const item of live.machine.items.all()) {
            if (found.get(item.id)?.record !== item.record) {
                this.#world.violate(this.name, `${item.text} on node ${item.node.nodeId} is not the same in a machine rebuilt from the store`);
            }
            found.delete(item.id);
        }
        for (const item of found.values()) {
            this.#world.violate(this.name, `${item.text} appears in a machine rebuilt from the store`);
        }
    }

    #compareRuns(live: Manager, rebuilt: Manager): void {
        const before = live.runs().map(run => `${run.run} ${run.state === "parked" ? "running" : run.state} ${run.direction} ${run.phase}`);
        const after = rebuilt.runs().map(run => `${run.run} ${run.state === "parked" ? "running" : run.state} ${run.direction} ${run.phase}`);
        if (before.sort().join() !== after.sort().join()) {
            this.#world.violate(this.name, `runs are not the same in a machine rebuilt from the store: ${before.join("; ")} / ${after.join("; ")}`);
        }
    }
}
