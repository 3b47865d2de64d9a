import type { Effect } from "./effect.js";
import { refuse } from "./error.js";
import type { DurableRecord, StoreBatch, StorePut } from "./store.js";
import type { Row } from "./row.js";

type AnyRow = Row<DurableRecord>;

interface Deferred {
    readonly effect: Effect;
    /** The command's own change is in the batch: taken back, it failed. Otherwise the effect only waits its turn. */
    readonly restsOnBatch: boolean;
}

interface InFlight {
    readonly id: number;
    readonly rows: readonly AnyRow[];
    readonly records: readonly (DurableRecord | null)[];
    readonly deferred: Deferred[];
}

/** What became of a batch. */
export interface Stored {
    /** Replies and events that may leave now. */
    readonly effects: readonly Effect[];
    /** Rows whose change was taken back; empty when the batch is durable. */
    readonly takenBack: readonly AnyRow[];
    /** Rows whose progress is tried again. */
    readonly retried: number;
}

const refusedByStore = refuse(
    "STORE_REFUSED",
    "the store refused the change, nothing of it was kept: check its disk space and permissions, then repeat the command",
);

/**
 * Decides what becomes durable when. At most one batch is in flight; what changes meanwhile forms the next one; a reply leaves when
 * everything it rests on is durable.
 */
export class Ledger {
    #dirty: AnyRow[] = [];
    #deferred: Deferred[] = [];
    #inFlight: InFlight | null = null;
    #lastBatch = 0;
    /** A command waits for the next batch: the store's back-off does not hold it up. */
    #urgent = false;

    /** Change a row; durable with the next batch. */
    write<R extends DurableRecord>(row: Row<R>, record: R | null): void {
        row.record = record;
        if (!row.dirty) {
            row.dirty = true;
            this.#dirty.push(row);
        }
    }

    /**
     * Hold an effect back until all that is changed by now is durable. Returns false when there is nothing to wait for.
     * @param restsOnBatch the command's own change is in the next batch: if that is taken back, the command is told so.
     */
    defer(effect: Effect, restsOnBatch: boolean): boolean {
        const waiting = this.#dirty.length > 0 ? this.#deferred : this.#inFlight?.deferred;
        if (waiting === undefined) {
            return false;
        }
        waiting.push({ effect, restsOnBatch });
        this.#urgent ||= restsOnBatch && this.#dirty.length > 0;
        return true;
    }

    get idle(): boolean {
        return this.#inFlight === null && this.#dirty.length === 0;
    }

    get waitsForStore(): boolean {
        return this.#inFlight !== null;
    }

    get hasDirty(): boolean {
        return this.#dirty.length > 0;
    }

    get urgent(): boolean {
        return this.#urgent;
    }

    /** The next batch, unless one is in flight or nothing changed. */
    nextBatch(): StoreBatch | null {
        if (this.#inFlight !== null || this.#dirty.length === 0) {
            return null;
        }
        const rows: AnyRow[] = [];
        const records: (DurableRecord | null)[] = [];
        const puts: StorePut[] = [];
        for (const row of this.#dirty) {
            row.dirty = false;
            if (row.record === row.durable) {
                continue; // changed and changed back
            }
            rows.push(row);
            records.push(row.record);
            puts.push({ table: row.table, id: row.id, record: row.record });
        }
        this.#dirty = [];
        const id = ++this.#lastBatch;
        this.#inFlight = { id, rows, records, deferred: this.#deferred };
        this.#deferred = [];
        this.#urgent = false;
        return { id, puts };
    }

    /** The batch in flight is durable. Null for any other id. */
    landed(batch: number): Stored | null {
        const flight = this.#take(batch);
        if (flight === null) {
            return null;
        }
        for (let i = 0; i < flight.rows.length; i++) {
            const row = flight.rows[i]!;
            const before = row.durable;
            row.durable = flight.records[i]!;
            row.landed(before);
        }
        return { effects: flight.deferred.map(deferred => deferred.effect), takenBack: [], retried: 0 };
    }

    /**
     * The batch in flight was refused. What formed meanwhile was decided on top of it and is taken back with it; progress stays and is
     * tried again.
     */
    refused(batch: number): Stored | null {
        const flight = this.#take(batch);
        if (flight === null) {
            return null;
        }
        const forming = this.#dirty;
        this.#dirty = [];
        const takenBack: AnyRow[] = [];
        for (const row of new Set([...flight.rows, ...forming])) {
            row.dirty = false;
            if (row.record === row.durable) {
                continue;
            }
            if (row.isProgress()) {
                this.write(row, row.record);
            } else {
                row.record = row.durable;
                takenBack.push(row);
            }
        }
        const retried = this.#dirty.length;
        const effects = this.#refusedEffects(flight);
        for (const row of takenBack) {
            row.takenBack();
        }
        return { effects, takenBack, retried };
    }

    #refusedEffects(flight: InFlight): Effect[] {
        const effects = [...flight.deferred, ...this.#deferred].map(({ effect, restsOnBatch }) =>
            restsOnBatch && effect.type === "reply" ? { ...effect, result: refusedByStore } : effect,
        );
        this.#deferred = [];
        this.#urgent = false;
        return effects;
    }

    #take(batch: number): InFlight | null {
        const flight = this.#inFlight;
        if (flight === null || flight.id !== batch) {
            return null;
        }
        this.#inFlight = null;
        return flight;
    }
}
