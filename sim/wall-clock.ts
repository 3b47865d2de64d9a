/** 2026-01-01T00:00:00Z. */
const EPOCH_MS = 1_767_225_600_000;

/** The controller's wall clock: it can be wrong, and be set. */
export class WallClock {
    /** World times at which it was set, and what was to be added from then on. */
    readonly #setAtMs: number[] = [0];
    readonly #aheadMs: number[] = [EPOCH_MS];

    reset(): void {
        this.#setAtMs.length = 1;
        this.#aheadMs.length = 1;
    }

    /** It never shows a time before 1970. */
    jump(byMs: number, nowMs: number): void {
        this.#setAtMs.push(nowMs);
        this.#aheadMs.push(Math.max(-nowMs, this.#aheadMs.at(-1)! + byMs));
    }

    at(nowMs: number): number {
        return this.#aheadMs[this.#aheadMs.length - 1]! + nowMs;
    }

    /** The latest world time up to now at which the clock showed this; a clock that is set back shows times twice. */
    momentOf(wallMs: number, nowMs: number): number {
        let untilMs = nowMs;
        for (let i = this.#setAtMs.length - 1; i > 0; i--) {
            const moment = wallMs - this.#aheadMs[i]!;
            if (moment >= this.#setAtMs[i]! && moment <= untilMs) {
                return moment;
            }
            untilMs = this.#setAtMs[i]!;
        }
        return wallMs - this.#aheadMs[0]!;
    }
}
