import type { Endpoint, ServerNode } from "@matter/node";
import { AccessControlServer } from "@matter/node/behaviors/access-control";
import { BasicInformationServer } from "@matter/node/behaviors/basic-information";
import { BindingServer } from "@matter/node/behaviors/binding";
import { GroupKeyManagementServer } from "@matter/node/behaviors/group-key-management";
import { FabricAuthority, FabricManager, Noc } from "@matter/protocol";
import { FabricIndex } from "@matter/types";
import { Millis } from "@matter/general";
import type { DeviceAnswer, DeviceRequest } from "../src/core/device.js";
import type { NodeId } from "../src/core/ids.js";
import type { Transport } from "../src/core/ports.js";
import { MatterIssuer } from "../src/matter/index.js";
import { StackWorld, type StackSnapshot } from "../sim/stack/index.js";
import { MAX_GROUP_KEYS, MAX_GROUPS, NODE_NAMES, SWITCHES, type BedTime, type BedWorld, type ControllerPorts, type NodeLimits, type NodeName } from "./bed-world.js";
import { keyFingerprint, MANAGER, orderedTruth, subjectName, type AclTruth, type BindingTruth, type DeviceTruth, type KeySetTruth } from "./device-truth.js";

const CONTROLLER = "controller";
/** A home network: requests take a while, so that there is something between a request and its answer. */
const LATENCY_MS = 4;
const JITTER_MS = 12;
/** From power off until power on. */
const DARK_MS = 2_000;
const DEADLINE_MS = 30_000;
/** The nodes' index of their first fabric. */
const FABRIC_INDEX = 1;

/** A commissioned world at rest, from which every scenario starts. */
interface Fixture {
    readonly snapshot: StackSnapshot;
    readonly fabric: BedWorld["fabric"];
    readonly nodes: Record<NodeName, NodeId>;
    readonly administrator: bigint;
}

let fixture: Promise<Fixture> | undefined;

/** Real matter.js nodes: controller and devices, all protocol layers, over an in-memory network. */
export class StackBedWorld implements BedWorld {
    readonly kind = "matter";
    readonly fabric: BedWorld["fabric"];
    readonly nodes: Record<NodeName, NodeId>;
    readonly administrator: bigint;
    readonly time: BedTime;
    readonly #world: StackWorld;
    readonly #deaf = new Set<NodeName>();
    readonly #names: ReadonlyMap<bigint, string>;
    /** Endpoints that were taken off, by node and number. */
    readonly #removed = new Map<string, Endpoint.Definition>();

    private constructor(world: StackWorld, { fabric, nodes, administrator }: Fixture) {
        this.#world = world;
        this.fabric = fabric;
        this.nodes = nodes;
        this.administrator = administrator;
        this.#names = new Map([[administrator, MANAGER], ...NODE_NAMES.map(name => [nodes[name], name] as const)]);
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
        const { transport, clock, entropy } = this.#world.process(CONTROLLER);
        const renewSession: Transport["renewSession"] = (node, options) => this.#world.transport(CONTROLLER).renewSession(node, options);
        return { transport: { ...transport, renewSession }, clock, entropy, issuer: new MatterIssuer(this.#world.node(CONTROLLER)) };
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

    async reboot(node: NodeName): Promise<void> {
        this.#world.crash(node);
        await this.#world.advance(DARK_MS);
        await this.#world.restart(node);
    }

    async removeEndpoint(node: NodeName, endpoint: number): Promise<void> {
        const removed = this.#world.node(node).endpoints.for(endpoint);
        const { id, number, type } = removed;
        // matter.js reads what it stored for an endpoint when the node starts, and only then.
        const binding = removed.stateOf(BindingServer).binding.map(entry => ({ ...entry }));
        this.#removed.set(`${node}/${endpoint}`, { id, number, type, binding: { binding } } as Endpoint.Definition);
        await this.#world.until(removed.close(), `removal of endpoint ${endpoint} of ${node}`);
    }

    async restoreEndpoint(node: NodeName, endpoint: number): Promise<void> {
        const definition = this.#removed.get(`${node}/${endpoint}`)!;
        await this.#world.until(this.#world.node(node).add(definition), `return of endpoint ${endpoint} of ${node}`);
    }

    async updateSoftware(node: NodeName, { maxGroupKeys, maxGroups }: NodeLimits): Promise<void> {
        const device = this.#world.node(node);
        const { softwareVersion } = device.stateOf(BasicInformationServer);
        await this.#world.until(device.setStateOf(GroupKeyManagementServer, { maxGroupKeysPerFabric: maxGroupKeys, maxGroupsPerFabric: maxGroups }));
        await this.#world.until(device.setStateOf(BasicInformationServer, { softwareVersion: softwareVersion + 1 }));
    }

    /** Over the controller's own sessions: to the node it makes no difference. */
    async administer(node: NodeName, request: DeviceRequest): Promise<DeviceAnswer> {
        return this.#world.process(CONTROLLER).transport.request(this.nodes[node], request, { deadlineMs: DEADLINE_MS });
    }

    truth(node: NodeName): DeviceTruth {
        const device = this.#world.node(node);
        const { groupTable, groupKeyMap, keySets } = this.#world.groupTruth(node);
        return orderedTruth({
            groupTable,
            groupKeyMap,
            keySets: keySets.filter(({ id }) => id !== 0).map(keySetTruthOf),
            acl: aclOf(device, this.#names),
            bindings: bindingsOf(device, this.#names),
            // matter.js keeps the one of AddNOC elsewhere.
            ipk: keySets.flatMap(set => (set.id === 0 ? keySetTruthOf(set).slots : [])),
            tags: tagsOf(device),
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
            await world.addDevice(name, { kind: "switch", endpoints: SWITCHES, bindings: true, maxGroupKeys: MAX_GROUP_KEYS, maxGroups: MAX_GROUPS });
            nodes[name] = await world.commission(CONTROLLER, name);
        }
        await world.untilSubscribed(CONTROLLER);
        const { rootNodeId } = controller.env.get(FabricAuthority).fabrics[0]!;
        return { snapshot: world.snapshot(), fabric: fabricOf(controller), nodes: nodes as Record<NodeName, NodeId>, administrator: rootNodeId };
    } finally {
        await world.close();
    }
}

/** The fabric's identity, as a store keeps it. */
function fabricOf(controller: ServerNode): BedWorld["fabric"] {
    const fabric = controller.env.get(FabricAuthority).fabrics[0]!;
    return { rootPublicKey: new Uint8Array(fabric.rootPublicKey as Uint8Array), fabricId: fabric.fabricId };
}

function keySetTruthOf({ id, slots }: ReturnType<StackWorld["groupTruth"]>["keySets"][number]): KeySetTruth {
    return { id, slots: slots.map(({ startTime, key }) => ({ startTime, key: keyFingerprint(key) })) };
}

/** From the certificate that the node would show in a handshake. */
function tagsOf(device: ServerNode): readonly number[] {
    const { operationalCert } = device.env.get(FabricManager).for(FabricIndex(FABRIC_INDEX));
    return [...(Noc.fromTlv(operationalCert).cert.subject.caseAuthenticatedTags ?? [])];
}

function aclOf(device: ServerNode, names: ReadonlyMap<bigint, string>): AclTruth[] {
    return device
        .stateOf(AccessControlServer)
        .acl.filter(({ fabricIndex }) => fabricIndex === FABRIC_INDEX)
        .map(({ privilege, authMode, subjects, targets }) => ({
            privilege,
            authMode,
            subjects: subjects?.map(subject => subjectName(BigInt(subject), names)) ?? null,
            targets: targets?.map(({ cluster, endpoint, deviceType }) => ({ cluster, endpoint, deviceType })) ?? null,
        }));
}

function bindingsOf(device: ServerNode, names: ReadonlyMap<bigint, string>): BindingTruth[] {
    return [...device.parts]
        .filter(endpoint => endpoint.behaviors.has(BindingServer))
        .flatMap(endpoint =>
            endpoint
                .stateOf(BindingServer)
                .binding.filter(({ fabricIndex }) => fabricIndex === FABRIC_INDEX)
                .map(entry => ({
                    at: endpoint.number,
                    node: entry.node === undefined ? null : subjectName(BigInt(entry.node), names),
                    group: entry.group ?? null,
                    endpoint: entry.endpoint ?? null,
                    cluster: entry.cluster ?? null,
                })),
        );
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
