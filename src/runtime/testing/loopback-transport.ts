import type { DeviceAnswer, DeviceRequest } from "../../core/device.js";
import type { NodeId } from "../../core/ids.js";
import type { Transport, TransportEvent } from "../../core/ports.js";

/** Something that carries out requests at once, such as a simulated node. */
export interface LoopbackDevice {
    handle(request: DeviceRequest): DeviceAnswer;
}

/** A transport to devices in this process, for tests. */
export class LoopbackTransport implements Transport {
    readonly requests: { readonly node: NodeId; readonly request: DeviceRequest }[] = [];
    readonly #devices = new Map<NodeId, LoopbackDevice>();
    readonly #away = new Set<NodeId>();
    readonly #observers = new Set<(event: TransportEvent) => void>();
    #held: (() => void)[] | null = null;
    /** Takes the place of the answers, for tests of bad transports. */
    answers: ((node: NodeId, request: DeviceRequest) => unknown) | null = null;
    closed = false;

    add(node: NodeId, device: LoopbackDevice): void {
        this.#devices.set(node, device);
        this.tell({ type: "reachable", node });
    }

    leave(node: NodeId): void {
        this.#away.add(node);
        this.tell({ type: "unreachable", node });
    }

    comeBack(node: NodeId): void {
        this.#away.delete(node);
        this.tell({ type: "reachable", node });
    }

    /** Requests stay on their way until {@link release}. */
    hold(): void {
        this.#held = [];
    }

    release(): void {
        const held = this.#held ?? [];
        this.#held = null;
        for (const go of held) go();
    }

    get outstanding(): number {
        return this.#held?.length ?? 0;
    }

    get observers(): number {
        return this.#observers.size;
    }

    tell(event: TransportEvent): void {
        for (const observer of this.#observers) observer(event);
    }

    async request(node: NodeId, request: DeviceRequest): Promise<DeviceAnswer> {
        this.requests.push({ node, request });
        if (this.#held !== null) {
            await new Promise<void>(resolve => this.#held!.push(resolve));
        }
        if (this.answers !== null) {
            return this.answers(node, request) as DeviceAnswer;
        }
        const device = this.#away.has(node) ? undefined : this.#devices.get(node);
        return device?.handle(request) ?? { kind: "notSent", reason: "the node is away" };
    }

    observe(observer: (event: TransportEvent) => void): () => void {
        this.#observers.add(observer);
        for (const node of this.#devices.keys()) {
            if (!this.#away.has(node)) observer({ type: "reachable", node });
        }
        return () => this.#observers.delete(observer);
    }

    async close(): Promise<void> {
        this.closed = true;
    }
}
