import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../src/core/ports.js";
import { LogStore, MemoryStore } from "../src/runtime/index.js";

/** The disk of the controller's machine: it outlives the stores that programs open on it. */
export interface Storage {
    /** A store for a new program, not open yet. */
    store(): Store;
    /** The program that had the store is gone without a word: what was acknowledged stays. */
    crash(): Promise<void>;
    /** Leave nothing behind. */
    dispose(): Promise<void>;
}

/** In memory, through the durable store's encoding. */
export class MemoryStorage implements Storage {
    #store = new MemoryStore();
    #isFresh = true;

    store(): Store {
        this.#store = this.#isFresh ? this.#store : this.#store.reopen();
        this.#isFresh = false;
        return this.#store;
    }

    async crash(): Promise<void> {
        this.#store = this.#store.crash();
        this.#isFresh = true;
    }

    async dispose(): Promise<void> {}
}

/** The durable store, in a directory of its own below the system's temporary one. */
export class DiskStorage implements Storage {
    readonly #base: string;
    #copies = 0;
    #directory: string;
    #open: LogStore | undefined;

    private constructor(base: string) {
        this.#base = base;
        this.#directory = join(base, "store");
    }

    static async create(): Promise<DiskStorage> {
        return new DiskStorage(await mkdtemp(join(tmpdir(), "selvage-scenario-")));
    }

    store(): Store {
        return (this.#open = new LogStore({ directory: this.#directory }));
    }

    /** What the power cut left is a copy of the files: the dead program is in this process, and its lock and its handles with it. */
    async crash(): Promise<void> {
        const copy = join(this.#base, `store-${++this.#copies}`);
        await cp(this.#directory, copy, { recursive: true, filter: path => !/[\\/]lock\.[^\\/]*$/.test(path) });
        await this.#open?.close();
        this.#directory = copy;
    }

    async dispose(): Promise<void> {
        await this.#open?.close();
        await rm(this.#base, { recursive: true, force: true });
    }
}
