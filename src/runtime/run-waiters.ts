import type { RunInfo, Manager } from "../tasks/manager.js";
import { isSettled } from "../tasks/run.js";
import { RuntimeLimits } from "./runtime-limits.js";
import { SelvageError } from "./selvage-error.js";

interface Waiter {
    readonly promise: Promise<RunInfo>;
    readonly resolve: (run: RunInfo) => void;
    readonly reject: (error: unknown) => void;
}

/** Those who wait for runs to settle. A run is settled for them when its outcome is durable, not before. */
export class RunWaiters {
    readonly #waiters = new Map<number, Set<Waiter>>();
    #count = 0;

    constructor(private readonly manager: Manager) {}

    wait(run: number, signal: AbortSignal | undefined): Promise<RunInfo> {
        if (signal?.aborted === true) {
            return Promise.reject(signal.reason as Error);
        }
        const known = this.manager.tasks.runs.get(run);
        if (known === undefined) {
            return Promise.reject(unknownRun(run));
        }
        if (known.durable !== null && isSettled(known.durable.state)) {
            return Promise.resolve(this.manager.run(run)!);
        }
        if (this.#count >= RuntimeLimits.awaitedRuns) {
            return Promise.reject(
                new SelvageError("LIMIT_REACHED", `at most ${RuntimeLimits.awaitedRuns} callers can wait for runs: subscribe to events instead`),
            );
        }
        return this.#add(run, signal);
    }

    /** The outcome of the run is durable. */
    settled(run: number): void {
        const info = this.manager.run(run);
        this.#end(run, waiter => (info === undefined ? waiter.reject(unknownRun(run)) : waiter.resolve(info)));
    }

    /** The store refused something: runs that began with it have never been. */
    recheck(): void {
        for (const run of [...this.#waiters.keys()]) {
            if (this.manager.tasks.runs.get(run) === undefined) {
                this.#end(run, waiter => waiter.reject(unknownRun(run)));
            }
        }
    }

    /** The manager is closed. Who dropped the promise meanwhile need not be told. */
    close(error: () => SelvageError): void {
        for (const run of [...this.#waiters.keys()]) {
            this.#end(run, waiter => {
                waiter.promise.catch(() => {});
                waiter.reject(error());
            });
        }
    }

    #add(run: number, signal: AbortSignal | undefined): Promise<RunInfo> {
        let settle!: Pick<Waiter, "resolve" | "reject">;
        const promise = new Promise<RunInfo>((resolve, reject) => {
            settle = { resolve, reject };
        });
        const abort = () => {
            this.#remove(run, waiter);
            waiter.reject(signal!.reason);
        };
        const release = () => signal?.removeEventListener("abort", abort);
        const waiter: Waiter = {
            promise,
            resolve: info => {
                release();
                settle.resolve(info);
            },
            reject: error => {
                release();
                settle.reject(error);
            },
        };
        const waiters = this.#waiters.get(run) ?? new Set<Waiter>();
        this.#waiters.set(run, waiters.add(waiter));
        this.#count++;
        signal?.addEventListener("abort", abort);
        return promise;
    }

    #end(run: number, end: (waiter: Waiter) => void): void {
        for (const waiter of this.#waiters.get(run) ?? []) {
            this.#remove(run, waiter);
            end(waiter);
        }
    }

    #remove(run: number, waiter: Waiter): void {
        const waiters = this.#waiters.get(run);
        if (waiters?.delete(waiter)) {
            this.#count--;
            if (waiters.size === 0) {
                this.#waiters.delete(run);
            }
        }
    }
}

function unknownRun(run: number): SelvageError {
    return new SelvageError("UNKNOWN_RUN", `there is no run ${run}, or its history is no longer kept: runs() lists those that are`, { details: { run } });
}
