import type { Item } from "../../src/core/item.js";
import { blocker } from "../../src/core/plan.js";
import { deviceHolds } from "../oracle.js";
import { CALM_LIMIT_MS, type World } from "../world.js";
import type { Checker } from "./checker.js";

/**
 * L1: within 45 virtual minutes of calm every item is committed, gone, or failed for good with a reason; every run is settled, or stuck
 * with a reason; and what is committed is on the devices.
 */
export class CalmSettles implements Checker {
    readonly name = "L1";
    readonly claim = "in calm everything settles, and devices hold what is committed";
    #world!: World;

    begin(world: World): void {
        this.#world = world;
    }

    ended(): void {
        const { manager } = this.#world;
        if (manager === null) {
            this.#world.violate(this.name, "no process runs at the end");
            return;
        }
        for (const item of manager.machine.items.all()) {
            this.#checkItem(item);
        }
        for (const run of manager.tasks.runs.all()) {
            const needsLost = run.awaited.some(item => this.#world.isLost(this.#world.indexOf(item.node.nodeId)));
            if (run.isLive && run.record!.state !== "stuck" && !needsLost) {
                const why = (manager.explain({ run: run.id }) ?? []).map(reason => reason.text).join(" because ");
                this.#world.violate(this.name, `run ${run.id} is not settled after ${CALM_LIMIT_MS / 60_000} minutes of calm: ${why}`);
            }
        }
    }

    #checkItem(item: Item): void {
        const world = this.#world;
        const node = world.indexOf(item.node.nodeId);
        if (item.record!.owes === "nothing") {
            const holds = deviceHolds(world.nodes[node]!, item.record!, id => world.manager!.machine.keySets.get(id as never));
            if (!holds && !item.drifted && !world.isLost(node)) {
                world.violate(this.name, `${item.text} on node ${node} is committed, but the device does not hold it in the end`);
            }
        } else if (!world.isLost(node) && !failedForGood(item)) {
            const why = world.manager!.explain({ node: item.node.nodeId, kind: item.kindName, key: item.key }) ?? [];
            world.violate(this.name, `${item.text} on node ${node} is ${item.record!.state} after calm: ${why.map(reason => reason.text).join(" because ")}`);
        }
    }
}

/** With a reason: its own, or that of what it waits for. */
function failedForGood(item: Item): boolean {
    const seen = new Set<Item>();
    for (let next: Item | null = item; next !== null && !seen.has(next); next = blocker(next)) {
        if (next.eligibleAtMs === Infinity) {
            return next.record!.failure !== null;
        }
        seen.add(next);
    }
    return false;
}
