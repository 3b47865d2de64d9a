import {
    Crypto,
    Entropy as MatterEntropy,
    Environment,
    MemoryStorageDriver,
    Millis,
    MockStorageService,
    Network,
    Seconds,
} from "@matter/general";
import { type ClientNode, NetworkClient, ServerNode } from "@matter/node";
import { type NodeId, nodeId } from "../../src/core/ids.js";
import type { Administrator } from "../../src/core/kind.js";
import type { Clock, Entropy } from "../../src/core/ports.js";
import { MatterTransport, type MatterTransportOptions } from "../../src/matter/index.js";
import { ControllerProcess } from "./controller-process.js";
import { occupyGlobals } from "./globals.js";
import { StackNetwork } from "./network.js";
import { configurationOf, type ControllerSpec, type DeviceSpec, endpointsOf, type NodeSpec, PASSCODE } from "./node-specs.js";
import { SeededRandom } from "./random.js";
import { SeededCrypto } from "./seeded-crypto.js";
import { TraceHash } from "./trace.js";
import { type GroupTruth, groupTruthOf } from "./truth.js";
import { type UntilOptions, VirtualTime } from "./virtual-time.js";

/** When worlds begin, unless told otherwise. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Longer than any discovery and pairing takes, loss included. */
const COMMISSIONING_TIMEOUT_S = 90;

/** The content of one node's stores, by namespace and context. */
type StoreContent = Record<string, ConstructorParameters<typeof MemoryStorageDriver>[0]>;

/** A node's place in a world. */
interface NodeRecord {
    readonly id: string;
    /** Gives the node its addresses and its discriminator. */
    readonly index: number;
    readonly spec: NodeSpec;
    /** Counts starts, so that a restarted node does not draw the same random numbers again. */
    readonly starts: number;
}

/** A whole world at rest, as plain data that `structuredClone` and `v8.serialize` take. It holds keys. */
export interface StackSnapshot {
    readonly epochMs: number;
    readonly nodes: readonly NodeRecord[];
    readonly stores: Readonly<Record<string, StoreContent>>;
}

export interface StackWorldOptions {
    readonly seed: string | number;
    /** Wall time at which the world begins; default 2026-01-01. */
    readonly epochMs?: number;
}

/**
 * Real matter.js nodes in one process, every protocol layer included, under virtual time, seeded cryptography and an in-memory
 * network. The same seed and the same calls give the same run, byte for byte.
 *
 * ```ts
 * const world = new StackWorld({ seed: 1 });
 * await world.addController("controller");
 * await world.addDevice("light", { kind: "light" });
 * const light = await world.commission("controller", "light");
 * const answer = await world.until(world.transport("controller").request(light, request, { deadlineMs: 30_000 }));
 * await world.close();
 * ```
 *
 * One world per realm at a time: it takes the place of the realm's time and randomness until it is closed.
 */
export class StackWorld {
    readonly time: VirtualTime;
    readonly network: StackNetwork;
    readonly trace = new TraceHash();
    readonly seed: string;
    /** The `Clock` of the machine's shell, on virtual time. */
    readonly clock: Clock;
    /** The `Entropy` of the machine's shell, from the seed. */
    readonly entropy: Entropy;

    readonly #records = new Map<string, NodeRecord>();
    readonly #nodes = new Map<string, ServerNode>();
    #stores: Record<string, StoreContent> = {};
    readonly #transports = new Map<string, MatterTransport>();
    readonly #processes = new Map<string, ControllerProcess>();
    /** Crashed nodes, being taken apart unseen. */
    readonly #remains: Promise<unknown>[] = [];
    readonly #releaseGlobals: () => void;

    constructor({ seed, epochMs = EPOCH_MS }: StackWorldOptions) {
        this.seed = String(seed);
        this.time = new VirtualTime(epochMs);
        this.#releaseGlobals = occupyGlobals(this.time, this.seed);
        this.network = new StackNetwork(this.time, new SeededRandom(`network:${this.seed}`));
        this.clock = clockOf(this.time);
        this.entropy = new SeededRandom(`entropy:${this.seed}`);
        this.time.onFire = (name, interval) => this.trace.add(`timer ${this.time.nowMs} ${name} ${interval}`);
        this.network.onPacket = ({ from, to, destPort, payload }, verdict) =>
            this.trace.add(
                `packet ${this.time.nowMs} ${from} ${to} ${destPort} ${typeof verdict === "string" ? verdict : verdict.delayMs}`,
                payload,
            );
    }

    /** A world as it was when the snapshot was taken, all nodes running, with a seed of its own. */
    static async restore(snapshot: StackSnapshot, { seed }: { readonly seed: string | number }): Promise<StackWorld> {
        const world = new StackWorld({ seed, epochMs: snapshot.epochMs });
        world.#stores = structuredClone(snapshot.stores);
        // Devices first: a controller that finds nobody waits before it tries again.
        const controllersLast = [...snapshot.nodes].sort(
            (a, b) => Number(a.spec.kind === "controller") - Number(b.spec.kind === "controller") || a.index - b.index,
        );
        for (const record of controllersLast) {
            await world.#start(record);
        }
        return world;
    }

    // ------------------------------------------------------------------------------------------------------ nodes

    /** Add and start a controller. */
    addController(id = "controller", spec: Omit<ControllerSpec, "kind"> = {}): Promise<ServerNode> {
        return this.#add(id, { kind: "controller", ...spec });
    }

    /** Add and start an uncommissioned device. */
    addDevice(id: string, spec: DeviceSpec): Promise<ServerNode> {
        return this.#add(id, spec);
    }

    /** The running node of this id. @throws Error when it is unknown or down. */
    node(id: string): ServerNode {
        const node = this.#nodes.get(id);
        if (node === undefined) {
            throw new Error(`node "${id}" is not running`);
        }
        return node;
    }

    isRunning(id: string): boolean {
        return this.#nodes.has(id);
    }

    /** Let a controller commission a device; resolves with the device's node id on the controller's fabric. */
    async commission(controllerId: string, deviceId: string): Promise<NodeId> {
        const record = this.#record(deviceId);
        const discovery = this.node(controllerId).peers.commission({
            passcode: PASSCODE,
            discriminator: record.index,
            timeout: Seconds(COMMISSIONING_TIMEOUT_S),
        });
        const peer = await this.until(discovery, `commissioning of "${deviceId}"`);
        return nodeId(peer.peerAddress!.nodeId);
    }

    /**
     * Power cut: the node says no goodbye and writes nothing more; what its memory held is lost. A program that uses the node's
     * {@link process} hears nothing any more either; one that uses its transport directly must be forgotten by the caller.
     */
    crash(id: string): void {
        const node = this.node(id);
        this.#processes.get(id)?.kill();
        this.#processes.delete(id);
        this.network.kill(id);
        this.#stores[id] = structuredClone(this.#stores[id] ?? {});
        this.#nodes.delete(id);
        this.#transports.delete(id);
        // Its timers would otherwise go on for as long as the world lives; nobody sees it die.
        this.#remains.push(Promise.resolve(node.close()).catch(() => {}));
    }

    /** Orderly shutdown. */
    async stop(id: string): Promise<void> {
        const node = this.node(id);
        await this.until(this.#transports.get(id)?.close());
        this.#transports.delete(id);
        this.#processes.delete(id);
        await this.until(node.close(), `shutdown of "${id}"`);
        this.network.kill(id);
        this.#nodes.delete(id);
    }

    /** Start a node that crashed or was stopped, from its own stores. */
    restart(id: string): Promise<ServerNode> {
        if (this.#nodes.has(id)) {
            throw new Error(`node "${id}" is running; crash or stop it first`);
        }
        return this.#start(this.#record(id));
    }

    /** The transport of a running controller; the same one until the controller is down. */
    transport(controllerId = "controller", options?: MatterTransportOptions): MatterTransport {
        let transport = this.#transports.get(controllerId);
        if (transport === undefined) {
            transport = new MatterTransport(this.node(controllerId), options);
            this.#transports.set(controllerId, transport);
        }
        return transport;
    }

    /** A running controller as it knows itself. @throws Error while it has no fabric. */
    async administrator(controllerId = "controller"): Promise<Administrator> {
        const administrator = await this.until(this.transport(controllerId).administrator());
        if (administrator === undefined) {
            throw new Error(`"${controllerId}" has no fabric before its first commissioning`);
        }
        return administrator;
    }

    /** The ports of a program on a controller's machine, which fall silent when the controller crashes; the same ones until it is down. */
    process(controllerId = "controller"): ControllerProcess {
        let process = this.#processes.get(controllerId);
        if (process === undefined) {
            const { clock, entropy } = this;
            process = new ControllerProcess(this.time, { transport: this.transport(controllerId), clock, entropy });
            this.#processes.set(controllerId, process);
        }
        return process;
    }

    /** What a running device holds, read from its inside. */
    groupTruth(deviceId: string, fabricIndex?: number): GroupTruth {
        return groupTruthOf(this.node(deviceId), fabricIndex);
    }

    /** Let time pass until a controller has subscribed to all its nodes. @throws Error after `limitMs`. */
    async untilSubscribed(controllerId = "controller", limitMs = 300_000): Promise<void> {
        const stopMs = this.time.nowMs + limitMs;
        const peers = [...this.node(controllerId).peers].filter(peer => peer.peerAddress !== undefined);
        while (!peers.every(isSubscribed)) {
            if (this.time.nowMs >= stopMs) {
                throw new Error(`"${controllerId}" has not subscribed to all its nodes within ${limitMs} virtual ms`);
            }
            await this.advance(100);
        }
    }

    // ------------------------------------------------------------------------------------------------------ time

    /** Let time pass until the promise is settled, at most `limitMs` (one virtual hour). `what` it is makes the error readable. */
    until<T>(promise: PromiseLike<T> | T, options: string | UntilOptions = {}): Promise<T> {
        return this.time.until(promise, typeof options === "string" ? { what: options } : options);
    }

    /** Let this much time pass. */
    advance(ms: number): Promise<void> {
        return this.time.advance(ms);
    }

    // ------------------------------------------------------------------------------------------------------ state

    /** The world as data; take it when it is idle. */
    snapshot(): StackSnapshot {
        return structuredClone({ epochMs: this.time.nowMs, nodes: [...this.#records.values()], stores: this.#stores });
    }

    /** Hash of everything that happened, and of what is stored now. */
    traceHash(): string {
        return this.trace.digest(this.#stores);
    }

    /** Shut everything down and give the realm its time and randomness back. */
    async close(): Promise<void> {
        try {
            this.network.heal();
            for (const transport of this.#transports.values()) {
                await this.until(transport.close());
            }
            // Controllers first: a device that is closed under a subscription waits for acknowledgements.
            for (const [id, node] of [...this.#nodes].reverse()) {
                await this.until(node.close(), `shutdown of "${id}"`);
            }
            await this.until(Promise.all(this.#remains), "removal of crashed nodes");
            await this.time.settle();
        } finally {
            this.#nodes.clear();
            this.#releaseGlobals();
        }
    }

    // ------------------------------------------------------------------------------------------------------ inside

    #add(id: string, spec: NodeSpec): Promise<ServerNode> {
        if (this.#records.has(id)) {
            throw new Error(`there is a node "${id}" already`);
        }
        return this.#start({ id, index: this.#records.size + 1, spec, starts: 0 });
    }

    async #start(stopped: NodeRecord): Promise<ServerNode> {
        const record: NodeRecord = { ...stopped, starts: stopped.starts + 1 };
        const { id, index, spec } = record;
        this.#records.set(id, record);
        const node = new ServerNode({
            id,
            environment: this.#environmentOf(record),
            ...configurationOf(spec, index),
        });
        this.#nodes.set(id, node);
        await this.until(node.construction.ready, `construction of "${id}"`);
        for (const endpoint of endpointsOf(spec)) {
            await this.until(node.add(endpoint), `endpoint of "${id}"`);
        }
        await this.until(node.start(), `start of "${id}"`);
        return node;
    }

    /** A root environment: nodes that share a parent would share its mDNS service and sockets. */
    #environmentOf({ id, index, starts }: NodeRecord): Environment {
        const environment = new Environment(id);
        const crypto = new SeededCrypto(`crypto:${this.seed}:${id}:${starts}`);
        environment.set(Crypto, crypto);
        environment.set(MatterEntropy, crypto);
        environment.set(Network, this.network.connect(id, index));
        const store = (this.#stores[id] ??= {});
        new MockStorageService(environment, namespace => new MemoryStorageDriver((store[namespace] ??= {})));
        return environment;
    }

    #record(id: string): NodeRecord {
        const record = this.#records.get(id);
        if (record === undefined) {
            throw new Error(`there is no node "${id}" in this world`);
        }
        return record;
    }
}

function isSubscribed(peer: ClientNode): boolean {
    return peer.act((agent): boolean => agent.get(NetworkClient).subscriptionActive === true) === true;
}

function clockOf(time: VirtualTime): Clock {
    return {
        monoMs: () => time.elapsedMs,
        wallMs: () => time.nowMs,
        wakeAt(atMonoMs, callback) {
            const timer = time.getTimer("wake", Millis(Math.max(0, atMonoMs - time.elapsedMs)), callback);
            timer.start();
            return () => void timer.stop();
        },
    };
}
