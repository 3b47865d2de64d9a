import type { Command } from "../../src/core/command.js";
import type { RequestEffect } from "../../src/core/effect.js";
import type { InputBody } from "../../src/core/input.js";
import { NOC } from "../../src/kinds/index.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** DESIGN L2. */
const REQUESTS_PER_OWED = 8;
/** A certificate takes ten steps, and as many again when chaos left a fail-safe behind. */
const REQUESTS_PER_RENEWAL = 24;
/** One observation of all tables, lists included; a restart can ask for one, and refusals for want of room. */
const CAPACITY_REQUESTS = 7;
/** A membership is verified together with the group's map entry and key set. */
const READS_PER_VERIFY = 3;
const CAPACITY_PER_NODE = 3 * CAPACITY_REQUESTS;

/**
 * L2: in calm at most 8 requests per owed item and 4 per node; then none until the next trigger. Triggers are what the machine is told of a
 * node (reachable, software or structure changed, a report) and explicit commands; each can have every item of the node read once more, and all but
 * reports the capacity.
 */
export class CalmIsCheap implements Checker {
    readonly name = "L2";
    readonly claim = "in calm a bounded number of requests, then none";
    readonly #byGeneration = new Map<string, number>();
    readonly #capacity: number[] = [];
    readonly #asked: number[] = [];
    /** By node: triggers in calm. */
    readonly #triggers: number[] = [];
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#byGeneration.clear();
        this.#capacity.length = 0;
        this.#asked.length = 0;
        this.#triggers.length = 0;
    }

    commandSent(_id: number, command: Command): void {
        const isTrigger = command.type === "reconcile" || command.type === "retry" || command.type === "renewNode" || command.type === "addNode";
        if (isTrigger) {
            this.#triggered(this.#world.indexOf(command.node), command.type !== "retry" && (command.type !== "reconcile" || command.capacity === true));
        }
    }

    told(node: number, input: InputBody): void {
        this.#triggered(node, input.type !== "report");
    }

    #triggered(node: number, withCapacity: boolean): void {
        if (withCapacity) {
            this.#asked[node] = (this.#asked[node] ?? 0) + CAPACITY_REQUESTS;
        }
        if (this.#world.isCalm) {
            this.#triggers[node] = (this.#triggers[node] ?? 0) + 1;
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
        const reads = cause.operation === "verify" ? READS_PER_VERIFY * (this.#triggers[node] ?? 0) : 0;
        const owed = this.#world.manager!.machine.items.byId(cause.item)?.kindName === NOC ? REQUESTS_PER_RENEWAL : REQUESTS_PER_OWED;
        if (count > owed + reads) {
            this.#world.violate(this.name, `${count} requests in calm to ${cause.operation} generation ${cause.generation} on node ${node}`);
        }
    }
}
