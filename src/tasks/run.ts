import type { Item } from "../core/item.js";
import type { ChangeSetEntry, RunRecord, RunState } from "../core/records.js";
import { Row } from "../core/row.js";
import type { TableUse } from "../core/capacity.js";
import type { Timed } from "../core/timers.js";
import type { Phase, TaskDefinition } from "./definition.js";

/** What a run needs of the runtime that owns it. */
export interface RunOwner {
    runDue(run: Run): void;
    runTakenBack(run: Run): void;
    runLanded(run: Run, before: RunRecord | null): void;
}

const settledStates: ReadonlySet<RunState> = new Set(["completed", "failed", "cancelled", "abandoned"]);

/** Settled is final. */
export function isSettled(state: RunState): boolean {
    return settledStates.has(state);
}

/**
 * Intents under an entry that its run wants, or may have to restore: others must not take away what they depend on. A run on its way
 * back wants only what was there before, and nothing of what it has left.
 */
export function claimedBy({ direction }: RunRecord, { wants, prior, undo }: ChangeSetEntry): readonly object[] {
    if (direction === "backward") {
        return undo === "left" || prior === null ? [] : [prior.intent];
    }
    return [wants, prior].flatMap(side => (side === null ? [] : [side.intent]));
}

/** One run: its durable record and what this process knows about it. */
export class Run extends Row<RunRecord> implements Timed {
    dueMs = Infinity;
    heapIndex = -1;
    readonly timerOrder: number;

    /** The definition with the run's parameters bound; null until its type is registered. */
    definition: TaskDefinition | null = null;
    phases: readonly Phase[] = [];
    /** Why the stored parameters cannot be used. */
    blocked: string | null = null;
    /** What the run holds of the run table's indexes. */
    readonly held: { slots: readonly string[]; entries: ChangeSetEntry[]; needs: string[]; requestId: string | null } = {
        slots: [],
        entries: [],
        needs: [],
        requestId: null,
    };
    /** Queued for a decision. */
    queued = false;
    /** What the phase wants may not be in force: it began, what it selects changed, or somebody changed an item. */
    isUnsettled = true;
    /** Requests up to this one were made before the phase began: their answers confirm nothing. */
    enteredSequence = 0;
    /** Items that the present gate waits for. */
    awaited: readonly Item[] = [];
    /** Items that lanes were asked to verify for the present gate. */
    readonly asked = new Set<Item>();
    /** Rows of device tables that the run holds. */
    reserved: { readonly use: TableUse; readonly row: number }[] = [];
    /** Identities selected by the present phase. */
    selected: readonly string[] = [];

    constructor(
        readonly owner: RunOwner,
        id: number,
        record: RunRecord | null,
    ) {
        super("run", id, record);
        this.timerOrder = id;
    }

    get isLive(): boolean {
        return this.record !== null && !isSettled(this.record.state);
    }

    due(): void {
        this.owner.runDue(this);
    }

    isProgress(): boolean {
        return false;
    }

    takenBack(): void {
        this.owner.runTakenBack(this);
    }

    landed(before: RunRecord | null): void {
        this.owner.runLanded(this, before);
    }
}
