import { AccessControl, GroupKeyManagement } from "../core/clusters.js";
import type { DeviceFields, ReadRequest } from "../core/device.js";
import type { CapacityObservation, CapacityTable, Operation } from "../core/kind.js";
import { parseEntry, subjectsText, targetsText, type AccessControlEntry } from "./access-control-entry.js";
import { rowOf, rowsOf } from "./entry-rows.js";
import { groupKeyQuery, readGroupKeyManagement, ROOT_ENDPOINT } from "./group-key-management.js";

const { attributes, commands } = GroupKeyManagement;

/** Key sets per fabric, the IPK included: at least 3 where there are groups (section 11.2.6.4). Rows are key set ids. */
export const keySetTable: CapacityTable = {
    name: "groupKeySets",
    minimum: { limit: 3, used: 1, rows: [0] },
    *observe(): Operation<CapacityObservation | null> {
        const limit = yield readGroupKeyManagement(attributes.maxGroupKeysPerFabric);
        const indices = yield groupKeyQuery(commands.keySetReadAllIndices, {});
        if (limit.kind !== "value" || indices.kind !== "response") {
            return null;
        }
        const ids = indices.fields["groupKeySetIDs"] as readonly number[];
        // matter.js lists the IPK twice once it was written: it takes a row more.
        return { limit: limit.value as number, rows: ids.map((id, place) => (ids.indexOf(id) < place ? -1 - place : id)) };
    },
};

/**
 * Groups per fabric: at least 4 where there are groups (section 11.2.6.3). The rows of GroupKeyMap and of GroupTable are counted together, by group id: a group
 * takes one row however many endpoints are in it, and one that lost its key still takes it.
 */
export const groupTable: CapacityTable = {
    name: "groups",
    minimum: { limit: 4, used: 0 },
    watch: [attributes.groupKeyMap, attributes.groupTable].map(attribute => ({ endpoint: ROOT_ENDPOINT, cluster: GroupKeyManagement.id, attribute })),
    *observe(): Operation<CapacityObservation | null> {
        const limit = yield readGroupKeyManagement(attributes.maxGroupsPerFabric);
        const map = yield readGroupKeyManagement(attributes.groupKeyMap);
        const members = yield readGroupKeyManagement(attributes.groupTable);
        if (limit.kind !== "value" || map.kind !== "value" || members.kind !== "value") {
            return null;
        }
        const rows = [...(map.value as readonly DeviceFields[]), ...(members.value as readonly DeviceFields[])];
        return { limit: limit.value as number, rows: rows.map(entry => entry["groupId"] as number) };
    },
};

/**
 * Entries of the access control list per fabric: at least 4, of which commissioning makes one (section 9.10.6.5). Rows are contents, see {@link rowOf}.
 */
export const accessControlTable: CapacityTable & { rowOf(entry: AccessControlEntry): number; textOf(entry: AccessControlEntry): string } = {
    name: "accessControlEntries",
    minimum: { limit: 4, used: 1 },
    watch: [{ endpoint: ROOT_ENDPOINT, cluster: AccessControl.id, attribute: AccessControl.attributes.acl }],
    textOf: ({ privilege, authMode, subjects, targets }) => `${privilege} ${authMode} ${subjectsText(subjects)} on ${targetsText(targets)}`,
    rowOf: entry => rowOf(accessControlTable.textOf(entry)),
    *observe(): Operation<CapacityObservation | null> {
        const limit = yield readAccessControl(AccessControl.attributes.accessControlEntriesPerFabric);
        const list = yield readAccessControl(AccessControl.attributes.acl);
        if (limit.kind !== "value" || list.kind !== "value" || !Array.isArray(list.value)) {
            return null;
        }
        const entries = (list.value as readonly DeviceFields[]).map(parseEntry);
        return { limit: limit.value as number, rows: rowsOf(entries.map(entry => (entry === null ? null : accessControlTable.textOf(entry)))) };
    },
};

function readAccessControl(attribute: number): ReadRequest {
    return { op: "read", endpoint: ROOT_ENDPOINT, cluster: AccessControl.id, attribute };
}

/**
 * Bindings of all endpoints and fabrics together. No attribute tells the limit, which is each manufacturer's own (section 9.6.6.1): the node is the judge, and a
 * removal makes what it refused worth another try.
 */
export const bindingTable: CapacityTable = {
    name: "bindings",
    minimum: { limit: 0xffff, used: 0 },
     
    *observe(): Operation<CapacityObservation | null> {
        return null;
    },
};
