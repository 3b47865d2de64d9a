import { join } from "node:path";
import type { FilePort } from "./file-port.js";
import {
    decodeFileHeader,
    FILE_HEADER_BYTES,
    frameAt,
    hasFrameBehind,
    type Frame,
    type LogFileKind,
} from "./log-frame.js";
import { visitPuts, type PutVisitor } from "./log-puts.js";
import { StoreError } from "./store-error.js";
import { isLockFile } from "./store-lock.js";

/**
 * The files of a store. `<n>.snapshot` stands for everything up to and including `<n>.log`; the logs behind it are contiguous.
 * `<n>.new` is a snapshot in the making.
 */
const LOG_FILE = /^(\d{10})\.(log|snapshot|new)$/;

export interface LogFile {
    readonly number: number;
    readonly kind: LogFileKind;
    readonly path: string;
}

/** What a directory holds: the files that count, in the order in which they are to be read, and leftovers of a crash. */
export interface LogListing {
    readonly files: readonly LogFile[];
    readonly leftovers: readonly string[];
}

export function logFile(directory: string, number: number, kind: LogFileKind): LogFile {
    return { number, kind, path: join(directory, `${String(number).padStart(10, "0")}.${kind}`) };
}

/** Where snapshot `number` is written before it gets its name. */
export function snapshotInTheMaking(directory: string, number: number): string {
    return join(directory, `${String(number).padStart(10, "0")}.new`);
}

/**
 * @throws StoreError UNAVAILABLE when the directory holds something else and no store, CORRUPT when a file is missing.
 */
export async function listLog(port: FilePort, directory: string): Promise<LogListing> {
    const names = await port.list(directory);
    const own = names.filter(name => LOG_FILE.test(name)).sort();
    if (own.length === 0 && names.some(name => !isLockFile(name))) {
        throw new StoreError("UNAVAILABLE", `${directory} holds something else than a store; choose an empty directory`);
    }
    const found = own.map(name => ({ name, number: Number(name.slice(0, 10)), suffix: name.slice(11) }));
    const base = Math.max(0, ...found.filter(file => file.suffix === "snapshot").map(file => file.number));
    const logs = found.filter(file => file.suffix === "log" && file.number > base);
    logs.forEach((file, index) => {
        if (file.number !== base + 1 + index) {
            throw corrupt(directory, "a log file is missing");
        }
    });
    if (own.length > 0 && logs.length === 0) {
        throw corrupt(directory, "the latest log file is missing");
    }
    const files = logs.map(file => logFile(directory, file.number, "log"));
    const kept = new Set(logs.map(file => file.name));
    if (base > 0) {
        files.unshift(logFile(directory, base, "snapshot"));
        kept.add(found.find(file => file.suffix === "snapshot" && file.number === base)!.name);
    }
    return { files, leftovers: own.filter(name => !kept.has(name)).map(name => join(directory, name)) };
}

/** How far a file is good. */
export interface LogEnd {
    /** Position behind the last good frame; 0 when not even the file header was written. */
    readonly position: number;
    /** Sequence of the frame that comes next. */
    readonly sequence: number;
}

/**
 * Go through one file.
 *
 * @param expected the sequence that its first frame must have, `undefined` when the file itself is to say.
 * @param last whether this is the file that was being written to: only its end may be torn.
 * @yields each good frame, so that the caller can pause between them.
 * @throws StoreError CORRUPT, NEWER_SCHEMA.
 */
export function* scanLog(
    file: LogFile,
    bytes: Buffer,
    expected: number | undefined,
    last: boolean,
): Generator<Frame, LogEnd> {
    const header = decodeFileHeader(bytes);
    if (header === "newer") {
        throw new StoreError("NEWER_SCHEMA", `${file.path} was written by a newer version of Selvage; use that version`);
    }
    if (header === "damaged") {
        if (last && expected !== undefined && !hasFrameBehind(bytes, 0)) {
            return { position: 0, sequence: expected };
        }
        throw corrupt(file.path, "its header is damaged");
    }
    if (header.kind !== file.kind || header.number !== file.number) {
        throw corrupt(file.path, "it is another file under this name");
    }
    if (file.kind === "log" && expected !== undefined && header.sequence !== expected) {
        throw corrupt(file.path, "it does not continue the file before it");
    }
    return file.kind === "snapshot"
        ? yield* scanSnapshot(file, bytes, header.sequence)
        : yield* scanFrames(file, bytes, header.sequence, last);
}

function* scanFrames(file: LogFile, bytes: Buffer, first: number, last: boolean): Generator<Frame, LogEnd> {
    let sequence = first;
    let position = FILE_HEADER_BYTES;
    while (position < bytes.length) {
        const frame = frameAt(bytes, position);
        if (frame === undefined) {
            if (!last || hasFrameBehind(bytes, position + 1)) {
                throw corrupt(file.path, `it is damaged at byte ${position}`);
            }
            break;
        }
        if (frame.sequence !== sequence) {
            throw corrupt(file.path, `a frame is missing at byte ${position}`);
        }
        yield frame;
        sequence++;
        position = frame.start + frame.length;
    }
    return { position, sequence };
}

/** A snapshot got its name when it was complete; its last frame, an empty one, says so. */
function* scanSnapshot(file: LogFile, bytes: Buffer, next: number): Generator<Frame, LogEnd> {
    let complete = false;
    const frames = scanFrames(file, bytes, 1, false);
    let step = frames.next();
    while (step.done !== true) {
        complete = step.value.length === 0;
        yield step.value;
        step = frames.next();
    }
    if (!complete) {
        throw corrupt(file.path, "its end is missing");
    }
    return { position: step.value.position, sequence: next };
}

/** @throws StoreError CORRUPT when the frame, although its checksum is right, holds no puts. */
export function visitFrame(file: LogFile, bytes: Buffer, frame: Frame, visit: PutVisitor): void {
    if (!visitPuts(bytes, frame.start, frame.length, visit)) {
        throw corrupt(file.path, `the frame before byte ${frame.start + frame.length} holds something unknown`);
    }
}

function corrupt(where: string, what: string): StoreError {
    return new StoreError(
        "CORRUPT",
        `the store cannot be read: ${where}: ${what}. Nothing was changed; keep a copy and restore the directory from a backup`,
    );
}
