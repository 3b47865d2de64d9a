/** Why an adapter, or a module, cannot be worked with. */
export type AdapterErrorCode = "NOT_STARTED" | "PROTOCOL" | "ENDED" | "REFUSED" | "NO_TARGET";

export class AdapterError extends Error {
    override readonly name = "AdapterError";

    constructor(
        readonly code: AdapterErrorCode,
        message: string,
    ) {
        super(message);
    }
}
