import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { AccessControl } from "../core/clusters.js";
import type { DeviceFields, DeviceRequest } from "../core/device.js";
import type { EndpointNumber } from "../core/ids.js";
import { Status } from "../core/status.js";
import { formed, group, groupUpdate, N1, N2, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, CONSTRAINT_ERROR, RESOURCE_EXHAUSTED, BUSY } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups(), new Random(1));

const cat = (id: number, version: number) => 0xffff_fffd_0000_0000n + BigInt(id * 0x1_0000 + version);
const entry = (subjects: readonly bigint[], changes: object = {}) => ({ privilege: 3, authMode: 2, subjects, targets: null, ...changes });

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member });
    shell.all(["addGroup", group(2, null, { groupCat: 7, groupCatVersion: 1 })], ["addGroup", group(3, null, { groupCat: 8, groupCatVersion: 1 })]);
});

const grant = (aclEntry: object, nodeId: bigint = N1) => shell.all(["addAclToNode", { nodeId, aclEntry }]);
const update = (changes: object, groupId = 2) => shell.jfds("updateGroup", groupUpdate(groupId, changes));
const isWrite = (request: DeviceRequest) => request.op === "write";
/** Rows but for the commissioners': ListID, privilege, subjects, state. */
const rows = () =>
    shell.datastore
        .attribute("nodeAclList")
        .filter(({ aclEntry }) => aclEntry.privilege !== 5)
        .map(({ listId, aclEntry, statusEntry }) => [listId, aclEntry.privilege, aclEntry.subjects, statusEntry.state]);
const onNode = (nodeId = N1) => {
    const answer = shell.member<SimNode>(nodeId).handle({ op: "read", endpoint: 0 as EndpointNumber, cluster: AccessControl.id, attribute: 0 });
    const list = answer.kind === "value" ? (answer.value as readonly DeviceFields[]) : [];
    return list.filter(({ privilege }) => privilege !== 5).map(({ privilege, subjects }) => [privilege, subjects]);
};
const PENDING = 0;
const COMMITTED = 1;
const FAILED = 3;

describe("UpdateGroup and access control", () => {
    it("R-094 R-096 writes a new CAT version wherever the CAT is a subject, under the same ListID, and leaves other subjects alone", () => {
        grant(entry([0x77n, cat(7, 1)]));
        grant(entry([cat(7, 3)]), N2);
        expect(update({ groupCatVersion: 4 })).toBe(SUCCESS);
        expect(rows()).toEqual([
            [3, 3, [0x77n, cat(7, 4)], COMMITTED],
            [4, 3, [cat(7, 4)], COMMITTED],
        ]);
        expect([onNode(), onNode(N2)]).toEqual([[[3, [0x77n, cat(7, 4)]]], [[3, [cat(7, 4)]]]]);
    });

    it("R-095 touches neither another CAT nor a node id that equals the group id", () => {
        grant(entry([2n, cat(8, 1)]));
        shell.changes();
        expect(update({ groupCatVersion: 4 })).toBe(SUCCESS);
        expect(shell.changes()).toEqual([]);
        expect(rows()).toEqual([[3, 3, [2n, cat(8, 1)], COMMITTED]]);
    });

    it("R-094 gives the subject a new CAT", () => {
        grant(entry([cat(7, 1)]));
        expect(update({ groupCat: 9 })).toBe(SUCCESS);
        expect(onNode()).toEqual([[3, [cat(9, 1)]]]);
    });

    it("R-094 R-098 changes the privilege of entries of a group's messages, but never to Administer", () => {
        grant(entry([2n], { authMode: 3 }));
        expect(update({ groupPermission: 1 })).toBe(SUCCESS);
        expect(onNode()).toEqual([[1, [2n]]]);
        expect(update({ groupPermission: 5 })).toBe(CONSTRAINT_ERROR);
        expect(onNode()).toEqual([[1, [2n]]]);
    });

    it("R-097 splits an entry whose other subjects keep their privilege", () => {
        grant(entry([0x77n, cat(7, 1)]));
        expect(update({ groupPermission: 4, groupCatVersion: 2 })).toBe(SUCCESS);
        expect(rows()).toEqual([
            [3, 3, [0x77n], COMMITTED],
            [4, 4, [cat(7, 2)], COMMITTED],
        ]);
        expect(onNode().sort()).toEqual([
            [3, [0x77n]],
            [4, [cat(7, 2)]],
        ]);
    });

    it("R-097 keeps the old grants when the node has no room for both halves, and says so", () => {
        grant(entry([0x77n, cat(7, 1)]));
        grant(entry([0x78n]));
        grant(entry([0x79n]));
        expect(update({ groupPermission: 4 })).toBe(SUCCESS);
        expect(rows().map(([, , , state]) => state)).toEqual([PENDING, COMMITTED, COMMITTED, FAILED]);
        expect(onNode()).toContainEqual([3, [0x77n, cat(7, 1)]]);
    });

    it("R-094 replaces an entry on a node whose list is full", () => {
        grant(entry([cat(7, 1)]));
        grant(entry([0x78n]));
        grant(entry([0x79n]));
        expect(update({ groupCatVersion: 2 })).toBe(SUCCESS);
        expect(rows()[0]).toEqual([3, 3, [cat(7, 2)], COMMITTED]);
        expect(onNode().length).toBe(3);
        expect(update({ groupCat: 9 })).toBe(SUCCESS);
        expect(rows()[0]).toEqual([3, 3, [cat(9, 2)], COMMITTED]);
        expect(onNode()).toContainEqual([3, [cat(9, 2)]]);
        expect(onNode().length).toBe(3);
    });

    it("R-018 answers RESOURCE_EXHAUSTED when the list has no room for a split, and changes nothing", () => {
        shell = formed({ member, datastore: { limits: { nodeAcls: 3 } } });
        shell.all(["addGroup", group(2, null, { groupCat: 7, groupCatVersion: 1 })]);
        grant(entry([0x77n, cat(7, 1)]));
        const before = shell.datastore.attributes();
        expect(update({ groupPermission: 4 })).toBe(RESOURCE_EXHAUSTED);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("R-094 R-217 shows why a node refuses, without taking the old grant away, and is Pending where a node does not answer", () => {
        grant(entry([cat(7, 1)]));
        grant(entry([cat(7, 1)]), N2);
        shell.refuse(BUSY, isWrite);
        shell.silence(N2);
        expect(update({ groupCatVersion: 2 })).toBe(SUCCESS);
        expect(rows().map(([, , , state]) => state)).toEqual([FAILED, PENDING]);
        expect(onNode()).toEqual([[3, [cat(7, 1)]]]);
        shell.heal();
        shell.run(120_000);
        expect(onNode()).toEqual([[3, [cat(7, 2)]]]);
    });

    it("R-214 leaves exactly the last of several updates, under one row", () => {
        grant(entry([cat(7, 1)]));
        shell.silence();
        expect([2, 3, 4].map(groupCatVersion => update({ groupCatVersion }))).toEqual([SUCCESS, SUCCESS, SUCCESS]);
        expect(rows()).toEqual([[3, 3, [cat(7, 4)], PENDING]]);
        shell.back();
        shell.run(120_000);
        expect(rows()).toEqual([[3, 3, [cat(7, 4)], COMMITTED]]);
        expect(onNode()).toEqual([[3, [cat(7, 4)]]]);
    });

    it("R-214 does not write what was never to last", () => {
        grant(entry([cat(7, 1)]));
        shell.silence();
        update({ groupCat: 9 });
        update({ groupCat: 10 });
        shell.changes();
        shell.back();
        expect(shell.changes()).toEqual(["write ACL", "write ACL"]);
        expect(onNode()).toEqual([[3, [cat(10, 1)]]]);
    });

    it("R-214 keeps an entry that is what it was before", () => {
        grant(entry([cat(7, 1)]));
        shell.silence();
        update({ groupCatVersion: 2 });
        update({ groupCatVersion: 1 });
        shell.back();
        shell.run(120_000);
        expect(rows()).toEqual([[3, 3, [cat(7, 1)], COMMITTED]]);
        expect(onNode()).toEqual([[3, [cat(7, 1)]]]);
    });
});
