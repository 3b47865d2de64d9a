import * as fc from "fast-check";
import { GroupKeyManagement } from "../../src/core/clusters.js";
import type { DeviceFields, DeviceRequest, DeviceValue } from "../../src/core/device.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { keyFingerprint } from "../../scenarios/device-truth.js";
import { MANAGER_FABRIC, type SimNode } from "../../sim/devices/sim-node.js";
import type { StackWorld } from "../../sim/stack/index.js";
import { anyRead, conditionally, invoke, path, sequenceOf, strayEndpoints, strayWrite, write } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "GroupKeyManagement";
const { attributes, commands, id } = GroupKeyManagement;
const GROUP_KEY_MAP = path(0, id, attributes.groupKeyMap);

const KEYS = [1, 2, 3].map(n => new KeyMaterial(new Uint8Array(KeyMaterial.LENGTH).fill(n), `truth ${n}`));

/** Few, so that commands meet; and the limits of application groups. */
export const groupIds = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 6 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 0xfeff, 0xff00, 0xffff) },
);

const keySetIds = fc.oneof(
    { weight: 16, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constant(0xffff) },
);

/** One to three keys, ascending: what a careful administrator writes. */
const sound = fc
    .tuple(fc.uniqueArray(fc.constantFrom(1n, 2n, 1_000_000n, 5_000_000n), { minLength: 1, maxLength: 3 }), fc.nat(KEYS.length - 1))
    .map(([startTimes, first]) => {
        startTimes.sort((a, b) => (a < b ? -1 : 1));
        return slots(startTimes.map((startTime, slot) => [KEYS[(first + slot) % KEYS.length]!, startTime]));
    });

const anyKey = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<DeviceValue>(...KEYS, null) },
    { weight: 1, arbitrary: fc.constant<DeviceValue>(new Uint8Array(8)) },
);
const anyStartTime = fc.constantFrom<DeviceValue>(null, 0n, 1n, 2n, 5_000_000n, 0xffff_ffff_ffff_ffffn);
const unsound = fc.array(fc.tuple(anyKey, anyStartTime), { minLength: 3, maxLength: 3 }).map(slots);

const keySets: fc.Arbitrary<DeviceFields> = fc
    .record({
        groupKeySetId: keySetIds,
        groupKeySecurityPolicy: mostly(0, 1, 2),
        slots: fc.oneof({ weight: 3, arbitrary: sound }, { weight: 1, arbitrary: unsound }),
        groupKeyMulticastPolicy: mostly(undefined, 0, 1, 2),
    })
    .map(({ slots: keys, groupKeyMulticastPolicy, ...fields }) => ({
        ...fields,
        ...keys,
        ...(groupKeyMulticastPolicy === undefined ? {} : { groupKeyMulticastPolicy }),
    }));

const entries = fc.record({ groupId: groupIds, groupKeySetId: keySetIds });
const maps = fc.oneof(
    { weight: 3, arbitrary: fc.uniqueArray(entries, { maxLength: 5, selector: entry => entry.groupId }) },
    { weight: 1, arbitrary: fc.array(entries, { maxLength: 6 }) },
);

const READ_ONLY: readonly (readonly [number, DeviceValue])[] = [
    [attributes.groupTable, []],
    [attributes.maxGroupsPerFabric, 9],
    [attributes.maxGroupKeysPerFabric, 9],
];

/** Any command of this cluster. */
export const groupKeyManagementCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    { weight: 5, arbitrary: told(fc.tuple(strayEndpoints([0]), keySets).map(([endpoint, set]) => keySetWrite(set, endpoint))) },
    { weight: 2, arbitrary: told(byId(commands.keySetRead)) },
    { weight: 2, arbitrary: told(byId(commands.keySetRemove)) },
    { weight: 1, arbitrary: told(strayEndpoints([0]).map(endpoint => invoke(endpoint, id, commands.keySetReadAllIndices))) },
    { weight: 4, arbitrary: conditionally(NAME, maps.map(map => write(GROUP_KEY_MAP, map))) },
    { weight: 2, arbitrary: told(anyRead(0, id, Object.values(attributes))) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(0, id, READ_ONLY)) },
);

/** A key set, and groups 1 to 3 mapped to it: what memberships rest on. */
export const groupsWithKeys: readonly TruthCommand[] = [
    { cluster: NAME, request: keySetWrite({ groupKeySetId: 1, groupKeySecurityPolicy: 0, ...slots([[KEYS[0]!, 1n]]) }, 0) },
    { cluster: NAME, request: write(GROUP_KEY_MAP, [1, 2, 3].map(groupId => ({ groupId, groupKeySetId: 1 }))) },
];

/** Group Key Management (core section 11.2). */
export const groupKeyManagement: TruthCluster = {
    name: NAME,
    devices: ["switch", "light"],
    share: 4,
    sequence: sequenceOf(groupKeyManagementCommands),
    observed: [GROUP_KEY_MAP, path(0, id, attributes.groupTable)],
    affects: [],
    inside: { real: realKeySets, model: modelKeySets },
    async undo(ask: Ask) {
        await ask(write(GROUP_KEY_MAP, []));
        const answer = await ask(invoke(0, id, commands.keySetReadAllIndices));
        const held = answer.kind === "response" ? (answer.fields["groupKeySetIDs"] as readonly number[]) : [];
        for (const groupKeySetId of held) {
            if (groupKeySetId !== 0) {
                await ask(invoke(0, id, commands.keySetRemove, { groupKeySetId }));
            }
        }
    },
};

function told(requests: fc.Arbitrary<DeviceRequest>): fc.Arbitrary<TruthCommand> {
    return requests.map(request => ({ cluster: NAME, request }));
}

function byId(command: number): fc.Arbitrary<DeviceRequest> {
    return fc.tuple(strayEndpoints([0]), keySetIds).map(([endpoint, groupKeySetId]) => invoke(endpoint, id, command, { groupKeySetId }));
}

function keySetWrite(groupKeySet: DeviceFields, endpoint: number): DeviceRequest {
    return invoke(endpoint, id, commands.keySetWrite, { groupKeySet });
}

function slots(used: readonly (readonly [DeviceValue, DeviceValue])[]): DeviceFields {
    const fields: Record<string, DeviceValue> = {};
    for (let slot = 0; slot < 3; slot++) {
        fields[`epochKey${slot}`] = used[slot]?.[0] ?? null;
        fields[`epochStartTime${slot}`] = used[slot]?.[1] ?? null;
    }
    return fields;
}

function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
    return fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

/** Key sets by id with their used slots, but for the IPK of AddNOC, which matter.js keeps elsewhere. */
function realKeySets(world: StackWorld, device: string): string {
    const sets = world.groupTruth(device).keySets;
    return setsText(sets.map(set => ({ id: set.id, slots: set.slots.map(({ startTime, key }) => slotText(startTime, key)) })));
}

function modelKeySets(node: SimNode): string {
    const written = node.keySets(MANAGER_FABRIC).filter(set => set.startTimes[0] !== 0n);
    return setsText(
        written.map(set => ({
            id: set.id,
            slots: set.keys.flatMap((key, slot) => (key === null ? [] : [slotText(set.startTimes[slot]!, key)])),
        })),
    );
}

function slotText(startTime: bigint, key: KeyMaterial): string {
    return `${startTime} ${keyFingerprint(key)}`;
}

function setsText(sets: readonly { readonly id: number; readonly slots: readonly string[] }[]): string {
    return [...sets]
        .sort((a, b) => a.id - b.id)
        .map(set => `${set.id}: ${set.slots.join(", ")}`)
        .join("; ");
}
