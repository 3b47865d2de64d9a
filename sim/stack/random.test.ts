import { describe, expect, it } from "vitest";
import { SeededRandom } from "./random.js";

const sample = (seed: string) => Buffer.from(new SeededRandom(seed).bytes(100)).toString("hex");

describe("seeded randomness", () => {
    it("is fixed by the seed, for good", () => {
        expect(sample("a")).toBe(sample("a"));
        expect(sample("a")).not.toBe(sample("b"));
        // A change here would invalidate every recorded seed.
        expect(sample("selvage").slice(0, 16)).toBe("94f248943e429d1f");
    });

    it("gives the same bytes in whatever portions they are drawn", () => {
        const random = new SeededRandom("a");
        const portions = [1, 31, 32, 33, 3].map(length => Buffer.from(random.bytes(length)).toString("hex"));
        expect(portions.join("")).toBe(sample("a"));
    });

    it("draws integers below the bound, all of them about equally often", () => {
        const random = new SeededRandom("below");
        const counts = new Array<number>(7).fill(0);
        const DRAWS = 7_000;
        for (let i = 0; i < DRAWS; i++) {
            counts[random.below(7)]!++;
        }
        expect(counts.every(count => count > 850 && count < 1150)).toBe(true);
        expect(random.below(1)).toBe(0);
    });

    it.each([0, -1, 1.5, 2 ** 31 + 1])("refuses %d as a bound", bound => {
        expect(() => new SeededRandom("x").below(bound)).toThrow(RangeError);
    });

    it("draws fractions from 0 up to, but not, 1", () => {
        const random = new SeededRandom("fraction");
        const drawn = Array.from({ length: 1_000 }, () => random.fraction());
        expect(drawn.every(value => value >= 0 && value < 1)).toBe(true);
        expect(new Set(drawn).size).toBe(drawn.length);
    });
});
