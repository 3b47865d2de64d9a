import * as fc from "fast-check";
import { Groups } from "../../src/core/clusters.js";
import type { DeviceRequest } from "../../src/core/device.js";
import { groupIds, groupKeyManagementCommands, groupsWithKeys } from "./group-key-management.js";
import { identifyCommands } from "./identify.js";
import { anyRead, APPLICATION_ENDPOINTS, conditionally, invoke, path, sequenceOf, strayEndpoints, strayWrite } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "Groups";
const { attributes, commands, id } = Groups;

const groupNames = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("", "kitchen", "hall", "0123456789abcdef") },
    // Eleven and nine characters: 22 and 18 bytes.
    { weight: 1, arbitrary: fc.constantFrom("äöüäöüäöüäö", "ääääääääb", "0123456789abcdefg") },
);

const endpoints = strayEndpoints(APPLICATION_ENDPOINTS);

/** Any command of this cluster. */
export const groupsCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    { weight: 6, arbitrary: told(joining(commands.addGroup)) },
    { weight: 2, arbitrary: told(onGroup(commands.viewGroup)) },
    { weight: 3, arbitrary: told(onGroup(commands.removeGroup)) },
    {
        weight: 2,
        arbitrary: told(
            fc
                .tuple(endpoints, fc.array(groupIds, { maxLength: 4 }))
                .map(([endpoint, groupList]) => invoke(endpoint, id, commands.getGroupMembership, { groupList })),
        ),
    },
    { weight: 1, arbitrary: told(endpoints.map(endpoint => invoke(endpoint, id, commands.removeAllGroups))) },
    { weight: 2, arbitrary: told(joining(commands.addGroupIfIdentifying)) },
    { weight: 1, arbitrary: told(anyRead(1, id, Object.values(attributes))) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(1, id, [[attributes.nameSupport, 0]])) },
);

/** Groups (application cluster specification, section 1.3), on two endpoints of one node. */
export const groups: TruthCluster = {
    name: NAME,
    devices: ["switch", "light"],
    share: 4,
    sequence: sequenceOf(
        fc.oneof(
            { weight: 8, arbitrary: groupsCommands },
            { weight: 2, arbitrary: groupKeyManagementCommands },
            { weight: 1, arbitrary: identifyCommands },
        ),
        groupsWithKeys,
    ),
    // Never changes: for the data version.
    observed: [path(1, id, attributes.nameSupport)],
    affects: ["GroupKeyManagement", "ScenesManagement"],
    async undo(ask: Ask) {
        for (const endpoint of APPLICATION_ENDPOINTS) {
            await ask(invoke(endpoint, id, commands.removeAllGroups));
        }
    },
};

/** The endpoint joins the group. */
export function joined(endpoint: number, groupId: number): TruthCommand {
    return { cluster: NAME, request: invoke(endpoint, id, commands.addGroup, { groupId, groupName: "" }) };
}

function told(requests: fc.Arbitrary<DeviceRequest>): fc.Arbitrary<TruthCommand> {
    return requests.map(request => ({ cluster: NAME, request }));
}

function joining(command: number): fc.Arbitrary<DeviceRequest> {
    return fc
        .record({ endpoint: endpoints, groupId: groupIds, groupName: groupNames })
        .map(({ endpoint, groupId, groupName }) => invoke(endpoint, id, command, { groupId, groupName }));
}

function onGroup(command: number): fc.Arbitrary<DeviceRequest> {
    return fc.tuple(endpoints, groupIds).map(([endpoint, groupId]) => invoke(endpoint, id, command, { groupId }));
}
