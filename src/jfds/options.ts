import { Status, type StatusCode } from "../core/status.js";

/** What to do where the specification is silent or contradicts itself; each with the default of the conformance profile. */
export interface DatastorePolicies {
    /** Status for a node, endpoint or entry that a command names and that is not there. Earlier releases of connectedhomeip have CONSTRAINT_ERROR. */
    readonly unknownTarget: "NOT_FOUND" | "CONSTRAINT_ERROR";
    /** Status for the removal of what is not there, when its node and endpoint are. */
    readonly idempotentRemove: "SUCCESS" | "NOT_FOUND";
    /** UpdateGroup on the groups of the Administrator CAT and the Anchor CAT: refused, or everything but the CAT can be changed. */
    readonly adminGroupUpdate: "refuseAll" | "allowNonCat";
    /** Group CATs that can be used. */
    readonly catRange: "1-0xFFFD" | "1-0xEFFF";
    /** Whether NodeEndpointList has a row for endpoint 0, which no PartsList names. Only `required` makes one. */
    readonly ep0Row: "allowed" | "forbidden" | "required";
    /** What keeps a key set from being removed: nodes that have it, or also groups that name it. */
    readonly keySetGuard: "nodesOnly" | "nodesAndGroups";
    /** Whether NodeKeySetList has rows for the IPK; only with one does a changed IPK reach the node. */
    readonly ipkRow: "allowed" | "required" | "forbidden";
    /** Failure codes that are not worth a retry: a refresh drops what failed with one. All others are recoverable. */
    readonly unrecoverable: readonly StatusCode[];
}

export const defaultPolicies: DatastorePolicies = {
    unknownTarget: "NOT_FOUND",
    idempotentRemove: "SUCCESS",
    adminGroupUpdate: "refuseAll",
    catRange: "1-0xFFFD",
    ep0Row: "allowed",
    keySetGuard: "nodesOnly",
    ipkRow: "allowed",
    unrecoverable: [Status.RESOURCE_EXHAUSTED, Status.CONSTRAINT_ERROR],
};

/** Most entries of each list (section 11.24.6), and other bounds. */
export interface DatastoreLimits {
    readonly groupKeySets: number;
    readonly groups: number;
    readonly nodes: number;
    readonly admins: number;
    readonly endpointGroupIds: number;
    readonly endpointBindings: number;
    readonly nodeKeySets: number;
    readonly nodeAcls: number;
    readonly nodeEndpoints: number;
    /** Changes that a node may owe: a command that would make it more is answered with BUSY. */
    readonly owedPerNode: number;
    /** Elements of the lists of an access control entry; the node may take fewer. */
    readonly subjectsPerEntry: number;
    readonly targetsPerEntry: number;
}

/** The maxima of the specification. */
export const defaultLimits: DatastoreLimits = {
    groupKeySets: 254,
    groups: 254,
    nodes: 1024,
    admins: 32,
    endpointGroupIds: 8192,
    endpointBindings: 8192,
    nodeKeySets: 8192,
    nodeAcls: 8192,
    nodeEndpoints: 8192,
    owedPerNode: 64,
    subjectsPerEntry: 64,
    targetsPerEntry: 64,
};

/** How a datastore behaves; everything has a default. */
export interface DatastoreOptions {
    readonly policies?: Partial<DatastorePolicies>;
    readonly limits?: Partial<DatastoreLimits>;
    /** A transfer to another Anchor that is not completed by then is given up, in ms. Default 10 minutes. */
    readonly transferTimeoutMs?: number;
}

/** Options with all defaults filled in. */
export interface DatastoreSettings {
    readonly policies: DatastorePolicies;
    readonly limits: DatastoreLimits;
    readonly transferTimeoutMs: number;
}

export function settingsOf({ policies, limits, transferTimeoutMs }: DatastoreOptions): DatastoreSettings {
    return {
        policies: { ...defaultPolicies, ...policies },
        limits: { ...defaultLimits, ...limits },
        transferTimeoutMs: transferTimeoutMs ?? 10 * 60_000,
    };
}
