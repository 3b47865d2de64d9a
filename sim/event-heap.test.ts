import { describe, expect, it } from "vitest";
import { EventHeap } from "./event-heap.js";
import { Random } from "./random.js";

describe("EventHeap", () => {
    it("gives events back whole, earliest first", () => {
        const heap = new EventHeap();
        const payload = { some: "object" };
        heap.push(20, 2, -1, 0x7fffffff, payload);
        heap.push(10, 1, 5, 6);
        expect(heap.nextAtMs).toBe(10);
        expect(heap.pop()).toBe(true);
        expect([heap.atMs, heap.kind, heap.a, heap.b, heap.payload]).toEqual([10, 1, 5, 6, undefined]);
        expect(heap.pop()).toBe(true);
        expect([heap.atMs, heap.kind, heap.a, heap.b]).toEqual([20, 2, -1, 0x7fffffff]);
        expect(heap.payload).toBe(payload);
        expect(heap.pop()).toBe(false);
        expect(heap.nextAtMs).toBe(Infinity);
    });

    it("is first in, first out among equal times, and so a stable sort, also while it grows", () => {
        const random = new Random(1);
        const heap = new EventHeap(2);
        let expected: { atMs: number; id: number }[] = [];
        const taken: number[] = [];
        for (let id = 0; id < 3000; id++) {
            const atMs = random.below(50);
            heap.push(atMs, 0, id, 0);
            expected.push({ atMs, id });
            if (random.chance(400)) {
                expected = expected.sort((x, y) => x.atMs - y.atMs || x.id - y.id);
                expect(heap.pop()).toBe(true);
                expect(heap.a).toBe(expected.shift()!.id);
                taken.push(heap.a);
            }
        }
        expected.sort((x, y) => x.atMs - y.atMs || x.id - y.id);
        expect(heap.size).toBe(expected.length);
        for (const { id } of expected) {
            heap.pop();
            expect(heap.a).toBe(id);
        }
        expect(taken.length).toBeGreaterThan(1000);
    });

    it("can be cleared and used again", () => {
        const heap = new EventHeap(4);
        for (let i = 0; i < 10; i++) {
            heap.push(i, i, i, i, {});
        }
        heap.pop();
        heap.clear();
        expect(heap.size).toBe(0);
        expect(heap.payload).toBeUndefined();
        heap.push(1, 7, 0, 0, "new");
        heap.pop();
        expect([heap.kind, heap.payload]).toEqual([7, "new"]);
    });

    it("takes times beyond 2^32 ms", () => {
        const heap = new EventHeap();
        heap.push(2 ** 45 + 1, 2, 0, 0);
        heap.push(2 ** 45, 1, 0, 0);
        heap.pop();
        expect([heap.kind, heap.atMs]).toEqual([1, 2 ** 45]);
    });
});
