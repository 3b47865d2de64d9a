import type { CapacityObservation, CapacityTable } from "./kind.js";

/** One bounded table of one device: what was observed, and who wants rows of it. Volatile. */
export class TableUse {
    /** Rows wanted by items and live runs, counted per claim. */
    readonly #wanted = new Map<number, number>();
    /** The claims among them that are only reserved by live runs. */
    readonly #reserved = new Map<number, number>();
    /** Null until the device was read. */
    #observed: Set<number> | null = null;
    #limit: number;

    constructor(readonly table: CapacityTable) {
        this.#limit = table.minimum.limit;
    }

    get limit(): number {
        return this.#limit;
    }

    /** Somebody wants a row. */
    get isWanted(): boolean {
        return this.#wanted.size > 0;
    }

    get isObserved(): boolean {
        return this.#observed !== null;
    }

    /** Returns whether there is more room than before. */
    observe(observation: CapacityObservation): boolean {
        const before = this.#observed === null ? 0 : this.#limit - this.#observed.size;
        this.#limit = observation.limit;
        this.#observed = new Set(observation.rows);
        return this.#limit - this.#observed.size > before;
    }

    /** An item wants the row. */
    claim(row: number): void {
        change(this.#wanted, row, 1);
    }

    release(row: number): void {
        change(this.#wanted, row, -1);
    }

    /** A live run keeps the row for itself, whether an item is there or not. */
    reserve(row: number): void {
        change(this.#wanted, row, 1);
        change(this.#reserved, row, 1);
    }

    unreserve(row: number): void {
        change(this.#wanted, row, -1);
        change(this.#reserved, row, -1);
    }

    /** An item wants the row: a reservation alone puts nothing on the device. */
    hasItem(row: number): boolean {
        return (this.#wanted.get(row) ?? 0) > (this.#reserved.get(row) ?? 0);
    }

    /** Rows that nobody here claims, plus distinct rows wanted. */
    get used(): number {
        if (this.#observed === null) {
            const { used, rows = NO_ROWS } = this.table.minimum;
            return used + this.#wanted.size - rows.filter(row => this.#wanted.has(row)).length;
        }
        let foreign = 0;
        for (const row of this.#observed) {
            if (!this.#wanted.has(row)) {
                foreign++;
            }
        }
        return foreign + this.#wanted.size;
    }

    get free(): number {
        return this.#limit - this.used;
    }

    /** Wanting the row takes room that is not taken yet. */
    isNew(row: number): boolean {
        return !this.#wanted.has(row) && !(this.#observed?.has(row) ?? this.table.minimum.rows?.includes(row) ?? false);
    }

    /** The device's observed limit must refuse one more row. */
    mustRefuse(row: number): boolean {
        return this.#observed !== null && !this.#observed.has(row) && this.#observed.size >= this.#limit;
    }

    /** A write of ours was answered: the row is there. */
    added(row: number): void {
        this.#observed?.add(row);
    }

    /** A removal of ours was answered. Returns whether that made room, as it may have where nobody can tell. */
    removed(row: number): boolean {
        return this.#observed?.delete(row) ?? true;
    }

    /** A write of ours was answered: these rows are there. Returns whether there is more room than before. */
    rewritten(rows: readonly number[]): boolean {
        if (this.#observed === null) {
            return true;
        }
        return this.observe({ limit: this.#limit, rows });
    }
}

const NO_ROWS: readonly number[] = [];

/** The tables of one node, made as they are needed. */
export class NodeCapacity {
    readonly #tables = new Map<string, TableUse>();

    of(table: CapacityTable): TableUse {
        let use = this.#tables.get(table.name);
        if (use === undefined) {
            use = new TableUse(table);
            this.#tables.set(table.name, use);
        }
        return use;
    }
}

function change(counts: Map<number, number>, row: number, by: 1 | -1): void {
    const count = (counts.get(row) ?? 0) + by;
    if (count > 0) {
        counts.set(row, count);
    } else {
        counts.delete(row);
    }
}
