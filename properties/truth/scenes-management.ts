import * as fc from "fast-check";
import type { DeviceFields, DeviceRequest } from "../../src/core/device.js";
import { OnOff, ScenesManagement } from "../../sim/devices/composition.js";
import { groupIds, groupKeyManagementCommands, groupsWithKeys } from "./group-key-management.js";
import { groupsCommands, joined } from "./groups.js";
import { onOffCommands } from "./on-off.js";
import { anyRead, APPLICATION_ENDPOINTS, conditionally, invoke, path, sequenceOf, strayEndpoints, strayWrite } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "ScenesManagement";
const { attributes, commands, id } = ScenesManagement;

const endpoints = strayEndpoints(APPLICATION_ENDPOINTS);
/** Mostly one group that both endpoints are soon in, and none. */
const groups = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 1, 2) }, { weight: 1, arbitrary: groupIds });
const sceneIds = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 0, max: 4 }) }, { weight: 1, arbitrary: fc.constantFrom(254, 255) });
const names = fc.oneof({ weight: 6, arbitrary: fc.constantFrom("", "dinner") }, { weight: 1, arbitrary: fc.constantFrom("ääääääääb", "0123456789abcdefg") });
/** A transition takes no time in the model: where there is one, the scene must not change anything. */
const transitionTimes = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(60_000_000, 60_000_001) });

const pairs = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<DeviceFields>({ attributeId: 0, valueUnsigned8: 0 }, { attributeId: 0, valueUnsigned8: 1 }) },
    {
        weight: 1,
        arbitrary: fc.constantFrom<DeviceFields>(
            { attributeId: 0, valueUnsigned8: 7 },
            { attributeId: 0, valueUnsigned16: 1 },
            { attributeId: 9, valueUnsigned8: 1 },
            { attributeId: 0, valueUnsigned8: 1, valueSigned8: 1 },
            { attributeId: 0 },
        ),
    },
);
const fieldSets = fc.array(
    fc.record({
        clusterId: fc.oneof({ weight: 6, arbitrary: fc.constant<number>(OnOff.id) }, { weight: 1, arbitrary: fc.constant(0x08) }),
        attributeValueList: fc.array(pairs, { minLength: 1, maxLength: 2 }),
    }),
    { maxLength: 2 },
);

const adding = fc
    .record({ endpoint: endpoints, groupId: groups, sceneId: sceneIds, sceneName: names, transitionTime: transitionTimes, sets: fieldSets })
    .map(({ endpoint, sets, ...fields }) =>
        invoke(endpoint, id, commands.addScene, { ...fields, extensionFieldSetStructs: fields.transitionTime === 0 ? sets : [] }),
    );

function onScene(command: number): fc.Arbitrary<DeviceRequest> {
    return fc.record({ endpoint: endpoints, groupId: groups, sceneId: sceneIds }).map(({ endpoint, ...fields }) => invoke(endpoint, id, command, fields));
}

function onGroup(command: number): fc.Arbitrary<DeviceRequest> {
    return fc.tuple(endpoints, groups).map(([endpoint, groupId]) => invoke(endpoint, id, command, { groupId }));
}

function told(requests: fc.Arbitrary<DeviceRequest>): fc.Arbitrary<TruthCommand> {
    return requests.map(request => ({ cluster: NAME, request }));
}

const scenesManagementCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    { weight: 6, arbitrary: told(adding) },
    { weight: 4, arbitrary: told(onScene(commands.storeScene)) },
    { weight: 3, arbitrary: told(onScene(commands.viewScene)) },
    { weight: 3, arbitrary: told(onScene(commands.recallScene)) },
    { weight: 2, arbitrary: told(onScene(commands.removeScene)) },
    { weight: 1, arbitrary: told(onGroup(commands.removeAllScenes)) },
    { weight: 2, arbitrary: told(onGroup(commands.getSceneMembership)) },
    { weight: 1, arbitrary: told(anyRead(1, id, Object.values(attributes))) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(1, id, [[attributes.sceneTableSize, 9]])) },
);

const asMembers: readonly TruthCommand[] = [...groupsWithKeys, joined(1, 1), joined(1, 2), joined(2, 1)];

/** An endpoint whose table is soon full. */
const filled: readonly TruthCommand[] = [11, 12, 13, 14, 15].map(sceneId => ({
    cluster: NAME,
    request: invoke(2, id, commands.storeScene, { groupId: 0, sceneId }),
}));

const anyCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    { weight: 8, arbitrary: scenesManagementCommands },
    { weight: 3, arbitrary: groupsCommands },
    { weight: 1, arbitrary: groupKeyManagementCommands },
    { weight: 1, arbitrary: onOffCommands },
);

/** Scenes Management (cluster section 1.4) on two endpoints of one node, with the groups that scenes belong to. */
export const scenesManagement: TruthCluster = {
    name: NAME,
    devices: ["light"],
    share: 3,
    sequence: fc.oneof(
        { weight: 3, arbitrary: sequenceOf(anyCommands, asMembers) },
        { weight: 1, arbitrary: sequenceOf(anyCommands, [...asMembers, ...filled]) },
    ),
    observed: APPLICATION_ENDPOINTS.map(endpoint => path(endpoint, id, attributes.fabricSceneInfo)),
    affects: ["OnOff"],
    async undo(ask: Ask) {
        for (const endpoint of APPLICATION_ENDPOINTS) {
            // Nothing takes the current scene back: so it is always this one.
            await ask(invoke(endpoint, id, commands.storeScene, { groupId: 0, sceneId: 0 }));
            await ask(invoke(endpoint, id, commands.removeAllScenes, { groupId: 0 }));
        }
    },
};
