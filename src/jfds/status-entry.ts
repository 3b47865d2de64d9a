import type { ItemFailure, ItemState } from "../core/records.js";
import { Status, type StatusCode } from "../core/status.js";

/** DatastoreStateEnum (section 11.24.5.1). */
export const DatastoreState = { PENDING: 0, COMMITTED: 1, DELETE_PENDING: 2, COMMIT_FAILED: 3 } as const;

/** DatastoreStatusEntryStruct (section 11.24.5.2). */
export interface StatusEntry {
    readonly state: number;
    /** `epoch-s`: seconds since 2000-01-01. */
    readonly updateTimestamp: number;
    /** The status of the last failed operation while the state is CommitFailed; SUCCESS otherwise. */
    readonly failureCode: StatusCode;
}

const EPOCH_MS = 946_684_800_000;
const MAX_EPOCH_S = 0xffff_ffff;

const states: { readonly [S in ItemState]: number } = {
    pending: DatastoreState.PENDING,
    committed: DatastoreState.COMMITTED,
    deletePending: DatastoreState.DELETE_PENDING,
    commitFailed: DatastoreState.COMMIT_FAILED,
};

/** Wall time as `epoch-s`; 0 for a clock that was never set. */
export function epochSeconds(wallMs: number): number {
    return Math.min(Math.max(Math.floor((wallMs - EPOCH_MS) / 1000), 0), MAX_EPOCH_S);
}

export function statusEntry(state: ItemState, changedAtMs: number, failureCode: StatusCode = Status.SUCCESS): StatusEntry {
    const isFailed = state === "commitFailed";
    return { state: states[state], updateTimestamp: epochSeconds(changedAtMs), failureCode: isFailed ? failureCode || Status.FAILURE : Status.SUCCESS };
}

/** FailureCode of a failure: what the node answered, unchanged; FAILURE where it was refused here or said nothing usable. */
export function failureCodeOf(failure: ItemFailure | null): StatusCode {
    return failure?.code || Status.FAILURE;
}

/** Whether an operation that failed with this code is worth another try; a refresh drops what is not (section 11.24.7.11). */
export function isRecoverable(failure: ItemFailure | null, unrecoverable: readonly StatusCode[]): boolean {
    return !unrecoverable.includes(failureCodeOf(failure));
}
