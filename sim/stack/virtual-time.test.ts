import { Millis } from "@matter/general";
import { describe, expect, it } from "vitest";
import { VirtualTime } from "./virtual-time.js";

const START_MS = 1_000_000;

function timeline() {
    const time = new VirtualTime(START_MS);
    const log: string[] = [];
    const at = (name: string, ms: number) => time.getTimer(name, Millis(ms), () => void log.push(`${name}@${time.elapsedMs}`));
    return { time, log, at };
}

describe("virtual time", () => {
    it("jumps from timer to timer, those of one instant in the order they were started", async () => {
        const { time, log, at } = timeline();
        at("late", 50).start();
        at("first", 10).start();
        at("second", 10).start();
        await time.advance(49);
        expect(log).toEqual(["first@10", "second@10"]);
        expect(time.nowMs).toBe(START_MS + 49);
        await time.advance(1);
        expect(log.at(-1)).toBe("late@50");
    });

    it("does not fire what was stopped, and fires what was started again once, later", async () => {
        const { time, log, at } = timeline();
        const stopped = at("stopped", 10).start();
        const again = at("again", 10).start();
        await time.advance(5);
        stopped.stop();
        again.start();
        await time.advance(100);
        expect(log).toEqual(["again@15"]);
        expect(time.pending).toEqual([]);
    });

    it("repeats periodic timers until they are stopped", async () => {
        const { time } = timeline();
        let fired = 0;
        const timer = time.getPeriodicTimer("tick", Millis(10), () => void fired++).start();
        await time.advance(35);
        timer.stop();
        await time.advance(100);
        expect(fired).toBe(3);
    });

    it("does all that can be done at an instant before it moves on", async () => {
        const { time, log, at } = timeline();
        at("later", 1).start();
        void time.macrotask.then(() => time.macrotask).then(() => log.push(`chain@${time.elapsedMs}`));
        await time.advance(1);
        expect(log).toEqual(["chain@0", "later@1"]);
    });

    it("stands still while a real operation is held", async () => {
        const { time, log, at } = timeline();
        at("deadline", 1).start();
        const REAL_MS = 30;
        void time.hold(new Promise(resolve => setTimeout(resolve, REAL_MS))).then(() => log.push(`disk@${time.elapsedMs}`));
        await time.advance(1);
        expect(log).toEqual(["disk@0", "deadline@1"]);
    });

    it("goes on until a promise is settled, and no further", async () => {
        const { time } = timeline();
        const nap = new Promise<string>(resolve => time.getTimer("nap", Millis(70), () => resolve("awake")).start());
        time.getTimer("later", Millis(71), () => {}).start();
        expect(await time.until(nap)).toBe("awake");
        expect(time.elapsedMs).toBe(70);
    });

    it("passes on what a promise is rejected with", async () => {
        const { time } = timeline();
        await expect(time.until(Promise.reject(new Error("refused")))).rejects.toThrow("refused");
    });

    it("gives up on a promise that nothing can settle, and says what it was", async () => {
        const { time, at } = timeline();
        const never = new Promise(() => {});
        await expect(time.until(never, { what: "pairing" })).rejects.toThrow(/pairing is not settled: nothing is left/);
        at("tick", 5_000).start();
        await expect(time.until(never, { limitMs: 100 })).rejects.toThrow(/not within 100 virtual ms/);
    });

    it("reports a timer's asynchronous failure instead of losing it", async () => {
        const { time } = timeline();
        time.getTimer("bad", Millis(1), () => Promise.reject(new Error("in a timer"))).start();
        await expect(time.advance(10)).rejects.toThrow("in a timer");
    });
});
