import type { AttributePath, DeviceAnswer, DeviceRequest, NotSentAnswer, UnknownAnswer } from "./device.js";
import type { Result } from "./error.js";
import type { ItemIdentity, ItemKey } from "./identity.js";
import type { KeySetId } from "./ids.js";
import type { KeySetRevision } from "./records.js";
import type { OperationFailure } from "./outcome.js";
import { Status, type StatusCode } from "./status.js";

/** What a kind's operation sees of an answer: transport outcomes end the pass and never reach it. */
export type KindAnswer = Exclude<DeviceAnswer, NotSentAnswer | UnknownAnswer>;

/**
 * An operation of a kind: yields one request at a time, is given its answer, and returns a result. It must be a pure function of
 * (context, answers so far), so that it can be stopped at any yield and done again from its start.
 */
export type Operation<R> = Generator<DeviceRequest, R, KindAnswer>;

/** Done, or why not. */
export type OperationResult = { readonly done: true } | { readonly done: false; readonly failure: OperationFailure };

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
}

/** A bounded table of a device that items take rows of; several kinds can share one. */
export interface CapacityTable {
    readonly name: string;
    /** Rows every device must have room for, and rows in use on a fresh one (specification minima). */
    readonly minimum: { readonly limit: number; readonly used: number };
    /** Reads limit and rows in use, by row number; null when the device does not tell. */
    observe(): Operation<CapacityObservation | null>;
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
    readonly capacity?: { readonly table: CapacityTable; rowOf(intent: I): number };
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
