import type { RequestEffect } from "../../src/core/effect.js";
import { identityText } from "../../src/core/identity.js";
import type { RunRecord } from "../../src/core/records.js";
import type { StoreBatch } from "../../src/core/store.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";
import type { ItemHistories } from "./item-history.js";

/**
 * S13: `completed` is never false: what the run wanted was on the device at some instant of its last life before it was recorded; a run
 * that turned backward names a cause.
 */
export class CompletedIsTrue implements Checker {
    readonly name = "S13";
    readonly claim = "completed is never false";
    /** When the run was first seen, or the process began that drives it now. */
    readonly #sinceMs = new Map<number, number>();
    /** By node: when the latest request was sent, and the latest one that is over by now. */
    readonly #sentAtMs: number[] = [];
    readonly #askedAtMs: number[] = [];
    #world!: World;

    constructor(private readonly histories: ItemHistories) {}

    begin(world: World): void {
        this.#world = world;
        this.#sinceMs.clear();
        this.#askedAtMs.length = 0;
    }

    requestSent(_effect: RequestEffect, node: number): void {
        this.#sentAtMs[node] = this.#world.nowMs;
    }

    requestOver(_effect: RequestEffect, node: number): void {
        this.#askedAtMs[node] = this.#sentAtMs[node]!;
    }

    backupRestored(): void {
        this.#sinceMs.clear();
    }

    restarted(): void {
        for (const run of this.#sinceMs.keys()) {
            this.#sinceMs.set(run, this.#world.nowMs);
        }
    }

    batchSent(batch: StoreBatch): void {
        for (const { table, id, record } of batch.puts) {
            if (table === "run" && record !== null) {
                this.#check(id, record as RunRecord);
            }
        }
    }

    #check(id: number, record: RunRecord): void {
        if (!this.#sinceMs.has(id)) {
            this.#sinceMs.set(id, this.#world.momentOf(record.admittedAtMs));
        }
        if (record.state === "completed") {
            this.#checkGates(id);
        } else if ((record.state === "failed" || record.state === "cancelled") && record.cause === null) {
            this.#world.violate(this.name, `run ${id} is ${record.state} without a cause`);
        }
    }

    /** What the phases say they wait for was so, on the devices, while this process drove the run. */
    #checkGates(id: number): void {
        const { tasks } = this.#world.manager!;
        const run = tasks.runs.get(id)!;
        for (const phase of run.phases) {
            for (const awaited of phase.until(tasks.driver.view(run)).items) {
                const identity = identityText(awaited.kind, awaited.key);
                // Somebody may have changed or removed the item since the run decided: what it decided on counts.
                const history = this.histories.latest(this.#world.indexOf(awaited.node), identity);
                const untilMs = history === undefined ? -1 : Math.max(history.heldUntilMs, history.replaces?.heldUntilMs ?? -1);
                const what = `${identity} on node ${awaited.node}`;
                const asked = this.#askedAtMs[this.#world.indexOf(awaited.node)] ?? -1;
                if (awaited.is === "committed" && asked < this.#sinceMs.get(id)!) {
                    this.#world.violate(this.name, `run ${id} completed, but nobody asked for ${what} while it ran`);
                }
                if (awaited.is === "committed" && untilMs < this.#sinceMs.get(id)!) {
                    this.#world.violate(this.name, `run ${id} completed, but the device did not hold ${what} while it ran`);
                }
            }
        }
    }
}
