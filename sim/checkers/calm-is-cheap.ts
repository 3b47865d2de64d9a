import type { Command } from "../../src/core/command.js";
import type { RequestEffect } from "../../src/core/effect.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** DESIGN L2. */
const REQUESTS_PER_OWED = 8;
/** One observation of capacity; calm and a restart can each ask for one, and a refusal for want of room for another. */
const CAPACITY_REQUESTS = 5;
const CAPACITY_PER_NODE = 4 * CAPACITY_REQUESTS;

/** L2: in calm at most 8 requests per owed item and 4 per node; then none until the next trigger. */
export class CalmIsCheap implements Checker {
    readonly name = "L2";
    readonly claim = "in calm a bounded number of requests, then none";
    readonly #byGeneration = new Map<string, number>();
    readonly #capacity: number[] = [];
    readonly #asked: number[] = [];
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#byGeneration.clear();
        this.#capacity.length = 0;
        this.#asked.length = 0;
    }

    /** An explicit pass that asks for capacity is one more trigger. */
    commandSent(_id: number, command: Command): void {
        if (command.type === "reconcile" && command.capacity === true) {
            const node = this.#world.indexOf(command.node);
            this.#asked[node] = (this.#asked[node] ?? 0) + CAPACITY_REQUESTS;
        }
    }

    requestSent(effect: RequestEffect, node: number): void {
        if (!this.#world.isCalm || this.#world.isLost(node)) {
            return;
        }
        const { cause } = effect;
        if (cause === null) {
            const count = (this.#capacity[node] = (this.#capacity[node] ?? 0) + 1);
            if (count > CAPACITY_PER_NODE + (this.#asked[node] ?? 0)) {
                this.#world.violate(this.name, `${count} requests for the capacity of node ${node} in calm`);
            }
            return;
        }
        const key = `${cause.generation}/${cause.operation}`;
        const count = (this.#byGeneration.get(key) ?? 0) + 1;
        this.#byGeneration.set(key, count);
        if (count > REQUESTS_PER_OWED) {
            this.#world.violate(this.name, `${count} requests in calm to ${cause.operation} generation ${cause.generation} on node ${node}`);
        }
    }
}
