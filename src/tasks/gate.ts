import type { Failure } from "../core/error.js";
import { identityText, nodeText } from "../core/identity.js";
import { describeItem, type Item } from "../core/item.js";
import type { MachineParts } from "../core/machine.js";
import { blocker } from "../core/plan.js";
import type { Awaited } from "./definition.js";
import type { Run } from "./run.js";
import type { RunTable } from "./run-table.js";

/** What a gate comes to: through, not yet, or never. */
export type GateState = { readonly open: true } | { readonly open: false; readonly failure: Failure | null };

/** An awaited item's own state. */
export type AwaitedState = "confirmed" | "waiting" | { readonly failure: Failure };

/** Looks at what runs wait for, and has lanes verify what is committed but not confirmed within the phase. */
export class Gates {
    constructor(
        private readonly machine: MachineParts,
        private readonly runs: RunTable,
    ) {}

    evaluate(run: Run, awaited: readonly Awaited[]): GateState {
        let open = true;
        const items: Item[] = [];
        for (const await_ of awaited) {
            const state = this.stateOf(run, await_);
            if (typeof state === "object") {
                return { open: false, failure: state.failure };
            }
            if (state === "waiting") {
                open = false;
                const item = this.find(await_);
                if (item !== undefined) {
                    items.push(item);
                    this.#ask(run, item);
                }
            }
        }
        this.await(run, items);
        return open ? { open } : { open, failure: null };
    }

    stateOf(run: Run, awaited: Awaited): AwaitedState {
        const item = this.find(awaited);
        if (awaited.is === "gone") {
            return item === undefined ? "confirmed" : item.record!.owes === "remove" ? this.#owed(item) : "waiting";
        }
        if (item === undefined) {
            const hasNode = this.machine.nodes.get(awaited.node) !== undefined;
            const what = `${identityText(awaited.kind, awaited.key)} on node ${nodeText(awaited.node)}`;
            return {
                failure: hasNode
                    ? { code: "ITEM_GONE", message: `${what} was removed while the run waited for it: run the task again if it is still wanted` }
                    : { code: "NODE_GONE", message: `${what} is gone, because the node left the fabric` },
            };
        }
        return item.record!.state === "committed" ? this.#committed(run, item) : this.#owed(item);
    }

    find(awaited: Awaited): Item | undefined {
        return this.machine.nodes.get(awaited.node)?.items.get(identityText(awaited.kind, awaited.key));
    }

    /** Be told of changes of these items, and have failed reads of them repeated. */
    await(run: Run, items: readonly Item[]): void {
        const before = run.awaited;
        run.awaited = items;
        for (const item of items) {
            if (!before.includes(item)) {
                item.awaitedBy++;
                this.runs.watch(run, item);
            }
        }
        for (const item of before) {
            if (!items.includes(item)) {
                item.awaitedBy--;
                this.runs.unwatch(run, item);
            }
        }
    }

    /** Confirmed: by an answer to a request made since the phase began, for the present generation, and no drift seen since. */
    #committed(run: Run, item: Item): AwaitedState {
        if (item.held) {
            return {
                failure: {
                    code: "ITEM_HELD",
                    message: `${describeItem(item)} keeps being changed by somebody else and is no longer rewritten: retry the item, change its intent, or remove it`,
                },
            };
        }
        const confirmed =
            !item.drifted && item.confirmedGeneration === item.record!.generation && item.confirmedSequence > run.enteredSequence;
        return confirmed ? "confirmed" : "waiting";
    }

    /** It fails when the item, or what it waits for, failed for good: nothing will happen by itself. */
    #owed(item: Item): AwaitedState {
        const failed = failedForGood(item);
        if (failed === null) {
            return "waiting";
        }
        const { message, code } = failed.record!.failure!;
        const waits = failed === item ? "" : `, and ${item.text} waits for it`;
        return {
            failure: {
                code: "ITEM_FAILED",
                message: `${describeItem(failed)} failed for good (${message})${waits}: remove the cause, then retry the item or run the task again`,
                details: { node: nodeText(failed.node.nodeId), item: failed.text, status: code ?? null },
            },
        };
    }

    #ask(run: Run, item: Item): void {
        if (item.record!.state !== "committed") {
            return;
        }
        if (item.drifted) {
            run.asked.delete(item);
        }
        if (!run.asked.has(item)) {
            run.asked.add(item);
            item.node.next.addVerify(item);
            item.node.next.addRewrite(item);
            this.machine.lanes.want(item.node);
        }
    }
}

/** The item, or the one that it waits for in the end, that will not be tried again by itself; null: all of them will. */
function failedForGood(item: Item): Item | null {
    let next: Item | null = item;
    for (const seen = new Set<Item>(); next !== null && !seen.has(next); next = blocker(next)) {
        seen.add(next);
        if (next.record!.failure !== null && next.eligibleAtMs === Infinity && next.definition !== null) {
            return next;
        }
    }
    return null;
}
