import { AccessControl, BasicInformation, GeneralCommissioning, GroupKeyManagement, OperationalCredentials } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { Status } from "../../src/core/status.js";
import type { Random } from "../random.js";
import { AuthMode, type AccessControlEntry } from "./access-control-entry.js";
import type { AccessControlEntryChanged } from "./access-control-event.js";
import type { GeneralCommissioningServer } from "./general-commissioning-server.js";
import { isGranted, refusalOf, type Requester } from "./access-guard.js";
import { statusAnswer } from "./answers.js";
import type { ChangeListener, ClusterServer, NodeState } from "./cluster-server.js";
import type { BindingEntry } from "./binding-entry.js";
import { MANAGER_NODE_ID, type Composition } from "./composition.js";
import { FabricTables, type FabricSnapshot, type GroupKeyMapEntry, type GroupTableRow, type TableChanges } from "./fabric-tables.js";
import { FailSafe } from "./fail-safe.js";
import { holdsKey, sendingKeyOf, type SenderRule } from "./group-sender.js";
import type { KeySetState } from "./key-set-state.js";
import type { OperationalIdentity } from "./operational-identity.js";
import { NodeEndpoints } from "./node-endpoints.js";
import { Privilege } from "./privilege.js";
import type { RequestFaults } from "./request-faults.js";
import type { RequestOptions } from "./request-options.js";
import type { Scene } from "./scene.js";

/** The fabric that the manager belongs to, on every simulated node. Others belong to other administrators. */
export const MANAGER_FABRIC = 1;

/** Everything a power cut can take back. */
export interface NodeSnapshot {
    readonly fabrics: readonly (FabricSnapshot | undefined)[];
    readonly dataVersions: readonly number[];
    readonly softwareVersion: number;
    readonly nodeLabel: string;
    readonly litEndpoints: ReadonlySet<number>;
}

/** What reaches the members of a group. */
export interface GroupCommand {
    readonly groupId: number;
    readonly endpoint: number;
    readonly cluster: number;
    readonly key: KeyMaterial;
}

/**
 * A simulated Matter node. It carries out requests at once and answers as the specification says; what the network does to them is
 * decided elsewhere. Who asks is the fabric's administrator unless the request's options name somebody else.
 *
 * @example
 * const node = new SimNode(onOffLightSwitchWithGroups(), new Random(1));
 * node.handle({ op: "read", endpoint, cluster: 0x3f, attribute: 1 });
 * node.groupTable(MANAGER_FABRIC);
 */
export class SimNode {
    #composition!: Composition;
    #endpoints!: NodeEndpoints;
    #faults: RequestFaults | undefined;
    #state!: NodeState;
    /** By fabric index; index 0 is no fabric. */
    #fabrics: (FabricTables | undefined)[] = [undefined];
    #senderRule: SenderRule = "clock";
    /** Something beside the access control list may stand in a request's way. */
    #isGuarded = false;

    constructor(composition: Composition, random: Random) {
        this.reset(composition, random);
    }

    /**
     * Out of the box and commissioned onto {@link MANAGER_FABRIC}: also what a factory reset with new commissioning leaves. With the composition it had
     * before, the node's objects are used again.
     */
    reset(composition: Composition, random: Random): void {
        if (composition !== this.#composition) {
            this.#build(composition);
        }
        this.setFaults(undefined);
        this.#senderRule = composition.senderRule;
        this.#state.failSafe.complete();
        this.#endpoints.restoreAll();
        this.#state.keyPairs = 0;
        this.#state.nowMs = 0;
        this.#state.softwareVersion = composition.softwareVersion;
        this.#state.nodeLabel = "";
        this.#state.litEndpoints = NONE_LIT;
        this.#state.maxGroupsPerFabric = composition.maxGroupsPerFabric;
        this.#state.maxGroupKeysPerFabric = composition.maxGroupKeysPerFabric;
        this.#fabrics.length = MANAGER_FABRIC + 1;
        const ipk = ipkOfFabric(MANAGER_FABRIC);
        const tables = this.#fabrics[MANAGER_FABRIC];
        if (tables === undefined) {
            this.#fabrics[MANAGER_FABRIC] = new FabricTables(MANAGER_FABRIC, ipk, composition.administrator);
        } else {
            tables.reset(ipk, composition.administrator);
        }
        this.#endpoints.forEachServer(server => server.reset(random));
    }

    /** Carry out one request: of the fabric's administrator if only a fabric index is given, else as the options say. */
    handle(request: DeviceRequest, from: number | RequestOptions = MANAGER_FABRIC): DeviceAnswer {
        const tables = this.#fabrics[typeof from === "number" ? from : (from.fabric ?? MANAGER_FABRIC)];
        if (tables === undefined) {
            return statusAnswer(Status.UNSUPPORTED_ACCESS);
        }
        const server = this.#endpoints.serverOf(request);
        if (typeof from !== "number" || !tables.isOpenToAdministrator || this.#isGuarded) {
            return this.#handleGuarded(request, typeof from === "number" ? NO_OPTIONS : from, tables, server);
        }
        return typeof server === "number" ? statusAnswer(server) : carryOut(request, server, tables);
    }

    /** What goes wrong inside the node from now on; undefined for nothing, as after a reset. */
    setFaults(faults: RequestFaults | undefined): void {
        this.#faults = faults;
        this.#isGuarded = faults !== undefined || this.#composition.restrictions.length > 0;
    }

    /** Who hears of each change of attribute data, as a subscription would report it; stays through resets. */
    setChangeListener(listener: ChangeListener | undefined): void {
        this.#state.listener = listener;
    }

    /**
     * An endpoint is gone, as a bridged device can be. Its part of the tables stays for its return, unless the node forgets it.
     */
    removeEndpoint(number: number, forgets = false): void {
        if (forgets) {
            this.#forgetEndpoint(number);
        }
        this.#endpoints.remove(number);
    }

    /** An endpoint of the composition is back. */
    restoreEndpoint(number: number): void {
        this.#endpoints.restore(number);
    }

    #forgetEndpoint(number: number): void {
        let isMember = false;
        for (const tables of this.#fabrics) {
            isMember ||= tables?.groupTable.some(row => row.endpoints.includes(number)) ?? false;
            tables?.forgetEndpoint(number);
        }
        if (isMember) {
            this.#state.groupTableOwner?.changed(GroupKeyManagement.attributes.groupTable);
        }
    }

    #handleGuarded(request: DeviceRequest, options: RequestOptions, tables: FabricTables, server: ClusterServer | number): DeviceAnswer {
        const fault = this.#faults?.next(request);
        if (fault !== undefined && "answer" in fault) {
            return fault.answer;
        }
        const chunks = fault?.chunks ?? options.chunks;
        const endpoint = this.#endpoints.compositionOf(request.endpoint);
        const { restrictions } = this.#composition;
        const requester = requesterOf(options, tables);
        const refusal = refusalOf(request, requester, { acl: this.#granting(tables), restrictions, endpoint, server });
        if (refusal !== Status.SUCCESS || typeof server === "number") {
            return statusAnswer(refusal);
        }
        this.#state.requester = requester;
        const answer =
            request.op === "write" && chunks !== undefined
                ? server.writeInChunks(request, chunks, tables)
                : carryOut(request, server, tables);
        this.#state.requester = undefined;
        return answer;
    }

    #granting({ acl }: FabricTables): readonly AccessControlEntry[] {
        const { auxiliaryAcl } = this.#composition;
        return auxiliaryAcl.length === 0 ? acl : [...acl, ...auxiliaryAcl];
    }

    /** Past every check: what an older firmware, or a hand at the device, may have left there. */
    setAcl(fabric: number, entries: readonly AccessControlEntry[]): void {
        this.#tables(fabric).setAcl(entries);
        this.#endpoints.server(0, AccessControl.id)?.changed(AccessControl.attributes.acl);
    }

    /** Another exchange begins to write the fabric's list: until the returned function is called, or a restart, nobody else can. */
    beginAclWrite(fabric: number): () => void {
        const tables = this.#tables(fabric);
        tables.isAclBusy = true;
        return () => tables.endAclWrite();
    }

    /** The AccessControlEntryChanged events of the fabric, oldest first: the last 32 since the node was new to it. */
    aclEvents(fabric: number): readonly AccessControlEntryChanged[] {
        return this.#tables(fabric).aclEvents;
    }

    /** Whom a request comes from that names nobody: the commissioner, who may have got another NOC since. */
    setAdministrator(fabric: number, subject: bigint, cats: readonly number[] = []): void {
        this.#tables(fabric).setAdministrator({ subject, cats, authMode: AuthMode.CASE });
    }

    /** The key set of this id, keys and all; undefined when the node has none. */
    keySet(fabric: number, id: number): KeySetState | undefined {
        return this.#tables(fabric).keySet(id);
    }

    keySets(fabric: number): readonly KeySetState[] {
        return this.#tables(fabric).keySets;
    }

    groupKeyMap(fabric: number): readonly GroupKeyMapEntry[] {
        return this.#tables(fabric).groupKeyMap;
    }

    groupTable(fabric: number): readonly GroupTableRow[] {
        return this.#tables(fabric).groupTable;
    }

    acl(fabric: number): readonly AccessControlEntry[] {
        return this.#tables(fabric).acl;
    }

    bindings(fabric: number, endpoint: number): readonly BindingEntry[] {
        return this.#tables(fabric).bindingsOf(endpoint);
    }

    /** The node's certificates on a fabric: what the next CASE session is made with. */
    identity(fabric: number): OperationalIdentity {
        return this.#tables(fabric).identity;
    }

    /** The node id that AddNOC gave it on a fabric; 1 until this is called. */
    setNodeId(fabric: number, nodeId: bigint): void {
        this.#tables(fabric).setNodeId(nodeId);
    }

    /** Gives the node a clock, or takes it away, until the next reset. */
    setSenderRule(rule: SenderRule): void {
        this.#senderRule = rule;
    }

    /**
     * The epoch key that the node would send with now; undefined when it cannot.
     *
     * @param nowEpochUs microseconds since 2000-01-01, as a node with a clock knows them
     */
    sendingKey(fabric: number, keySetId: number, nowEpochUs: bigint): KeyMaterial | undefined {
        const set = this.keySet(fabric, keySetId);
        return set && sendingKeyOf(set, this.#senderRule, nowEpochUs);
    }

    /** The same for a group, by the key set that it is mapped to. */
    groupSendingKey(fabric: number, groupId: number, nowEpochUs: bigint): KeyMaterial | undefined {
        return this.sendingKey(fabric, this.mappedKeySetId(fabric, groupId), nowEpochUs);
    }

    /** A message to the group under this key can be read. */
    canDecrypt(fabric: number, groupId: number, key: KeyMaterial): boolean {
        const set = this.keySet(fabric, this.mappedKeySetId(fabric, groupId));
        return set !== undefined && holdsKey(set, key);
    }

    /** A command to the group under this key has its effect at the endpoint: it takes key, membership and an access control entry. */
    actsOnGroupCommand(fabric: number, { groupId, endpoint, cluster, key }: GroupCommand): boolean {
        const deviceType = this.#endpoints.compositionOf(endpoint)?.deviceType ?? -1;
        const requester = { subject: BigInt(groupId), cats: [], authMode: AuthMode.GROUP };
        return (
            this.canDecrypt(fabric, groupId, key) &&
            this.isMember(fabric, groupId, endpoint) &&
            isGranted(this.#granting(this.#tables(fabric)), requester, { privilege: Privilege.OPERATE, endpoint, deviceType, cluster })
        );
    }

    /** The key set that a group is mapped to, -1 for none. */
    mappedKeySetId(fabric: number, groupId: number): number {
        return this.#tables(fabric).mappedKeySetId(groupId);
    }

    scenes(fabric: number, endpoint: number): readonly Scene[] {
        return this.#tables(fabric).scenesOf(endpoint);
    }

    isMember(fabric: number, groupId: number, endpoint: number): boolean {
        return this.#tables(fabric).isMember(groupId, endpoint);
    }

    /** How often each of the fabric's tables really changed; only ever grows, through resets too. The object is live. */
    changes(fabric: number): Readonly<TableChanges> {
        return this.#tables(fabric).changes;
    }

    /** Every cluster instance of the composition. */
    get servers(): readonly ClusterServer[] {
        return this.#endpoints.servers;
    }

    get composition(): Composition {
        return this.#composition;
    }

    /** Virtual time as the node sees it: a fail-safe that runs out by then takes the certificate and the breadcrumb back. */
    setTime(nowMs: number): void {
        this.#state.nowMs = nowMs;
        this.#state.failSafe.owner(nowMs);
    }

    /** Another administrator commissions the node onto one more fabric. */
    addFabric(fabric: number, administrator = administratorOf(fabric)): void {
        this.#fabrics[fabric] = new FabricTables(fabric, ipkOfFabric(fabric), administrator);
    }

    removeFabric(fabric: number): void {
        if (this.#state.failSafe.owner(this.#state.nowMs) === this.#fabrics[fabric]) {
            this.#state.failSafe.complete();
        }
        this.#fabrics[fabric] = undefined;
    }

    /** A software update: a new version, and perhaps other limits. Tables that are over a new limit stay as they are. */
    updateSoftware(softwareVersion: number, maxGroupsPerFabric: number, maxGroupKeysPerFabric: number): void {
        this.#state.softwareVersion = softwareVersion;
        this.#state.maxGroupsPerFabric = maxGroupsPerFabric;
        this.#state.maxGroupKeysPerFabric = maxGroupKeysPerFabric;
        this.#endpoints.server(0, BasicInformation.id)?.changed(BasicInformation.attributes.softwareVersion);
        const keyManagement = this.#endpoints.server(0, GroupKeyManagement.id);
        keyManagement?.changed(GroupKeyManagement.attributes.maxGroupsPerFabric);
        keyManagement?.tell(GroupKeyManagement.attributes.maxGroupKeysPerFabric);
    }

    /**
     * A restart draws new data versions, as matter.js and connectedhomeip do, and ends a fail-safe, so that a certificate not confirmed is the old one again;
     * everything else is kept.
     */
    reboot(random: Random): void {
        this.#state.failSafe.expire();
        for (const tables of this.#fabrics) {
            tables?.endAclWrite();
        }
        this.#endpoints.forEachServer(server => server.reset(random));
    }

    snapshot(): NodeSnapshot {
        return {
            fabrics: this.#fabrics.map(tables => tables && { ...tables.snapshot(), identity: this.#state.failSafe.confirmedIdentity(tables) }),
            dataVersions: this.#endpoints.servers.map(server => server.dataVersion),
            softwareVersion: this.#state.softwareVersion,
            nodeLabel: this.#state.nodeLabel,
            litEndpoints: this.#state.litEndpoints,
        };
    }

    /** Back to what was stored then: a power cut forgets the acknowledged writes since. {@link reboot} usually follows. */
    restore(snapshot: NodeSnapshot): void {
        this.#state.failSafe.complete();
        for (let fabric = 0; fabric < this.#fabrics.length; fabric++) {
            if (snapshot.fabrics[fabric] === undefined) {
                this.#fabrics[fabric] = undefined;
            }
        }
        snapshot.fabrics.forEach((stored, fabric) => {
            if (stored !== undefined) {
                (this.#fabrics[fabric] ??= new FabricTables(fabric, ipkOfFabric(fabric), administratorOf(fabric))).restore(stored);
            }
        });
        let next = 0;
        this.#endpoints.forEachServer(server => (server.dataVersion = snapshot.dataVersions[next++]!));
        this.#state.softwareVersion = snapshot.softwareVersion;
        this.#state.nodeLabel = snapshot.nodeLabel;
        this.#state.litEndpoints = snapshot.litEndpoints;
    }

    /**
     * Everything that another node of the same composition holds, what does not outlive a restart included; they may differ in their rules.
     *
     * @param change what the tables are to be instead
     */
    becomeLike(other: SimNode, change: (snapshot: NodeSnapshot) => NodeSnapshot = snapshot => snapshot): void {
        this.restore(change(other.snapshot()));
        const own = ({ index }: FabricTables) => this.#tables(index);
        for (const tables of other.#fabrics) {
            if (tables !== undefined) {
                own(tables).setIdentity(tables.identity);
            }
        }
        this.#state.failSafe.becomeLike(other.#state.failSafe, own);
        this.#state.nowMs = other.#state.nowMs;
        this.#state.keyPairs = other.#state.keyPairs;
        const servers = other.servers;
        this.servers.forEach((server, at) => server.becomeLike(servers[at]!, own));
    }

    #failSafeEnded(): void {
        (this.#endpoints.server(0, GeneralCommissioning.id) as GeneralCommissioningServer | undefined)?.setBreadcrumb(0n);
    }

    #revertedNoc(): void {
        const credentials = this.#endpoints.server(0, OperationalCredentials.id);
        credentials?.changed(OperationalCredentials.attributes.nocs);
        credentials?.tell(OperationalCredentials.attributes.fabrics);
    }

    #countBindings(): number {
        let count = 0;
        for (const tables of this.#fabrics) {
            for (const entries of tables?.bindings.values() ?? []) {
                count += entries.length;
            }
        }
        return count;
    }

    #tables(fabric: number): FabricTables {
        const tables = this.#fabrics[fabric];
        if (tables === undefined) {
            throw new RangeError(`the node is on no fabric ${fabric}`);
        }
        return tables;
    }

    #build(composition: Composition): void {
        this.#composition = composition;
        this.#state = {
            requester: undefined,
            nowMs: 0,
            softwareVersion: 0,
            nodeLabel: "",
            maxGroupsPerFabric: 0,
            maxGroupKeysPerFabric: 0,
            groupTableOwner: undefined,
            listener: (this.#state as NodeState | undefined)?.listener,
            structureVersion: 0,
            partsOf: number => this.#endpoints.partsOf(number),
            keyPairs: 0,
            failSafe: new FailSafe(
                () => this.#failSafeEnded(),
                () => this.#revertedNoc(),
            ),
            fabricIndexes: () => this.#fabrics.flatMap(tables => (tables === undefined ? [] : [tables.index])),
            fabricLabels: besides => this.#fabrics.flatMap(tables => (tables === undefined || tables === besides ? [] : [tables.label])),
            countBindings: () => this.#countBindings(),
            countScenes: endpoint => this.#fabrics.reduce((count, tables) => count + (tables?.scenesOf(endpoint).length ?? 0), 0),
            litEndpoints: NONE_LIT,
        };
        this.#endpoints = new NodeEndpoints(composition, this.#state);
        this.#state.groupTableOwner = this.#endpoints.server(0, GroupKeyManagement.id);
    }
}

function carryOut(request: DeviceRequest, server: ClusterServer, tables: FabricTables): DeviceAnswer {
    switch (request.op) {
        case "read":
            return server.read(request.attribute, tables);
        case "write":
            return server.write(request, tables);
        case "invoke":
            return server.invoke(request.command, request.fields, tables);
    }
}

const NONE_LIT: ReadonlySet<number> = new Set();
const NO_OPTIONS: RequestOptions = {};

function requesterOf({ subject, cats, authMode }: RequestOptions, { administrator }: FabricTables): Requester {
    if (subject === undefined) {
        return cats === undefined ? administrator : { ...administrator, cats };
    }
    return { subject, cats: cats ?? [], authMode: authMode ?? AuthMode.CASE };
}

/** Node id of the one who commissions the node onto a fabric that is not the manager's. */
function administratorOf(fabric: number): bigint {
    return MANAGER_NODE_ID * BigInt(fabric);
}

const ipks: KeyMaterial[] = [];

/** Each fabric's IPK as AddNOC brings it: recognisable bytes, so that a leak can be searched for. */
function ipkOfFabric(fabric: number): KeyMaterial {
    return (ipks[fabric] ??= new KeyMaterial(new Uint8Array(KeyMaterial.LENGTH).fill(0xe0 + fabric), `ipk${fabric}`));
}
