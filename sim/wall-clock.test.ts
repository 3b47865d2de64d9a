import { describe, expect, it } from "vitest";
import { WallClock } from "./wall-clock.js";

const START = new WallClock().at(0);

describe("the wall clock", () => {
    it("goes with the world's time until it is set, and from then on again", () => {
        const clock = new WallClock();
        expect(clock.at(500)).toBe(START + 500);
        clock.jump(10_000, 1_000);
        expect(clock.at(1_500)).toBe(START + 11_500);
        clock.jump(-12_000, 2_000);
        expect(clock.at(2_000)).toBe(START);
    });

    it("that was never set shows 1970, not a time before", () => {
        const clock = new WallClock();
        clock.jump(-10 * START, 0);
        expect([clock.at(0), clock.at(70)]).toEqual([0, 70]);
    });

    it("knows when it showed a time; of two such moments the later one", () => {
        const clock = new WallClock();
        clock.jump(-1_000, 5_000);
        expect(clock.momentOf(START + 3_000, 6_000)).toBe(3_000);
        expect(clock.momentOf(START + 4_500, 6_000)).toBe(5_500);
        expect(clock.momentOf(START + 4_500, 5_200)).toBe(4_500);
    });

    it("is right again in the next schedule", () => {
        const clock = new WallClock();
        clock.jump(1_000, 5);
        clock.reset();
        expect(clock.at(10)).toBe(START + 10);
    });
});
