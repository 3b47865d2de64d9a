import { SWITCH, type Bed, type Group } from "../bed.js";
import type { NodeName } from "../bed-world.js";

/** What the device holds besides the groups that are shown, and when that is looked at. */
export interface Besides {
    /** Key sets of another administrator. */
    readonly keySets?: readonly number[];
    readonly when?: string;
}

/**
 * The device itself holds everything that makes its switch a member of these groups, and its group table says so; and it holds nothing
 * else.
 */
export function showMember(bed: Bed, node: NodeName, groups: readonly Group[], { keySets: foreign = [], when = "" }: Besides = {}): void {
    const { groupTable, groupKeyMap, keySets } = bed.truth(node);
    const named = groups.map(({ groupName }) => groupName).join(" and ");
    const expected = [...groups].sort((a, b) => a.groupId - b.groupId);
    const ids = [...new Set([...groups.map(({ keySetId }) => keySetId), ...foreign])].sort((a, b) => a - b);
    bed.show(
        `${node}'s own group table has its switch in ${named}, and nothing else${when}`,
        groupTable,
        expected.map(({ groupId, groupName }) => ({ groupId, endpoints: [SWITCH], name: groupName })),
    );
    bed.show(
        `${node}'s key map has ${named}, each on its key set, and nothing else${when}`,
        groupKeyMap,
        expected.map(({ groupId, keySetId }) => ({ groupId, keySetId })),
    );
    bed.show(
        `${node} holds key set ${ids.join(" and ")}, each with one key, and no other${when}`,
        keySets.map(({ id, slots }) => [id, slots.length]),
        ids.map(id => [id, 1]),
    );
}
