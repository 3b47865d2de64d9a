import type { ManagerEvent } from "../core/event.js";
import { SelvageError } from "./selvage-error.js";

interface Reader {
    readonly resolve: (result: IteratorResult<ManagerEvent, undefined>) => void;
    readonly reject: (error: SelvageError) => void;
}

const ENDED: IteratorResult<ManagerEvent, undefined> = { done: true, value: undefined };

/** Events on their way to one reader: an async iterator over a bounded queue. */
export class EventQueue implements AsyncIterableIterator<ManagerEvent> {
    #events: ManagerEvent[] = [];
    #read = 0;
    #readers: Reader[] = [];
    #ended = false;
    #error: SelvageError | null = null;

    /** @param onEnd called once, when no more events are wanted. */
    constructor(
        private readonly capacity: number,
        private readonly onEnd: () => void,
    ) {}

    push(event: ManagerEvent): void {
        if (this.#ended) {
            return;
        }
        const reader = this.#readers.shift();
        if (reader !== undefined) {
            reader.resolve({ done: false, value: event });
        } else if (this.#events.length - this.#read < this.capacity) {
            this.#events.push(event);
        } else {
            this.end(
                new SelvageError(
                    "EVENTS_LOST",
                    `more than ${this.capacity} events waited for this iterator, so it ended: call events() again, then read items() and runs() for the present state`,
                ),
            );
        }
    }

    /** No more events come; those that wait can still be read, and after them the error, if there is one. */
    end(error: SelvageError | null): void {
        if (this.#ended) {
            return;
        }
        this.#ended = true;
        this.#error = error;
        for (const reader of this.#readers.splice(0)) {
            this.#finish(reader);
        }
        this.onEnd();
    }

    next(): Promise<IteratorResult<ManagerEvent, undefined>> {
        return new Promise((resolve, reject) => {
            const event = this.#take();
            if (event !== undefined) {
                resolve({ done: false, value: event });
            } else if (this.#ended) {
                this.#finish({ resolve, reject });
            } else {
                this.#readers.push({ resolve, reject });
            }
        });
    }

    return(): Promise<IteratorResult<ManagerEvent, undefined>> {
        this.#events = [];
        this.#read = 0;
        this.end(null);
        this.#error = null;
        return Promise.resolve(ENDED);
    }

    [Symbol.asyncIterator](): this {
        return this;
    }

    #take(): ManagerEvent | undefined {
        const event = this.#events[this.#read];
        if (event !== undefined && ++this.#read * 2 > this.#events.length) {
            this.#events = this.#events.slice(this.#read);
            this.#read = 0;
        }
        return event;
    }

    /** The error is told once; the iterator is over after it. */
    #finish({ resolve, reject }: Reader): void {
        const error = this.#error;
        this.#error = null;
        if (error === null) {
            resolve(ENDED);
        } else {
            reject(error);
        }
    }
}
