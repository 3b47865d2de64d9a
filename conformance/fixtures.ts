import { COMMITTED, type Bed } from "./bed.js";
import { AuthMode, catSubject, Privilege } from "./specification.js";
import type { Capability, MemberSpec } from "./target.js";
import type { Fields } from "./values.js";

/** Member nodes. */
export const N1 = 0x11;
export const N2 = 0x12;
/** A node that nobody brings. */
export const NOBODY = 0x99;

/** Key sets and groups. */
export const K1 = 0x000b;
export const K2 = 0x000c;
export const G1 = 0x0101;
export const G2 = 0x0102;
export const G3 = 0x0103;

/**
 * Where cases start from. F0: the fabric is formed. F1: and N1, with endpoints 1 and 2, is refreshed and committed. F2: and N2 likewise. FK: F1 with key sets
 * K1, K2, groups G1 (K1, CAT 1 version 1, Operate), G2 (K1) and G3 (K2). FK2: the same with N2. FM: FK with G1 on N1's endpoint 1. FM2: FK2 with G1 on endpoint 1 of
 * both. FA: F1 with an access control entry on N1. FB: F1 with a binding on N1's endpoint 1. none: not even a fabric.
 */
export type FixtureName = "none" | "F0" | "F1" | "F2" | "FK" | "FK2" | "FM" | "FM2" | "FA" | "FB";

/** What a fixture needs of the target. */
export function needsOf(fixture: FixtureName): readonly Capability[] {
    return fixture === "none" ? ["unformed"] : fixture === "F0" ? [] : ["members", "traffic"];
}

/** 16 bytes that are found again wherever they leak to. */
export function epochKey(seed: number, length = 16): Uint8Array {
    return Uint8Array.from({ length }, (_, at) => (0xc0 ^ (seed * 29 + at * 7)) & 0xff);
}

/** A DatastoreGroupKeySetStruct with so many slots in use. */
export function keySet(groupKeySetId: number, seed = groupKeySetId, slots = 1): Fields {
    const fields: Record<string, Fields[string]> = { groupKeySetId, groupKeySecurityPolicy: 0 };
    for (let slot = 0; slot < 3; slot++) {
        fields[`epochKey${slot}`] = slot < slots ? epochKey(seed + slot * 64) : null;
        fields[`epochStartTime${slot}`] = slot < slots ? BigInt(1000 * seed + slot + 1) : null;
    }
    return fields;
}

export function group(groupId: number, changes: Fields = {}): Fields {
    return {
        groupId,
        friendlyName: `group ${groupId}`,
        groupKeySetId: null,
        groupCat: null,
        groupCatVersion: null,
        groupPermission: Privilege.OPERATE,
        ...changes,
    };
}

/** An UpdateGroup that leaves everything as it is but what is given. */
export function groupChange(groupId: number, changes: Fields): Fields {
    return { groupId, friendlyName: null, groupKeySetId: null, groupCat: null, groupCatVersion: null, groupPermission: null, ...changes };
}

/** An access control entry for a single subject, whole node. */
export function aclEntry(subjects: readonly bigint[] | null, changes: Fields = {}): Fields {
    return { privilege: Privilege.OPERATE, authMode: AuthMode.CASE, subjects, targets: null, ...changes };
}

/** The entries of the fixtures FA and FB. */
export const fixtureAcl = aclEntry([7n]);
export const fixtureBinding: Fields = { node: 7n, endpoint: 1, cluster: 6 };
export const secondBinding: Fields = { node: 8n, endpoint: 1, cluster: 6 };

/** The CAT of G1. */
export const CAT1 = catSubject(1, 1);

export function member(nodeId: number, changes: Partial<MemberSpec> = {}): MemberSpec {
    return { nodeId, endpoints: [{ endpoint: 1 }, { endpoint: 2 }], ...changes };
}

/** Commissioned, told to the datastore, refreshed and committed. */
export async function join(bed: Bed, spec: MemberSpec): Promise<void> {
    await bed.addMember(spec);
    await bed.ok("addPendingNode", { nodeId: BigInt(spec.nodeId), friendlyName: `node ${spec.nodeId}` });
    await refresh(bed, spec.nodeId);
    await bed.expectRow("nodeList", { nodeId: spec.nodeId }, COMMITTED);
}

export async function refresh(bed: Bed, nodeId: number): Promise<void> {
    await bed.ok("refreshNode", { nodeId: BigInt(nodeId) });
    await bed.settle();
}

export async function addGroups(bed: Bed): Promise<void> {
    await bed.ok("addKeySet", { groupKeySet: keySet(K1) });
    await bed.ok("addKeySet", { groupKeySet: keySet(K2) });
    await bed.ok("addGroup", group(G1, { groupKeySetId: K1, groupCat: 1, groupCatVersion: 1 }));
    await bed.ok("addGroup", group(G2, { groupKeySetId: K1 }));
    await bed.ok("addGroup", group(G3, { groupKeySetId: K2 }));
}

export function membership(nodeId: number, endpointId = 1, groupId = G1): Fields {
    return { nodeId: BigInt(nodeId), endpointId, groupId };
}

export async function addToGroup(bed: Bed, nodeId: number, endpointId = 1, groupId = G1): Promise<void> {
    await bed.ok("addGroupIdToEndpointForNode", membership(nodeId, endpointId, groupId));
    await bed.settle();
    await bed.expectRow("endpointGroupIdList", membership(nodeId, endpointId, groupId), COMMITTED);
}

/** An entry of N1's access control list, committed; its ListID. */
export async function addAcl(bed: Bed, nodeId: number, entry: Fields): Promise<number> {
    await bed.ok("addAclToNode", { nodeId: BigInt(nodeId), aclEntry: entry });
    await bed.settle();
    const row = await bed.expectRow("nodeAclList", { nodeId, aclEntry: entry }, COMMITTED);
    return row["listId"] as number;
}

export async function addBinding(bed: Bed, nodeId: number, endpointId: number, binding: Fields): Promise<number> {
    await bed.ok("addBindingToEndpointForNode", { nodeId: BigInt(nodeId), endpointId, binding });
    await bed.settle();
    const row = await bed.expectRow("endpointBindingList", { nodeId, endpointId, binding }, COMMITTED);
    return row["listId"] as number;
}

/** Brings a fresh session to where the case starts. */
export async function establish(bed: Bed, fixture: FixtureName): Promise<void> {
    const members: Readonly<Record<FixtureName, readonly number[]>> = {
        none: [],
        F0: [],
        F1: [N1],
        F2: [N1, N2],
        FK: [N1],
        FK2: [N1, N2],
        FM: [N1],
        FM2: [N1, N2],
        FA: [N1],
        FB: [N1],
    };
    for (const nodeId of members[fixture]) {
        await join(bed, member(nodeId));
    }
    if (["FK", "FK2", "FM", "FM2"].includes(fixture)) {
        await addGroups(bed);
    }
    for (const nodeId of fixture === "FM" || fixture === "FM2" ? members[fixture] : []) {
        await addToGroup(bed, nodeId);
    }
    if (fixture === "FA") {
        await addAcl(bed, N1, fixtureAcl);
    }
    if (fixture === "FB") {
        await addBinding(bed, N1, 1, fixtureBinding);
    }
    await bed.mark();
}
