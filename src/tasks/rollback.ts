import type { Item } from "../core/item.js";
import type { MachineParts } from "../core/machine.js";
import type { ChangeSetEntry, NotRestored } from "../core/records.js";
import type { ChangeWriter } from "./change-writer.js";
import type { Awaited } from "./definition.js";
import type { Run } from "./run.js";
import type { RunTable } from "./run-table.js";

/** Undoes one phase of a run: all its entries at once, each node for itself. */
export class Rollback {
    constructor(
        private readonly machine: MachineParts,
        private readonly runs: RunTable,
        private readonly writer: ChangeWriter,
    ) {}

    /** Write back what is still to be written back, and say what to wait for. */
    undo(run: Run): Awaited[] {
        const { phase } = run.record!;
        const open = run.record!.changeSet.filter(entry => entry.phase === phase && entry.undo === "open");
        // Values first, so that what they need is referenced; then removals, what needs others before what it needs.
        const order = (entry: ChangeSetEntry) => (entry.prior === null ? (this.machine.context.kinds.get(entry.kind)?.removeOrder ?? 0) : -1);
        for (const entry of [...open].reverse().sort((a, b) => order(a) - order(b))) {
            this.#undo(run, entry);
        }
        return run.record!.changeSet
            .filter(entry => entry.phase === phase && entry.undo === "written" && this.#isOurs(entry))
            .map(entry => ({
                node: this.machine.nodes.byNumber(entry.node)!.nodeId,
                kind: entry.kind,
                key: entry.key,
                is: entry.prior === null ? "gone" : "committed",
            }));
    }

    /** Nobody has changed the item since it was written back. */
    #isOurs(entry: ChangeSetEntry): boolean {
        const item = this.runs.itemOf(entry);
        return item !== undefined && item.record!.generation === entry.generation;
    }

    #undo(run: Run, entry: ChangeSetEntry): void {
        const node = this.machine.nodes.byNumber(entry.node);
        if (node === undefined) {
            this.replace(run, entry, { ...entry, undo: "left" });
            return;
        }
        const item = this.runs.itemOf(entry);
        const movedOn = item === undefined ? entry.wants !== null : item.record!.generation !== entry.generation;
        if (item === undefined && entry.prior === null) {
            this.replace(run, entry, { ...entry, undo: "written" }); // nothing was there, and nothing is
        } else if (movedOn) {
            this.leave(run, entry, "changedSince");
        } else if (entry.prior === null) {
            this.#removeAgain(run, entry, item!);
        } else {
            this.#restore(run, entry, item);
        }
    }

    #removeAgain(run: Run, entry: ChangeSetEntry, item: Item): void {
        if (this.writer.isReferenced(run, item)) {
            this.leave(run, entry, "stillReferenced");
        } else {
            this.machine.fabric.removeIntent(item);
            this.replace(run, entry, { ...entry, wants: null, generation: item.record!.generation, undo: "written" });
        }
    }

    #restore(run: Run, entry: ChangeSetEntry, item: Item | undefined): void {
        const prior = entry.prior!;
        if (item !== undefined && this.writer.wantedByOthers(run, item)) {
            this.leave(run, entry, "stillReferenced");
            return;
        }
        const node = this.machine.nodes.byNumber(entry.node)!;
        const checked = this.machine.fabric.checkIntent(entry.kind, prior.intent);
        if (!checked.ok) {
            this.leave(run, entry, "changedSince");
            return;
        }
        const { kind, key, intent } = checked.value;
        const same = item !== undefined && !this.machine.fabric.isNews(item, kind, intent) && item.record!.mode === prior.mode;
        const restored = same ? item : this.machine.fabric.setIntent(node, kind, key, intent, prior.mode);
        this.replace(run, entry, { ...entry, wants: prior, generation: restored.record!.generation, undo: same ? "left" : "written" });
        this.runs.watch(run, restored);
    }

    /** Leave the entry as it is and report why. */
    leave(run: Run, entry: ChangeSetEntry, reason: NotRestored["reason"]): void {
        const node = this.machine.nodes.byNumber(entry.node)!.nodeId;
        const notRestored = [...run.record!.notRestored, { node, kind: entry.kind, key: entry.key, reason }];
        this.replace(run, entry, { ...entry, undo: "left" }, notRestored);
    }

    replace(run: Run, before: ChangeSetEntry, after: ChangeSetEntry, notRestored = run.record!.notRestored): void {
        const record = run.record!;
        this.machine.context.ledger.write(run, {
            ...record,
            notRestored,
            changeSet: record.changeSet.map(entry => (entry === before ? after : entry)),
        });
    }
}
