import { guarded, type Failure } from "../core/error.js";
import { identityText, nodeText } from "../core/identity.js";
import type { MachineParts } from "../core/machine.js";
import type { NodeState } from "../core/node-state.js";
import type { NotRestored, RunState } from "../core/records.js";
import { ChangeWriter } from "./change-writer.js";
import type { Phase } from "./definition.js";
import { Gates, type GateState } from "./gate.js";
import { Rollback } from "./rollback.js";
import type { Run } from "./run.js";
import type { RunTable } from "./run-table.js";
import { MachineView } from "./view.js";

/** Takes one run forward phase by phase, or backward, as far as it can go at this moment. */
export class RunDriver {
    readonly gates: Gates;
    readonly writer: ChangeWriter;
    readonly rollback: Rollback;

    constructor(
        private readonly machine: MachineParts,
        private readonly runs: RunTable,
        /** The run turned and must be looked at again. */
        private readonly onTurned: (run: Run) => void,
    ) {
        this.gates = new Gates(machine, runs);
        this.writer = new ChangeWriter(machine, runs);
        this.rollback = new Rollback(machine, runs, this.writer);
    }

    view(run: Run): MachineView {
        return new MachineView(this.machine, item => this.writer.wantedByOthers(run, item));
    }

    /** What was asked before now confirms nothing in the phase that begins. */
    enter(run: Run): void {
        run.enteredSequence = this.machine.context.requestSequence;
        run.asked.clear();
        run.isUnsettled = true;
    }

    /** Decide everything that can be decided about the run now. */
    drive(run: Run): void {
        const { state, direction } = run.record!;
        if (direction === "backward") {
            if (state === "running") {
                this.#backward(run);
            }
        } else if (run.definition !== null && run.blocked === null) {
            this.#forward(run);
        }
    }

    #forward(run: Run): void {
        const view = this.view(run);
        for (;;) {
            const phase = run.phases[run.record!.phase];
            if (phase === undefined) {
                this.settle(run, "completed");
                return;
            }
            const gate = this.#pass(run, phase, view);
            if (!gate.open) {
                if (gate.failure !== null) {
                    this.turnBackward(run, gate.failure);
                }
                return;
            }
            this.machine.context.ledger.write(run, { ...run.record!, phase: run.record!.phase + 1 });
            this.enter(run);
        }
    }

    /** Put into force what the phase wants, and look at its gate. */
    #pass(run: Run, phase: Phase, view: MachineView): GateState {
        const what = `phase "${phase.name}" of task "${run.record!.task}"`;
        const asked = guarded(what, () => ({
            selected: phase.selects?.(view) ?? [],
            unmet: phase.requires?.(view) ?? null,
            wanted: run.isUnsettled ? phase.changes(view) : [],
        }));
        if (!asked.ok) {
            return { open: false, failure: asked.error };
        }
        const { selected, unmet, wanted } = asked.value;
        this.runs.select(run, selected.map(identity => identityText(identity.kind, identity.key)));
        const refused = unmet ?? this.writer.write(run, wanted);
        if (refused !== null) {
            return { open: false, failure: refused };
        }
        run.isUnsettled = false;
        const until = guarded(what, () => phase.until(view).items);
        return until.ok ? this.gates.evaluate(run, until.value) : { open: false, failure: until.error };
    }

    /** Null while the run can be undone; else why not. A definition that throws here declines. */
    irreversible(run: Run): string | null {
        const asked = guarded(`task "${run.record!.task}"`, () => run.definition?.irreversible?.(run.record!.phase) ?? null);
        return asked.ok ? asked.value : asked.error.message;
    }

    /** Undo, phase by phase in reverse; past the point of no return there is nothing to undo. */
    turnBackward(run: Run, cause: Failure, cancelled = false): void {
        const record = run.record!;
        const irreversible = this.irreversible(run);
        this.gates.await(run, []);
        this.runs.select(run, []);
        if (irreversible !== null) {
            this.#failForGood(run, cause, irreversible);
            return;
        }
        this.machine.context.timers.set(run, Infinity);
        this.machine.context.ledger.write(run, { ...record, direction: "backward", cause, cancelled });
        this.enter(run);
        this.onTurned(run);
    }

    /** Past the point of no return nothing is undone: what was changed is listed. */
    #failForGood(run: Run, cause: Failure, irreversible: string): void {
        const record = run.record!;
        const left: NotRestored[] = record.changeSet.flatMap(entry => {
            const node = this.machine.nodes.byNumber(entry.node);
            return node === undefined ? [] : [{ node: node.nodeId, kind: entry.kind, key: entry.key, reason: "irreversible" as const }];
        });
        this.machine.context.ledger.write(run, {
            ...record,
            cause: { ...cause, message: `${cause.message} (not rolled back: ${irreversible})` },
            notRestored: [...record.notRestored, ...left],
        });
        this.settle(run, "failed");
    }

    #backward(run: Run): void {
        for (;;) {
            const gate = this.gates.evaluate(run, this.rollback.undo(run));
            if (!gate.open) {
                if (gate.failure !== null) {
                    this.machine.context.ledger.write(run, { ...run.record!, state: "stuck" });
                }
                return;
            }
            const record = run.record!;
            if (record.phase === 0) {
                this.settle(run, record.cancelled ? "cancelled" : "failed");
                return;
            }
            this.machine.context.ledger.write(run, { ...record, phase: record.phase - 1 });
            this.enter(run);
        }
    }

    /** One batch: the outcome, nothing left to undo with, and nothing secret kept. Slots are free when it is durable. */
    settle(run: Run, state: RunState): void {
        const { context } = this.machine;
        if (state === "completed") {
            this.#bequeath(run);
        }
        context.timers.set(run, Infinity);
        context.ledger.write(run, {
            ...run.record!,
            state,
            params: null,
            drawn: null,
            changeSet: [],
            settledAtMs: context.wallMs,
            settledOrder: context.numbers.draw(context.ledger),
        });
        this.gates.await(run, []);
        this.runs.settled(run);
        for (const old of this.runs.surplus(context.wallMs)) {
            this.runs.delete(old);
            context.ledger.write(old, null);
        }
    }

    /** What a completed run wanted is legitimate now: runs that share an item must not undo it. */
    #bequeath(run: Run): void {
        for (const entry of run.record!.changeSet) {
            const item = this.runs.itemOf(entry);
            if (item === undefined || entry.wants === null) {
                continue;
            }
            for (const other of this.runs.occupants(item.node.id, item.text)) {
                const theirs = other === run || !other.isLive ? undefined : other.record!.changeSet.find(candidate => this.runs.itemOf(candidate) === item);
                if (theirs !== undefined && theirs.undo === "open" && theirs.generation === entry.generation) {
                    this.rollback.replace(other, theirs, { ...theirs, prior: entry.wants });
                }
            }
        }
    }

    /** A node that the run names, or has changed, left the fabric. */
    nodeLeft(run: Run, node: NodeState): void {
        const record = run.record!;
        const left = record.changeSet.filter(entry => entry.node === node.id);
        const gone: NotRestored[] =
            record.direction === "backward"
                ? left.filter(({ undo }) => undo !== "left").map(({ kind, key }) => ({ node: node.nodeId, kind, key, reason: "nodeGone" as const }))
                : [];
        for (const entry of left) {
            this.runs.dropEntry(run, entry);
        }
        this.machine.context.ledger.write(run, {
            ...record,
            changeSet: record.changeSet.filter(entry => entry.node !== node.id),
            notRestored: [...record.notRestored, ...gone],
        });
        const shrinks = run.definition?.whenNodeLeaves === "shrink" || !record.nodes.includes(node.nodeId);
        if (record.direction === "forward" && !shrinks) {
            this.turnBackward(run, { code: "NODE_GONE", message: `node ${nodeText(node.nodeId)} left the fabric` });
        }
        this.onTurned(run);
    }
}
