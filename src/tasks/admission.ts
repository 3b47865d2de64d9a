import type { TableUse } from "../core/capacity.js";
import type { TaskCommand } from "../core/command.js";
import { guarded, ok, refuse, type Failure, type Result } from "../core/error.js";
import { nodeText, slotText } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import { Limits } from "../core/limits.js";
import type { MachineParts } from "../core/machine.js";
import type { Draw, KeySetDraft, Phase, TaskDefinition, View, Wanted } from "./definition.js";
import type { RunTable } from "./run-table.js";

/** What a definition says of a run before it begins. */
interface Asked {
    readonly definition: TaskDefinition;
    readonly params: object;
    readonly drawn: object;
    readonly slots: readonly string[];
    readonly nodes: readonly NodeId[];
    readonly keySets: readonly KeySetDraft[];
    readonly planned: readonly Wanted[];
    readonly phases: readonly Phase[];
}

/** A run that may begin: everything was checked, nothing is changed yet. */
export interface Admitted extends Asked {
    readonly reservations: readonly { readonly use: TableUse; readonly row: number }[];
}

/** Decides whether a run may begin. The dry run and the real one ask the same question. */
export class Admission {
    constructor(
        private readonly machine: MachineParts,
        private readonly runs: RunTable,
        private readonly definitions: ReadonlyMap<string, TaskDefinition>,
    ) {}

    admit(command: Extract<TaskCommand, { type: "run" }>, view: View, draw: Draw): Result<Admitted> {
        const definition = this.definitions.get(command.task);
        if (definition === undefined) {
            const known = [...this.definitions.keys()].join(", ");
            return refuse("UNKNOWN_TASK", `task "${command.task}" is not registered: known tasks are ${known}`, { task: command.task });
        }
        const invalid = checkOptions(command);
        if (invalid !== null) {
            return refuse("INVALID_COMMAND", invalid);
        }
        const asked = guarded(`task "${command.task}"`, () => ask(definition, command.params, view, draw));
        if (!asked.ok || !asked.value.ok) {
            return asked.ok ? (asked.value as Result<never>) : asked;
        }
        const { nodes, planned, slots, keySets } = asked.value.value;
        const reservations = new Map<string, { use: TableUse; row: number }>();
        const refused =
            this.#checkNodes(nodes) ??
            this.#checkSlots(slots) ??
            this.#checkKeySets(keySets) ??
            this.#checkPlan(planned, reservations) ??
            checkRoom(reservations);
        if (refused !== null) {
            return { ok: false, error: refused };
        }
        return ok({ ...asked.value.value, reservations: [...reservations.values()] });
    }

    #checkNodes(nodes: readonly NodeId[]): Failure | null {
        for (const node of nodes) {
            const found = this.machine.nodes.require(node);
            if (!found.ok) {
                return found.error;
            }
        }
        return null;
    }

    #checkSlots(slots: readonly string[]): Failure | null {
        for (const slot of slots) {
            const owner = this.runs.slotOwner(slot);
            if (owner !== undefined) {
                return {
                    code: "SLOT_OCCUPIED",
                    message: `run ${owner.id} (${owner.record?.task ?? "ending"}) holds ${slot}: wait until it is settled, or cancel it`,
                    details: { run: owner.id, slot },
                };
            }
        }
        return null;
    }

    #checkKeySets(drafts: readonly KeySetDraft[]): Failure | null {
        for (const draft of drafts) {
            const checked = this.machine.keySets.check(draft);
            if (!checked.ok) {
                return checked.error;
            }
        }
        return null;
    }

    #checkPlan(planned: readonly Wanted[], reservations: Map<string, { use: TableUse; row: number }>): Failure | null {
        for (const wanted of planned) {
            const node = this.machine.nodes.require(wanted.node);
            if (!node.ok) {
                return node.error;
            }
            if (wanted.op === "remove") {
                continue;
            }
            const checked = this.machine.fabric.checkForm(wanted.kind, wanted.intent);
            if (!checked.ok) {
                return checked.error;
            }
            const { kind, key, intent } = checked.value;
            const item = this.machine.items.get(node.value, kind.name, key);
            for (const run of item === undefined ? [] : this.runs.occupants(node.value.id, item.text)) {
                const theirs = run.record!.changeSet.find(entry => this.runs.itemOf(entry) === item);
                if (theirs !== undefined && (theirs.wants === null || !kind.equal(theirs.wants.intent, intent))) {
                    return occupied(run.id, item!.text, wanted.node);
                }
            }
            if (kind.capacity !== undefined) {
                const row = kind.capacity.rowOf(intent);
                const use = node.value.capacity.of(kind.capacity.table);
                reservations.set(`${node.value.id}/${kind.capacity.table.name}/${row}`, { use, row });
            }
        }
        return null;
    }
}

function ask(definition: TaskDefinition, input: unknown, view: View, draw: Draw): Result<Asked> {
    const checked = definition.validate(input);
    const prepared = checked.ok ? definition.prepare(checked.value, view, draw) : checked;
    if (!prepared.ok) {
        return prepared;
    }
    const { params, drawn, keySets = [] } = prepared.value;
    return ok({
        definition,
        params,
        drawn,
        keySets,
        slots: definition.slots(params).map(slotText),
        nodes: definition.nodes(params),
        planned: definition.planned(params, drawn),
        phases: definition.phases(params, drawn),
    });
}

/** Another live run wants something else of the item. */
export function occupied(run: number, item: string, node: NodeId): Failure {
    return {
        code: "ITEM_OCCUPIED",
        message: `run ${run} is changing ${item} on node ${nodeText(node)} to something else: wait until it is settled, or cancel it`,
        details: { run, item, node: nodeText(node) },
    };
}

function checkRoom(reservations: ReadonlyMap<string, { use: TableUse; row: number }>): Failure | null {
    const needed = new Map<TableUse, { count: number; where: string }>();
    for (const [where, { use, row }] of reservations) {
        if (use.isNew(row)) {
            needed.set(use, { count: (needed.get(use)?.count ?? 0) + 1, where });
        }
    }
    for (const [use, { count }] of needed) {
        if (count > use.free) {
            return {
                code: "CAPACITY_EXCEEDED",
                message: `the node's table "${use.table.name}" has ${use.free} of ${use.limit} rows free, ${count} needed${use.isObserved ? "" : " (not read yet: the specification's minimum is assumed)"}: remove something first`,
                details: { resource: use.table.name, needed: count, free: use.free, limit: use.limit },
            };
        }
    }
    return null;
}

function checkOptions({ requestId, deadlineMs }: Extract<TaskCommand, { type: "run" }>): string | null {
    if (requestId !== undefined && (typeof requestId !== "string" || requestId.length === 0 || requestId.length > Limits.textLength)) {
        return `the request id must be a text of 1 to ${Limits.textLength} characters`;
    }
    if (deadlineMs !== undefined && !(Number.isFinite(deadlineMs) && deadlineMs > 0)) {
        return "the deadline must be a positive number of milliseconds from now";
    }
    return null;
}
