/**
 * The cluster's layout in Matter 1.6 (core section 11.24): commands, attributes and structs with their field numbers and constraints. Names are the
 * specification's, in lower camel case. A test compares it with the model that matter.js carries.
 */

export type ScalarType = "uint8" | "uint16" | "uint32" | "uint64" | "string" | "octets";

/** One field of a struct or command, or one attribute. */
export interface Field {
    readonly id: number;
    readonly name: string;
    readonly type: ScalarType | StructType | ListType;
    readonly nullable?: boolean;
    readonly optional?: boolean;
    /** Smallest and greatest number that is allowed. */
    readonly min?: number;
    readonly max?: number;
    /** Length of an octet string: exactly. */
    readonly length?: number;
    /** Greatest length: bytes of an octet string, bytes of UTF-8 of a string, entries of a list. */
    readonly maxLength?: number;
    /** The defined values of an enumeration. */
    readonly values?: readonly number[];
    /** An epoch key: shown as a fingerprint, wherever it is shown. */
    readonly isSecret?: boolean;
}

export interface StructType {
    readonly struct: readonly Field[];
}

export interface ListType {
    readonly listOf: Field["type"];
}

export interface CommandShape {
    readonly id: number;
    readonly name: string;
    readonly fields: readonly Field[];
}

export const CLUSTER_ID = 0x0752;
/** Joint Fabric Administrator, the device type that hosts the cluster. */
export const DEVICE_TYPE = 0x0130;

/** DatastoreStateEnum (section 11.24.5.1). */
export const State = { PENDING: 0, COMMITTED: 1, DELETE_PENDING: 2, COMMIT_FAILED: 3 } as const;

/** DatastoreAccessControlEntryPrivilegeEnum (section 11.24.5.4). */
export const Privilege = { VIEW: 1, OPERATE: 3, MANAGE: 4, ADMINISTER: 5 } as const;

/** DatastoreAccessControlEntryAuthModeEnum (section 11.24.5.10). */
export const AuthMode = { PASE: 1, CASE: 2, GROUP: 3 } as const;

/** Identifiers of the CATs that the specification reserves (section 12.2). */
export const ADMINISTRATOR_CAT = 0xffff;
export const ANCHOR_CAT = 0xfffe;

/** The greatest number of rows (section 11.24.6). */
export const Limits = { keySets: 254, groups: 254, nodes: 1024, administrators: 32, rows: 8192 } as const;

const privilege = { type: "uint8", values: Object.values(Privilege) } as const;
const authMode = { type: "uint8", values: Object.values(AuthMode) } as const;
const name = { type: "string", maxLength: 32 } as const;
const icac = { type: "octets", maxLength: 400 } as const;

const STATUS_ENTRY: StructType = {
    struct: [
        { id: 0, name: "state", type: "uint8", values: Object.values(State) },
        { id: 1, name: "updateTimestamp", type: "uint32" },
        { id: 2, name: "failureCode", type: "uint8" },
    ],
};

const TARGET: StructType = {
    struct: [
        { id: 0, name: "cluster", type: "uint32", nullable: true },
        { id: 1, name: "endpoint", type: "uint16", nullable: true },
        { id: 2, name: "deviceType", type: "uint32", nullable: true },
    ],
};

const ACL_ENTRY: StructType = {
    struct: [
        { id: 1, name: "privilege", ...privilege },
        { id: 2, name: "authMode", ...authMode },
        { id: 3, name: "subjects", type: { listOf: "uint64" }, nullable: true },
        { id: 4, name: "targets", type: { listOf: TARGET }, nullable: true },
    ],
};

const BINDING_TARGET: StructType = {
    struct: [
        { id: 1, name: "node", type: "uint64", optional: true },
        { id: 2, name: "group", type: "uint16", optional: true, min: 1 },
        { id: 3, name: "endpoint", type: "uint16", optional: true },
        { id: 4, name: "cluster", type: "uint32", optional: true },
    ],
};

const EPOCH_KEYS: readonly Field[] = [0, 1, 2].flatMap((slot): Field[] => [
    { id: 2 + 2 * slot, name: `epochKey${slot}`, type: "octets", nullable: true, length: 16, isSecret: true },
    { id: 3 + 2 * slot, name: `epochStartTime${slot}`, type: "uint64", nullable: true },
]);

const GROUP_KEY_SET: StructType = {
    struct: [
        { id: 0, name: "groupKeySetId", type: "uint16" },
        { id: 1, name: "groupKeySecurityPolicy", type: "uint8", values: [0] },
        ...EPOCH_KEYS,
        // Disallowed in 1.6, and tolerated on input.
        { id: 8, name: "groupKeyMulticastPolicy", type: "uint8", optional: true },
    ],
};

const GROUP_CAT: readonly Field[] = [
    { id: 3, name: "groupCat", type: "uint16", nullable: true },
    { id: 4, name: "groupCatVersion", type: "uint16", nullable: true, min: 1, max: 65534 },
];
const GROUP_KEY_SET_ID: Field = { id: 2, name: "groupKeySetId", type: "uint16", nullable: true, min: 1, max: 65534 };

const nodeId = (id: number): Field => ({ id, name: "nodeId", type: "uint64" });
const endpointId = (id: number): Field => ({ id, name: "endpointId", type: "uint16" });
const groupId = (id: number): Field => ({ id, name: "groupId", type: "uint16" });
const listId = (id: number): Field => ({ id, name: "listId", type: "uint16" });
const status = (id: number, field = "statusEntry"): Field => ({ id, name: field, type: STATUS_ENTRY });
const friendlyName = (id: number): Field => ({ id, name: "friendlyName", ...name });

/** What a client may ask for (section 11.24.7), by command id. */
export const commands: readonly CommandShape[] = [
    { id: 0x00, name: "addKeySet", fields: [{ id: 0, name: "groupKeySet", type: GROUP_KEY_SET }] },
    { id: 0x01, name: "updateKeySet", fields: [{ id: 0, name: "groupKeySet", type: GROUP_KEY_SET }] },
    { id: 0x02, name: "removeKeySet", fields: [{ id: 0, name: "groupKeySetId", type: "uint16" }] },
    {
        id: 0x03,
        name: "addGroup",
        fields: [groupId(0), friendlyName(1), GROUP_KEY_SET_ID, ...GROUP_CAT, { id: 5, name: "groupPermission", ...privilege }],
    },
    {
        id: 0x04,
        name: "updateGroup",
        fields: [
            groupId(0),
            { ...friendlyName(1), nullable: true },
            GROUP_KEY_SET_ID,
            ...GROUP_CAT,
            { id: 5, name: "groupPermission", ...privilege, nullable: true },
        ],
    },
    { id: 0x05, name: "removeGroup", fields: [groupId(0)] },
    {
        id: 0x06,
        name: "addAdmin",
        fields: [nodeId(0), friendlyName(1), { id: 2, name: "vendorId", type: "uint16" }, { id: 3, name: "icac", ...icac }],
    },
    {
        id: 0x07,
        name: "updateAdmin",
        fields: [nodeId(0), { ...friendlyName(1), optional: true }, { id: 2, name: "icac", ...icac, optional: true }],
    },
    { id: 0x08, name: "removeAdmin", fields: [nodeId(0)] },
    { id: 0x09, name: "addPendingNode", fields: [nodeId(0), friendlyName(1)] },
    { id: 0x0a, name: "refreshNode", fields: [nodeId(0)] },
    { id: 0x0b, name: "updateNode", fields: [nodeId(0), friendlyName(1)] },
    { id: 0x0c, name: "removeNode", fields: [nodeId(0)] },
    { id: 0x0d, name: "updateEndpointForNode", fields: [endpointId(0), nodeId(1), friendlyName(2)] },
    { id: 0x0e, name: "addGroupIdToEndpointForNode", fields: [nodeId(0), endpointId(1), groupId(2)] },
    { id: 0x0f, name: "removeGroupIdFromEndpointForNode", fields: [nodeId(0), endpointId(1), groupId(2)] },
    { id: 0x10, name: "addBindingToEndpointForNode", fields: [nodeId(0), endpointId(1), { id: 2, name: "binding", type: BINDING_TARGET }] },
    { id: 0x11, name: "removeBindingFromEndpointForNode", fields: [listId(0), endpointId(1), nodeId(2)] },
    { id: 0x12, name: "addAclToNode", fields: [nodeId(0), { id: 1, name: "aclEntry", type: ACL_ENTRY }] },
    { id: 0x13, name: "removeAclFromNode", fields: [listId(0), nodeId(1)] },
];

const list = (struct: readonly Field[]): ListType => ({ listOf: { struct } });

/** What a client may read (section 11.24.6), by attribute id. */
export const attributes: readonly Field[] = [
    { id: 0x0, name: "anchorRootCa", type: "octets", maxLength: 400 },
    { id: 0x1, name: "anchorNodeId", type: "uint64" },
    { id: 0x2, name: "anchorVendorId", type: "uint16" },
    { id: 0x3, name: "friendlyName", ...name },
    { id: 0x4, name: "groupKeySetList", type: list(GROUP_KEY_SET.struct), maxLength: Limits.keySets },
    {
        id: 0x5,
        name: "groupList",
        type: list([
            { id: 0, name: "groupId", type: "uint64" },
            friendlyName(1),
            GROUP_KEY_SET_ID,
            ...GROUP_CAT,
            { id: 5, name: "groupPermission", ...privilege },
        ]),
        maxLength: Limits.groups,
    },
    { id: 0x6, name: "nodeList", type: list([nodeId(0), friendlyName(1), status(2, "commissioningStatusEntry")]), maxLength: Limits.nodes },
    {
        id: 0x7,
        name: "adminList",
        type: list([nodeId(0), friendlyName(1), { id: 2, name: "vendorId", type: "uint16" }, { id: 3, name: "icac", ...icac }]),
        maxLength: Limits.administrators,
    },
    { id: 0x8, name: "status", type: STATUS_ENTRY },
    { id: 0x9, name: "endpointGroupIdList", type: list([nodeId(0), endpointId(1), groupId(2), status(3)]), maxLength: Limits.rows },
    {
        id: 0xa,
        name: "endpointBindingList",
        type: list([nodeId(0), endpointId(1), listId(2), { id: 3, name: "binding", type: BINDING_TARGET }, status(4)]),
        maxLength: Limits.rows,
    },
    {
        id: 0xb,
        name: "nodeKeySetList",
        type: list([nodeId(0), { id: 1, name: "groupKeySetId", type: "uint16" }, status(2)]),
        maxLength: Limits.rows,
    },
    { id: 0xc, name: "nodeAclList", type: list([nodeId(0), listId(1), { id: 2, name: "aclEntry", type: ACL_ENTRY }, status(3)]), maxLength: Limits.rows },
    { id: 0xd, name: "nodeEndpointList", type: list([endpointId(0), nodeId(1), friendlyName(2)]), maxLength: Limits.rows },
];

export const commandNames: readonly string[] = commands.map(command => command.name);
export const attributeNames: readonly string[] = attributes.map(attribute => attribute.name);

/** A CAT as a subject of an access control entry (section 6.6.2.1.2). */
export function catSubject(identifier: number, version: number): bigint {
    return (0xffff_fffdn << 32n) | (BigInt(identifier) << 16n) | BigInt(version);
}

/** The least node id that stands for no operational node (section 2.5.5). */
export const LAST_OPERATIONAL_NODE_ID = 0xffff_ffef_ffff_ffffn;
