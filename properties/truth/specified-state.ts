import { DISABLED_START_TIME, KeySetState } from "../../sim/devices/key-set-state.js";
import type { NodeSnapshot } from "../../sim/devices/sim-node.js";

/** The state that a node would be in if it followed the specification, given what matter.js keeps. */
export function asSpecified(snapshot: NodeSnapshot): NodeSnapshot {
    return {
        ...snapshot,
        fabrics: snapshot.fabrics.map(fabric => (fabric === undefined ? undefined : { ...fabric, keySets: keySetsAsSpecified(fabric.keySets) })),
    };
}

/** One set per id: the last written one, in the place of the first. Slots that start never are unused. */
function keySetsAsSpecified(keySets: readonly KeySetState[]): readonly KeySetState[] {
    const byId = new Map<number, KeySetState>();
    for (const set of keySets) {
        byId.set(set.id, withoutDisabledSlots(set));
    }
    return [...byId.values()];
}

function withoutDisabledSlots(set: KeySetState): KeySetState {
    if (!set.startTimes.includes(DISABLED_START_TIME)) {
        return set;
    }
    const isUsed = (slot: number) => set.startTimes[slot] !== DISABLED_START_TIME;
    const [key0, key1, key2] = set.keys.map((key, slot) => (isUsed(slot) ? key : null));
    const [time0, time1, time2] = set.startTimes.map((time, slot) => (isUsed(slot) ? time : null));
    return new KeySetState(set.id, set.securityPolicy, set.multicastPolicy, [key0!, key1!, key2!], [time0!, time1!, time2!]);
}
