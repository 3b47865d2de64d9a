/** Something that wants to be woken: one due time each. */
export interface Timed {
    /** Monotonic; Infinity: not at all. Changed through {@link Timers.set} only. */
    dueMs: number;
    /** Place in the heap; -1: not in it. */
    heapIndex: number;
    /** Breaks ties, so that the order never depends on the heap's shape. */
    readonly timerOrder: number;
    /** The time has come. `dueMs` is Infinity by now. */
    due(): void;
}

/** An indexed binary heap: O(log n) to set, move and clear, one wake of the shell for all. */
export class Timers {
    readonly #heap: Timed[] = [];

    /** Earliest due time, or Infinity. */
    get nextMs(): number {
        return this.#heap.length === 0 ? Infinity : this.#heap[0]!.dueMs;
    }

    get size(): number {
        return this.#heap.length;
    }

    set(timed: Timed, dueMs: number): void {
        const index = timed.heapIndex;
        if (dueMs === timed.dueMs && (index >= 0 || dueMs === Infinity)) {
            return;
        }
        timed.dueMs = dueMs;
        if (dueMs === Infinity) {
            if (index >= 0) {
                this.#removeAt(index);
            }
            return;
        }
        if (index < 0) {
            timed.heapIndex = this.#heap.length;
            this.#heap.push(timed);
            this.#up(timed.heapIndex);
        } else {
            this.#up(index);
            this.#down(timed.heapIndex);
        }
    }

    /** Take out the earliest one that is due. */
    popDue(nowMs: number): Timed | undefined {
        const first = this.#heap[0];
        if (first === undefined || first.dueMs > nowMs) {
            return undefined;
        }
        first.dueMs = Infinity;
        this.#removeAt(0);
        return first;
    }

    #removeAt(index: number): void {
        const heap = this.#heap;
        heap[index]!.heapIndex = -1;
        const last = heap.pop()!;
        if (index < heap.length) {
            heap[index] = last;
            last.heapIndex = index;
            this.#up(index);
            this.#down(last.heapIndex);
        }
    }

    #up(start: number): void {
        const heap = this.#heap;
        const timed = heap[start]!;
        let index = start;
        while (index > 0) {
            const parent = (index - 1) >> 1;
            const above = heap[parent]!;
            if (!before(timed, above)) {
                break;
            }
            heap[index] = above;
            above.heapIndex = index;
            index = parent;
        }
        heap[index] = timed;
        timed.heapIndex = index;
    }

    #down(start: number): void {
        const heap = this.#heap;
        const timed = heap[start]!;
        let index = start;
        for (;;) {
            let child = 2 * index + 1;
            if (child >= heap.length) {
                break;
            }
            if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) {
                child++;
            }
            const below = heap[child]!;
            if (!before(below, timed)) {
                break;
            }
            heap[index] = below;
            below.heapIndex = index;
            index = child;
        }
        heap[index] = timed;
        timed.heapIndex = index;
    }
}

function before(a: Timed, b: Timed): boolean {
    return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.timerOrder < b.timerOrder);
}
