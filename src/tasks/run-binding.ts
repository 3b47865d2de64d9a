import { guarded } from "../core/error.js";
import type { MachineParts } from "../core/machine.js";
import type { TaskDefinition, Wanted } from "./definition.js";
import type { Run } from "./run.js";
import type { RunTable } from "./run-table.js";

/** Connects stored runs with what they need in memory: their definition, slots, rows and deadline. */
export class RunBinding {
    constructor(
        private readonly machine: MachineParts,
        private readonly runs: RunTable,
        private readonly definitions: ReadonlyMap<string, TaskDefinition>,
    ) {}

    /** A live run holds its slots, its items and its deadline. */
    attach(run: Run): void {
        this.runs.attach(run);
        const { deadlineMs, admittedAtMs } = run.record!;
        if (deadlineMs !== null) {
            const { context } = this.machine;
            // A clock that was set back must not prolong it beyond what was asked for.
            const leftMs = Math.min(deadlineMs - context.wallMs, deadlineMs - admittedAtMs);
            context.timers.set(run, context.monoMs + Math.max(0, leftMs));
        }
    }

    /** Give a stored run its definition, if it is registered and can use what is stored. */
    bind(run: Run): void {
        const { task, version, params, drawn } = run.record!;
        const definition = this.definitions.get(task);
        if (definition === undefined) {
            run.blocked = `its task type "${task}" is not registered`;
            return;
        }
        if (version !== definition.version) {
            run.blocked = `it was stored by version ${version} of task "${task}", version ${definition.version} is registered`;
            return;
        }
        const bound = guarded(`task "${task}"`, () => {
            const restored = definition.restore(params ?? {}, drawn ?? {});
            if (!restored.ok) {
                return restored.error.message;
            }
            const { params: stored, drawn: choices } = restored.value;
            run.phases = definition.phases(stored, choices);
            this.#reserve(run, definition.planned(stored, choices));
            return null;
        });
        const problem = bound.ok ? bound.value : bound.error.message;
        run.blocked = problem === null ? null : `its stored parameters do not validate (${problem})`;
        run.definition = problem === null ? definition : null;
    }

    #reserve(run: Run, planned: readonly Wanted[]): void {
        for (const wanted of planned) {
            const node = this.machine.nodes.get(wanted.node);
            const checked = wanted.op === "set" ? this.machine.fabric.checkForm(wanted.kind, wanted.intent) : null;
            if (node !== undefined && checked?.ok && checked.value.kind.capacity !== undefined) {
                const use = node.capacity.of(checked.value.kind.capacity.table);
                const row = checked.value.kind.capacity.rowOf(checked.value.intent);
                use.reserve(row);
                run.reserved.push({ use, row });
            }
        }
    }
}
