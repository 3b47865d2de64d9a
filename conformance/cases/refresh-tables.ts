import { Status } from "../../src/core/status.js";
import { COMMITTED, DELETE_PENDING, failedWith, PENDING, UNANSWERED } from "../bed.js";
import { sameAclEntry } from "../acl-entry.js";
import { section } from "../conformance-case.js";
import { aclEntry, addAcl, addToGroup, CAT1, epochKey, fixtureAcl, G1, groupChange, K1, K2, keySet, member, membership, N1, N2, refresh } from "../fixtures.js";
import { catSubject } from "../specification.js";
import { type Fields } from "../values.js";
import { foreignSet, NODE, NOT_THROUGH, REFRESH } from "./refresh-checks.js";

const { BUSY, CONSTRAINT_ERROR, FAILURE, RESOURCE_EXHAUSTED } = Status;
const KEY_ROW = { nodeId: N1, groupKeySetId: K1 };

/** RefreshNode: key sets and access control, and what a refresh does to work in progress. */
export const refreshTables = section("11.24.7.11", "RFN", [
    {
        n: 23,
        reqs: ["R-147", "R-151"],
        must: "Key sets found on the node get a row, and never an entry without keys.",
        fixture: "F1",
        needs: ["otherAdministrators"],
        when: "another administrator writes set 7; RefreshNode",
        then: "a Committed row for 7; GroupKeySetList as before",
        async run(bed) {
            const before = await bed.rows("groupKeySetList");
            await bed.other(N1, foreignSet(7));
            await refresh(bed, N1);
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: 7 }, COMMITTED);
            bed.equal(await bed.rows("groupKeySetList"), before, "groupKeySetList");
        },
    },
    {
        n: 24,
        reqs: ["R-148", "R-062"],
        must: "A pending key set is written with the datastore's keys.",
        fixture: "FM",
        needs: ["reachability"],
        when: "UpdateKeySet while N1 is away; N1 comes back; RefreshNode",
        then: "KeySetWrite with the new keys; Committed",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1, 70) });
            await bed.settle();
            await bed.online(N1);
            await refresh(bed, N1);
            await bed.expectRow("nodeKeySetList", KEY_ROW, COMMITTED);
            const held = (await bed.member(N1)).keySets.find(set => set["groupKeySetId"] === K1);
            bed.equal((bed.found(held, "the set is not on the node")["keys"] as readonly Uint8Array[])[0], epochKey(70), "the key on the node");
        },
    },
    {
        n: 25,
        reqs: ["R-148", "R-150"],
        must: "A key set that the node refuses for good fails, and the next refresh drops it.",
        fixture: "FM",
        needs: ["reachability", "faults"],
        when: "the same with KeySetWrite answered RESOURCE_EXHAUSTED; RefreshNode twice",
        then: "CommitFailed(RESOURCE_EXHAUSTED); then not CommitFailed any more",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1, 70) });
            await bed.settle();
            await bed.online(N1);
            await bed.refuse(N1, { name: "keySetWrite" }, RESOURCE_EXHAUSTED);
            await refresh(bed, N1);
            await bed.expectRow("nodeKeySetList", KEY_ROW, failedWith(RESOURCE_EXHAUSTED));
            await bed.release(N1);
            await refresh(bed, N1);
            const rows = await bed.rows("nodeKeySetList", KEY_ROW);
            bed.check(rows.every(row => (row["statusEntry"] as Fields)["state"] !== 3), "the row is still CommitFailed");
        },
    },
    {
        n: 28,
        reqs: ["R-150", "R-208"],
        must: "A key set that failed for now is tried again by the refresh.",
        fixture: "FM",
        needs: ["faults"],
        when: "KeySetWrite refused with BUSY; the node is well again; RefreshNode",
        then: "Committed",
        async run(bed) {
            await bed.refuse(N1, { name: "keySetWrite" }, BUSY);
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1, 70) });
            await bed.settle(4_000);
            await bed.expectRow("nodeKeySetList", KEY_ROW, failedWith(BUSY));
            await bed.release(N1);
            await refresh(bed, N1);
            await bed.expectRow("nodeKeySetList", KEY_ROW, COMMITTED);
        },
    },
    {
        n: 29,
        reqs: ["R-151"],
        must: "What a node lost is never reported as Committed.",
        fixture: "FM",
        needs: ["otherAdministrators"],
        when: "N1 is reset and commissioned anew; RefreshNode",
        then: "no Committed row of a set that is not on the node",
        async run(bed) {
            await bed.session.factoryReset(N1);
            await refresh(bed, N1);
            const { keySets } = await bed.member(N1);
            for (const row of await bed.rows("nodeKeySetList", NODE)) {
                const isThere = keySets.some(set => set["groupKeySetId"] === row["groupKeySetId"]);
                bed.check(isThere || (row["statusEntry"] as Fields)["state"] !== 1, "a set that is not on the node is Committed");
            }
        },
    },
    {
        n: 30,
        reqs: ["R-152", "R-033"],
        must: "Refreshes leave the keys of GroupKeySetList as they are.",
        fixture: "FM2",
        when: "RefreshNode three times; the set is brought to another endpoint and updated",
        then: "GroupKeySetList as before; nodes get the true keys",
        async run(bed) {
            const before = await bed.rows("groupKeySetList");
            for (const nodeId of [N1, N2, N1]) {
                await refresh(bed, nodeId);
            }
            bed.equal(await bed.rows("groupKeySetList"), before, "groupKeySetList");
            await addToGroup(bed, N2, 2);
            const held = (await bed.member(N2)).keySets.find(set => set["groupKeySetId"] === K1);
            bed.equal((bed.found(held, "the set is not on the node")["keys"] as readonly Uint8Array[])[0], epochKey(K1), "the key on the node");
        },
    },
    {
        n: 31,
        reqs: ["R-153", "R-157"],
        must: "Every entry of the node's access control list gets a row, under a ListID of its own.",
        fixture: "F1",
        needs: ["otherAdministrators"],
        when: "another administrator adds two entries; RefreshNode",
        then: "one Committed row for each entry of the node, distinct ListIDs; nothing is written",
        async run(bed) {
            const value = [aclEntry([60n]), aclEntry([61n, 62n])];
            await bed.other(N1, { op: "write", endpoint: 0, cluster: "AccessControl", name: "acl", value, mode: "append" });
            await refresh(bed, N1);
            const { acl } = await bed.member(N1);
            const rows = await bed.expectRows("nodeAclList", NODE, acl.length);
            for (const entry of acl) {
                await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: entry }, COMMITTED);
            }
            bed.equal(new Set(rows.map(row => row["listId"])).size, acl.length, "distinct ListIDs");
            await bed.expectNoChanges(N1);
        },
    },
    {
        n: 34,
        reqs: ["R-157", "R-206"],
        must: "Entries that the node lost are dropped; those that stay keep their ListID.",
        fixture: "FA",
        needs: ["otherAdministrators"],
        when: "another administrator removes one of two entries; RefreshNode",
        then: "its row is gone; the other keeps its ListID",
        async run(bed) {
            const listId = await addAcl(bed, N1, aclEntry([60n]));
            await bed.other(N1, { op: "write", endpoint: 0, cluster: "AccessControl", name: "acl", value: [fixtureAcl], mode: "remove" });
            await refresh(bed, N1);
            await bed.expectNoRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.expectRow("nodeAclList", { nodeId: N1, listId, aclEntry: aclEntry([60n]) }, COMMITTED);
        },
    },
    {
        n: 35,
        reqs: ["R-156", "R-208", "R-209"],
        must: "A failed access control entry is dropped if it failed for good, else tried again.",
        fixture: "F1",
        needs: ["faults"],
        when: "writes refused with RESOURCE_EXHAUSTED and with BUSY; the node is well again; RefreshNode",
        then: "the first is gone; the second Committed",
        async run(bed) {
            for (const [status, subject] of [[RESOURCE_EXHAUSTED, 60n], [BUSY, 61n]] as const) {
                await bed.refuse(N1, { op: "write", name: "acl" }, status);
                await bed.ok("addAclToNode", { ...REFRESH, aclEntry: aclEntry([subject]) });
                await bed.settle(4_000);
                await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([subject]) }, failedWith(status));
                await bed.release(N1);
            }
            await refresh(bed, N1);
            await bed.expectNoRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([60n]) });
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([61n]) }, COMMITTED);
        },
    },
    {
        n: 37,
        reqs: ["R-157", "R-214"],
        must: "The former value of a rewritten entry is replaced, not adopted.",
        fixture: "FK",
        needs: ["reachability"],
        when: "N1 is away; UpdateGroup with version 2; N1 comes back; RefreshNode",
        then: "the new value on both sides, the old one on neither",
        async run(bed) {
            await addAcl(bed, N1, aclEntry([CAT1]));
            await bed.offline(N1);
            await bed.ok("updateGroup", groupChange(G1, { groupCatVersion: 2 }));
            await bed.settle();
            await bed.online(N1);
            await refresh(bed, N1);
            await bed.expectNoRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([CAT1]) });
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([catSubject(1, 2)]) }, COMMITTED);
            const { acl } = await bed.member(N1);
            bed.check(!acl.some(entry => sameAclEntry(entry, aclEntry([CAT1]))), "the former value is on the node");
        },
    },
    {
        n: 39,
        reqs: ["R-158"],
        must: "The node is not Committed before the last write is answered.",
        fixture: "FA",
        needs: ["reachability", "faults"],
        when: "an entry added while N1 is away; RefreshNode with the ACL write held",
        then: "node and row Pending; then Committed",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("addAclToNode", { ...REFRESH, aclEntry: aclEntry([60n]) });
            await bed.settle();
            await bed.online(N1);
            await bed.hold(N1, { op: "write", name: "acl" });
            await refresh(bed, N1);
            await bed.expectRow("nodeList", NODE, NOT_THROUGH);
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([60n]) }, UNANSWERED);
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("nodeList", NODE, COMMITTED);
        },
    },
    {
        n: 41,
        reqs: ["R-159", "R-158", "R-164"],
        must: "Whatever stage fails, the node is not Committed, nothing is lost, and the next refresh heals.",
        fixture: "FM",
        needs: ["faults"],
        when: "PartsList, GetGroupMembership, Binding, KeySetReadAllIndices and ACL are refused in turn; RefreshNode each time, and again",
        then: "not Committed; rows stay; then Committed",
        async run(bed) {
            const before = await bed.attributes();
            const stages = [{ name: "partsList" }, { name: "getGroupMembership" }, { op: "read", name: "binding" }, { name: "keySetReadAllIndices" }, { op: "read", name: "acl" }] as const;
            for (const stage of stages) {
                await bed.refuse(N1, stage, FAILURE);
                await refresh(bed, N1);
                await bed.expectRow("nodeList", NODE, NOT_THROUGH);
                const after = await bed.attributes();
                for (const list of ["endpointGroupIdList", "nodeKeySetList", "nodeAclList", "nodeEndpointList"]) {
                    bed.equal(after[list], before[list], `${list}, when ${stage.name} is refused`);
                }
                await bed.release(N1);
                await refresh(bed, N1);
                await bed.expectRow("nodeList", NODE, COMMITTED);
            }
        },
    },
    {
        n: 45,
        reqs: ["R-163"],
        must: "What does not fit is said, and stays on the node.",
        fixture: "F0",
        needs: ["members", "traffic", "otherAdministrators"],
        setup: { limits: { rows: 3 } },
        when: "rows are limited to 3; the node has 4 bindings; RefreshNode",
        then: "the node is not Committed; its bindings are all there",
        async run(bed) {
            await bed.addMember(member(N1));
            const value = [1, 2, 3, 4].map(each => ({ node: BigInt(each), endpoint: 1 }));
            await bed.other(N1, { op: "write", endpoint: 1, cluster: "Binding", name: "binding", value });
            await bed.ok("addPendingNode", { ...REFRESH, friendlyName: "" });
            await refresh(bed, N1);
            await bed.expectRow("nodeList", NODE, [failedWith(RESOURCE_EXHAUSTED), PENDING]);
            bed.equal((await bed.member(N1)).bindings.length, 4, "bindings on the node");
        },
    },
    {
        n: 47,
        reqs: ["R-164"],
        must: "Commands during a refresh are carried out after it.",
        fixture: "FM",
        needs: ["faults"],
        when: "the refresh's ACL read is held; AddACLToNode and UpdateGroup; released",
        then: "both Committed, on the node",
        async run(bed) {
            await bed.hold(N1, { op: "read", name: "acl" });
            await refresh(bed, N1);
            await bed.ok("addAclToNode", { ...REFRESH, aclEntry: aclEntry([60n]) });
            await bed.ok("updateGroup", groupChange(G1, { groupKeySetId: K2 }));
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([60n]) }, COMMITTED);
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K2 }, COMMITTED);
            await bed.expectRow("endpointGroupIdList", membership(N1), COMMITTED);
            await bed.expectRow("nodeList", NODE, COMMITTED);
            bed.check((await bed.member(N1)).acl.some(entry => sameAclEntry(entry, aclEntry([60n]))), "the entry is not on the node");
        },
    },
    {
        n: 48,
        reqs: ["R-164", "R-214"],
        must: "The end of a refresh does not commit a newer value.",
        fixture: "FK",
        needs: ["reachability", "faults"],
        when: "a refresh writes version 2, held; UpdateGroup with version 3; released",
        then: "version 3 on both sides",
        async run(bed) {
            await addAcl(bed, N1, aclEntry([CAT1]));
            await bed.offline(N1);
            await bed.ok("updateGroup", groupChange(G1, { groupCatVersion: 2 }));
            await bed.settle();
            await bed.online(N1);
            await bed.hold(N1, { op: "write", name: "acl" });
            await refresh(bed, N1);
            await bed.ok("updateGroup", groupChange(G1, { groupCatVersion: 3 }));
            const row = await bed.row("nodeAclList", { nodeId: N1, aclEntry: aclEntry([catSubject(1, 3)]) });
            bed.check((row["statusEntry"] as Fields)["state"] !== 1, "version 3 is Committed before it was written");
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([catSubject(1, 3)]) }, COMMITTED);
            const { acl } = await bed.member(N1);
            bed.check(!acl.some(entry => sameAclEntry(entry, aclEntry([catSubject(1, 2)]))), "version 2 is left on the node");
        },
    },
    {
        n: 51,
        reqs: ["R-149", "R-151"],
        must: "A key set on its way out is removed by the refresh and not adopted; NOT_FOUND is as good.",
        fixture: "FM",
        needs: ["faults", "otherAdministrators"],
        when: "KeySetRemove refused with CONSTRAINT_ERROR; another administrator removes the set; RefreshNode",
        then: "never Committed; then gone",
        async run(bed) {
            await bed.refuse(N1, { name: "keySetRemove" }, CONSTRAINT_ERROR);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle(4_000);
            await bed.expectRow("nodeKeySetList", KEY_ROW, [failedWith(CONSTRAINT_ERROR), DELETE_PENDING]);
            await refresh(bed, N1);
            const rows = await bed.rows("nodeKeySetList", KEY_ROW);
            bed.check(rows.every(row => (row["statusEntry"] as Fields)["state"] !== 1), "the set is adopted as Committed");
            await bed.release(N1);
            await bed.other(N1, { op: "invoke", endpoint: 0, cluster: "GroupKeyManagement", name: "keySetRemove", value: { groupKeySetId: K1 } });
            await refresh(bed, N1);
            await bed.expectNoRow("nodeKeySetList", KEY_ROW);
        },
    },
]);
