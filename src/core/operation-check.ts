import type { OperationResult, VerifyResult } from "./kind.js";
import { failureClasses, type FailureClass } from "./outcome.js";
import type { Pass, Running } from "./pass.js";

/** A kind is somebody's code: what it returns is checked before it is used. */
export function isResult(purpose: Running["purpose"], value: unknown): boolean {
    const result = (value ?? {}) as { done?: unknown; holds?: unknown; failure?: { class?: FailureClass } };
    const failureClass = result.failure?.class;
    const hasFailure = failureClass !== undefined && failureClasses.includes(failureClass);
    if (purpose === "observe") {
        return typeof value === "object" && value !== null;
    }
    if (purpose === "capacity") {
        return value === null || (Number.isInteger((value as { limit?: unknown }).limit) && Array.isArray((value as { rows?: unknown }).rows));
    }
    if (purpose === "verify") {
        return typeof result.holds === "boolean" || (result.holds === null && hasFailure);
    }
    return result.done === true || (result.done === false && hasFailure);
}

/** The result of an operation that misbehaved. */
export function faulty(running: Running, what: string): OperationResult | VerifyResult | null {
    const failure = { class: "terminal", message: `the kind's ${running.purpose} is faulty: ${what}` } as const;
    if (running.purpose === "capacity" || running.purpose === "observe") {
        return null;
    }
    return running.purpose === "verify" ? { holds: null, failure } : { done: false, failure };
}

/** The operation is not wanted any more; what a kind does about that is its own affair. */
export function stop(running: Running | null): void {
    try {
        running?.generator.return(undefined as never);
    } catch {
        // nothing rests on it
    }
}

/** An operation that is stopped for what it did. */
export function misbehaved(running: Running, what: string): IteratorReturnResult<unknown> {
    stop(running);
    return { done: true, value: faulty(running, what) };
}

/** Nobody wants what is under way any more. @returns that it is over */
export function abandon(pass: Pass): true {
    stop(pass.running);
    pass.running = null;
    return true;
}
