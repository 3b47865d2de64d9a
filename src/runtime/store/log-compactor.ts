import type { FilePort } from "./file-port.js";
import { compact } from "./log-compaction.js";
import { logFile, type LogFile } from "./log-directory.js";
import type { RecoveredLog } from "./log-recovery.js";
import { LogWriter } from "./log-writer.js";

/**
 * Decides when to compact and lets it run beside the commits. The log may grow to the length of the last snapshot (or the
 * threshold) before it is merged, so each byte committed is rewritten about twice in its life, whatever the size of the store.
 * A compaction that fails costs nothing but space: the files it read stay in force, and it is tried again after as much
 * growth again.
 */
export class LogCompactor {
    readonly #port: FilePort;
    readonly #directory: string;
    readonly #thresholdBytes: number;
    #sealed: readonly LogFile[] = [];
    #sealedLogBytes = 0;
    #snapshotBytes = 0;
    #notBeforeBytes = 0;
    #running: Promise<void> | undefined;
    #stopped = false;

    constructor(port: FilePort, directory: string, thresholdBytes: number) {
        this.#port = port;
        this.#directory = directory;
        this.#thresholdBytes = thresholdBytes;
    }

    start(recovered: RecoveredLog): void {
        this.#sealed = recovered.sealed;
        this.#snapshotBytes = recovered.snapshotBytes;
        this.#sealedLogBytes = recovered.sealedBytes - recovered.snapshotBytes;
    }

    /**
     * To be called between two appends. Returns the log to go on with.
     *
     * @throws errors of the file system, when it is unknown which log a reader would find: the store must not go on.
     */
    async afterAppend(writer: LogWriter): Promise<LogWriter> {
        const logBytes = this.#sealedLogBytes + writer.length;
        const limit = Math.max(this.#thresholdBytes, this.#snapshotBytes, this.#notBeforeBytes);
        if (this.#stopped || this.#running !== undefined || logBytes <= limit) {
            return writer;
        }
        const next = await this.#beginNext(writer);
        if (next === undefined) {
            this.#postpone(logBytes);
            return writer;
        }
        this.#sealed = [...this.#sealed, writer.file];
        this.#sealedLogBytes = logBytes;
        await writer.close().catch(() => undefined);
        this.#running = this.#compact().finally(() => (this.#running = undefined));
        return next;
    }

    /** Ends a running compaction soon; its snapshot is given up. */
    async stop(): Promise<void> {
        this.#stopped = true;
        await this.#running;
    }

    /** `undefined` when there can be no new log now, and no trace of one is left. */
    async #beginNext(writer: LogWriter): Promise<LogWriter | undefined> {
        const file = logFile(this.#directory, writer.file.number + 1, "log");
        let next: LogWriter | undefined;
        try {
            next = await LogWriter.create(this.#port, file, writer.sequence);
            await this.#port.syncDirectory(this.#directory);
            return next;
        } catch {
            await next?.close().catch(() => undefined);
            // A new log that came back after a power loss would contradict what the old one got meanwhile.
            await this.#port.remove(file.path).catch(ignoreMissing);
            await this.#port.syncDirectory(this.#directory);
            return undefined;
        }
    }

    async #compact(): Promise<void> {
        const sources = this.#sealed;
        try {
            this.#snapshotBytes = await compact(this.#port, this.#directory, sources, () => this.#stopped);
            this.#sealed = [logFile(this.#directory, sources.at(-1)!.number, "snapshot")];
            this.#sealedLogBytes = 0;
            this.#notBeforeBytes = 0;
        } catch {
            this.#postpone(this.#sealedLogBytes);
        }
    }

    #postpone(logBytes: number): void {
        this.#notBeforeBytes = logBytes + this.#thresholdBytes;
    }
}

function ignoreMissing(error: unknown): void {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
        throw error;
    }
}
