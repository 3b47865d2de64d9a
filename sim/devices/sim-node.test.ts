import { describe, expect, it } from "vitest";
import { AccessControl, BasicInformation, Descriptor, GeneralCommissioning, GroupKeyManagement, Groups, OperationalCredentials } from "../../src/core/clusters.js";
import { Status } from "../../src/core/status.js";
import { Random } from "../random.js";
import { onOffLight, onOffLightSwitchWithGroups, ScenesManagement } from "./composition.js";
import { matterJsRules } from "./device-rules.js";
import { MANAGER_FABRIC, SimNode } from "./sim-node.js";
import * as t from "./testing.js";

describe("paths", () => {
    const node = t.newNode();
    it("answers UNSUPPORTED_ENDPOINT before UNSUPPORTED_CLUSTER before the rest", () => {
        expect(t.statusOf(node.handle(t.read(9, 0x999, 0)))).toBe(Status.UNSUPPORTED_ENDPOINT);
        expect(t.statusOf(node.handle(t.read(1, 0x999, 0)))).toBe(Status.UNSUPPORTED_CLUSTER);
        expect(t.statusOf(node.handle(t.read(1, Groups.id, 0x77)))).toBe(Status.UNSUPPORTED_ATTRIBUTE);
        expect(t.statusOf(node.handle(t.invoke(1, Groups.id, 0x77)))).toBe(Status.UNSUPPORTED_COMMAND);
        expect(t.statusOf(node.handle(t.invoke(0, GroupKeyManagement.id, 2)))).toBe(Status.UNSUPPORTED_COMMAND);
        expect(t.statusOf(node.handle(t.invoke(0, Descriptor.id, 0)))).toBe(Status.UNSUPPORTED_COMMAND);
    });
    it("has Groups on the switch's endpoint only and key management on the root only", () => {
        expect(t.statusOf(node.handle(t.read(0, Groups.id, 0)))).toBe(Status.UNSUPPORTED_CLUSTER);
        expect(t.statusOf(node.handle(t.read(1, GroupKeyManagement.id, 0)))).toBe(Status.UNSUPPORTED_CLUSTER);
    });
    it("refuses writes to what cannot be written, whatever the version", () => {
        expect(t.statusOf(node.handle(t.write(0, GroupKeyManagement.id, 1, [], 0)))).toBe(Status.UNSUPPORTED_WRITE);
        expect(t.statusOf(node.handle(t.write(0, GroupKeyManagement.id, 0xfffc, 1)))).toBe(Status.UNSUPPORTED_WRITE);
        expect(t.statusOf(node.handle(t.write(0, GroupKeyManagement.id, 0x77, [])))).toBe(Status.UNSUPPORTED_ATTRIBUTE);
    });
    it("knows only the fabrics it is on", () => {
        expect(t.statusOf(node.handle(t.readKeyMap, 2))).toBe(Status.UNSUPPORTED_ACCESS);
    });
});

describe("Descriptor", () => {
    const node = t.newNode({ switches: 2 });
    it("lists the parts on the root, and what each endpoint is", () => {
        expect(t.valueOf(node.handle(t.readParts)).value).toEqual([1, 2]);
        expect(t.valueOf(node.handle(t.read(1, Descriptor.id, 3))).value).toEqual([]);
        expect(t.valueOf(node.handle(t.read(1, Descriptor.id, 0))).value).toEqual([{ deviceType: 0x103, revision: 3 }]);
        expect(t.valueOf(node.handle(t.read(0, Descriptor.id, 1))).value).toEqual([Descriptor.id, BasicInformation.id, GroupKeyManagement.id, AccessControl.id]);
    });
    it("has OnOff as a client only", () => {
        expect(t.valueOf(node.handle(t.read(1, Descriptor.id, 1))).value).not.toContain(6);
        expect(t.valueOf(node.handle(t.read(1, Descriptor.id, 2))).value).toContain(6);
    });
});

describe("BasicInformation", () => {
    it("tells vendor, product and software version", () => {
        const node = t.newNode();
        expect([2, 4, 9].map(id => t.valueOf(node.handle(t.read(0, BasicInformation.id, id))).value)).toEqual([0xfff1, 0x8000, 1]);
    });
    it("takes a label of up to 32 bytes, and moves its version when it is a new one", () => {
        const node = t.newNode();
        const writeLabel = (label: string | number) => t.statusOf(node.handle(t.write(0, BasicInformation.id, 5, label)));
        const before = t.versionAt(node, t.readLabel);
        expect(writeLabel("ä".repeat(17))).toBe(Status.CONSTRAINT_ERROR);
        expect(writeLabel(7)).toBe(Status.INVALID_DATA_TYPE);
        expect(t.versionAt(node, t.readLabel)).toBe(before);
        expect(writeLabel("ä".repeat(16))).toBe(Status.SUCCESS);
        expect(writeLabel("ä".repeat(16))).toBe(Status.SUCCESS);
        expect(t.versionAt(node, t.readLabel)).toBe((before + 1) >>> 0);
        expect(t.valueOf(node.handle(t.readLabel)).value).toBe("ä".repeat(16));
    });
    it("counts characters instead, as the rules say", () => {
        const node = t.newNode({ rules: matterJsRules });
        const statuses = [32, 33].map(length => t.statusOf(node.handle(t.write(0, BasicInformation.id, 5, "ä".repeat(length)))));
        expect(statuses).toEqual([Status.SUCCESS, Status.CONSTRAINT_ERROR]);
    });
});

describe("global attributes", () => {
    const node = t.newNode();
    const global = (cluster: number, id: number) => t.valueOf(node.handle(t.read(cluster === Groups.id ? 1 : 0, cluster, id))).value;
    it("describe the instance", () => {
        expect(global(Groups.id, 0xfffc)).toBe(1);
        expect(global(Groups.id, 0xfffd)).toBe(4);
        expect(global(GroupKeyManagement.id, 0xfffb)).toEqual([0, 1, 2, 3, 0xfff8, 0xfff9, 0xfffb, 0xfffc, 0xfffd]);
        expect(global(GroupKeyManagement.id, 0xfff9)).toEqual([0, 1, 3, 4]);
        expect(global(GroupKeyManagement.id, 0xfff8)).toEqual([2, 5]);
        expect(t.statusOf(node.handle(t.read(0, Descriptor.id, 0xfffa)))).toBe(Status.UNSUPPORTED_ATTRIBUTE);
    });
});

describe("fabrics", () => {
    it("keep their tables apart, but share the data version of the instance", () => {
        const node = t.nodeWithKeys(1);
        node.handle(t.addGroup(1));
        node.addFabric(2);
        expect(t.valueOf(node.handle(t.readKeyMap, 2)).value).toEqual([]);
        expect(t.valueOf(node.handle(t.readGroupTable, 2)).value).toEqual([]);
        const version = t.versionAt(node, t.readKeyMap);
        expect(t.statusOf(node.handle(t.writeKeyMap([[1, 5]]), 2))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.writeKeyMap([], version)))).toBe(Status.DATA_VERSION_MISMATCH);
        expect(node.groupKeyMap(MANAGER_FABRIC)).toEqual([{ groupId: 1, groupKeySetId: 1 }]);
        expect(node.keySet(2, 0)!.keys[0]!.equals(node.keySet(MANAGER_FABRIC, 0)!.keys[0]!)).toBe(false);
        node.removeFabric(2);
        expect(t.statusOf(node.handle(t.readKeyMap, 2))).toBe(Status.UNSUPPORTED_ACCESS);
        expect(() => node.groupTable(2)).toThrow(RangeError);
    });
});

describe("changes", () => {
    it("count what really changed, and nothing else", () => {
        const node = t.nodeWithKeys(2);
        const counts = () => ({ ...node.changes(MANAGER_FABRIC) });
        const at = (step: () => void) => {
            const before = counts();
            step();
            const after = counts();
            return [after.keySets - before.keySets, after.groupKeyMap - before.groupKeyMap, after.groupTable - before.groupTable];
        };
        expect(at(() => node.handle(t.addGroup(1)))).toEqual([0, 0, 1]);
        expect(at(() => node.handle(t.addGroup(1)))).toEqual([0, 0, 0]);
        expect(at(() => node.handle(t.addGroup(3)))).toEqual([0, 0, 0]);
        expect(at(() => node.handle(t.writeKeySet(1)))).toEqual([0, 0, 0]);
        expect(at(() => node.handle(t.writeKeyMap([[1, 1]])))).toEqual([0, 1, 0]);
        expect(at(() => node.handle(t.removeKeySet(1)))).toEqual([1, 1, 0]);
    });
});

describe("snapshot, restore, reboot, reset", () => {
    it("takes a power cut back to the snapshot, tables, label and versions", () => {
        const node = t.nodeWithKeys(2);
        node.handle(t.addGroup(1, "one"));
        const before = node.snapshot();
        const version = t.versionAt(node, t.readKeyMap);
        node.handle(t.removeKeySet(1));
        node.handle(t.removeGroup(1));
        node.handle(t.write(0, BasicInformation.id, 5, "label"));
        node.addFabric(2);
        const changes = { ...node.changes(MANAGER_FABRIC) };
        node.restore(before);
        expect(node.keySet(MANAGER_FABRIC, 1)).toBeDefined();
        expect(node.groupKeyMap(MANAGER_FABRIC)).toHaveLength(2);
        expect(node.groupTable(MANAGER_FABRIC)).toEqual([{ groupId: 1, endpoints: [1], groupName: "one" }]);
        expect(t.valueOf(node.handle(t.readLabel)).value).toBe("");
        expect(t.versionAt(node, t.readKeyMap)).toBe(version);
        expect(t.statusOf(node.handle(t.readKeyMap, 2))).toBe(Status.UNSUPPORTED_ACCESS);
        expect(node.changes(MANAGER_FABRIC).groupTable).toBeGreaterThan(changes.groupTable);
    });
    it("brings a removed fabric back", () => {
        const node = t.newNode();
        node.addFabric(2);
        node.handle(t.writeKeySet(9), 2);
        const snapshot = node.snapshot();
        node.removeFabric(2);
        node.restore(snapshot);
        expect(node.keySet(2, 9)).toBeDefined();
    });
    it("draws new data versions at a reboot and keeps everything else", () => {
        const node = t.nodeWithKeys(1);
        const version = t.versionAt(node, t.readKeyMap);
        node.reboot(new Random(99));
        expect(t.versionAt(node, t.readKeyMap)).not.toBe(version);
        expect(node.groupKeyMap(MANAGER_FABRIC)).toHaveLength(1);
    });
    it("is as new after a reset, with the same and with another composition", () => {
        const composition = onOffLightSwitchWithGroups();
        const node = new SimNode(composition, new Random(5));
        const version = t.versionAt(node, t.readKeyMap);
        const changes = { ...node.changes(MANAGER_FABRIC) };
        node.handle(t.writeKeySet(1));
        node.handle(t.writeKeyMap([[1, 1]]));
        node.handle(t.addGroup(1));
        node.addFabric(2);
        node.reset(composition, new Random(5));
        expect(node.keySets(MANAGER_FABRIC).map(set => set.id)).toEqual([0]);
        expect(node.groupKeyMap(MANAGER_FABRIC)).toEqual([]);
        expect(node.groupTable(MANAGER_FABRIC)).toEqual([]);
        expect(t.versionAt(node, t.readKeyMap)).toBe(version);
        expect(t.statusOf(node.handle(t.readKeyMap, 2))).toBe(Status.UNSUPPORTED_ACCESS);
        expect(node.changes(MANAGER_FABRIC).keySets).toBeGreaterThan(changes.keySets);
        node.reset(onOffLightSwitchWithGroups({ switches: 3 }), new Random(5));
        expect(t.valueOf(node.handle(t.readParts)).value).toEqual([1, 2, 3]);
    });
    it("changes limits and version with a software update", () => {
        const node = t.newNode();
        const version = t.versionAt(node, t.readKeyMap);
        node.updateSoftware(2, 1, 9);
        expect([2, 3].map(id => t.valueOf(node.handle(t.read(0, GroupKeyManagement.id, id))).value)).toEqual([1, 9]);
        expect(t.valueOf(node.handle(t.read(0, BasicInformation.id, 9))).value).toBe(2);
        expect(t.versionAt(node, t.readKeyMap)).toBe((version + 1) >>> 0);
        expect(t.statusOf(node.handle(t.writeKeyMap([[1, 1], [2, 1]])))).toBe(Status.RESOURCE_EXHAUSTED);
    });
});

describe("a node that becomes like another", () => {
    const requests = (node: SimNode) => [
        t.readKeyMap,
        t.readGroupTable,
        t.readAcl,
        t.listKeySets,
        t.read(1, 0x03, 0),
        t.read(1, ScenesManagement.id, 2),
        t.read(0, GeneralCommissioning.id, 0),
        t.read(0, OperationalCredentials.id, 0),
        t.invoke(0, GeneralCommissioning.id, 4),
    ].map(request => node.handle(request));

    it("answers as that one does, with what a restart would forget too", () => {
        const composition = onOffLight({ certificates: true });
        const [node, other] = [new SimNode(composition, new Random(1)), new SimNode(composition, new Random(2))];
        for (const request of [
            t.writeKeySet(1),
            t.writeKeyMap([[1, 1]]),
            t.addGroup(1),
            t.writeAcl([t.aclEntry()]),
            t.identify(60),
            t.invoke(1, ScenesManagement.id, 4, { groupId: 1, sceneId: 3 }),
            t.invoke(0, GeneralCommissioning.id, 0, { expiryLengthSeconds: 60, breadcrumb: 5n }),
        ]) {
            other.handle(request);
        }
        node.becomeLike(other);
        expect(requests(node)).toEqual(requests(other));
        // Both are at peace again: the answers above ended the fail-safe. They go on apart.
        other.handle(t.removeAllGroups());
        expect(node.groupTable(MANAGER_FABRIC)).toHaveLength(1);
    });
});
