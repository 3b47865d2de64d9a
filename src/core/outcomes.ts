import type { Context } from "./context.js";
import { MIXED_LATE, NOTHING_LATE, type Item } from "./item.js";
import { samePath, type AttributePath } from "./device.js";
import type { Items } from "./items.js";
import type { CapacityTable, OperationResult, VerifyResult } from "./kind.js";
import type { NodeState } from "./node-state.js";
import type { OperationFailure } from "./outcome.js";
import type { Pass, Running } from "./pass.js";
import { decideDrift } from "./plan.js";
import { Status } from "./status.js";

/** Records what operations on devices came to. Called only for the item's present generation. */
export class Outcomes {
    constructor(
        private readonly context: Context,
        private readonly items: Items,
    ) {}

    /** A mutating request of this generation went unanswered: it may take effect until the window is over. */
    unanswered(item: Item, generation: number): void {
        const { monoMs, timing } = this.context;
        const alone = monoMs >= item.lateUntilMs || item.lateGeneration === NOTHING_LATE || item.lateGeneration === generation;
        item.lateGeneration = alone ? generation : MIXED_LATE;
        item.mayBeWritten(monoMs + timing.lateEffectMs);
    }

    acted(pass: Pass, running: Running, result: OperationResult): void {
        const item = running.item!;
        if (running.purpose === "remove") {
            if (result.done) {
                this.#removed(pass, item, result);
            } else if (result.failure.class === "notApplicable") {
                this.#removed(pass, item, null);
            } else {
                this.#refused(pass, running, item, result.failure);
            }
            return;
        }
        if (result.done) {
            this.#applied(pass, running, item, result.rows);
        } else {
            this.#refused(pass, running, item, result.failure);
        }
    }

    verified(pass: Pass, running: Running, result: VerifyResult): void {
        const item = running.item!;
        if (result.holds === null) {
            (pass.unread ??= []).push({ item: { kind: item.kindName, key: item.key }, failure: result.failure });
            this.#unread(item);
            return;
        }
        pass.verified++;
        item.readFailures = 0;
        if (!result.holds) {
            this.#differs(pass, item);
            return;
        }
        this.#confirm(item, running);
        if (item.record!.owes === "apply") {
            this.#commit(item);
            pass.progressed = true;
            return;
        }
        if (item.drifted) {
            this.#clearDrift(item);
            this.#present(item);
        }
        this.#seen(item);
        if (item.record!.incarnation !== item.node.record!.incarnation) {
            this.items.write(item, { ...item.record!, incarnation: item.node.record!.incarnation });
        } else {
            this.context.itemChanged(item);
        }
    }

    /** Nothing was sent: what is known of the node rules the request out. */
    refuseLocally(pass: Pass, item: Item, failure: OperationFailure): void {
        this.#fail(pass, item, failure);
    }

    #refused(pass: Pass, running: Running, item: Item, failure: OperationFailure): void {
        if (running.hasWritten && failure.code === Status.RESOURCE_EXHAUSTED && item.definition!.capacity !== undefined) {
            item.node.next.capacity = true; // our picture of the table was wrong
        }
        this.#fail(pass, item, failure);
    }

    #fail(pass: Pass, item: Item, failure: OperationFailure): void {
        const { timing, wallMs, monoMs } = this.context;
        const record = item.record!;
        pass.failed++;
        const attempts = (record.failure?.attempts ?? 0) + 1;
        let retryAtMs: number | undefined;
        if (failure.class === "transient") {
            const delayMs = this.context.backoff(timing.itemBackoffMinMs, timing.itemBackoffMaxMs, attempts - 1);
            item.eligibleAtMs = monoMs + delayMs;
            retryAtMs = wallMs + delayMs;
        } else {
            item.eligibleAtMs = Infinity;
            if (lacksWhatItNeeds(failure) && attempts <= LOOKS_AT_NEEDS) {
                this.#lookAtNeeds(item);
            }
        }
        this.items.write(item, {
            ...record,
            state: "commitFailed",
            owes: record.owes === "remove" ? "remove" : "apply",
            changedAtMs: wallMs,
            failure: { ...failure, attempts, ...(retryAtMs === undefined ? {} : { retryAtMs }) },
        });
    }

    /** The node says that what the item needs is not there: what is recorded of that is out of date, and perhaps nothing tells of it. */
    #lookAtNeeds(item: Item): void {
        for (const need of item.needs) {
            const needed = item.node.items.get(need);
            if (needed !== undefined) {
                item.node.next.addVerify(needed);
                item.node.next.wanted = true;
            }
        }
    }

    /** The node told that this changed: a table that something was refused room in is read again. */
    reported(node: NodeState, path: AttributePath): void {
        for (const item of node.owed) {
            const isShort = item.record!.failure?.code === Status.RESOURCE_EXHAUSTED;
            if (isShort && item.definition?.capacity?.table.watch?.some(watched => samePath(watched, path))) {
                node.next.capacity = true;
                node.next.wanted = true;
            }
        }
    }

    /** There may be room now: what was refused for want of it may try again. */
    roomMade(node: NodeState, table: CapacityTable): void {
        for (const item of node.owed) {
            if (item.record!.failure?.code === Status.RESOURCE_EXHAUSTED && item.definition?.capacity?.table === table) {
                this.revive(item);
            }
        }
    }

    /** What refused the item has changed. */
    revive(item: Item): void {
        if (item.eligibleAtMs === Infinity) {
            item.eligibleAtMs = 0;
            item.node.next.wanted = true;
        }
    }

    releaseHold(item: Item): void {
        item.rewritesUntilMs = null;
        if (item.held) {
            item.held = false;
            this.#driftCleared(item);
        }
    }

    #applied(pass: Pass, running: Running, item: Item, rows: readonly number[] | undefined): void {
        pass.applied++;
        pass.progressed = true;
        this.#confirm(item, running);
        const capacity = item.definition!.capacity;
        if (capacity !== undefined) {
            const use = item.node.capacity.of(capacity.table);
            if (rows === undefined) {
                use.added(capacity.rowOf(item.record!.intent));
            } else if (use.rewritten(rows)) {
                this.roomMade(item.node, capacity.table);
            }
        }
        if (item.record!.owes === "nothing") {
            this.#clearDrift(item);
            this.#present(item);
            this.context.itemChanged(item);
        } else {
            this.#commit(item);
        }
    }

    #commit(item: Item): void {
        if (this.#mustWait(item) || this.#mustWaitForOthers(item)) {
            item.deferred = true;
            return;
        }
        item.deferred = false;
        this.#clearDrift(item);
        this.items.write(item, {
            ...item.record!,
            state: "committed",
            owes: "nothing",
            replaced: false,
            incarnation: item.node.record!.incarnation,
            changedAtMs: this.context.wallMs,
            failure: null,
        });
        this.#present(item);
    }

    /** The node holds it, perhaps again: what had no place without it may try again. */
    #present(item: Item): void {
        for (const dependent of item.node.dependents.get(item.text) ?? []) {
            if (dependent.record!.failure?.class === "notApplicable") {
                this.revive(dependent);
            }
        }
    }

    /** It was there all the time, or is so by somebody else: what was refused for want of it, and not of an endpoint, may try again. */
    #seen(item: Item): void {
        for (const dependent of item.node.dependents.get(item.text) ?? []) {
            const { failure } = dependent.record!;
            if (failure !== null && lacksWhatItNeeds(failure)) {
                this.revive(dependent);
            }
        }
    }

    /** @param result null: the node has no place for it now; a tombstone remembers it */
    #removed(pass: Pass, item: Item, result: Extract<OperationResult, { done: true }> | null): void {
        if (this.#mustWait(item)) {
            return;
        }
        pass.removed++;
        pass.progressed = true;
        const { node, definition } = item;
        const { intent } = item.record!;
        const isWithdrawn = result?.withdrawn === true;
        this.items.end(item, isWithdrawn ? "withdrawn" : "done", { leaves: result === null ? "value" : "nothing", remains: result?.remains ?? null });
        const capacity = definition!.capacity;
        if (capacity !== undefined && !isWithdrawn) {
            const use = node.capacity.of(capacity.table);
            const row = capacity.rowOf(intent);
            if (result?.rows !== undefined ? use.rewritten(result.rows) : !use.hasItem(row) && use.removed(row)) {
                this.roomMade(node, capacity.table);
            }
        }
    }

    /** Requests for something else may still take effect: record nothing before that window is over. */
    #mustWait(item: Item): boolean {
        if (!item.isLate(this.context.monoMs)) {
            if (this.context.monoMs >= item.lateUntilMs) {
                item.lateGeneration = NOTHING_LATE;
            }
            return false;
        }
        item.eligibleAtMs = item.lateUntilMs;
        return true;
    }

    /** A late request of another item could undo what this one found. */
    #mustWaitForOthers(item: Item): boolean {
        const untilMs = item.othersLateUntilMs;
        if (untilMs <= this.context.monoMs) {
            return false;
        }
        item.eligibleAtMs = untilMs;
        return true;
    }

    #confirm(item: Item, running: Running): void {
        item.confirmedSequence = running.firstSequence;
        item.confirmedGeneration = running.generation;
    }

    #differs(pass: Pass, item: Item): void {
        const record = item.record!;
        if (record.owes === "apply") {
            item.deferred = false; // a late request undid it: apply again, in this pass
            return;
        }
        pass.drifted++;
        item.confirmedSequence = 0;
        if (record.incarnation !== item.node.record!.incarnation) {
            this.#reopen(item);
            return;
        }
        const decision = decideDrift(item, pass.request, this.#budgetLeft(item));
        if (decision === "rewrite" || decision === "rewriteWithinBudget") {
            if (decision === "rewriteWithinBudget") {
                (item.rewritesUntilMs ??= []).push(this.context.monoMs + this.context.timing.driftWindowMs);
            }
            if (item.definition!.locksNodeMs !== undefined) {
                this.#reopen(item); // a crash in the middle must leave it owed: its next try ends the lock
                return;
            }
            item.drifted = true;
            (pass.toRewrite ??= new Set()).add(item);
            this.context.itemChanged(item);
            return;
        }
        this.#recordDrift(item, decision === "hold");
    }

    /** A committed item owes its apply again. */
    #reopen(item: Item): void {
        this.items.write(item, { ...item.record!, state: "pending", owes: "apply", replaced: true, changedAtMs: this.context.wallMs });
    }

    #recordDrift(item: Item, hold: boolean): void {
        if (item.drifted && item.held === (item.held || hold)) {
            return;
        }
        item.drifted = true;
        item.held ||= hold;
        this.context.event({ type: "itemDrifted", node: item.node.nodeId, kind: item.kindName, key: item.key, held: item.held });
        this.context.itemChanged(item);
    }

    #clearDrift(item: Item): void {
        if (item.drifted) {
            item.drifted = false;
            this.#driftCleared(item);
        }
    }

    #driftCleared(item: Item): void {
        this.context.event({ type: "itemDriftCleared", node: item.node.nodeId, kind: item.kindName, key: item.key });
    }

    #unread(item: Item): void {
        const { timing, monoMs } = this.context;
        const again = monoMs + this.context.backoff(timing.itemBackoffMinMs, timing.itemBackoffMaxMs, item.readFailures++);
        if (item.record!.owes === "apply") {
            item.eligibleAtMs = again; // applied and deferred: still to be verified
        } else if (item.awaitedBy > 0) {
            item.rereadAtMs = again;
            item.node.reread.add(item);
        }
    }

    #budgetLeft(item: Item): boolean {
        const { monoMs, timing } = this.context;
        const spent = (item.rewritesUntilMs ?? []).filter(untilMs => untilMs > monoMs);
        item.rewritesUntilMs = spent.length > 0 ? spent : null;
        return spent.length < timing.driftBudget;
    }
}

/** So often a refusal for want of what an item needs makes that be read; a node that refuses all the same has other reasons. */
const LOOKS_AT_NEEDS = 2;

/** Refused for want of another item on the node, not of an endpoint (AddGroup without the group's key, see the kind). */
function lacksWhatItNeeds({ class: failureClass, code }: OperationFailure): boolean {
    return failureClass === "notApplicable" && code === Status.UNSUPPORTED_ACCESS;
}
