import type { Item } from "../../src/core/item.js";
import type { TombstoneRecord } from "../../src/core/records.js";
import { blocker } from "../../src/core/plan.js";
import { commissionersEntry } from "../devices/access-control-entry.js";
import { MANAGER_NODE_ID } from "../devices/composition.js";
import { aclText } from "../list-entries.js";
import { contentOf, contentText, contentTextOfKey } from "../device-content.js";
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
        this.#checkLeftovers();
        for (const run of manager.tasks.runs.all()) {
            const needsLost = run.awaited.some(item => this.#world.isLost(this.#world.indexOf(item.node.nodeId)));
            if (run.isLive && run.record!.state !== "stuck" && !needsLost) {
                const why = (manager.explain({ run: run.id }) ?? []).map(reason => reason.text).join(" because ");
                this.#world.violate(this.name, `run ${run.id} is not settled after ${CALM_LIMIT_MS / 60_000} minutes of calm: ${why}`);
            }
        }
    }

    /**
     * What no item stands for was left behind by one that ended. Unless it was dismissed (a tombstone stands for it), or is there for a reason that is not the
     * manager's, see `Leftovers`.
     */
    #checkLeftovers(): void {
        const world = this.#world;
        for (const node of world.manager!.machine.nodes.all()) {
            const index = world.indexOf(node.nodeId);
            const explained = new Set([aclText(commissionersEntry(MANAGER_NODE_ID))]);
            for (const item of node.items.values()) {
                explained.add(contentText(item.kindName, item.key, item.record!.intent));
            }
            for (const tombstone of node.tombstones.values()) {
                const { kind, key, leftover } = tombstone.record as TombstoneRecord;
                explained.add(leftover === undefined ? contentTextOfKey(kind, key) : contentText(kind, key, leftover.intent));
            }
            const left = [...contentOf(world.nodes[index]!).keys()].filter(text => !explained.has(text) && !world.leftovers.explains(index, text));
            if (left.length > 0 && !world.isLost(index) && world.sites[index]!.isOnFabric) {
                world.violate(this.name, `node ${index} still holds ${left[0]} after calm, which no item stands for any more`);
            }
        }
    }

    #checkItem(item: Item): void {
        const world = this.#world;
        const node = world.indexOf(item.node.nodeId);
        if (item.record!.owes === "nothing" && !world.isLost(node)) {
            if (item.record!.incarnation !== item.node.record!.incarnation) {
                world.violate(this.name, `${item.text} on node ${node} is committed, and was never read since the node was commissioned again`);
            }
            if (item.record!.mode === "maintain" && item.drifted && !item.held) {
                world.violate(this.name, `${item.text} on node ${node} is to be maintained, and drifted, but it is neither rewritten nor held`);
            }
        }
        if (item.record!.owes === "nothing") {
            const holds = deviceHolds(world.nodes[node]!, item.record!, id => world.manager!.machine.keySets.get(id as never), world.sites[node]!.absent);
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
