import type { FilePort, WritableFile } from "./file-port.js";
import { encodeFileHeader, encodeFrame, type Frame } from "./log-frame.js";
import { logFile, scanLog, snapshotInTheMaking, visitFrame, type LogEnd, type LogFile } from "./log-directory.js";
import { encodePuts } from "./log-puts.js";
import { TABLES, type EncodedPut } from "./store-batch.js";

/** Work between two pauses, and between two syncs: commits that go on meanwhile wait no longer than this takes. */
const SLICE_BYTES = 256 * 1024;

/** The store was closed while a compaction ran; it starts again after the next open. */
export class CompactionCancelled extends Error {}

/**
 * Write what is still valid of sealed files into one snapshot, make it durable, then remove the files. Logs behind them are not
 * touched and can be written to meanwhile. A crash at any moment leaves either the old files or the snapshot in force.
 *
 * Memory: the largest of the files, and about 40 bytes per record.
 *
 * @param sources the sealed files as {@link listLog} orders them; the snapshot gets the number of the last one.
 * @returns the length of the snapshot in bytes.
 */
export async function compact(
    port: FilePort,
    directory: string,
    sources: readonly LogFile[],
    cancelled: () => boolean,
): Promise<number> {
    const number = sources.at(-1)!.number;
    const making = snapshotInTheMaking(directory, number);
    const pause = pacer(cancelled);
    let length: number;
    try {
        const { latest, next } = await findLatest(port, sources, pause);
        length = await writeSnapshot(port, making, { kind: "snapshot", number, sequence: next }, out =>
            copyLatest(port, sources, latest, out, pause),
        );
    } catch (error) {
        await port.remove(making).catch(() => undefined);
        throw error;
    }
    await port.rename(making, logFile(directory, number, "snapshot").path);
    await port.syncDirectory(directory);
    for (const source of sources) {
        // What stays is a leftover that the next open removes.
        await port.remove(source.path).catch(() => undefined);
    }
    return length;
}

type Pause = (bytes: number) => Promise<void> | undefined;

/** Gives the event loop back after each slice. */
function pacer(cancelled: () => boolean): Pause {
    let slice = 0;
    return bytes => {
        slice += bytes;
        if (slice < SLICE_BYTES) {
            return undefined;
        }
        slice = 0;
        return new Promise((resolve, reject) => {
            setImmediate(() => (cancelled() ? reject(new CompactionCancelled()) : resolve()));
        });
    };
}

/** Where the latest put of each record lies, per table: file index times 2^32 plus position, one number to keep it small. */
type Latest = readonly Map<number, number>[];

const place = (fileIndex: number, position: number): number => fileIndex * 2 ** 32 + position;

async function findLatest(
    port: FilePort,
    sources: readonly LogFile[],
    pause: Pause,
): Promise<{ latest: Latest; next: number }> {
    const latest = TABLES.map(() => new Map<number, number>());
    let next: number | undefined;
    for (const [index, file] of sources.entries()) {
        const bytes = await port.read(file.path);
        const end = await pacedScan(file, bytes, next, pause, frame => {
            visitFrame(file, bytes, frame, (table, id, start, length) => {
                if (length < 0) {
                    latest[table]!.delete(id);
                } else {
                    latest[table]!.set(id, place(index, start));
                }
            });
        });
        next = end.sequence;
    }
    return { latest, next: next! };
}

async function copyLatest(
    port: FilePort,
    sources: readonly LogFile[],
    latest: Latest,
    out: SnapshotWriter,
    pause: Pause,
): Promise<void> {
    let next: number | undefined;
    for (const [index, file] of sources.entries()) {
        const bytes = await port.read(file.path);
        const writeAndPause = async (size: number) => {
            await out.writeWhenFull();
            await pause(size);
        };
        const end = await pacedScan(file, bytes, next, writeAndPause, frame => {
            visitFrame(file, bytes, frame, (table, id, start, length) => {
                if (length >= 0 && latest[table]!.get(id) === place(index, start)) {
                    out.add({ table, id, bytes: bytes.subarray(start, start + length) });
                }
            });
        });
        next = end.sequence;
        await out.write();
    }
}

async function pacedScan(
    file: LogFile,
    bytes: Buffer,
    expected: number | undefined,
    pause: Pause,
    visit: (frame: Frame) => void,
): Promise<LogEnd> {
    const frames = scanLog(file, bytes, expected, false);
    let step = frames.next();
    while (step.done !== true) {
        visit(step.value);
        await pause(step.value.length);
        step = frames.next();
    }
    return step.value;
}

async function writeSnapshot(
    port: FilePort,
    path: string,
    header: Parameters<typeof encodeFileHeader>[0],
    fill: (out: SnapshotWriter) => Promise<void>,
): Promise<number> {
    const file = await port.open(path, "create");
    try {
        const out = new SnapshotWriter(file, encodeFileHeader(header));
        await fill(out);
        return await out.finish();
    } finally {
        await file.close();
    }
}

/** Collects puts into frames of about {@link SLICE_BYTES}. */
class SnapshotWriter {
    readonly #file: WritableFile;
    #head: Uint8Array | null;
    #puts: EncodedPut[] = [];
    #bytes = 0;
    #position = 0;
    #sequence = 1;

    constructor(file: WritableFile, head: Uint8Array) {
        this.#file = file;
        this.#head = head;
    }

    add(put: EncodedPut): void {
        this.#puts.push(put);
        this.#bytes += put.bytes?.length ?? 0;
    }

    writeWhenFull(): Promise<void> | undefined {
        return this.#bytes < SLICE_BYTES ? undefined : this.write();
    }

    async write(): Promise<void> {
        if (this.#puts.length > 0) {
            await this.#append(encodePuts(this.#puts));
        }
    }

    /** The empty frame that says that the snapshot is complete. */
    async finish(): Promise<number> {
        await this.#append(new Uint8Array(0));
        return this.#position;
    }

    async #append(payload: Uint8Array): Promise<void> {
        const frame = encodeFrame(this.#sequence++, [payload]);
        const bytes = this.#head === null ? frame : Buffer.concat([this.#head, frame]);
        this.#head = null;
        this.#puts = [];
        this.#bytes = 0;
        await this.#file.write(bytes, this.#position);
        // Piece by piece: one large sync at the end would hold up the commits that go on meanwhile.
        await this.#file.sync();
        this.#position += bytes.length;
    }
}
