import type { ServerNode } from "@matter/node";
import { FabricAuthority } from "@matter/protocol";
import { Millis } from "@matter/general";
import type { NodeId } from "../src/core/ids.js";
import { StackWorld, type StackSnapshot } from "../sim/stack/index.js";
import { MAX_GROUP_KEYS, MAX_GROUPS, NODE_NAMES, type BedTime, type BedWorld, type ControllerPorts, type NodeName } from "./bed-world.js";
import { keyFingerprint, orderedTruth, type DeviceTruth } from "./device-truth.js";

const CONTROLLER = "controller";
/** A home network: requests take a while, so that there is something between a request and its answer. */
const LATENCY_MS = 4;
const JITTER_MS = 12;

/** A commissioned world at rest, from which every scenario starts. */
interface Fixture {
    readonly snapshot: StackSnapshot;
    readonly fabric: BedWorld["fabric"];
    readonly nodes: Record<NodeName, NodeId>;
}

let fixture: Promise<Fixture> | undefined;

/** Real matter.js nodes: controller and devices, all protocol layers, over an in-memory network. */
export class StackBedWorld implements BedWorld {
    readonly kind = "matter";
    readonly fabric: BedWorld["fabric"];
    readonly nodes: Record<NodeName, NodeId>;
    readonly time: BedTime;
    readonly #world: StackWorld;
    readonly #deaf = new Set<NodeName>();

    private constructor(world: StackWorld, { fabric, nodes }: Fixture) {
        this.#world = world;
        this.fabric = fabric;
        this.nodes = nodes;
        this.time = timeOf(world);
        world.network.latencyMs = LATENCY_MS;
        world.network.jitterMs = JITTER_MS;
        world.network.rule = ({ from, multicast }) => (!multicast && this.#deaf.has(from as NodeName) ? "drop" : undefined);
    }

    /** Commissioning is done once per process; each world starts from its snapshot, with randomness of its own. */
    static async create(seed: number): Promise<StackBedWorld> {
        fixture ??= commission();
        const commissioned = await fixture;
        const world = await StackWorld.restore(commissioned.snapshot, { seed });
        return new StackBedWorld(world, commissioned);
    }

    async startController(): Promise<ControllerPorts> {
        if (!this.#world.isRunning(CONTROLLER)) {
            await this.#world.restart(CONTROLLER);
        }
        return this.#world.process(CONTROLLER);
    }

    async stopController(): Promise<void> {
        await this.#world.stop(CONTROLLER);
    }

    crashController(): void {
        this.#world.crash(CONTROLLER);
    }

    setReachable(node: NodeName, isReachable: boolean): void {
        if (isReachable) {
            this.#world.network.offline.delete(node);
        } else {
            this.#world.network.offline.add(node);
        }
    }

    setAnswersLost(node: NodeName, areLost: boolean): void {
        if (areLost) {
            this.#deaf.add(node);
        } else {
            this.#deaf.delete(node);
        }
    }

    truth(node: NodeName): DeviceTruth {
        const { groupTable, groupKeyMap, keySets } = this.#world.groupTruth(node);
        return orderedTruth({
            groupTable,
            groupKeyMap,
            keySets: keySets.map(({ id, slots }) => ({
                id,
                slots: slots.map(({ startTime, key }) => ({ startTime, key: keyFingerprint(key) })),
            })),
        });
    }

    traceHash(): string {
        return this.#world.traceHash();
    }

    async close(): Promise<void> {
        this.#deaf.clear();
        await this.#world.close();
    }
}

async function commission(): Promise<Fixture> {
    const world = new StackWorld({ seed: "scenarios" });
    try {
        const controller = await world.addController(CONTROLLER);
        const nodes: Partial<Record<NodeName, NodeId>> = {};
        for (const name of NODE_NAMES) {
            await world.addDevice(name, { kind: "switch", maxGroupKeys: MAX_GROUP_KEYS, maxGroups: MAX_GROUPS });
            nodes[name] = await world.commission(CONTROLLER, name);
        }
        await world.untilSubscribed(CONTROLLER);
        return { snapshot: world.snapshot(), fabric: fabricOf(controller), nodes: nodes as Record<NodeName, NodeId> };
    } finally {
        await world.close();
    }
}

/** The fabric's identity, as a store keeps it. */
function fabricOf(controller: ServerNode): BedWorld["fabric"] {
    const fabric = controller.env.get(FabricAuthority).fabrics[0]!;
    return { rootPublicKey: new Uint8Array(fabric.rootPublicKey as Uint8Array), fabricId: fabric.fabricId };
}

function timeOf({ time }: StackWorld): BedTime {
    return {
        get elapsedMs() {
            return time.elapsedMs;
        },
        after: (ms, callback) => void time.getTimer("scenario", Millis(ms), callback).start(),
        hold: operation => void time.hold(operation),
        advance: ms => time.advance(ms),
        until: (promise, options) => time.until(promise, options),
    };
}
