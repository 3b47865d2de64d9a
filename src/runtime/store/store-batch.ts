import type { StoreBatch, StoreImage, StorePut, TableName, DurableRecord } from "../../core/store.js";
import { decodeRecord, encodeRecord } from "./record-codec.js";
import { StoreError } from "./store-error.js";
import { UndecodableRecord } from "./undecodable-record.js";

/** The tables by their number in files. Numbers are never reused; new tables go to the end. */
export const TABLES: readonly TableName[] = ["meta", "node", "item", "keySet", "run", "jfds"];

/** A put whose record is bytes; `bytes: null` deletes. */
export interface EncodedPut {
    /** Index into {@link TABLES}. */
    readonly table: number;
    readonly id: number;
    readonly bytes: Uint8Array | null;
}

/**
 * The batch as bytes, in its order.
 *
 * @throws StoreError REFUSED for an unknown table, an id that is no positive safe integer, or a record that is not plain data.
 */
export function encodeBatch(batch: StoreBatch): EncodedPut[] {
    return batch.puts.map(encodePut);
}

function encodePut(put: StorePut): EncodedPut {
    const table = TABLES.indexOf(put.table);
    if (table < 0) {
        throw new StoreError("REFUSED", `there is no table of that name; use one of ${TABLES.join(", ")}`);
    }
    if (!Number.isSafeInteger(put.id) || put.id < 1) {
        throw new StoreError("REFUSED", `the id of a record of table ${put.table} is not a positive safe integer`);
    }
    return { table, id: put.id, bytes: put.record === null ? null : encodeRecord(put.record) };
}

/** The latest bytes of every record, per table (by its index in {@link TABLES}) and id. */
export type EncodedImage = readonly Map<number, Uint8Array>[];

export function emptyEncodedImage(): EncodedImage {
    return TABLES.map(() => new Map<number, Uint8Array>());
}

export function applyPut(image: EncodedImage, put: EncodedPut): void {
    const records = image[put.table]!;
    if (put.bytes === null) {
        records.delete(put.id);
    } else {
        records.set(put.id, put.bytes);
    }
}

/** The image that the core gets at start. Bytes that do not decode become an {@link UndecodableRecord}. */
export function decodeImage(encoded: EncodedImage): StoreImage {
    const image: Partial<Record<TableName, ReadonlyMap<number, DurableRecord>>> = {};
    TABLES.forEach((table, index) => {
        image[table] = decodeTable(table, encoded[index]!);
    });
    return image as StoreImage;
}

function decodeTable(table: TableName, encoded: ReadonlyMap<number, Uint8Array>): Map<number, DurableRecord> {
    const records = new Map<number, DurableRecord>();
    for (const id of [...encoded.keys()].sort((a, b) => a - b)) {
        records.set(id, decodeRecord(encoded.get(id)!) ?? new UndecodableRecord(table, id));
    }
    return records;
}
