import { AccessControl, BasicInformation, Binding, Descriptor, GroupKeyManagement, Groups } from "../../src/core/clusters.js";

import type { Operation } from "../target.js";
import type { WireRequest } from "./wire-request.js";

interface Named {
    readonly id: number;
    readonly attributes: Readonly<Record<string, number>>;
    readonly commands?: Readonly<Record<string, number>>;
}

/** The clusters of a member node that a datastore has to do with, by the specification's names. */
const clusters: Readonly<Record<string, Named>> = { Descriptor, BasicInformation, Groups, GroupKeyManagement, AccessControl, Binding };

/** Commands that only ask. */
const QUERIES: ReadonlySet<string> = new Set(["keySetRead", "keySetReadAllIndices", "viewGroup", "getGroupMembership"]);

/** The operation that a request is, by names. */
export function operationOf(request: WireRequest): Operation {
    const [cluster, named] = Object.entries(clusters).find(([, { id }]) => id === request.cluster) ?? [`0x${request.cluster.toString(16)}`, undefined];
    const members = request.op === "invoke" ? named?.commands : named?.attributes;
    const id = request.op === "invoke" ? request.command : request.attribute;
    const name = Object.entries(members ?? {}).find(([, number]) => number === id)?.[0] ?? `0x${id.toString(16)}`;
    return { op: request.op, endpoint: request.endpoint, cluster, name };
}

/** The operation changes the node, or tries to. */
export function changesNode({ op, name }: Operation): boolean {
    return op === "write" || (op === "invoke" && !QUERIES.has(name));
}

/** @throws RangeError for a name that there is not */
export function clusterId(name: string): number {
    return named(name).id;
}

export function attributeId(cluster: string, name: string): number {
    return numberOf(named(cluster).attributes, name);
}

export function commandId(cluster: string, name: string): number {
    return numberOf(named(cluster).commands ?? {}, name);
}

function named(name: string): Named {
    const cluster = clusters[name];
    if (cluster === undefined) {
        throw new RangeError(`there is no cluster ${name}`);
    }
    return cluster;
}

function numberOf(numbers: Readonly<Record<string, number>>, name: string): number {
    const number = numbers[name];
    if (number === undefined) {
        throw new RangeError(`there is no ${name}`);
    }
    return number;
}
