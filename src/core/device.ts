import type { EndpointNumber } from "./ids.js";
import type { KeyMaterial } from "./key-material.js";
import type { StatusCode } from "./status.js";

/**
 * What the machine asks of one node, and what comes back. This is the whole of the Interaction Model that a kind can use; a
 * transport translates it for its stack, a device model plays the other side.
 */
export type DeviceRequest = ReadRequest | WriteRequest | InvokeRequest;

/** Read one attribute, fabric-filtered, from the device itself: a cached value is no answer. */
export interface ReadRequest {
    readonly op: "read";
    readonly endpoint: EndpointNumber;
    readonly cluster: number;
    readonly attribute: number;
}

/**
 * Write one attribute. A list is sent as one "replace all" in one message if it fits (never "replace with empty, then append" for a
 * conditional write: the first chunk would invalidate the data version of the others).
 */
export interface WriteRequest {
    readonly op: "write";
    readonly endpoint: EndpointNumber;
    readonly cluster: number;
    readonly attribute: number;
    readonly value: DeviceValue;
    /** Conditional write: the cluster instance's data version that the value was computed from. */
    readonly dataVersion?: number;
}

/** Invoke one command. Fields carry the specification's names in lower camel case; absent and null are different. */
export interface InvokeRequest {
    readonly op: "invoke";
    readonly endpoint: EndpointNumber;
    readonly cluster: number;
    readonly command: number;
    readonly fields: DeviceFields;
    /** The command only asks (KeySetRead, GetGroupMembership, ...): it changes nothing and needs no durable intent. */
    readonly query: boolean;
}

/** `epoch-us` values are bigint in the wire unit; octet strings that are no secrets are `Uint8Array`. */
export type DeviceValue =
    | number
    | bigint
    | boolean
    | string
    | null
    | Uint8Array
    | KeyMaterial
    | readonly DeviceValue[]
    | DeviceFields;

/** Fields of a struct or of a command, by their names in the specification, in lower camel case. */
export interface DeviceFields {
    readonly [name: string]: DeviceValue;
}

/** Every request is answered once, with exactly one of these. */
export type DeviceAnswer = ValueAnswer | StatusAnswer | ResponseAnswer | NotSentAnswer | UnknownAnswer;

/** A read's value. `fabricIndex` fields are left out. */
export interface ValueAnswer {
    readonly kind: "value";
    readonly value: DeviceValue;
    /** Data version of the cluster instance (section 7.10.3), 32 bit. */
    readonly dataVersion: number;
}

/** The device answered with a status: a write's result, a command without response payload, or any error. */
export interface StatusAnswer {
    readonly kind: "status";
    readonly status: StatusCode;
    readonly clusterStatus?: number;
}

/** A command's response payload. Some clusters (Groups) report failure *inside* it, as `status`. */
export interface ResponseAnswer {
    readonly kind: "response";
    readonly fields: DeviceFields;
}

/** The request surely never left: no session, or refused by the transport at once. */
export interface NotSentAnswer {
    readonly kind: "notSent";
    readonly reason: string;
}

/** Sent (or perhaps sent) and unanswered: it may have taken effect, or may still. */
export interface UnknownAnswer {
    readonly kind: "unknown";
    readonly reason: string;
}

export function samePath(one: AttributePath, other: AttributePath): boolean {
    return one.endpoint === other.endpoint && one.cluster === other.cluster && one.attribute === other.attribute;
}

/** An attribute's place on a node. */
export interface AttributePath {
    readonly endpoint: EndpointNumber;
    readonly cluster: number;
    readonly attribute: number;
}
