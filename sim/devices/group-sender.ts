import type { KeyMaterial } from "../../src/core/key-material.js";
import type { KeySetState } from "./key-set-state.js";

/**
 * By which rule a node chooses the epoch key that it sends to a group with (core section 4.17.3.1). "clock": the latest start that is not in the future.
 * "noClock": the second newest of two or three keys, else the only one; connectedhomeip, which never looks at a clock, does the same.
 */
export type SenderRule = "clock" | "noClock";

/**
 * The key that a node sends with; undefined when there is none, as in a set whose keys all lie in the future.
 *
 * @param nowEpochUs microseconds since 2000-01-01; a node without a clock does not look
 */
export function sendingKeyOf({ keys, startTimes }: KeySetState, rule: SenderRule, nowEpochUs: bigint): KeyMaterial | undefined {
    const used = [0, 1, 2].filter(slot => keys[slot] !== null);
    // Slots are in the order of their start times.
    const slot = rule === "clock" ? used.findLast(each => startTimes[each]! <= nowEpochUs) : used[Math.max(0, used.length - 2)];
    return slot === undefined ? undefined : keys[slot]!;
}

/** A receiver takes every key that is installed, whatever its start time. */
export function holdsKey({ keys }: KeySetState, key: KeyMaterial): boolean {
    return keys.some(each => each?.equals(key) === true);
}
