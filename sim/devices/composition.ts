import { AccessControl, Binding, Descriptor, BasicInformation, GeneralCommissioning, GroupKeyManagement, Groups, OperationalCredentials } from "../../src/core/clusters.js";
import type { AccessControlEntry } from "./access-control-entry.js";
import { specificationRules, type DeviceRules } from "./device-rules.js";
import type { SenderRule } from "./group-sender.js";

/** What a node is made of: plain data, so that a script can carry it. */
export interface Composition {
    readonly vendorId: number;
    readonly productId: number;
    readonly softwareVersion: number;
    /** Rows of GroupKeyMap and of GroupTable per fabric; at least 4 with Groups (core section 2.11.1.2). */
    readonly maxGroupsPerFabric: number;
    /** Key sets per fabric, the IPK included; at least 3 with Groups. */
    readonly maxGroupKeysPerFabric: number;
    /** The fabric moved to Groupcast: Groups and GroupKeyMap refuse for good (section 11.2.6.1). */
    readonly groupcastAdopted: boolean;
    /** Bindings of all endpoints and fabrics together: the specification leaves it to the device. Infinity for no limit, as matter.js; connectedhomeip has 10. */
    readonly maxBindings: number;
    /** Entries of each endpoint's scene table, over all fabrics; at least 16 (cluster section 1.4.8.1). */
    readonly sceneTableSize: number;
    readonly accessControl: AccessControlLimits;
    /** Node id that AddNOC names as the first administrator (CaseAdminSubject) of the manager's fabric: the managing controller's. */
    readonly administrator: bigint;
    /** A managed device's restrictions on the fabric (section 9.10.5.9): what is granted and yet forbidden. */
    readonly restrictions: readonly AccessRestriction[];
    /** Entries that the node made by itself (AuxiliaryACL, provisional): they grant like others, and cannot be written. Empty on a node without the feature. */
    readonly auxiliaryAcl: readonly AccessControlEntry[];
    readonly rules: DeviceRules;
    /** Whether the node has a clock when it sends to groups. */
    readonly senderRule: SenderRule;
    /** Endpoint 0 first. */
    readonly endpoints: readonly EndpointComposition[];
}

/** What an AccessControl server takes. */
export interface AccessControlLimits {
    /** At least 4 (core section 9.10.6.6). */
    readonly entriesPerFabric: number;
    /** At least 4. */
    readonly subjectsPerEntry: number;
    /** At least 3. */
    readonly targetsPerEntry: number;
    /** The device keeps one entry for each subject, so what is read back is another list than what was written. */
    readonly splitsEntries: boolean;
}

/** An entry of the access restriction list; `id` null means every attribute or command of the cluster. */
export interface AccessRestriction {
    readonly endpoint: number;
    readonly cluster: number;
    readonly type: "attribute" | "write" | "command";
    readonly id: number | null;
}

export interface EndpointComposition {
    readonly number: number;
    /** The endpoint whose part this is, beside the root's; default only the root's. */
    readonly parent?: number;
    readonly deviceType: number;
    readonly deviceTypeRevision: number;
    /** Cluster ids. */
    readonly servers: readonly number[];
    readonly clients: readonly number[];
    /** Feature GroupNames of the endpoint's Groups server. */
    readonly groupNames: boolean;
}

/** Identify (cluster section 1.2): a Groups server's endpoint has it too. Only the simulator needs its numbers. */
export const Identify = { id: 0x03, attributes: { identifyTime: 0, identifyType: 1 }, commands: { identify: 0 } } as const;

/** On/Off (cluster section 1.5): what lights obey to and switches command. */
export const OnOff = { id: 0x06, attributes: { onOff: 0 }, commands: { off: 0, on: 1, toggle: 2 } } as const;

/** Scenes Management (cluster section 1.4), per endpoint: scenes belong to groups. */
export const ScenesManagement = {
    id: 0x62,
    attributes: { sceneTableSize: 1, fabricSceneInfo: 2 },
    commands: { addScene: 0, viewScene: 1, removeScene: 2, removeAllScenes: 3, storeScene: 4, recallScene: 5, getSceneMembership: 6 },
} as const;

const ROOT_NODE = 0x16;
const ROOT_NODE_REVISION = 4;
const AGGREGATOR = 0x0e;
const ON_OFF_LIGHT = 0x100;
const ON_OFF_LIGHT_SWITCH = 0x103;

/** The least that the specification allows. */
export const minimalAccessControl: AccessControlLimits = { entriesPerFabric: 4, subjectsPerEntry: 4, targetsPerEntry: 3, splitsEntries: false };

const MIN_SCENE_TABLE_SIZE = 16;
const CHIP_MAX_BINDINGS = 10;

/** The managing controller's node id, unless a composition says otherwise. */
export const MANAGER_NODE_ID = 0x1_0000n;

export interface SwitchOptions {
    readonly accessControl?: Partial<AccessControlLimits>;
    readonly administrator?: bigint;
    /** Each switch has a Binding server; default none has. */
    readonly binding?: boolean;
    readonly maxBindings?: number;
    /** The root has OperationalCredentials and GeneralCommissioning, so that its certificate can be renewed; default it has not. */
    readonly certificates?: boolean;
    readonly restrictions?: readonly AccessRestriction[];
    readonly auxiliaryAcl?: readonly AccessControlEntry[];
    readonly maxGroupsPerFabric?: number;
    readonly maxGroupKeysPerFabric?: number;
    readonly groupNames?: boolean;
    readonly groupcastAdopted?: boolean;
    readonly rules?: DeviceRules;
    /** Default: with a clock. */
    readonly senderRule?: SenderRule;
    /** Endpoints that carry a switch with Groups; default 1 (endpoint number 1). */
    readonly switches?: number;
    /** Endpoints that are a light; default 1 (endpoint number 1). */
    readonly lights?: number;
    readonly sceneTableSize?: number;
}

/**
 * An On/Off Light Switch with a Groups server, as matter.js's `OnOffLightSwitchDevice.with(GroupsServer)`: it is a member of groups, but has OnOff only as a client and
 * so cannot act on what a group is told. Limits default to the specification's minimum.
 */
export function onOffLightSwitchWithGroups(options: SwitchOptions = {}): Composition {
    return nodeOf(options, Array.from({ length: options.switches ?? 1 }, (_, at) => switchEndpoint(at + 1, options)));
}

/** On/Off Lights: with Groups and Scenes Management, and with OnOff as a server, so that they act on what a group is told. */
export function onOffLight(options: SwitchOptions = {}): Composition {
    return nodeOf(options, Array.from({ length: options.lights ?? 1 }, (_, at) => lightEndpoint(at + 1, options)));
}

/**
 * The least device that still has everything: a switch with Binding and renewable certificates, and each limit as low as the specification allows (where it leaves one
 * to the device, as low as devices in the field have it).
 */
export function specificationMinimum(options: SwitchOptions = {}): Composition {
    return onOffLightSwitchWithGroups({ binding: true, certificates: true, maxBindings: CHIP_MAX_BINDINGS, ...options });
}

/** A bridge: an Aggregator on endpoint 1 and its switches, as many as asked for, from endpoint 2 on. They come and go with {@link SimNode.removeEndpoint}. */
export function bridgeWithSwitches(options: SwitchOptions = {}): Composition {
    const aggregator = { number: 1, deviceType: AGGREGATOR, deviceTypeRevision: 2, servers: [Descriptor.id], clients: [], groupNames: false };
    const bridged = Array.from({ length: options.switches ?? 1 }, (_, at) => ({ ...switchEndpoint(at + 2, options), parent: 1 }));
    return nodeOf(options, [aggregator, ...bridged]);
}

function switchEndpoint(number: number, options: SwitchOptions): EndpointComposition {
    return {
        number,
        deviceType: ON_OFF_LIGHT_SWITCH,
        deviceTypeRevision: 3,
        servers: [Identify.id, Groups.id, Descriptor.id, ...(options.binding === true ? [Binding.id] : [])],
        clients: [Identify.id, OnOff.id],
        groupNames: options.groupNames ?? true,
    };
}

function lightEndpoint(number: number, options: SwitchOptions): EndpointComposition {
    return {
        number,
        deviceType: ON_OFF_LIGHT,
        deviceTypeRevision: 3,
        servers: [Identify.id, Groups.id, OnOff.id, ScenesManagement.id, Descriptor.id, ...(options.binding === true ? [Binding.id] : [])],
        clients: [],
        groupNames: options.groupNames ?? true,
    };
}

function nodeOf(options: SwitchOptions, endpoints: readonly EndpointComposition[]): Composition {
    const root = {
        number: 0,
        deviceType: ROOT_NODE,
        deviceTypeRevision: ROOT_NODE_REVISION,
        servers: [
            Descriptor.id,
            BasicInformation.id,
            GroupKeyManagement.id,
            AccessControl.id,
            ...(options.certificates === true ? [OperationalCredentials.id, GeneralCommissioning.id] : []),
        ],
        clients: [],
        groupNames: false,
    };
    return {
        vendorId: 0xfff1,
        productId: 0x8000,
        softwareVersion: 1,
        maxGroupsPerFabric: options.maxGroupsPerFabric ?? 4,
        maxGroupKeysPerFabric: options.maxGroupKeysPerFabric ?? 3,
        groupcastAdopted: options.groupcastAdopted ?? false,
        maxBindings: options.maxBindings ?? Infinity,
        sceneTableSize: options.sceneTableSize ?? MIN_SCENE_TABLE_SIZE,
        accessControl: { ...minimalAccessControl, ...options.accessControl },
        administrator: options.administrator ?? MANAGER_NODE_ID,
        restrictions: options.restrictions ?? [],
        auxiliaryAcl: options.auxiliaryAcl ?? [],
        rules: options.rules ?? specificationRules,
        senderRule: options.senderRule ?? "clock",
        endpoints: [root, ...endpoints],
    };
}
