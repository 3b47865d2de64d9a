import type { DeviceAnswer, DeviceFields } from "../../src/core/device.js";
import type { KeyMaterial } from "../../src/core/key-material.js";
import { responseAnswer } from "./answers.js";

/** Start time that disables a slot (core section 4.17.3). */
export const DISABLED_START_TIME = 0xffff_ffff_ffff_ffffn;

/** What AddNOC puts down as the IPK's start time (section 11.2.7.1, note on EpochStartTime0). */
const ADD_NOC_START_TIME = 0n;

/** GroupKeySecurityPolicyEnum (section 11.2.5.1). */
export const SecurityPolicy = { TRUST_FIRST: 0, CACHE_AND_SYNC: 1 } as const;

/** GroupKeyMulticastPolicyEnum (section 11.2.5.2). */
export const MulticastPolicy = { PER_GROUP_ID: 0, ALL_NODES: 1 } as const;

/**
 * A key set as a node keeps it (section 11.2.5.4), immutable. The keys are inside: checkers read them here, the wire never does.
 */
export class KeySetState {
    #readAnswer: DeviceAnswer | undefined;

    /**
     * @param keys three slots; null where the slot is unused
     * @param startTimes epoch-us on the wire, null exactly where the key is
     * @param multicastPolicy undefined when the writer left it out
     */
    constructor(
        readonly id: number,
        readonly securityPolicy: number,
        readonly multicastPolicy: number | undefined,
        readonly keys: readonly [KeyMaterial | null, KeyMaterial | null, KeyMaterial | null],
        readonly startTimes: readonly [bigint | null, bigint | null, bigint | null],
    ) {}

    static ipkOfAddNoc(ipk: KeyMaterial): KeySetState {
        return new KeySetState(0, SecurityPolicy.TRUST_FIRST, MulticastPolicy.PER_GROUP_ID, [ipk, null, null], [ADD_NOC_START_TIME, null, null]);
    }

    equals(other: KeySetState): boolean {
        if (this.id !== other.id || this.securityPolicy !== other.securityPolicy || this.multicastPolicy !== other.multicastPolicy) {
            return false;
        }
        for (let slot = 0; slot < 3; slot++) {
            if (this.startTimes[slot] !== other.startTimes[slot] || !sameKey(this.keys[slot]!, other.keys[slot]!)) {
                return false;
            }
        }
        return true;
    }

    /** KeySetReadResponse (section 11.2.7.3): the keys are replaced by null. */
    get readAnswer(): DeviceAnswer {
        return (this.#readAnswer ??= responseAnswer({ groupKeySet: this.#readable() }));
    }

    #readable(): DeviceFields {
        const readable = {
            groupKeySetId: this.id,
            groupKeySecurityPolicy: this.securityPolicy,
            epochKey0: null,
            epochStartTime0: this.startTimes[0],
            epochKey1: null,
            epochStartTime1: this.startTimes[1],
            epochKey2: null,
            epochStartTime2: this.startTimes[2],
        };
        return this.multicastPolicy === undefined ? readable : { ...readable, groupKeyMulticastPolicy: this.multicastPolicy };
    }
}

function sameKey(one: KeyMaterial | null, other: KeyMaterial | null): boolean {
    return one === other || (one !== null && other !== null && one.equals(other));
}
