/** Why a command could not do what it was asked, and what to do instead. */
export type UsageErrorCode =
    | "BAD_ARGUMENT"
    | "UNKNOWN_SCENARIO"
    | "NOT_ON_THESE_NODES"
    | "UNREADABLE_FILE"
    | "UNKNOWN_TARGET"
    | "MATTER_MISSING"
    | "MUTANT_NOT_LOADED"
    | "NOT_REPRODUCIBLE"
    | "NOT_BUILT";

/** Ends the process with code 2; the message is all that people see. */
export class UsageError extends Error {
    override readonly name = "UsageError";

    constructor(
        readonly code: UsageErrorCode,
        message: string,
    ) {
        super(message);
    }
}
