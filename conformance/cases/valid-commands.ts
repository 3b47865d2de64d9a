import { fixtureAcl, fixtureBinding, G1, group, groupChange, keySet, membership, N1 } from "../fixtures.js";
import { type Fields } from "../values.js";


export const N = { nodeId: BigInt(N1) };
/** Fields with which each command is in order for a fabric with N1. */
export const valid: Readonly<Record<string, Fields>> = {
    addKeySet: { groupKeySet: keySet(0x40) },
    updateKeySet: { groupKeySet: keySet(0x40) },
    removeKeySet: { groupKeySetId: 0x40 },
    addGroup: group(G1, { groupCat: 1, groupCatVersion: 1 }),
    updateGroup: groupChange(G1, { friendlyName: "Hall" }),
    removeGroup: { groupId: G1 },
    addAdmin: { nodeId: 0xa1n, friendlyName: "", vendorId: 1, icac: new Uint8Array(1) },
    updateAdmin: { nodeId: 0xa1n, friendlyName: "" },
    removeAdmin: { nodeId: 0xa1n },
    addPendingNode: { nodeId: 0x99n, friendlyName: "" },
    refreshNode: N,
    updateNode: { ...N, friendlyName: "" },
    removeNode: N,
    updateEndpointForNode: { endpointId: 1, ...N, friendlyName: "" },
    addGroupIdToEndpointForNode: membership(N1),
    removeGroupIdFromEndpointForNode: membership(N1),
    addBindingToEndpointForNode: { ...N, endpointId: 1, binding: fixtureBinding },
    removeBindingFromEndpointForNode: { listId: 1, endpointId: 1, ...N },
    addAclToNode: { ...N, aclEntry: fixtureAcl },
    removeAclFromNode: { listId: 1, ...N },
};
