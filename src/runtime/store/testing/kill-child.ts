/**
 * Commits the crash workload to the store in `argv[2]` until it is killed, and prints the number of each batch when it is
 * acknowledged. Three batches are outstanding at any time.
 */
import { writeSync } from "node:fs";
import { LogStore } from "../log-store.js";
import { batchesIn, crashBatch } from "./crash-workload.js";

const OUTSTANDING = 3;

const store = new LogStore({ directory: process.argv[2]!, compactAtBytes: 20_000 });
let next = batchesIn(await store.open()) + 1;
writeSync(1, "open\n");

async function work(): Promise<never> {
    for (;;) {
        const batch = crashBatch(next++);
        await store.commit(batch);
        // Not process.stdout: what is told must be told before the next step.
        writeSync(1, `${batch.id}\n`);
    }
}

await Promise.all(Array.from({ length: OUTSTANDING }, work));
