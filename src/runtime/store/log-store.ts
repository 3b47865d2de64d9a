import type { Store } from "../../core/ports.js";
import type { StoreBatch, StoreImage } from "../../core/store.js";
import type { FilePort } from "./file-port.js";
import { LogCompactor } from "./log-compactor.js";
import { listLog } from "./log-directory.js";
import { MAX_PAYLOAD_BYTES } from "./log-frame.js";
import { encodePuts } from "./log-puts.js";
import { recoverLog } from "./log-recovery.js";
import type { LogWriter } from "./log-writer.js";
import { nodeFiles } from "./node-files.js";
import { decodeImage, encodeBatch } from "./store-batch.js";
import { StoreError } from "./store-error.js";
import { diskFull, unavailable } from "./file-errors.js";

/** Where a {@link LogStore} keeps its log, and how. */
export interface LogStoreOptions {
    /** Directory of the store; made (mode 0700) when missing. It must be empty or hold a store. */
    readonly directory: string;
    /** Compact when the log is longer than this and than the last snapshot. Bytes; default 4 MiB. */
    readonly compactAtBytes?: number;
    /** The file system; for tests. */
    readonly files?: FilePort;
}

interface PendingCommit {
    readonly payload: Buffer;
    readonly resolve: () => void;
    readonly reject: (error: StoreError) => void;
}

type State = "new" | "opening" | "open" | "closed";

const DEFAULT_COMPACT_AT_BYTES = 4 * 1024 * 1024;

/**
 * The durable store: a checksummed log with snapshots, in one directory. A commit resolves when its bytes are synced to the
 * disk; one item's change writes that item and nothing else. See `docs/store.md` for the format, the figures and the limits.
 *
 * @example
 * ```ts
 * const store = new LogStore({ directory: "/var/lib/my-controller/selvage" });
 * const image = await store.open();
 * await store.commit({ id: 1, puts: [{ table: "item", id: 1, record: { name: "hall" } }] });
 * await store.close();
 * ```
 */
export class LogStore implements Store {
    readonly #directory: string;
    readonly #port: FilePort;
    readonly #compactor: LogCompactor;
    #state: State = "new";
    #broken = false;
    #opening: Promise<StoreImage> | undefined;
    #closing: Promise<void> | undefined;
    #unlock: (() => Promise<void>) | undefined;
    #writer: LogWriter | undefined;
    #queue: PendingCommit[] = [];
    #writing: Promise<void> | undefined;

    constructor(options: LogStoreOptions) {
        this.#directory = options.directory;
        this.#port = options.files ?? nodeFiles;
        this.#compactor = new LogCompactor(
            this.#port,
            options.directory,
            options.compactAtBytes ?? DEFAULT_COMPACT_AT_BYTES,
        );
    }

    /**
     * Take the directory for this process and read all of it. After a failure the same store may be opened again.
     *
     * @throws StoreError LOCKED, CORRUPT, NEWER_SCHEMA, UNAVAILABLE (nothing was changed), CLOSED after {@link close}.
     */
    async open(): Promise<StoreImage> {
        if (this.#state === "closed") {
            throw closed("open a new one for this directory");
        }
        if (this.#state !== "new") {
            throw new StoreError("LOCKED", `the store in ${this.#directory} is open already; use it, or close it first`);
        }
        this.#state = "opening";
        this.#opening = this.#open();
        try {
            const image = await this.#opening;
            this.#leaveOpening("open");
            return image;
        } catch (error) {
            this.#leaveOpening("new");
            throw error;
        }
    }

    /**
     * Apply one batch atomically; resolves when it is durable. Batches handed over while another is being written wait in
     * order, and become durable together.
     *
     * @throws StoreError REFUSED: nothing was kept, the store goes on. UNAVAILABLE: the disk failed, open the store again.
     *         CLOSED.
     */
    async commit(batch: StoreBatch): Promise<void> {
        if (this.#state !== "open") {
            throw closed(this.#state === "closed" ? "open a new one for this directory" : "open it before the first commit");
        }
        if (this.#broken) {
            throw broken(this.#directory);
        }
        const payload = encodePuts(encodeBatch(batch));
        if (payload.length > MAX_PAYLOAD_BYTES) {
            throw new StoreError("REFUSED", `a batch has at most ${MAX_PAYLOAD_BYTES} bytes; split it`);
        }
        const outcome = new Promise<void>((resolve, reject) => {
            this.#queue.push({ payload, resolve, reject });
        });
        this.#writing ??= this.#writeQueue();
        return outcome;
    }

    /** Waits for the commits that are outstanding, then lets go of the directory. Closing twice is fine. */
    close(): Promise<void> {
        this.#closing ??= this.#close();
        return this.#closing;
    }

    /** Unless it was closed meanwhile. */
    #leaveOpening(state: "open" | "new"): void {
        if (this.#state === "opening") {
            this.#state = state;
        }
    }

    async #open(): Promise<StoreImage> {
        try {
            await this.#port.makeDirectory(this.#directory);
            // Before the lock leaves its traces: a directory that holds something else must stay as it is.
            await listLog(this.#port, this.#directory);
            this.#unlock = await this.#port.lock(this.#directory);
            const recovered = await recoverLog(this.#port, this.#directory);
            this.#writer = recovered.writer;
            this.#compactor.start(recovered);
            return decodeImage(recovered.image);
        } catch (error) {
            await this.#unlock?.();
            this.#unlock = undefined;
            throw unavailable(this.#directory, error);
        }
    }

    async #writeQueue(): Promise<void> {
        while (this.#queue.length > 0) {
            const commits = this.#takeCommits();
            const failure = await this.#append(commits);
            for (const commit of commits) {
                if (failure === undefined) {
                    commit.resolve();
                } else {
                    commit.reject(failure);
                }
            }
            await this.#compactWhenDue();
        }
        // In the same step as the last look at the queue: a commit in between would wait for ever.
        this.#writing = undefined;
    }

    async #compactWhenDue(): Promise<void> {
        if (this.#broken) {
            return;
        }
        try {
            this.#writer = await this.#compactor.afterAppend(this.#writer!);
        } catch {
            this.#broken = true;
        }
    }

    /** As many commits as fit into one frame: they become durable by one sync. */
    #takeCommits(): PendingCommit[] {
        let bytes = 0;
        const tooMany = this.#queue.findIndex(commit => (bytes += commit.payload.length) > MAX_PAYLOAD_BYTES);
        return this.#queue.splice(0, tooMany < 0 ? this.#queue.length : tooMany);
    }

    async #append(commits: readonly PendingCommit[]): Promise<StoreError | undefined> {
        if (this.#broken) {
            return broken(this.#directory);
        }
        const writer = this.#writer!;
        try {
            await writer.append(commits.map(commit => commit.payload));
            return undefined;
        } catch (error) {
            const undone = await writer.undo().then(
                () => true,
                () => false,
            );
            if (undone && diskFull(error)) {
                return new StoreError("REFUSED", `the disk of ${this.#directory} is full; free space, then commit again`);
            }
            // A disk that fails to write or sync says nothing reliable about what it holds; only reading it again does.
            this.#broken = true;
            return broken(this.#directory, error);
        }
    }

    async #close(): Promise<void> {
        const wasOpen = this.#state === "open";
        this.#state = "closed";
        await this.#opening?.catch(() => undefined);
        await this.#writing;
        await this.#compactor.stop();
        if (wasOpen && !this.#broken) {
            // A mark: damage to what lies before it cannot pass for the work of a crash.
            await this.#writer?.append([]).catch(() => this.#writer?.undo().catch(() => undefined));
        }
        await this.#writer?.close().catch(() => undefined);
        await this.#unlock?.();
    }
}

function closed(remedy: string): StoreError {
    return new StoreError("CLOSED", `this store is not open; ${remedy}`);
}

function broken(directory: string, cause?: unknown): StoreError {
    return new StoreError(
        "UNAVAILABLE",
        `the disk of ${directory} failed while the store wrote to it; check the disk, then close this store and open a new one, ` +
            "which reads what was kept",
        cause === undefined ? undefined : { cause },
    );
}
