import type { Item } from "../../src/core/item.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";
import type { ItemHistories } from "./item-history.js";

/**
 * S12: an item ends as *done* only if the device, at an instant since the removal was asked, held nothing that it alone owned. An endpoint that is
 * away counts as holding nothing.
 */
export class AbsenceIsTrue implements Checker {
    readonly name = "S12";
    readonly claim = "absence is never false";
    #world!: World;

    constructor(private readonly histories: ItemHistories) {}

    begin(world: World): void {
        this.#world = world;
    }

    itemChanged(item: Item): void {
        if (item.record !== null || item.end !== "done") {
            return;
        }
        const history = this.histories.now(item.id);
        if (history !== undefined && history.lackedUntilMs < 0) {
            this.#world.violate(this.name, `${item.text} on node ${history.node} ended as done, but the device held it all the time since its removal was asked`);
        }
    }
}
