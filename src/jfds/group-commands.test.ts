import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { Status } from "../core/status.js";
import { formed, group, groupUpdate, keySet, N1, N2, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, BUSY, INVALID_COMMAND } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups({ switches: 2, maxGroupKeysPerFabric: 5 }), new Random(1));
const ADMINISTRATORS = 0xfe01;

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member });
});

const add = (id: number, keySetId: number | null, changes: object = {}) => shell.jfds("addGroup", group(id, keySetId, changes));
const update = (id: number, changes: object) => shell.jfds("updateGroup", groupUpdate(id, changes));
const remove = (groupId: number) => shell.jfds("removeGroup", { groupId });
const entry = (id: number) => shell.datastore.attribute("groupList").find(({ groupId }) => groupId === id);
const join = (nodeId = N1, groupId = 1, endpointId = 1) => shell.all(["addGroupIdToEndpointForNode", { nodeId, endpointId, groupId }]);
const keyRows = () => shell.rows("nodeKeySetList").filter(row => !row.includes(" 0 C"));

describe("AddGroup", () => {
    it("R-070 R-076 lists the group, also of a key set that is not there, and tells no node", () => {
        expect(add(2, 77, { groupCat: 0x10, groupCatVersion: 3, friendlyName: "" })).toBe(SUCCESS);
        expect(entry(2)).toEqual({ groupId: 2, friendlyName: "", groupKeySetId: 77, groupCat: 0x10, groupCatVersion: 3, groupPermission: 3 });
        expect(shell.changes()).toEqual([]);
    });

    it.each([
        ["R-069 an id that is there", 1, 1, {}, CONSTRAINT_ERROR],
        ["R-071 the Administrator CAT", 2, null, { groupCat: 0xffff, groupCatVersion: 1 }, CONSTRAINT_ERROR],
        ["R-071 the Anchor CAT", 2, null, { groupCat: 0xfffe, groupCatVersion: 1 }, CONSTRAINT_ERROR],
        ["R-072 CAT 0", 2, null, { groupCat: 0, groupCatVersion: 1 }, CONSTRAINT_ERROR],
        ["R-073 version 0", 2, null, { groupCat: 5, groupCatVersion: 0 }, CONSTRAINT_ERROR],
        ["R-073 a CAT without version", 2, null, { groupCat: 5 }, CONSTRAINT_ERROR],
        ["R-073 a version without CAT", 2, null, { groupCatVersion: 5 }, CONSTRAINT_ERROR],
        ["R-074 key set 0", 2, 0, {}, CONSTRAINT_ERROR],
        ["R-074 key set 0xFFFF", 2, 0xffff, {}, CONSTRAINT_ERROR],
        ["R-075 Manage with a key set", 2, 1, { groupPermission: 4 }, CONSTRAINT_ERROR],
        ["R-075 Administer with a key set", 2, 1, { groupPermission: 5 }, CONSTRAINT_ERROR],
        ["R-015 ProxyView", 2, 1, { groupPermission: 2 }, CONSTRAINT_ERROR],
        ["R-077 group 0", 0, 1, {}, CONSTRAINT_ERROR],
        ["R-077 a group that no device can map", 0xff00, 1, {}, CONSTRAINT_ERROR],
        ["R-019 a name of 33 bytes", 2, 1, { friendlyName: "ü".repeat(16) + "x" }, CONSTRAINT_ERROR],
        ["R-013 a name that is missing", 2, 1, { friendlyName: undefined }, INVALID_COMMAND],
        ["R-013 a null permission", 2, 1, { groupPermission: null }, INVALID_COMMAND],
    ])("refuses %s", (_what, id, keySetId, changes, status) => {
        const before = shell.datastore.attributes();
        expect(add(id, keySetId, changes)).toBe(status);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("R-012 R-019 takes a name of exactly 32 bytes, and Administer without a key set", () => {
        expect(add(2, null, { friendlyName: "ü".repeat(16), groupPermission: 5 })).toBe(SUCCESS);
    });

    it("R-072 draws the line for CATs where the policy says", () => {
        expect(add(2, null, { groupCat: 0xf000, groupCatVersion: 1 })).toBe(SUCCESS);
        shell = formed({ member, datastore: { policies: { catRange: "1-0xEFFF" } } }, []);
        expect(add(2, null, { groupCat: 0xf000, groupCatVersion: 1 })).toBe(CONSTRAINT_ERROR);
        expect(add(2, null, { groupCat: 0xefff, groupCatVersion: 1 })).toBe(SUCCESS);
    });

    it("R-018 answers RESOURCE_EXHAUSTED when the list is full", () => {
        shell = formed({ member, datastore: { limits: { groups: 4 } } }, []);
        expect([add(2, 1), add(3, 1)]).toEqual([SUCCESS, RESOURCE_EXHAUSTED]);
    });
});

describe("UpdateGroup", () => {
    it("R-079 R-080 R-084 R-085 changes what is given, and nothing else", () => {
        expect(update(9, {})).toBe(NOT_FOUND);
        expect(update(1, { groupCat: 7, groupCatVersion: 2 })).toBe(SUCCESS);
        expect(entry(1)).toMatchObject({ friendlyName: "Group 1", groupKeySetId: 1, groupCat: 7, groupCatVersion: 2, groupPermission: 3 });
        const before = shell.datastore.attributes();
        expect([update(1, {}), update(1, { groupCat: 7 })]).toEqual([SUCCESS, SUCCESS]);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("R-072 R-073 R-074 R-075 R-083 holds the resulting entry to the same rules", () => {
        for (const changes of [{ groupCat: 0xffff }, { groupCat: 0 }, { groupCat: 5 }, { groupCatVersion: 5 }, { groupKeySetId: 0xffff }, { groupPermission: 4 }]) {
            expect([changes, update(1, changes)]).toEqual([changes, CONSTRAINT_ERROR]);
        }
    });

    it("R-081 R-082 keeps the groups of the Administrator and Anchor CATs as they are, or all but their CAT", () => {
        expect(update(ADMINISTRATORS, { groupCatVersion: 2 })).toBe(CONSTRAINT_ERROR);
        shell = formed({ member, datastore: { policies: { adminGroupUpdate: "allowNonCat" } } }, []);
        expect(update(ADMINISTRATORS, { groupCatVersion: 2 })).toBe(SUCCESS);
        expect(update(ADMINISTRATORS, { groupCat: 4 })).toBe(CONSTRAINT_ERROR);
    });

    it("R-086 R-090 R-092 R-093 gives members the new key set, remaps the group, and only then takes the old set away", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }]);
        join();
        shell.changes();
        expect(update(1, { groupKeySetId: 2 })).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["KeySetWrite", "write GroupKeyMap", "KeySetRemove"]);
        expect(keyRows()).toEqual(["0x11 2 C"]);
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 1 1 C"]);
    });

    it("R-087 leaves nodes outside the group alone", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }]);
        join();
        expect(update(1, { groupKeySetId: 2 })).toBe(SUCCESS);
        expect(shell.changes(N2)).toEqual([]);
    });

    it("R-090 R-092 R-093 keeps the old set, as DeletePending, while the node cannot be mapped to the new one", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }]);
        join();
        shell.changes();
        shell.refuse(BUSY, request => request.op === "write");
        expect(update(1, { groupKeySetId: 2 })).toBe(SUCCESS);
        expect(keyRows()).toEqual(["0x11 1 DP", "0x11 2 CF(156)"]);
        expect(shell.changes()).not.toContain("KeySetRemove");
        shell.heal();
        shell.run(60_000);
        expect(keyRows()).toEqual(["0x11 2 C"]);
    });

    it("R-091 keeps an old set that another group of the node uses", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addGroup", group(2, 1)]);
        join();
        join(N1, 2);
        shell.changes();
        expect(update(1, { groupKeySetId: 2 })).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["KeySetWrite", "write GroupKeyMap"]);
        expect(keyRows()).toEqual(["0x11 1 C", "0x11 2 C"]);
        shell.silence();
        expect(update(2, { groupKeySetId: 2 })).toBe(SUCCESS);
        join(N1, 1, 2);
        expect(update(2, { groupKeySetId: 1 })).toBe(SUCCESS);
        expect(update(1, { groupKeySetId: 1 })).toBe(SUCCESS);
        expect(keyRows()).toEqual(["0x11 1 P", "0x11 2 DP"]); // not of use before the groups are mapped to it again
        shell.back();
        expect(keyRows()).toEqual(["0x11 1 C"]);
    });

    it("R-091 says of a shared set at no time that it is leaving", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addGroup", group(2, 1)]);
        join();
        join(N1, 2);
        shell.silence();
        expect(update(1, { groupKeySetId: 2 })).toBe(SUCCESS);
        expect(keyRows()).toEqual(["0x11 1 C", "0x11 2 P"]);
    });

    it("R-060 R-066 does not write a set that is leaving, which may be removed from the list", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }]);
        join();
        shell.refuse(BUSY, request => request.op === "write");
        update(1, { groupKeySetId: 2 });
        shell.changes();
        expect(shell.jfds("updateKeySet", { groupKeySet: keySet(1, { epochStartTime0: 77_000_000n }) })).toBe(SUCCESS);
        expect(shell.changes()).toEqual([]);
        expect(shell.jfds("removeKeySet", { groupKeySetId: 1 })).toBe(SUCCESS);
        expect(keyRows()).toEqual(["0x11 1 DP", "0x11 2 CF(156)"]);
        shell.heal();
        shell.run(120_000);
        expect(keyRows()).toEqual(["0x11 2 C"]);
    });

    it("R-088 does not write a set that the node has, and wants one again that is leaving", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addGroup", group(2, 2)]);
        join();
        join(N1, 2);
        shell.changes();
        expect(update(1, { groupKeySetId: 2 })).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["write GroupKeyMap", "KeySetRemove"]);
        shell.silence();
        expect([update(1, { groupKeySetId: 1 }), update(1, { groupKeySetId: 2 })]).toEqual([SUCCESS, SUCCESS]);
        expect(keyRows()).toEqual(["0x11 2 P", "0x11 1 DP"]);
        shell.back();
        expect(keyRows()).toEqual(["0x11 2 C"]);
    });

    it("R-089 holds a set that is not there as Pending, and keeps the old one until it is", () => {
        join();
        shell.changes();
        expect(update(1, { groupKeySetId: 2 })).toBe(SUCCESS);
        expect(keyRows()).toEqual(["0x11 1 DP", "0x11 2 P"]);
        expect(shell.changes()).toEqual([]);
        shell.all(["addKeySet", { groupKeySet: keySet(2) }]);
        expect(shell.changes()).toEqual(["KeySetWrite", "write GroupKeyMap", "KeySetRemove"]);
        expect(keyRows()).toEqual(["0x11 2 C"]);
    });

    it("R-090 takes the old set away also when the members that it waits for are gone before the new one comes", () => {
        join();
        update(1, { groupKeySetId: 2 });
        expect(keyRows()).toEqual(["0x11 1 DP", "0x11 2 P"]);
        shell.all(["removeGroupIdFromEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 1 }]);
        expect(keyRows()).toEqual([]);
        join();
        shell.all(["addKeySet", { groupKeySet: keySet(2) }]);
        expect(update(1, { groupKeySetId: 3 })).toBe(SUCCESS);
        shell.member<SimNode>().handle({ op: "invoke", endpoint: 1 as never, cluster: 4, command: 3, fields: { groupId: 1 }, query: false });
        shell.all(["refreshNode", { nodeId: N1 }]);
        expect([keyRows(), shell.rows("nodeList")[0]]).toEqual([[], "0x11 Node 17 C"]);
    });

    it("R-099 R-101 writes a new name to every member, cut to what devices can hold", () => {
        join();
        join(N1, 1, 2);
        shell.changes();
        expect(update(1, { friendlyName: "Küche und Flur im Erdgeschoss" })).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["AddGroup", "AddGroup"]);
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 1 1 C", "0x11 2 1 C"]);
        expect(entry(1)!.friendlyName).toBe("Küche und Flur im Erdgeschoss");
    });

    it("R-100 does not want a membership again that is leaving", () => {
        join();
        shell.silence();
        shell.all(["removeGroupIdFromEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 1 }]);
        expect(update(1, { friendlyName: "Other" })).toBe(SUCCESS);
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 1 1 DP"]);
    });

    it("R-103 answers BUSY, and changes nothing anywhere, when one node owes too much", () => {
        shell = formed({ member, datastore: { limits: { owedPerNode: 4 } } });
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addGroup", group(2, 1)], ["addGroup", group(3, 1)]);
        join();
        join(N2);
        shell.silence(N2);
        join(N2, 2);
        join(N2, 2, 2);
        shell.changes();
        const before = shell.datastore.attributes();
        expect(update(1, { groupKeySetId: 2, friendlyName: "x" })).toBe(BUSY);
        expect(shell.datastore.attributes()).toEqual(before);
        expect(shell.changes()).toEqual([]);
    });
});

describe("RemoveGroup", () => {
    it("R-104 R-105 keeps the groups of the Administrator and Anchor CATs, and does not know others", () => {
        expect([remove(ADMINISTRATORS), remove(0xfe02), remove(9)]).toEqual([CONSTRAINT_ERROR, CONSTRAINT_ERROR, NOT_FOUND]);
    });

    it("R-106 keeps a group that has members, also held ones", () => {
        join();
        expect(remove(1)).toBe(CONSTRAINT_ERROR);
        shell.all(["addGroup", group(2, 9)]);
        join(N1, 2);
        expect(remove(2)).toBe(CONSTRAINT_ERROR);
    });

    it("R-107 R-108 may go while members still have to leave, and they do", () => {
        join();
        shell.silence();
        shell.all(["removeGroupIdFromEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 1 }]);
        expect(remove(1)).toBe(SUCCESS);
        expect(entry(1)).toBeUndefined();
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 1 1 DP"]);
        shell.back();
        expect(shell.rows("endpointGroupIdList")).toEqual([]);
    });
});
