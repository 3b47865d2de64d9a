import type { StoreBatch, StoreImage, StorePut } from "../../../core/store.js";

/**
 * A sequence of batches of which every prefix leaves a state that can be told from all others, so that a state that is no
 * prefix (something lost, something half there) shows.
 */
const SLOTS = 7;

/** Batch `n`, from 1: writes three records that must agree, and deletes one. */
export function crashBatch(n: number): StoreBatch {
    const slot = (n % SLOTS) + 1;
    const puts: StorePut[] = [
        { table: "meta", id: 1, record: { batch: n } },
        { table: "item", id: slot, record: { batch: n, pad: "x".repeat((n * 37) % 300) } },
        { table: "node", id: slot, record: { batch: n, address: BigInt(n) } },
        { table: "run", id: slot, record: { batch: n } },
        { table: "run", id: ((n + 3) % SLOTS) + 1, record: null },
    ];
    return { id: n, puts };
}

/** The number of batches that the image holds. */
export function batchesIn(image: StoreImage): number {
    return (image.meta.get(1) as { batch: number } | undefined)?.batch ?? 0;
}

/** What is wrong with the image: it must be the state after exactly {@link batchesIn} batches. `undefined` when nothing is. */
export function inconsistency(image: StoreImage): string | undefined {
    const count = batchesIn(image);
    const expected = new Map<string, string>();
    for (let n = 1; n <= count; n++) {
        for (const put of crashBatch(n).puts) {
            const place = `${put.table}/${put.id}`;
            if (put.record === null) {
                expected.delete(place);
            } else {
                expected.set(place, show(put.record));
            }
        }
    }
    for (const [table, records] of Object.entries<ReadonlyMap<number, object>>(image)) {
        for (const [id, record] of records) {
            const place = `${table}/${id}`;
            if (expected.get(place) !== show(record)) {
                return `${place} is not as after batch ${count}`;
            }
            expected.delete(place);
        }
    }
    const [missing] = expected.keys();
    return missing === undefined ? undefined : `${missing} is missing after batch ${count}`;
}

function show(record: object): string {
    return JSON.stringify(record, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** Numbers for tests that must be the same each time: xorshift32. */
export function seededRandom(seed: number): (bound: number) => number {
    let state = (seed * 2654435761 + 1) >>> 0 || 1;
    return bound => {
        state ^= state << 13;
        state >>>= 0;
        state ^= state >>> 17;
        state ^= state << 5;
        state >>>= 0;
        return state % bound;
    };
}
