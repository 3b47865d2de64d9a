import { Worker } from "node:worker_threads";
import type { ChunkResult } from "./campaign-chunk.js";

/** What a worker is told, and what it tells. */
export interface ChunkJob {
    readonly firstSeed: number;
    readonly schedules: number;
}

/** Threads that run chunks, each one at a time. */
export class ChunkWorkers {
    readonly #threads: readonly Worker[];
    /** One function per thread: runs a chunk there. */
    readonly lanes: readonly ((firstSeed: number, schedules: number) => Promise<ChunkResult>)[];

    constructor(profile: string, count: number) {
        const file = new URL("./campaign-worker.js", import.meta.url);
        this.#threads = Array.from({ length: count }, () => new Worker(file, { workerData: profile }));
        this.lanes = this.#threads.map(thread => (firstSeed, schedules) => ask(thread, { firstSeed, schedules }));
    }

    async close(): Promise<void> {
        await Promise.all(this.#threads.map(thread => thread.terminate()));
    }
}

function ask(thread: Worker, job: ChunkJob): Promise<ChunkResult> {
    return new Promise((resolve, reject) => {
        const over = (settle: () => void) => {
            thread.off("message", onMessage).off("error", onError).off("exit", onExit);
            settle();
        };
        const onMessage = (result: ChunkResult) => over(() => resolve(result));
        const onError = (error: unknown) => over(() => reject(error instanceof Error ? error : new Error(String(error))));
        const onExit = (code: number) => over(() => reject(new Error(`a worker thread ended with code ${code} in the middle of a chunk`)));
        thread.on("message", onMessage).on("error", onError).on("exit", onExit);
        thread.postMessage(job);
    });
}
