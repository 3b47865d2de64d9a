import { ok, refuse, type Failure } from "../../core/error.js";
import type { ItemIdentity, Slot } from "../../core/identity.js";
import type { NodeId } from "../../core/ids.js";
import { ONE } from "../../core/testing/test-shell.js";
import { TOY } from "../../core/testing/toy-kind.js";
import type { Awaited, Phase, TaskDefinition, View, Wanted } from "../definition.js";

/** Toys that a phase wants; `null` as value: gone. */
export interface ToyPhase {
    readonly wants?: readonly Wanted[] | ((view: View) => readonly Wanted[]);
    /** Default: everything it wants. */
    readonly awaits?: readonly Awaited[];
    readonly requires?: (view: View) => Failure | null;
    readonly selects?: readonly ItemIdentity[];
}

export interface ToyTask {
    readonly phases: readonly ToyPhase[] | ((params: object) => readonly ToyPhase[]);
    readonly slots?: readonly Slot[];
    readonly nodes?: readonly NodeId[];
    readonly version?: number;
    readonly irreversible?: (phase: number) => string | null;
    readonly whenNodeLeaves?: "fail" | "shrink";
    readonly restore?: TaskDefinition["restore"];
    readonly prepare?: TaskDefinition["prepare"];
}

/** A task of this type that wants toys, phase by phase. Its parameters are taken as they are, unless they are `{ wrong: true }`. */
export function toyTask(type: string, task: ToyTask): TaskDefinition {
    const phasesOf = (params: object) => (typeof task.phases === "function" ? task.phases(params) : task.phases);
    return {
        type,
        version: task.version ?? 1,
        validate: input => ((input as { wrong?: boolean }).wrong ? refuse("INVALID_PARAMS", `${type}: "wrong" must not be there`) : ok(input as object)),
        prepare: task.prepare ?? (input => ok({ params: input, drawn: {} })),
        restore: task.restore ?? ((params, drawn) => ok({ params, drawn })),
        slots: () => task.slots ?? [],
        nodes: () => task.nodes ?? [],
        planned: params => phasesOf(params).flatMap(({ wants = [] }) => (typeof wants === "function" ? [] : wants)),
        phases: params => phasesOf(params).map(toPhase),
        ...(task.irreversible === undefined ? {} : { irreversible: task.irreversible }),
        ...(task.whenNodeLeaves === undefined ? {} : { whenNodeLeaves: task.whenNodeLeaves }),
    };
}

function toPhase(phase: ToyPhase, index: number): Phase {
    const wants = (view: View) => (typeof phase.wants === "function" ? phase.wants(view) : (phase.wants ?? []));
    return {
        name: `phase ${index}`,
        ...(phase.requires === undefined ? {} : { requires: phase.requires }),
        ...(phase.selects === undefined ? {} : { selects: () => phase.selects! }),
        changes: wants,
        until: view => ({ items: phase.awaits ?? wants(view).map(toAwaited) }),
    };
}

function toAwaited(wanted: Wanted): Awaited {
    if (wanted.op === "remove") {
        return { node: wanted.node, kind: wanted.kind, key: wanted.key, is: "gone" };
    }
    return { node: wanted.node, kind: wanted.kind, key: [(wanted.intent as { id: number }).id], is: "committed" };
}

export const put = (id: number, value: number, node: NodeId = ONE, needs?: readonly number[]): Wanted => ({
    op: "set",
    node,
    kind: TOY,
    intent: needs === undefined ? { id, value } : { id, value, needs },
});

export const drop = (id: number, node: NodeId = ONE): Wanted => ({ op: "remove", node, kind: TOY, key: [id] });
