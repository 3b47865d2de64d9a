import { lockHolder } from "./node-lock.js";
import type { NodeState } from "./node-state.js";
import { blocker } from "./plan.js";

/**
 * The monotonic time at which a lane without a pass looks at its node again without being asked; Infinity: not before something happens. Costs a look at
 * everything owed.
 */
export function nextLookMs(node: NodeState, nowMs: number): number {
    const holder = lockHolder(node, nowMs);
    if (holder !== null) {
        // Whatever else there is to do waits for it, or for the end of its lock.
        const canGoOn = node.owed.has(holder) && blocker(holder) === null;
        const nextMs = canGoOn ? Math.max(holder.eligibleAtMs, node.retryAtMs, nowMs) : Infinity;
        return Math.min(nextMs, node.lock!.untilMs);
    }
    let due = node.next.isAwaited ? node.retryAtMs : Infinity;
    for (const item of node.owed) {
        const at = item.eligibleAtMs;
        if (at < due && item.definition !== null && (at > nowMs || blocker(item) === null)) {
            due = Math.max(at, node.retryAtMs);
        }
    }
    for (const item of node.reread) {
        due = Math.min(due, Math.max(item.rereadAtMs, node.retryAtMs));
    }
    if (node.unwatched.size > 0) {
        due = Math.min(due, Math.max(node.maintainAtMs, node.retryAtMs));
    }
    return due === Infinity ? Infinity : Math.max(due, nowMs);
}
