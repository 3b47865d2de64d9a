import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, PENDING, type Bed } from "../bed.js";
import { section } from "../conformance-case.js";
import {
    addBinding, addToGroup, fixtureBinding, G1, join, K1, member, membership, N1, NOBODY, refresh,
} from "../fixtures.js";
import { foreignSet, NODE, NOT_THROUGH, REFRESH, write } from "./refresh-checks.js";

const { BUSY, CONSTRAINT_ERROR, FAILURE, NOT_FOUND, RESOURCE_EXHAUSTED } = Status;
/** Another administrator puts the endpoint into a group. */
async function joinBehind(bed: Bed, groupId: number, keySetId: number): Promise<void> {
    await bed.other(N1, foreignSet(keySetId));
    await bed.other(N1, write("GroupKeyManagement", "groupKeyMap", [{ groupId, groupKeySetId: keySetId }]));
    await bed.other(N1, { op: "invoke", endpoint: 1, cluster: "Groups", name: "addGroup", value: { groupId, groupName: "" } });
}

/** RefreshNode: the node, its endpoints, memberships and bindings. */
export const refreshNode = section("11.24.7.11", "RFN", [
    {
        n: 1,
        reqs: ["R-131"],
        must: "An unknown node is refused.",
        fixture: "F1",
        when: "a node that is not listed",
        then: "NOT_FOUND; no traffic",
        async run(bed) {
            const accepted = bed.profile.unknownTarget === "NOT_FOUND" ? [NOT_FOUND] : [CONSTRAINT_ERROR, NOT_FOUND];
            await bed.expect(accepted, "refreshNode", { nodeId: BigInt(NOBODY) });
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 2,
        reqs: ["R-132", "R-158"],
        must: "The node is Pending at once, and Committed only after the last operation.",
        fixture: "F0",
        needs: ["members", "traffic", "faults"],
        when: "AddPendingNode; RefreshNode; the ACL read is held",
        then: "Pending; Committed when the node goes on",
        async run(bed) {
            await bed.addMember(member(N1));
            await bed.ok("addPendingNode", { ...REFRESH, friendlyName: "" });
            await bed.hold(N1, { op: "read", name: "acl" });
            await bed.ok("refreshNode", REFRESH);
            await bed.expectRow("nodeList", NODE, PENDING);
            await bed.settle();
            await bed.expectRow("nodeList", NODE, NOT_THROUGH);
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("nodeList", NODE, COMMITTED);
        },
    },
    {
        n: 3,
        reqs: ["R-132"],
        must: "A Committed node is Pending while it is refreshed.",
        fixture: "F1",
        needs: ["faults"],
        when: "RefreshNode with the first read held",
        then: "Pending; then Committed",
        async run(bed) {
            await bed.hold(N1, { op: "read" });
            await bed.ok("refreshNode", REFRESH);
            await bed.settle();
            await bed.expectRow("nodeList", NODE, NOT_THROUGH);
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("nodeList", NODE, COMMITTED);
        },
    },
    {
        n: 5,
        reqs: ["R-134", "R-135", "R-133"],
        must: "Endpoints that are gone are removed, with what hung on them.",
        fixture: "FM",
        needs: ["structure"],
        when: "endpoint 2, in a group and with a binding, goes; RefreshNode",
        then: "its rows are gone; endpoint 1 and its name stay",
        async run(bed) {
            await addToGroup(bed, N1, 2);
            await addBinding(bed, N1, 2, fixtureBinding);
            await bed.ok("updateEndpointForNode", { endpointId: 1, ...REFRESH, friendlyName: "Left" });
            await bed.session.setEndpoint(N1, 2, false);
            await refresh(bed, N1);
            for (const list of ["nodeEndpointList", "endpointGroupIdList", "endpointBindingList"]) {
                await bed.expectNoRow(list, { nodeId: N1, endpointId: 2 });
            }
            await bed.row("nodeEndpointList", { nodeId: N1, endpointId: 1, friendlyName: "Left" });
            await bed.expectRow("endpointGroupIdList", membership(N1), COMMITTED);
        },
    },
    {
        n: 6,
        reqs: ["R-136"],
        must: "Endpoints that came are added; known ones keep their names.",
        fixture: "F1",
        needs: ["structure"],
        when: "endpoint 2 goes and is refreshed away; it comes back; RefreshNode",
        then: "one row for each endpoint of PartsList; the name of endpoint 1 stays",
        async run(bed) {
            await bed.ok("updateEndpointForNode", { endpointId: 1, ...REFRESH, friendlyName: "Left" });
            await bed.session.setEndpoint(N1, 2, false);
            await refresh(bed, N1);
            await bed.session.setEndpoint(N1, 2, true);
            await refresh(bed, N1);
            const rows = (await bed.rows("nodeEndpointList", { nodeId: N1 })).filter(row => row["endpointId"] !== 0);
            bed.equal(rows.map(row => row["endpointId"]).sort(), [1, 2], "the endpoints");
            await bed.row("nodeEndpointList", { nodeId: N1, endpointId: 1, friendlyName: "Left" });
        },
    },
    {
        n: 7,
        reqs: ["R-137"],
        must: "Memberships found on the node are adopted.",
        fixture: "F1",
        needs: ["otherAdministrators"],
        when: "another administrator adds a group; RefreshNode",
        then: "a Committed row; nothing is written",
        async run(bed) {
            await joinBehind(bed, 0x105, 7);
            await refresh(bed, N1);
            await bed.expectRow("endpointGroupIdList", membership(N1, 1, 0x105), COMMITTED);
            await bed.expectNoChanges(N1);
        },
    },
    {
        n: 8,
        reqs: ["R-139", "R-172", "R-161"],
        must: "One refresh brings key set, map and membership.",
        fixture: "FK",
        needs: ["reachability"],
        when: "added while N1 is away; N1 comes back; RefreshNode",
        then: "KeySetWrite, GroupKeyMap, AddGroup in this order; all Committed",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("addGroupIdToEndpointForNode", membership(N1));
            await bed.settle();
            await bed.online(N1);
            await refresh(bed, N1);
            await bed.expectOrder(N1, ["keySetWrite", "groupKeyMap", "addGroup"]);
            await bed.expectRow("endpointGroupIdList", membership(N1), COMMITTED);
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 }, COMMITTED);
            await bed.expectRow("nodeList", NODE, COMMITTED);
        },
    },
    {
        n: 9,
        reqs: ["R-139", "R-159"],
        must: "A membership that the node refuses fails, and the refresh is not through.",
        fixture: "FK",
        needs: ["reachability", "faults"],
        when: "the same, and AddGroupResponse says RESOURCE_EXHAUSTED",
        then: "CommitFailed(RESOURCE_EXHAUSTED); key set Committed; node not Committed",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("addGroupIdToEndpointForNode", membership(N1));
            await bed.settle();
            await bed.online(N1);
            await bed.fault(N1, { name: "addGroup" }, { type: "payloadStatus", status: RESOURCE_EXHAUSTED }, Infinity);
            await refresh(bed, N1);
            await bed.expectRow("endpointGroupIdList", membership(N1), failedWith(RESOURCE_EXHAUSTED));
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 }, COMMITTED);
            await bed.expectRow("nodeList", NODE, NOT_THROUGH);
        },
    },
    {
        n: 10,
        reqs: ["R-140", "R-149"],
        must: "One refresh completes a removal, membership first.",
        fixture: "FM",
        needs: ["reachability"],
        when: "removed while N1 is away; N1 comes back; RefreshNode",
        then: "RemoveGroup before KeySetRemove; all gone",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            await bed.online(N1);
            await refresh(bed, N1);
            await bed.expectOrder(N1, ["removeGroup", "keySetRemove"]);
            await bed.expectNoRow("endpointGroupIdList", membership(N1));
            await bed.expectNoRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 });
        },
    },
    {
        n: 12,
        reqs: ["R-141", "R-209"],
        must: "A membership that failed for good is dropped by the refresh.",
        fixture: "FK",
        needs: ["faults"],
        when: "AddGroup refused with RESOURCE_EXHAUSTED; the node is well again; RefreshNode",
        then: "the row is gone; the group is not on the node",
        async run(bed) {
            await bed.fault(N1, { name: "addGroup" }, { type: "payloadStatus", status: RESOURCE_EXHAUSTED }, Infinity);
            await bed.ok("addGroupIdToEndpointForNode", membership(N1));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), failedWith(RESOURCE_EXHAUSTED));
            await bed.release(N1);
            await refresh(bed, N1);
            await bed.expectNoRow("endpointGroupIdList", membership(N1));
            bed.check(!(await bed.member(N1)).groupTable.some(row => row["groupId"] === G1), "the group is on the node");
        },
    },
    {
        n: 13,
        reqs: ["R-141", "R-208"],
        must: "A membership that failed for now is tried again by the refresh.",
        fixture: "FK",
        needs: ["faults"],
        when: "AddGroup refused with BUSY, and with FAILURE; the node is well again; RefreshNode",
        then: "Committed",
        async run(bed) {
            for (const [at, status] of [BUSY, FAILURE].entries()) {
                await bed.fault(N1, { name: "addGroup" }, { type: "payloadStatus", status }, Infinity);
                await bed.ok("addGroupIdToEndpointForNode", membership(N1, at + 1));
                await bed.settle(4_000);
                await bed.expectRow("endpointGroupIdList", membership(N1, at + 1), failedWith(status));
                await bed.release(N1);
                await refresh(bed, N1);
                await refresh(bed, N1);
                await bed.expectRow("endpointGroupIdList", membership(N1, at + 1), COMMITTED);
            }
        },
    },
    {
        n: 14,
        reqs: ["R-138", "R-210"],
        must: "A membership whose removal failed is removed by the refresh, not adopted.",
        fixture: "FM",
        needs: ["faults"],
        when: "RemoveGroup refused with BUSY; the node is well again; RefreshNode",
        then: "gone on both sides; AddGroup never sent",
        async run(bed) {
            await bed.fault(N1, { name: "removeGroup" }, { type: "payloadStatus", status: BUSY }, Infinity);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle(4_000);
            await bed.release(N1);
            await refresh(bed, N1);
            await bed.expectNoRow("endpointGroupIdList", membership(N1));
            bed.check(!(await bed.changes(N1)).includes("addGroup"), "the group is added again");
            bed.check(!(await bed.member(N1)).groupTable.some(row => row["groupId"] === G1), "the group is on the node");
        },
    },
    {
        n: 15,
        reqs: ["R-142"],
        must: "A membership that the node lost is dropped.",
        fixture: "FM",
        needs: ["otherAdministrators"],
        when: "another administrator removes the group; RefreshNode",
        then: "no row",
        async run(bed) {
            await bed.other(N1, { op: "invoke", endpoint: 1, cluster: "Groups", name: "removeGroup", value: { groupId: G1 } });
            await refresh(bed, N1);
            await bed.expectNoRow("endpointGroupIdList", membership(N1));
        },
    },
    {
        n: 16,
        reqs: ["R-142", "R-235"],
        must: "Endpoints without Groups and Binding do not disturb a refresh.",
        fixture: "F0",
        needs: ["members", "traffic"],
        when: "an endpoint without both; RefreshNode",
        then: "Committed",
        async run(bed) {
            await join(bed, member(N1, { endpoints: [{ endpoint: 1, groups: false, binding: false }, { endpoint: 2 }] }));
        },
    },
]);
