import type { Fields, Value } from "./values.js";

/**
 * What a target can do beyond serving the cluster to an administrator. A case names what it needs; where a target lacks it the case is not applicable, and
 * says which ability is missing.
 */
export const capabilities = {
    accessRights: "act as clients with other rights than an Administrator CAT of version 1",
    otherFabric: "act as an administrator of another fabric that the server is on",
    pase: "reach the server over a PASE session",
    nonAnchor: "reach a joint fabric administrator that is not the Anchor",
    identity: "tell the server's own node id, vendor id and trusted roots",
    dataVersions: "tell the data version of the cluster",
    subscriptions: "subscribe, and collect reports",
    fabricFilter: "read with and without fabric filter",
    rawCommands: "send commands with wrong types and absent fields as they are",
    members: "bring member nodes, and look inside them",
    traffic: "record what reaches member nodes",
    reachability: "take member nodes off the network and back",
    faults: "make member nodes refuse, delay, hold and lose requests",
    otherAdministrators: "change member nodes behind the server's back",
    memberLimits: "bring member nodes with chosen limits",
    structure: "make endpoints of member nodes come and go",
    clock: "advance the server's time",
    restart: "restart the server with what it stored",
    kill: "end the server without warning and start it with what it stored",
    crashPoints: "end the server right after its n-th durable write",
    smallLimits: "run the server with chosen limits of lists and queues",
    listIdPreset: "start the list id counters at a chosen number",
    storageSearch: "search what the server stored for bytes",
    logSearch: "search what the server logged for bytes",
    unformed: "bring a server whose fabric is not formed, and form it",
    fabricRemoval: "remove fabrics from the server",
    anchorTransfer: "carry out anchor transfers (cluster 0x0753)",
    jointCommissioning: "open joint commissioning windows and cross-sign administrators (cluster 0x0753)",
} as const;

export type Capability = keyof typeof capabilities;

/** Who asks. The default is an administrator with the Administrator CAT of version 1. */
export type Accessor =
    | { readonly kind: "administrator"; readonly catVersion?: number }
    /** A node of the fabric without the CAT, which an access control entry gives this privilege. */
    | { readonly kind: "node"; readonly privilege: "view" | "operate" | "manage" | "administer" }
    | { readonly kind: "otherFabric" }
    | { readonly kind: "pase" };

/** What the server should be like when the case begins. */
export interface Setup {
    /** False: no fabric is formed yet. */
    readonly formed: boolean;
    /** Greatest number of rows, per list, instead of the specification's. */
    readonly limits?: Partial<ServerLimits>;
    /** The first list id that is given out. */
    readonly firstListId?: number;
    /** The Administrator CAT version that the server asks for; default 1. */
    readonly requiredCatVersion?: number;
}

/** Numbers that a case may make small. */
export interface ServerLimits {
    readonly keySets: number;
    readonly groups: number;
    readonly nodes: number;
    readonly administrators: number;
    /** Of each of the flattened lists. */
    readonly rows: number;
    /** Work that may wait for one node before the server says BUSY. */
    readonly queue: number;
}

export interface InvokeAnswer {
    /** Interaction Model status. */
    readonly status: number;
    readonly clusterStatus?: number;
    /** A response payload; the cluster's own commands have none. */
    readonly response?: Fields;
}

export interface ReadAnswer {
    readonly status: number;
    readonly value?: Value;
}

/** All attributes of the cluster that the accessor may see, in one read. */
export interface Snapshot {
    readonly attributes: Fields;
    /** Of the cluster, if the target can tell. */
    readonly dataVersion?: number;
}

/** One attribute's new value, in the order of the reports. */
export interface Report {
    readonly attribute: string;
    readonly value: Value;
    readonly atMs: number;
}

/** An interaction with a member node. Cluster, attribute and command by the specification's names. */
export interface Operation {
    readonly op: "read" | "write" | "invoke";
    readonly endpoint: number;
    readonly cluster: string;
    readonly name: string;
}

/** What reached a member node from the server under test. */
export interface Traffic extends Operation {
    /** A command's fields or the written value. */
    readonly value?: Value;
    /** Interaction Model status, or the status inside the payload if that is not SUCCESS. */
    readonly status: number;
    /** The operation changes the node, or tries to. */
    readonly changes: boolean;
    /** Target's time, milliseconds. */
    readonly atMs: number;
}

/** What goes wrong with an operation that fits. */
export interface Fault {
    readonly match: Partial<Operation>;
    /** How many times; Infinity (in JSON: null) until cleared. Default 1. */
    readonly times?: number;
    readonly effect: FaultEffect;
}

export type FaultEffect =
    /** Refused with this status, without effect. */
    | { readonly type: "status"; readonly status: number }
    /** Refused inside the response payload, without effect. */
    | { readonly type: "payloadStatus"; readonly status: number }
    /** No answer: the request is lost, or carried out and its answer lost. */
    | { readonly type: "lost"; readonly executed: boolean }
    /** No CASE session can be made. */
    | { readonly type: "noSession" }
    | { readonly type: "delay"; readonly ms: number }
    /** Neither carried out nor answered until {@link Session.release}. */
    | { readonly type: "hold" }
    /** A list write is taken apart and breaks off after so many entries. */
    | { readonly type: "breakOff"; readonly entries: number; readonly status: number }
    /** As soon as it is answered, somebody else changes the node. */
    | { readonly type: "then"; readonly change: OtherChange };

/** A change by another administrator of the same fabric; `append` adds the value to the list that is there, `remove` takes equal entries out. */
export interface OtherChange {
    readonly op: "write" | "invoke";
    readonly endpoint: number;
    readonly cluster: string;
    readonly name: string;
    readonly value: Value;
    readonly mode?: "replace" | "append" | "remove";
    /** On the member's second fabric. */
    readonly otherFabric?: boolean;
}

export interface MemberSpec {
    readonly nodeId: number;
    readonly endpoints: readonly MemberEndpoint[];
    readonly limits?: Partial<MemberLimits>;
    /** Refuses bindings for clusters that the endpoint has no client of. */
    readonly bindingNeedsClient?: boolean;
    /** It is also on a fabric that the server has no part in. */
    readonly secondFabric?: boolean;
}

export interface MemberEndpoint {
    readonly endpoint: number;
    /** Has a Groups server; default true. */
    readonly groups?: boolean;
    /** Has a Binding server; default true. */
    readonly binding?: boolean;
}

export interface MemberLimits {
    readonly aclEntries: number;
    readonly subjects: number;
    readonly targets: number;
    readonly groups: number;
    /** The IPK counts. */
    readonly keySets: number;
    readonly bindings: number;
}

/** What a member node holds for the joint fabric. */
export interface MemberState {
    readonly endpoints: readonly number[];
    readonly keySets: readonly Fields[];
    readonly groupKeyMap: readonly Fields[];
    readonly groupTable: readonly Fields[];
    readonly acl: readonly Fields[];
    /** Entries with their endpoint as `onEndpoint`. */
    readonly bindings: readonly Fields[];
    /** The most requests of the server that were outstanding at one time. */
    readonly peakOutstanding: number;
    /** The same for the second fabric, if there is one, in one value to compare. */
    readonly otherFabric?: Value;
}

/** Facts about the serving node. */
export interface Identity {
    readonly nodeId: bigint;
    readonly vendorId: number;
    readonly trustedRoots: readonly Uint8Array[];
}

/** One server under test with its member nodes; made for a case, and closed after it. Methods that need a capability name it. */
export interface Session {
    invoke(command: string, fields: Fields, accessor?: Accessor): Promise<InvokeAnswer>;
    read(attribute: string, accessor?: Accessor, options?: { readonly fabricFiltered?: boolean }): Promise<ReadAnswer>;
    /** A wildcard read of the cluster. */
    readAll(accessor?: Accessor, options?: { readonly fabricFiltered?: boolean }): Promise<Snapshot>;
    /** @returns status */
    write(attribute: string, value: Value, accessor?: Accessor): Promise<number>;

    /** subscriptions: from now on, all attributes. */
    subscribe(): Promise<void>;
    /** subscriptions: what was reported since the last call. */
    reports(): Promise<readonly Report[]>;

    /** members: a node of the fabric that the server may administer; the server is not told of it. */
    addMember(spec: MemberSpec): Promise<void>;
    memberState(nodeId: number): Promise<MemberState>;
    /** traffic: everything since the member was added. */
    traffic(nodeId: number): Promise<readonly Traffic[]>;
    /** reachability: `announced` says whether the server can notice at once that it is back. */
    setReachable(nodeId: number, reachable: boolean, announced?: boolean): Promise<void>;
    addFault(nodeId: number, fault: Fault): Promise<void>;
    /** Faults are over, and what is held goes on. */
    release(nodeId: number): Promise<void>;
    otherChange(nodeId: number, change: OtherChange): Promise<number>;
    setEndpoint(nodeId: number, endpoint: number, present: boolean): Promise<void>;
    factoryReset(nodeId: number): Promise<void>;

    /** Until the server has nothing in flight and has been quiet for a while, or the time is over. Time passes. */
    settle(boundMs: number): Promise<void>;
    /** clock */
    advance(ms: number): Promise<void>;
    /** Seconds since 2000-01-01, as the server's clock shows them. */
    nowEpochS(): Promise<number>;

    restart(): Promise<void>;
    kill(): Promise<void>;
    /** crashPoints: the server ends right after its n-th durable write from now, and is started again at the next call. Commands without answer give status -1. */
    killAfterWrites(count: number): Promise<void>;
    identity(): Promise<Identity>;
    /** storageSearch, logSearch */
    finds(where: "storage" | "log", bytes: Uint8Array): Promise<boolean>;
    /** unformed */
    form(): Promise<void>;
    /** fabricRemoval */
    removeFabric(which: "joint" | "other"): Promise<void>;
    /** anchorTransfer */
    transfer(step: "request" | "complete", options: { readonly consent?: boolean; readonly accessor?: Accessor }): Promise<InvokeAnswer>;

    close(): Promise<void>;
}

/** Something that serves the cluster, and can be started anew for each case. */
export interface Target {
    readonly name: string;
    readonly capabilities: ReadonlySet<Capability>;
    /** After how long a periodic clean-up has surely looked at everything that is owed, in milliseconds of the server's time. */
    readonly cleanUpPeriodMs: number;
    open(setup: Setup): Promise<Session>;
    close(): Promise<void>;
}
