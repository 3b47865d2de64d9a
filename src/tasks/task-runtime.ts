import type { Command, CommandResult, TaskCommand } from "../core/command.js";
import type { Extension } from "../core/context.js";
import { ok, refuse, type Failure } from "../core/error.js";
import { identityText, nodeText } from "../core/identity.js";
import type { Item } from "../core/item.js";
import { Limits } from "../core/limits.js";
import { sorted, type Quarantined } from "../core/loader.js";
import type { MachineParts } from "../core/machine.js";
import type { NodeState } from "../core/node-state.js";
import type { NotRestored, RunRecord, RunState } from "../core/records.js";
import { checkRun } from "../core/schema.js";
import type { StoreImage } from "../core/store.js";
import { Admission, type Admitted } from "./admission.js";
import { fingerprintOf } from "./canonical.js";
import { ChangeWriter } from "./change-writer.js";
import type { Draw, TaskDefinition } from "./definition.js";
import { Gates } from "./gate.js";
import { Rollback } from "./rollback.js";
import { isSettled, Run, type RunOwner } from "./run.js";
import { RunTable } from "./run-table.js";
import { MachineView } from "./view.js";

/** Drives runs: forward phase by phase, or backward. Decides at the end of a step, and never in between. */
export class TaskRuntime implements Extension, RunOwner {
    readonly runs: RunTable;
    readonly gates: Gates;
    readonly admission: Admission;
    readonly definitions = new Map<string, TaskDefinition>();
    readonly quarantined: Quarantined[] = [];
    readonly #writer: ChangeWriter;
    readonly #rollback: Rollback;
    #queue: Run[] = [];

    constructor(
        readonly machine: MachineParts,
        definitions: readonly TaskDefinition[],
    ) {
        this.runs = new RunTable(machine);
        this.gates = new Gates(machine, this.runs);
        this.#writer = new ChangeWriter(machine, this.runs);
        this.#rollback = new Rollback(machine, this.runs, this.#writer);
        for (const definition of definitions) {
            this.definitions.set(definition.type, definition);
        }
        this.admission = new Admission(machine, this.runs, this.definitions);
    }

    load(image: StoreImage): void {
        const settled: Run[] = [];
        for (const [id, stored] of sorted(image, "run")) {
            const problem = checkRun(stored);
            if (problem !== null) {
                this.quarantined.push({ table: "run", id, reason: problem });
                continue;
            }
            const run = new Run(this, id, stored as RunRecord);
            run.durable = run.record;
            this.runs.insert(run);
            if (run.isLive) {
                this.#attach(run);
                this.#bind(run);
                this.#enqueue(run);
            } else {
                settled.push(run);
            }
        }
        for (const run of settled.sort((a, b) => a.record!.settledOrder - b.record!.settledOrder)) {
            this.runs.settled(run);
        }
    }

    command(command: Command, id: number): boolean {
        const result = this.#handle(command as TaskCommand);
        if (result === null) {
            return false;
        }
        this.machine.context.reply(id, result, result.ok);
        return true;
    }

    itemChanged(item: Item): void {
        for (const run of this.runs.interestedIn(item)) {
            this.#enqueue(run);
        }
        for (const run of this.runs.selectorsOf(item.text)) {
            this.#enqueue(run);
        }
        if (item.record === null) {
            this.runs.forgetItem(item);
        }
    }

    nodeRemoved(node: NodeState): void {
        for (const run of this.runs.all()) {
            if (run.isLive && (run.record!.nodes.includes(node.nodeId) || run.record!.changeSet.some(entry => entry.node === node.id))) {
                this.#nodeLeft(run, node);
            }
        }
    }

    kindRegistered(): void {
        for (const run of this.runs.all()) {
            if (run.isLive) {
                this.#enqueue(run);
            }
        }
    }

    occupant(item: Item): number {
        return this.runs.occupants(item.node.id, item.text)[0]?.id ?? 0;
    }

    forcedOut(item: Item): void {
        for (const run of [...this.runs.occupants(item.node.id, item.text)]) {
            if (!run.isLive) {
                continue;
            }
            const entry = run.record!.changeSet.find(candidate => this.runs.itemOf(candidate) === item)!;
            this.#rollback.leave(run, entry, "forced");
            if (run.record!.direction === "forward") {
                this.#turnBackward(run, { code: "ITEM_OCCUPIED", message: `a caller forced a change of ${item.text} on node ${nodeText(item.node.nodeId)}` });
            }
            this.#enqueue(run);
        }
    }

    neededBy(item: Item): number {
        return this.runs.needing(item.node.id, item.text).find(run => run.isLive)?.id ?? 0;
    }

    storeRefused(): void {}

    storeRecovered(): void {}

    drive(): void {
        for (let drives = 0; this.#queue.length > 0 && drives < Limits.drivesPerStep; ) {
            const queue = this.#queue;
            this.#queue = [];
            for (const run of queue) {
                drives++;
                run.queued = false;
                if (run.isLive) {
                    this.#drive(run);
                }
            }
        }
    }

    runDue(run: Run): void {
        if (run.isLive && run.record!.direction === "forward") {
            this.#turnBackward(run, { code: "DEADLINE_PASSED", message: "the run was not complete at its deadline: its changes are rolled back" });
        }
    }

    runTakenBack(run: Run): void {
        this.runs.detach(run);
        if (run.record === null) {
            this.runs.delete(run);
            this.machine.context.timers.set(run, Infinity);
            return;
        }
        this.runs.insert(run);
        if (run.isLive) {
            this.runs.unsettled(run);
            this.#attach(run);
            this.#enter(run);
            this.#enqueue(run);
        } else {
            this.runs.settled(run);
        }
    }

    runLanded(run: Run, before: RunRecord | null): void {
        const after = run.durable;
        if (after === null) {
            return;
        }
        if (isSettled(after.state) && (before === null || !isSettled(before.state))) {
            this.runs.detach(run);
        }
        if (before !== null && before.state === after.state && before.phase === after.phase && before.direction === after.direction) {
            return;
        }
        const { task, state, direction, phase, cause, notRestored } = after;
        this.machine.context.durableEvent({ type: "runChanged", run: run.id, task, state, direction, phase, cause, notRestored });
    }

    /** Draws for a dry run: no entropy is spent. */
    dryDraw(): Draw {
        return this.#draw(() => new Uint8Array(16));
    }

    view(run: Run | null): MachineView {
        return new MachineView(this.machine, item =>
            run === null ? this.occupant(item) !== 0 : this.#writer.wantedByOthers(run, item),
        );
    }

    #handle(command: TaskCommand): CommandResult | null {
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

    #run(command: Extract<TaskCommand, { type: "run" }>): CommandResult {
        const { fingerprint, entropy, numbers, ledger } = this.machine.context;
        const paramsFingerprint = command.requestId === undefined ? "" : fingerprintOf([command.task, command.params], fingerprint);
        const known = command.requestId === undefined ? undefined : this.runs.byRequestId(command.requestId);
        if (known !== undefined) {
            return known.record!.paramsFingerprint === paramsFingerprint
                ? runValue(known, false)
                : refuse("REQUEST_ID_REUSED", `request id was used for run ${known.id} with another task or other parameters: choose a new one`, { run: known.id });
        }
        const admitted = this.admission.admit(command, this.view(null), this.#draw(() => entropy.bytes(16)));
        if (!admitted.ok) {
            return admitted;
        }
        const run = new Run(this, numbers.draw(ledger), null);
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
            use.claim(row);
            run.reserved.push({ use, row });
        }
        this.#attach(run);
        run.definition = admitted.definition;
        run.phases = admitted.definition.phases(admitted.params, admitted.drawn);
        this.#enter(run);
        this.#enqueue(run);
    }

    #cancel(run: Run, reason: string | undefined): CommandResult {
        const record = run.record!;
        if (record.direction === "backward") {
            return runValue(run, false); // on its way back already
        }
        const irreversible = run.definition?.irreversible?.(record.phase) ?? null;
        if (irreversible !== null) {
            return refuse("POINT_OF_NO_RETURN", `run ${run.id} can no longer be cancelled: ${irreversible}`, { run: run.id });
        }
        const message = reason === undefined ? "cancelled by a caller" : `cancelled by a caller: ${reason.slice(0, Limits.textLength)}`;
        this.#turnBackward(run, { code: "CANCELLED", message }, true);
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
        this.#enqueue(run);
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
        this.#settle(run, "abandoned");
        return runValue(run, false);
    }

    #register(definition: TaskDefinition): CommandResult {
        if (this.definitions.has(definition.type)) {
            return refuse("ALREADY_REGISTERED", `a task named "${definition.type}" is registered already: choose another name`, { task: definition.type });
        }
        this.definitions.set(definition.type, definition);
        for (const run of this.runs.all()) {
            if (run.isLive && run.record!.task === definition.type) {
                this.#bind(run);
                this.#enqueue(run);
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

    /** Give a stored run its definition, if it is registered and can use what is stored. */
    #bind(run: Run): void {
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
        const restored = definition.restore(params ?? {}, drawn ?? {});
        if (!restored.ok) {
            run.blocked = `its stored parameters do not validate (${restored.error.message})`;
            return;
        }
        run.blocked = null;
        run.definition = definition;
        run.phases = definition.phases(restored.value.params, restored.value.drawn);
        this.#reserve(run, definition, restored.value);
    }

    #reserve(run: Run, definition: TaskDefinition, { params, drawn }: { params: object; drawn: object }): void {
        for (const wanted of definition.planned(params, drawn)) {
            const node = this.machine.nodes.get(wanted.node);
            const checked = wanted.op === "set" ? this.machine.fabric.checkForm(wanted.kind, wanted.intent) : null;
            if (node !== undefined && checked?.ok && checked.value.kind.capacity !== undefined) {
                const use = node.capacity.of(checked.value.kind.capacity.table);
                const row = checked.value.kind.capacity.rowOf(checked.value.intent);
                use.claim(row);
                run.reserved.push({ use, row });
            }
        }
    }

    #attach(run: Run): void {
        this.runs.attach(run);
        const { deadlineMs } = run.record!;
        if (deadlineMs !== null) {
            const { context } = this.machine;
            context.timers.set(run, context.monoMs + Math.max(0, deadlineMs - context.wallMs));
        }
    }

    /** What was asked before now confirms nothing in the phase that begins. */
    #enter(run: Run): void {
        run.enteredSequence = this.machine.context.requestSequence;
        run.asked.clear();
    }

    #enqueue(run: Run): void {
        if (!run.queued) {
            run.queued = true;
            this.#queue.push(run);
        }
    }

    #drive(run: Run): void {
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
                this.#settle(run, "completed");
                return;
            }
            const selected = phase.selects?.(view) ?? [];
            this.runs.select(run, selected.map(identity => identityText(identity.kind, identity.key)));
            const refused = phase.requires?.(view) ?? this.#writer.write(run, phase.changes(view));
            const gate = refused === null ? this.gates.evaluate(run, phase.until(view).items) : null;
            const failure = refused ?? (gate!.open ? null : gate!.failure);
            if (failure !== null) {
                this.#turnBackward(run, failure);
                return;
            }
            if (!gate!.open) {
                return;
            }
            this.machine.context.ledger.write(run, { ...run.record!, phase: run.record!.phase + 1 });
            this.#enter(run);
        }
    }

    #turnBackward(run: Run, cause: Failure, cancelled = false): void {
        const record = run.record!;
        const irreversible = run.definition?.irreversible?.(record.phase) ?? null;
        this.gates.await(run, []);
        this.runs.select(run, []);
        if (irreversible !== null) {
            this.#failForGood(run, cause, irreversible);
            return;
        }
        this.machine.context.timers.set(run, Infinity);
        this.machine.context.ledger.write(run, { ...record, direction: "backward", cause, cancelled });
        this.#enter(run);
        this.#enqueue(run);
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
        this.#settle(run, "failed");
    }

    #backward(run: Run): void {
        for (;;) {
            const gate = this.gates.evaluate(run, this.#rollback.undo(run));
            if (!gate.open) {
                if (gate.failure !== null) {
                    this.machine.context.ledger.write(run, { ...run.record!, state: "stuck" });
                }
                return;
            }
            const record = run.record!;
            if (record.phase === 0) {
                this.#settle(run, record.cancelled ? "cancelled" : "failed");
                return;
            }
            this.machine.context.ledger.write(run, { ...record, phase: record.phase - 1 });
            this.#enter(run);
        }
    }

    /** One batch: the outcome, nothing left to undo with, and nothing secret kept. Slots are free when it is durable. */
    #settle(run: Run, state: RunState): void {
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
                    this.#rollback.replace(other, theirs, { ...theirs, prior: entry.wants });
                }
            }
        }
    }

    #nodeLeft(run: Run, node: NodeState): void {
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
            this.#turnBackward(run, { code: "NODE_GONE", message: `node ${nodeText(node.nodeId)} left the fabric` });
        }
        this.#enqueue(run);
    }

    #draw(key: () => Uint8Array): Draw {
        const { keySets, context } = this.machine;
        return {
            key,
            startTime: id => keySets.nextStartTime(id),
            revision: id => (keySets.get(id)?.latest ?? 0) + 1,
            wallMs: context.wallMs,
        };
    }
}

function runValue(run: Run, created: boolean): CommandResult {
    return ok({ type: "run", run: run.id, state: run.record!.state, created });
}

