import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Timers, type Timed } from "./timers.js";

function timed(timerOrder: number): Timed {
    return { dueMs: Infinity, heapIndex: -1, timerOrder, due: () => {} };
}

const operation = fc.oneof(
    fc.record({ op: fc.constant("set" as const), who: fc.nat(11), at: fc.nat(20) }),
    fc.record({ op: fc.constant("clear" as const), who: fc.nat(11) }),
    fc.record({ op: fc.constant("pop" as const), now: fc.nat(20) }),
);

describe("Timers", () => {
    it("give what is due in the order of time, then of age, whatever was set, moved and cleared before", () => {
        fc.assert(
            fc.property(fc.array(operation, { maxLength: 60 }), operations => {
                const timers = new Timers();
                const all = Array.from({ length: 12 }, (_, i) => timed(i));
                const model = new Map<Timed, number>();
                const first = () => [...model].sort(([a, at], [b, bt]) => at - bt || a.timerOrder - b.timerOrder)[0];
                for (const each of operations) {
                    if (each.op === "set") {
                        timers.set(all[each.who]!, each.at);
                        model.set(all[each.who]!, each.at);
                    } else if (each.op === "clear") {
                        timers.set(all[each.who]!, Infinity);
                        model.delete(all[each.who]!);
                    } else {
                        const expected = first();
                        const due = expected !== undefined && expected[1] <= each.now ? expected[0] : undefined;
                        expect(timers.popDue(each.now)).toBe(due);
                        model.delete(due as Timed);
                    }
                    expect(timers.nextMs).toBe(first()?.[1] ?? Infinity);
                    expect(timers.size).toBe(model.size);
                }
            }),
        );
    });

    it("give something out once, and with its due time cleared", () => {
        const timers = new Timers();
        const one = timed(1);
        timers.set(one, 5);
        expect(timers.popDue(5)).toBe(one);
        expect([one.dueMs, one.heapIndex]).toEqual([Infinity, -1]);
        expect(timers.popDue(Number.MAX_SAFE_INTEGER)).toBeUndefined();
        timers.set(one, 5);
        expect(timers.nextMs).toBe(5);
    });

    it("give nothing before its time", () => {
        const timers = new Timers();
        timers.set(timed(1), 5);
        expect(timers.popDue(4)).toBeUndefined();
        expect(timers.size).toBe(1);
    });
});
