import { Status } from "../../src/core/status.js";
import { COMMITTED, DELETE_PENDING, failedWith, UNANSWERED_REMOVAL } from "../bed.js";
import { section } from "../conformance-case.js";
import { addToGroup, G1, G2, K1, membership, N1, NOBODY, refresh } from "../fixtures.js";
import { matches } from "../values.js";
import { ADD, expectIn, expectOut, KEY_ROW, REMOVE } from "./membership-checks.js";
import { unknownTarget } from "./nodes.js";

const { BUSY, FAILURE, NOT_FOUND, SUCCESS } = Status;
/** RemoveGroupIDFromEndpointForNode. */
export const removeMembership = section("11.24.7.16", "RGE", [
    {
        n: 1,
        reqs: ["R-176"],
        must: "An unknown endpoint is refused.",
        fixture: "FK",
        when: "unknown node; known node, unknown endpoint",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), REMOVE, membership(NOBODY));
            await bed.expect(unknownTarget(bed), REMOVE, membership(N1, 77));
        },
    },
    {
        n: 2,
        reqs: ["R-177"],
        must: "What is not there is removed already.",
        fixture: "FK",
        when: "an endpoint that is no member",
        then: "SUCCESS; no traffic",
        async run(bed) {
            await bed.expect([SUCCESS, NOT_FOUND], REMOVE, membership(N1));
            await bed.settle();
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 6,
        reqs: ["R-181"],
        must: "A key set that another membership needs stays, and the IPK always.",
        fixture: "FM",
        when: "endpoint 2 is in the same group, endpoint 1 in another with the same key set; removed one after the other",
        then: "KeySetRemove only with the last, never for set 0",
        async run(bed) {
            await addToGroup(bed, N1, 2, G1);
            await addToGroup(bed, N1, 1, G2);
            await bed.mark();
            for (const given of [membership(N1, 1, G1), membership(N1, 2, G1)]) {
                await bed.ok(REMOVE, given);
                await bed.settle();
                await bed.expectRow("nodeKeySetList", KEY_ROW, COMMITTED);
                bed.check(!(await bed.changes(N1)).includes("keySetRemove"), "the key set is removed although it is needed");
            }
            const { groupKeyMap } = await bed.member(N1);
            bed.check(groupKeyMap.some(entry => matches(entry, { groupId: G2 })), "the other group is not mapped any more");
            await bed.ok(REMOVE, membership(N1, 1, G2));
            await bed.settle();
            await expectOut(bed);
            const removed = (await bed.traffic(N1, { name: "keySetRemove" })).map(({ value }) => (value as { groupKeySetId?: number }).groupKeySetId);
            bed.equal(removed, [K1], "the key sets that are removed");
        },
    },
    {
        n: 7,
        reqs: ["R-179"],
        must: "NOT_FOUND on removal means that it is done.",
        fixture: "FM",
        needs: ["otherAdministrators"],
        when: "another administrator has removed the group and the key set from the node",
        then: "the rows are gone",
        async run(bed) {
            await bed.other(N1, { op: "invoke", endpoint: 1, cluster: "Groups", name: "removeGroup", value: { groupId: G1 } });
            await bed.other(N1, { op: "invoke", endpoint: 0, cluster: "GroupKeyManagement", name: "keySetRemove", value: { groupKeySetId: K1 } });
            await bed.ok(REMOVE, membership(N1));
            await bed.settle();
            await expectOut(bed);
        },
    },
    {
        n: 9,
        reqs: ["R-178", "R-183"],
        must: "The key set is not removed before the membership is.",
        fixture: "FM",
        needs: ["faults", "clock"],
        when: "RemoveGroupResponse with FAILURE; then the node is well again",
        then: "SUCCESS; DeletePending or CommitFailed; no KeySetRemove; later both gone",
        async run(bed) {
            await bed.fault(N1, { name: "removeGroup" }, { type: "payloadStatus", status: FAILURE }, Infinity);
            await bed.ok(REMOVE, membership(N1));
            await bed.settle(4_000);
            await bed.expectRow("endpointGroupIdList", membership(N1), [DELETE_PENDING, failedWith(FAILURE)]);
            bed.check(!(await bed.changes(N1)).includes("keySetRemove"), "the key set is removed first");
            await bed.release(N1);
            await bed.cleanUp();
            await expectOut(bed);
        },
    },
    {
        n: 10,
        reqs: ["R-180", "R-210"],
        must: "A key set whose removal failed is removed by the next refresh.",
        fixture: "FM",
        needs: ["faults"],
        when: "KeySetRemove is answered BUSY; RefreshNode",
        then: "CommitFailed(BUSY) or DeletePending; then gone",
        async run(bed) {
            await bed.refuse(N1, { name: "keySetRemove" }, BUSY);
            await bed.ok(REMOVE, membership(N1));
            await bed.settle(4_000);
            await bed.expectRow("nodeKeySetList", KEY_ROW, [failedWith(BUSY), DELETE_PENDING]);
            await bed.release(N1);
            await refresh(bed, N1);
            await expectOut(bed);
        },
    },
    {
        n: 11,
        reqs: ["R-178", "R-219"],
        must: "A node that was away leaves without anybody asking.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "N1 is away; it comes back; one period passes",
        then: "DeletePending; then gone on both sides",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok(REMOVE, membership(N1));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), UNANSWERED_REMOVAL);
            await bed.online(N1);
            await bed.cleanUp();
            await expectOut(bed);
        },
    },
    {
        n: 12,
        reqs: ["R-213", "R-178"],
        must: "Removing while it is being added ends with it gone.",
        fixture: "FK",
        needs: ["faults"],
        when: "AddGroup is held; RemoveGroupIDFromEndpointForNode; released",
        then: "no member, no key set, no rows",
        async run(bed) {
            await bed.hold(N1, { name: "addGroup" });
            await bed.ok(ADD, membership(N1));
            await bed.settle();
            await bed.ok(REMOVE, membership(N1));
            await bed.release(N1);
            await bed.settle();
            await expectOut(bed);
        },
    },
    {
        n: 13,
        reqs: ["R-212", "R-178"],
        must: "Adding while it is being removed ends with it there.",
        fixture: "FM",
        needs: ["faults"],
        when: "RemoveGroup is held; AddGroupIDToEndpointForNode; released",
        then: "a member, with key set, rows Committed",
        async run(bed) {
            await bed.hold(N1, { name: "removeGroup" });
            await bed.ok(REMOVE, membership(N1));
            await bed.settle();
            await bed.ok(ADD, membership(N1));
            await bed.release(N1);
            await bed.settle();
            await expectIn(bed);
        },
    },
    {
        n: 50,
        reqs: ["R-178", "R-180", "R-182"],
        must: "Membership, map entry and key set leave the node; other entries of the map stay.",
        fixture: "FM",
        needs: ["otherAdministrators"],
        when: "RemoveGroupIDFromEndpointForNode; the node has a foreign map entry",
        then: "RemoveGroup, then KeySetRemove; rows gone; the map has the foreign entry only",
        async run(bed) {
            const foreign = { groupId: 0x200, groupKeySetId: 7 };
            await bed.other(N1, { op: "write", endpoint: 0, cluster: "GroupKeyManagement", name: "groupKeyMap", value: [foreign], mode: "append" });
            await bed.ok(REMOVE, membership(N1));
            await bed.settle();
            await expectOut(bed);
            await bed.expectOrder(N1, ["removeGroup", "keySetRemove"]);
            bed.equal((await bed.member(N1)).groupKeyMap, [foreign], "the key map");
        },
    },
]);
