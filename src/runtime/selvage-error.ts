import type { ErrorCode, Failure } from "../core/error.js";
import { StoreError, type StoreErrorCode } from "./store/store-error.js";

/**
 * Every code that a {@link SelvageError} can have; codes are stable. Besides those of the machine and of stores:
 *
 * - `INVALID_OPTIONS`: `openManager` cannot work with its options. Nothing was opened.
 * - `LIMIT_REACHED`: too much is outstanding at once, see {@link RuntimeLimits}.
 * - `EVENTS_LOST`: an event iterator was not read fast enough and has ended.
 * - `INTERNAL`: a fault in Selvage or in a kind or task of yours stopped the manager; `cause` is what was thrown.
 */
export type SelvageErrorCode =
    | Exclude<ErrorCode, "CORRUPT_STORE">
    | Exclude<StoreErrorCode, "REFUSED">
    | "INVALID_OPTIONS"
    | "LIMIT_REACHED"
    | "EVENTS_LOST"
    | "INTERNAL";

/** What an error's message speaks of, as data. */
export type ErrorDetails = NonNullable<Failure["details"]>;

/**
 * What every refused call of a manager rejects with. The message says what to do next; neither it nor `details` ever holds key
 * material.
 *
 * @example
 * ```ts
 * try {
 *     await manager.run("addNodeToGroup", params);
 * } catch (error) {
 *     if (error instanceof SelvageError && error.code === "SLOT_OCCUPIED") {
 *         await manager.awaitRun(error.details["run"] as number);
 *     }
 * }
 * ```
 */
export class SelvageError extends Error {
    override readonly name = "SelvageError";
    readonly code: SelvageErrorCode;
    readonly details: ErrorDetails;

    /**
     * @param code stable, for programs.
     * @param message for people: what happened and what to do next.
     * @param options.details what the message speaks of, as data.
     * @param options.cause the error beneath, if there is one.
     */
    constructor(code: SelvageErrorCode, message: string, options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {}) {
        super(message, "cause" in options ? { cause: options.cause } : undefined);
        this.code = code;
        this.details = options.details ?? {};
    }
}

/** The machine's refusal as an error. A damaged store has one code, whoever found the damage. */
export function errorOf({ code, message, details }: Failure, cause?: unknown): SelvageError {
    return new SelvageError(code === "CORRUPT_STORE" ? "CORRUPT" : code, message, {
        ...(details === undefined ? {} : { details }),
        ...(cause === undefined ? {} : { cause }),
    });
}

/** Why a store could not be opened. */
export function openError(cause: unknown): SelvageError {
    if (cause instanceof StoreError && cause.code !== "REFUSED") {
        return new SelvageError(cause.code, cause.message, { cause });
    }
    return new SelvageError("UNAVAILABLE", "the store could not be opened: see the cause, then open the manager again", { cause });
}

export function closedError(): SelvageError {
    return new SelvageError("CLOSED", "the manager is closed and nothing of this was done: open another one with openManager");
}

export function internalError(cause: unknown): SelvageError {
    return new SelvageError(
        "INTERNAL",
        "the manager stopped, because Selvage or one of your kinds or tasks failed (see the cause); what it had told is in the store: " +
            "open another manager with openManager, and report the fault",
        { cause },
    );
}
