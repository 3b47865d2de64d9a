import { createHash } from "node:crypto";
import type { KeyMaterial } from "../src/core/key-material.js";

/**
 * What a device holds for the manager's fabric, read from the device's own inside: not over the wire, not by any code under test. Plain data, so
 * that two truths can be compared; fingerprints stand for keys.
 */
export interface DeviceTruth {
    /** Ascending by group. */
    readonly groupTable: readonly { readonly groupId: number; readonly endpoints: readonly number[]; readonly name: string }[];
    /** Ascending by group: the order of the device's list means nothing. */
    readonly groupKeyMap: readonly { readonly groupId: number; readonly keySetId: number }[];
    /** Without the IPK, ascending by id. */
    readonly keySets: readonly KeySetTruth[];
}

export interface KeySetTruth {
    readonly id: number;
    /** Those in use, in slot order. Start times are epoch-us. */
    readonly slots: readonly { readonly startTime: bigint; readonly key: string }[];
}

/** What a device out of the box holds. */
export const emptyTruth: DeviceTruth = { groupTable: [], groupKeyMap: [], keySets: [] };

/** Stands for a key in what is shown and compared: equal keys, and only they, have equal ones. */
export function keyFingerprint(key: KeyMaterial | Uint8Array): string {
    const bytes = key instanceof Uint8Array ? key : key.reveal();
    return createHash("sha256").update("selvage scenario").update(bytes).digest("hex").slice(0, 12);
}

/** In the order that {@link DeviceTruth} promises. */
export function orderedTruth({ groupTable, groupKeyMap, keySets }: DeviceTruth): DeviceTruth {
    return {
        groupTable: [...groupTable].sort((a, b) => a.groupId - b.groupId),
        groupKeyMap: [...groupKeyMap].sort((a, b) => a.groupId - b.groupId),
        keySets: [...keySets].sort((a, b) => a.id - b.id),
    };
}
