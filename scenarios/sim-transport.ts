import { BasicInformation, Descriptor } from "../src/core/clusters.js";
import type { AttributePath, DeviceAnswer, DeviceRequest } from "../src/core/device.js";
import { endpointNumber, type NodeId } from "../src/core/ids.js";
import type { Transport, TransportEvent } from "../src/core/ports.js";
import { Status } from "../src/core/status.js";
import type { SimNode } from "../sim/devices/sim-node.js";
import type { Random } from "../sim/random.js";
import type { TraceHash } from "../sim/trace-hash.js";
import type { VirtualClock } from "./virtual-clock.js";

/** One way. */
const LATENCY_MIN_MS = 2;
const LATENCY_MAX_MS = 20;
/** The message layer gives up. */
const GIVE_UP_MS = 15_000;
/** A controller finds that its subscription is dead, and that a node is back. */
const NOTICE_GONE_MS = 90_000;
const NOTICE_BACK_MAX_MS = 5_000;

/** A simulated node and the line to it. */
export class Site {
    isReachable = true;
    answersLost = false;
    /** Counts power cuts: what was on its way when the power went is lost. */
    boots = 0;
    /** Endpoints that were taken off. */
    readonly absent = new Set<number>();
    readonly #changed = new Map<string, AttributePath>();

    constructor(
        readonly id: NodeId,
        readonly node: SimNode,
    ) {
        node.setChangeListener((endpoint, cluster, attribute) => {
            this.#changed.set(`${endpoint}/${cluster}/${attribute}`, { endpoint: endpointNumber(endpoint), cluster, attribute });
        });
    }

    /** The attributes that changed since the last call. */
    takeChanged(): AttributePath[] {
        const changed = [...this.#changed.values()];
        this.#changed.clear();
        return changed;
    }
}

/** A controller's way to the nodes, with latency and silence. Its beliefs about who is there die with it. */
export class SimTransport implements Transport {
    readonly #seemsUp = new Set<NodeId>();
    readonly #observers = new Set<(event: TransportEvent) => void>();
    readonly #outstanding = new Set<(answer: DeviceAnswer) => void>();
    #isUp = true;

    constructor(
        private readonly time: VirtualClock,
        private readonly random: Random,
        private readonly hash: TraceHash,
        private readonly sites: ReadonlyMap<NodeId, Site>,
    ) {
        for (const site of sites.values()) {
            this.lineChanged(site);
        }
    }

    request(id: NodeId, request: DeviceRequest, { deadlineMs }: { readonly deadlineMs: number }): Promise<DeviceAnswer> {
        const site = this.sites.get(id);
        if (!this.#isUp || site === undefined || !this.#seemsUp.has(id)) {
            return Promise.resolve({ kind: "notSent", reason: "no session" });
        }
        const { boots } = site;
        return new Promise(resolve => {
            const settle = (answer: DeviceAnswer) => this.#outstanding.delete(settle) && resolve(answer);
            this.#outstanding.add(settle);
            this.time.after(this.#latencyMs(), () => site.boots === boots && this.#arrive(site, request, settle));
            this.time.after(Math.min(GIVE_UP_MS, deadlineMs), () => settle({ kind: "unknown", reason: "no answer" }));
        });
    }

    /** A handshake needs the node, and changes nothing on it. */
    renewSession(id: NodeId, { deadlineMs }: { readonly deadlineMs: number }): Promise<DeviceAnswer> {
        return new Promise(resolve => {
            const settle = (answer: DeviceAnswer) => this.#outstanding.delete(settle) && resolve(answer);
            this.#outstanding.add(settle);
            const site = this.sites.get(id)!;
            this.time.after(this.#latencyMs(), () => site.isReachable && this.#deliver(site, this.#latencyMs(), () => settle({ kind: "status", status: Status.SUCCESS })));
            this.time.after(Math.min(GIVE_UP_MS, deadlineMs), () => settle({ kind: "notSent", reason: "no handshake" }));
        });
    }

    observe(observer: (event: TransportEvent) => void): () => void {
        this.#observers.add(observer);
        for (const node of this.#seemsUp) {
            observer({ type: "reachable", node });
        }
        return () => this.#observers.delete(observer);
    }

    async close(): Promise<void> {
        this.die();
        for (const settle of [...this.#outstanding]) {
            settle({ kind: "unknown", reason: "the transport is closed" });
        }
    }

    /** Tells nothing any more. */
    die(): void {
        this.#isUp = false;
        this.#observers.clear();
    }

    /** The cable was pulled or plugged: the controller notices later, unless it changes again until then. */
    lineChanged(site: Site): void {
        const { isReachable, id } = site;
        const noticeMs = isReachable ? 1 + this.random.below(NOTICE_BACK_MAX_MS) : NOTICE_GONE_MS;
        this.time.after(noticeMs, () => {
            if (site.isReachable === isReachable && this.#seemsUp.has(id) !== isReachable) {
                if (isReachable) {
                    this.#seemsUp.add(id);
                } else {
                    this.#seemsUp.delete(id);
                }
                this.#tell({ type: isReachable ? "reachable" : "unreachable", node: id });
            }
        });
    }

    /** The node booted: it says so, if it can be heard. */
    booted(site: Site): void {
        this.time.after(1 + this.random.below(NOTICE_BACK_MAX_MS), () => {
            this.#seemsUp.add(site.id);
            this.#deliver(site, 0, () => this.#tell({ type: "reachable", node: site.id }));
        });
    }

    /** Something changed on the node: its subscription reports it. */
    report(site: Site, delayMs = this.#latencyMs()): void {
        for (const path of site.takeChanged()) {
            this.#deliver(site, delayMs, () => this.#tell(eventOf(site.id, path)));
        }
    }

    #arrive(site: Site, request: DeviceRequest, settle: (answer: DeviceAnswer) => void): void {
        if (!site.isReachable) {
            return;
        }
        site.node.setTime(this.time.elapsedMs);
        const answer = site.node.handle(request);
        this.hash.value([this.time.elapsedMs, site.id, request, answer]);
        const latencyMs = this.#latencyMs();
        this.#deliver(site, latencyMs, () => settle(answer));
        this.report(site, latencyMs + 1);
    }

    /** From the node to the controller. */
    #deliver(site: Site, latencyMs: number, arrive: () => void): void {
        const { boots } = site;
        this.time.after(latencyMs, () => {
            if (site.isReachable && site.boots === boots && !site.answersLost && this.#isUp) {
                arrive();
            }
        });
    }

    #tell(event: TransportEvent): void {
        for (const observer of this.#observers) {
            observer(event);
        }
    }

    #latencyMs(): number {
        return this.random.between(LATENCY_MIN_MS, LATENCY_MAX_MS);
    }
}

/** What the change of an attribute means to a controller. */
function eventOf(node: NodeId, path: AttributePath): TransportEvent {
    if (path.cluster === Descriptor.id) {
        return { type: "structureChanged", node };
    }
    if (path.cluster === BasicInformation.id && path.attribute === BasicInformation.attributes.softwareVersion) {
        return { type: "softwareChanged", node };
    }
    return { type: "report", node, path };
}
