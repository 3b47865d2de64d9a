/** The store protocol: what the machine hands to a store, and what it gets back at start. */

/** The tables of the durable state. */
export type TableName = "meta" | "node" | "item" | "keySet" | "run" | "jfds";

/** A record: immutable plain data (numbers, strings, booleans, null, bigint, Uint8Array, KeyMaterial, arrays, objects). */
export type DurableRecord = object;

/** One change of one record; `record: null` deletes it. */
export interface StorePut {
    readonly table: TableName;
    /** Unique within the table, a positive safe integer; never reused. */
    readonly id: number;
    readonly record: DurableRecord | null;
}

/** Changes that become durable together or not at all. */
export interface StoreBatch {
    /** Counts from 1 in each process. */
    readonly id: number;
    readonly puts: readonly StorePut[];
}

/** Everything a store holds, in ascending id within each table. An empty store has empty tables. */
export type StoreImage = { readonly [T in TableName]: ReadonlyMap<number, DurableRecord> };
