import type { ServerNode } from "@matter/node";
import { GroupKeyManagementServer } from "@matter/node/behaviors/group-key-management";
import { createHash } from "node:crypto";
import type { EpochUs } from "../../src/core/ids.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { epochUsFromMatter } from "../../src/matter/epoch.js";

/** What a device holds for one fabric, read from the device's own state: not through the wire, not by any code under test. */
export interface GroupTruth {
    /** In the device's order. */
    readonly groupKeyMap: readonly { readonly groupId: number; readonly keySetId: number }[];
    readonly groupTable: readonly { readonly groupId: number; readonly endpoints: readonly number[]; readonly name: string }[];
    /** Without the IPK, ascending by id. */
    readonly keySets: readonly KeySetTruth[];
}

/** A key set as the device holds it. */
export interface KeySetTruth {
    readonly id: number;
    /** The slots that are in use, in slot order. */
    readonly slots: readonly { readonly startTime: EpochUs; readonly key: KeyMaterial }[];
}

/** Read the truth of a running device. `fabricIndex` is the *device's* index of the fabric: 1 for the first commissioner. */
export function groupTruthOf(device: ServerNode, fabricIndex = 1): GroupTruth {
    const state = device.stateOf(GroupKeyManagementServer);
    const ours = <T extends { readonly fabricIndex?: number }>(entries: readonly T[]) =>
        entries.filter(entry => entry.fabricIndex === fabricIndex);
    return {
        groupKeyMap: ours(state.groupKeyMap).map(({ groupId, groupKeySetId }) => ({ groupId, keySetId: groupKeySetId })),
        groupTable: ours(state.groupTable).map(({ groupId, endpoints, groupName }) => ({
            groupId,
            endpoints: [...endpoints],
            name: groupName ?? "",
        })),
        keySets: ours(state.groupKeySets)
            .map(set => ({ id: set.groupKeySetId, slots: slotsOf(set) }))
            .sort((a, b) => a.id - b.id),
    };
}

type HeldKeySet = GroupKeyManagementServer.State["groupKeySets"][number];

function slotsOf(set: HeldKeySet): KeySetTruth["slots"] {
    const slots = [
        [set.epochKey0, set.epochStartTime0],
        [set.epochKey1, set.epochStartTime1],
        [set.epochKey2, set.epochStartTime2],
    ] as const;
    return slots.flatMap(([key, startTime]) =>
        key === null || startTime === null
            ? []
            : [{ startTime: epochUsFromMatter(BigInt(startTime)) as EpochUs, key: materialOf(new Uint8Array(key as Uint8Array)) }],
    );
}

function materialOf(bytes: Uint8Array): KeyMaterial {
    return new KeyMaterial(bytes, createHash("sha256").update("truth").update(bytes).digest("hex").slice(0, 8));
}
