import type { Item } from "../../src/core/item.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";
import type { ItemHistories } from "./item-history.js";

/**
 * S1: *committed* is never false: the device held that generation's intent at some instant since it was set. It may hold it no more: a power
 * cut can take it back, and others can change it. For what a restored backup says, the instant before the backup counts.
 */
export class CommittedIsTrue implements Checker {
    readonly name = "S1";
    readonly claim = "committed is never false";
    #world!: World;

    constructor(private readonly histories: ItemHistories) {}

    begin(world: World): void {
        this.#world = world;
        this.histories.begin(world);
    }

    itemChanged(item: Item): void {
        this.histories.itemChanged(item);
        const { record } = item;
        if (record?.state !== "committed") {
            return;
        }
        const history = this.histories.get(item.id);
        if (history !== undefined && history.heldUntilMs < 0) {
            this.#world.violate(this.name, `${item.text} on node ${history.node} is committed (generation ${record.generation}), but the device never held it`);
        }
    }

    backupRestored(): void {
        this.histories.backupRestored();
    }

    restarted(): void {
        this.histories.restarted();
    }

    deviceChanged(node: number): void {
        this.histories.deviceChanged(node);
    }
}
