import { GroupKeyManagement } from "../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest } from "../src/core/device.js";
import { endpointNumber, nodeId, type NodeId } from "../src/core/ids.js";
import type { Clock, Transport, TransportEvent } from "../src/core/ports.js";
import { onOffLightSwitchWithGroups } from "../sim/devices/composition.js";
import { MANAGER_FABRIC, SimNode } from "../sim/devices/sim-node.js";
import type { KeySetState } from "../sim/devices/key-set-state.js";
import { Random } from "../sim/random.js";
import { TraceHash } from "../sim/trace-hash.js";
import { MAX_GROUP_KEYS, MAX_GROUPS, NODE_NAMES, type BedWorld, type ControllerPorts, type NodeName } from "./bed-world.js";
import { keyFingerprint, orderedTruth, type DeviceTruth, type KeySetTruth } from "./device-truth.js";
import { VirtualClock } from "./virtual-clock.js";

const WALL_EPOCH_MS = Date.UTC(2026, 0, 1);
/** One way. */
const LATENCY_MIN_MS = 2;
const LATENCY_MAX_MS = 20;
/** The message layer gives up. */
const GIVE_UP_MS = 15_000;
/** A controller finds that its subscription is dead, and that a node is back. */
const NOTICE_GONE_MS = 90_000;
const NOTICE_BACK_MAX_MS = 5_000;

/** A node and the line to it. */
interface Site {
    readonly id: NodeId;
    readonly node: SimNode;
    isReachable: boolean;
    answersLost: boolean;
}

/** Device models behind a transport with latency and silence, under virtual time. */
export class SimBedWorld implements BedWorld {
    readonly kind = "sim";
    readonly fabric = { rootPublicKey: `04${"5e".repeat(64)}`, fabricId: 1n };
    readonly nodes = Object.fromEntries(NODE_NAMES.map((name, index) => [name, nodeId(BigInt(index + 1))])) as Record<NodeName, NodeId>;
    readonly time = new VirtualClock();
    readonly #random: Random;
    readonly #hash = new TraceHash();
    readonly #sites = new Map<NodeId, Site>();
    #transport: SimTransport | undefined;

    constructor(seed: number) {
        this.#random = new Random(seed);
        for (const [index, name] of NODE_NAMES.entries()) {
            const composition = onOffLightSwitchWithGroups({ maxGroupKeysPerFabric: MAX_GROUP_KEYS, maxGroupsPerFabric: MAX_GROUPS });
            const node = new SimNode(composition, this.#random.fork(index));
            this.#sites.set(this.nodes[name], { id: this.nodes[name], node, isReachable: true, answersLost: false });
        }
    }

    async startController(): Promise<ControllerPorts> {
        this.#transport = new SimTransport(this.time, this.#random, this.#hash, this.#sites);
        return { transport: this.#transport, clock: clockFrom(this.time), entropy: this.#random };
    }

    async stopController(): Promise<void> {
        await this.#transport?.close();
        this.#transport = undefined;
    }

    crashController(): void {
        this.#transport?.die();
        this.#transport = undefined;
    }

    setReachable(node: NodeName, isReachable: boolean): void {
        this.#site(node).isReachable = isReachable;
        this.#transport?.lineChanged(this.#site(node));
    }

    setAnswersLost(node: NodeName, areLost: boolean): void {
        this.#site(node).answersLost = areLost;
    }

    truth(node: NodeName): DeviceTruth {
        return truthOf(this.#site(node).node);
    }

    traceHash(): string {
        return this.#hash.hex();
    }

    async close(): Promise<void> {
        await this.stopController();
    }

    #site(node: NodeName): Site {
        return this.#sites.get(this.nodes[node])!;
    }
}

/** A controller's way to the nodes. Its beliefs about who is there die with it. */
class SimTransport implements Transport {
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
        return new Promise(resolve => {
            const settle = (answer: DeviceAnswer) => this.#outstanding.delete(settle) && resolve(answer);
            this.#outstanding.add(settle);
            this.time.after(this.#latencyMs(), () => this.#arrive(site, request, settle));
            this.time.after(Math.min(GIVE_UP_MS, deadlineMs), () => settle({ kind: "unknown", reason: "no answer" }));
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

    #arrive(site: Site, request: DeviceRequest, settle: (answer: DeviceAnswer) => void): void {
        if (!site.isReachable) {
            return;
        }
        const { groupKeyMap, groupTable } = site.node.changes(MANAGER_FABRIC);
        const answer = site.node.handle(request);
        this.hash.value([this.time.elapsedMs, site.id, request, answer]);
        const after = site.node.changes(MANAGER_FABRIC);
        const latencyMs = this.#latencyMs();
        this.#deliver(site, latencyMs, () => settle(answer));
        for (const [attribute, isNew] of [
            [GroupKeyManagement.attributes.groupKeyMap, after.groupKeyMap !== groupKeyMap],
            [GroupKeyManagement.attributes.groupTable, after.groupTable !== groupTable],
        ] as const) {
            if (isNew) {
                const path = { endpoint: endpointNumber(0), cluster: GroupKeyManagement.id, attribute };
                this.#deliver(site, latencyMs + 1, () => this.#tell({ type: "report", node: site.id, path }));
            }
        }
    }

    /** From the node to the controller. */
    #deliver(site: Site, latencyMs: number, arrive: () => void): void {
        this.time.after(latencyMs, () => {
            if (site.isReachable && !site.answersLost && this.#isUp) {
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

/** Monotonic time begins with the machine. */
function clockFrom(time: VirtualClock): Clock {
    const startMs = time.elapsedMs;
    const monoMs = () => time.elapsedMs - startMs;
    return {
        monoMs,
        wallMs: () => WALL_EPOCH_MS + time.elapsedMs,
        wakeAt(atMonoMs, callback) {
            let isWanted = true;
            time.after(atMonoMs - monoMs(), () => isWanted && callback());
            return () => void (isWanted = false);
        },
    };
}

function truthOf(node: SimNode): DeviceTruth {
    return orderedTruth({
        groupTable: node.groupTable(MANAGER_FABRIC).map(({ groupId, endpoints, groupName }) => ({ groupId, endpoints: [...endpoints], name: groupName })),
        groupKeyMap: node.groupKeyMap(MANAGER_FABRIC).map(({ groupId, groupKeySetId }) => ({ groupId, keySetId: groupKeySetId })),
        keySets: node
            .keySets(MANAGER_FABRIC)
            .filter(({ id }) => id !== 0)
            .map(keySetTruthOf),
    });
}

function keySetTruthOf({ id, keys, startTimes }: KeySetState): KeySetTruth {
    const slots = keys.flatMap((key, slot) => (key === null ? [] : [{ startTime: startTimes[slot]!, key: keyFingerprint(key) }]));
    return { id, slots };
}
