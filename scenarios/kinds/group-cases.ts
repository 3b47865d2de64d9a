import { KeyMaterial } from "../../src/core/key-material.js";
import { addGroup, mapGroup, removeGroup, removeKeySet, unmapGroup, writeKeySet } from "../administrator.js";
import { SECOND_SWITCH, SWITCH, type Bed } from "../bed.js";
import { MAX_GROUP_KEYS, MAX_GROUPS } from "../bed-world.js";
import type { DeviceTruth } from "../device-truth.js";
import type { KindCase, Wish } from "./kind-case.js";

/** The other administrator's. */
export const THEIR_KEY = new KeyMaterial(new Uint8Array(KeyMaterial.LENGTH).fill(0xf0), "theirs");
export const THEIR_KEY_SET = 0x71;
export const THEIR_GROUP = 0x171;
export const THEIR_START_TIME = 3_000_000n;

/** As many as fit. */
const THEIR_GROUPS = Array.from({ length: MAX_GROUPS }, (_, at) => THEIR_GROUP + at);

/** The manager's key sets have one key in revision 1, and another one in revision 2. */
const KEY_1 = { startTime: 1_000_000n, key: new Uint8Array(KeyMaterial.LENGTH).fill(0x5a) };
const KEY_2 = { startTime: 2_000_000n, key: new Uint8Array(KeyMaterial.LENGTH).fill(0xa5) };

/** Both revisions of a key set of the manager's. */
export async function putKeySet(bed: Bed, keySetId: number): Promise<void> {
    for (const slot of [KEY_1, KEY_2]) {
        await bed.until(bed.manager.putKeySet({ keySetId, slots: [slot] }), "a revision of a key set");
    }
}

export function keySet(keySetId: number, revision = 1): Wish {
    return { kind: "groupKey", key: [keySetId], intent: { keySetId, revision } };
}

export function mapEntry(groupId: number, keySetId: number): Wish {
    return { kind: "groupKeyMap", key: [groupId], intent: { groupId, keySetId } };
}

export function membership(endpoint: number, groupId: number): Wish {
    return { kind: "groupMembership", key: [endpoint, groupId], intent: { endpoint, groupId, name: "ours" } };
}

/** A key set. What tells of its removal is the map entry that uses it. */
const groupKeyCase: KindCase = {
    what: "a key set",
    node: "kitchen",
    prepare: bed => putKeySet(bed, 0x41),
    needs: [],
    item: keySet(0x41),
    neededBy: [mapEntry(0x141, 0x41)],
    changed: keySet(0x41, 2),
    isList: false,
    isOnEndpoint: false,
    apply: "KeySetWrite",
    remove: "KeySetRemove",
    content: ({ keySets }) => keySets.find(({ id }) => id === 0x41)?.slots.map(({ startTime }) => startTime),
    contents: { item: [KEY_1.startTime], changed: [KEY_2.startTime] },
    full: {
        fill: Array.from({ length: MAX_GROUP_KEYS - 1 }, (_, at) => writeKeySet(THEIR_KEY_SET + at, THEIR_START_TIME, THEIR_KEY)),
        room: [removeKeySet(THEIR_KEY_SET)],
        isReported: false,
    },
    undo: [removeKeySet(0x41)],
    redo: [writeKeySet(0x41, KEY_1.startTime, new KeyMaterial(KEY_1.key, "ours")), mapGroup(0x141, 0x41)],
    theirs: [writeKeySet(THEIR_KEY_SET, THEIR_START_TIME, THEIR_KEY)],
    theirsGone: [removeKeySet(THEIR_KEY_SET)],
    hasTheirs: ({ keySets }) => keySets.some(({ id }) => id === THEIR_KEY_SET),
};

const groupKeyMapCase: KindCase = {
    what: "a map entry",
    node: "hall",
    prepare: bed => putKeySet(bed, 0x42),
    needs: [keySet(0x42)],
    item: mapEntry(0x142, 0x42),
    neededBy: [],
    isList: true,
    isOnEndpoint: false,
    apply: "GroupKeyMap",
    remove: "GroupKeyMap",
    content: ({ groupKeyMap }) => groupKeyMap.find(({ groupId }) => groupId === 0x142)?.keySetId,
    contents: { item: 0x42 },
    full: { fill: THEIR_GROUPS.map(groupId => mapGroup(groupId, THEIR_KEY_SET)), room: [unmapGroup(THEIR_GROUP)], isReported: true },
    undo: [unmapGroup(0x142)],
    redo: [mapGroup(0x142, 0x42)],
    theirs: [mapGroup(THEIR_GROUP, THEIR_KEY_SET)],
    theirsGone: [unmapGroup(THEIR_GROUP)],
    hasTheirs: ({ groupKeyMap }) => groupKeyMap.some(({ groupId }) => groupId === THEIR_GROUP),
};

const groupMembershipCase: KindCase = {
    what: "a membership",
    node: "porch",
    prepare: bed => putKeySet(bed, 0x43),
    needs: [keySet(0x43), mapEntry(0x143, 0x43)],
    item: membership(SECOND_SWITCH, 0x143),
    neededBy: [],
    isList: false,
    isOnEndpoint: true,
    apply: "AddGroup",
    remove: "RemoveGroup",
    content: truth => endpointsOf(truth, 0x143),
    contents: { item: [SECOND_SWITCH] },
    // The group table is full, and the map has room for our entry: the other administrator took its map entries away.
    full: {
        fill: [
            ...THEIR_GROUPS.slice(1).flatMap(groupId => [mapGroup(groupId, THEIR_KEY_SET), addGroup(SWITCH, groupId, ""), unmapGroup(groupId)]),
            mapGroup(THEIR_GROUP, THEIR_KEY_SET),
            addGroup(SWITCH, THEIR_GROUP, ""),
        ],
        room: [removeGroup(SWITCH, THEIR_GROUP + 1)],
        isReported: true,
    },
    undo: [removeGroup(SECOND_SWITCH, 0x143)],
    redo: [addGroup(SECOND_SWITCH, 0x143, "ours")],
    theirs: [mapGroup(THEIR_GROUP, THEIR_KEY_SET), addGroup(SWITCH, THEIR_GROUP, "theirs")],
    theirsGone: [removeGroup(SWITCH, THEIR_GROUP), unmapGroup(THEIR_GROUP)],
    hasTheirs: truth => endpointsOf(truth, THEIR_GROUP)?.includes(SWITCH) === true,
};

function endpointsOf({ groupTable }: DeviceTruth, group: number): readonly number[] | undefined {
    return groupTable.find(({ groupId }) => groupId === group)?.endpoints;
}

export const groupCases: readonly KindCase[] = [groupKeyCase, groupKeyMapCase, groupMembershipCase];
