import { AccessControl, Binding, Descriptor, GroupKeyManagement, Groups } from "../core/clusters.js";
import type { DeviceFields, InvokeRequest, ReadRequest } from "../core/device.js";
import type { EndpointNumber } from "../core/ids.js";
import type { KindAnswer, Operation } from "../core/kind.js";

/** What a node says of one endpoint; null: it could not be read; undefined: the endpoint has no such cluster. */
export interface EndpointObservation {
    readonly groups: readonly number[] | null | undefined;
    readonly bindings: readonly DeviceFields[] | null | undefined;
}

/** What a refresh reads of a node (section 11.24.7.11); null: it could not be read. */
export interface Observation {
    /** Endpoints but the root. */
    readonly parts: readonly number[] | null;
    readonly endpoints: ReadonlyMap<number, EndpointObservation>;
    /** Ids of the key sets. */
    readonly keySets: readonly number[] | null;
    /** GroupKeySetStruct without keys, of those that were asked for. */
    readonly keySetFields: ReadonlyMap<number, DeviceFields>;
    readonly groupKeyMap: readonly DeviceFields[] | null;
    readonly acl: readonly DeviceFields[] | null;
}

const ROOT = 0 as EndpointNumber;
const { attributes, commands } = GroupKeyManagement;

/** @param known key sets of the datastore: of those the node has, the start times are read */
export function* observeNode(known: readonly number[], withRoot: boolean): Operation<Observation> {
    const parts = listOf<number>(yield read(ROOT, Descriptor.id, Descriptor.attributes.partsList));
    const endpoints = new Map<number, EndpointObservation>();
    for (const endpoint of [...(withRoot ? [ROOT] : []), ...(parts ?? [])]) {
        endpoints.set(endpoint, yield* observeEndpoint(endpoint as EndpointNumber));
    }
    const indices = yield query(ROOT, GroupKeyManagement.id, commands.keySetReadAllIndices, {});
    const ids = indices.kind === "response" ? indices.fields["groupKeySetIDs"] : null;
    const keySets = Array.isArray(ids) ? [...new Set(ids as number[])] : null;
    const keySetFields = new Map<number, DeviceFields>();
    for (const id of known.filter(each => keySets?.includes(each) === true)) {
        const answer = yield query(ROOT, GroupKeyManagement.id, commands.keySetRead, { groupKeySetId: id });
        if (answer.kind === "response") {
            keySetFields.set(id, answer.fields["groupKeySet"] as DeviceFields);
        }
    }
    const groupKeyMap = listOf<DeviceFields>(yield read(ROOT, GroupKeyManagement.id, attributes.groupKeyMap));
    const acl = listOf<DeviceFields>(yield read(ROOT, AccessControl.id, AccessControl.attributes.acl));
    return { parts, endpoints, keySets, keySetFields, groupKeyMap, acl };
}

function* observeEndpoint(endpoint: EndpointNumber): Operation<EndpointObservation> {
    const servers = listOf<number>(yield read(endpoint, Descriptor.id, Descriptor.attributes.serverList));
    if (servers === null) {
        return { groups: null, bindings: null };
    }
    let groups: EndpointObservation["groups"];
    if (servers.includes(Groups.id)) {
        const answer = yield query(endpoint, Groups.id, Groups.commands.getGroupMembership, { groupList: [] });
        const list = answer.kind === "response" ? answer.fields["groupList"] : null;
        groups = Array.isArray(list) ? (list as number[]) : null;
    }
    let bindings: EndpointObservation["bindings"];
    if (servers.includes(Binding.id)) {
        bindings = listOf<DeviceFields>(yield read(endpoint, Binding.id, Binding.attributes.binding));
    }
    return { groups, bindings };
}

/** Nothing that a refresh reads is missing. */
export function isWhole({ parts, endpoints, keySets, groupKeyMap, acl }: Observation): boolean {
    const isRead = [...endpoints.values()].every(({ groups, bindings }) => groups !== null && bindings !== null);
    return isRead && parts !== null && keySets !== null && groupKeyMap !== null && acl !== null;
}

function read(endpoint: EndpointNumber, cluster: number, attribute: number): ReadRequest {
    return { op: "read", endpoint, cluster, attribute };
}

function query(endpoint: EndpointNumber, cluster: number, command: number, fields: DeviceFields): InvokeRequest {
    return { op: "invoke", endpoint, cluster, command, fields, query: true };
}

function listOf<T>(answer: KindAnswer): readonly T[] | null {
    return answer.kind === "value" && Array.isArray(answer.value) ? (answer.value as readonly T[]) : null;
}
