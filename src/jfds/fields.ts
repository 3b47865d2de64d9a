import type { AccessControlTarget } from "../kinds/access-control-entry.js";
import type { NodeId } from "../core/ids.js";
import { Status, type StatusCode } from "../core/status.js";

/** Checks what comes from a client: INVALID_COMMAND for what is missing or of a wrong type, CONSTRAINT_ERROR for a value that is not allowed. */
export type FieldCheck = (value: unknown) => StatusCode;

/** Longest FriendlyName in bytes of UTF-8. */
const NAME_BYTES = 32;
const ICAC_BYTES = 400;
const KEY_BYTES = 16;
/** CASE authenticated tags that no other group may have (section 6.6.2.1.2). */
export const ADMINISTRATOR_CAT = 0xffff;
export const ANCHOR_CAT = 0xfffe;

function check(isOfType: (value: unknown) => boolean, isAllowed: (value: never) => boolean): FieldCheck {
    return value => (!isOfType(value) ? Status.INVALID_COMMAND : isAllowed(value as never) ? Status.SUCCESS : Status.CONSTRAINT_ERROR);
}

const isInteger = (value: unknown) => Number.isInteger(value);
const isBytes = (value: unknown) => value instanceof Uint8Array;
const integer = (min: number, max: number) => check(isInteger, (value: number) => value >= min && value <= max);
const oneOf = (...values: number[]) => check(isInteger, (value: number) => values.includes(value));
const orNull = (inner: FieldCheck): FieldCheck => value => (value === null ? Status.SUCCESS : inner(value));
const optional = (inner: FieldCheck): FieldCheck => value => (value === undefined ? Status.SUCCESS : inner(value));
/** Absent and null are the same. */
const nullable = (inner: FieldCheck): FieldCheck => value => (value == null ? Status.SUCCESS : inner(value));
const bytes = (min: number, max: number) => check(isBytes, (value: Uint8Array) => value.length >= min && value.length <= max);

function list(inner: FieldCheck): FieldCheck {
    return value => (Array.isArray(value) ? firstFailure(value.map(inner)) : Status.INVALID_COMMAND);
}

/** Fields that are not named are tolerated. */
function struct(fields: { readonly [name: string]: FieldCheck }): FieldCheck {
    const checks = Object.entries(fields);
    return value => {
        if (typeof value !== "object" || value === null || Array.isArray(value)) {
            return Status.INVALID_COMMAND;
        }
        return firstFailure(checks.map(([name, inner]) => inner((value as { readonly [name: string]: unknown })[name])));
    };
}

/** A malformed field says more than one that is out of range. */
function firstFailure(statuses: readonly StatusCode[]): StatusCode {
    return statuses.find(status => status === Status.INVALID_COMMAND) ?? statuses.find(status => status !== Status.SUCCESS) ?? Status.SUCCESS;
}

/** Length of the text in bytes of UTF-8. */
export function utf8Length(text: string): number {
    let length = 0;
    for (const character of text) {
        length += bytesOf(character);
    }
    return length;
}

/** The longest beginning of the text that has at most so many bytes of UTF-8. */
export function cutUtf8(text: string, maxBytes: number): string {
    let length = 0;
    let cut = "";
    for (const character of text) {
        length += bytesOf(character);
        if (length > maxBytes) {
            break;
        }
        cut += character;
    }
    return cut;
}

function bytesOf(character: string): number {
    const code = character.codePointAt(0)!;
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
}

const name = check(value => typeof value === "string", (value: string) => utf8Length(value) <= NAME_BYTES);
const icac = bytes(0, ICAC_BYTES);
const anyNode = check(value => typeof value === "bigint", (value: bigint) => value >= 0n && value < 1n << 64n);
const operationalNode = check(value => typeof value === "bigint", isOperationalNode);
const endpoint = integer(0, 0xfffe);
const group = integer(0, 0xffff);
const applicationGroup = integer(1, 0xfeff);
const uint16 = integer(0, 0xffff);
const uint32 = integer(0, 0xffff_ffff);
const vendor = integer(0, 0xffff);
const epochUs = check(value => typeof value === "bigint", (value: bigint) => value >= 0n && value < 1n << 64n);
/** View, Operate, Manage, Administer. */
const privilege = oneOf(1, 3, 4, 5);
/** PASE, CASE, Group: the first is refused with the rules of the whole entry. */
const authMode = oneOf(1, 2, 3);
const groupKeySetId = orNull(integer(1, 0xfffe));
const cat = orNull(integer(1, 0xfffd));
const catVersion = orNull(integer(1, 0xfffe));
const octets16 = nullable(bytes(KEY_BYTES, KEY_BYTES));

/** Only TrustFirst is defined; GroupKeyMulticastPolicy is tolerated and not kept. */
const groupKeySet = struct({
    groupKeySetId: uint16,
    groupKeySecurityPolicy: oneOf(0),
    epochKey0: octets16,
    epochStartTime0: nullable(epochUs),
    epochKey1: octets16,
    epochStartTime1: nullable(epochUs),
    epochKey2: octets16,
    epochStartTime2: nullable(epochUs),
});

const bindingTarget = struct({ node: nullable(operationalNode), group: nullable(integer(1, 0xffff)), endpoint: nullable(endpoint), cluster: nullable(uint32) });

const aclTarget = struct({ cluster: nullable(uint32), endpoint: nullable(endpoint), deviceType: nullable(uint32) });
const aclEntry = struct({
    privilege,
    authMode,
    subjects: nullable(list(check(value => typeof value === "bigint", () => true))),
    targets: nullable(list(aclTarget)),
});

const nodeEndpoint = { nodeId: anyNode, endpointId: endpoint };

/** The fields of every command (section 11.24.7). */
export const commandFields = {
    addKeySet: struct({ groupKeySet }),
    updateKeySet: struct({ groupKeySet }),
    removeKeySet: struct({ groupKeySetId: uint16 }),
    addGroup: struct({ groupId: applicationGroup, friendlyName: name, groupKeySetId, groupCat: cat, groupCatVersion: catVersion, groupPermission: privilege }),
    updateGroup: struct({
        groupId: group,
        friendlyName: orNull(name),
        groupKeySetId,
        groupCat: cat,
        groupCatVersion: catVersion,
        groupPermission: orNull(privilege),
    }),
    removeGroup: struct({ groupId: group }),
    addAdmin: struct({ nodeId: operationalNode, friendlyName: name, vendorId: vendor, icac }),
    updateAdmin: struct({ nodeId: anyNode, friendlyName: optional(name), icac: optional(icac) }),
    removeAdmin: struct({ nodeId: anyNode }),
    addPendingNode: struct({ nodeId: operationalNode, friendlyName: name }),
    refreshNode: struct({ nodeId: anyNode }),
    updateNode: struct({ nodeId: anyNode, friendlyName: name }),
    removeNode: struct({ nodeId: anyNode }),
    updateEndpointForNode: struct({ ...nodeEndpoint, friendlyName: name }),
    addGroupIdToEndpointForNode: struct({ ...nodeEndpoint, groupId: group }),
    removeGroupIdFromEndpointForNode: struct({ ...nodeEndpoint, groupId: group }),
    addBindingToEndpointForNode: struct({ ...nodeEndpoint, binding: bindingTarget }),
    removeBindingFromEndpointForNode: struct({ ...nodeEndpoint, listId: uint16 }),
    addAclToNode: struct({ nodeId: anyNode, aclEntry }),
    removeAclFromNode: struct({ nodeId: anyNode, listId: uint16 }),
} as const;

/** A command of cluster 0x0752 in lower camel case. */
export type CommandName = keyof typeof commandFields;

/** What a new fabric begins with. */
export const formationFields = struct({
    anchorRootCa: bytes(1, 400),
    anchorNodeId: operationalNode,
    anchorVendorId: vendor,
    friendlyName: name,
    anchorName: name,
    icac,
    ipk: list(struct({ startTime: epochUs, key: bytes(KEY_BYTES, KEY_BYTES) })),
    administratorGroup: struct({ groupId: applicationGroup, friendlyName: name }),
    anchorGroup: struct({ groupId: applicationGroup, friendlyName: name }),
});

export function isOperationalNode(value: bigint): boolean {
    return value >= 1n && value <= 0xffff_ffef_ffff_ffffn;
}

/** The fields of each command, as its check lets them through. */
export interface KeySetFields {
    readonly groupKeySetId: number;
    readonly groupKeySecurityPolicy: 0;
    readonly epochKey0?: Uint8Array | null;
    readonly epochStartTime0?: bigint | null;
    readonly epochKey1?: Uint8Array | null;
    readonly epochStartTime1?: bigint | null;
    readonly epochKey2?: Uint8Array | null;
    readonly epochStartTime2?: bigint | null;
}

export interface GroupUpdateFields {
    readonly groupId: number;
    readonly friendlyName: string | null;
    readonly groupKeySetId: number | null;
    readonly groupCat: number | null;
    readonly groupCatVersion: number | null;
    readonly groupPermission: number | null;
}

export interface GroupFields extends GroupUpdateFields {
    readonly friendlyName: string;
    readonly groupPermission: number;
}

export interface AdminFields {
    readonly nodeId: NodeId;
    readonly friendlyName: string;
    readonly vendorId: number;
    readonly icac: Uint8Array;
}

export interface NodeFields {
    readonly nodeId: NodeId;
    readonly friendlyName: string;
}

export interface EndpointFields {
    readonly nodeId: NodeId;
    readonly endpointId: number;
}

export interface BindingFields extends EndpointFields {
    readonly binding: { readonly node?: bigint | null; readonly group?: number | null; readonly endpoint?: number | null; readonly cluster?: number | null };
}

export interface AclFields {
    readonly nodeId: NodeId;
    readonly aclEntry: {
        readonly privilege: number;
        readonly authMode: number;
        readonly subjects?: readonly bigint[] | null;
        readonly targets?: readonly Partial<AccessControlTarget>[] | null;
    };
}
