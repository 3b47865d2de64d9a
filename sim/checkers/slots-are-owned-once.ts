import type { Command, CommandResult } from "../../src/core/command.js";
import type { RunRecord } from "../../src/core/records.js";
import type { StoreBatch } from "../../src/core/store.js";
import { isSettled } from "../../src/tasks/run.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** S11: slots are owned by at most one run, until the batch that settles it is durable. */
export class SlotsAreOwnedOnce implements Checker {
    readonly name = "S11";
    readonly claim = "slots are owned by at most one run";
    /** World time at which the batch that settled a slot's last owner was durable. */
    readonly #freeSinceMs = new Map<string, number>();
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#freeSinceMs.clear();
    }

    /** A run that appears was admitted when its slots were free. */
    batchSent(batch: StoreBatch): void {
        const stored = this.#world.store.records("run");
        for (const { table, id, record } of batch.puts) {
            if (table === "run" && record !== null && !stored.has(id)) {
                this.#checkAdmission(id, record as RunRecord);
            }
        }
    }

    batchDecided(batch: StoreBatch, durable: boolean): void {
        for (const { table, record } of durable ? batch.puts : []) {
            if (table === "run" && record !== null && isSettled((record as RunRecord).state)) {
                for (const slot of (record as RunRecord).slots) {
                    this.#freeSinceMs.set(slot, this.#world.nowMs);
                }
            }
        }
    }

    #checkAdmission(id: number, { slots, admittedAtMs }: RunRecord): void {
        for (const slot of slots) {
            const owned = [...this.#world.store.records("run").values()].some(other => {
                const { state, slots: theirs } = other as RunRecord;
                return !isSettled(state) && theirs.includes(slot);
            });
            if (owned || (this.#freeSinceMs.get(slot) ?? 0) > this.#world.momentOf(admittedAtMs)) {
                this.#world.violate(this.name, `run ${id} was admitted before the batch that settles the owner of ${slot} was durable`);
            }
        }
    }

    replied(_id: number, command: Command, result: CommandResult): void {
        if (command.type === "run" && result.ok) {
            this.scan();
        }
    }

    restarted(): void {
        this.scan();
    }

    scan(): void {
        if (this.#world.manager === null) {
            return;
        }
        const owners = new Map<string, number>();
        for (const run of this.#world.manager.tasks.runs.all()) {
            const isOver = run.durable !== null && isSettled(run.durable.state);
            for (const slot of isOver ? [] : (run.record?.slots ?? [])) {
                const other = owners.get(slot);
                if (other !== undefined) {
                    this.#world.violate(this.name, `runs ${other} and ${run.id} both own ${slot}`);
                }
                owners.set(slot, run.id);
            }
        }
    }
}
