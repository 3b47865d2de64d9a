import type { FilePort } from "./file-port.js";
import { listLog, logFile, scanLog, visitFrame, type LogEnd, type LogFile, type LogListing } from "./log-directory.js";
import { LogWriter } from "./log-writer.js";
import { emptyEncodedImage, type EncodedImage } from "./store-batch.js";

/** What a directory holds, ready to be written to. */
export interface RecoveredLog {
    readonly image: EncodedImage;
    readonly writer: LogWriter;
    /** The files before the one that is written to. */
    readonly sealed: readonly LogFile[];
    readonly sealedBytes: number;
    readonly snapshotBytes: number;
}

interface Contents {
    readonly image: EncodedImage;
    readonly lengths: readonly number[];
    readonly end: LogEnd;
}

/**
 * Read a store, or begin one. Everything is read and found good before anything is changed.
 *
 * @throws StoreError CORRUPT, NEWER_SCHEMA, UNAVAILABLE; errors of the file system.
 */
export async function recoverLog(port: FilePort, directory: string): Promise<RecoveredLog> {
    const listing = await listLog(port, directory);
    const { image, lengths, end } = await readLog(port, listing.files);
    const writer = await openWriter(port, directory, listing, lengths, end);
    try {
        await port.syncDirectory(directory);
        // Only now: without the snapshot on the disk, these would be the store.
        for (const path of listing.leftovers) {
            await port.remove(path);
        }
    } catch (error) {
        await writer.close();
        throw error;
    }
    const sealed = listing.files.slice(0, -1);
    return {
        image,
        writer,
        sealed,
        sealedBytes: lengths.slice(0, -1).reduce((sum, length) => sum + length, 0),
        snapshotBytes: sealed[0]?.kind === "snapshot" ? lengths[0]! : 0,
    };
}

async function readLog(port: FilePort, files: readonly LogFile[]): Promise<Contents> {
    const image = emptyEncodedImage();
    const lengths: number[] = [];
    let end: LogEnd = { position: 0, sequence: 1 };
    for (const [index, file] of files.entries()) {
        const bytes = await port.read(file.path);
        lengths.push(bytes.length);
        end = applyFile(image, file, bytes, end.sequence, index === files.length - 1);
    }
    return { image, lengths, end };
}

function applyFile(image: EncodedImage, file: LogFile, bytes: Buffer, expected: number, last: boolean): LogEnd {
    const frames = scanLog(file, bytes, expected, last);
    let step = frames.next();
    while (step.done !== true) {
        visitFrame(file, bytes, step.value, (table, id, start, length) => {
            if (length < 0) {
                image[table]!.delete(id);
            } else {
                image[table]!.set(id, bytes.subarray(start, start + length));
            }
        });
        step = frames.next();
    }
    return step.value;
}

function openWriter(
    port: FilePort,
    directory: string,
    listing: LogListing,
    lengths: readonly number[],
    end: LogEnd,
): Promise<LogWriter> {
    const last = listing.files.at(-1);
    return last === undefined
        ? LogWriter.create(port, logFile(directory, 1, "log"), end.sequence)
        : LogWriter.resume(port, last, lengths.at(-1)!, end);
}
