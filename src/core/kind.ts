import type { CertificateStep } from "./certificate-step.js";
import type { AttributePath, DeviceAnswer, DeviceRequest, NotSentAnswer, UnknownAnswer } from "./device.js";
import type { Result } from "./error.js";
import type { ItemIdentity, ItemKey } from "./identity.js";
import type { KeySetId, NodeId } from "./ids.js";
import type { KeySetRevision } from "./records.js";
import type { OperationFailure } from "./outcome.js";
import { Status, type StatusCode } from "./status.js";

/** What a kind's operation sees of an answer: transport outcomes end the pass and never reach it. */
export type KindAnswer = Exclude<DeviceAnswer, NotSentAnswer | UnknownAnswer> | LocalAnswer;

/**
 * What an operation asks of the machine itself, in the middle of its requests:
 * - `siblings`: the items of its kind on the node, and who the manager is, at this moment. Answered at once.
 * - `claim`: which entries on the device these items own. Answered when it is durable, so that a claim precedes the write that makes the
 *   entry. Claims of items that are gone by then are dropped.
 */
export type LocalStep =
    | { readonly op: "siblings" }
    | { readonly op: "claim"; readonly claims: readonly ItemClaim[] };

/** What an item of the kind owns on the device; the kind's own plain data; null: nothing. */
export interface ItemClaim {
    readonly key: ItemKey;
    readonly claim: object | null;
}

/** The answers to {@link LocalStep}. */
export type LocalAnswer =
    | { readonly kind: "siblings"; readonly items: readonly SiblingItem[]; readonly administrator: Administrator | null }
    | { readonly kind: "claimed" };

/** An item of the operation's kind on the same node; the operation's own item is among them. */
export interface SiblingItem {
    readonly key: ItemKey;
    readonly intent: object;
    readonly claim: object | null;
    /** It is to leave the node. */
    readonly isLeaving: boolean;
}

/** The subject that the manager's requests come from: what access control lists must let in (section 6.6). */
export interface Administrator {
    readonly nodeId: NodeId;
    /** CASE authenticated tags of the NOC in use now, 32 bit each (section 6.6.2.1.2). */
    readonly caseAuthenticatedTags: readonly number[];
}

/**
 * An operation of a kind: yields one request at a time, is given its answer, and returns a result. It must be a pure function of
 * (context, answers so far), so that it can be stopped at any yield and done again from its start.
 */
export type Operation<R> = Generator<DeviceRequest | CertificateStep | LocalStep, R, KindAnswer>;

/** Done, or why not. */
export type OperationResult =
    | {
          readonly done: true;
          /** Rows of the kind's capacity table as the operation left them, when it knows all of them. */
          readonly rows?: readonly number[];
          /** A removal left the value on the device, for this reason: somebody else's entry holds it. */
          readonly remains?: string;
          /** A removal gave the intent up without taking anything from the device: the item ends as withdrawn, not as done. */
          readonly withdrawn?: true;
      }
    | {
          readonly done: false;
          readonly failure: OperationFailure;
          /** The node may still be in the state that {@link Kind.locksNodeMs} is about: it stays locked, until the next try or the end of the lock. */
          readonly unfinished?: true;
      };

/** What a live read says about an item: the device holds it, does not, or could not be read. */
export type VerifyResult =
    | { readonly holds: true }
    | { readonly holds: false }
    | { readonly holds: null; readonly failure: OperationFailure };

/** What an operation may look at besides the answers; fixed while it runs. */
export interface OperationContext<I extends object> {
    readonly intent: I;
    readonly key: ItemKey;
    /** A revision of a fabric-scoped key set; undefined once it is erased. */
    readonly keySet: (id: KeySetId, revision: number) => KeySetRevision | undefined;
    /** Intent of another item on the same node that is wanted there (not owing removal). */
    readonly wanted: (identity: ItemIdentity) => object | undefined;
    /** Observed limit of the kind's capacity table; null until it was read, or if the kind has none. */
    readonly limit: number | null;
}

/** A bounded table of a device that items take rows of; several kinds can share one. */
export interface CapacityTable {
    readonly name: string;
    /** Rows every device must have room for, rows in use on a fresh one (specification minima), and which of those are known. */
    readonly minimum: { readonly limit: number; readonly used: number; readonly rows?: readonly number[] };
    /** Attributes whose report may mean more room. */
    readonly watch?: readonly AttributePath[];
    /** Reads limit and rows in use, by row number; null when the device does not tell. */
    observe(): Operation<CapacityObservation | null>;
}

/** Which rows the items of a kind take. */
export interface KindCapacity<I extends object> {
    readonly table: CapacityTable;
    rowOf(intent: I): number;
    /**
     * An item may need no row of its own, because an entry that is there covers it. So only its operation, which has read the table, can say that there is
     * no room; without this the lane says so before anything is sent.
     */
    readonly isJudgedByOperation?: true;
}

/** What a device tells of one of its tables. */
export interface CapacityObservation {
    readonly limit: number;
    readonly rows: readonly number[];
}

/**
 * A kind of managed item: pure functions that say what an item is, what it needs, and how one device is brought to hold it, asked
 * whether it does, and rid of it.
 */
export interface Kind<I extends object = object> {
    readonly name: string;
    /** Check an intent from a caller or from the store, and return it in canonical form. Messages name fields, never secrets. */
    validate(intent: unknown): Result<I>;
    /** The item's identity on a node. */
    keyOf(intent: I): ItemKey;
    equal(a: I, b: I): boolean;
    /** Lower is applied earlier. */
    readonly applyOrder: number;
    /** Lower is removed earlier. */
    readonly removeOrder: number;
    /** Items that must be on the node before this one, and must stay until it is gone. */
    dependsOn(intent: I): readonly ItemIdentity[];
    /** The key set revision that the intent names, which must live as long as the item. */
    keySetOf?(intent: I): { readonly keySetId: KeySetId; readonly revision: number };
    /** Attributes whose report makes a live read of the item worthwhile. */
    watch(intent: I): readonly AttributePath[];
    /** These attributes do not tell every change of the item: `maintain` items are verified hourly besides. */
    readonly isWatchPartial?: true;
    readonly capacity?: KindCapacity<I>;
    /**
     * Items of the kind on a node share what they write: a request of one of them that may still take effect can undo what another one found, so that none is recorded as
     * committed before that is over.
     */
    readonly sharesWrites?: true;
    /**
     * Operations bring the node into a state in which nothing else may be written there (a fail-safe). From their first write on, and when one is cut off
     * half-way (no answer, another intent, a crash), nothing but this item is done on the node until an operation of the item is over, for at most this many
     * milliseconds after its latest write. Their requests are given `timing.failSafeDeadlineMs`.
     */
    readonly locksNodeMs?: number;
    apply(context: OperationContext<I>): Operation<OperationResult>;
    verify(context: OperationContext<I>): Operation<VerifyResult>;
    remove(context: OperationContext<I>): Operation<OperationResult>;
}

/** The result of an operation that did what it should. */
export const done: OperationResult = { done: true };

/** The result of an operation that did not. */
export function failed(failure: OperationFailure): OperationResult {
    return { done: false, failure };
}

/** The device holds the item. */
export const holds: VerifyResult = { holds: true };
/** The device does not hold the item. */
export const differs: VerifyResult = { holds: false };

/** The device could not be read, which says nothing about the item. */
export function unread(failure: OperationFailure): VerifyResult {
    return { holds: null, failure };
}

/** The status of an answer; FAILURE for one of an unexpected form. */
export function answerStatus(answer: KindAnswer): StatusCode {
    return answer.kind === "status" ? answer.status : Status.FAILURE;
}
