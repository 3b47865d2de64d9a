import { Status, statusName, type StatusCode } from "./status.js";

/**
 * What a failure means for trying again.
 * - `transient`: the same request is worth repeating, with back-off.
 * - `terminal`: no use repeating until the intent, or what refused it, changes.
 * - `notApplicable`: the node has no place for it now; until its structure changes.
 */
export type FailureClass = "transient" | "terminal" | "notApplicable";

/** Every {@link FailureClass}, for checks of what comes from a store or from somebody's own kind. */
export const failureClasses: readonly FailureClass[] = ["transient", "terminal", "notApplicable"];

/** How an operation failed on the device, or before it was sent. */
export interface OperationFailure {
    readonly class: FailureClass;
    /** Interaction Model status, if a device gave one. */
    readonly code?: StatusCode;
    readonly message: string;
}

const terminal: ReadonlySet<StatusCode> = new Set([
    Status.RESOURCE_EXHAUSTED,
    Status.CONSTRAINT_ERROR,
    Status.INVALID_COMMAND,
    Status.INVALID_ACTION,
]);

const notApplicable: ReadonlySet<StatusCode> = new Set([
    Status.UNSUPPORTED_ENDPOINT,
    Status.UNSUPPORTED_CLUSTER,
    Status.UNSUPPORTED_COMMAND,
    Status.UNSUPPORTED_ATTRIBUTE,
]);

/** The outcome table: the class of every status that is not success. Codes it does not name are worth repeating. */
export function classifyStatus(status: StatusCode): FailureClass {
    if (terminal.has(status)) {
        return "terminal";
    }
    return notApplicable.has(status) ? "notApplicable" : "transient";
}

/** The failure that a status stands for; `doing` says what was tried. */
export function statusFailure(status: StatusCode, doing: string): OperationFailure {
    return { class: classifyStatus(status), code: status, message: `${doing}: ${statusName(status)}` };
}
