import { Logger, LogLevel, Time } from "@matter/general";
import { SeededRandom } from "./random.js";
import type { VirtualTime } from "./virtual-time.js";

/** Set while a world is open in this realm; matter.js's time is a static global, so there can be only one. */
let occupied = false;

/**
 * Put a world's time and randomness in the place of the realm's: `Time.default`, `Date` (matter.js stamps up-times with `new Date()`),
 * `Math.random` (retransmission jitter, mDNS delays, serial numbers), and turn matter.js's logging off.
 * Returns the way back. @throws Error when another world is open.
 */
export function occupyGlobals(time: VirtualTime, seed: string): () => void {
    if (occupied) {
        throw new Error("another stack world is open in this realm; close it first");
    }
    occupied = true;
    const saved = {
        time: Time.default,
        startup: { ...Time.startup },
        random: Math.random,
        date: globalThis.Date,
        logLevel: Logger.level,
    };
    const random = new SeededRandom(`math:${seed}`);

    Time.default = time;
    Time.startup.systemMs = Time.startup.processMs = time.nowMs;
    Math.random = () => random.fraction();
    globalThis.Date = virtualDate(time, saved.date);
    if (process.env["SELVAGE_MATTER_LOG"] === undefined) {
        Logger.level = LogLevel.FATAL;
    }

    return () => {
        Time.default = saved.time;
        Object.assign(Time.startup, saved.startup);
        Math.random = saved.random;
        globalThis.Date = saved.date;
        Logger.level = saved.logLevel;
        occupied = false;
    };
}

function virtualDate(time: VirtualTime, RealDate: DateConstructor): DateConstructor {
    return class VirtualDate extends RealDate {
        constructor(...args: []) {
            super(...((args.length === 0 ? [time.nowMs] : args) as []));
        }

        static override now(): number {
            return time.nowMs;
        }
    } as DateConstructor;
}
