import { GroupKeyManagement } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { responseAnswer, statusAnswer, successAnswer } from "./answers.js";
import { ClusterServer, isInteger, type ClusterShape } from "./cluster-server.js";
import { Privilege } from "./privilege.js";
import type { FabricTables, GroupKeyMapEntry } from "./fabric-tables.js";
import { parseKeySet } from "./key-set-write.js";
import { DISABLED_START_TIME, type KeySetState } from "./key-set-state.js";

const { groupKeyMap, groupTable, maxGroupsPerFabric, maxGroupKeysPerFabric } = GroupKeyManagement.attributes;
const { keySetWrite, keySetRead, keySetRemove, keySetReadAllIndices } = GroupKeyManagement.commands;

/** Largest id of an application group (core section 2.5.4). */
const MAX_APPLICATION_GROUP = 0xfeff;

const SHAPE: ClusterShape = {
    id: GroupKeyManagement.id,
    revision: 3,
    attributes: [groupKeyMap, groupTable, maxGroupsPerFabric, maxGroupKeysPerFabric],
    commands: [keySetWrite, keySetRead, keySetRemove, keySetReadAllIndices],
    responses: [2, 5],
    privileges: {
        write: { [groupKeyMap]: Privilege.MANAGE },
        invoke: {
            [keySetWrite]: Privilege.ADMINISTER,
            [keySetRead]: Privilege.ADMINISTER,
            [keySetRemove]: Privilege.ADMINISTER,
            [keySetReadAllIndices]: Privilege.ADMINISTER,
        },
    },
};

/** Group Key Management (core section 11.2), endpoint 0: key sets, the map from groups to them, and a view of the group table. */
export class GroupKeyManagementServer extends ClusterServer {
    override readonly shape = SHAPE;

    override invoke(command: number, fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        if (command === keySetWrite) {
            return this.#keySetWrite(fields, tables);
        }
        if (command === keySetReadAllIndices) {
            return responseAnswer({ groupKeySetIDs: tables.keySets.map(set => set.id) });
        }
        if (command !== keySetRead && command !== keySetRemove) {
            return statusAnswer(Status.UNSUPPORTED_COMMAND);
        }
        const id = fields["groupKeySetId"];
        if (!isInteger(id, 0, 0xffff)) {
            return this.malformed;
        }
        return command === keySetRead ? this.#keySetRead(id, tables) : this.#keySetRemove(id, tables);
    }

    protected override attributeValue(attribute: number, tables: FabricTables): DeviceValue | undefined {
        switch (attribute) {
            case groupKeyMap:
                return tables.groupKeyMap;
            case groupTable:
                return tables.groupTable;
            case maxGroupsPerFabric:
                return this.site.node.maxGroupsPerFabric;
            case maxGroupKeysPerFabric:
                return this.site.node.maxGroupKeysPerFabric;
            default:
                return undefined;
        }
    }

    protected override isWritable(attribute: number): boolean {
        return attribute === groupKeyMap;
    }

    /** GroupKeyMap (section 11.2.6.1): the accessing fabric's entries are replaced as a whole, or not at all. */
    protected override writeAttribute(_attribute: number, value: DeviceValue, tables: FabricTables): number {
        if (this.site.composition.groupcastAdopted) {
            return Status.INVALID_IN_STATE;
        }
        if (!Array.isArray(value)) {
            return Status.INVALID_DATA_TYPE;
        }
        const list = value as readonly DeviceFields[];
        const entries: GroupKeyMapEntry[] = [];
        for (let i = 0; i < list.length; i++) {
            const { groupId, groupKeySetId } = list[i]!;
            if (!isInteger(groupId, 0, 0xffff) || !isInteger(groupKeySetId, 0, 0xffff)) {
                return Status.INVALID_DATA_TYPE;
            }
            entries.push({ groupId, groupKeySetId });
        }
        const refusal = this.#refusalOfMap(entries);
        if (refusal === Status.SUCCESS) {
            this.#replaceMap(entries, tables);
        } else if (this.site.composition.rules.keyMapClearedFirst && entries.length <= this.site.node.maxGroupsPerFabric) {
            this.#replaceMap(entries.slice(0, entries.findIndex((_, at) => refusalOfEntry(entries, at) !== Status.SUCCESS)), tables);
        }
        return refusal;
    }

    #replaceMap(entries: readonly GroupKeyMapEntry[], tables: FabricTables): void {
        if (!sameMap(entries, tables.groupKeyMap)) {
            tables.setGroupKeyMap(entries);
            this.changed(groupKeyMap);
        }
    }

    /** A constraint of a field is looked at first (section 7.19), then one entry after the other, then their number. */
    #refusalOfMap(entries: readonly GroupKeyMapEntry[]): number {
        for (let i = 0; i < entries.length; i++) {
            if (entries[i]!.groupKeySetId === 0) {
                return Status.CONSTRAINT_ERROR;
            }
        }
        for (let i = 0; i < entries.length; i++) {
            const refusal = refusalOfEntry(entries, i);
            if (refusal !== Status.SUCCESS) {
                return refusal;
            }
        }
        return entries.length > this.site.node.maxGroupsPerFabric ? Status.RESOURCE_EXHAUSTED : Status.SUCCESS;
    }

    #keySetWrite(fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const set = parseKeySet(fields["groupKeySet"], this.site.composition);
        if (typeof set === "number") {
            return statusAnswer(set);
        }
        const place = this.#placeOf(set.id, tables);
        // The IPK is one of the list, so it counts. Overwriting is possible even when all are taken.
        if (place < 0 && tables.keySets.length >= this.site.node.maxGroupKeysPerFabric) {
            return statusAnswer(Status.RESOURCE_EXHAUSTED);
        }
        if (!this.site.composition.rules.maxStartTimeDisablesSlot && set.startTimes.includes(DISABLED_START_TIME)) {
            return statusAnswer(Status.CONSTRAINT_ERROR);
        }
        if (place < 0) {
            this.#setKeySets([...tables.keySets, set], tables);
        } else if (!tables.keySets[place]!.equals(set)) {
            this.#setKeySets(tables.keySets.with(place, set), tables);
        }
        return successAnswer;
    }

    /** Where the set is that a write replaces, -1 if it makes a new one. */
    #placeOf(id: number, tables: FabricTables): number {
        const sets = tables.keySets;
        const first = this.site.composition.rules.ipkWriteTakesSlot ? 1 : 0;
        for (let i = first; i < sets.length; i++) {
            if (sets[i]!.id === id) {
                return i;
            }
        }
        return -1;
    }

    #keySetRead(id: number, tables: FabricTables): DeviceAnswer {
        return tables.keySet(id)?.readAnswer ?? statusAnswer(Status.NOT_FOUND);
    }

    /** Section 11.2.7.4: entries of the map that use the set go with it; memberships stay in the group table. */
    #keySetRemove(id: number, tables: FabricTables): DeviceAnswer {
        if (id === 0) {
            return statusAnswer(Status.INVALID_COMMAND);
        }
        const place = this.#placeOf(id, tables);
        if (place < 0) {
            return statusAnswer(Status.NOT_FOUND);
        }
        const before = this.dataVersion;
        this.#setKeySets(tables.keySets.toSpliced(place, 1), tables);
        const left = tables.groupKeyMap.filter(entry => entry.groupKeySetId !== id);
        if (left.length < tables.groupKeyMap.length) {
            tables.setGroupKeyMap(left);
            // One command, one step of the version.
            this.dataVersion = before;
            this.changed(groupKeyMap);
        }
        return successAnswer;
    }

    #setKeySets(sets: readonly KeySetState[], tables: FabricTables): void {
        tables.setKeySets(sets);
        if (this.site.composition.rules.keySetsMoveDataVersion) {
            this.bumpDataVersion();
        }
    }
}

/**
 * Set 0 is the IPK (section 11.2.5.3.2: constraint 1 to 65535); whether the set exists is not checked. The specification leaves open which status refuses a group
 * outside the application range; this is matter.js's.
 */
function refusalOfEntry(entries: readonly GroupKeyMapEntry[], at: number): number {
    const { groupId, groupKeySetId } = entries[at]!;
    if (groupKeySetId === 0) {
        return Status.CONSTRAINT_ERROR;
    }
    if (groupId < 1 || groupId > MAX_APPLICATION_GROUP) {
        return Status.INVALID_ACTION;
    }
    for (let i = 0; i < at; i++) {
        if (entries[i]!.groupId === groupId) {
            return Status.CONSTRAINT_ERROR;
        }
    }
    return Status.SUCCESS;
}

/** The order of a list is part of its value. */
function sameMap(one: readonly GroupKeyMapEntry[], other: readonly GroupKeyMapEntry[]): boolean {
    if (one.length !== other.length) {
        return false;
    }
    for (let i = 0; i < one.length; i++) {
        if (one[i]!.groupId !== other[i]!.groupId || one[i]!.groupKeySetId !== other[i]!.groupKeySetId) {
            return false;
        }
    }
    return true;
}
