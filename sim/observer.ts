import type { Extension } from "../src/core/context.js";
import type { Item } from "../src/core/item.js";
import { extend } from "../src/core/machine.js";
import type { Manager } from "../src/tasks/manager.js";
import type { World } from "./world.js";

/** Plugged into the machine where extensions are, it decides nothing and tells checkers what changed in memory. */
export class Observer implements Extension {
    constructor(private readonly world: World) {}

    attach(manager: Manager): void {
        extend(manager.machine, this);
    }

    itemChanged(item: Item): void {
        this.world.checkers.itemChanged(item);
        this.world.leftovers.itemChanged(this.world.indexOf(item.node.nodeId), item);
    }

    command(): boolean {
        return false;
    }

    occupant(): number {
        return 0;
    }

    neededBy(): number {
        return 0;
    }

    nodeRemoved(): void {}
    kindRegistered(): void {}
    forcedOut(): void {}
    drive(): void {}
    storeRefused(): void {}
    storeRecovered(): void {}
}
