import type { ManagerEvent } from "../../src/core/event.js";
import type { RunRecord, RunState } from "../../src/core/records.js";
import type { StoreBatch } from "../../src/core/store.js";
import { isSettled } from "../../src/tasks/run.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** S4: phases only advance, settled is final; an outcome is told at most once per process and can always be asked for. */
export class RunsAreFinal implements Checker {
    readonly name = "S4";
    readonly claim = "phases only advance, settled is final, an outcome is told once and can always be asked for";
    readonly #told = new Set<number>();
    readonly #settled = new Map<number, RunState>();
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#told.clear();
        this.#settled.clear();
    }

    batchSent(batch: StoreBatch): void {
        for (const { table, id, record } of batch.puts) {
            if (table === "run" && record !== null) {
                this.#compare(id, this.#world.store.records("run").get(id) as RunRecord | undefined, record as RunRecord);
            }
        }
    }

    event(event: ManagerEvent): void {
        if (event.type !== "runChanged" || !isSettled(event.state)) {
            return;
        }
        if (this.#told.has(event.run)) {
            this.#world.violate(this.name, `the outcome of run ${event.run} was told twice`);
        }
        this.#told.add(event.run);
        this.#settled.set(event.run, event.state);
    }

    crashed(): void {
        this.#told.clear();
    }

    /** Outcomes that came after the backup are not known any more. */
    backupRestored(): void {
        this.#settled.clear();
    }

    ended(): void {
        for (const [run, state] of this.#settled) {
            if (this.#world.manager!.run(run)?.state !== state) {
                this.#world.violate(this.name, `run ${run} was told to be ${state}, but asked for it is ${this.#world.manager!.run(run)?.state ?? "unknown"}`);
            }
        }
    }

    #compare(id: number, before: RunRecord | undefined, after: RunRecord): void {
        if (before === undefined) {
            return;
        }
        if (isSettled(before.state)) {
            this.#world.violate(this.name, `run ${id} was settled as ${before.state} and changed to ${after.state}`);
        }
        const turned = before.direction !== after.direction;
        const back = before.direction === "backward" ? after.phase > before.phase : after.phase < before.phase && !turned;
        if (back || (turned && before.direction === "backward")) {
            this.#world.violate(this.name, `run ${id} went from phase ${before.phase} ${before.direction} to ${after.phase} ${after.direction}`);
        }
    }
}
