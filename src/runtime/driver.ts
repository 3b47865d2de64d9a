import type { Command, CommandValue } from "../core/command.js";
import type { DeviceAnswer } from "../core/device.js";
import type { Effect, ReplyEffect, RequestEffect } from "../core/effect.js";
import type { ManagerEvent } from "../core/event.js";
import type { InputBody } from "../core/input.js";
import { isInteraction } from "../core/pass.js";
import type { Clock, Issuer, Store, Transport, TransportEvent } from "../core/ports.js";
import type { StoreBatch } from "../core/store.js";
import type { Manager } from "../tasks/manager.js";
import { isSettled } from "../tasks/run.js";
import { CertificateSteps } from "./certificate-steps.js";
import { EventHub } from "./event-hub.js";
import { errorName, type ProblemHandler } from "./problem.js";
import { RunWaiters } from "./run-waiters.js";
import { RuntimeLimits } from "./runtime-limits.js";
import { closedError, errorOf, internalError, SelvageError } from "./selvage-error.js";
import { StoreError } from "./store/store-error.js";

/** What a driver drives, and what with. */
export interface DriverParts {
    readonly manager: Manager;
    /** Open; the driver closes it. */
    readonly store: Store;
    /** The caller's; the driver stops observing it and leaves it open. */
    readonly transport: Transport;
    readonly issuer?: Issuer;
    readonly clock: Clock;
    readonly onProblem: ProblemHandler;
}

interface Pending {
    readonly promise: Promise<unknown>;
    readonly resolve: (value: CommandValue) => void;
    readonly reject: (error: SelvageError) => void;
}

const answerKinds: ReadonlySet<unknown> = new Set<DeviceAnswer["kind"]>(["value", "status", "response", "notSent", "unknown"]);

/**
 * Feeds the machine its inputs, one after the other, and performs the effects, in their order. It decides nothing.
 *
 * Inputs that are raised while effects are performed (by subscribers, by a transport that answers at once) wait in a queue. When it is
 * closed, only the outcome of the batch in flight is still fed, so that each command is answered by what became of it.
 */
export class Driver {
    readonly manager: Manager;
    readonly events: EventHub;
    readonly runs: RunWaiters;
    readonly #store: Store;
    readonly #transport: Transport;
    readonly #certificates: CertificateSteps;
    readonly #clock: Clock;
    readonly #onProblem: ProblemHandler;
    readonly #pending = new Map<number, Pending>();
    #inputs: InputBody[] = [];
    #feeding = false;
    #lastCommand = 0;
    #committing: Promise<void> | null = null;
    /** What the store said to the latest refused batch. */
    #refusal: StoreError | undefined;
    #cancelWake = () => {};
    #stopObserving = () => {};
    #isOpen = true;
    #closing: Promise<void> | null = null;
    /** Set when the machine threw: what it holds in memory is worth nothing any more. */
    #fault: { readonly cause: unknown } | null = null;

    constructor(parts: DriverParts) {
        this.manager = parts.manager;
        this.#store = parts.store;
        this.#transport = parts.transport;
        this.#clock = parts.clock;
        this.#onProblem = parts.onProblem;
        this.#certificates = new CertificateSteps({ ...parts, issuer: parts.issuer });
        this.events = new EventHub(parts.onProblem);
        this.runs = new RunWaiters(parts.manager);
    }

    start(): void {
        this.#feed({ type: "start" });
        const stop = this.#transport.observe(event => this.#observed(event));
        if (this.isOpen) {
            this.#stopObserving = stop;
        } else {
            stop();
        }
    }

    get isOpen(): boolean {
        return this.#isOpen;
    }

    /** Why nothing can be asked any more. */
    ended(): SelvageError {
        return this.#fault === null ? closedError() : internalError(this.#fault.cause);
    }

    /**
     * Have a command carried out. The promise settles when the machine replies, or when the driver is closed; a rejection by closing
     * is not reported as unhandled, because whoever closed knows.
     */
    submit<T>(command: Command, map: (value: CommandValue) => T): Promise<T> {
        if (!this.isOpen) {
            return Promise.reject(this.ended());
        }
        if (this.#pending.size >= RuntimeLimits.pendingCommands) {
            return Promise.reject(
                new SelvageError("LIMIT_REACHED", `${RuntimeLimits.pendingCommands} commands wait for their answers: wait for some of them first`),
            );
        }
        const id = ++this.#lastCommand;
        let settle!: Pick<Pending, "resolve" | "reject">;
        const promise = new Promise<T>((resolve, reject) => {
            settle = { resolve: value => resolve(map(value)), reject };
        });
        this.#pending.set(id, { promise, ...settle });
        this.#feed({ type: "command", id, command });
        return promise;
    }

    /** Settle everything, wait for the batch in flight, let go of transport and store. Never rejects. */
    close(): Promise<void> {
        if (this.#closing === null) {
            this.#isOpen = false;
            this.#closing = this.#close();
        }
        return this.#closing;
    }

    async #close(): Promise<void> {
        this.#cancelWake();
        try {
            this.#stopObserving();
        } catch (error) {
            this.#onProblem({ source: "transport", message: `the transport could not stop telling (${errorName(error)})`, error });
        }
        // Lets whoever called from within a callback, and the effects under way, finish first.
        await Promise.resolve();
        await this.#committing;
        for (const { promise, reject } of this.#pending.values()) {
            promise.catch(() => {});
            reject(this.ended());
        }
        this.#pending.clear();
        this.runs.close(() => this.ended());
        this.events.end(this.#fault === null ? null : this.ended());
        try {
            await this.#store.close();
        } catch (error) {
            this.#onProblem({ source: "store", message: `the store could not be closed properly (${errorName(error)})`, error });
        }
    }

    #feed(input: InputBody): void {
        this.#inputs.push(input);
        if (this.#feeding) {
            return;
        }
        this.#feeding = true;
        while (this.#inputs.length > 0) {
            const inputs = this.#inputs;
            this.#inputs = [];
            for (const next of inputs) {
                if (this.#fault === null && (this.isOpen || next.type === "stored")) {
                    this.#step(next);
                }
            }
        }
        this.#feeding = false;
    }

    #step(input: InputBody): void {
        try {
            for (const effect of this.manager.step({ ...input, monoMs: this.#clock.monoMs(), wallMs: this.#clock.wallMs() })) {
                this.#perform(effect);
            }
        } catch (cause) {
            this.#fault = { cause };
            this.#onProblem({ source: "machine", message: this.ended().message, error: cause });
            void this.close();
        }
    }

    #perform(effect: Effect): void {
        switch (effect.type) {
            case "reply":
                return this.#reply(effect);
            case "event":
                return this.#event(effect.event);
            case "request":
                return this.isOpen ? this.#request(effect) : undefined;
            case "store":
                return this.isOpen ? this.#commit(effect.batch) : undefined;
            case "wake":
                return this.isOpen ? this.#wake(effect.atMonoMs) : undefined;
        }
    }

    #reply({ command, result }: ReplyEffect): void {
        const pending = this.#pending.get(command);
        this.#pending.delete(command);
        if (result.ok) {
            pending?.resolve(result.value);
        } else {
            pending?.reject(errorOf(result.error, result.error.code === "STORE_REFUSED" ? this.#refusal : undefined));
        }
    }

    #event(event: ManagerEvent): void {
        this.events.publish(event);
        if (event.type === "runChanged" && isSettled(event.state)) {
            this.runs.settled(event.run);
        } else if (event.type === "storeRefused") {
            this.runs.recheck();
        }
    }

    #request({ id, node, request, deadlineMs }: RequestEffect): void {
        const answered = (answer: DeviceAnswer) => this.#feed({ type: "answer", request: id, answer });
        const failed = (error: unknown, message: string) => {
            if (!this.#isOpen) {
                return; // closing a transport may well end its requests this way
            }
            this.#onProblem({ source: "transport", message, error });
            answered({ kind: "unknown", reason: message });
        };
        const rejected = (error: unknown) => failed(error, `the transport failed (${errorName(error)}) instead of answering: taken as unknown`);
        // An async function turns whatever a transport does, throwing included, into a promise.
        const asked = (async () =>
            isInteraction(request)
                ? this.#transport.request(node, request, { deadlineMs })
                : this.#certificates.perform(node, request, { deadlineMs }))();
        asked.then(answer => {
            if (answerKinds.has((answer as DeviceAnswer | undefined)?.kind)) {
                answered(answer);
            } else {
                failed(undefined, "the transport answered with something that is no DeviceAnswer: taken as unknown");
            }
        }, rejected);
    }

    #commit(batch: StoreBatch): void {
        const committed = (async () => this.#store.commit(batch))();
        this.#committing = committed.then(
            () => this.#stored(batch.id, true),
            error => {
                this.#refusal = error instanceof StoreError ? error : undefined;
                const why = error instanceof StoreError ? `${error.code}: ${error.message}` : errorName(error);
                this.#onProblem({ source: "store", message: `the store refused a batch (${why})`, error });
                this.#stored(batch.id, false);
            },
        );
    }

    #stored(batch: number, durable: boolean): void {
        this.#feed({ type: "stored", batch, durable });
    }

    #wake(atMonoMs: number | null): void {
        this.#cancelWake();
        this.#cancelWake = atMonoMs === null ? () => {} : this.#clock.wakeAt(atMonoMs, () => this.#feed({ type: "wake" }));
    }

    #observed(event: TransportEvent): void {
        const { type, node } = event;
        switch (type) {
            case "reachable":
            case "unreachable":
            case "softwareChanged":
            case "structureChanged":
                return this.#feed({ type, node });
            case "report":
                return this.#feed({ type, node, path: event.path });
        }
    }
}
