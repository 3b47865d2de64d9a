import type { DurableRecord, TableName } from "./store.js";

/**
 * One durable record and its owner in memory. Records are immutable, so that the last durable image is just a reference: taking
 * back a refused change and building a batch copy nothing.
 */
export abstract class Row<R extends DurableRecord> {
    /** What memory says; null: deleted. */
    record: R | null;
    /** What the store surely holds; null: nothing. */
    durable: R | null = null;
    /** Waits for the next batch. */
    dirty = false;

    constructor(
        readonly table: TableName,
        readonly id: number,
        record: R | null,
    ) {
        this.record = record;
    }

    /** The change since the durable image is progress only: no command and no run rests on it, and losing it costs a verify. */
    abstract isProgress(): boolean;

    /** `record` was set back to `durable` because the store refused. */
    abstract takenBack(): void;

    /** The change from `before` to `durable` has landed. */
    abstract landed(before: R | null): void;
}
