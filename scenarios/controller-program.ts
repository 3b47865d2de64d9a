import type { DeviceAnswer, DeviceRequest } from "../src/core/device.js";
import type { NodeId } from "../src/core/ids.js";
import type { Clock, Issuer, Store, Transport } from "../src/core/ports.js";
import type { StoreBatch } from "../src/core/store.js";
import { TraceHash } from "../sim/trace-hash.js";
import type { BedTime, ControllerPorts } from "./bed-world.js";
import { Moment } from "./moment.js";
import { isWrite, writeName, type WriteName } from "./request-name.js";

/** What the disk takes for one batch. */
const COMMIT_MS = 1;

/** A place on the way of one request. */
export interface RequestPlace {
    readonly node: NodeId;
    readonly request: WriteName;
    /** `request`: about to be sent; `answer`: carried out and answered, and the manager has not heard. */
    readonly at: "request" | "answer";
}

/** Where a batch is held: not written yet, or durable and the manager has not heard. */
export type RecordPlace = "unwritten" | "unacknowledged";

interface SentWrite {
    readonly node: NodeId;
    readonly name: WriteName | undefined;
    answer: DeviceAnswer | undefined;
}

/** What was seen of a manager's traffic, by whichever program it was sent. */
export class Traffic {
    readonly hash = new TraceHash();
    readonly #writes: SentWrite[] = [];

    /** @returns what to call with the answer, if it comes. */
    request(time: BedTime, node: NodeId, request: DeviceRequest): (answer: DeviceAnswer) => void {
        this.hash.value(["request", time.elapsedMs, node, request]);
        const write: SentWrite = { node, name: writeName(request), answer: undefined };
        if (isWrite(request)) {
            this.#writes.push(write);
        }
        return answer => {
            this.hash.value(["answer", time.elapsedMs, node, answer]);
            write.answer = answer;
        };
    }

    batch(nowMs: number, batch: StoreBatch): void {
        this.hash.value(["batch", nowMs, batch]);
    }

    /** Those that were handed to the transport: of one name, or all that change the node. */
    writes(node: NodeId, name?: WriteName): readonly Readonly<SentWrite>[] {
        return this.#writes.filter(write => write.node === node && (name === undefined || write.name === name));
    }
}

/**
 * The manager's process as the bed sees it: its ports, with the places where a scenario can hold the world, and with the silence that
 * falls when its power is cut.
 */
export class ControllerProgram {
    readonly transport: Transport;
    readonly clock: Clock;
    readonly store: Store;
    readonly issuer: Issuer;
    #alive = true;
    readonly #requestMoments = new Map<Moment, RequestPlace>();
    readonly #lostAnswers: { readonly node: NodeId; readonly request: WriteName; readonly line: (areLost: boolean) => void }[] = [];
    #recordMoment: { readonly moment: Moment; readonly at: RecordPlace } | undefined;
    /** What the disk is doing. */
    #writing: Promise<unknown> = Promise.resolve();

    constructor(
        private readonly time: BedTime,
        private readonly traffic: Traffic,
        readonly ports: ControllerPorts,
        store: Store,
    ) {
        const { transport, clock, issuer } = ports;
        this.transport = {
            request: (node, request, options) => this.#whileAlive(this.#request(node, request, options)),
            renewSession: (node, options) => this.#whileAlive(this.#renewSession(node, options)),
            observe: observer => transport.observe(event => this.#alive && observer(event)),
            close: () => transport.close(),
        };
        this.clock = {
            monoMs: () => clock.monoMs(),
            wallMs: () => clock.wallMs(),
            wakeAt: (atMonoMs, callback) => clock.wakeAt(atMonoMs, () => this.#alive && callback()),
        };
        this.issuer = {
            nonce: () => this.#whileAlive(issuer.nonce()),
            issue: (node, request, options) => this.#whileAlive(issuer.issue(node, request, options)),
        };
        this.store = {
            open: () => this.#whileAlive(this.#operate(() => store.open())),
            commit: batch => this.#whileAlive(this.#commit(store, batch)),
            close: () => this.#whileAlive(this.#operate(() => store.close())),
        };
    }

    async #renewSession(node: NodeId, options: { readonly deadlineMs: number }): Promise<DeviceAnswer> {
        return (await this.ports.transport.renewSession?.(node, options)) ?? { kind: "notSent", reason: "the transport cannot" };
    }

    /** Hold the next request of this kind at this place. */
    pauseAt(place: RequestPlace): Moment {
        const moment = new Moment(`${place.request} (${place.at})`);
        this.#requestMoments.set(moment, place);
        return moment;
    }

    /** Hold the next batch: one that is not written is lost when the power is cut. */
    pauseRecord(at: RecordPlace): Moment {
        const moment = new Moment(`the next batch for the store (${at})`);
        this.#recordMoment = { moment, at };
        return moment;
    }

    /** The next such request is carried out, and its answer is lost. `line` makes the node's line deaf and well again. */
    loseAnswer(node: NodeId, request: WriteName, line: (areLost: boolean) => void): void {
        this.#lostAnswers.push({ node, request, line });
    }

    /** The power is cut: nothing reaches the program any more. Resolves when the disk has done what it was doing. */
    async kill(): Promise<void> {
        this.#alive = false;
        await this.#writing;
    }

    async #request(node: NodeId, request: DeviceRequest, options: { readonly deadlineMs: number }): Promise<DeviceAnswer> {
        const name = writeName(request);
        await this.#moment(node, name, "request");
        if (!this.#alive) {
            return never();
        }
        const answered = this.traffic.request(this.time, node, request);
        const lost = this.#lostAnswers.findIndex(candidate => candidate.node === node && candidate.request === name);
        const line = lost < 0 ? undefined : this.#lostAnswers.splice(lost, 1)[0]!.line;
        line?.(true);
        const answer = await this.ports.transport.request(node, request, options);
        line?.(false);
        await this.#moment(node, name, "answer");
        answered(answer);
        return answer;
    }

    async #moment(node: NodeId, name: WriteName | undefined, at: RequestPlace["at"]): Promise<void> {
        for (const [moment, place] of this.#requestMoments) {
            if (place.node === node && place.request === name && place.at === at) {
                this.#requestMoments.delete(moment);
                return moment.pass();
            }
        }
    }

    async #commit(store: Store, batch: StoreBatch): Promise<void> {
        const held = this.#recordMoment;
        this.#recordMoment = undefined;
        if (held?.at === "unwritten") {
            await held.moment.pass();
        }
        if (!this.#alive) {
            return never();
        }
        this.traffic.batch(this.time.elapsedMs, batch);
        await this.#operate(() => store.commit(batch));
        if (held?.at === "unacknowledged") {
            await held.moment.pass();
        }
    }

    /**
     * What a real disk does takes no virtual time of its own, and it is told at a virtual time that does not depend on the disk: otherwise
     * the order of events would.
     */
    #operate<T>(operation: () => Promise<T>): Promise<T> {
        const outcome = operation();
        this.#writing = outcome.catch(() => {});
        return new Promise((resolve, reject) => {
            this.time.after(COMMIT_MS, () => {
                this.time.hold(outcome);
                outcome.then(resolve, reject);
            });
        });
    }

    #whileAlive<T>(operation: Promise<T>): Promise<T> {
        return new Promise((resolve, reject) => {
            operation.then(
                value => this.#alive && resolve(value),
                (error: unknown) => this.#alive && reject(error as Error),
            );
        });
    }
}

/** What a dead program hears. */
function never(): Promise<never> {
    return new Promise(() => {});
}
