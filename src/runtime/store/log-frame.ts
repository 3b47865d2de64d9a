import { crc32 } from "node:zlib";

/**
 * A log or snapshot is a file header followed by frames. All numbers are little-endian.
 *
 * ```
 * file header (40 bytes, the same in all versions of the format)
 *    0  8  "SELVAGE\n"
 *    8  4  format version
 *   12  4  kind: 1 log, 2 snapshot
 *   16  8  number of the file (double)
 *   24  8  sequence (double): log: of its first frame; snapshot: of the first frame of the log that follows it
 *   32  4  0
 *   36  4  CRC-32 of bytes 0 to 35
 *
 * frame
 *    0  4  FRAME_MARK
 *    4  4  length of the payload in bytes
 *    8  8  sequence (double): the one before + 1
 *   16  4  CRC-32 of bytes 0 to 15
 *   20  4  CRC-32 of the payload
 *   24     payload; empty in a mark, which says that what comes before it was complete
 * ```
 *
 * One frame is one write, and the next one starts only when it is synced. So whatever a crash leaves behind is damage in the
 * *last* frame; a good frame behind a bad one is damage that no crash explains.
 */
export const FORMAT_VERSION = 1;
export const FILE_HEADER_BYTES = 40;
export const FRAME_HEADER_BYTES = 24;
/** Payloads are bounded, so that a damaged length cannot ask for all memory. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

const FILE_MAGIC = Buffer.from("SELVAGE\n", "latin1");
const FRAME_MARK = 0x67565ae1;
const FRAME_MARK_BYTES = Buffer.from([0xe1, 0x5a, 0x56, 0x67]);
const KINDS = ["log", "snapshot"] as const;

export type LogFileKind = (typeof KINDS)[number];

export interface FileHeader {
    readonly kind: LogFileKind;
    readonly number: number;
    readonly sequence: number;
}

/** The bytes of a file header. */
export function encodeFileHeader(header: FileHeader): Buffer {
    const bytes = Buffer.alloc(FILE_HEADER_BYTES);
    FILE_MAGIC.copy(bytes);
    bytes.writeUInt32LE(FORMAT_VERSION, 8);
    bytes.writeUInt32LE(KINDS.indexOf(header.kind) + 1, 12);
    bytes.writeDoubleLE(header.number, 16);
    bytes.writeDoubleLE(header.sequence, 24);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36);
    return bytes;
}

/** The header of a file; `newer` when a newer version of the format wrote it, `damaged` when it is none. */
export function decodeFileHeader(file: Buffer): FileHeader | "newer" | "damaged" {
    if (
        file.length < FILE_HEADER_BYTES ||
        !file.subarray(0, 8).equals(FILE_MAGIC) ||
        crc32(file.subarray(0, 36)) !== file.readUInt32LE(36)
    ) {
        return "damaged";
    }
    if (file.readUInt32LE(8) > FORMAT_VERSION) {
        return "newer";
    }
    const kind = KINDS[file.readUInt32LE(12) - 1];
    return kind === undefined
        ? "damaged"
        : { kind, number: file.readDoubleLE(16), sequence: file.readDoubleLE(24) };
}

/** One frame around the parts of its payload. */
export function encodeFrame(sequence: number, payload: readonly Uint8Array[]): Buffer {
    const bytes = Buffer.concat([Buffer.alloc(FRAME_HEADER_BYTES), ...payload]);
    bytes.writeUInt32LE(FRAME_MARK, 0);
    bytes.writeUInt32LE(bytes.length - FRAME_HEADER_BYTES, 4);
    bytes.writeDoubleLE(sequence, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
    bytes.writeUInt32LE(crc32(bytes.subarray(FRAME_HEADER_BYTES)), 20);
    return bytes;
}

export interface Frame {
    readonly sequence: number;
    /** Where the payload begins in the file, and its length. */
    readonly start: number;
    readonly length: number;
}

/** The good frame at a position, or `undefined`. */
export function frameAt(file: Buffer, position: number): Frame | undefined {
    const start = position + FRAME_HEADER_BYTES;
    if (
        start > file.length ||
        file.readUInt32LE(position) !== FRAME_MARK ||
        crc32(file.subarray(position, position + 16)) !== file.readUInt32LE(position + 16)
    ) {
        return undefined;
    }
    const length = file.readUInt32LE(position + 4);
    if (
        length > MAX_PAYLOAD_BYTES ||
        start + length > file.length ||
        crc32(file.subarray(start, start + length)) !== file.readUInt32LE(position + 20)
    ) {
        return undefined;
    }
    return { sequence: file.readDoubleLE(position + 8), start, length };
}

/** Whether a good frame begins anywhere at or behind a position. */
export function hasFrameBehind(file: Buffer, position: number): boolean {
    let at = file.indexOf(FRAME_MARK_BYTES, position);
    while (at >= 0) {
        if (frameAt(file, at) !== undefined) {
            return true;
        }
        at = file.indexOf(FRAME_MARK_BYTES, at + 1);
    }
    return false;
}
