import { describe, expect, it } from "vitest";
import { Groups } from "../../src/core/clusters.js";
import type { DeviceFields } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { chipRules, matterJsRules } from "./device-rules.js";
import { MANAGER_FABRIC } from "./sim-node.js";
import * as t from "./testing.js";

const F = MANAGER_FABRIC;

describe("AddGroup", () => {
    it("adds a row and tells it in the group table, under a new version of GroupKeyManagement", () => {
        const node = t.nodeWithKeys(1);
        const before = t.versionAt(node, t.readGroupTable);
        expect(t.fieldsOf(node.handle(t.addGroup(1, "Kitchen")))).toEqual({ status: Status.SUCCESS, groupId: 1 });
        expect(t.valueOf(node.handle(t.readGroupTable))).toEqual({
            kind: "value",
            value: [{ groupId: 1, endpoints: [1], groupName: "Kitchen" }],
            dataVersion: (before + 1) >>> 0,
        });
        expect(node.isMember(F, 1, 1)).toBe(true);
    });
    it("N-20: refuses group 0 and names over 16 bytes, in the payload", () => {
        const node = t.nodeWithKeys(1);
        expect(t.fieldsOf(node.handle(t.addGroup(0)))).toEqual({ status: Status.CONSTRAINT_ERROR, groupId: 0 });
        expect(t.payloadStatusOf(node.handle(t.addGroup(1, "x".repeat(17))))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.payloadStatusOf(node.handle(t.addGroup(1, "ä".repeat(9))))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.payloadStatusOf(node.handle(t.addGroup(1, "🏠".repeat(4))))).toBe(Status.SUCCESS);
        expect(t.payloadStatusOf(t.nodeWithKeys(1, { rules: matterJsRules }).handle(t.addGroup(1, "ä".repeat(9))))).toBe(Status.SUCCESS);
    });
    it("N-21: refuses a group without map entry", () => {
        expect(t.payloadStatusOf(t.nodeWithKeys(1).handle(t.addGroup(2)))).toBe(Status.UNSUPPORTED_ACCESS);
    });
    it("N-21: asks for the key set itself only where the rules say so", () => {
        for (const [rules, status] of [[undefined, Status.SUCCESS], [chipRules, Status.UNSUPPORTED_ACCESS]] as const) {
            const node = t.newNode(rules === undefined ? {} : { rules });
            node.handle(t.writeKeyMap([[1, 5]]));
            expect(t.payloadStatusOf(node.handle(t.addGroup(1)))).toBe(status);
        }
    });
    it("N-22: is out of room when the group table is full, but not for a group that has a row", () => {
        const node = t.nodeWithKeys(3, { switches: 2 });
        node.updateSoftware(1, 2, 3);
        node.handle(t.addGroup(1));
        node.handle(t.addGroup(2));
        expect(t.payloadStatusOf(node.handle(t.addGroup(3)))).toBe(Status.RESOURCE_EXHAUSTED);
        expect(t.payloadStatusOf(node.handle(t.addGroup(2, "", 2)))).toBe(Status.SUCCESS);
        expect(node.groupTable(F)).toHaveLength(2);
    });
    it("N-23: can be repeated; the name is replaced for the whole node", () => {
        const node = t.nodeWithKeys(1, { switches: 2 });
        node.handle(t.addGroup(1, "old", 1));
        node.handle(t.addGroup(1, "new", 2));
        expect(node.groupTable(F)).toEqual([{ groupId: 1, endpoints: [1, 2], groupName: "new" }]);
        expect(t.fieldsOf(node.handle(t.viewGroup(1, 1)))["groupName"]).toBe("new");
        const version = t.versionAt(node, t.readGroupTable);
        expect(t.payloadStatusOf(node.handle(t.addGroup(1, "new", 1)))).toBe(Status.SUCCESS);
        expect(t.versionAt(node, t.readGroupTable)).toBe(version);
    });
    it("N-24: refuses for good once Groupcast is adopted", () => {
        const node = t.newNode({ groupcastAdopted: true });
        expect(t.payloadStatusOf(node.handle(t.addGroup(1)))).toBe(Status.INVALID_IN_STATE);
        expect(t.payloadStatusOf(node.handle(t.viewGroup(1)))).toBe(Status.INVALID_IN_STATE);
        expect(t.payloadStatusOf(node.handle(t.removeGroup(1)))).toBe(Status.INVALID_IN_STATE);
        expect(t.statusOf(node.handle(t.getMembership([])))).toBe(Status.INVALID_IN_STATE);
        expect(t.statusOf(node.handle(t.removeAllGroups()))).toBe(Status.INVALID_IN_STATE);
        expect(t.statusOf(node.handle(t.addGroupIfIdentifying(1)))).toBe(Status.INVALID_IN_STATE);
    });
    it("keeps no name without the feature", () => {
        const node = t.nodeWithKeys(1, { groupNames: false });
        node.handle(t.addGroup(1, "Kitchen"));
        expect(node.groupTable(F)[0]!.groupName).toBe("");
        expect(t.fieldsOf(node.handle(t.viewGroup(1)))).toEqual({ status: Status.SUCCESS, groupId: 1, groupName: "" });
        expect(t.valueOf(node.handle(t.read(1, Groups.id, 0))).value).toBe(0);
        expect(t.valueOf(node.handle(t.read(1, Groups.id, 0xfffc))).value).toBe(0);
        expect(t.valueOf(t.newNode().handle(t.read(1, Groups.id, 0))).value).toBe(0x80);
    });
    it("keeps names without the feature on matter.js", () => {
        const node = t.nodeWithKeys(1, { groupNames: false, rules: matterJsRules });
        node.handle(t.addGroup(1, "Kitchen"));
        expect(t.fieldsOf(node.handle(t.viewGroup(1)))["groupName"]).toBe("Kitchen");
    });
    const malformed: DeviceFields[] = [{ groupId: 1 }, { groupName: "" }, { groupId: "1", groupName: "" }, { groupId: 0x10000, groupName: "" }];
    it.each(malformed)("refuses %j as malformed", fields => {
        expect(t.statusOf(t.nodeWithKeys(1).handle(t.invoke(1, Groups.id, 0, fields)))).toBe(Status.INVALID_COMMAND);
    });
});

describe("ViewGroup", () => {
    it("tells the name of a group that the endpoint is in, else NOT_FOUND", () => {
        const node = t.nodeWithKeys(2, { switches: 2 });
        node.handle(t.addGroup(1, "Kitchen", 1));
        expect(t.fieldsOf(node.handle(t.viewGroup(1)))).toEqual({ status: Status.SUCCESS, groupId: 1, groupName: "Kitchen" });
        expect(t.fieldsOf(node.handle(t.viewGroup(1, 2)))).toEqual({ status: Status.NOT_FOUND, groupId: 1, groupName: "" });
        expect(t.payloadStatusOf(node.handle(t.viewGroup(2)))).toBe(Status.NOT_FOUND);
        expect(t.payloadStatusOf(node.handle(t.viewGroup(0)))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.statusOf(node.handle(t.invoke(1, Groups.id, 1, {})))).toBe(Status.INVALID_COMMAND);
    });
});

describe("GetGroupMembership", () => {
    const member = () => {
        const node = t.nodeWithKeys(5, { switches: 2, maxGroupsPerFabric: 6 });
        [3, 1].forEach(group => node.handle(t.addGroup(group)));
        node.handle(t.addGroup(4, "", 2));
        return node;
    };
    it("N-26: lists all groups of the endpoint for an empty list, else those asked for", () => {
        const node = member();
        expect(t.fieldsOf(node.handle(t.getMembership([])))["groupList"]).toEqual([3, 1]);
        expect(t.fieldsOf(node.handle(t.getMembership([1, 2, 4, 3])))["groupList"]).toEqual([1, 3]);
        expect(t.fieldsOf(node.handle(t.getMembership([], 2)))["groupList"]).toEqual([4]);
    });
    it("tells how many rows are left on the node", () => {
        const node = member();
        expect(t.fieldsOf(node.handle(t.getMembership([])))["capacity"]).toBe(3);
        const capacityAt = (maxGroupsPerFabric: number) => t.fieldsOf(t.newNode({ maxGroupsPerFabric }).handle(t.getMembership([])))["capacity"];
        expect(capacityAt(0xfd)).toBe(0xfd);
        expect(capacityAt(1000)).toBe(0xfe);
        node.updateSoftware(2, 1, 3);
        expect(t.fieldsOf(node.handle(t.getMembership([])))["capacity"]).toBe(0);
    });
    it("tells 254 less the endpoint's groups on matter.js", () => {
        const node = t.nodeWithKeys(2, { rules: matterJsRules });
        node.handle(t.addGroup(1));
        expect(t.fieldsOf(node.handle(t.getMembership([2])))).toEqual({ capacity: 0xfd, groupList: [] });
    });
    it("refuses group 0 in the list and what is no list", () => {
        const node = member();
        expect(t.statusOf(node.handle(t.getMembership([1, 0])))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.statusOf(node.handle(t.getMembership([-1])))).toBe(Status.INVALID_COMMAND);
        expect(t.statusOf(node.handle(t.invoke(1, Groups.id, 2, {})))).toBe(Status.INVALID_COMMAND);
    });
});

describe("RemoveGroup and RemoveAllGroups", () => {
    it("N-25: leaves a group; the row goes with the last endpoint, the map entry stays", () => {
        const node = t.nodeWithKeys(1, { switches: 2 });
        node.handle(t.addGroup(1, "", 1));
        node.handle(t.addGroup(1, "", 2));
        const before = t.versionAt(node, t.readGroupTable);
        expect(t.fieldsOf(node.handle(t.removeGroup(1, 1)))).toEqual({ status: Status.SUCCESS, groupId: 1 });
        expect(node.groupTable(F)).toEqual([{ groupId: 1, endpoints: [2], groupName: "" }]);
        node.handle(t.removeGroup(1, 2));
        expect(node.groupTable(F)).toEqual([]);
        expect(node.groupKeyMap(F)).toHaveLength(1);
        expect(t.versionAt(node, t.readGroupTable)).toBe((before + 2) >>> 0);
    });
    it("N-25: answers NOT_FOUND where the endpoint is no member, CONSTRAINT_ERROR for group 0", () => {
        const node = t.nodeWithKeys(1, { switches: 2 });
        node.handle(t.addGroup(1, "", 2));
        expect(t.fieldsOf(node.handle(t.removeGroup(1, 1)))).toEqual({ status: Status.NOT_FOUND, groupId: 1 });
        expect(t.payloadStatusOf(node.handle(t.removeGroup(0)))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.statusOf(node.handle(t.invoke(1, Groups.id, 3, {})))).toBe(Status.INVALID_COMMAND);
        expect(node.groupTable(F)).toHaveLength(1);
    });
    it("N-25: leaves the endpoint's other groups alone", () => {
        const node = t.nodeWithKeys(2);
        [1, 2].forEach(group => node.handle(t.addGroup(group)));
        node.handle(t.removeGroup(1));
        expect(node.groupTable(F).map(row => row.groupId)).toEqual([2]);
    });
    it("N-27: leaves all groups of the endpoint, and moves the version only if there was one", () => {
        const node = t.nodeWithKeys(3, { switches: 2 });
        [1, 2].forEach(group => node.handle(t.addGroup(group, "", 1)));
        [2, 3].forEach(group => node.handle(t.addGroup(group, "", 2)));
        expect(t.statusOf(node.handle(t.removeAllGroups(1)))).toBe(Status.SUCCESS);
        expect(node.groupTable(F).map(row => [row.groupId, row.endpoints])).toEqual([[2, [2]], [3, [2]]]);
        const version = t.versionAt(node, t.readGroupTable);
        expect(t.statusOf(node.handle(t.removeAllGroups(1)))).toBe(Status.SUCCESS);
        expect(t.versionAt(node, t.readGroupTable)).toBe(version);
    });
});

describe("GetGroupMembership of group id 0", () => {
    it("N-26: is a constraint error, or passed over as the rules say", () => {
        const matterJs = t.nodeWithKeys(1, { rules: matterJsRules });
        matterJs.handle(t.addGroup(1));
        expect(t.statusOf(t.nodeWithKeys(1).handle(t.getMembership([0, 1])))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.fieldsOf(matterJs.handle(t.getMembership([0, 1])))["groupList"]).toEqual([1]);
    });
});

describe("AddGroupIfIdentifying", () => {
    it("N-27: adds only while the endpoint identifies itself, and fails with its own status", () => {
        const node = t.nodeWithKeys(1);
        expect(t.statusOf(node.handle(t.addGroupIfIdentifying(1)))).toBe(Status.SUCCESS);
        expect(node.isMember(F, 1, 1)).toBe(false);
        expect(t.statusOf(node.handle(t.identify(10)))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.addGroupIfIdentifying(2)))).toBe(Status.UNSUPPORTED_ACCESS);
        node.setTime(9_999);
        expect(t.statusOf(node.handle(t.addGroupIfIdentifying(1)))).toBe(Status.SUCCESS);
        expect(node.isMember(F, 1, 1)).toBe(true);
        node.handle(t.removeGroup(1));
        node.setTime(10_000);
        node.handle(t.addGroupIfIdentifying(1));
        expect(node.isMember(F, 1, 1)).toBe(false);
    });
    it("moves the data version of Identify only when the time left is another one", () => {
        const node = t.newNode();
        const version = () => t.versionAt(node, t.read(1, 3, 0));
        const before = version();
        node.handle(t.identify(0));
        expect(version()).toBe(before);
        node.handle(t.identify(10));
        expect(version()).toBe((before + 1) >>> 0);
        node.handle(t.identify(10));
        expect(version()).toBe((before + 1) >>> 0);
        node.setTime(3_000);
        node.handle(t.identify(10));
        expect(version()).toBe((before + 2) >>> 0);
    });
    it("knows the time left from Identify", () => {
        const node = t.newNode();
        const timeLeft = () => t.valueOf(node.handle(t.read(1, 3, 0))).value;
        expect(timeLeft()).toBe(0);
        expect(t.statusOf(node.handle(t.write(1, 3, 0, 5)))).toBe(Status.SUCCESS);
        expect(timeLeft()).toBe(5);
        node.setTime(4_500);
        expect(timeLeft()).toBe(1);
        node.handle(t.identify(0));
        expect(timeLeft()).toBe(0);
        expect(t.statusOf(node.handle(t.write(1, 3, 0, -1)))).toBe(Status.INVALID_DATA_TYPE);
        expect(t.statusOf(node.handle(t.invoke(1, 3, 0, {})))).toBe(Status.INVALID_COMMAND);
        expect(t.statusOf(node.handle(t.invoke(1, 3, 9, {})))).toBe(Status.UNSUPPORTED_COMMAND);
    });
});
