import { Status } from "../../src/core/status.js";
import { COMMITTED, DELETE_PENDING, failedWith, PENDING, UNANSWERED, UNANSWERED_REMOVAL, type Bed } from "../bed.js";
import { section } from "../conformance-case.js";
import { addToGroup, G1, G2, G3, groupChange, K1, K2, keySet, membership, N1, N2 } from "../fixtures.js";
import { matches } from "../values.js";

const { BUSY, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, SUCCESS } = Status;
const TO_K2 = groupChange(G1, { groupKeySetId: K2 });

const rowOf = (nodeId: number, groupKeySetId: number) => ({ nodeId, groupKeySetId });

async function hasKeySet(bed: Bed, nodeId: number, groupKeySetId: number): Promise<boolean> {
    return (await bed.member(nodeId)).keySets.some(set => set["groupKeySetId"] === groupKeySetId);
}

async function expectMapped(bed: Bed, nodeId: number, groupId: number, groupKeySetId: number): Promise<void> {
    const { groupKeyMap } = await bed.member(nodeId);
    const isMapped = groupKeyMap.some(entry => matches(entry, { groupId, groupKeySetId }));
    bed.check(isMapped, `group ${groupId} is not mapped to key set ${groupKeySetId} on node ${nodeId}`);
}

async function expectMoved(bed: Bed): Promise<void> {
    await bed.expectRow("nodeKeySetList", rowOf(N1, K2), COMMITTED);
    await bed.expectNoRow("nodeKeySetList", rowOf(N1, K1));
    await bed.expectRow("endpointGroupIdList", membership(N1), COMMITTED);
    await expectMapped(bed, N1, G1, K2);
    bed.check(!(await hasKeySet(bed, N1, K1)), "the former key set is still on the node");
}

/** UpdateGroup with another key set, as far as members go. */
export const updateGroupKeys = section("11.24.7.5", "UGR", [
    {
        n: 11,
        reqs: ["R-086", "R-090", "R-093", "R-092"],
        must: "The new key set is written and mapped before the former one is removed.",
        fixture: "FM",
        when: "UpdateGroup: key set K1 to K2",
        then: "K2 Committed, K1 gone; KeySetWrite, GroupKeyMap, KeySetRemove in this order; still a member",
        async run(bed) {
            await bed.ok("updateGroup", TO_K2);
            await bed.settle();
            await expectMoved(bed);
            await bed.expectOrder(N1, ["keySetWrite", "groupKeyMap", "keySetRemove"]);
            const { groupTable } = await bed.member(N1);
            bed.check(groupTable.some(row => matches(row, { groupId: G1 })), "the node is no member any more");
        },
    },
    {
        n: 12,
        reqs: ["R-087"],
        must: "Only members get the new key set.",
        fixture: "FK2",
        when: "UpdateGroup of a group of N1 only",
        then: "N2 is not contacted and has no key",
        async run(bed) {
            await addToGroup(bed, N1);
            await bed.mark();
            await bed.ok("updateGroup", TO_K2);
            await bed.settle();
            await bed.expectNoTraffic(N2);
            await bed.expectNoRow("nodeKeySetList", rowOf(N2, K2));
        },
    },
    {
        n: 13,
        reqs: ["R-087"],
        must: "A member on its way out gets no new key set.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "N1 is away, its membership is removed; UpdateGroup; N1 comes back",
        then: "K2 is not written to N1",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.ok("updateGroup", TO_K2);
            await bed.online(N1);
            await bed.cleanUp();
            bed.check(!(await hasKeySet(bed, N1, K2)), "K2 is on the node");
            await bed.expectNoRow("endpointGroupIdList", membership(N1));
        },
    },
    {
        n: 14,
        reqs: ["R-091"],
        must: "A former key set that another group uses stays.",
        fixture: "FM",
        when: "N1 is also in G2 with K1; UpdateGroup G1 to K2",
        then: "K1 stays on the node and Committed; K2 is added; G2 stays mapped to K1",
        async run(bed) {
            await addToGroup(bed, N1, 2, G2);
            await bed.ok("updateGroup", TO_K2);
            await bed.settle();
            await bed.expectRow("nodeKeySetList", rowOf(N1, K1), COMMITTED);
            await bed.expectRow("nodeKeySetList", rowOf(N1, K2), COMMITTED);
            bed.check(await hasKeySet(bed, N1, K1), "K1 is gone from the node");
            await expectMapped(bed, N1, G2, K1);
            await expectMapped(bed, N1, G1, K2);
        },
    },
    {
        n: 15,
        reqs: ["R-088"],
        must: "A node that has the new key set already is not written to again.",
        fixture: "FM",
        when: "N1 is also in G3 with K2; UpdateGroup G1 to K2",
        then: "one row for K2, no KeySetWrite; K1 is removed",
        async run(bed) {
            await addToGroup(bed, N1, 2, G3);
            await bed.mark();
            await bed.ok("updateGroup", TO_K2);
            await bed.settle();
            await expectMoved(bed);
            bed.check(!(await bed.changes(N1)).includes("keySetWrite"), "K2 is written again");
        },
    },
    {
        n: 16,
        reqs: ["R-086", "R-208"],
        must: "While the new key set is refused, the former one stays in use.",
        fixture: "FM",
        when: "UpdateGroup to K2; the node answers RESOURCE_EXHAUSTED to KeySetWrite",
        then: "SUCCESS; K2 CommitFailed with the status; K1 stays on the node and mapped",
        async run(bed) {
            await bed.refuse(N1, { name: "keySetWrite" }, RESOURCE_EXHAUSTED);
            await bed.ok("updateGroup", TO_K2);
            await bed.settle();
            await bed.expectRow("nodeKeySetList", rowOf(N1, K2), failedWith(RESOURCE_EXHAUSTED));
            bed.check(await hasKeySet(bed, N1, K1), "K1 is gone from the node");
            await expectMapped(bed, N1, G1, K1);
        },
    },
    {
        n: 17,
        reqs: ["R-090", "R-210"],
        must: "A removal that was refused is repeated, and nothing else.",
        fixture: "FM",
        needs: ["clock", "faults"],
        when: "UpdateGroup to K2; the node answers BUSY to KeySetRemove once; one period passes",
        then: "K2 Committed; K1 DeletePending or CommitFailed(BUSY), then gone",
        async run(bed) {
            await bed.refuse(N1, { name: "keySetRemove" }, BUSY);
            await bed.ok("updateGroup", TO_K2);
            await bed.settle(4_000);
            await bed.expectRow("nodeKeySetList", rowOf(N1, K2), COMMITTED);
            await bed.expectRow("nodeKeySetList", rowOf(N1, K1), [DELETE_PENDING, failedWith(BUSY)]);
            await bed.release(N1);
            await bed.mark();
            await bed.cleanUp();
            await expectMoved(bed);
            bed.check(!(await bed.changes(N1)).includes("keySetWrite"), "a key set is written again");
        },
    },
    {
        n: 18,
        reqs: ["R-089"],
        must: "A key set that is not there yet is waited for.",
        fixture: "FM",
        needs: ["clock"],
        when: "UpdateGroup to a key set that is not listed; later AddKeySet",
        then: "SUCCESS; Pending, nothing sent, K1 stays; then the new set is on the node",
        async run(bed) {
            const status = await bed.expect([SUCCESS, CONSTRAINT_ERROR, NOT_FOUND], "updateGroup", groupChange(G1, { groupKeySetId: 0x0777 }));
            if (status !== SUCCESS) {
                return;
            }
            await bed.settle();
            await bed.expectRow("nodeKeySetList", rowOf(N1, 0x0777), PENDING);
            await bed.expectNoChanges(N1);
            bed.check(await hasKeySet(bed, N1, K1), "K1 is gone from the node");
            await bed.ok("addKeySet", { groupKeySet: keySet(0x0777, 7) });
            await bed.cleanUp();
            await bed.expectRow("nodeKeySetList", rowOf(N1, 0x0777), COMMITTED);
            await expectMapped(bed, N1, G1, 0x0777);
        },
    },
    {
        n: 19,
        reqs: ["R-086"],
        must: "A member that was away converges without anybody asking.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "UpdateGroup to K2 while N1 is away; N1 comes back; one period passes",
        then: "K2 Pending, K1 DeletePending; then as if it had been there",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("updateGroup", TO_K2);
            await bed.settle();
            await bed.expectRow("nodeKeySetList", rowOf(N1, K2), UNANSWERED);
            await bed.expectRow("nodeKeySetList", rowOf(N1, K1), UNANSWERED_REMOVAL);
            await bed.online(N1);
            await bed.cleanUp();
            await expectMoved(bed);
        },
    },
    {
        n: 30,
        reqs: ["R-099"],
        must: "A renamed group is told to each member.",
        fixture: "FM2",
        when: "UpdateGroup with another name; members on N1's endpoints 1 and 2, and N2",
        then: "AddGroup with the new name on each; rows Committed; key sets and access control untouched",
        async run(bed) {
            await addToGroup(bed, N1, 2);
            const before = await bed.attributes();
            await bed.mark();
            await bed.hold(N2, { name: "addGroup" });
            await bed.ok("updateGroup", groupChange(G1, { friendlyName: "Hall" }));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N2), UNANSWERED);
            await bed.release(N2);
            await bed.settle();
            for (const [nodeId, endpoint] of [
                [N1, 1],
                [N1, 2],
                [N2, 1],
            ] as const) {
                await bed.expectRow("endpointGroupIdList", membership(nodeId, endpoint), COMMITTED);
                const told = await bed.traffic(nodeId, { name: "addGroup", endpoint });
                bed.check(told.length === 1, `AddGroup reaches endpoint ${endpoint} of node ${nodeId} ${told.length} times instead of once`);
                bed.equal((told[0]!.value as { groupName?: string }).groupName, "Hall", "the name that is told");
            }
            const after = await bed.attributes();
            bed.equal(after["nodeKeySetList"], before["nodeKeySetList"], "nodeKeySetList");
            bed.equal(after["nodeAclList"], before["nodeAclList"], "nodeAclList");
        },
    },
    {
        n: 31,
        reqs: ["R-099"],
        must: "A member that was away learns the new name later.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "UpdateGroup with another name while N1 is away; N1 comes back; one period passes",
        then: "Pending; then Committed with the new name",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("updateGroup", groupChange(G1, { friendlyName: "Hall" }));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), UNANSWERED);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectRow("endpointGroupIdList", membership(N1), COMMITTED);
            const { groupTable } = await bed.member(N1);
            bed.check(groupTable.some(row => matches(row, { groupId: G1, groupName: "Hall" })), "the node does not know the new name");
        },
    },
    {
        n: 32,
        reqs: ["R-100"],
        must: "A rename does not revive a member on its way out.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "N1 is away, its membership is removed; UpdateGroup with another name; N1 comes back",
        then: "the row stays DeletePending; AddGroup is never sent",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            await bed.ok("updateGroup", groupChange(G1, { friendlyName: "Hall" }));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), UNANSWERED_REMOVAL);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectNoRow("endpointGroupIdList", membership(N1));
            bed.check(!(await bed.changes(N1)).includes("addGroup"), "AddGroup is sent");
        },
    },
]);
