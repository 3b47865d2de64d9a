import { basename } from "node:path";
import type { FilePort, WritableFile } from "../file-port.js";
import { StoreError } from "../store-error.js";

/** A change that a program sees at once, and the disk only when it is synced. */
type FileChange = { readonly at: number; readonly bytes: Uint8Array } | { readonly truncateTo: number };
type DirectoryChange = { readonly name: string; readonly inode: Inode | null };

interface Inode {
    synced: Buffer;
    cached: Buffer;
    changes: FileChange[];
}

/** What a disk that lies about syncing lies about. */
export type IgnoredSync = "none" | "files" | "directories" | "all";

/** All unsynced changes of a disk sector happen together. */
const SECTOR_BYTES = 64;

/** The power went: what was called never happens, and what waits, waits for ever. */
export class PowerLost extends Error {}

export interface PowerLossDiskOptions {
    /** The power goes instead of the call of this number (from 1). */
    readonly cutAt?: number;
    readonly ignoredSync?: IgnoredSync;
    /** An error for this call, or nothing. Half of the bytes of a failing write are written. */
    readonly fail?: (call: string) => Error | undefined;
}

/**
 * One directory on a simulated disk that keeps apart what is synced and what is not. After {@link crash} only what was synced
 * is certain: of everything else, any subset of sectors and of directory changes may be there, in no order.
 */
export class PowerLossDisk implements FilePort {
    /** All calls so far, as `operation name`. */
    readonly calls: string[] = [];
    readonly #options: PowerLossDiskOptions;
    #cached = new Map<string, Inode>();
    #synced = new Map<string, Inode>();
    #changes: DirectoryChange[] = [];
    #locked = false;

    constructor(options: PowerLossDiskOptions = {}) {
        this.#options = options;
    }

    async makeDirectory(): Promise<void> {}

    async list(): Promise<string[]> {
        return [...this.#cached.keys()];
    }

    async read(path: string): Promise<Buffer> {
        return Buffer.from(this.#inode(path).cached);
    }

    async open(path: string, mode: "create" | "existing"): Promise<WritableFile> {
        const name = basename(path);
        if (mode === "create") {
            await this.#call(`create ${name}`);
            if (this.#cached.has(name)) {
                throw Object.assign(new Error("exists"), { code: "EEXIST" });
            }
            this.#change({ name, inode: { synced: Buffer.alloc(0), cached: Buffer.alloc(0), changes: [] } });
        }
        return this.#file(name, this.#inode(path));
    }

    async rename(from: string, to: string): Promise<void> {
        await this.#call(`rename ${basename(from)}`);
        const inode = this.#inode(from);
        this.#change({ name: basename(to), inode });
        this.#change({ name: basename(from), inode: null });
    }

    async remove(path: string): Promise<void> {
        await this.#call(`remove ${basename(path)}`);
        this.#inode(path);
        this.#change({ name: basename(path), inode: null });
    }

    async syncDirectory(): Promise<void> {
        await this.#call("syncDirectory");
        if (!["directories", "all"].includes(this.#options.ignoredSync ?? "none")) {
            this.#synced = new Map(this.#cached);
            this.#changes = [];
        }
    }

    async lock(): Promise<() => Promise<void>> {
        if (this.#locked) {
            throw new StoreError("LOCKED", "the simulated disk is in use; close the other store");
        }
        this.#locked = true;
        return async () => {
            this.#locked = false;
        };
    }

    /** The disk after the process died while the power stayed: all that was called is there, synced or not. */
    afterKill(options: PowerLossDiskOptions = {}): PowerLossDisk {
        const disk = new PowerLossDisk(options);
        disk.#cached = this.#cached;
        disk.#synced = this.#synced;
        disk.#changes = this.#changes;
        return disk;
    }

    /** The disk as it may be found when the power is back. */
    crash(random: (bound: number) => number, options: PowerLossDiskOptions = {}): PowerLossDisk {
        const names = new Map(this.#synced);
        for (const change of this.#changes) {
            if (random(2) === 0) {
                setEntry(names, change);
            }
        }
        const survivors = new Map([...new Set(names.values())].map(inode => [inode, survive(inode, random)]));
        const disk = new PowerLossDisk(options);
        disk.#synced = new Map([...names].map(([name, inode]) => [name, survivors.get(inode)!]));
        disk.#cached = new Map(disk.#synced);
        return disk;
    }

    /** A call that changes something, or makes it durable. */
    async #call(call: string): Promise<void> {
        this.calls.push(call);
        if (this.#options.cutAt !== undefined && this.calls.length >= this.#options.cutAt) {
            throw new PowerLost("the power is gone");
        }
        await Promise.resolve();
        const failure = this.#options.fail?.(call);
        if (failure !== undefined) {
            throw failure;
        }
    }

    #inode(path: string): Inode {
        const inode = this.#cached.get(basename(path));
        if (inode === undefined) {
            throw Object.assign(new Error("no such file"), { code: "ENOENT" });
        }
        return inode;
    }

    #change(change: DirectoryChange): void {
        setEntry(this.#cached, change);
        this.#changes.push(change);
    }

    #file(name: string, inode: Inode): WritableFile {
        const change = (entry: FileChange): void => {
            inode.cached = applyChange(inode.cached, entry, () => true);
            inode.changes.push(entry);
        };
        return {
            write: async (bytes, at) => {
                // A write that the power or an error interrupts may have begun.
                const copy = Uint8Array.from(bytes);
                await this.#call(`write ${name}`).catch((error: unknown) => {
                    change({ at, bytes: error instanceof PowerLost ? copy : copy.subarray(0, copy.length >> 1) });
                    throw error;
                });
                change({ at, bytes: copy });
            },
            sync: async () => {
                await this.#call(`sync ${name}`);
                if (!["files", "all"].includes(this.#options.ignoredSync ?? "none")) {
                    inode.synced = inode.cached;
                    inode.changes = [];
                }
            },
            truncate: async length => {
                await this.#call(`truncate ${name}`);
                change({ truncateTo: length });
            },
            close: async () => undefined,
        };
    }
}

function setEntry(names: Map<string, Inode>, change: DirectoryChange): void {
    if (change.inode === null) {
        names.delete(change.name);
    } else {
        names.set(change.name, change.inode);
    }
}

function survive(inode: Inode, random: (bound: number) => number): Inode {
    let content = inode.synced;
    // All, nothing, any of the changes, or any of their sectors.
    const extent = random(4);
    for (const change of inode.changes) {
        const whole = extent === 0 || (extent === 2 && random(2) === 0);
        content = applyChange(content, change, extent === 3 ? () => random(2) === 0 : () => whole);
    }
    return { synced: content, cached: content, changes: [] };
}

function applyChange(content: Buffer, change: FileChange, keep: () => boolean): Buffer {
    if ("truncateTo" in change) {
        return keep() ? Buffer.from(content.subarray(0, change.truncateTo)) : content;
    }
    let result = content;
    for (let from = 0; from < change.bytes.length; from += SECTOR_BYTES) {
        if (keep()) {
            const part = change.bytes.subarray(from, from + SECTOR_BYTES);
            result = Buffer.concat([result, Buffer.alloc(Math.max(0, change.at + from + part.length - result.length))]);
            result.set(part, change.at + from);
        }
    }
    return result;
}
