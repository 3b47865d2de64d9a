import type { Clock, Entropy, Issuer, Store, Transport } from "../../src/core/ports.js";
import type { VirtualTime } from "./virtual-time.js";

/**
 * What a program on a controller's machine is given: the ports of the machine's shell. When the machine's power is cut, all of them fall
 * silent together: no answer, no event, no wake, no acknowledgement reaches the program any more, so that it is as good as dead
 * although its objects live on.
 */
export class ControllerProcess {
    readonly transport: Transport;
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly #time: VirtualTime;
    #alive = true;

    constructor(time: VirtualTime, ports: { readonly transport: Transport; readonly clock: Clock; readonly entropy: Entropy }) {
        this.#time = time;
        this.entropy = ports.entropy;
        this.transport = {
            request: (node, request, options) => this.#whileAlive(() => ports.transport.request(node, request, options)),
            renewSession: (node, options) => this.#whileAlive(() => ports.transport.renewSession!(node, options)),
            observe: observer => ports.transport.observe(event => this.#alive && observer(event)),
            close: () => this.#whileAlive(() => ports.transport.close()),
        };
        this.clock = {
            monoMs: () => ports.clock.monoMs(),
            wallMs: () => ports.clock.wallMs(),
            wakeAt: (atMonoMs, callback) => ports.clock.wakeAt(atMonoMs, () => this.#alive && callback()),
        };
    }

    /**
     * A store as this process sees it. Virtual time stands still while an operation of the store is under way: one on a real disk would
     * otherwise seem to take minutes. What is under way at a power cut is done or not done, as on any disk, and nobody is told.
     */
    store(store: Store): Store {
        return {
            open: () => this.#whileAlive(() => this.#time.hold(store.open())),
            commit: batch => this.#whileAlive(() => this.#time.hold(store.commit(batch))),
            close: () => this.#whileAlive(() => this.#time.hold(store.close())),
        };
    }

    /** An issuer as this process sees it. */
    issuer(issuer: Issuer): Issuer {
        return {
            nonce: () => this.#whileAlive(() => issuer.nonce()),
            issue: (node, request, options) => this.#whileAlive(() => issuer.issue(node, request, options)),
        };
    }

    get isAlive(): boolean {
        return this.#alive;
    }

    /** The machine's power is cut. */
    kill(): void {
        this.#alive = false;
    }

    #whileAlive<T>(start: () => Promise<T>): Promise<T> {
        return new Promise((resolve, reject) => {
            if (this.#alive) {
                start().then(
                    value => this.#alive && resolve(value),
                    (error: unknown) => this.#alive && reject(error instanceof Error ? error : new Error(String(error))),
                );
            }
        });
    }
}
