import type { Failure } from "./error.js";
import type { ItemKey } from "./identity.js";
import type { EpochUs, KeySetId, NodeId } from "./ids.js";
import type { KeyMaterial } from "./key-material.js";
import type { FailureClass } from "./outcome.js";
import type { StatusCode } from "./status.js";

/** The durable state: immutable plain data, a new object for each change. Versioned by {@link SCHEMA_VERSION}. */
export const SCHEMA_VERSION = 1;

/** The fabric that a store belongs to: never its index, which is recycled. */
export interface FabricIdentity {
    /** Public key of the fabric's root CA, 65 bytes in lower-case hex (section 2.5.1). */
    readonly rootPublicKey: string;
    readonly fabricId: bigint;
}

/** The only record of table `meta`, id 1. */
export interface MetaRecord {
    readonly schema: number;
    readonly fabric: FabricIdentity;
    /** Numbers below this one may be in use; a process begins above it. */
    readonly reservedNumber: number;
}

export interface NodeRecord {
    readonly nodeId: NodeId;
    /** Drawn anew when the node was re-commissioned or reset: what was committed before must be verified. */
    readonly incarnation: number;
}

/** DatastoreStateEnum 0 to 3 (section 11.24.5.1). */
export type ItemState = "pending" | "committed" | "deletePending" | "commitFailed";

/** `converge` pushes until committed; `maintain` also rewrites drift, within a budget. */
export type ItemMode = "converge" | "maintain";

/** Why an item is not there (or not gone) yet. */
export interface ItemFailure {
    readonly class: FailureClass;
    readonly code?: StatusCode;
    readonly message: string;
    /** Attempts that failed since the intent was set or retried. */
    readonly attempts: number;
    /** Wall time from which a transient failure is tried again. */
    readonly retryAtMs?: number;
}

export interface ItemRecord {
    readonly type: "item";
    /** Durable number of the node. */
    readonly node: number;
    readonly kind: string;
    readonly key: ItemKey;
    readonly intent: object;
    readonly mode: ItemMode;
    readonly state: ItemState;
    /** What is still owed: `commitFailed` alone cannot say. */
    readonly owes: "apply" | "remove" | "nothing";
    readonly generation: number;
    /** A request for another intent of this item may have been sent and not answered. */
    readonly replaced: boolean;
    /** The node's incarnation in which it was last committed; 0 if never. */
    readonly incarnation: number;
    /** Wall time of the last change of state. */
    readonly changedAtMs: number;
    readonly failure: ItemFailure | null;
    /** What the item owns on the device, in its kind's own form; absent: nothing beyond what naming an id claims. */
    readonly claim?: object;
}

/** A dismissed item: bars adoption of what it left on the device. */
export interface TombstoneRecord {
    readonly type: "tombstone";
    readonly node: number;
    readonly kind: string;
    readonly key: ItemKey;
    /** Removed while the node had no place for it: what is to be removed when it has one again. */
    readonly leftover?: { readonly intent: object; readonly mode: ItemMode; readonly claim?: object };
}

/** GroupKeySecurityPolicyEnum (section 11.2.5.2). */
export type GroupKeySecurityPolicy = 0 | 1;

/** One epoch key of a key set. */
export interface KeySlot {
    /** Identifies the key on devices: material cannot be read back. */
    readonly startTime: EpochUs;
    readonly key: KeyMaterial;
}

/** One to three keys in ascending order of start time. */
export interface KeySetRevision {
    readonly revision: number;
    readonly policy: GroupKeySecurityPolicy;
    readonly slots: readonly KeySlot[];
    /** An item or a live run has named it: erased when none does any more. */
    readonly used: boolean;
}

/** A fabric-scoped group key set. */
export interface KeySetRecord {
    readonly keySetId: KeySetId;
    /** The newest revision; 0 before the first. */
    readonly latest: number;
    readonly revisions: readonly KeySetRevision[];
    /** Start times ever used, with the fingerprint of their key: new material under an old one is refused. */
    readonly startTimes: readonly (readonly [EpochUs, string])[];
}

/** Where a run stands; `stuck`: its rollback could not finish. The last four are final. */
export type RunState = "running" | "stuck" | "completed" | "failed" | "cancelled" | "abandoned";

/** What a run changed, and how to undo it. */
export interface ChangeSetEntry {
    /** Durable numbers. */
    readonly node: number;
    readonly kind: string;
    readonly key: ItemKey;
    /** The phase that touched it first. */
    readonly phase: number;
    /** What was wanted before the first touch; null: nothing. Scrubbed at settlement. */
    readonly prior: { readonly intent: object; readonly mode: ItemMode } | null;
    /** What the run wants now; null: removal. */
    readonly wants: { readonly intent: object; readonly mode: ItemMode } | null;
    /** Generation that the run last wrote or found equal. */
    readonly generation: number;
    /** What rollback did about it: nothing yet, wrote the prior back, or left it for the reason it lists. */
    readonly undo: "open" | "written" | "left";
}

/** An entry that rollback did not restore, and why. */
export interface NotRestored {
    readonly node: NodeId;
    readonly kind: string;
    readonly key: ItemKey;
    readonly reason: "changedSince" | "stillReferenced" | "nodeGone" | "abandoned" | "forced" | "irreversible";
}

export interface RunRecord {
    readonly task: string;
    readonly version: number;
    readonly requestId: string | null;
    /** Keyed digest of the parameters: the same request id with other parameters is refused. */
    readonly paramsFingerprint: string;
    /** Null once settled. */
    readonly params: object | null;
    /** Times, keys and choices that were drawn at admission; null once settled. */
    readonly drawn: object | null;
    readonly slots: readonly string[];
    /** Nodes named by the run. */
    readonly nodes: readonly NodeId[];
    readonly state: RunState;
    readonly direction: "forward" | "backward";
    readonly phase: number;
    /** Why it turned backward, or ended other than completed. */
    readonly cause: Failure | null;
    /** Cancelled by a caller: ends as `cancelled` rather than `failed`. */
    readonly cancelled: boolean;
    readonly changeSet: readonly ChangeSetEntry[];
    readonly notRestored: readonly NotRestored[];
    readonly admittedAtMs: number;
    /** Wall time; null: none. */
    readonly deadlineMs: number | null;
    readonly settledAtMs: number | null;
    /** Orders history: settled later, larger. 0 while live. */
    readonly settledOrder: number;
}
