/**
 * Why a store could not do what was asked.
 *
 * - `LOCKED`: another process (or another open store of this one) holds the store.
 * - `CORRUPT`: the files are damaged in a way that a crash cannot explain. Nothing was changed.
 * - `WRONG_FABRIC`: the store belongs to another fabric. Told by the core, which reads the `meta` record.
 * - `NEWER_SCHEMA`: a newer version of Selvage wrote the store. Nothing was changed.
 * - `REFUSED`: this batch was not kept; the store goes on working.
 * - `UNAVAILABLE`: the place cannot hold a store, or the disk stopped working; the store must be opened again.
 * - `CLOSED`: the store is not open.
 */
export type StoreErrorCode =
    | "LOCKED"
    | "CORRUPT"
    | "WRONG_FABRIC"
    | "NEWER_SCHEMA"
    | "REFUSED"
    | "UNAVAILABLE"
    | "CLOSED";

/**
 * What every store throws. The message says what to do next and never holds the content of a record.
 *
 * @example
 * ```ts
 * try {
 *     await store.open();
 * } catch (error) {
 *     if (error instanceof StoreError && error.code === "LOCKED") {
 *         console.error(error.message); // "... is in use by another process; close it, or choose another directory"
 *     }
 * }
 * ```
 */
export class StoreError extends Error {
    override readonly name = "StoreError";
    readonly code: StoreErrorCode;

    /**
     * @param code stable, for programs.
     * @param message for people: what happened and what to do next.
     * @param options.cause the error beneath, when it cannot carry the content of a record (errors of the file system).
     */
    constructor(code: StoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
        super(message, options);
        this.code = code;
    }
}
