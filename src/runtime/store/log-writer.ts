import type { FilePort, WritableFile } from "./file-port.js";
import type { LogEnd, LogFile } from "./log-directory.js";
import { encodeFileHeader, encodeFrame, FILE_HEADER_BYTES } from "./log-frame.js";

/**
 * The log that is being written to. One append at a time: the next one begins only when the one before is synced, so that a
 * crash can damage the last frame only.
 */
export class LogWriter {
    readonly file: LogFile;
    readonly #handle: WritableFile;
    #position: number;
    #sequence: number;

    private constructor(file: LogFile, handle: WritableFile, end: LogEnd) {
        this.file = file;
        this.#handle = handle;
        this.#position = end.position;
        this.#sequence = end.sequence;
    }

    /** A new log, with its header synced; it is not durable before its directory is synced. */
    static async create(port: FilePort, file: LogFile, sequence: number): Promise<LogWriter> {
        const handle = await port.open(file.path, "create");
        return closingOnFailure(handle, () => LogWriter.#begin(file, handle, sequence));
    }

    /**
     * Go on behind the last good frame of a log. What a crash left behind it goes away, and what the log holds is synced: it
     * may have survived in memory only, and is about to be relied upon.
     */
    static async resume(port: FilePort, file: LogFile, length: number, end: LogEnd): Promise<LogWriter> {
        const handle = await port.open(file.path, "existing");
        return closingOnFailure(handle, async () => {
            if (end.position < length) {
                await handle.truncate(end.position);
            }
            if (end.position < FILE_HEADER_BYTES) {
                return LogWriter.#begin(file, handle, end.sequence);
            }
            await handle.sync();
            return new LogWriter(file, handle, end);
        });
    }

    static async #begin(file: LogFile, handle: WritableFile, sequence: number): Promise<LogWriter> {
        await handle.write(encodeFileHeader({ kind: "log", number: file.number, sequence }), 0);
        await handle.sync();
        return new LogWriter(file, handle, { position: FILE_HEADER_BYTES, sequence });
    }

    /** Length in bytes. */
    get length(): number {
        return this.#position;
    }

    /** Sequence of the next frame. */
    get sequence(): number {
        return this.#sequence;
    }

    /** Append one frame; resolves when it is on the disk. After a failure call {@link undo} before anything else. */
    async append(payload: readonly Uint8Array[]): Promise<void> {
        const frame = encodeFrame(this.#sequence, payload);
        await this.#handle.write(frame, this.#position);
        await this.#handle.sync();
        this.#position += frame.length;
        this.#sequence++;
    }

    /** Take back what a failed {@link append} may have left; resolves when it can no longer come back. */
    async undo(): Promise<void> {
        await this.#handle.truncate(this.#position);
        await this.#handle.sync();
    }

    close(): Promise<void> {
        return this.#handle.close();
    }
}

async function closingOnFailure<T>(handle: WritableFile, action: () => Promise<T>): Promise<T> {
    try {
        return await action();
    } catch (error) {
        await handle.close();
        throw error;
    }
}
