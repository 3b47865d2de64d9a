import type { Clock } from "../core/ports.js";

/** What `setTimeout` can wait at most; it fires at once when asked for more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Choices for {@link systemClock}. */
export interface SystemClockOptions {
    /**
     * Whether a wake that is waited for keeps the process alive, as an open server does. Default: true, so that a script which only
     * awaits a run is not ended in the middle of a back-off.
     */
    readonly keepAlive?: boolean;
}

/** Real time: `performance.now`, `Date.now` and `setTimeout`, in whole milliseconds. */
export function systemClock({ keepAlive = true }: SystemClockOptions = {}): Clock {
    const monoMs = () => Math.floor(performance.now());
    return {
        monoMs,
        wallMs: () => Date.now(),
        wakeAt(atMonoMs, callback) {
            let timer: NodeJS.Timeout;
            const arm = () => {
                timer = setTimeout(fire, Math.min(Math.max(atMonoMs - monoMs(), 0), MAX_TIMEOUT_MS));
                if (!keepAlive) {
                    timer.unref();
                }
            };
            // A timer can fire a little early, and long ones in several parts.
            const fire = () => (monoMs() < atMonoMs ? arm() : callback());
            arm();
            return () => clearTimeout(timer);
        },
    };
}
