import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { GroupKeyManagement, Groups } from "../core/clusters.js";
import type { DeviceRequest } from "../core/device.js";
import { Status } from "../core/status.js";
import { formed, group, keySet, N1, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, FAILURE, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, BUSY, UNSUPPORTED_CLUSTER } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups({ switches: 2, maxGroupKeysPerFabric: 3 }), new Random(1));

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member }, [N1]);
});

const fields = (groupId = 1, endpointId = 1, nodeId: bigint = N1) => ({ nodeId, endpointId, groupId });
const add = (...of: Parameters<typeof fields>) => shell.jfds("addGroupIdToEndpointForNode", fields(...of));
const remove = (...of: Parameters<typeof fields>) => shell.jfds("removeGroupIdFromEndpointForNode", fields(...of));
const members = () => shell.rows("endpointGroupIdList");
const keys = () => shell.rows("nodeKeySetList").filter(row => row !== "0x11 0 C");
const isChange = (cluster: number, command?: number) => (request: DeviceRequest) =>
    request.cluster === cluster && (request.op === "write" || (request.op === "invoke" && !request.query && (command === undefined || request.command === command)));
const memberOf = () => shell.member<SimNode>().groupTable(1).map(({ groupId }) => groupId);

describe("AddGroupIDToEndpointForNode", () => {
    it("R-165 does not know other nodes and endpoints", () => {
        expect([add(1, 1, 0x99n), add(1, 9)]).toEqual([NOT_FOUND, NOT_FOUND]);
    });

    it("R-166 R-173 refuses groups that are not there, or have no key set", () => {
        shell.all(["addGroup", group(2, null)]);
        expect([add(9), add(2)]).toEqual([CONSTRAINT_ERROR, CONSTRAINT_ERROR]);
        expect(members()).toEqual([]);
    });

    it("R-010 R-167 R-169 R-170 installs key set, map entry and membership, in this order", () => {
        expect(add()).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["KeySetWrite", "write GroupKeyMap", "AddGroup"]);
        expect([members(), keys()]).toEqual([["0x11 1 1 C"], ["0x11 1 C"]]);
        expect(memberOf()).toEqual([1]);
    });

    it("R-168 does not write a key set that the node has", () => {
        add();
        shell.changes();
        expect(add(1, 2)).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["AddGroup"]);
    });

    it("R-171 has nothing to do for a member, and does not queue twice what is Pending", () => {
        add();
        shell.changes();
        expect(add()).toBe(SUCCESS);
        expect(shell.changes()).toEqual([]);
        shell.silence();
        expect([add(1, 2), add(1, 2)]).toEqual([SUCCESS, SUCCESS]);
        shell.back();
        expect(shell.changes()).toEqual(["AddGroup"]);
        expect(members()).toEqual(["0x11 1 1 C", "0x11 2 1 C"]);
    });

    it("R-171 R-212 wants a membership and a key set again that are leaving", () => {
        add();
        shell.silence();
        remove();
        expect([members(), keys()]).toEqual([["0x11 1 1 DP"], ["0x11 1 DP"]]);
        expect(add()).toBe(SUCCESS);
        expect([members(), keys()]).toEqual([["0x11 1 1 P"], ["0x11 1 P"]]);
        shell.back();
        expect([members(), keys()]).toEqual([["0x11 1 1 C"], ["0x11 1 C"]]);
        expect(memberOf()).toEqual([1]);
    });

    it("R-172 R-167 does not send AddGroup while the key set is not there", () => {
        shell.refuse(RESOURCE_EXHAUSTED, isChange(GroupKeyManagement.id, GroupKeyManagement.commands.keySetWrite));
        expect(add()).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["KeySetWrite"]);
        expect([members(), keys()]).toEqual([["0x11 1 1 P"], ["0x11 1 CF(137)"]]);
    });

    it.each([RESOURCE_EXHAUSTED, CONSTRAINT_ERROR, BUSY])("R-170 R-175 R-024 passes a status of the response on: %i", status => {
        shell.device().fault = request =>
            isChange(Groups.id)(request) ? { kind: "response", fields: { status, groupId: 1 } } : undefined;
        expect(add()).toBe(SUCCESS);
        expect([members(), keys()]).toEqual([[`0x11 1 1 CF(${status})`], ["0x11 1 C"]]);
    });

    it("R-170 R-219 waits for a node that does not answer, and needs no command when it does", () => {
        shell.silence();
        expect(add()).toBe(SUCCESS);
        shell.run(3_600_000);
        expect(members()).toEqual(["0x11 1 1 P"]);
        shell.heal();
        shell.run(3_600_000);
        expect(members()).toEqual(["0x11 1 1 C"]);
    });

    it("R-171 R-221 retries what failed: by itself where that is worth it, and when it is asked for again", () => {
        shell.refuse(BUSY, isChange(Groups.id));
        add();
        expect(members()).toEqual(["0x11 1 1 CF(156)"]);
        shell.heal();
        shell.run(120_000);
        expect(members()).toEqual(["0x11 1 1 C"]);
        shell.refuse(CONSTRAINT_ERROR, isChange(Groups.id));
        add(1, 2);
        shell.heal();
        shell.run(3_600_000);
        expect(members()).toContain("0x11 2 1 CF(135)");
        expect(add(1, 2)).toBe(SUCCESS);
        expect(members()).toContain("0x11 2 1 C");
    });

    it("R-235 shows UNSUPPORTED_CLUSTER for an endpoint without Groups", () => {
        shell.refuse(UNSUPPORTED_CLUSTER, isChange(Groups.id));
        expect(add()).toBe(SUCCESS);
        expect(members()).toEqual(["0x11 1 1 CF(195)"]);
    });

    it("R-236 shows RESOURCE_EXHAUSTED on the key set that the node has no room for", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addKeySet", { groupKeySet: keySet(3) }], ["addGroup", group(2, 2)], ["addGroup", group(3, 3)]);
        expect([add(1), add(2), add(3)]).toEqual([SUCCESS, SUCCESS, SUCCESS]);
        expect(keys()).toEqual(["0x11 1 C", "0x11 2 C", "0x11 3 CF(137)"]);
        expect(members()).toEqual(["0x11 1 1 C", "0x11 1 2 C", "0x11 1 3 P"]);
    });

    it("R-231 R-141 shows on the membership that the node has no room for another map entry, until a refresh", () => {
        for (const id of [2, 3, 4, 5]) {
            shell.all(["addGroup", group(id, 1)]);
        }
        expect([1, 2, 3, 4, 5].map(id => add(id))).toEqual([SUCCESS, SUCCESS, SUCCESS, SUCCESS, SUCCESS]);
        expect([members().at(-1), keys()]).toEqual(["0x11 1 5 CF(137)", ["0x11 1 C"]]);
        shell.all(["refreshNode", { nodeId: N1 }]);
        expect([members().length, shell.rows("nodeList")[0]]).toEqual([4, "0x11 Node 17 C"]);
    });

    it("R-018 answers RESOURCE_EXHAUSTED when a list is full, and BUSY when the node owes too much", () => {
        shell = formed({ member, datastore: { limits: { endpointGroupIds: 1 } } }, [N1]);
        expect([add(1, 1), add(1, 1), add(1, 2)]).toEqual([SUCCESS, SUCCESS, RESOURCE_EXHAUSTED]);
        shell = formed({ member, datastore: { limits: { nodeKeySets: 2 } } }, [N1]);
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addGroup", group(2, 2)]);
        expect([add(1, 1), add(2, 1)]).toEqual([SUCCESS, RESOURCE_EXHAUSTED]);
        shell = formed({ member, datastore: { limits: { owedPerNode: 3 } } }, [N1]);
        shell.silence();
        expect([add(1, 1), add(1, 2)]).toEqual([SUCCESS, BUSY]);
        expect(members()).toEqual(["0x11 1 1 P"]);
    });
});

describe("RemoveGroupIDFromEndpointForNode", () => {
    beforeEach(() => {
        add();
        shell.changes();
    });

    it("R-176 R-177 does not know other endpoints, and is content when the endpoint is no member", () => {
        expect([remove(1, 1, 0x99n), remove(1, 9), remove(2, 1)]).toEqual([NOT_FOUND, NOT_FOUND, SUCCESS]);
        expect(shell.changes()).toEqual([]);
        shell = formed({ member, datastore: { policies: { idempotentRemove: "NOT_FOUND" } } }, [N1]);
        expect(remove()).toBe(NOT_FOUND);
    });

    it("R-178 R-180 R-182 R-183 takes membership, map entry and key set away, in this order", () => {
        expect(remove()).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["RemoveGroup", "write GroupKeyMap", "KeySetRemove"]);
        expect([members(), keys(), memberOf()]).toEqual([[], [], []]);
    });

    it("R-181 R-182 keeps key set and map entry that another endpoint or another group of the node needs", () => {
        add(1, 2);
        shell.all(["addGroup", group(2, 1)]);
        add(2, 2);
        shell.changes();
        expect(remove()).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["RemoveGroup"]);
        expect(remove(1, 2)).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["RemoveGroup", "write GroupKeyMap"]);
        expect([members(), keys()]).toEqual([["0x11 2 2 C"], ["0x11 1 C"]]);
    });

    it("R-182 keeps what a binding to the group needs", () => {
        shell = formed({ member: () => new SimNode(onOffLightSwitchWithGroups({ binding: true }), new Random(1)) }, [N1]);
        add();
        shell.all(["addBindingToEndpointForNode", { nodeId: N1, endpointId: 1, binding: { group: 1 } }]);
        shell.changes();
        expect(remove()).toBe(SUCCESS);
        expect([shell.changes(), keys()]).toEqual([["RemoveGroup"], ["0x11 1 C"]]);
    });

    it("R-178 R-183 R-210 shows why a removal failed, keeps the key set until it is through, and never adds again", () => {
        shell.refuse(FAILURE, isChange(Groups.id));
        expect(remove()).toBe(SUCCESS);
        expect([members(), keys()]).toEqual([["0x11 1 1 CF(1)"], ["0x11 1 DP"]]);
        expect(shell.changes()).not.toContain("KeySetRemove");
        shell.heal();
        shell.run(120_000);
        expect([members(), keys()]).toEqual([[], []]);
        expect(shell.changes()).not.toContain("AddGroup");
    });

    it("R-179 is done when the node was no member any more", () => {
        shell.device().fault = request => (isChange(Groups.id)(request) ? { kind: "response", fields: { status: NOT_FOUND, groupId: 1 } } : undefined);
        expect(remove()).toBe(SUCCESS);
        expect(members()).toEqual([]);
    });

    it("R-178 R-219 waits for a node that does not answer", () => {
        shell.silence();
        expect(remove()).toBe(SUCCESS);
        shell.run(600_000);
        expect(members()).toEqual(["0x11 1 1 DP"]);
        shell.back();
        expect(members()).toEqual([]);
    });

    it("R-213 ends what was being added", () => {
        shell.send({ type: "jfds", command: "addGroupIdToEndpointForNode", fields: fields(1, 2) });
        shell.stored();
        shell.send({ type: "jfds", command: "removeGroupIdFromEndpointForNode", fields: fields(1, 2) });
        shell.settle();
        shell.run(120_000);
        expect(members()).toEqual(["0x11 1 1 C"]);
        expect(shell.member<SimNode>().groupTable(1)).toMatchObject([{ groupId: 1, endpoints: [1] }]);
    });

    it("R-020 R-174 shows one row for a membership that is leaving and held to come again", () => {
        shell.silence();
        remove();
        shell.all(["removeKeySet", { groupKeySetId: 1 }]);
        expect(add()).toBe(SUCCESS);
        expect(members()).toEqual(["0x11 1 1 P"]);
        shell.back();
        expect(members()).toEqual(["0x11 1 1 P"]);
        shell.all(["addKeySet", { groupKeySet: keySet(1, { epochStartTime0: 99_000_000n }) }]);
        expect(members()).toEqual(["0x11 1 1 C"]);
    });

    it("R-174 forgets a membership that was held", () => {
        shell.all(["addGroup", group(2, 9)]);
        add(2, 1);
        expect(remove(2, 1)).toBe(SUCCESS);
        expect([members(), keys()]).toEqual([["0x11 1 1 C"], ["0x11 1 C"]]);
    });
});
