import { COMMITTED, type Bed } from "../bed.js";
import { G1, K1, membership, N1 } from "../fixtures.js";
import { matches } from "../values.js";

export const ADD = "addGroupIdToEndpointForNode";
export const REMOVE = "removeGroupIdFromEndpointForNode";
export const KEY_ROW = { nodeId: N1, groupKeySetId: K1 };

async function isMember(bed: Bed, endpoint = 1, groupId = G1): Promise<boolean> {
    const { groupTable } = await bed.member(N1);
    return groupTable.some(row => row["groupId"] === groupId && (row["endpoints"] as readonly number[]).includes(endpoint));
}

/** G1 is on endpoint 1 of N1, with everything that it takes. */
export async function expectIn(bed: Bed): Promise<void> {
    await bed.expectRow("endpointGroupIdList", membership(N1), COMMITTED);
    await bed.expectRow("nodeKeySetList", KEY_ROW, COMMITTED);
    bed.check(await isMember(bed), "the endpoint is no member");
    const { keySets, groupKeyMap } = await bed.member(N1);
    bed.check(keySets.some(set => set["groupKeySetId"] === K1), "the key set is not on the node");
    bed.check(groupKeyMap.some(entry => matches(entry, { groupId: G1, groupKeySetId: K1 })), "the group is not mapped");
}

/** And nothing of it is. */
export async function expectOut(bed: Bed): Promise<void> {
    await bed.expectNoRow("endpointGroupIdList", membership(N1));
    await bed.expectNoRow("nodeKeySetList", KEY_ROW);
    bed.check(!(await isMember(bed)), "the endpoint is still a member");
    const { keySets } = await bed.member(N1);
    bed.check(keySets.every(set => set["groupKeySetId"] !== K1), "the key set is still on the node");
}
