/** A worker thread of a campaign; see `campaign-workers.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import { ChunkRunner } from "./campaign-chunk.js";
import type { ChunkJob } from "./campaign-workers.js";
import { profileNamed } from "./profile-named.js";

const runner = new ChunkRunner(profileNamed(workerData as string));
parentPort!.on("message", ({ firstSeed, schedules }: ChunkJob) => {
    parentPort!.postMessage(runner.run(firstSeed, schedules));
});
