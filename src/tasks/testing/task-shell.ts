import type { CommandResult } from "../../core/command.js";
import type { Effect } from "../../core/effect.js";
import type { Failure } from "../../core/error.js";
import type { MachineOptions } from "../../core/machine.js";
import type { NodeId } from "../../core/ids.js";
import { ONE, TestShell, TWO, type ShellOptions } from "../../core/testing/test-shell.js";
import { toyKind } from "../../core/testing/toy-kind.js";
import type { TaskDefinition } from "../definition.js";
import { Manager, type RunInfo } from "../manager.js";
import type { Run } from "../run.js";

export interface TaskShellOptions extends ShellOptions {
    readonly tasks?: readonly TaskDefinition[];
}

/** The test shell around a whole manager: core, kinds and tasks. */
export class TaskShell extends TestShell {
    // Made by `restart`, which the constructor of the base calls.
    declare manager: Manager;

    constructor(options: TaskShellOptions = {}) {
        super(options);
    }

    override get machineOptions(): MachineOptions {
        return { ...super.machineOptions, fingerprint };
    }

    override restart(tasks = (this.options as TaskShellOptions).tasks ?? []): Effect[] {
        const kinds = this.options.kinds ?? [toyKind()];
        const opened = Manager.open({ ...this.machineOptions, kinds, tasks }, this.image, { monoMs: this.nowMs, wallMs: this.wallMs });
        if (!opened.ok) {
            throw new TypeError(opened.error.message);
        }
        this.manager = opened.value;
        this.machine = opened.value.machine;
        this.requests = [];
        this.sent = [];
        this.batch = null;
        this.wakeAtMs = null;
        return this.input({ type: "start" });
    }

    /** Start a run and let happen what can happen now. @returns its number */
    begin(task: string, params: object = {}, more: { readonly requestId?: string; readonly deadlineMs?: number } = {}): number {
        return numberOf(this.do({ type: "run", task, params, ...more }));
    }

    /** Why a run may not begin. */
    refusal(task: string, params: unknown = {}, more: { readonly requestId?: string; readonly deadlineMs?: number } = {}): Failure {
        return failureOf(this.do({ type: "run", task, params, ...more }));
    }

    infoOf(id: number): RunInfo {
        return this.manager.run(id)!;
    }

    /** `state direction phase`. */
    stateOf(id: number): string {
        const { state, direction, phase } = this.infoOf(id);
        return `${state} ${direction} ${phase}`;
    }

    runRow(id: number): Run {
        return this.manager.tasks.runs.get(id)!;
    }

    /** The node does not answer any more, or does again. */
    silence(node: NodeId = ONE): void {
        this.device(node).fault = () => ({ kind: "notSent", reason: "no session" });
        this.input({ type: "unreachable", node });
    }

    back(node: NodeId = ONE): void {
        this.device(node).fault = () => undefined;
        this.input({ type: "reachable", node });
        this.settle();
    }
}

/** FNV-1a: whatever differs, differs here. */
function fingerprint(bytes: Uint8Array): string {
    return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5).toString(16);
}

/** A shell with nodes {@link ONE} and {@link TWO}, reachable and looked over. */
export function withNodes(...tasks: TaskDefinition[]): TaskShell {
    return withNodesAnd({ tasks });
}

export function withNodesAnd(options: TaskShellOptions): TaskShell {
    const shell = new TaskShell(options);
    for (const node of [ONE, TWO]) {
        shell.do({ type: "addNode", node });
        shell.input({ type: "reachable", node });
    }
    shell.settle();
    shell.asked();
    shell.asked(TWO);
    shell.events.length = 0;
    return shell;
}

export function numberOf(result: CommandResult | undefined): number {
    if (!result?.ok || result.value.type !== "run") {
        throw new TypeError(`not a run: ${result?.ok === false ? result.error.message : "no answer"}`);
    }
    return result.value.run;
}

export function failureOf(result: CommandResult | undefined): Failure {
    if (result === undefined || result.ok) {
        throw new TypeError("the command was not refused");
    }
    return result.error;
}
