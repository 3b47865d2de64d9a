import type { Command } from "../core/command.js";
import type { Extension } from "../core/context.js";
import { nodeText } from "../core/identity.js";
import type { Item } from "../core/item.js";
import { Limits } from "../core/limits.js";
import { sorted } from "../core/loader.js";
import type { MachineParts } from "../core/machine.js";
import type { NodeState } from "../core/node-state.js";
import type { RunRecord } from "../core/records.js";
import { checkRun } from "../core/schema.js";
import type { StoreImage } from "../core/store.js";
import type { TaskDefinition } from "./definition.js";
import { RunBinding } from "./run-binding.js";
import { RunCommands } from "./run-commands.js";
import { RunDriver } from "./run-driver.js";
import { isSettled, Run, type RunOwner } from "./run.js";
import { RunTable } from "./run-table.js";

/** Drives runs: forward phase by phase, or backward. Decides at the end of a step, and never in between. */
export class TaskRuntime implements Extension, RunOwner {
    readonly runs: RunTable;
    readonly driver: RunDriver;
    readonly commands: RunCommands;
    readonly #binding: RunBinding;
    #queue: Run[] = [];

    constructor(
        readonly machine: MachineParts,
        definitions: readonly TaskDefinition[],
    ) {
        const known = new Map(definitions.map(definition => [definition.type, definition]));
        const enqueue = (run: Run) => this.#enqueue(run);
        this.runs = new RunTable(machine);
        this.driver = new RunDriver(machine, this.runs, enqueue);
        this.#binding = new RunBinding(machine, this.runs, known);
        this.commands = new RunCommands(machine, this.runs, known, this.#binding, this.driver, this, enqueue);
    }

    load(image: StoreImage): void {
        const settled: Run[] = [];
        for (const [id, stored] of sorted(image, "run")) {
            const problem = checkRun(stored);
            if (problem !== null) {
                this.machine.quarantined.push({ table: "run", id, reason: problem });
                continue;
            }
            const run = new Run(this, id, stored as RunRecord);
            run.durable = run.record;
            this.runs.insert(run);
            if (run.isLive) {
                this.#binding.attach(run);
                this.#binding.bind(run);
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
        const result = this.commands.handle(command);
        if (result === null) {
            return false;
        }
        this.machine.context.reply(id, result, result.ok);
        return true;
    }

    itemChanged(item: Item): void {
        for (const run of this.runs.interestedIn(item)) {
            run.isUnsettled ||= !isFamiliar(run, item);
            this.#enqueue(run);
        }
        for (const run of this.runs.selectorsOf(item.text)) {
            run.isUnsettled = true;
            this.#enqueue(run);
        }
        if (item.record === null) {
            this.runs.forgetItem(item);
        }
    }

    nodeRemoved(node: NodeState): void {
        for (const run of this.runs.all()) {
            if (run.isLive && (run.record!.nodes.includes(node.nodeId) || run.record!.changeSet.some(entry => entry.node === node.id))) {
                this.driver.nodeLeft(run, node);
            }
        }
    }

    kindRegistered(): void {
        for (const run of this.runs.all()) {
            if (run.isLive) {
                run.isUnsettled = true;
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
            this.driver.rollback.leave(run, entry, "forced");
            if (run.record!.direction === "forward") {
                this.driver.turnBackward(run, { code: "ITEM_OCCUPIED", message: `a caller forced a change of ${item.text} on node ${nodeText(item.node.nodeId)}` });
            }
            this.#enqueue(run);
        }
    }

    neededBy(item: Item): number {
        return this.runs.needing(item)[0]?.id ?? 0;
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
                    this.driver.drive(run);
                }
            }
        }
    }

    runDue(run: Run): void {
        if (run.isLive && run.record!.direction === "forward") {
            this.driver.turnBackward(run, { code: "DEADLINE_PASSED", message: "the run was not complete at its deadline: its changes are rolled back" });
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
            this.#binding.attach(run);
            this.driver.enter(run);
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

    #enqueue(run: Run): void {
        if (!run.queued) {
            run.queued = true;
            this.#queue.push(run);
        }
    }
}

/** The item has the intent that the run last wrote or found. */
function isFamiliar(run: Run, item: Item): boolean {
    const generation = item.record?.generation;
    for (const entry of run.record?.changeSet ?? []) {
        if (entry.generation === generation) {
            return true;
        }
    }
    return false;
}
