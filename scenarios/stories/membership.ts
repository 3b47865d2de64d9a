import { SWITCH, type Bed, type Group } from "../bed.js";
import type { NodeName } from "../bed-world.js";

/** The device itself holds everything that makes its switch a member of the group, and its group table says so. */
export function showMember(bed: Bed, node: NodeName, group: Group, when = ""): void {
    const { groupTable, groupKeyMap, keySets } = bed.truth(node);
    const named = `group ${group.groupName}`;
    bed.show(
        `${node}'s own group table has its switch in ${named}${when}`,
        groupTable.filter(row => row.groupId === group.groupId),
        [{ groupId: group.groupId, endpoints: [SWITCH], name: group.groupName }],
    );
    bed.show(
        `${node}'s key map has ${named} on key set ${group.keySetId}${when}`,
        groupKeyMap.filter(entry => entry.groupId === group.groupId),
        [{ groupId: group.groupId, keySetId: group.keySetId }],
    );
    bed.show(`${node} holds one key in key set ${group.keySetId}${when}`, keySets.filter(set => set.id === group.keySetId).map(set => set.slots.length), [1]);
}
