import type { Failure } from "../core/error.js";
import { nodeText } from "../core/identity.js";
import type { Item } from "../core/item.js";
import type { Kind } from "../core/kind.js";
import type { MachineParts } from "../core/machine.js";
import type { NodeState } from "../core/node-state.js";
import type { ChangeSetEntry } from "../core/records.js";
import { occupied } from "./admission.js";
import type { Wanted } from "./definition.js";
import type { Run } from "./run.js";
import type { RunTable } from "./run-table.js";

/** Writes what a run wants into desired state, and into its change set how to undo it, in one batch. */
export class ChangeWriter {
    constructor(
        private readonly machine: MachineParts,
        private readonly runs: RunTable,
    ) {}

    /** Make all of it wanted. A failure is a conflict; what was written before it is in the change set. */
    write(run: Run, wanted: readonly Wanted[]): Failure | null {
        for (const change of wanted) {
            const node = this.machine.nodes.require(change.node);
            const conflict = !node.ok
                ? node.error
                : change.op === "set"
                  ? this.#set(run, node.value, change)
                  : this.#remove(run, node.value, change);
            if (conflict !== null) {
                return conflict;
            }
        }
        return null;
    }

    #set(run: Run, node: NodeState, change: Extract<Wanted, { op: "set" }>): Failure | null {
        const { fabric, items } = this.machine;
        const checked = fabric.checkIntent(change.kind, change.intent);
        if (!checked.ok) {
            return checked.error;
        }
        const { kind, key, intent } = checked.value;
        const leaving = this.#leavingNeed(node, kind, intent);
        if (leaving !== null) {
            return leaving;
        }
        const mode = change.mode ?? "converge";
        const item = items.get(node, kind.name, key);
        const entry = item === undefined ? undefined : this.#entryOf(run, item);
        if (item !== undefined) {
            if (entry !== undefined && isInForce(entry, item, kind, intent)) {
                return null;
            }
            const other = this.#otherWant(run, item, kind, intent);
            if (other !== null) {
                return other;
            }
        }
        const prior = entry !== undefined ? entry.prior : this.#priorOf(item);
        const equal = item !== undefined && item.record!.owes !== "remove" && kind.equal(item.record!.intent, intent);
        const settled = equal && (entry !== undefined || !fabric.isNews(item, kind, intent));
        const written = settled ? item : fabric.setIntent(node, kind, key, intent, mode);
        this.#record(run, written, { prior, wants: { intent, mode } });
        return null;
    }

    /** What is being removed cannot be relied on. */
    #leavingNeed(node: NodeState, kind: Kind, intent: object): Failure | null {
        for (const need of kind.dependsOn(intent)) {
            const needed = this.machine.items.get(node, need.kind, need.key);
            if (needed?.record!.owes === "remove") {
                return {
                    code: "DEPENDENCY_LEAVING",
                    message: `${needed.text} on node ${nodeText(node.nodeId)}, which ${kind.name} needs, is being removed: run the task again when it is gone`,
                    details: { node: nodeText(node.nodeId), item: needed.text },
                };
            }
        }
        return null;
    }

    #remove(run: Run, node: NodeState, change: Extract<Wanted, { op: "remove" }>): Failure | null {
        const item = this.machine.items.get(node, change.kind, change.key);
        if (item === undefined || this.isReferenced(run, item)) {
            return null;
        }
        const entry = this.#entryOf(run, item);
        if (item.record!.owes === "remove" && (entry === undefined || entry.generation === item.record!.generation)) {
            return null; // leaving already
        }
        for (const other of this.#others(run, item)) {
            if (other.entry.wants !== null) {
                return occupied(other.run.id, item.text, node.nodeId);
            }
        }
        const prior = entry !== undefined ? entry.prior : this.#priorOf(item);
        this.machine.fabric.removeIntent(item);
        this.#record(run, item, { prior, wants: null });
        return null;
    }

    /** Something other than this run wants the item's existence. */
    isReferenced(run: Run, item: Item): boolean {
        for (const _ of this.machine.items.referencesTo(item)) {
            return true;
        }
        return this.runs.needing(item).some(other => other !== run) || this.wantedByOthers(run, item);
    }

    wantedByOthers(run: Run, item: Item): boolean {
        return this.#others(run, item).some(({ run: other, entry }) =>
            other.record!.direction === "backward" ? entry.prior !== null : entry.wants !== null,
        );
    }

    /** What was wanted before any live run touched the item: the first one knows. */
    #priorOf(item: Item | undefined): ChangeSetEntry["prior"] {
        if (item === undefined) {
            return null;
        }
        for (const run of this.runs.occupants(item.node.id, item.text)) {
            const entry = this.#entryOf(run, item);
            if (entry !== undefined) {
                return entry.prior;
            }
        }
        const { owes, intent, mode } = item.record!;
        return owes === "remove" ? null : { intent, mode };
    }

    #otherWant(run: Run, item: Item, kind: Kind, intent: object): Failure | null {
        for (const { run: other, entry } of this.#others(run, item)) {
            if (entry.wants === null || !kind.equal(entry.wants.intent, intent)) {
                return occupied(other.id, item.text, item.node.nodeId);
            }
        }
        return null;
    }

    /** Entries of other live runs on the same item, without those that rollback has done with. */
    #others(run: Run, item: Item): { run: Run; entry: ChangeSetEntry }[] {
        const others: { run: Run; entry: ChangeSetEntry }[] = [];
        for (const other of this.runs.occupants(item.node.id, item.text)) {
            const entry = other === run || !other.isLive ? undefined : this.#entryOf(other, item);
            if (entry !== undefined && entry.undo !== "left") {
                others.push({ run: other, entry });
            }
        }
        return others;
    }

    #entryOf(run: Run, item: Item): ChangeSetEntry | undefined {
        return run.record!.changeSet.find(
            entry => entry.node === item.node.id && entry.kind === item.kindName && sameKey(entry, item),
        );
    }

    #record(run: Run, item: Item, side: { prior: ChangeSetEntry["prior"]; wants: ChangeSetEntry["wants"] }): void {
        const record = run.record!;
        const before = this.#entryOf(run, item);
        const entry: ChangeSetEntry = {
            node: item.node.id,
            kind: item.kindName,
            key: item.key,
            phase: before?.phase ?? record.phase,
            ...side,
            generation: item.record!.generation,
            undo: "open",
        };
        const changeSet =
            before === undefined ? [...record.changeSet, entry] : record.changeSet.map(other => (other === before ? entry : other));
        this.machine.context.ledger.write(run, { ...record, changeSet });
        this.runs.addEntry(run, entry);
        this.#reserve(run, item, side.prior?.intent);
    }

    /** What a run removes or replaces stays reserved for it: rollback must find its place again. */
    #reserve(run: Run, item: Item, intent: object | undefined): void {
        const capacity = item.definition?.capacity;
        if (capacity !== undefined && intent !== undefined) {
            const use = item.node.capacity.of(capacity.table);
            const row = capacity.rowOf(intent);
            use.reserve(row);
            run.reserved.push({ use, row });
        }
    }
}

/** The entry's want is the item's intent, and nobody changed it since. */
function isInForce(entry: ChangeSetEntry, item: Item, kind: Kind, intent: object): boolean {
    return entry.generation === item.record!.generation && entry.wants !== null && kind.equal(entry.wants.intent, intent);
}

function sameKey(entry: ChangeSetEntry, item: Item): boolean {
    return entry.key.length === item.key.length && entry.key.every((part, i) => part === item.key[i]);
}

