import type { Command, CommandResult, TaskCommand } from "../core/command.js";
import { ok, refuse, type Failure } from "../core/error.js";
import { Limits } from "../core/limits.js";
import type { MachineParts } from "../core/machine.js";
import type { NotRestored } from "../core/records.js";
import { Admission, type Admitted } from "./admission.js";
import { fingerprintOf } from "./canonical.js";
import type { Draw, TaskDefinition } from "./definition.js";
import { Run, type RunOwner } from "./run.js";
import type { RunBinding } from "./run-binding.js";
import type { RunDriver } from "./run-driver.js";
import type { RunTable } from "./run-table.js";
import { MachineView } from "./view.js";

/** What callers ask of runs. */
export class RunCommands {
    readonly admission: Admission;

    constructor(
        private readonly machine: MachineParts,
        private readonly runs: RunTable,
        private readonly definitions: Map<string, TaskDefinition>,
        private readonly binding: RunBinding,
        private readonly driver: RunDriver,
        private readonly owner: RunOwner,
        private readonly onChanged: (run: Run) => void,
    ) {
        this.admission = new Admission(machine, runs, definitions);
    }

    /** Null: not a command on runs. */
    handle(command: Command): CommandResult | null {
        switch (command.type) {
            case "run":
                return this.#run(command);
            case "cancel":
                return this.#withLive(command.run, run => this.#cancel(run, command.reason));
            case "retryRun":
                return this.#withLive(command.run, run => this.#retryRun(run));
            case "abandon":
                return this.#withLive(command.run, run => this.#abandon(run, command.reason));
            case "registerTask":
                return this.#register(command.definition as TaskDefinition);
            default:
                return null;
        }
    }

    /** Desired state as a run that does not exist yet sees it. */
    view(): MachineView {
        return new MachineView(this.machine, item => this.runs.occupants(item.node.id, item.text).length > 0);
    }

    /** What may be drawn at admission; a dry run gives keys that cost no entropy. */
    draw(key: () => Uint8Array): Draw {
        const { keySets, context } = this.machine;
        return {
            key,
            startTime: id => keySets.nextStartTime(id),
            revision: id => (keySets.get(id)?.latest ?? 0) + 1,
            wallMs: context.wallMs,
        };
    }

    #run(command: Extract<TaskCommand, { type: "run" }>): CommandResult {
        const { fingerprint, entropy, numbers, ledger } = this.machine.context;
        const paramsFingerprint = command.requestId === undefined ? "" : fingerprintOf([command.task, command.params], fingerprint);
        const known = command.requestId === undefined ? undefined : this.runs.byRequestId(command.requestId);
        if (known !== undefined) {
            return known.record!.paramsFingerprint === paramsFingerprint
                ? runValue(known, false)
                : refuse("REQUEST_ID_REUSED", `request id was used for run ${known.id} with another task or other parameters: choose a new one`, { run: known.id });
        }
        const admitted = this.admission.admit(command, this.view(), this.draw(() => entropy.bytes(16)));
        if (!admitted.ok) {
            return admitted;
        }
        const run = new Run(this.owner, numbers.draw(ledger), null);
        this.#begin(run, command, admitted.value, paramsFingerprint);
        return runValue(run, true);
    }

    #begin(run: Run, command: Extract<TaskCommand, { type: "run" }>, admitted: Admitted, paramsFingerprint: string): void {
        const { context, keySets } = this.machine;
        for (const draft of admitted.keySets) {
            keySets.put(draft);
        }
        context.ledger.write(run, {
            task: admitted.definition.type,
            version: admitted.definition.version,
            requestId: command.requestId ?? null,
            paramsFingerprint,
            params: admitted.params,
            drawn: admitted.drawn,
            slots: admitted.slots,
            nodes: admitted.nodes,
            state: "running",
            direction: "forward",
            phase: 0,
            cause: null,
            cancelled: false,
            changeSet: [],
            notRestored: [],
            admittedAtMs: context.wallMs,
            deadlineMs: command.deadlineMs === undefined ? null : context.wallMs + command.deadlineMs,
            settledAtMs: null,
            settledOrder: 0,
        });
        this.runs.insert(run);
        for (const { use, row } of admitted.reservations) {
            use.reserve(row);
            run.reserved.push({ use, row });
        }
        this.binding.attach(run);
        run.definition = admitted.definition;
        run.phases = admitted.phases;
        this.driver.enter(run);
        this.onChanged(run);
    }

    #cancel(run: Run, reason: string | undefined): CommandResult {
        const record = run.record!;
        if (record.direction === "backward") {
            return runValue(run, false); // on its way back already
        }
        const irreversible = this.driver.irreversible(run);
        if (irreversible !== null) {
            return refuse("POINT_OF_NO_RETURN", `run ${run.id} can no longer be cancelled: ${irreversible}`, { run: run.id });
        }
        const message = reason === undefined ? "cancelled by a caller" : `cancelled by a caller: ${reason.slice(0, Limits.textLength)}`;
        this.driver.turnBackward(run, { code: "CANCELLED", message }, true);
        return runValue(run, false);
    }

    #retryRun(run: Run): CommandResult {
        const record = run.record!;
        if (record.state !== "stuck") {
            return refuse("RUN_NOT_STUCK", `run ${run.id} is ${record.state}, only a stuck run can be retried`, { run: run.id });
        }
        this.machine.context.ledger.write(run, { ...record, state: "running" });
        for (const entry of record.changeSet) {
            const item = this.runs.itemOf(entry);
            if (item !== undefined && entry.undo === "written" && item.record!.state === "commitFailed") {
                this.machine.fabric.tryAgain(item);
            }
        }
        this.onChanged(run);
        return runValue(run, false);
    }

    #abandon(run: Run, reason: string | undefined): CommandResult {
        const record = run.record!;
        if (record.state !== "stuck") {
            return refuse("RUN_NOT_STUCK", `run ${run.id} is ${record.state}, only a stuck run can be abandoned: cancel it instead`, { run: run.id });
        }
        const left: NotRestored[] = [];
        for (const entry of record.changeSet) {
            const node = this.machine.nodes.byNumber(entry.node);
            if (entry.undo !== "left" && node !== undefined && (entry.undo === "open" || this.runs.itemOf(entry)?.record?.failure)) {
                left.push({ node: node.nodeId, kind: entry.kind, key: entry.key, reason: "abandoned" });
            }
        }
        const cause: Failure | null =
            reason === undefined || record.cause === null
                ? record.cause
                : { ...record.cause, message: `${record.cause.message} (abandoned: ${reason.slice(0, Limits.textLength)})` };
        this.machine.context.ledger.write(run, { ...record, cause, notRestored: [...record.notRestored, ...left] });
        this.driver.settle(run, "abandoned");
        return runValue(run, false);
    }

    #register(definition: TaskDefinition): CommandResult {
        if (this.definitions.has(definition.type)) {
            return refuse("ALREADY_REGISTERED", `a task named "${definition.type}" is registered already: choose another name`, { task: definition.type });
        }
        this.definitions.set(definition.type, definition);
        for (const run of this.runs.all()) {
            if (run.isLive && run.record!.task === definition.type) {
                this.binding.bind(run);
                this.onChanged(run);
            }
        }
        return { ok: true, value: { type: "done" } };
    }

    #withLive(id: number, act: (run: Run) => CommandResult): CommandResult {
        const run = this.runs.get(id);
        if (run === undefined) {
            return refuse("UNKNOWN_RUN", `there is no run ${id}, or its history is no longer kept`, { run: id });
        }
        if (!run.isLive) {
            return refuse("RUN_SETTLED", `run ${id} is ${run.record!.state}, which is final: run another task to change what it did`, { run: id, state: run.record!.state });
        }
        return act(run);
    }
}

function runValue(run: Run, created: boolean): CommandResult {
    return ok({ type: "run", run: run.id, state: run.record!.state, created });
}

