/**
 * What the durable store asks of a file system. Injected, so that tests can record the order of the calls, let them fail, and
 * cut the power between any two of them.
 *
 * Errors are those of Node: they carry `code` (`ENOSPC`, `EACCES`, ...).
 */
export interface FilePort {
    /** Create a directory (mode 0700) with its parents, durably. Nothing happens when it exists. */
    makeDirectory(path: string): Promise<void>;
    /** Names of the entries of a directory. */
    list(directory: string): Promise<string[]>;
    /** The whole content of a file. */
    read(path: string): Promise<Buffer>;
    /** Open for writing; `create` makes an empty file (mode 0600) and fails when there is one. */
    open(path: string, mode: "create" | "existing"): Promise<WritableFile>;
    /** Replace `to` by `from`, atomically. Durable after {@link syncDirectory}. */
    rename(from: string, to: string): Promise<void>;
    /** Remove a file. */
    remove(path: string): Promise<void>;
    /** Resolves when creations, renames and removals in the directory are on the disk. */
    syncDirectory(directory: string): Promise<void>;
    /**
     * Take the directory for this process until the returned function is called or the process ends, however it ends.
     *
     * @throws StoreError LOCKED when somebody else has it, UNAVAILABLE when the place cannot be locked.
     */
    lock(directory: string): Promise<() => Promise<void>>;
}

/** A file open for writing. */
export interface WritableFile {
    /** Write all of the bytes at a position. */
    write(bytes: Uint8Array, position: number): Promise<void>;
    /** Resolves when content and length are on the disk. */
    sync(): Promise<void>;
    truncate(length: number): Promise<void>;
    close(): Promise<void>;
}
