import type { DeviceAnswer, DeviceFields, DeviceRequest } from "../src/core/device.js";
import { nodeId, type NodeId } from "../src/core/ids.js";
import type { Clock, Issuer, IssueResult } from "../src/core/ports.js";
import { MANAGER_NODE_ID, onOffLightSwitchWithGroups } from "../sim/devices/composition.js";
import { MANAGER_FABRIC, SimNode } from "../sim/devices/sim-node.js";
import type { KeySetState } from "../sim/devices/key-set-state.js";
import { IssuerModel } from "../sim/issuer-model.js";
import { Random } from "../sim/random.js";
import { TraceHash } from "../sim/trace-hash.js";
import { ACL_ENTRIES, MAX_BINDINGS, MAX_GROUP_KEYS, MAX_GROUPS, NODE_NAMES, SWITCHES, type BedWorld, type ControllerPorts, type NodeLimits, type NodeName } from "./bed-world.js";
import { keyFingerprint, MANAGER, orderedTruth, subjectName, type DeviceTruth, type KeySetTruth } from "./device-truth.js";
import { Site, SimTransport } from "./sim-transport.js";
import { VirtualClock } from "./virtual-clock.js";

const WALL_EPOCH_MS = Date.UTC(2026, 0, 1);
/** From power on until a node answers. */
const BOOT_MS = 2_000;
/** Start time of the IPK that AddNOC brings (section 11.18.6.8). */
const COMMISSIONED = 0n;

/** Device models behind a transport with latency and silence, under virtual time. */
export class SimBedWorld implements BedWorld {
    readonly kind = "sim";
    readonly fabric = { rootPublicKey: `04${"5e".repeat(64)}`, fabricId: 1n };
    readonly nodes = Object.fromEntries(NODE_NAMES.map((name, index) => [name, nodeId(BigInt(index + 1))])) as Record<NodeName, NodeId>;
    readonly administrator = MANAGER_NODE_ID;
    readonly time = new VirtualClock();
    readonly #random: Random;
    readonly #hash = new TraceHash();
    readonly #sites = new Map<NodeId, Site>();
    readonly #names = new Map<bigint, string>([[this.administrator, MANAGER], ...NODE_NAMES.map(name => [this.nodes[name] as bigint, name] as const)]);
    readonly #certificates = new IssuerModel();
    readonly #issuer: Issuer = {
        nonce: async () => fieldsOf(this.#certificates.answer(0n, { op: "nonce" }))["nonce"] as Uint8Array,
        issue: async (node, request) => {
            const { certificate } = this.#sites.get(node)!.node.identity(MANAGER_FABRIC);
            return fieldsOf(this.#certificates.answer(certificate.nodeId, { op: "issue", ...request })) as unknown as IssueResult;
        },
    };
    #transport: SimTransport | undefined;
    #softwareVersion = 1;

    constructor(seed: number) {
        this.#random = new Random(seed);
        const composition = onOffLightSwitchWithGroups({
            maxGroupKeysPerFabric: MAX_GROUP_KEYS,
            maxGroupsPerFabric: MAX_GROUPS,
            switches: SWITCHES,
            binding: true,
            maxBindings: MAX_BINDINGS,
            certificates: true,
            accessControl: { entriesPerFabric: ACL_ENTRIES },
        });
        for (const [index, name] of NODE_NAMES.entries()) {
            this.#sites.set(this.nodes[name], new Site(this.nodes[name], new SimNode(composition, this.#random.fork(index))));
        }
    }

    async startController(): Promise<ControllerPorts> {
        this.#transport = new SimTransport(this.time, this.#random, this.#hash, this.#sites);
        return { transport: this.#transport, clock: clockFrom(this.time), entropy: this.#random, issuer: this.#issuer };
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

    async reboot(node: NodeName): Promise<void> {
        const site = this.#site(node);
        site.boots++;
        site.isReachable = false;
        await this.time.advance(BOOT_MS);
        site.node.reboot(this.#random);
        site.isReachable = true;
        this.#transport?.booted(site);
    }

    async removeEndpoint(node: NodeName, endpoint: number): Promise<void> {
        const site = this.#site(node);
        site.node.removeEndpoint(endpoint);
        site.absent.add(endpoint);
        this.#transport?.report(site);
    }

    async restoreEndpoint(node: NodeName, endpoint: number): Promise<void> {
        const site = this.#site(node);
        site.node.restoreEndpoint(endpoint);
        site.absent.delete(endpoint);
        this.#transport?.report(site);
    }

    async updateSoftware(node: NodeName, { maxGroupKeys, maxGroups }: NodeLimits): Promise<void> {
        const site = this.#site(node);
        site.node.updateSoftware(++this.#softwareVersion, maxGroups, maxGroupKeys);
        this.#transport?.report(site);
    }

    async administer(node: NodeName, request: DeviceRequest): Promise<DeviceAnswer> {
        const site = this.#site(node);
        site.node.setTime(this.time.elapsedMs);
        const answer = site.node.handle(request);
        this.#hash.value([this.time.elapsedMs, site.id, request, answer]);
        this.#transport?.report(site);
        return answer;
    }

    truth(node: NodeName): DeviceTruth {
        const site = this.#site(node);
        site.node.setTime(this.time.elapsedMs);
        return truthOf(site, this.#names);
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

function fieldsOf(answer: DeviceAnswer): DeviceFields {
    return answer.kind === "response" ? answer.fields : {};
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

function truthOf({ node, absent }: Site, names: ReadonlyMap<bigint, string>): DeviceTruth {
    const keySets = node.keySets(MANAGER_FABRIC);
    return orderedTruth({
        groupTable: node.groupTable(MANAGER_FABRIC).map(({ groupId, endpoints, groupName }) => ({ groupId, endpoints: [...endpoints], name: groupName })),
        groupKeyMap: node.groupKeyMap(MANAGER_FABRIC).map(({ groupId, groupKeySetId }) => ({ groupId, keySetId: groupKeySetId })),
        keySets: keySets.filter(({ id }) => id !== 0).map(keySetTruthOf),
        acl: node.acl(MANAGER_FABRIC).map(({ privilege, authMode, subjects, targets }) => ({
            privilege,
            authMode,
            subjects: subjects?.map(subject => subjectName(subject, names)) ?? null,
            targets: targets?.map(target => ({ ...target })) ?? null,
        })),
        bindings: node.composition.endpoints.flatMap(({ number }) =>
            (absent.has(number) ? [] : node.bindings(MANAGER_FABRIC, number)).map(entry => ({
                at: number,
                node: entry.node === undefined ? null : subjectName(entry.node, names),
                group: entry.group ?? null,
                endpoint: entry.endpoint ?? null,
                cluster: entry.cluster ?? null,
            })),
        ),
        ipk: keySets.flatMap(set => (set.id === 0 ? keySetTruthOf(set).slots.filter(({ startTime }) => startTime !== COMMISSIONED) : [])),
        tags: node.identity(MANAGER_FABRIC).certificate.cats,
    });
}

function keySetTruthOf({ id, keys, startTimes }: KeySetState): KeySetTruth {
    const slots = keys.flatMap((key, slot) => (key === null ? [] : [{ startTime: startTimes[slot]!, key: keyFingerprint(key) }]));
    return { id, slots };
}
