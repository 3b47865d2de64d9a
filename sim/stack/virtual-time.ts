import { type Duration, Lifetime, Time, type Timer, type Timestamp } from "@matter/general";

/** Captured at load: test frameworks replace it, and draining the event loop must stay real. */
const realSetImmediate = globalThis.setImmediate;

/** The longest interval that a host timer takes; matter.js must not come to rely on more in here. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;

/** Rounds of event loop draining after which something must be spinning without ever waiting for a timer. */
const MAX_TURNS = 1_000_000;

/** Default bound of {@link VirtualTime.until}. */
const DEFAULT_LIMIT_MS = 3_600_000;

/** How long {@link VirtualTime.until} goes on, and what its error calls the thing awaited. */
export interface UntilOptions {
    readonly limitMs?: number;
    readonly what?: string;
}

/** A matter.js timer on virtual time. */
class VirtualTimer implements Timer {
    systemId: unknown = 0;
    utility = false;
    isRunning = false;
    elapsed?: Timer["elapsed"];
    /** Virtual time at which it fires next; kept by {@link VirtualTime}. */
    dueMs = 0;
    readonly #time: VirtualTime;
    readonly #callback: Timer.Callback;
    #interval = 0 as Duration;

    constructor(
        time: VirtualTime,
        public name: string,
        interval: Duration,
        callback: Timer.Callback,
        public isPeriodic: boolean,
    ) {
        this.#time = time;
        this.#callback = callback;
        this.interval = interval;
    }

    get interval(): Duration {
        return this.#interval;
    }

    set interval(value: Duration) {
        if (!(value >= 0 && value <= MAX_INTERVAL_MS)) {
            throw new RangeError(`timer "${this.name}": interval ${value} is not between 0 and ${MAX_INTERVAL_MS} ms`);
        }
        this.#interval = value;
    }

    start(): this {
        this.stop();
        this.isRunning = true;
        this.#time.schedule(this, this.#interval);
        return this;
    }

    stop(): this {
        if (this.isRunning) {
            this.isRunning = false;
            this.#time.unschedule(this);
        }
        return this;
    }

    fire(): unknown {
        if (this.isPeriodic) {
            this.#time.schedule(this, this.#interval);
        } else {
            this.isRunning = false;
        }
        const lifetime = Lifetime(this.name);
        try {
            return this.#callback(lifetime);
        } finally {
            void lifetime[Symbol.dispose]();
        }
    }
}

/**
 * Time for matter.js that stands still while anything is left to do and then jumps to the next timer. Timers that fall on the same
 * millisecond fire in the order in which they were started.
 */
export class VirtualTime extends Time {
    /** Called before each timer fires; for traces. */
    onFire: ((name: string, interval: number) => void) | undefined;
    #nowMs: number;
    readonly #startMs: number;
    /** Ascending by due time; ties in order of scheduling. */
    readonly #timers: VirtualTimer[] = [];
    /** matter.js's own "next macrotask" requests, released one at a time so that their order is ours. */
    readonly #macrotasks: Array<() => void> = [];
    /** Really asynchronous operations (files) that time waits for. */
    readonly #held = new Set<Promise<unknown>>();
    #failure: { readonly error: unknown } | undefined;

    constructor(epochMs: number) {
        super();
        this.#nowMs = this.#startMs = epochMs;
    }

    override get now(): Date {
        return new Date(this.#nowMs);
    }

    override get nowMs(): Timestamp {
        return this.#nowMs as Timestamp;
    }

    override get nowUs(): Timestamp {
        return this.#nowMs as Timestamp;
    }

    /** Virtual milliseconds since the world was opened. */
    get elapsedMs(): number {
        return this.#nowMs - this.#startMs;
    }

    /** Names of the timers that are running, soonest first. */
    get pending(): readonly string[] {
        return this.#timers.map(({ name, dueMs }) => `${name} in ${dueMs - this.#nowMs} ms`);
    }

    override getTimer(name: string, duration: Duration, callback: Timer.Callback): Timer {
        return new VirtualTimer(this, name, duration, callback, false);
    }

    override getPeriodicTimer(name: string, duration: Duration, callback: Timer.Callback): Timer {
        return new VirtualTimer(this, name, duration, callback, true);
    }

    override get macrotask(): Promise<void> {
        return new Promise(resolve => void this.#macrotasks.push(resolve));
    }

    schedule(timer: VirtualTimer, delayMs: number): void {
        timer.dueMs = this.#nowMs + Math.ceil(delayMs);
        let low = 0;
        let high = this.#timers.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.#timers[middle]!.dueMs <= timer.dueMs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        this.#timers.splice(low, 0, timer);
    }

    unschedule(timer: VirtualTimer): void {
        const index = this.#timers.indexOf(timer);
        if (index >= 0) {
            this.#timers.splice(index, 1);
        }
    }

    /** Let time stand still until a really asynchronous operation is over, whatever it does; returns the same promise. */
    hold<T>(operation: Promise<T>): Promise<T> {
        const over: Promise<unknown> = operation.then(
            () => this.#held.delete(over),
            () => this.#held.delete(over),
        );
        this.#held.add(over);
        return operation;
    }

    /** Do everything that can be done at this instant. */
    async settle(): Promise<void> {
        for (let turn = 0; turn < MAX_TURNS; turn++) {
            // One immediate drains the whole microtask queue, however long the chains of promises in it.
            await new Promise<void>(resolve => void realSetImmediate(resolve));
            this.#rethrow();
            const next = this.#macrotasks.shift();
            if (next !== undefined) {
                next();
            } else if (this.#held.size > 0) {
                await Promise.race(this.#held);
            } else {
                return;
            }
        }
        throw new Error(`virtual time cannot move on: still busy at ${this.#nowMs} after ${MAX_TURNS} turns`);
    }

    /** Let this much time pass. */
    async advance(ms: number): Promise<void> {
        const untilMs = this.#nowMs + ms;
        while (await this.#step(untilMs));
        this.#nowMs = untilMs;
        await this.settle();
    }

    /** Let time pass until a promise is settled, at most `limitMs`. @throws what the promise rejects with. */
    async until<T>(promise: PromiseLike<T> | T, { limitMs = DEFAULT_LIMIT_MS, what = "promise" }: UntilOptions = {}): Promise<T> {
        let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
        Promise.resolve(promise).then(
            value => (outcome = { value }),
            (error: unknown) => (outcome = { error }),
        );
        const stopMs = this.#nowMs + limitMs;
        do {
            await this.settle();
        } while (outcome === undefined && (await this.#step(stopMs)));
        if (outcome === undefined) {
            const why = this.#timers.length === 0 ? "nothing is left that could settle it" : `not within ${limitMs} virtual ms`;
            throw new Error(`${what} is not settled: ${why}`);
        }
        if ("error" in outcome) {
            throw outcome.error;
        }
        return outcome.value;
    }

    /** Fire the next timer that is due by `limitMs`; false when there is none. */
    async #step(limitMs: number): Promise<boolean> {
        await this.settle();
        const timer = this.#timers[0];
        if (timer === undefined || timer.dueMs > limitMs) {
            return false;
        }
        this.#timers.shift();
        this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
        this.onFire?.(timer.name, timer.interval);
        this.#watch(timer.fire());
        return true;
    }

    /** A timer's callback may be asynchronous; nobody else would hear of its failure. */
    #watch(result: unknown): void {
        if (result instanceof Promise) {
            result.catch((error: unknown) => (this.#failure ??= { error }));
        }
    }

    #rethrow(): void {
        const failure = this.#failure;
        if (failure !== undefined) {
            this.#failure = undefined;
            throw failure.error;
        }
    }
}
