import type { Clock } from "../../core/ports.js";

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
    nowMs = 0;
    readonly #wakes = new Set<{ readonly atMs: number; readonly callback: () => void }>();

    monoMs(): number {
        return this.nowMs;
    }

    wallMs(): number {
        return 1_700_000_000_000 + this.nowMs;
    }

    wakeAt(atMs: number, callback: () => void): () => void {
        const wake = { atMs, callback };
        this.#wakes.add(wake);
        return () => this.#wakes.delete(wake);
    }

    /** Times somebody waits for, ascending. */
    get wakes(): number[] {
        return [...this.#wakes].map(({ atMs }) => atMs).sort((a, b) => a - b);
    }

    advance(byMs: number): void {
        this.nowMs += byMs;
        for (const wake of [...this.#wakes]) {
            if (wake.atMs <= this.nowMs) {
                this.#wakes.delete(wake);
                wake.callback();
            }
        }
    }
}
