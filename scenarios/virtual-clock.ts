import { EventHeap } from "../sim/event-heap.js";
import type { BedTime } from "./bed-world.js";
import { ScenarioFailure } from "./scenario.js";

/** Captured at load: test frameworks replace it, and draining the event loop must stay real. */
const realSetImmediate = globalThis.setImmediate;

/**
 * Virtual time for promises: it stands still while anything is left to do, and then jumps to the next thing on the agenda. What falls on the same
 * millisecond comes in the order in which it was asked for.
 */
export class VirtualClock implements BedTime {
    readonly #agenda = new EventHeap();
    readonly #held = new Set<Promise<unknown>>();
    #elapsedMs = 0;

    get elapsedMs(): number {
        return this.#elapsedMs;
    }

    after(ms: number, callback: () => void): void {
        this.#agenda.push(this.#elapsedMs + Math.max(0, Math.ceil(ms)), 0, 0, 0, callback);
    }

    hold(operation: Promise<unknown>): void {
        const over: Promise<unknown> = operation.then(
            () => this.#held.delete(over),
            () => this.#held.delete(over),
        );
        this.#held.add(over);
    }

    async advance(ms: number): Promise<void> {
        const untilMs = this.#elapsedMs + ms;
        while (await this.#step(untilMs));
        this.#elapsedMs = untilMs;
        await this.#settle();
    }

    async until<T>(promise: PromiseLike<T>, { what, limitMs }: { readonly what: string; readonly limitMs: number }): Promise<T> {
        let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
        promise.then(
            value => (outcome = { value }),
            (error: unknown) => (outcome = { error }),
        );
        const stopMs = this.#elapsedMs + limitMs;
        do {
            await this.#settle();
        } while (outcome === undefined && (await this.#step(stopMs)));
        if (outcome === undefined) {
            throw new ScenarioFailure(`${what} is not settled within ${limitMs} virtual ms`);
        }
        if ("error" in outcome) {
            throw outcome.error;
        }
        return outcome.value;
    }

    /** Do everything that can be done at this instant. One immediate drains the whole microtask queue. */
    async #settle(): Promise<void> {
        for (;;) {
            await new Promise<void>(resolve => void realSetImmediate(resolve));
            if (this.#held.size === 0) {
                return;
            }
            await Promise.race(this.#held);
        }
    }

    async #step(limitMs: number): Promise<boolean> {
        await this.#settle();
        if (this.#agenda.nextAtMs > limitMs) {
            return false;
        }
        this.#agenda.pop();
        this.#elapsedMs = Math.max(this.#elapsedMs, this.#agenda.atMs);
        (this.#agenda.payload as () => void)();
        return true;
    }
}
