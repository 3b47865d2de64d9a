/** Branded identifiers. All numbers are the ones of the wire; nothing here is derived from matter.js. */

declare const brand: unique symbol;
/** A value of one meaning: not to be mixed up with others of the same type. */
export type Branded<T, B extends string> = T & { readonly [brand]: B };

/** Operational node id, 64 bit (Matter core specification, section 2.5.5). */
export type NodeId = Branded<bigint, "NodeId">;
/** Endpoint number, 0 to 0xFFFE (section 7.4.2). */
export type EndpointNumber = Branded<number, "EndpointNumber">;
/** Group id; application groups are 0x0001 to 0xFEFF (section 2.5.4). */
export type GroupId = Branded<number, "GroupId">;
/** Group key set id; 0 is the IPK (section 11.2.5.4). */
export type KeySetId = Branded<number, "KeySetId">;
/**
 * `epoch-us` as on the wire: microseconds since 2000-01-01T00:00:00Z, 64 bit (section 7.19.2.4).
 * matter.js counts from 1970 in its API; only `src/matter` converts.
 */
export type EpochUs = Branded<bigint, "EpochUs">;

/** The largest operational node id (section 2.5.5.1). */
const MAX_OPERATIONAL_NODE_ID = 0xffff_ffef_ffff_ffffn;

/** A node id from a bigint. @throws RangeError when it is not an operational node id. */
export function nodeId(value: bigint): NodeId {
    if (typeof value !== "bigint" || value < 1n || value > MAX_OPERATIONAL_NODE_ID) {
        throw new RangeError(`node id ${value} is not an operational node id (1 to 0xFFFFFFEFFFFFFFFF)`);
    }
    return value as NodeId;
}

/** An endpoint number from a number. @throws RangeError outside 0 to 0xFFFE. */
export function endpointNumber(value: number): EndpointNumber {
    return requireInteger("endpoint number", value, 0, 0xfffe) as EndpointNumber;
}

/** The id of an application group from a number. @throws RangeError outside 1 to 0xFEFF. */
export function groupId(value: number): GroupId {
    return requireInteger("group id", value, 1, 0xfeff) as GroupId;
}

/** A group key set id from a number; 0 is the IPK. @throws RangeError outside 0 to 0xFFFF. */
export function keySetId(value: number): KeySetId {
    return requireInteger("group key set id", value, 0, 0xffff) as KeySetId;
}

function requireInteger(what: string, value: number, min: number, max: number): number {
    if (!Number.isInteger(value) || value < min || value > max) {
        throw new RangeError(`${what} ${value} is not an integer from ${min} to ${max}`);
    }
    return value;
}
