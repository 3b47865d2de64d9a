import type { Failure, Result } from "../core/error.js";
import type { ItemIdentity, ItemKey, Slot } from "../core/identity.js";
import type { EpochUs, KeySetId, NodeId } from "../core/ids.js";
import type { ItemMode, ItemState, KeySetRevision } from "../core/records.js";

/** An item of one node, as a task names it. */
export interface NodeItem extends ItemIdentity {
    readonly node: NodeId;
}

/** What a phase wants to be so. */
export type Wanted =
    | { readonly op: "set"; readonly node: NodeId; readonly kind: string; readonly intent: object; readonly mode?: ItemMode }
    /** Skipped while something still references the item. */
    | { readonly op: "remove"; readonly node: NodeId; readonly kind: string; readonly key: ItemKey };

/** What a phase waits for: each item committed, or gone, by an answer to a request made since the phase began. */
export interface Awaited extends NodeItem {
    readonly is: "committed" | "gone";
}

/** The items that a phase waits for: all of them. */
export interface Gate {
    readonly items: readonly Awaited[];
}

/** An item as tasks see it. */
export interface ItemView {
    readonly intent: object;
    readonly mode: ItemMode;
    readonly state: ItemState;
    readonly owes: "apply" | "remove" | "nothing";
}

/** Desired state as a task definition may look at it: the present, nothing else. */
export interface View {
    hasNode(node: NodeId): boolean;
    item(node: NodeId, kind: string, key: ItemKey): ItemView | undefined;
    /** Nodes that have this item and do not owe its removal, in ascending order. */
    members(identity: ItemIdentity): readonly NodeId[];
    /** The newest revision of a key set that still has its material. */
    keySet(id: KeySetId): KeySetRevision | undefined;
    /** Whether something other than this run wants the item's existence: other items on its node, or live runs. */
    isReferenced(item: NodeItem): boolean;
}

/** What may be drawn at admission, once, and is stored in the run. */
export interface Draw {
    /** 16 random bytes for an epoch key. */
    key(): Uint8Array;
    /** The next unused start time of a key set. */
    startTime(keySetId: KeySetId): EpochUs;
    /** The number that the next revision of a key set will have. */
    revision(keySetId: KeySetId): number;
    readonly wallMs: number;
}

/** A key set that admission creates, in the batch that records the run. */
export interface KeySetDraft {
    readonly keySetId: KeySetId;
    readonly policy: 0 | 1;
    readonly slots: readonly { readonly startTime: bigint; readonly key: Uint8Array }[];
}

/** What admission settles for the life of the run. */
export interface Prepared<P extends object, D extends object> {
    /** Parameters as they are stored: no secrets. */
    readonly params: P;
    readonly drawn: D;
    readonly keySets?: readonly KeySetDraft[];
}

/**
 * One phase: says which intents it wants and when it is through; performs nothing. `changes` is a fixpoint: for a view in which its
 * intents are set, it wants nothing new; it is asked again after a restart and whenever what it selects changes.
 */
export interface Phase {
    readonly name: string;
    /** Checked on entry and before the next phase. A failure turns the run backward. */
    requires?(view: View): Failure | null;
    /** Identities whose members on any node this phase depends on. */
    selects?(view: View): readonly ItemIdentity[];
    changes(view: View): readonly Wanted[];
    until(view: View): Gate;
}

/**
 * A kind of multi-step change: immutable data and pure functions. `I` are parameters as a caller gives them, `P` as they are stored,
 * `D` what is drawn at admission.
 */
export interface TaskDefinition<I extends object = object, P extends object = object, D extends object = object> {
    readonly type: string;
    /** Raised when stored runs of an earlier version cannot be continued by this one. */
    readonly version: number;
    /** Check what a caller gave. Messages name fields, never values. */
    validate(input: unknown): Result<I>;
    /** Fix everything that must not change while the run lives. */
    prepare(input: I, view: View, draw: Draw): Result<Prepared<P, D>>;
    /** Check what the store gave. */
    restore(params: object, drawn: object): Result<{ params: P; drawn: D }>;
    /** What the run must own alone. */
    slots(params: P): readonly Slot[];
    nodes(params: P): readonly NodeId[];
    phases(params: P, drawn: D): readonly Phase[];
    /** Everything the run will want, for admission: rows are reserved for it. */
    planned(params: P, drawn: D): readonly Wanted[];
    /** Null while the run can be undone; else why not (it passed its point of no return). */
    irreversible?(phase: number): string | null;
    /** What becomes of a run when a node it names leaves the fabric. Default: it fails. */
    readonly whenNodeLeaves?: "fail" | "shrink";
}
