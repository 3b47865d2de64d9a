import type { DeviceAnswer, DeviceRequest } from "../src/core/device.js";
import type { NodeId } from "../src/core/ids.js";
import type { Clock, Entropy, Issuer, Transport } from "../src/core/ports.js";
import type { OpenOptions } from "../src/runtime/index.js";
import type { DeviceTruth } from "./device-truth.js";
import type { NodesKind } from "./scenario.js";

/** The commissioned nodes of every scenario, by name: two On/Off Light Switches each, on endpoints 1 and 2, with Groups and Binding servers. */
export const NODE_NAMES = ["kitchen", "hall", "porch"] as const;
export type NodeName = (typeof NODE_NAMES)[number];

/** Switches of each node, on the endpoints from 1 on. */
export const SWITCHES = 2;
/** `MaxGroupKeysPerFabric` of the nodes, the IPK included: the specification's minimum. */
export const MAX_GROUP_KEYS = 3;
/** `MaxGroupsPerFabric` of the nodes: the specification's minimum. */
export const MAX_GROUPS = 4;
/** `AccessControlEntriesPerFabric` of the nodes, the commissioner's included: the specification's minimum, and what matter.js has. */
export const ACL_ENTRIES = 4;

/** Bindings of all endpoints together that a simulated node takes, as connectedhomeip; real ones of matter.js have no limit. */
export const MAX_BINDINGS = 10;

/** Limits of a node that a software update may change. */
export interface NodeLimits {
    /** `MaxGroupKeysPerFabric`, the IPK included. */
    readonly maxGroupKeys: number;
    /** `MaxGroupsPerFabric`. */
    readonly maxGroups: number;
}

/** Virtual time as a bed needs it. */
export interface BedTime {
    /** Virtual milliseconds since the world was opened. */
    readonly elapsedMs: number;
    /** Call back once, this much later. */
    after(ms: number, callback: () => void): void;
    /** Let time stand still until a really asynchronous operation is over, whatever it does. */
    hold(operation: Promise<unknown>): void;
    /** Let this much time pass. */
    advance(ms: number): Promise<void>;
    /** Let time pass until the promise is settled. @throws what it rejects with, and when it is not settled in time. */
    until<T>(promise: PromiseLike<T>, options: { readonly what: string; readonly limitMs: number }): Promise<T>;
}

/** The ports of a program on the controller's machine. They may outlive the machine; a {@link Bed} sees to it that nobody hears them. */
export interface ControllerPorts {
    readonly transport: Transport;
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly issuer: Issuer;
}

/** What one kind of nodes provides; everything else about a bed is the same for both. */
export interface BedWorld {
    readonly kind: NodesKind;
    readonly fabric: OpenOptions["fabric"];
    readonly nodes: Readonly<Record<NodeName, NodeId>>;
    /** The controller's own node id on the fabric: the first administrator's. */
    readonly administrator: bigint;
    readonly time: BedTime;
    /** Start the controller that is down, from its own storage. It is down in the beginning. */
    startController(): Promise<ControllerPorts>;
    /** Orderly shutdown. */
    stopController(): Promise<void>;
    /** Power cut: what the controller's memory held is lost. */
    crashController(): void;
    /** Pull or plug a node's network cable. */
    setReachable(node: NodeName, isReachable: boolean): void;
    /** A deaf line: what is sent to the node arrives, what the node sends is lost. */
    setAnswersLost(node: NodeName, areLost: boolean): void;
    /** Cut the power of a node and start it again, within seconds: what it stored is there, what its memory held is lost, sessions and subscriptions included. */
    reboot(node: NodeName): Promise<void>;
    /** Take an application endpoint off a node, as a bridged device can be. The node keeps what it holds for it. */
    removeEndpoint(node: NodeName, endpoint: number): Promise<void>;
    /** Bring an endpoint that was removed back. */
    restoreEndpoint(node: NodeName, endpoint: number): Promise<void>;
    /** The node has a new software version, and with it other limits. What is over them stays. */
    updateSoftware(node: NodeName, limits: NodeLimits): Promise<void>;
    /** Another administrator's request. */
    administer(node: NodeName, request: DeviceRequest): Promise<DeviceAnswer>;
    truth(node: NodeName): DeviceTruth;
    /** Hash of what happened so far. */
    traceHash(): string;
    /** Shut everything down. The controller may be up or down. */
    close(): Promise<void>;
}
