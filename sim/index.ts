/**
 * The model world: random schedules of tasks, faults and crashes around the cores, under checkers; replayable byte for byte.
 *
 * @example
 * ```ts
 * import { record, runCampaign, standard } from "selvage/sim";
 *
 * const { failing, traceHash } = await runCampaign({ profile: standard, seed: 1, runs: 1000, now: () => performance.now() });
 * for (const { seed } of failing) {
 *     console.log(record({ script: standard.draw(seed), scanThroughout: false }).violation);
 * }
 * ```
 *
 * @packageDocumentation
 */
export {
    runCampaign,
    type CampaignOptions,
    type CampaignProgress,
    type CampaignResult,
    type CampaignTotals,
    type FailingSeed,
    type FaultCounts,
} from "./campaign.js";
export { failureFileText, readFailureFile, type FailureFile } from "./failure-file.js";
export { FAULT_CLASSES, faultClasses, type FaultClass } from "./fault-classes.js";
export { drawDeviceFaults, drawFaultPlan, drawOutages, noFaults, type FaultPlan, type Outages } from "./fault-plan.js";
export { crowded, devices, mixed, profiles, standard, type Profile } from "./generate.js";
export { profileNamed } from "./profile-named.js";
export { Random } from "./random.js";
export { record, violationOf, type Recorded } from "./replay.js";
export { looksLikeReplayToken, readReplayToken, replayToken, type Replay } from "./replay-token.js";
export { scriptFrom, ScriptError } from "./script-check.js";
export { plainNode, SCRIPT_FORMAT, type Action, type CrashScript, type DirectChange, type Incident, type NodeScript, type OtherDeed, type Script } from "./script.js";
export { scripts, shrink, type Shrunk, type ShrinkOptions } from "./shrink.js";
export type { TraceLine } from "./trace-recorder.js";
export type { ScheduleResult, Violation } from "./world.js";
