import type { ManagerEvent } from "../core/event.js";
import { EventQueue } from "./event-queue.js";
import type { ProblemHandler } from "./problem.js";
import { RuntimeLimits } from "./runtime-limits.js";
import { SelvageError } from "./selvage-error.js";

/** Is told of events, in order, one at a time. What it returns is not waited for; a rejected promise counts as an error thrown. */
export type ManagerEventListener = (event: ManagerEvent) => unknown;

interface Subscriber {
    readonly tell: ManagerEventListener;
    readonly end: (error: SelvageError | null) => void;
}

/** Tells events to everybody who asked for them; nobody can get in the way of another. */
export class EventHub {
    /** Replaced, never changed, so that who comes or goes while an event is told does not disturb the telling. */
    #subscribers: readonly Subscriber[] = [];

    constructor(private readonly onProblem: ProblemHandler) {}

    publish(event: ManagerEvent): void {
        for (const subscriber of this.#subscribers) {
            try {
                const returned = subscriber.tell(event);
                if (returned instanceof Promise) {
                    returned.catch(error => this.#report(error));
                }
            } catch (error) {
                this.#report(error);
            }
        }
    }

    subscribe(listener: ManagerEventListener): () => void {
        // The wrapper makes two subscriptions of one function two things.
        return this.#add({ tell: event => listener(event), end: () => {} });
    }

    iterate(capacity: number): EventQueue {
        const queue = new EventQueue(capacity, () => remove());
        const remove = this.#add({ tell: event => queue.push(event), end: error => queue.end(error) });
        return queue;
    }

    end(error: SelvageError | null): void {
        const subscribers = this.#subscribers;
        this.#subscribers = [];
        for (const subscriber of subscribers) {
            subscriber.end(error);
        }
    }

    #add(subscriber: Subscriber): () => void {
        if (this.#subscribers.length >= RuntimeLimits.subscribers) {
            throw new SelvageError(
                "LIMIT_REACHED",
                `a manager tells events to at most ${RuntimeLimits.subscribers} subscribers: unsubscribe those that are no longer needed`,
            );
        }
        this.#subscribers = [...this.#subscribers, subscriber];
        return () => {
            this.#subscribers = this.#subscribers.filter(other => other !== subscriber);
        };
    }

    #report(error: unknown): void {
        this.onProblem({ source: "subscriber", message: "a subscriber failed when it was told of an event; it is told of the next ones too", error });
    }
}
