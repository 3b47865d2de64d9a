import type { EpochUs, KeySetId } from "../core/ids.js";
import type { GroupKeySecurityPolicy, KeySetRecord } from "../core/records.js";

/** A key set as callers see it: fingerprints stand for keys. */
export interface KeySetInfo {
    readonly keySetId: KeySetId;
    /** Revisions whose keys are kept: the one to use, and those that some node still has. */
    readonly revisions: readonly {
        readonly revision: number;
        readonly policy: GroupKeySecurityPolicy;
        readonly keys: readonly {
            /** epoch-us: microseconds since 2000-01-01T00:00:00Z. */
            readonly startTime: EpochUs;
            readonly fingerprint: string;
        }[];
    }[];
}

export function keySetInfo({ keySetId, revisions }: KeySetRecord): KeySetInfo {
    return {
        keySetId,
        revisions: revisions.map(({ revision, policy, slots }) => ({
            revision,
            policy,
            keys: slots.map(({ startTime, key }) => ({ startTime, fingerprint: key.fingerprint })),
        })),
    };
}
