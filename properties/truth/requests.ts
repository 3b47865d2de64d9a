/** Ingredients that the clusters' sequences share. */
import * as fc from "fast-check";
import type { AttributePath, DeviceFields, DeviceRequest, DeviceValue } from "../../src/core/device.js";
import { endpointNumber } from "../../src/core/ids.js";
import type { TruthCommand } from "./truth-cluster.js";

/** The compared node's application endpoints. */
export const APPLICATION_ENDPOINTS = [1, 2] as const;
/** No compared node has it. */
const ABSENT_ENDPOINT = 9;
/** Level Control: the specification knows it, no compared node has it. */
const ABSENT_CLUSTER = 0x08;
const ABSENT_ATTRIBUTE = 0x99;
const GLOBAL_ATTRIBUTES = [0xfff8, 0xfff9, 0xfffb, 0xfffc, 0xfffd] as const;

export function path(endpoint: number, cluster: number, attribute: number): AttributePath {
    return { endpoint: endpointNumber(endpoint), cluster, attribute };
}

export function read(at: AttributePath): DeviceRequest {
    return { op: "read", ...at };
}

export function write(at: AttributePath, value: DeviceValue): DeviceRequest {
    return { op: "write", ...at, value };
}

export function invoke(endpoint: number, cluster: number, command: number, fields: DeviceFields = {}): DeviceRequest {
    return { op: "invoke", endpoint: endpointNumber(endpoint), cluster, command, fields, query: false };
}

/** A write with each kind of condition, mostly none. */
export function conditionally(cluster: string, requests: fc.Arbitrary<DeviceRequest>): fc.Arbitrary<TruthCommand> {
    const conditions = fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: fc.constant("right" as const) },
        { weight: 1, arbitrary: fc.constant("stale" as const) },
    );
    return fc.tuple(requests, conditions).map(([request, condition]) => (condition === undefined ? { cluster, request } : { cluster, request, condition }));
}

/** Reads of every attribute, the global ones, and of what is not there. */
export function anyRead(endpoint: number, cluster: number, attributes: readonly number[]): fc.Arbitrary<DeviceRequest> {
    return fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...attributes).map(attribute => read(path(endpoint, cluster, attribute))) },
        { weight: 2, arbitrary: fc.constantFrom(...GLOBAL_ATTRIBUTES).map(attribute => read(path(endpoint, cluster, attribute))) },
        {
            weight: 1,
            arbitrary: fc.constantFrom(
                read(path(endpoint, cluster, ABSENT_ATTRIBUTE)),
                read(path(endpoint, ABSENT_CLUSTER, 0)),
                read(path(ABSENT_ENDPOINT, cluster, attributes[0]!)),
            ),
        },
    );
}

/** Writes of what cannot be written: read-only attributes, the cluster revision, attributes of a cluster or an endpoint that is not there. */
export function strayWrite(endpoint: number, cluster: number, readOnly: readonly (readonly [number, DeviceValue])[]): fc.Arbitrary<DeviceRequest> {
    return fc.constantFrom(
        ...readOnly.map(([attribute, value]) => write(path(endpoint, cluster, attribute), value)),
        write(path(endpoint, cluster, 0xfffd), 1),
        write(path(endpoint, ABSENT_CLUSTER, 0x11), 1),
        write(path(ABSENT_ENDPOINT, cluster, 0xfffd), 1),
    );
}

/** Where a command can be sent wrongly: endpoints that have not got the cluster, and one that is not there. */
export function strayEndpoints(right: readonly number[]): fc.Arbitrary<number> {
    const wrong = [0, ...APPLICATION_ENDPOINTS, ABSENT_ENDPOINT].filter(endpoint => !right.includes(endpoint));
    return fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });
}

/** `before`, then a few of `commands`. */
export function sequenceOf(
    commands: fc.Arbitrary<TruthCommand>,
    before: readonly TruthCommand[] = [],
): fc.Arbitrary<readonly TruthCommand[]> {
    // The preparation can shrink away like the rest.
    const prepared = fc.oneof({ weight: 5, arbitrary: fc.subarray([...before], { minLength: before.length }) }, { weight: 1, arbitrary: fc.constant([]) });
    return fc.tuple(prepared, fc.array(commands, { minLength: 1, maxLength: SEQUENCE_MAX, size: "max" })).map(([first, rest]) => [...first, ...rest]);
}

const SEQUENCE_MAX = 16;
