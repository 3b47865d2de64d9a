import type { Command } from "../../src/core/command.js";
import type { RequestEffect } from "../../src/core/effect.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** S3: one pass per node at a time, and in it one request at a time. A node's pass ends with the command that removes the node. */
export class OnePassPerNode implements Checker {
    readonly name = "S3";
    readonly claim = "one pass per node at a time";
    readonly #outstanding: number[] = [];
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#outstanding.length = 0;
    }

    requestSent(effect: RequestEffect, node: number): void {
        const other = this.#outstanding[node] ?? 0;
        if (other !== 0) {
            this.#world.violate(this.name, `request ${effect.id} was sent to node ${node} while request ${other} is outstanding`);
        }
        this.#outstanding[node] = effect.id;
    }

    requestOver(effect: RequestEffect, node: number): void {
        if (this.#outstanding[node] === effect.id) {
            this.#outstanding[node] = 0;
        }
    }

    commandSent(_id: number, command: Command): void {
        if (command.type === "removeNode") {
            this.#outstanding[this.#world.indexOf(command.node)] = 0;
        }
    }

    crashed(): void {
        this.#outstanding.length = 0;
    }
}
