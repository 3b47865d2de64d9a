import type { Store } from "../../core/ports.js";
import type { StoreBatch, StoreImage } from "../../core/store.js";
import { applyPut, decodeImage, emptyEncodedImage, encodeBatch, type EncodedImage, type EncodedPut } from "./store-batch.js";
import { StoreError } from "./store-error.js";

/** What outlives one {@link MemoryStore}: the "disk" that {@link MemoryStore.reopen} hands on. */
interface MemoryContent {
    readonly records: EncodedImage;
    holder: MemoryStore | null;
}

/**
 * A store that keeps everything in this process, for tests and examples. It encodes records as the durable store does, so
 * that what works here works there: nothing is shared with the caller, and what cannot be kept is refused.
 *
 * @example
 * ```ts
 * const store = new MemoryStore();
 * await store.open();
 * await store.commit({ id: 1, puts: [{ table: "item", id: 1, record: { name: "hall" } }] });
 * await store.close();
 * const image = await store.reopen().open(); // image.item.get(1) equals { name: "hall" }
 * ```
 */
export class MemoryStore implements Store {
    #content: MemoryContent = { records: emptyEncodedImage(), holder: null };
    #state: "new" | "open" | "closed" = "new";
    #refusals = 0;
    #tail: Promise<unknown> = Promise.resolve();

    /**
     * Take the content and read all of it.
     *
     * @throws StoreError LOCKED while another store over the same content is open, CLOSED when this one was closed.
     */
    async open(): Promise<StoreImage> {
        if (this.#state === "closed") {
            throw new StoreError("CLOSED", "this store was closed; use the one that reopen() gives");
        }
        if (this.#state === "open" || this.#content.holder !== null) {
            throw new StoreError("LOCKED", "this content is held by an open MemoryStore; close that one first");
        }
        this.#content.holder = this;
        this.#state = "open";
        return decodeImage(this.#content.records);
    }

    /**
     * Apply one batch, whole or not at all. Resolves later, never within the call, as a disk would.
     *
     * @throws StoreError REFUSED when told so by {@link refuseNext} or when a record is not plain data; CLOSED when not open.
     */
    async commit(batch: StoreBatch): Promise<void> {
        if (this.#state !== "open") {
            throw new StoreError("CLOSED", "this store is not open; open it before the first commit");
        }
        const puts = encodeBatch(batch);
        const refused = this.#refusals > 0;
        if (refused) {
            this.#refusals--;
        }
        const outcome = this.#tail.then(() => this.#apply(puts, refused));
        this.#tail = outcome.catch(() => undefined);
        await outcome;
    }

    #apply(puts: readonly EncodedPut[], refused: boolean): void {
        if (this.#content.holder !== this) {
            throw new StoreError("CLOSED", "this store lost its content; open the one that crash() gave");
        }
        if (refused) {
            throw new StoreError("REFUSED", "the store was told to refuse this batch; commit it again");
        }
        for (const put of puts) {
            applyPut(this.#content.records, put);
        }
    }

    /** Waits for what is outstanding. Closing twice is fine. */
    async close(): Promise<void> {
        this.#state = "closed";
        await this.#tail;
        if (this.#content.holder === this) {
            this.#content.holder = null;
        }
    }

    /** Refuse the next `count` commits; nothing of them is kept. Counted when `commit` is called. */
    refuseNext(count = 1): void {
        this.#refusals = count;
    }

    /** A new store over the same content, to be opened once this one is closed. */
    reopen(): MemoryStore {
        const next = new MemoryStore();
        next.#content = this.#content;
        return next;
    }

    /**
     * As {@link reopen}, but as after a crash: this store lets go of the content at once. What it acknowledged is there, what
     * is outstanding on it is lost and rejected with CLOSED.
     */
    crash(): MemoryStore {
        this.#state = "closed";
        this.#content.holder = null;
        return this.reopen();
    }
}
