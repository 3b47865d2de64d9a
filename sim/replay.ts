import { allCheckers } from "./checkers/index.js";
import type { Replay } from "./replay-token.js";
import { TraceRecorder, type TraceLine } from "./trace-recorder.js";
import { World, type ScheduleResult, type Violation } from "./world.js";

/** A schedule, run again and written down. */
export interface Recorded extends ScheduleResult {
    readonly lines: readonly TraceLine[];
    readonly traceHash: string;
    readonly marks: Readonly<Record<string, number>>;
}

/** What a schedule violates in the model world, with all checkers on; null: nothing. */
export function violationOf({ script, scanThroughout }: Replay): Violation | null {
    return new World(allCheckers()).run(script, { scanThroughout }).violation;
}

/** Run a schedule in the model world with all checkers on, and keep its trace. */
export function record({ script, scanThroughout }: Replay): Recorded {
    const world = new World(allCheckers());
    const recorder = new TraceRecorder();
    const result = world.run(script, { scanThroughout, recorder });
    return { ...result, lines: recorder.lines, traceHash: world.hash.hex(), marks: world.marks.toRecord() };
}
