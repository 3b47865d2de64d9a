import { GroupKeyManagement } from "../core/clusters.js";
import type { DeviceFields } from "../core/device.js";
import type { CapacityObservation, CapacityTable, Operation } from "../core/kind.js";
import { groupKeyQuery, readGroupKeyManagement } from "./group-key-management.js";

const { attributes, commands } = GroupKeyManagement;

/** Key sets per fabric, the IPK included: at least 3 where there are groups (section 11.2.6.4). Rows are key set ids. */
export const keySetTable: CapacityTable = {
    name: "groupKeySets",
    minimum: { limit: 3, used: 1 },
    *observe(): Operation<CapacityObservation | null> {
        const limit = yield readGroupKeyManagement(attributes.maxGroupKeysPerFabric);
        const indices = yield groupKeyQuery(commands.keySetReadAllIndices, {});
        if (limit.kind !== "value" || indices.kind !== "response") {
            return null;
        }
        return { limit: limit.value as number, rows: indices.fields["groupKeySetIDs"] as readonly number[] };
    },
};

/**
 * Groups per fabric: at least 4 where there are groups (section 11.2.6.3). The rows of GroupKeyMap and of the group table are
 * counted by group id, so that a group takes one row however many endpoints are in it.
 */
export const groupTable: CapacityTable = {
    name: "groups",
    minimum: { limit: 4, used: 0 },
    *observe(): Operation<CapacityObservation | null> {
        const limit = yield readGroupKeyManagement(attributes.maxGroupsPerFabric);
        const map = yield readGroupKeyManagement(attributes.groupKeyMap);
        if (limit.kind !== "value" || map.kind !== "value") {
            return null;
        }
        return { limit: limit.value as number, rows: (map.value as readonly DeviceFields[]).map(entry => entry["groupId"] as number) };
    },
};
