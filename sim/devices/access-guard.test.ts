import { describe, expect, it } from "vitest";
import { AccessControl, BasicInformation, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceRequest } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { AuthMode, type AccessControlEntry } from "./access-control-entry.js";
import { Privilege } from "./privilege.js";
import { MANAGER_FABRIC } from "./sim-node.js";
import * as t from "./testing.js";

const target = (changes: object) => ({ cluster: null, endpoint: null, deviceType: null, ...changes });
const readLimit = t.read(0, GroupKeyManagement.id, 2);
const OTHER = 0x77n;

/** A node with our entry and these. */
function nodeWith(...entries: readonly AccessControlEntry[]) {
    const node = t.nodeWithKeys(1);
    expect(t.statusOf(node.handle(t.writeAcl(entries)))).toBe(Status.SUCCESS);
    return node;
}

/** Whether node 0x77 gets past access control, with whatever CATs. */
const passes = (node: ReturnType<typeof nodeWith>, request: DeviceRequest, cats: readonly number[] = [], subject = OTHER) =>
    t.statusOf(node.handle(request, { subject, cats })) !== Status.UNSUPPORTED_ACCESS;

describe("who may", () => {
    it("is the administrator, and nobody else, after commissioning", () => {
        const node = nodeWith();
        expect(passes(node, readLimit, [], 0x1_0000n)).toBe(true);
        expect(passes(node, readLimit)).toBe(false);
        node.addFabric(2);
        expect(t.statusOf(node.handle(readLimit, { fabric: 2, subject: 0x1_0000n }))).toBe(Status.UNSUPPORTED_ACCESS);
        expect(t.statusOf(node.handle(readLimit, { fabric: 3 }))).toBe(Status.UNSUPPORTED_ACCESS);
    });
    it("is everybody of the fabric where subjects are null", () => {
        expect(passes(nodeWith(t.aclEntry({ subjects: null })), readLimit)).toBe(true);
    });
    it("is one of several subjects", () => {
        expect(passes(nodeWith(t.aclEntry({ subjects: [1n, OTHER] })), readLimit)).toBe(true);
    });
    it("is a CAT of the identifier and at least the version", () => {
        const node = nodeWith(t.aclEntry({ subjects: [0xffff_fffd_abcd_0002n] }));
        expect(passes(node, readLimit, [0xabcd_0002])).toBe(true);
        expect(passes(node, readLimit, [0x1234_0009, 0xabcd_0003])).toBe(true);
        expect(passes(node, readLimit, [0xabcd_0001])).toBe(false);
        expect(passes(node, readLimit, [0xabce_0002])).toBe(false);
        expect(passes(node, readLimit, [])).toBe(false);
    });
    it("is never a node by a number that a CAT has", () => {
        expect(passes(nodeWith(t.aclEntry({ subjects: [0xabcd_0002n] })), readLimit, [0xabcd_0002])).toBe(false);
    });
    it("is asked within one auth mode", () => {
        const node = nodeWith(t.aclEntry({ authMode: AuthMode.GROUP, subjects: [OTHER] }));
        expect(passes(node, readLimit)).toBe(false);
        const group = (request: DeviceRequest) => t.statusOf(node.handle(request, { subject: OTHER, authMode: AuthMode.GROUP }));
        expect(group(readLimit)).toBe(`a value`);
        expect(t.statusOf(nodeWith(t.aclEntry()).handle(readLimit, { subject: OTHER, authMode: AuthMode.GROUP }))).toBe(Status.UNSUPPORTED_ACCESS);
    });
});

describe("what a privilege opens", () => {
    const requests: readonly [string, number, DeviceRequest][] = [
        ["reading a limit", Privilege.VIEW, readLimit],
        ["asking for membership", Privilege.OPERATE, t.getMembership([])],
        ["joining a group", Privilege.MANAGE, t.addGroup(1)],
        ["writing the key map", Privilege.MANAGE, t.writeKeyMap([[1, 1]])],
        ["writing the label", Privilege.MANAGE, t.write(0, BasicInformation.id, 5, "label")],
        ["writing a key set", Privilege.ADMINISTER, t.writeKeySet(1)],
        ["reading the access control list", Privilege.ADMINISTER, t.readAcl],
        ["writing the access control list", Privilege.ADMINISTER, t.writeAcl([])],
    ];
    const levels = [Privilege.VIEW, Privilege.OPERATE, Privilege.MANAGE, Privilege.ADMINISTER];
    it.each(requests)("%s", (_, needed, request) => {
        for (const level of levels) {
            expect([level, passes(nodeWith(t.aclEntry({ privilege: level })), request)]).toEqual([level, level >= needed]);
        }
    });
    it("ProxyView is View and no more", () => {
        const node = t.nodeWithKeys(1);
        node.setAcl(MANAGER_FABRIC, [t.ownEntry, t.aclEntry({ privilege: Privilege.PROXY_VIEW })]);
        expect(passes(node, readLimit)).toBe(true);
        expect(passes(node, t.getMembership([]))).toBe(false);
    });
});

describe("where", () => {
    const OPERATE = { privilege: Privilege.OPERATE };
    const at = (targets: AccessControlEntry["targets"], request: DeviceRequest) => passes(nodeWith(t.aclEntry({ ...OPERATE, targets })), request);
    it("is the cluster", () => {
        expect(at([target({ cluster: Groups.id })], t.getMembership([]))).toBe(true);
        expect(at([target({ cluster: 6 })], t.getMembership([]))).toBe(false);
    });
    it("is the endpoint", () => {
        expect(at([target({ endpoint: 1 })], t.getMembership([]))).toBe(true);
        expect(at([target({ endpoint: 0 })], t.getMembership([]))).toBe(false);
    });
    it("is the endpoint's device type", () => {
        expect(at([target({ deviceType: 0x103 })], t.getMembership([]))).toBe(true);
        expect(at([target({ deviceType: 0x103 })], readLimit)).toBe(false);
    });
    it("is one of several targets, each with all its fields", () => {
        expect(at([target({ cluster: 6 }), target({ cluster: Groups.id, endpoint: 1 })], t.getMembership([]))).toBe(true);
        expect(at([target({ cluster: 6, endpoint: 1 }), target({ cluster: Groups.id, endpoint: 2 })], t.getMembership([]))).toBe(false);
    });
});

describe("the order of answers", () => {
    it("hides from strangers what there is", () => {
        const node = nodeWith();
        for (const path of [t.read(9, 0x999, 0), t.read(1, 0x999, 0), t.read(1, Groups.id, 0x77), t.invoke(1, Groups.id, 0x77)]) {
            expect(passes(node, path)).toBe(false);
        }
    });
    it("tells a viewer what is not there or not writable before asking for more", () => {
        const node = nodeWith(t.aclEntry({ privilege: Privilege.VIEW }));
        const as = (request: DeviceRequest) => t.statusOf(node.handle(request, { subject: OTHER }));
        expect(as(t.read(9, 0x999, 0))).toBe(Status.UNSUPPORTED_ENDPOINT);
        expect(as(t.read(1, 0x999, 0))).toBe(Status.UNSUPPORTED_CLUSTER);
        expect(as(t.read(0, AccessControl.id, 0x77))).toBe(Status.UNSUPPORTED_ATTRIBUTE);
        expect(as(t.write(0, AccessControl.id, 2, 1))).toBe(Status.UNSUPPORTED_WRITE);
        expect(as(t.read(0, AccessControl.id, 0xfffd))).toBe("a value");
        expect(as(t.invoke(1, Groups.id, 0x77))).toBe(Status.UNSUPPORTED_ACCESS);
    });
    it("asks for rights before it looks at the version", () => {
        const node = nodeWith(t.aclEntry({ privilege: Privilege.VIEW }));
        expect(t.statusOf(node.handle(t.writeKeyMap([], 0), { subject: OTHER }))).toBe(Status.UNSUPPORTED_ACCESS);
    });
    it("tells an operator that there is no such command", () => {
        expect(t.statusOf(nodeWith(t.aclEntry()).handle(t.invoke(1, Groups.id, 0x77), { subject: OTHER }))).toBe(Status.UNSUPPORTED_COMMAND);
    });
});

describe("the administrator", () => {
    it("loses everything at once by removing its own entry", () => {
        const node = nodeWith();
        expect(t.statusOf(node.handle(t.write(0, AccessControl.id, 0, [t.aclEntry()])))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.writeAcl([])))).toBe(Status.UNSUPPORTED_ACCESS);
        expect(t.statusOf(node.handle(readLimit))).toBe(Status.UNSUPPORTED_ACCESS);
    });
    it("keeps what an entry for less leaves", () => {
        const node = nodeWith();
        node.handle(t.write(0, AccessControl.id, 0, [{ ...t.ownEntry, targets: [target({ cluster: AccessControl.id })] }]));
        expect(t.statusOf(node.handle(readLimit))).toBe(Status.UNSUPPORTED_ACCESS);
        expect(t.statusOf(node.handle(t.writeAcl([])))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(readLimit))).toBe("a value");
    });
    it("may have its right by a CAT, and lose it to a newer version", () => {
        const node = nodeWith();
        node.setAdministrator(MANAGER_FABRIC, 0x1_0000n, [0xabcd_0001]);
        const byCat = (version: bigint) => ({ ...t.ownEntry, subjects: [0xffff_fffd_abcd_0000n | version] });
        expect(t.statusOf(node.handle(t.write(0, AccessControl.id, 0, [byCat(1n)])))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.write(0, AccessControl.id, 0, [byCat(2n)])))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(readLimit))).toBe(Status.UNSUPPORTED_ACCESS);
        node.setAdministrator(MANAGER_FABRIC, 0x1_0000n, [0xabcd_0002]);
        expect(t.statusOf(node.handle(readLimit))).toBe("a value");
    });
    it("has a right that a power cut gives back", () => {
        const node = nodeWith();
        const before = node.snapshot();
        node.handle(t.write(0, AccessControl.id, 0, []));
        node.restore(before);
        expect(t.statusOf(node.handle(readLimit))).toBe("a value");
    });
});

describe("restrictions of a managed device", () => {
    const node = (type: "attribute" | "write" | "command", cluster: number, id: number | null, endpoint = 0) =>
        t.newNode({ restrictions: [{ endpoint, cluster, type, id }] });
    it("forbid what is granted, with ACCESS_RESTRICTED", () => {
        expect(t.statusOf(node("attribute", GroupKeyManagement.id, 2).handle(readLimit))).toBe(Status.ACCESS_RESTRICTED);
        expect(t.statusOf(node("write", GroupKeyManagement.id, 0).handle(t.writeKeyMap([])))).toBe(Status.ACCESS_RESTRICTED);
        expect(t.statusOf(node("command", Groups.id, null, 1).handle(t.getMembership([])))).toBe(Status.ACCESS_RESTRICTED);
    });
    it("forbid no more than they say", () => {
        expect(t.statusOf(node("write", GroupKeyManagement.id, 0).handle(t.readKeyMap))).toBe("a value");
        expect(t.statusOf(node("attribute", GroupKeyManagement.id, 3).handle(readLimit))).toBe("a value");
        expect(t.statusOf(node("attribute", GroupKeyManagement.id, null, 1).handle(readLimit))).toBe("a value");
        expect(t.statusOf(node("attribute", BasicInformation.id, null).handle(readLimit))).toBe("a value");
        expect(t.statusOf(node("command", Groups.id, 3, 1).handle(t.getMembership([])))).toBe("a response");
    });
    it("say nothing to those who have no right anyhow", () => {
        expect(t.statusOf(node("attribute", GroupKeyManagement.id, 2).handle(readLimit, { subject: OTHER }))).toBe(Status.UNSUPPORTED_ACCESS);
    });
});
