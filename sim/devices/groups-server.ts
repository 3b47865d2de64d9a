import { GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { responseAnswer, statusAnswer, successAnswer } from "./answers.js";
import { ClusterServer, isInteger, utf8Length, type ClusterShape, type ServerSite } from "./cluster-server.js";
import { Privilege } from "./privilege.js";
import { rowsWithout, type FabricTables, type GroupTableRow } from "./fabric-tables.js";
import type { IdentifyServer } from "./identify-server.js";
import type { ScenesManagementServer } from "./scenes-management-server.js";

const { addGroup, viewGroup, getGroupMembership, removeGroup, removeAllGroups, addGroupIfIdentifying } = Groups.commands;

const MAX_NAME_LENGTH = 16;
/** GetGroupMembershipResponse.Capacity: "at least one more, the number is not known" (cluster section 1.3.7.9.1). */
const CAPACITY_AT_LEAST_ONE = 0xfe;
/** NameSupport bit 7. */
const NAMES_SUPPORTED = 0x80;

const SHAPE: ClusterShape = {
    id: Groups.id,
    revision: 4,
    attributes: [Groups.attributes.nameSupport],
    commands: [addGroup, viewGroup, getGroupMembership, removeGroup, removeAllGroups, addGroupIfIdentifying],
    responses: [0, 1, 2, 3],
    privileges: {
        invoke: {
            [addGroup]: Privilege.MANAGE,
            [removeGroup]: Privilege.MANAGE,
            [removeAllGroups]: Privilege.MANAGE,
            [addGroupIfIdentifying]: Privilege.MANAGE,
        },
    },
};

/**
 * Groups (cluster section 1.3), one per endpoint: the endpoint's part of the node-wide group table. Most failures are told *inside* the response, as `status`.
 */
export class GroupsServer extends ClusterServer {
    override readonly shape = SHAPE;
    readonly #endpoint: number;
    readonly #names: boolean;
    readonly #identify: IdentifyServer | undefined;

    readonly #scenes: ScenesManagementServer | undefined;

    constructor(site: ServerSite, identify: IdentifyServer | undefined, scenes: ScenesManagementServer | undefined) {
        super(site);
        this.#scenes = scenes;
        this.#endpoint = site.endpoint.number;
        this.#names = site.endpoint.groupNames;
        this.#identify = identify;
    }

    override invoke(command: number, fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        switch (command) {
            case addGroup:
                return this.#addGroup(fields, tables);
            case viewGroup:
                return this.#viewGroup(fields, tables);
            case getGroupMembership:
                return this.#getGroupMembership(fields, tables);
            case removeGroup:
                return this.#removeGroup(fields, tables);
            case removeAllGroups:
                return this.#removeAllGroups(tables);
            case addGroupIfIdentifying:
                return this.#addGroupIfIdentifying(fields, tables);
            default:
                return statusAnswer(Status.UNSUPPORTED_COMMAND);
        }
    }

    protected override attributeValue(attribute: number): DeviceValue | undefined {
        return attribute === Groups.attributes.nameSupport ? (this.#names ? NAMES_SUPPORTED : 0) : undefined;
    }

    protected override get featureMap(): number {
        return this.#names ? 1 : 0;
    }

    #addGroup(fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const { groupId, groupName } = fields;
        if (!isInteger(groupId, 0, 0xffff) || typeof groupName !== "string") {
            return this.malformed;
        }
        return responseAnswer({ status: this.#join(groupId, groupName, tables), groupId });
    }

    /** Cluster section 1.3.7.1. A repetition succeeds and replaces the name for the whole node. */
    #join(groupId: number, groupName: string, tables: FabricTables): StatusCode {
        const nameLength = this.site.composition.rules.nameLimitInBytes ? utf8Length(groupName) : groupName.length;
        if (groupId < 1 || nameLength > MAX_NAME_LENGTH) {
            return Status.CONSTRAINT_ERROR;
        }
        if (this.site.composition.groupcastAdopted) {
            return Status.INVALID_IN_STATE;
        }
        if (!this.#hasKeyMaterial(groupId, tables)) {
            return Status.UNSUPPORTED_ACCESS;
        }
        const keepsNames = this.#names || this.site.composition.rules.namesWithoutFeature;
        const place = tables.rowIndex(groupId);
        if (place < 0) {
            if (tables.groupTable.length >= this.site.node.maxGroupsPerFabric) {
                return Status.RESOURCE_EXHAUSTED;
            }
            this.#setRows([...tables.groupTable, { groupId, endpoints: [this.#endpoint], groupName: keepsNames ? groupName : "" }], tables);
            return Status.SUCCESS;
        }
        const row = tables.groupTable[place]!;
        const isMember = row.endpoints.includes(this.#endpoint);
        const name = keepsNames ? groupName : row.groupName;
        if (!isMember || name !== row.groupName) {
            const endpoints = isMember ? row.endpoints : [...row.endpoints, this.#endpoint];
            this.#setRows(tables.groupTable.with(place, { groupId, endpoints, groupName: name }), tables);
        }
        return Status.SUCCESS;
    }

    #hasKeyMaterial(groupId: number, tables: FabricTables): boolean {
        const keySetId = tables.mappedKeySetId(groupId);
        return keySetId >= 0 && (!this.site.composition.rules.addGroupNeedsKeySet || tables.keySet(keySetId) !== undefined);
    }

    #viewGroup(fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const { groupId } = fields;
        if (!isInteger(groupId, 0, 0xffff)) {
            return this.malformed;
        }
        if (groupId < 1) {
            return responseAnswer({ status: Status.CONSTRAINT_ERROR, groupId, groupName: "" });
        }
        if (this.site.composition.groupcastAdopted) {
            return responseAnswer({ status: Status.INVALID_IN_STATE, groupId, groupName: "" });
        }
        if (!tables.isMember(groupId, this.#endpoint)) {
            return responseAnswer({ status: Status.NOT_FOUND, groupId, groupName: "" });
        }
        const tellsNames = this.#names || this.site.composition.rules.namesWithoutFeature;
        const { groupName } = tables.groupTable[tables.rowIndex(groupId)]!;
        return responseAnswer({ status: Status.SUCCESS, groupId, groupName: tellsNames ? groupName : "" });
    }

    /** An empty list asks for all groups; otherwise the answer has those of the list that the endpoint is in, in the list's order. */
    #getGroupMembership(fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const asked = fields["groupList"];
        if (!Array.isArray(asked)) {
            return this.malformed;
        }
        if (this.site.composition.groupcastAdopted) {
            return statusAnswer(Status.INVALID_IN_STATE);
        }
        const groupList: number[] = [];
        for (const groupId of asked as readonly DeviceValue[]) {
            if (!isInteger(groupId, 0, 0xffff)) {
                return this.malformed;
            }
            if (groupId < 1 && this.site.composition.rules.groupListChecked) {
                return statusAnswer(Status.CONSTRAINT_ERROR);
            }
            if (tables.isMember(groupId, this.#endpoint)) {
                groupList.push(groupId);
            }
        }
        let joined = 0;
        for (const row of tables.groupTable) {
            if (row.endpoints.includes(this.#endpoint)) {
                joined++;
                if (asked.length === 0) {
                    groupList.push(row.groupId);
                }
            }
        }
        return responseAnswer({ capacity: this.#capacity(joined, tables), groupList });
    }

    #capacity(joined: number, tables: FabricTables): number {
        if (!this.site.composition.rules.capacityIsRemainingRows) {
            return CAPACITY_AT_LEAST_ONE - joined;
        }
        return Math.min(CAPACITY_AT_LEAST_ONE, Math.max(0, this.site.node.maxGroupsPerFabric - tables.groupTable.length));
    }

    #removeGroup(fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const { groupId } = fields;
        if (!isInteger(groupId, 0, 0xffff)) {
            return this.malformed;
        }
        return responseAnswer({ status: this.#leave(groupId, tables), groupId });
    }

    #leave(groupId: number, tables: FabricTables): StatusCode {
        if (groupId < 1) {
            return Status.CONSTRAINT_ERROR;
        }
        if (this.site.composition.groupcastAdopted) {
            return Status.INVALID_IN_STATE;
        }
        if (!tables.isMember(groupId, this.#endpoint)) {
            return Status.NOT_FOUND;
        }
        this.#setRows(rowsWithout(tables.groupTable, groupId, this.#endpoint), tables);
        this.#scenes?.groupsLeft(groupId, tables);
        return Status.SUCCESS;
    }

    #removeAllGroups(tables: FabricTables): DeviceAnswer {
        if (this.site.composition.groupcastAdopted) {
            return statusAnswer(Status.INVALID_IN_STATE);
        }
        if (tables.groupTable.some(row => row.endpoints.includes(this.#endpoint))) {
            this.#setRows(rowsWithout(tables.groupTable, null, this.#endpoint), tables);
        }
        this.#scenes?.groupsLeft(null, tables);
        return successAnswer;
    }

    /** Cluster section 1.3.7.6: nothing happens, successfully, unless the endpoint identifies itself; a failure is the command's own status. */
    #addGroupIfIdentifying(fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const { groupId, groupName } = fields;
        if (!isInteger(groupId, 0, 0xffff) || typeof groupName !== "string") {
            return this.malformed;
        }
        if (this.site.composition.groupcastAdopted) {
            return statusAnswer(Status.INVALID_IN_STATE);
        }
        return this.#identify?.identifying ? statusAnswer(this.#join(groupId, groupName, tables)) : successAnswer;
    }

    #setRows(rows: readonly GroupTableRow[], tables: FabricTables): void {
        tables.setGroupTable(rows);
        this.site.node.groupTableOwner?.changed(GroupKeyManagement.attributes.groupTable);
    }
}
