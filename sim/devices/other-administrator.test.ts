import { describe, expect, it } from "vitest";
import { AccessControl, GroupKeyManagement } from "../../src/core/clusters.js";
import type { EndpointNumber } from "../../src/core/ids.js";
import { Status } from "../../src/core/status.js";
import { OtherAdministrator } from "./other-administrator.js";
import { MANAGER_FABRIC } from "./sim-node.js";
import * as t from "./testing.js";

const endpoint = 0 as EndpointNumber;
const acl = { endpoint, cluster: AccessControl.id, attribute: AccessControl.attributes.acl };
const keyMap = { endpoint, cluster: GroupKeyManagement.id, attribute: GroupKeyManagement.attributes.groupKeyMap };

describe("another administrator", () => {
    it("of the manager's fabric has an entry of its own and works on the same lists", () => {
        const node = t.nodeWithKeys(1);
        const version = t.versionAt(node, t.readAcl);
        const other = OtherAdministrator.join(node, 0x2_0001n);
        expect(node.acl(MANAGER_FABRIC).map(entry => entry.subjects)).toEqual([[0x1_0000n], [0x2_0001n]]);
        expect(t.versionAt(node, t.readAcl)).not.toBe(version);
        const between = t.versionAt(node, t.readKeyMap);
        expect(t.statusOf(other.rewriteList(keyMap, entries => [...entries, { groupId: 9, groupKeySetId: 1 }]))).toBe(Status.SUCCESS);
        expect(node.groupKeyMap(MANAGER_FABRIC).map(entry => entry.groupId)).toEqual([1, 9]);
        expect(t.statusOf(node.handle(t.writeKeyMap([], between)))).toBe(Status.DATA_VERSION_MISMATCH);
    });
    it("may lock the manager out, and then itself", () => {
        const node = t.newNode();
        const other = OtherAdministrator.join(node, 0x2_0001n);
        expect(t.statusOf(other.rewriteList(acl, entries => entries.slice(1)))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.readAcl))).toBe(Status.UNSUPPORTED_ACCESS);
        expect(t.statusOf(other.rewriteList(acl, () => []))).toBe(Status.SUCCESS);
        expect(t.statusOf(other.rewriteList(acl, () => []))).toBe(Status.UNSUPPORTED_ACCESS);
    });
    it("of another fabric sees nothing of ours", () => {
        const node = t.nodeWithKeys(1);
        node.addFabric(2);
        const other = new OtherAdministrator(node, { fabric: 2 });
        expect(t.statusOf(other.rewriteList(keyMap, entries => [...entries, { groupId: 9, groupKeySetId: 1 }]))).toBe(Status.SUCCESS);
        expect([node.groupKeyMap(MANAGER_FABRIC).length, node.groupKeyMap(2)]).toEqual([1, [{ groupId: 9, groupKeySetId: 1 }]]);
    });
});
