import type { Result } from "./error.js";
import type { ItemIdentity, ItemKey } from "./identity.js";
import type { KeySetId, NodeId } from "./ids.js";
import type { Administrator, Kind } from "./kind.js";
import type { GroupKeySecurityPolicy, ItemMode, RunState } from "./records.js";
import type { OperationFailure } from "./outcome.js";
import type { StatusCode } from "./status.js";

/** What a caller asks of the machine. Each command is answered by exactly one reply, when what it changed is durable. */
export type Command = FabricCommand | TaskCommand | DatastoreCommand;

/** Commands on nodes, items and key sets. */
export type FabricCommand =
    /** The node is a member of the fabric. Repeating it changes nothing. */
    | { readonly type: "addNode"; readonly node: NodeId }
    /** The node left the fabric: its items end as `nodeGone`. */
    | { readonly type: "removeNode"; readonly node: NodeId }
    /** The node under this id was re-commissioned or reset: a new incarnation. */
    | { readonly type: "renewNode"; readonly node: NodeId }
    /** Set and remove intents, all of them or none. */
    | { readonly type: "change"; readonly changes: readonly Change[]; readonly force?: boolean }
    /** A value found on the device becomes a committed item without a write. */
    | { readonly type: "adopt"; readonly node: NodeId; readonly kind: string; readonly intent: unknown; readonly mode?: ItemMode }
    /** Give the item up and leave the device as it is (JFDS dismissal); bars adoption of the leftover. */
    | { readonly type: "withdraw"; readonly node: NodeId; readonly kind: string; readonly key: ItemKey }
    /** The leftover of a withdrawn item is gone from the device: it may be adopted again when it reappears. */
    | { readonly type: "leftoverGone"; readonly node: NodeId; readonly kind: string; readonly key: ItemKey }
    /** A new revision of a fabric-scoped key set. Slots in ascending order of start time. */
    | {
          readonly type: "putKeySet";
          readonly keySetId: number;
          readonly policy?: GroupKeySecurityPolicy;
          readonly slots: readonly { readonly startTime: bigint; readonly key: Uint8Array }[];
      }
    /** One pass over a node; answered with what it found when it is over. */
    | {
          readonly type: "reconcile";
          readonly node: NodeId;
          readonly capacity?: boolean;
          readonly verify?: "all" | readonly ItemIdentity[];
          readonly rewrite?: "all" | readonly ItemIdentity[];
      }
    /** Try an item again now: forgets its failure, releases its hold, verifies and rewrites it. */
    | { readonly type: "retry"; readonly node: NodeId; readonly kind: string; readonly key: ItemKey }
    | { readonly type: "registerKind"; readonly kind: Kind }
    /** The controller acts as this subject from now on; not stored. */
    | { readonly type: "setAdministrator"; readonly administrator: Administrator };

/** One intent that is set or removed, as part of a `change` command. */
export type Change =
    | { readonly op: "set"; readonly node: NodeId; readonly kind: string; readonly intent: unknown; readonly mode?: ItemMode }
    | { readonly op: "remove"; readonly node: NodeId; readonly kind: string; readonly key: ItemKey };

/** Commands on runs. */
export type TaskCommand =
    | {
          readonly type: "run";
          readonly task: string;
          readonly params: unknown;
          /** Makes the command idempotent: the same id answers with the same run. */
          readonly requestId?: string;
          /** The run fails, and rolls back, when it is not complete by then (from now). */
          readonly deadlineMs?: number;
      }
    | { readonly type: "cancel"; readonly run: number; readonly reason?: string }
    /** A stuck run tries its rollback again. */
    | { readonly type: "retryRun"; readonly run: number }
    /** Give a stuck run up: devices stay as they are, what was not restored is listed. */
    | { readonly type: "abandon"; readonly run: number; readonly reason?: string }
    /** `definition` is a `TaskDefinition` of `src/tasks`. */
    | { readonly type: "registerTask"; readonly definition: object };

/** Commands on the Joint Fabric Datastore (section 11.24). Each answers `status`; refused where no datastore is plugged in. */
export type DatastoreCommand =
    /** One of the cluster's commands by its name in lower camel case, with its fields by theirs. */
    | { readonly type: "jfds"; readonly command: string; readonly fields: { readonly [name: string]: unknown } }
    /** The Joint Fabric is formed, with this node as its Anchor: everything that the datastore must hold from then on, in one step. */
    | { readonly type: "formDatastore"; readonly formation: Formation }
    /** Hand the datastore over to another Anchor (section 12.2.6): it is frozen from `begin` until `complete`, which erases it here, or `abort`. */
    | { readonly type: "transferAnchor"; readonly step: "begin" | "complete" | "abort" }
    /** The Joint Fabric left this node: everything is erased, and nothing is done on other nodes. */
    | { readonly type: "removeFabric" };

/** What a Joint Fabric begins with. */
export interface Formation {
    /** RCAC in Matter's encoding, at most 400 bytes. */
    readonly anchorRootCa: Uint8Array;
    readonly anchorNodeId: NodeId;
    readonly anchorVendorId: number;
    /** Of the fabric; at most 32 bytes of UTF-8, as the names below. */
    readonly friendlyName: string;
    /** The Anchor as the first entry of AdminList: its name, and the ICAC under which its NOC was issued (at most 400 bytes). */
    readonly anchorName: string;
    readonly icac: Uint8Array;
    /** The IPK, key set 0. */
    readonly ipk: readonly { readonly startTime: bigint; readonly key: Uint8Array }[];
    /** The groups of the Administrator CAT and of the Anchor CAT. */
    readonly administratorGroup: { readonly groupId: number; readonly friendlyName: string };
    readonly anchorGroup: { readonly groupId: number; readonly friendlyName: string };
}

/** The answer to a command: its value, or why it was refused. */
export type CommandResult = Result<CommandValue>;

/** What an accepted command answers; each command has one type of value. */
export type CommandValue =
    | { readonly type: "done" }
    | { readonly type: "keySet"; readonly keySetId: KeySetId; readonly revision: number }
    | { readonly type: "run"; readonly run: number; readonly state: RunState; readonly created: boolean }
    | { readonly type: "pass"; readonly report: PassReport }
    /** An Interaction Model status: what the datastore answers its client. */
    | { readonly type: "status"; readonly status: StatusCode };

/** What one pass over a node did. */
export interface PassReport {
    readonly applied: number;
    readonly removed: number;
    readonly verified: number;
    readonly drifted: number;
    readonly failed: number;
    /** Items that could not be read, with the reason. */
    readonly unread: readonly { readonly item: ItemIdentity; readonly failure: OperationFailure }[];
}

export const doneValue: CommandResult = { ok: true, value: { type: "done" } };
