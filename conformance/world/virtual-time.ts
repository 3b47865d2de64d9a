interface Event {
    readonly atMs: number;
    readonly order: number;
    readonly run: () => void;
    isCancelled: boolean;
}

/** Time that passes only when asked to, for servers and member nodes in one process. What runs at the same instant runs in the order of scheduling. */
export class VirtualTime {
    /** Milliseconds since the world began. */
    nowMs = 0;
    #order = 0;
    #events: Event[] = [];

    /** @returns the way to call it off */
    schedule(delayMs: number, run: () => void): () => void {
        const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run, isCancelled: false };
        let low = 0;
        let high = this.#events.length;
        while (low < high) {
            const middle = (low + high) >>> 1;
            const at = this.#events[middle]!;
            if (at.atMs < event.atMs || (at.atMs === event.atMs && at.order < event.order)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        this.#events.splice(low, 0, event);
        return () => {
            event.isCancelled = true;
        };
    }

    sleep(ms: number): Promise<void> {
        return new Promise(resolve => this.schedule(ms, resolve));
    }

    /** Lets time pass, at most until `untilMs`; stops as soon as `isEnough` says so. */
    async runUntil(untilMs: number, isEnough: () => boolean = () => false): Promise<void> {
        await settledPromises();
        while (!isEnough()) {
            const next = this.#events[0];
            if (next === undefined || next.atMs > untilMs) {
                this.nowMs = Math.max(this.nowMs, Number.isFinite(untilMs) ? untilMs : this.nowMs);
                return;
            }
            this.#events.shift();
            if (!next.isCancelled) {
                this.nowMs = next.atMs;
                next.run();
                await settledPromises();
            }
        }
    }
}

/** Everything that waits for nothing but promises has run. */
function settledPromises(): Promise<void> {
    return new Promise(resolve => setImmediate(resolve));
}
