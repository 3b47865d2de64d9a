import type { Item } from "./item.js";
import type { NodeState } from "./node-state.js";

/**
 * Which item has a node to itself: one whose operation brought it into a state in which nothing else may be written there, and was not seen to end
 * that state (see `Kind.locksNodeMs`). Volatile; the loader assumes the worst.
 */
export interface NodeLock {
    readonly item: Item;
    /** Monotonic time at which that state is over by itself. */
    readonly untilMs: number;
}

/** The item's operation writes, or may have written before this process began: the node is its own, if it is of such a kind. */
export function lockNode(item: Item, nowMs: number): void {
    const locksNodeMs = item.definition?.locksNodeMs;
    if (locksNodeMs !== undefined) {
        item.node.lock = { item, untilMs: nowMs + locksNodeMs };
    }
}

/** The node is for everybody again, if it was this item's. */
export function unlockNode(item: Item): void {
    if (item.node.lock?.item === item) {
        item.node.lock = null;
    }
}

/** The item that has the node to itself; null: none has. */
export function lockHolder(node: NodeState, nowMs: number): Item | null {
    if (node.lock !== null && nowMs >= node.lock.untilMs) {
        node.lock = null;
    }
    return node.lock === null ? null : node.lock.item;
}

/** Only others may act on the node now. */
export function isLockedOut(item: Item, nowMs: number): boolean {
    const holder = lockHolder(item.node, nowMs);
    return holder !== null && holder !== item;
}
