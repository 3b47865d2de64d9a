import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { AccessControl, Binding, Descriptor, GroupKeyManagement, Groups } from "../core/clusters.js";
import type { DeviceFields, DeviceRequest, DeviceValue } from "../core/device.js";
import type { EndpointNumber } from "../core/ids.js";
import { Status } from "../core/status.js";
import { formed, group, groupUpdate, keySet, N1, N2, SECOND, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, NOT_FOUND, RESOURCE_EXHAUSTED, CONSTRAINT_ERROR, BUSY, FAILURE } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups({ switches: 2, binding: true, maxGroupKeysPerFabric: 6 }), new Random(1));

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member });
});

const refresh = (nodeId: bigint = N1) => shell.jfds("refreshNode", { nodeId });
const members = () => shell.rows("endpointGroupIdList");
const bindings = () => shell.rows("endpointBindingList");
const keys = () => shell.rows("nodeKeySetList").filter(row => !row.includes(" 0 C"));
const acls = () => shell.rows("nodeAclList").filter(row => !row.includes('"privilege":5'));
const node = () => shell.rows("nodeList")[0];
const endpoints = () => shell.rows("nodeEndpointList").filter(row => row.startsWith("0x11"));
const join = (endpointId = 1, groupId = 1) => shell.all(["addGroupIdToEndpointForNode", { nodeId: N1, endpointId, groupId }]);
const leave = (endpointId = 1, groupId = 1) => shell.all(["removeGroupIdFromEndpointForNode", { nodeId: N1, endpointId, groupId }]);
const bind = (binding: object) => shell.all(["addBindingToEndpointForNode", { nodeId: N1, endpointId: 1, binding }]);
const grant = (subject: bigint) => shell.all(["addAclToNode", { nodeId: N1, aclEntry: entry(subject) }]);
const entry = (subject: bigint, privilege = 3) => ({ privilege, authMode: 2, subjects: [subject], targets: null });

const isChange = (cluster: number) => (request: DeviceRequest) => request.cluster === cluster && (request.op === "write" || (request.op === "invoke" && !request.query));
const at = (endpoint: number, cluster: number) => ({ endpoint: endpoint as EndpointNumber, cluster });
/** Somebody else changes the node. */
const invoke = (endpoint: number, cluster: number, command: number, fields: DeviceFields) =>
    shell.member<SimNode>().handle({ op: "invoke", ...at(endpoint, cluster), command, fields, query: false });
const write = (endpoint: number, cluster: number, value: DeviceValue) => shell.member<SimNode>().handle({ op: "write", ...at(endpoint, cluster), attribute: 0, value });
const read = (endpoint: number, cluster: number) => {
    const answer = shell.member<SimNode>().handle({ op: "read", ...at(endpoint, cluster), attribute: 0 });
    return answer.kind === "value" ? (answer.value as readonly DeviceFields[]) : [];
};
const { keySetWrite, keySetRemove } = GroupKeyManagement.commands;
const writeKeys = (id: number, startTime = SECOND) =>
    invoke(0, GroupKeyManagement.id, keySetWrite, {
        groupKeySet: { ...(keySet(id) as unknown as DeviceFields), epochStartTime0: startTime, epochKey0: shell.datastore.attribute("groupKeySetList")[0]!.epochKey0! },
    });
const removeKeys = (id: number) => invoke(0, GroupKeyManagement.id, keySetRemove, { groupKeySetId: id });
const addGroup = (endpoint: number, groupId: number) => invoke(endpoint, Groups.id, Groups.commands.addGroup, { groupId, groupName: "" });
const removeGroup = (endpoint: number, groupId: number) => invoke(endpoint, Groups.id, Groups.commands.removeGroup, { groupId });

describe("RefreshNode", () => {
    it("R-131 does not know other nodes", () => {
        expect(refresh(0x99n)).toBe(NOT_FOUND);
    });

    it("R-132 R-158 is Pending before the node is asked, and Committed when everything is through", () => {
        shell.send({ type: "jfds", command: "refreshNode", fields: { nodeId: N1 } });
        shell.stored();
        expect(node()).toBe("0x11 Node 17 P");
        shell.settle();
        expect(node()).toBe("0x11 Node 17 C");
    });

    it("R-162 changes nothing on a node that is in step", () => {
        join();
        bind({ group: 1 });
        grant(0x77n);
        shell.changes();
        const before = shell.datastore.attributes();
        expect(refresh()).toBe(SUCCESS);
        expect(shell.changes()).toEqual([]);
        expect({ ...shell.datastore.attributes(), nodeList: [] }).toEqual({ ...before, nodeList: [] });
    });

    it("R-133 R-134 R-135 R-136 makes the endpoints those of the node, with their names", () => {
        shell.all(["updateEndpointForNode", { nodeId: N1, endpointId: 1, friendlyName: "Left" }]);
        join(1);
        join(2);
        shell.member<SimNode>().removeEndpoint(2);
        expect(refresh()).toBe(SUCCESS);
        expect(endpoints()).toEqual(["0x11 1 Left"]);
        expect(members()).toEqual(["0x11 1 1 C"]);
        shell.member<SimNode>().restoreEndpoint(2);
        expect(refresh()).toBe(SUCCESS);
        expect(endpoints()).toEqual(["0x11 1 Left", "0x11 2 "]);
    });

    it("R-135 gives up the key set with the last endpoint that needed it", () => {
        join(2);
        shell.member<SimNode>().removeEndpoint(2);
        expect(refresh()).toBe(SUCCESS);
        expect([members(), keys(), node()]).toEqual([[], [], "0x11 Node 17 C"]);
    });

    it("R-135 R-138 removes what was to leave an endpoint that was away, when it is back, and does not take it in", () => {
        join(2);
        shell.silence();
        leave(2);
        shell.member<SimNode>().removeEndpoint(2);
        shell.heal();
        refresh();
        expect(members()).toEqual([]);
        shell.member<SimNode>().restoreEndpoint(2);
        refresh();
        expect(members()).toEqual([]);
        shell.input({ type: "structureChanged", node: N1 });
        shell.settle();
        expect(shell.member<SimNode>().groupTable(1)).toEqual([]);
    });

    it("A-14 has a row for endpoint 0 where the policy requires it", () => {
        shell = formed({ member, datastore: { policies: { ep0Row: "required" } } });
        expect(endpoints()).toEqual(["0x11 0 ", "0x11 1 ", "0x11 2 "]);
    });

    it("R-137 R-147 R-151 takes in memberships and key sets that somebody else made, with their map entry", () => {
        writeKeys(1);
        write(0, GroupKeyManagement.id, [{ groupId: 1, groupKeySetId: 1 }]);
        addGroup(2, 1);
        shell.changes();
        expect(refresh()).toBe(SUCCESS);
        expect([members(), keys()]).toEqual([["0x11 2 1 C"], ["0x11 1 C"]]);
        expect(shell.changes()).toEqual([]);
        leave(2);
        expect(shell.changes()).toEqual(["RemoveGroup", "write GroupKeyMap", "KeySetRemove"]);
    });

    it("R-151 R-152 shows a key set that only the node has, and does not take it into the list of the fabric", () => {
        const before = shell.datastore.attribute("groupKeySetList");
        writeKeys(3);
        refresh();
        expect(keys()).toEqual(["0x11 3 C"]);
        expect(shell.datastore.attribute("groupKeySetList")).toEqual(before);
        removeKeys(3);
        refresh();
        expect(keys()).toEqual([]);
    });

    it("R-062 R-033 gives a node that has other keys under the id the right ones", () => {
        writeKeys(1, 5n * SECOND);
        shell.changes();
        refresh();
        expect(shell.changes()).toEqual(["KeySetWrite"]);
        expect(keys()).toEqual(["0x11 1 C"]);
    });

    it("R-142 R-151 lets the node win where it has lost what was Committed", () => {
        join();
        removeGroup(1, 1);
        removeKeys(1);
        write(0, GroupKeyManagement.id, []);
        shell.changes();
        refresh();
        expect([members(), keys()]).toEqual([[], []]);
        expect(shell.changes()).toEqual([]);
    });

    it("R-151 writes a key set again that a membership still needs", () => {
        join();
        removeKeys(1);
        shell.changes();
        refresh();
        expect([members(), keys()]).toEqual([["0x11 1 1 C"], ["0x11 1 C"]]);
        expect(shell.changes()).toEqual(["KeySetWrite", "write GroupKeyMap"]);
    });

    it("R-139 R-144 R-148 R-154 R-161 does at once what is Pending, key set first and access last but one", () => {
        shell.silence();
        join();
        bind({ node: 7n, endpoint: 1 });
        grant(0x77n);
        shell.heal();
        shell.changes();
        expect(refresh()).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["KeySetWrite", "write GroupKeyMap", "AddGroup", "write ACL", "write Binding"]);
        expect([members(), bindings().length, acls().length, node()]).toEqual([["0x11 1 1 C"], 1, 1, "0x11 Node 17 C"]);
    });

    it("R-138 R-140 R-145 R-149 R-155 removes what is DeletePending, and does not take it in again", () => {
        join();
        bind({ node: 7n, endpoint: 1 });
        grant(0x77n);
        shell.silence();
        leave();
        shell.all(["removeBindingFromEndpointForNode", { nodeId: N1, endpointId: 1, listId: 1 }], ["removeAclFromNode", { nodeId: N1, listId: 3 }]);
        shell.heal();
        shell.changes();
        expect(refresh()).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["write Binding", "RemoveGroup", "write GroupKeyMap", "KeySetRemove", "write ACL"]);
        expect([members(), keys(), bindings(), acls(), node()]).toEqual([[], [], [], [], "0x11 Node 17 C"]);
    });

    it("R-143 R-157 takes in bindings and access control entries, all of them, under fresh ListIDs", () => {
        bind({ node: 7n, endpoint: 1 });
        write(1, Binding.id, [...read(1, Binding.id), { node: 8n, endpoint: 1 }, { group: 4 }]);
        write(0, AccessControl.id, [...read(0, AccessControl.id), entry(0x78n), entry(0x79n)]);
        shell.changes();
        refresh();
        expect(bindings().map(row => row.split(" ")[2])).toEqual(["1", "2", "3"]);
        expect(acls().length).toBe(2);
        expect(shell.changes()).toEqual([]);
        shell.all(["removeBindingFromEndpointForNode", { nodeId: N1, endpointId: 1, listId: 2 }]);
        expect(read(1, Binding.id)).toEqual([{ node: 7n, endpoint: 1 }, { group: 4 }]);
        shell.all(["removeAclFromNode", { nodeId: N1, listId: 3 }]);
        expect(read(0, AccessControl.id).length).toBe(2);
    });

    it("R-157 drops Committed bindings and access control entries that the node has lost", () => {
        bind({ node: 7n, endpoint: 1 });
        grant(0x77n);
        write(1, Binding.id, []);
        write(0, AccessControl.id, read(0, AccessControl.id).slice(0, 1));
        refresh();
        expect([bindings(), acls()]).toEqual([[], []]);
    });

    it("R-157 keeps an access control entry that another entry of the node covers", () => {
        write(0, AccessControl.id, [...read(0, AccessControl.id), entry(0x77n, 4)]);
        grant(0x77n);
        refresh();
        expect(acls().map(row => row.split(" ").at(-1))).toEqual(["C", "C"]);
    });

    it.each([
        ["a membership", Groups.id, () => join(), members],
        ["a binding", Binding.id, () => bind({ node: 7n, endpoint: 1 }), bindings],
        ["an access control entry", AccessControl.id, () => grant(0x77n), acls],
    ])("R-141 R-146 R-156 R-208 drops %s that failed for good, and retries one that may succeed", (_what, cluster, make, rows) => {
        shell.refuse(CONSTRAINT_ERROR, isChange(cluster));
        make();
        expect(rows()[0]).toMatch(/CF\(135\)$/);
        expect(refresh()).toBe(SUCCESS);
        expect([rows(), node()]).toEqual([[], "0x11 Node 17 C"]);
        shell.refuse(FAILURE, isChange(cluster));
        make();
        expect(rows()[0]).toMatch(/CF\(1\)$/);
        shell.heal();
        expect(refresh()).toBe(SUCCESS);
        expect(rows()[0]).toMatch(/ C$/);
    });

    it("R-150 drops a key set that failed for good when nothing needs it any more", () => {
        shell.refuse(RESOURCE_EXHAUSTED, isChange(GroupKeyManagement.id));
        join();
        expect(keys()).toEqual(["0x11 1 CF(137)"]);
        refresh();
        expect([members(), keys()]).toEqual([["0x11 1 1 P"], ["0x11 1 CF(137)"]]);
        expect(node()).toBe("0x11 Node 17 P");
    });

    it("R-211 does not take in again what could not be removed, and removes it when that is possible", () => {
        grant(0x77n);
        shell.refuse(CONSTRAINT_ERROR, isChange(AccessControl.id));
        shell.all(["removeAclFromNode", { nodeId: N1, listId: 3 }]);
        expect(acls()[0]).toMatch(/CF\(135\)$/);
        refresh();
        expect(acls()).toEqual([]);
        refresh();
        expect(acls()).toEqual([]);
        expect(read(0, AccessControl.id).length).toBe(2);
        shell.heal();
        shell.input({ type: "structureChanged", node: N1 });
        shell.settle();
        expect(read(0, AccessControl.id).length).toBe(1);
        grant(0x77n);
        expect(acls()[0]).toMatch(/ C$/);
    });

    it("R-160 R-133 deletes nothing when the node does not answer, and goes on when it does", () => {
        join();
        const before = [members(), keys(), endpoints()];
        shell.silence();
        expect(refresh()).toBe(SUCCESS);
        shell.run(600_000);
        expect([members(), keys(), endpoints()]).toEqual(before);
        expect(node()).toBe("0x11 Node 17 P");
        shell.heal();
        shell.run(600_000);
        expect(node()).toBe("0x11 Node 17 C");
    });

    it("R-159 merges what could be read, is not Committed without the rest, and reads again", () => {
        write(1, Binding.id, [{ node: 8n, endpoint: 1 }]);
        shell.refuse(BUSY, request => request.op === "read" && request.cluster === AccessControl.id);
        grant(0x77n);
        refresh();
        expect(bindings().length).toBe(1);
        expect(node()).toBe("0x11 Node 17 P");
        shell.heal();
        shell.run(120_000);
        expect([node(), acls()[0]]).toEqual(["0x11 Node 17 C", expect.stringMatching(/ C$/)]);
    });

    it("R-159 drops nothing for want of an answer about it", () => {
        join();
        bind({ node: 7n, endpoint: 1 });
        shell.device().fault = request =>
            (request.op === "invoke" && request.query) || (request.op === "read" && request.cluster !== Descriptor.id) ? { kind: "status", status: BUSY } : undefined;
        refresh();
        expect([members(), keys(), bindings().length, node()]).toEqual([["0x11 1 1 C"], ["0x11 1 C"], 1, "0x11 Node 17 P"]);
        shell.heal();
        shell.run(120_000);
        expect(node()).toBe("0x11 Node 17 C");
    });

    it("R-159 is not Committed while something of it fails", () => {
        shell.silence();
        join();
        shell.refuse(BUSY, isChange(Groups.id));
        refresh();
        expect([members(), node()]).toEqual([["0x11 1 1 CF(156)"], "0x11 Node 17 P"]);
        shell.heal();
        shell.run(120_000);
        expect([members(), node()]).toEqual([["0x11 1 1 C"], "0x11 Node 17 C"]);
    });

    it("R-158 is not Committed before what makes room for something else has left", () => {
        join();
        shell.all(["addKeySet", { groupKeySet: keySet(2) }]);
        shell.silence();
        shell.all(["updateGroup", groupUpdate(1, { groupKeySetId: 2 })]);
        shell.refuse(BUSY, request => request.op === "invoke" && request.cluster === GroupKeyManagement.id && request.command === keySetRemove);
        refresh();
        expect([keys(), node()]).toEqual([["0x11 1 CF(156)", "0x11 2 C"], "0x11 Node 17 P"]);
        shell.heal();
        shell.run(120_000);
        expect([keys(), node()]).toEqual([["0x11 2 C"], "0x11 Node 17 C"]);
    });

    it("R-158 is not Committed while an access control entry waits for room to take another's place", () => {
        shell.all(["addGroup", group(2, null, { groupCat: 7, groupCatVersion: 1 })]);
        grant(0xffff_fffd_0007_0001n);
        shell.silence();
        shell.all(["updateGroup", groupUpdate(2, { groupCatVersion: 2 })]);
        shell.refuse(BUSY, isChange(AccessControl.id));
        refresh();
        expect([acls()[0]!.split(" ").at(-1), node()]).toEqual(["CF(156)", "0x11 Node 17 P"]);
        shell.heal();
        shell.run(120_000);
        expect([acls()[0]!.split(" ").at(-1), node()]).toEqual(["C", "0x11 Node 17 C"]);
    });

    it("R-151 writes a map entry again that a binding still needs", () => {
        join();
        bind({ group: 1 });
        leave();
        write(0, GroupKeyManagement.id, []);
        refresh();
        expect(read(0, GroupKeyManagement.id)).toEqual([{ groupId: 1, groupKeySetId: 1 }]);
    });

    it("R-211 takes in again what somebody has added after it was gone", () => {
        grant(0x77n);
        shell.refuse(CONSTRAINT_ERROR, isChange(AccessControl.id));
        shell.all(["removeAclFromNode", { nodeId: N1, listId: 3 }]);
        refresh();
        const list = read(0, AccessControl.id);
        write(0, AccessControl.id, list.slice(0, 1));
        refresh();
        write(0, AccessControl.id, list);
        refresh();
        expect(acls()[0]).toMatch(/ C$/);
    });

    it("R-163 shows RESOURCE_EXHAUSTED when a list cannot take in all of it, and takes nothing from the node", () => {
        shell = formed({ member, datastore: { limits: { endpointBindings: 1 } } });
        write(1, Binding.id, [{ node: 8n, endpoint: 1 }, { node: 9n, endpoint: 1 }]);
        refresh();
        expect(node()).toBe("0x11 Node 17 CF(137)");
        expect([bindings().length, read(1, Binding.id).length]).toEqual([1, 2]);
    });

    it("R-164 takes a second one for the same, and does not lose commands that come meanwhile", () => {
        shell.send({ type: "jfds", command: "refreshNode", fields: { nodeId: N1 } });
        shell.stored();
        shell.send({ type: "jfds", command: "refreshNode", fields: { nodeId: N1 } });
        shell.send({ type: "jfds", command: "addGroupIdToEndpointForNode", fields: { nodeId: N1, endpointId: 1, groupId: 1 } });
        shell.settle();
        expect([members(), node()]).toEqual([["0x11 1 1 C"], "0x11 Node 17 C"]);
        const reads = shell.sent.filter(({ node: of, request }) => of === N1 && request.op === "read" && request.cluster === Descriptor.id && request.attribute === 3);
        expect(reads.length).toBe(1);
    });

    it("R-224 looks at a node that was announced as soon as it can be reached", () => {
        shell.all(["addPendingNode", { nodeId: 0x13n, friendlyName: "New" }]);
        shell.back(0x13n as typeof N1);
        expect(shell.rows("nodeList")).toContain("0x13 New C");
    });

    it("R-137 takes in the membership of a group that is not in the list of the fabric", () => {
        writeKeys(3);
        write(0, GroupKeyManagement.id, [{ groupId: 9, groupKeySetId: 3 }]);
        addGroup(1, 9);
        refresh();
        expect([members(), keys()]).toEqual([["0x11 1 9 C"], ["0x11 3 C"]]);
    });

    it("R-173 R-086 brings a group's present key set to a node that has another one", () => {
        join();
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addGroup", group(2, 2)]);
        writeKeys(2);
        write(0, GroupKeyManagement.id, [...read(0, GroupKeyManagement.id), { groupId: 2, groupKeySetId: 1 }]);
        addGroup(2, 2);
        shell.changes();
        refresh();
        expect(shell.changes()).toEqual(["write GroupKeyMap"]);
        expect(read(0, GroupKeyManagement.id)).toEqual([
            { groupId: 1, groupKeySetId: 1 },
            { groupId: 2, groupKeySetId: 2 },
        ]);
    });

    it("R-217 leaves other nodes alone", () => {
        shell.changes(N2);
        refresh();
        expect(shell.sent.filter(({ node: of }) => of === N2)).toEqual([]);
    });
});
