import { describe, expect, it } from "vitest";
import { GroupKeyManagement } from "../../src/core/clusters.js";
import type { DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { matterJsRules, specificationRules } from "./device-rules.js";
import { DISABLED_START_TIME } from "./key-set-state.js";
import { MANAGER_FABRIC } from "./sim-node.js";
import * as t from "./testing.js";

const F = MANAGER_FABRIC;
const writeStatus = (changes: DeviceFields, id = 7, rules = specificationRules) => t.statusOf(t.newNode({ rules }).handle(t.writeKeySet(id, changes)));

describe("KeySetWrite", () => {
    it("stores a set, keys and all", () => {
        const node = t.newNode();
        expect(t.statusOf(node.handle(t.writeKeySet(7, { epochKey1: t.key(9), epochStartTime1: 2_000_000n })))).toBe(Status.SUCCESS);
        const set = node.keySet(F, 7)!;
        expect(set.keys.map(key => key?.fingerprint ?? null)).toEqual(["key 7", "key 9", null]);
        expect(set.startTimes).toEqual([1_000_000n, 2_000_000n, null]);
        expect(set.keys[0]!.reveal()).toEqual(new Uint8Array(16).fill(7));
    });
    it("stores new material under old start times: the two are told apart by nothing on the wire", () => {
        const node = t.newNode();
        node.handle(t.writeKeySet(7));
        node.handle(t.writeKeySet(7, { epochKey0: t.key(99) }));
        expect(node.keySet(F, 7)!.keys[0]!.fingerprint).toBe("key 99");
    });
    it("N-01: refuses a null first key or start time", () => {
        expect(writeStatus({ epochKey0: null, epochStartTime0: null })).toBe(Status.INVALID_COMMAND);
        expect(writeStatus({ epochKey0: null })).toBe(Status.INVALID_COMMAND);
        expect(writeStatus({ epochStartTime0: null })).toBe(Status.INVALID_COMMAND);
    });
    it("N-02: refuses start time 0", () => expect(writeStatus({ epochStartTime0: 0n })).toBe(Status.INVALID_COMMAND));
    it("N-03: refuses keys that have not 16 bytes", () => {
        expect(writeStatus({ epochKey0: new Uint8Array(15) })).toBe(Status.CONSTRAINT_ERROR);
        expect(writeStatus({ epochKey1: new Uint8Array(17), epochStartTime1: 2_000_000n })).toBe(Status.CONSTRAINT_ERROR);
        expect(writeStatus({ epochKey0: new Uint8Array(16) })).toBe(Status.SUCCESS);
    });
    it("N-04: refuses a key without a start time and the other way round", () => {
        expect(writeStatus({ epochKey1: t.key(1) })).toBe(Status.INVALID_COMMAND);
        expect(writeStatus({ epochStartTime1: 2_000_000n })).toBe(Status.INVALID_COMMAND);
        const second = { epochKey1: t.key(1), epochStartTime1: 2_000_000n };
        expect(writeStatus({ ...second, epochKey2: t.key(2) })).toBe(Status.INVALID_COMMAND);
        expect(writeStatus({ ...second, epochStartTime2: 3_000_000n })).toBe(Status.INVALID_COMMAND);
    });
    it("N-05: refuses start times that do not grow", () => {
        for (const startTime of [1_000_000n, 999_999n]) {
            expect(writeStatus({ epochKey1: t.key(1), epochStartTime1: startTime })).toBe(Status.INVALID_COMMAND);
        }
        const second = { epochKey1: t.key(1), epochStartTime1: 2_000_000n, epochKey2: t.key(2) };
        expect(writeStatus({ ...second, epochStartTime2: 2_000_000n })).toBe(Status.INVALID_COMMAND);
        expect(writeStatus({ ...second, epochStartTime2: 2_000_001n })).toBe(Status.SUCCESS);
    });
    it("N-06: refuses a third key without a second", () => {
        expect(writeStatus({ epochKey2: t.key(2), epochStartTime2: 3_000_000n })).toBe(Status.INVALID_COMMAND);
    });
    it("N-07: refuses CacheAndSync, and policies that do not exist", () => {
        expect(writeStatus({ groupKeySecurityPolicy: 1 })).toBe(Status.INVALID_COMMAND);
        expect(writeStatus({ groupKeySecurityPolicy: 2 })).toBe(Status.CONSTRAINT_ERROR);
        expect(writeStatus({ groupKeySecurityPolicy: 2 }, 7, matterJsRules)).toBe(Status.INVALID_COMMAND);
    });
    it("N-08: takes multicast policy PerGroupId or none; AllNodes as the rules say", () => {
        expect(writeStatus({ groupKeyMulticastPolicy: 0 })).toBe(Status.SUCCESS);
        expect(writeStatus({ groupKeyMulticastPolicy: 1 })).toBe(Status.SUCCESS);
        expect(writeStatus({ groupKeyMulticastPolicy: 2 })).toBe(Status.CONSTRAINT_ERROR);
        expect(writeStatus({ groupKeyMulticastPolicy: 1 }, 7, matterJsRules)).toBe(Status.INVALID_COMMAND);
        expect(writeStatus({ groupKeyMulticastPolicy: 2 }, 7, matterJsRules)).toBe(Status.INVALID_COMMAND);
    });
    it("N-08: tells the default policy for the set that AddNOC brought", () => {
        expect(t.fieldsOf(t.newNode().handle(t.readKeySet(0)))["groupKeySet"]).toMatchObject({ groupKeyMulticastPolicy: 0, epochStartTime0: 0n });
    });
    it("N-09: leaves a slot with the maximum start time unused", () => {
        const node = t.newNode();
        expect(t.statusOf(node.handle(t.writeKeySet(7, { epochKey1: t.key(1), epochStartTime1: DISABLED_START_TIME })))).toBe(Status.SUCCESS);
        expect(node.keySet(F, 7)!.keys[1]).toBeNull();
        expect(node.keySet(F, 7)!.startTimes[1]).toBeNull();
        const matterJs = t.newNode({ rules: matterJsRules });
        const disabling = t.writeKeySet(7, { epochKey1: t.key(1), epochStartTime1: DISABLED_START_TIME });
        expect(t.statusOf(matterJs.handle(disabling))).toBe(Status.CONSTRAINT_ERROR);
        expect(matterJs.keySet(F, 7)).toBeUndefined();
    });
    it("N-10: is out of room at the limit, which counts the IPK; overwriting stays possible", () => {
        const node = t.newNode({ maxGroupKeysPerFabric: 3 });
        const write = (id: number, changes = {}) => t.statusOf(node.handle(t.writeKeySet(id, changes)));
        expect([write(1), write(2), write(3)]).toEqual([Status.SUCCESS, Status.SUCCESS, Status.RESOURCE_EXHAUSTED]);
        expect(write(2, { epochStartTime0: 5n })).toBe(Status.SUCCESS);
        expect(node.keySet(F, 2)!.startTimes[0]).toBe(5n);
        expect(node.keySet(F, 3)).toBeUndefined();
        // What is wrong with the set itself is told first.
        expect(write(3, { epochStartTime0: 0n })).toBe(Status.INVALID_COMMAND);
    });
    it("N-11: rotates the IPK under id 0, also when all slots are taken", () => {
        const node = t.newNode({ maxGroupKeysPerFabric: 3 });
        node.handle(t.writeKeySet(1));
        node.handle(t.writeKeySet(2));
        expect(t.statusOf(node.handle(t.writeKeySet(0)))).toBe(Status.SUCCESS);
        expect(node.keySet(F, 0)!.keys[0]!.fingerprint).toBe("key 0");
        expect(t.fieldsOf(node.handle(t.listKeySets))).toEqual({ groupKeySetIDs: [0, 1, 2] });
    });
    it("N-11: on matter.js makes one set more of it", () => {
        const node = t.newNode({ maxGroupKeysPerFabric: 3, rules: matterJsRules });
        node.handle(t.writeKeySet(1));
        expect(t.statusOf(node.handle(t.writeKeySet(0)))).toBe(Status.SUCCESS);
        expect(t.fieldsOf(node.handle(t.listKeySets))).toEqual({ groupKeySetIDs: [0, 1, 0] });
        expect(t.statusOf(node.handle(t.writeKeySet(2)))).toBe(Status.RESOURCE_EXHAUSTED);
        expect(node.keySet(F, 0)!.keys[0]!.fingerprint).toBe("key 0");
        expect(node.keySets(F)).toHaveLength(3);
        const full = t.newNode({ maxGroupKeysPerFabric: 2, rules: matterJsRules });
        full.handle(t.writeKeySet(1));
        expect(t.statusOf(full.handle(t.writeKeySet(0)))).toBe(Status.RESOURCE_EXHAUSTED);
    });
    it("N-12: keeps the third slot for the IPK once Groupcast is adopted", () => {
        const third = { epochKey1: t.key(1), epochStartTime1: 2_000_000n, epochKey2: t.key(2), epochStartTime2: 3_000_000n };
        const node = t.newNode({ groupcastAdopted: true });
        expect(t.statusOf(node.handle(t.writeKeySet(7, third)))).toBe(Status.INVALID_COMMAND);
        expect(t.statusOf(node.handle(t.writeKeySet(0, third)))).toBe(Status.SUCCESS);
    });
    it("refuses malformed fields without a change", () => {
        const malformed: DeviceFields[] = [
            { groupKeySetId: 0x10000 }, { groupKeySetId: "7" }, { groupKeySecurityPolicy: null }, { epochKey0: "key" }, { epochStartTime0: 1_000_000 },
            { epochStartTime0: -1n }, { epochStartTime0: 1n << 64n }, { groupKeyMulticastPolicy: null },
        ];
        for (const changes of malformed) {
            expect([changes, writeStatus(changes)]).toEqual([changes, Status.INVALID_COMMAND]);
            expect([changes, writeStatus(changes, 7, matterJsRules)]).toEqual([changes, Status.INVALID_ACTION]);
        }
        const node = t.newNode();
        const shapes: DeviceFields[] = [{}, { groupKeySet: null }, { groupKeySet: 7 }, { groupKeySet: [] }, { groupKeySet: new Uint8Array(2) }];
        for (const fields of shapes) {
            expect(t.statusOf(node.handle(t.invoke(0, GroupKeyManagement.id, 0, fields)))).toBe(Status.INVALID_COMMAND);
        }
        expect(node.keySets(F)).toHaveLength(1);
    });
    it("moves no data version by the specification, and does on matter.js", () => {
        for (const [rules, step] of [[specificationRules, 0], [matterJsRules, 1]] as const) {
            const node = t.newNode({ rules });
            const before = t.versionAt(node, t.readKeyMap);
            node.handle(t.writeKeySet(7));
            expect(t.versionAt(node, t.readKeyMap)).toBe((before + step) >>> 0);
        }
    });
});

describe("KeySetRead and KeySetReadAllIndices", () => {
    it("N-13: shows start times and never keys; unknown sets are NOT_FOUND; the IPK is readable", () => {
        const node = t.newNode();
        node.handle(t.writeKeySet(7));
        expect(t.fieldsOf(node.handle(t.readKeySet(7)))).toEqual({
            groupKeySet: t.keySetFields(7, { epochKey0: null }),
        });
        expect(t.statusOf(node.handle(t.readKeySet(8)))).toBe(Status.NOT_FOUND);
        expect(t.fieldsOf(node.handle(t.readKeySet(0)))["groupKeySet"]).toMatchObject({ groupKeySetId: 0, epochKey0: null, epochStartTime0: 0n });
    });
    it("answers the state of now, not of an earlier read", () => {
        const node = t.newNode();
        node.handle(t.writeKeySet(7));
        node.handle(t.readKeySet(7));
        node.handle(t.writeKeySet(7, { epochStartTime0: 3n, groupKeyMulticastPolicy: 0 }));
        expect(t.fieldsOf(node.handle(t.readKeySet(7)))["groupKeySet"]).toMatchObject({ epochStartTime0: 3n, groupKeyMulticastPolicy: 0 });
    });
    it("N-15: lists set 0 always, and refuses malformed ids", () => {
        const node = t.newNode();
        expect(t.fieldsOf(node.handle(t.listKeySets))).toEqual({ groupKeySetIDs: [0] });
        node.handle(t.writeKeySet(9));
        node.handle(t.writeKeySet(4));
        expect(t.fieldsOf(node.handle(t.listKeySets))).toEqual({ groupKeySetIDs: [0, 9, 4] });
        expect(t.statusOf(node.handle(t.invoke(0, GroupKeyManagement.id, 1, {})))).toBe(Status.INVALID_COMMAND);
    });
});

describe("KeySetRemove", () => {
    it("N-14: refuses the IPK and unknown sets", () => {
        const node = t.newNode();
        expect(t.statusOf(node.handle(t.removeKeySet(0)))).toBe(Status.INVALID_COMMAND);
        expect(t.statusOf(node.handle(t.removeKeySet(5)))).toBe(Status.NOT_FOUND);
        expect(node.keySet(F, 0)).toBeDefined();
    });
    it("N-14: takes the map entries of the set along, for all groups, and leaves the group table", () => {
        const node = t.newNode({ maxGroupKeysPerFabric: 4 });
        node.handle(t.writeKeySet(1));
        node.handle(t.writeKeySet(2));
        node.handle(t.writeKeyMap([[10, 1], [11, 2], [12, 1]]));
        node.handle(t.addGroup(10));
        const before = t.versionAt(node, t.readKeyMap);
        expect(t.statusOf(node.handle(t.removeKeySet(1)))).toBe(Status.SUCCESS);
        expect(node.groupKeyMap(F)).toEqual([{ groupId: 11, groupKeySetId: 2 }]);
        expect(node.isMember(F, 10, 1)).toBe(true);
        expect(t.versionAt(node, t.readKeyMap)).toBe((before + 1) >>> 0);
        expect(t.statusOf(node.handle(t.readKeySet(1)))).toBe(Status.NOT_FOUND);
    });
    it("is one step of the version on matter.js too, and none by the specification when no entry went", () => {
        for (const [rules, step] of [[specificationRules, 0], [matterJsRules, 1]] as const) {
            const node = t.newNode({ rules });
            node.handle(t.writeKeySet(1));
            const before = t.versionAt(node, t.readKeyMap);
            node.handle(t.removeKeySet(1));
            expect(t.versionAt(node, t.readKeyMap)).toBe((before + step) >>> 0);
        }
        const node = t.nodeWithKeys(1, { rules: matterJsRules });
        const before = t.versionAt(node, t.readKeyMap);
        node.handle(t.removeKeySet(1));
        expect(t.versionAt(node, t.readKeyMap)).toBe((before + 1) >>> 0);
    });
});

describe("GroupKeyMap", () => {
    const gkm = GroupKeyManagement.id;
    it("is replaced as a whole, without asking whether the key set exists", () => {
        const node = t.newNode();
        expect(t.statusOf(node.handle(t.writeKeyMap([[1, 5], [2, 6]])))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.writeKeyMap([[3, 5]])))).toBe(Status.SUCCESS);
        expect(t.valueOf(node.handle(t.readKeyMap)).value).toEqual([{ groupId: 3, groupKeySetId: 5 }]);
        expect([node.mappedKeySetId(F, 3), node.mappedKeySetId(F, 1)]).toEqual([5, -1]);
    });
    const refused: readonly (readonly [string, DeviceValue, number])[] = [
        ["N-16: key set 0", [{ groupId: 1, groupKeySetId: 0 }], Status.CONSTRAINT_ERROR],
        ["N-16: group 0", [{ groupId: 0, groupKeySetId: 1 }], Status.INVALID_ACTION],
        ["N-16: a universal group", [{ groupId: 0xff00, groupKeySetId: 1 }], Status.INVALID_ACTION],
        ["N-16: a group twice", [{ groupId: 1, groupKeySetId: 1 }, { groupId: 1, groupKeySetId: 2 }], Status.CONSTRAINT_ERROR],
        ["N-16: too many", [1, 2, 3, 4, 5].map(groupId => ({ groupId, groupKeySetId: 1 })), Status.RESOURCE_EXHAUSTED],
        ["no list", 7, Status.INVALID_DATA_TYPE],
        ["an entry without its key set", [{ groupId: 1 }], Status.INVALID_DATA_TYPE],
        ["an id that is none", [{ groupId: 1.5, groupKeySetId: 1 }], Status.INVALID_DATA_TYPE],
    ];
    it.each(refused)("refuses, and stays as it was: %s", (_what, value, status) => {
        const node = t.newNode();
        node.handle(t.writeKeyMap([[9, 9]]));
        const before = t.versionAt(node, t.readKeyMap);
        expect(t.statusOf(node.handle(t.write(0, gkm, 0, value)))).toBe(status);
        expect(node.groupKeyMap(F)).toEqual([{ groupId: 9, groupKeySetId: 9 }]);
        expect(t.versionAt(node, t.readKeyMap)).toBe(before);
    });
    it("takes the largest application group and as many entries as there are rows", () => {
        const node = t.newNode();
        expect(t.statusOf(node.handle(t.writeKeyMap([[0xfeff, 0xffff], [1, 1], [2, 1], [3, 1]])))).toBe(Status.SUCCESS);
    });
    it("N-18: refuses for good once Groupcast is adopted", () => {
        expect(t.statusOf(t.newNode({ groupcastAdopted: true }).handle(t.writeKeyMap([])))).toBe(Status.INVALID_IN_STATE);
    });
    it("is written conditionally when a data version is given", () => {
        const node = t.newNode();
        const version = t.versionAt(node, t.readKeyMap);
        expect(t.statusOf(node.handle(t.writeKeyMap([[1, 1]], version)))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.writeKeyMap([[2, 1]], version)))).toBe(Status.DATA_VERSION_MISMATCH);
        expect(t.statusOf(node.handle(t.writeKeyMap([[2, 1]], (version + 1) >>> 0)))).toBe(Status.SUCCESS);
        expect(node.groupKeyMap(F)).toEqual([{ groupId: 2, groupKeySetId: 1 }]);
    });
    it("keeps its version when the same list is written again; order is part of a list", () => {
        const node = t.newNode();
        node.handle(t.writeKeyMap([[1, 1], [2, 1]]));
        const version = t.versionAt(node, t.readKeyMap);
        node.handle(t.writeKeyMap([[1, 1], [2, 1]]));
        expect(t.versionAt(node, t.readKeyMap)).toBe(version);
        node.handle(t.writeKeyMap([[2, 1], [1, 1]]));
        expect(t.versionAt(node, t.readKeyMap)).toBe((version + 1) >>> 0);
    });
    it("keeps nothing of what the writer holds on to", () => {
        const node = t.newNode();
        const list = [{ groupId: 1, groupKeySetId: 1, fabricIndex: 9 }];
        node.handle(t.write(0, gkm, 0, list));
        list[0]!.groupId = 2;
        expect(node.groupKeyMap(F)).toEqual([{ groupId: 1, groupKeySetId: 1 }]);
    });
});

describe("limits", () => {
    it("are told as composed", () => {
        const node = t.newNode({ maxGroupsPerFabric: 12, maxGroupKeysPerFabric: 5 });
        expect([2, 3].map(id => t.valueOf(node.handle(t.read(0, GroupKeyManagement.id, id))).value)).toEqual([12, 5]);
    });
});
