import type { Extension } from "../core/context.js";
import type { Effect } from "../core/effect.js";
import { ok, refuse, type Failure, type Result } from "../core/error.js";
import { identityText, type ItemKey } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { Input } from "../core/input.js";
import type { Item } from "../core/item.js";
import { extend, Machine, type MachineOptions, type Now } from "../core/machine.js";
import { repeated } from "../core/repeated.js";
import type { Quarantined } from "../core/loader.js";
import type { ItemFailure, ItemMode, ItemState, KeySetRecord, NotRestored, RunState } from "../core/records.js";
import type { StoreImage } from "../core/store.js";
import { builtInKinds } from "../kinds/index.js";
import { addNodeToGroup } from "./add-node-to-group.js";
import type { TaskDefinition, Wanted } from "./definition.js";
import { explainItem, explainLane, explainRun, type Reason } from "./explain.js";
import type { Run } from "./run.js";
import { TaskRuntime } from "./task-runtime.js";

/** What a manager is made of. Built-in kinds and tasks are always there. */
export type ManagerOptions = Omit<MachineOptions, "kinds"> & {
    /** Kinds of the application's own; more can be registered later. */
    readonly kinds?: MachineOptions["kinds"];
    /** Task definitions of the application's own; more can be registered later. */
    readonly tasks?: readonly TaskDefinition[];
};

/** What else is plugged into the machine, such as the Joint Fabric Datastore: made from it and from what the store holds, before the first input. */
export interface PluggedIn {
    readonly extensions?: readonly ((machine: Machine, image: StoreImage) => Extension)[];
}

/** An item as callers see it. */
export interface ItemInfo {
    readonly node: NodeId;
    readonly kind: string;
    readonly key: ItemKey;
    readonly intent: object;
    readonly mode: ItemMode;
    readonly state: ItemState;
    readonly owes: "apply" | "remove" | "nothing";
    readonly generation: number;
    /** Wall time of the last change of state, ms since 1970. */
    readonly changedAtMs: number;
    readonly failure: ItemFailure | null;
    readonly drifted: boolean;
    readonly held: boolean;
}

/** A run as callers see it. `parked` is derived: everything it waits for is out of reach. */
export interface RunInfo {
    readonly run: number;
    readonly task: string;
    readonly requestId: string | null;
    readonly state: RunState | "parked";
    readonly direction: "forward" | "backward";
    readonly phase: number;
    readonly cause: Failure | null;
    readonly notRestored: readonly NotRestored[];
    readonly admittedAtMs: number;
    readonly settledAtMs: number | null;
}

/** What a task would do, or why it may not. */
export interface Assessment {
    readonly refused: Failure | null;
    /** What it would change; already so and leaving nothing to do if empty. */
    readonly changes: readonly { readonly op: "set" | "remove"; readonly node: NodeId; readonly kind: string; readonly key: ItemKey }[];
}

/** What the explanation is about. */
export type Subject =
    | { readonly node: NodeId }
    | { readonly node: NodeId; readonly kind: string; readonly key: ItemKey }
    | { readonly run: number };

/** The tasks that every manager knows. */
export const builtInTasks: readonly TaskDefinition[] = [addNodeToGroup];

/**
 * The whole manager as one deterministic machine: core, kinds and tasks. Shells feed {@link step} and perform its effects; what is
 * not an input is a question about the present, answered at once.
 */
export class Manager {
    readonly machine: Machine;
    readonly tasks: TaskRuntime;

    private constructor(machine: Machine, tasks: TaskRuntime) {
        this.machine = machine;
        this.tasks = tasks;
    }

    /**
     * Build a manager from what a store holds; `start` must be its first input.
     * Refuses with WRONG_FABRIC, NEWER_SCHEMA or CORRUPT_STORE.
     */
    static open(options: ManagerOptions & PluggedIn, image: StoreImage, now: Now): Result<Manager> {
        const kinds = [...builtInKinds, ...(options.kinds ?? [])];
        const machine = Machine.open({ ...options, kinds }, image, now);
        if (!machine.ok) {
            return machine;
        }
        const definitions = [...builtInTasks, ...(options.tasks ?? [])];
        const twice = repeated(definitions.map(definition => definition.type));
        if (twice !== undefined) {
            return refuse("ALREADY_REGISTERED", `two tasks are named "${twice}": choose another name`, { task: twice });
        }
        const tasks = new TaskRuntime(machine.value, definitions);
        tasks.load(image);
        extend(machine.value, tasks);
        for (const make of options.extensions ?? []) {
            extend(machine.value, make(machine.value, image));
        }
        return ok(new Manager(machine.value, tasks));
    }

    step(input: Input): Effect[] {
        return this.machine.step(input);
    }

    /** Stored records that did not validate. */
    get quarantined(): readonly Quarantined[] {
        return this.machine.quarantined;
    }

    nodes(): NodeId[] {
        return [...this.machine.nodes.all()].map(node => node.nodeId);
    }

    item(node: NodeId, kind: string, key: ItemKey): ItemInfo | undefined {
        const item = this.machine.nodes.get(node)?.items.get(identityText(kind, key));
        return item === undefined ? undefined : itemInfo(item);
    }

    /** Items of a node, or of all nodes. */
    items(node?: NodeId): ItemInfo[] {
        const items = node === undefined ? this.machine.items.all() : (this.machine.nodes.get(node)?.items.values() ?? []);
        return [...items].map(itemInfo);
    }

    /** Key sets, with the material as a secret type that never shows itself. */
    keySets(): KeySetRecord[] {
        return this.machine.keySets.all();
    }

    run(id: number): RunInfo | undefined {
        const run = this.tasks.runs.get(id);
        return run === undefined ? undefined : this.#runInfo(run);
    }

    /** Live runs, then settled ones that history keeps. */
    runs(): RunInfo[] {
        return [...this.tasks.runs.all()].map(run => this.#runInfo(run));
    }

    /** A dry run: the same checks as admission, nothing changed, no entropy spent. */
    assess(task: string, params: unknown): Assessment {
        const { commands } = this.tasks;
        const admitted = commands.admission.admit({ type: "run", task, params }, commands.view(), commands.draw(() => new Uint8Array(16)));
        if (!admitted.ok) {
            return { refused: admitted.error, changes: [] };
        }
        return { refused: null, changes: admitted.value.planned.flatMap(wanted => this.#wouldChange(wanted)) };
    }

    /** The minimal chain of reasons why something is not there yet; empty when it is. Undefined: no such thing. */
    explain(subject: Subject): Reason[] | undefined {
        if ("run" in subject) {
            const run = this.tasks.runs.get(subject.run);
            return run === undefined ? undefined : explainRun(this.tasks, run);
        }
        const node = this.machine.nodes.get(subject.node);
        if (node === undefined) {
            return undefined;
        }
        if ("kind" in subject) {
            const item = node.items.get(identityText(subject.kind, subject.key));
            return item === undefined ? undefined : explainItem(this.machine, item);
        }
        const owed = [...node.owed].flatMap(item => explainItem(this.machine, item));
        return owed.length > 0 || !node.isOutOfReach ? owed : [explainLane(this.machine, node, null)];
    }

    /** Nothing is under way or waited for: no request, no batch, no timer. */
    get isIdle(): boolean {
        const { context, lanes } = this.machine;
        return context.ledger.idle && lanes.outstanding === 0 && context.timers.size === 0;
    }

    #wouldChange(wanted: Wanted): Assessment["changes"] {
        const { machine } = this;
        if (wanted.op === "remove") {
            const item = machine.nodes.get(wanted.node)?.items.get(identityText(wanted.kind, wanted.key));
            return item === undefined ? [] : [{ op: "remove", node: wanted.node, kind: wanted.kind, key: wanted.key }];
        }
        const checked = machine.fabric.checkForm(wanted.kind, wanted.intent);
        if (!checked.ok) {
            return [];
        }
        const { kind, key, intent } = checked.value;
        const item = machine.nodes.get(wanted.node)?.items.get(identityText(kind.name, key));
        return item !== undefined && !machine.fabric.isNews(item, kind, intent)
            ? []
            : [{ op: "set", node: wanted.node, kind: kind.name, key }];
    }

    #runInfo(run: Run): RunInfo {
        const { task, requestId, state, direction, phase, cause, notRestored, admittedAtMs, settledAtMs } = run.record!;
        const parked = state === "running" && run.awaited.length > 0 && run.awaited.every(item => item.node.isOutOfReach);
        return {
            run: run.id,
            task,
            requestId,
            state: parked ? "parked" : state,
            direction,
            phase,
            cause,
            notRestored,
            admittedAtMs,
            settledAtMs,
        };
    }
}

function itemInfo(item: Item): ItemInfo {
    const { kind, key, intent, mode, state, owes, generation, changedAtMs, failure } = item.record!;
    return { node: item.node.nodeId, kind, key, intent, mode, state, owes, generation, changedAtMs, failure, drifted: item.drifted, held: item.held };
}

