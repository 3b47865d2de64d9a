import { describe, expect, it } from "vitest";
import { Random } from "./random.js";

const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.uint32());

describe("Random", () => {
    // Computed with an independent implementation in another language.
    it("gives the same numbers on every machine and Node version", () => {
        expect(draws(new Random(1), 4)).toEqual([573063952, 3268221502, 703077755, 2308299391]);
        expect(draws(new Random(-1, 7), 2)).toEqual([2933203414, 2561104284]);
        expect(draws(new Random(1).fork(3), 2)).toEqual([362628382, 2758979434]);
        expect(Buffer.from(new Random(5).bytes(6)).toString("hex")).toBe("87aa480c93a9");
    });

    it("draws below bounds and chances the same everywhere", () => {
        const random = new Random(1);
        // Of the draws above: the high part of draw x bound.
        expect([random.below(100), random.below(0x10000), random.below(10)]).toEqual([13, 49869, 1]);
        expect([84, 85].map(perMille => new Random(1).fork(3).chance(perMille))).toEqual([false, true]);
    });

    it("starts again after reset, and differs between seeds and streams", () => {
        const random = new Random(9);
        const first = draws(random, 5);
        random.reset(9);
        expect(draws(random, 5)).toEqual(first);
        expect(draws(new Random(10), 5)).not.toEqual(first);
        expect(draws(new Random(9, 1), 5)).not.toEqual(first);
    });

    it("draws below a bound evenly, for small and large bounds", () => {
        const random = new Random(3);
        for (const bound of [1, 2, 3, 10, 1000, 0x10000, 0x10001, 3_000_000, 0x7fffffff]) {
            let sum = 0;
            for (let i = 0; i < 4000; i++) {
                const draw = random.below(bound);
                expect(Number.isInteger(draw) && draw >= 0 && draw < bound).toBe(true);
                sum += draw;
            }
            // Standard deviation of the mean is bound / sqrt(12 * 4000), less than half a percent.
            expect(Math.abs(sum / 4000 - (bound - 1) / 2)).toBeLessThan(0.02 * bound);
        }
    });

    it("never reaches a bound that is no power of two, however often it draws", () => {
        const random = new Random(12);
        let max = 0;
        for (let i = 0; i < 1_000_000; i++) {
            max = Math.max(max, random.below(0x10001));
        }
        expect(max).toBe(0x10000);
    });

    it("reaches both ends of a range", () => {
        const random = new Random(4);
        const seen = new Set(Array.from({ length: 200 }, () => random.between(5, 8)));
        expect([...seen].sort()).toEqual([5, 6, 7, 8]);
        expect(random.between(3, 3)).toBe(3);
    });

    it("draws a chance in per mille, with exactly one draw whatever its strength", () => {
        const random = new Random(6);
        let hits = 0;
        for (let i = 0; i < 10_000; i++) {
            hits += random.chance(250) ? 1 : 0;
        }
        expect(hits).toBeGreaterThan(2350);
        expect(hits).toBeLessThan(2650);
        const never = new Random(8);
        const always = new Random(8);
        expect(never.chance(0)).toBe(false);
        expect(always.chance(1000)).toBe(true);
        expect(never.uint32()).toBe(always.uint32());
    });

    it("forks by label, independently of what was drawn before", () => {
        const early = new Random(2).fork(1);
        const parent = new Random(2);
        draws(parent, 10);
        const late = new Random(0);
        parent.forkInto(1, late);
        expect(draws(late, 5)).toEqual(draws(early, 5));
        const labels = new Set(Array.from({ length: 1000 }, (_, label) => new Random(2).fork(label).uint32()));
        expect(labels.size).toBe(1000);
        expect(new Random(2).fork(1).fork(2).uint32()).not.toBe(new Random(2).fork(2).uint32());
        expect(new Random(2).fork(1).fork(2).uint32()).not.toBe(new Random(2).fork(2).fork(1).uint32());
    });

    it("sets every bit about equally often", () => {
        const random = new Random(11);
        const ones = new Array<number>(32).fill(0);
        for (let i = 0; i < 4000; i++) {
            const word = random.int32();
            for (let bit = 0; bit < 32; bit++) {
                ones[bit]! += (word >>> bit) & 1;
            }
        }
        for (const count of ones) {
            expect(Math.abs(count - 2000)).toBeLessThan(200);
        }
    });

    it("fills bytes of any length", () => {
        expect([0, 1, 3, 4, 5, 16].map(length => new Random(1).bytes(length).length)).toEqual([0, 1, 3, 4, 5, 16]);
        expect(new Random(1).bytes(16).some(byte => byte !== 0)).toBe(true);
    });
});
