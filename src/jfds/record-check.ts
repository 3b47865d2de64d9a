import type { JfdsRecord } from "./records.js";

type Check = (value: unknown) => boolean;

const number: Check = value => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const time: Check = value => typeof value === "number" && Number.isFinite(value);
const text: Check = value => typeof value === "string";
const bytes: Check = value => value instanceof Uint8Array;
const node: Check = value => typeof value === "bigint" && value > 0n && value < 1n << 64n;
const orNull = (check: Check): Check => value => value === null || check(value);
const list = (check: Check): Check => value => Array.isArray(value) && value.every(check);
const oneOf = (...values: unknown[]): Check => value => values.includes(value);
const key: Check = list(part => typeof part === "string" || (typeof part === "number" && Number.isFinite(part)));

const ofNode = { nodeId: node };
const ofKeySet = { nodeId: node, keySetId: number, changedAtMs: time };

const checks: { readonly [T in JfdsRecord["type"]]: { readonly [field: string]: Check } } = {
    fabric: {
        anchorRootCa: bytes,
        anchorNodeId: node,
        anchorVendorId: number,
        friendlyName: text,
        state: oneOf("committed", "deletePending"),
        changedAtMs: time,
        transferUntilMs: orNull(time),
    },
    listIds: { binding: number, acl: number },
    group: {
        groupId: number,
        friendlyName: text,
        groupKeySetId: orNull(number),
        groupCat: orNull(number),
        groupCatVersion: orNull(number),
        groupPermission: number,
    },
    admin: { ...ofNode, friendlyName: text, vendorId: number, icac: bytes },
    keySet: { keySetId: number, revision: number },
    node: {
        ...ofNode,
        friendlyName: text,
        state: oneOf("pending", "committed", "commitFailed"),
        failureCode: number,
        changedAtMs: time,
        refresh: oneOf("none", "observe", "settle"),
    },
    endpoint: { ...ofNode, endpointId: number, friendlyName: text },
    entry: { ...ofNode, list: oneOf("binding", "acl"), listId: number, key },
    held: { ...ofNode, endpointId: number, groupId: number, changedAtMs: time },
    heldKey: ofKeySet,
    leavingKey: { ...ofKeySet, groups: list(number) },
    foreignKey: ofKeySet,
    superseded: { ...ofNode, key, by: list(key) },
};

/** Checks a stored record before it is used. @returns null, or what is wrong with it; never a value. */
export function checkRecord(record: object): string | null {
    const fields = record as { readonly [name: string]: unknown };
    const type = fields["type"];
    const wanted = typeof type === "string" && Object.hasOwn(checks, type) ? checks[type as JfdsRecord["type"]] : undefined;
    if (wanted === undefined) {
        return 'field "type" names no record of the datastore';
    }
    const wrong = Object.entries(wanted).find(([name, check]) => !check(fields[name]));
    return wrong === undefined ? null : `field "${wrong[0]}" is malformed`;
}
