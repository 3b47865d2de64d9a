import { Bytes } from "@matter/general";
import type { ServerNode } from "@matter/node";
import { GroupKeyManagementServer } from "@matter/node/behaviors/group-key-management";
import type { Fabric } from "@matter/protocol";

type StoredKeySet = GroupKeyManagementServer.State["groupKeySets"][number];

/**
 * A matter.js node keeps its group keys twice: stored, in the state of its GroupKeyManagement server, which survives, and working, on the
 * Fabric object, which is what it sends and receives with and which ends with the process or with the controller's certificate. What is
 * stored is what the node has; this makes the working copy agree.
 *
 * Working keys and mappings that nobody stored are left alone: an application may have put them there.
 */
export async function installStoredKeys(controller: ServerNode, fabric: Fabric): Promise<void> {
    const { keySets, map } = storedGroupKeys(controller, fabric);
    for (const keySet of keySets) {
        if (!isInstalled(keySet, fabric)) {
            await fabric.groups.setFromGroupKeySet(keySet);
        }
    }
    const { groupKeyIdMap } = fabric.groups;
    if (map.some(({ groupId, groupKeySetId }) => groupKeyIdMap.get(groupId) !== groupKeySetId)) {
        fabric.groups.groupKeyIdMap = new Map([
            ...groupKeyIdMap,
            ...map.map(({ groupId, groupKeySetId }) => [groupId, groupKeySetId] as const),
        ]);
    }
}

/** Whether the node has a key set so that it still has it after a restart. It always has set 0, the IPK. */
export function hasStoredKeySet(controller: ServerNode, fabric: Fabric, keySetId: number): boolean {
    return keySetId === 0 || storedGroupKeys(controller, fabric).keySets.some(({ groupKeySetId }) => groupKeySetId === keySetId);
}

function storedGroupKeys(controller: ServerNode, { fabricIndex }: Fabric) {
    const { groupKeySets, groupKeyMap } = controller.stateOf(GroupKeyManagementServer);
    return {
        keySets: groupKeySets.filter(keySet => keySet.fabricIndex === fabricIndex) as StoredKeySet[],
        map: groupKeyMap.filter(entry => entry.fabricIndex === fabricIndex),
    };
}

function isInstalled(stored: StoredKeySet, { groups }: Fabric): boolean {
    const working = groups.keySets.forId(stored.groupKeySetId);
    return (
        working !== undefined &&
        working.epochStartTime0 === stored.epochStartTime0 &&
        working.epochStartTime1 === stored.epochStartTime1 &&
        working.epochStartTime2 === stored.epochStartTime2 &&
        sameKey(working.epochKey0, stored.epochKey0) &&
        sameKey(working.epochKey1, stored.epochKey1) &&
        sameKey(working.epochKey2, stored.epochKey2)
    );
}

function sameKey(a: Bytes | null, b: Bytes | null): boolean {
    return a === null || b === null ? a === b : Bytes.areEqual(a, b);
}
