import type { DurableRecord, StoreBatch, StoreImage, TableName } from "../src/core/store.js";
import { noFaults, type FaultPlan } from "./fault-plan.js";
import { Random } from "./random.js";

const TABLES: readonly TableName[] = ["meta", "node", "item", "keySet", "run", "jfds"];

/**
 * A store as the store protocol promises it: batches become durable whole and in order, one at a time; a crash keeps the batch in flight
 * wholly or not at all. Records are held by reference, since they are immutable.
 *
 * @example
 * const atMs = store.begin(batch, nowMs);
 * // ... at atMs:
 * const durable = store.finish();
 */
export class StoreModel {
    readonly #tables: { readonly [T in TableName]: Map<number, DurableRecord> } = {
        meta: new Map(),
        node: new Map(),
        item: new Map(),
        keySet: new Map(),
        run: new Map(),
        jfds: new Map(),
    };
    readonly #random = new Random(0);
    #plan: FaultPlan = noFaults;
    #inFlight: StoreBatch | null = null;
    #isRefused = false;
    #commits = 0;
    /** What each change replaced, oldest first; null: no backup will be asked for. */
    #history: Replaced[] | null = null;

    /** Empty, for a new schedule. @param keepsBackups {@link restoreTo} will be called */
    reset(plan: FaultPlan, seed: number, keepsBackups = false): void {
        for (const table of TABLES) {
            // Clearing an empty map still makes it a new one inside.
            if (this.#tables[table].size > 0) {
                this.#tables[table].clear();
            }
        }
        this.#random.reset(seed, -2);
        this.#plan = plan;
        this.#inFlight = null;
        this.#commits = 0;
        this.#history = keepsBackups ? [] : null;
    }

    /** From now on no batch is refused; the one in flight goes its way. */
    calm(): void {
        this.#plan = noFaults;
    }

    /**
     * Take a batch to make it durable.
     * @returns when that is decided; call {@link finish} then
     * @throws RangeError when one is in flight already: the machine broke the store protocol
     */
    begin(batch: StoreBatch, nowMs: number): number {
        if (this.#inFlight !== null) {
            throw new RangeError(`batch ${batch.id} was sent to the store while batch ${this.#inFlight.id} is in flight`);
        }
        this.#inFlight = batch;
        this.#isRefused = this.#random.chance(this.#plan.storeRefusal);
        return nowMs + this.#random.between(this.#plan.storeLatencyMinMs, this.#plan.storeLatencyMaxMs);
    }

    /**
     * The batch in flight is decided. True: it is durable; false: nothing of it is kept.
     * @param nowMs for backups
     * @throws RangeError when none is in flight, as after a crash
     */
    finish(nowMs = 0): boolean {
        const batch = this.#inFlight;
        if (batch === null) {
            throw new RangeError("no batch is in flight; drop what was on the agenda for a process that crashed");
        }
        this.#inFlight = null;
        if (!this.#isRefused) {
            this.#apply(batch, nowMs);
        }
        return !this.#isRefused;
    }

    /**
     * The process dies, or the power fails, now: the batch in flight is there wholly or not at all. The machine never learns which.
     * @returns whether it was kept
     */
    crash(nowMs = 0): boolean {
        const batch = this.#inFlight;
        const isKept = this.#random.chance(this.#plan.storeKeepsInFlight) && batch !== null && !this.#isRefused;
        this.#inFlight = null;
        if (isKept) {
            this.#apply(batch, nowMs);
        }
        return isKept;
    }

    /** What a process that opens the store finds: a copy, in ascending id. */
    image(): StoreImage {
        return {
            meta: ascending(this.#tables.meta),
            node: ascending(this.#tables.node),
            item: ascending(this.#tables.item),
            keySet: ascending(this.#tables.keySet),
            run: ascending(this.#tables.run),
            jfds: ascending(this.#tables.jfds),
        };
    }

    /** Put an older image back, as from a backup. Nothing may be in flight. */
    restore(image: StoreImage): void {
        for (const table of TABLES) {
            const records = this.#tables[table];
            records.clear();
            for (const [id, record] of image[table]) {
                records.set(id, record);
            }
        }
    }

    /** As from a backup: what was durable at that time. Nothing may be in flight. */
    restoreTo(atMs: number): void {
        const history = this.#history ?? [];
        for (let last = history.at(-1); last !== undefined && last.atMs > atMs; last = history.at(-1)) {
            history.pop();
            this.#put(last.table, last.id, last.before);
        }
    }

    /** What is durable in this table now: live, in no particular order. */
    records(table: TableName): ReadonlyMap<number, DurableRecord> {
        return this.#tables[table];
    }

    /** The batch that is neither durable nor refused yet. */
    get inFlight(): StoreBatch | null {
        return this.#inFlight;
    }

    /** Batches made durable so far. */
    get commits(): number {
        return this.#commits;
    }

    #apply(batch: StoreBatch, nowMs: number): void {
        const { puts } = batch;
        for (let i = 0; i < puts.length; i++) {
            const { table, id, record } = puts[i]!;
            this.#history?.push({ atMs: nowMs, table, id, before: this.#tables[table].get(id) ?? null });
            this.#put(table, id, record);
        }
        this.#commits++;
    }

    #put(table: TableName, id: number, record: DurableRecord | null): void {
        if (record === null) {
            this.#tables[table].delete(id);
        } else {
            this.#tables[table].set(id, record);
        }
    }
}

/** A record before a change. */
interface Replaced {
    readonly atMs: number;
    readonly table: TableName;
    readonly id: number;
    readonly before: DurableRecord | null;
}

/** Ids mostly come in ascending order, so sorting is rarely needed. */
function ascending(records: ReadonlyMap<number, DurableRecord>): ReadonlyMap<number, DurableRecord> {
    let last = 0;
    for (const id of records.keys()) {
        if (id < last) {
            return new Map([...records].sort(([one], [other]) => one - other));
        }
        last = id;
    }
    return new Map(records);
}
