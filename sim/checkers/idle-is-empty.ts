import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/**
 * S16: settled and idle leaves no timer, lane, request or observer behind. But where something is maintained that attribute reports do not cover, the node's
 * timer for the next look at it stays.
 */
export class IdleIsEmpty implements Checker {
    readonly name = "S16";
    readonly claim = "settled and idle leaves no timer, lane, request or observer behind";
    #world!: World;

    begin(world: World): void {
        this.#world = world;
    }

    ended(): void {
        const { manager, script, caller } = this.#world;
        if (manager === null || script.lostNode >= 0) {
            return; // a node that never returns is tried again for ever
        }
        const { context, lanes, nodes, items } = manager.machine;
        if (caller.unanswered > 0) {
            this.#world.violate(this.name, `${caller.unanswered} command(s) were never answered`);
        }
        const looks = [...nodes.all()].filter(node => node.unwatched.size > 0 && node.dueMs !== Infinity && node.dueMs === node.maintainAtMs).length;
        const timers = context.timers.size - looks;
        if (timers > 0 || lanes.outstanding > 0) {
            this.#world.violate(this.name, `${timers} timer(s) and ${lanes.outstanding} request(s) are left although nothing is owed`);
        }
        for (const node of nodes.all()) {
            if (node.pass !== null || node.next.isAwaited) {
                this.#world.violate(this.name, `node ${node.nodeId} still has a pass, or one that is waited for`);
            }
        }
        const live = new Set([...manager.tasks.runs.all()].filter(run => run.isLive));
        for (const item of items.all()) {
            if (manager.tasks.runs.interestedIn(item).some(run => !live.has(run)) || (live.size === 0 && item.awaitedBy !== 0)) {
                this.#world.violate(this.name, `${item.text} is still watched by a run that is settled`);
            }
        }
    }
}
