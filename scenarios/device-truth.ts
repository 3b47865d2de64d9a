import { createHash } from "node:crypto";
import type { KeyMaterial } from "../src/core/key-material.js";

/**
 * What a device holds for the manager's fabric, read from the device's own inside: not over the wire, not by any code under test. Plain data, so
 * that two truths can be compared; fingerprints stand for keys, names for node ids.
 */
export interface DeviceTruth {
    /** Ascending by group. */
    readonly groupTable: readonly { readonly groupId: number; readonly endpoints: readonly number[]; readonly name: string }[];
    /** Ascending by group: the order of the device's list means nothing. */
    readonly groupKeyMap: readonly { readonly groupId: number; readonly keySetId: number }[];
    /** Without the IPK, ascending by id. */
    readonly keySets: readonly KeySetTruth[];
    /** In the device's order, the commissioner's own entry included. */
    readonly acl: readonly AclTruth[];
    /** Of the endpoints that are there, in the device's order. */
    readonly bindings: readonly BindingTruth[];
    /** The IPK, once it is another one than commissioning brought. */
    readonly ipk: KeySetTruth["slots"];
    /** CASE authenticated tags in the operational certificate that it has now. */
    readonly tags: readonly number[];
}

export interface KeySetTruth {
    readonly id: number;
    /** Those in use, in slot order. Start times are epoch-us. */
    readonly slots: readonly { readonly startTime: bigint; readonly key: string }[];
}

/** AccessControlEntryStruct (section 9.10.5.6). */
export interface AclTruth {
    readonly privilege: number;
    readonly authMode: number;
    /** By name, see {@link subjectName}. */
    readonly subjects: readonly string[] | null;
    readonly targets: readonly { readonly cluster: number | null; readonly endpoint: number | null; readonly deviceType: number | null }[] | null;
}

/** TargetStruct (section 9.6.5.1) with the endpoint whose Binding server has it; what it does not name is null. */
export interface BindingTruth {
    readonly at: number;
    readonly node: string | null;
    readonly group: number | null;
    readonly endpoint: number | null;
    readonly cluster: number | null;
}

/** Who the manager's controller is, among the subjects of an ACL. */
export const MANAGER = "manager";

/** What a device holds that was commissioned and nothing else. */
export const emptyTruth: DeviceTruth = {
    groupTable: [],
    groupKeyMap: [],
    keySets: [],
    acl: [{ privilege: 5, authMode: 2, subjects: [MANAGER], targets: null }],
    bindings: [],
    ipk: [],
    tags: [],
};

/** Stands for a key in what is shown and compared: equal keys, and only they, have equal ones. */
export function keyFingerprint(key: KeyMaterial | Uint8Array): string {
    const bytes = key instanceof Uint8Array ? key : key.reveal();
    return createHash("sha256").update("selvage scenario").update(bytes).digest("hex").slice(0, 12);
}

/** A node by its name in the scenario, any other subject by its number: node ids differ from one kind of nodes to the other. */
export function subjectName(subject: bigint, names: ReadonlyMap<bigint, string>): string {
    return names.get(subject) ?? `0x${subject.toString(16)}`;
}

/** In the order that {@link DeviceTruth} promises. */
export function orderedTruth(truth: DeviceTruth): DeviceTruth {
    return {
        ...truth,
        groupTable: [...truth.groupTable].sort((a, b) => a.groupId - b.groupId),
        groupKeyMap: [...truth.groupKeyMap].sort((a, b) => a.groupId - b.groupId),
        keySets: [...truth.keySets].sort((a, b) => a.id - b.id),
        bindings: [...truth.bindings].sort((a, b) => a.at - b.at),
        tags: [...truth.tags].sort((a, b) => a - b),
    };
}
