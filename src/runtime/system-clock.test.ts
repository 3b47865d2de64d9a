import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "./system-clock.js";
import { systemEntropy } from "./system-entropy.js";
import { fabricFingerprint } from "./fingerprint.js";
import { FABRIC, KEY } from "./testing/opening.js";

describe("the system's clock", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] }));
    afterEach(() => void vi.useRealTimers());

    it("wakes once, when it is time", () => {
        const clock = systemClock();
        const callback = vi.fn();
        clock.wakeAt(clock.monoMs() + 1_000, callback);
        vi.advanceTimersByTime(999);
        expect(callback).not.toHaveBeenCalled();
        vi.advanceTimersByTime(1);
        vi.advanceTimersByTime(10_000);
        expect(callback).toHaveBeenCalledTimes(1);
    });

    it("wakes for what is past, but never within the call", () => {
        const clock = systemClock();
        const callback = vi.fn();
        clock.wakeAt(clock.monoMs() - 5, callback);
        expect(callback).not.toHaveBeenCalled();
        vi.advanceTimersByTime(1);
        expect(callback).toHaveBeenCalledTimes(1);
    });

    it("does not wake when it was cancelled, before or in the middle of a long wait", () => {
        const clock = systemClock();
        const callback = vi.fn();
        clock.wakeAt(clock.monoMs() + 5, callback)();
        const cancel = clock.wakeAt(clock.monoMs() + 2 ** 33, callback);
        vi.advanceTimersByTime(2 ** 32);
        cancel();
        vi.advanceTimersByTime(2 ** 33);
        expect(callback).not.toHaveBeenCalled();
        expect(vi.getTimerCount()).toBe(0);
    });

    it("can wait longer than setTimeout", () => {
        const clock = systemClock();
        const callback = vi.fn();
        const days60 = 60 * 24 * 3_600_000;
        clock.wakeAt(clock.monoMs() + days60, callback);
        vi.advanceTimersByTime(days60 - 1);
        expect(callback).not.toHaveBeenCalled();
        vi.advanceTimersByTime(1);
        expect(callback).toHaveBeenCalledTimes(1);
    });
});

it("keeps the process alive while something is waited for, unless told otherwise", () => {
    const timers = () => process.getActiveResourcesInfo().filter(resource => resource === "Timeout").length;
    const before = timers();
    const cancelLoose = systemClock({ keepAlive: false }).wakeAt(Number.MAX_SAFE_INTEGER, () => {});
    expect(timers()).toBe(before);
    const cancel = systemClock().wakeAt(Number.MAX_SAFE_INTEGER, () => {});
    expect(timers()).toBe(before + 1);
    cancel();
    cancelLoose();
});

it("draws uniformly and freshly", () => {
    const entropy = systemEntropy();
    expect(new Set(Array.from({ length: 200 }, () => entropy.below(3)))).toEqual(new Set([0, 1, 2]));
    expect(entropy.below(1)).toBe(0);
    expect(entropy.below(2 ** 31)).toBeLessThan(2 ** 31);
    expect(entropy.bytes(16)).not.toEqual(entropy.bytes(16));
    expect(entropy.bytes(16)).toHaveLength(16);
});

it("gives a key one fingerprint per fabric, the same in every process", () => {
    const fingerprint = fabricFingerprint(FABRIC);
    expect(fingerprint(KEY)).toMatch(/^[0-9a-f]{16}$/);
    expect(fabricFingerprint({ ...FABRIC })(KEY)).toBe(fingerprint(KEY));
    expect(fingerprint(KEY)).toBe("27d777996b2f4b6e");
    expect(fabricFingerprint({ ...FABRIC, fabricId: 1n })(KEY)).not.toBe(fingerprint(KEY));
    expect(fingerprint(KEY.map(byte => byte ^ 1))).not.toBe(fingerprint(KEY));
});
