/** Errors are values inside the machine; `src/runtime` wraps them in a class at the edge. */
export type ErrorCode =
    | "UNKNOWN_NODE"
    | "UNKNOWN_KIND"
    | "UNKNOWN_ITEM"
    | "UNKNOWN_TASK"
    | "UNKNOWN_RUN"
    | "UNKNOWN_KEY_SET"
    | "INVALID_COMMAND"
    | "INVALID_INTENT"
    | "INVALID_PARAMS"
    | "INVALID_KEY_SET"
    | "ALREADY_REGISTERED"
    | "ITEM_OCCUPIED"
    | "ITEM_REFERENCED"
    | "DEPENDENCY_LEAVING"
    | "TOMBSTONED"
    | "ITEM_EXISTS"
    | "KEY_TIME_REUSED"
    | "KEY_SET_CONFLICT"
    | "CAPACITY_EXCEEDED"
    | "SLOT_OCCUPIED"
    | "REQUEST_ID_REUSED"
    | "RUN_SETTLED"
    | "CANCELLED"
    | "RUN_NOT_STUCK"
    | "RUN_BLOCKED"
    | "POINT_OF_NO_RETURN"
    | "REQUIREMENT_FAILED"
    | "ITEM_FAILED"
    | "ITEM_HELD"
    | "ITEM_GONE"
    | "NODE_GONE"
    | "DEADLINE_PASSED"
    | "DEFINITION_FAULTY"
    | "OUT_OF_REACH"
    | "READ_FAILED"
    | "STORE_REFUSED"
    | "WRONG_FABRIC"
    | "NEWER_SCHEMA"
    | "CORRUPT_STORE"
    | "CLOSED";

/** What went wrong, under a stable code, and what to do next. Never contains key material. */
export interface Failure {
    readonly code: ErrorCode;
    readonly message: string;
    /** What the message speaks of, as data (node, resource, owner, ...). */
    readonly details?: { readonly [name: string]: string | number | boolean | null };
}

export function failure(code: ErrorCode, message: string, details?: Failure["details"]): Failure {
    return details === undefined ? { code, message } : { code, message, details };
}

/** A value, or why there is none. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure };

/** A result that is a value. */
export function ok<T>(value: T): Result<T> {
    return { ok: true, value };
}

/** A result that is a failure; the message says what to do next and never shows a secret. */
export function refuse(code: ErrorCode, message: string, details?: Failure["details"]): Result<never> {
    return { ok: false, error: failure(code, message, details) };
}

/** Ask somebody's own kind or task. What it throws is a failure of its item or run, and must not stop the machine. */
export function guarded<T>(what: string, ask: () => T): Result<T> {
    try {
        return ok(ask());
    } catch (error) {
        const said = error instanceof Error ? error.message : "something that is no Error";
        return refuse("DEFINITION_FAULTY", `${what} threw (${said}): mend it; a definition reports problems by returning them`);
    }
}
