/**
 * The simulated world's agenda: what happens when. A binary heap ordered by time, first in first out among equal times. An event is a
 * kind, two integers and one object; the fields of the event taken out last stand in the heap itself, so that nothing is allocated.
 *
 * @example
 * heap.push(nowMs + 20, Kind.ARRIVES, node, requestId, request);
 * while (heap.pop()) dispatch(heap.kind, heap.a, heap.b, heap.payload);
 */
export class EventHeap {
    /** Of the event that {@link pop} took out last. */
    atMs = 0;
    kind = 0;
    a = 0;
    b = 0;
    payload: unknown = undefined;

    #size = 0;
    #sequence = 0;
    #capacity: number;
    // The heap proper moves only key and slot; what belongs to an event stays in its slot.
    #time: Float64Array;
    /** Counts pushes; a double, because a long simulation has more than 2^31 of them. */
    #order: Float64Array;
    #slot: Int32Array;
    #kinds: Int32Array;
    #as: Int32Array;
    #bs: Int32Array;
    readonly #payloads: unknown[] = [];

    /** @param capacity events expected at one time; the heap grows when there are more */
    constructor(capacity = 256) {
        this.#capacity = capacity;
        this.#time = new Float64Array(capacity);
        this.#order = new Float64Array(capacity);
        this.#slot = new Int32Array(capacity);
        this.#kinds = new Int32Array(capacity);
        this.#as = new Int32Array(capacity);
        this.#bs = new Int32Array(capacity);
        this.#fillSlots(0);
    }

    get size(): number {
        return this.#size;
    }

    /** Time of the earliest event, `Infinity` when there is none. */
    get nextAtMs(): number {
        return this.#size === 0 ? Infinity : this.#time[0]!;
    }

    /** Forget all events; the memory stays. */
    clear(): void {
        // Slots in use are exactly those in the first `size` places; the payloads must not outlive the schedule.
        for (let i = 0; i < this.#size; i++) {
            this.#payloads[this.#slot[i]!] = undefined;
        }
        this.#size = 0;
        this.#sequence = 0;
        this.payload = undefined;
    }

    /**
     * @param atMs an integer number of milliseconds; may lie in the past, it then comes first
     * @param kind @param a @param b signed 32-bit integers
     */
    push(atMs: number, kind: number, a: number, b: number, payload: unknown = undefined): void {
        if (this.#size === this.#capacity) {
            this.#grow();
        }
        const place = this.#size++;
        const slot = this.#slot[place]!;
        this.#kinds[slot] = kind;
        this.#as[slot] = a;
        this.#bs[slot] = b;
        this.#payloads[slot] = payload;
        this.#siftUp(place, atMs, this.#sequence++, slot);
    }

    /** Take the earliest event out, into the fields above. False when there is none. */
    pop(): boolean {
        if (this.#size === 0) {
            return false;
        }
        const slot = this.#slot[0]!;
        this.atMs = this.#time[0]!;
        this.kind = this.#kinds[slot]!;
        this.a = this.#as[slot]!;
        this.b = this.#bs[slot]!;
        this.payload = this.#payloads[slot];
        this.#payloads[slot] = undefined;
        const last = --this.#size;
        const lastSlot = this.#slot[last]!;
        // The free slot goes behind the heap: places from `size` on list the free slots.
        this.#slot[last] = slot;
        if (last > 0) {
            this.#siftDown(this.#time[last]!, this.#order[last]!, lastSlot);
        }
        return true;
    }

    #siftUp(from: number, atMs: number, order: number, slot: number): void {
        const time = this.#time;
        let place = from;
        while (place > 0) {
            const parent = (place - 1) >> 1;
            // A newcomer has the highest order, so among equals it stays behind.
            if (time[parent]! <= atMs) {
                break;
            }
            time[place] = time[parent]!;
            this.#order[place] = this.#order[parent]!;
            this.#slot[place] = this.#slot[parent]!;
            place = parent;
        }
        time[place] = atMs;
        this.#order[place] = order;
        this.#slot[place] = slot;
    }

    #siftDown(atMs: number, order: number, slot: number): void {
        const time = this.#time;
        const orders = this.#order;
        const size = this.#size;
        let place = 0;
        for (let child = 1; child < size; child = 2 * place + 1) {
            const right = child + 1;
            if (
                right < size &&
                (time[right]! < time[child]! || (time[right] === time[child] && orders[right]! < orders[child]!))
            ) {
                child = right;
            }
            if (atMs < time[child]! || (atMs === time[child] && order < orders[child]!)) {
                break;
            }
            time[place] = time[child]!;
            orders[place] = orders[child]!;
            this.#slot[place] = this.#slot[child]!;
            place = child;
        }
        time[place] = atMs;
        orders[place] = order;
        this.#slot[place] = slot;
    }

    #grow(): void {
        const old = this.#capacity;
        this.#capacity = old * 2;
        this.#time = extended(this.#time, new Float64Array(this.#capacity));
        this.#order = extended(this.#order, new Float64Array(this.#capacity));
        this.#slot = extended(this.#slot, new Int32Array(this.#capacity));
        this.#kinds = extended(this.#kinds, new Int32Array(this.#capacity));
        this.#as = extended(this.#as, new Int32Array(this.#capacity));
        this.#bs = extended(this.#bs, new Int32Array(this.#capacity));
        this.#fillSlots(old);
    }

    #fillSlots(from: number): void {
        for (let i = from; i < this.#capacity; i++) {
            this.#slot[i] = i;
            this.#payloads[i] = undefined;
        }
    }
}

function extended<T extends Float64Array | Int32Array>(old: T, wider: T): T {
    wider.set(old);
    return wider;
}
