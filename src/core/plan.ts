import type { Item } from "./item.js";
import type { PassRequest } from "./pass-request.js";

/**
 * The pure decisions of the reconciler.
 *
 * What is owed:
 * - the kind is not registered, or the failure is terminal or not applicable: `keep`, until something about that changes;
 * - a transient failure before its retry time, or a verify that waits for late requests: `keep`, until that time;
 * - something it depends on is not there yet (for a removal: something that depends on it is not gone yet): `wait`;
 * - else the owed operation. An item that was applied but could not be recorded is verified first.
 */
export type Decision = "apply" | "remove" | "verify" | "wait" | "keep";

export function decide(item: Item, nowMs: number): Decision {
    const record = item.record;
    if (record === null || record.owes === "nothing" || item.definition === null || item.eligibleAtMs > nowMs) {
        return "keep";
    }
    if (blocker(item) !== null) {
        return "wait";
    }
    if (record.owes === "remove") {
        return "remove";
    }
    return item.deferred ? "verify" : "apply";
}

/** The item that this one waits for, or null. Only managed items block: what nobody manages is the device's to judge. */
export function blocker(item: Item): Item | null {
    const { node, definition, record } = item;
    if (record === null || definition === null) {
        return null;
    }
    if (record.owes === "remove") {
        const dependents = node.dependents.get(item.text);
        return dependents === undefined ? null : dependents[0]!;
    }
    for (const need of item.needs) {
        const needed = node.items.get(need);
        if (needed !== undefined && !needed.isCommitted) {
            return needed;
        }
    }
    return null;
}

/** Applies in apply order, then removals in removal order; equal orders by age. Sorted so that the first is last. */
export function sortForAction(items: Item[]): Item[] {
    return items.sort((a, b) => rank(b) - rank(a) || b.id - a.id);
}

const REMOVALS_AFTER = 1_000_000;

function rank(item: Item): number {
    const kind = item.definition!;
    return item.record!.owes === "remove" ? REMOVALS_AFTER + kind.removeOrder : kind.applyOrder;
}

/** Somebody asked for it or, still, its mode does: that can change between the read and the write. */
export function isRewriteWanted(item: Item, request: PassRequest): boolean {
    return request.rewriteAll || request.rewrite.has(item) || item.record!.mode === "maintain";
}

/** What becomes of a committed item that a live read found different. */
export type DriftDecision = "rewrite" | "rewriteWithinBudget" | "record" | "hold";

export function decideDrift(item: Item, request: PassRequest, budgetLeft: boolean): DriftDecision {
    if (request.rewriteAll || request.rewrite.has(item)) {
        return "rewrite";
    }
    if (item.record!.mode === "maintain") {
        return !item.held && budgetLeft ? "rewriteWithinBudget" : "hold";
    }
    return "record";
}
