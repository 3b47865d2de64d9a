import { TABLES, type EncodedPut } from "./store-batch.js";

/**
 * The payload of a frame: puts one after the other, in their order.
 *
 * ```
 *    0  1  table
 *    1  8  id (double)
 *    9  4  length of the record in bytes; DELETED when there is none
 *   13     record
 * ```
 */
const PUT_HEADER_BYTES = 13;
const DELETED = 0xffff_ffff;

/** Where one put lies in a file. `length` is -1 when it deletes. */
export type PutVisitor = (table: number, id: number, start: number, length: number) => void;

/** The puts as one payload. */
export function encodePuts(puts: readonly EncodedPut[]): Buffer {
    let size = 0;
    for (const put of puts) {
        size += PUT_HEADER_BYTES + (put.bytes?.length ?? 0);
    }
    const payload = Buffer.allocUnsafe(size);
    let at = 0;
    for (const put of puts) {
        payload.writeUInt8(put.table, at);
        payload.writeDoubleLE(put.id, at + 1);
        payload.writeUInt32LE(put.bytes === null ? DELETED : put.bytes.length, at + 9);
        at += PUT_HEADER_BYTES;
        if (put.bytes !== null) {
            payload.set(put.bytes, at);
            at += put.bytes.length;
        }
    }
    return payload;
}

/** Visit the puts of the payload that lies at `start` in a file. Returns false when it is malformed. */
export function visitPuts(file: Buffer, start: number, length: number, visit: PutVisitor): boolean {
    const end = start + length;
    let at = start;
    while (at < end) {
        if (at + PUT_HEADER_BYTES > end) {
            return false;
        }
        const table = file.readUInt8(at);
        const id = file.readDoubleLE(at + 1);
        const size = file.readUInt32LE(at + 9);
        at += PUT_HEADER_BYTES;
        const bytes = size === DELETED ? 0 : size;
        if (table >= TABLES.length || !Number.isSafeInteger(id) || at + bytes > end) {
            return false;
        }
        visit(table, id, at, size === DELETED ? -1 : size);
        at += bytes;
    }
    return true;
}
