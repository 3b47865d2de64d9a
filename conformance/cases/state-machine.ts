import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, UNANSWERED, type Bed } from "../bed.js";
import { sameAclEntry } from "../acl-entry.js";
import { section } from "../conformance-case.js";
import { aclEntry, addAcl, addToGroup, CAT1, fixtureAcl, fixtureBinding, G1, G3, groupChange, join, K1, keySet, member, membership, N1, N2, refresh, secondBinding } from "../fixtures.js";
import { catSubject } from "../specification.js";
import { matches, type Fields } from "../values.js";

const { BUSY, CONSTRAINT_ERROR, RESOURCE_EXHAUSTED } = Status;
const at = (nodeId: number, subject: bigint): Fields => ({ nodeId: BigInt(nodeId), aclEntry: aclEntry([subject]) });
const ACL_WRITE = { op: "write", name: "acl" } as const;

async function expectAllSettled(bed: Bed): Promise<void> {
    for (const list of ["endpointGroupIdList", "endpointBindingList", "nodeKeySetList", "nodeAclList"]) {
        const open = (await bed.rows(list)).filter(row => (row["statusEntry"] as Fields)["state"] !== 1);
        bed.check(open.length === 0, `${list} has ${open.length} rows that are not Committed`);
    }
}

export const stateMachine = section("11.24.4.3", "STM", [
    {
        n: 1,
        reqs: ["R-216"],
        must: "A node has one change in flight at a time.",
        fixture: "F0",
        needs: ["members", "traffic", "memberLimits"],
        when: "20 commands for one node at once",
        then: "all Committed; never two requests outstanding",
        async run(bed) {
            await join(bed, member(N1, { limits: { aclEntries: 32 } }));
            for (let subject = 100n; subject < 120n; subject++) {
                await bed.ok("addAclToNode", at(N1, subject));
            }
            await bed.settle();
            await expectAllSettled(bed);
            const { peakOutstanding } = await bed.member(N1);
            bed.check(peakOutstanding <= 1, `${peakOutstanding} requests were outstanding at one time`);
        },
    },
    {
        n: 2,
        reqs: ["R-216", "R-217"],
        must: "A node that hangs does not delay another.",
        fixture: "F2",
        needs: ["faults"],
        when: "N1 hangs; commands for N2",
        then: "N2's rows Committed",
        async run(bed) {
            await bed.fault(N1, {}, { type: "hold" }, Infinity);
            await bed.ok("addAclToNode", at(N1, 100n));
            await bed.ok("addAclToNode", at(N2, 101n));
            await bed.ok("addBindingToEndpointForNode", { nodeId: BigInt(N2), endpointId: 1, binding: fixtureBinding });
            await bed.settle();
            await bed.expectRow("nodeAclList", at(N2, 101n), COMMITTED);
            await bed.expectRow("endpointBindingList", { nodeId: N2 }, COMMITTED);
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("nodeAclList", at(N1, 100n), COMMITTED);
        },
    },
    {
        n: 4,
        reqs: ["R-209"],
        must: "A failure for good shows until the next refresh.",
        fixture: "F1",
        needs: ["clock"],
        when: "a row CommitFailed(CONSTRAINT_ERROR); three periods pass",
        then: "still CommitFailed(CONSTRAINT_ERROR)",
        async run(bed) {
            await bed.refuse(N1, ACL_WRITE, CONSTRAINT_ERROR);
            await bed.ok("addAclToNode", at(N1, 100n));
            await bed.settle();
            await bed.release(N1);
            for (let count = 0; count < 3; count++) {
                await bed.cleanUp();
                await bed.expectRow("nodeAclList", at(N1, 100n), failedWith(CONSTRAINT_ERROR));
            }
        },
    },
    {
        n: 5,
        reqs: ["R-219", "R-220"],
        must: "The review settles pending work of every kind.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "N1 is away: a set updated, a group renamed and re-versioned, memberships, bindings and entries added and removed; N1 comes back; one period passes",
        then: "everything Committed or gone, on the node too",
        async run(bed) {
            const acl = await addAcl(bed, N1, fixtureAcl);
            await addAcl(bed, N1, aclEntry([CAT1]));
            await addToGroup(bed, N1, 2, G3);
            await bed.ok("addBindingToEndpointForNode", { nodeId: BigInt(N1), endpointId: 1, binding: fixtureBinding });
            await bed.settle();
            const { listId } = await bed.row("endpointBindingList", { nodeId: N1 });
            await bed.offline(N1);
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1, 70) });
            await bed.ok("updateGroup", groupChange(G1, { friendlyName: "Hall", groupCatVersion: 2 }));
            await bed.ok("addGroupIdToEndpointForNode", membership(N1, 2));
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1, 2, G3));
            await bed.ok("removeBindingFromEndpointForNode", { listId, endpointId: 1, nodeId: BigInt(N1) });
            await bed.ok("addBindingToEndpointForNode", { nodeId: BigInt(N1), endpointId: 2, binding: secondBinding });
            await bed.ok("removeAclFromNode", { listId: acl, nodeId: BigInt(N1) });
            await bed.ok("addAclToNode", at(N1, 100n));
            await bed.settle();
            await bed.online(N1);
            await bed.cleanUp();
            await expectAllSettled(bed);
            const state = await bed.member(N1);
            bed.check(state.acl.some(entry => sameAclEntry(entry, aclEntry([catSubject(1, 2)]))), "the CAT version is not on the node");
            bed.check(!state.acl.some(entry => sameAclEntry(entry, fixtureAcl)), "the removed entry is on the node");
            bed.check(state.groupTable.every(row => row["groupId"] !== G3), "the removed group is on the node");
            bed.equal(state.bindings.length, 1, "bindings on the node");
            bed.check(state.groupTable.some(row => matches(row, { groupId: G1, groupName: "Hall" })), "the new name is not on the node");
        },
    },
    {
        n: 6,
        reqs: ["R-221"],
        must: "The review repeats what failed for now, and leaves what failed for good.",
        fixture: "F1",
        needs: ["clock", "faults"],
        when: "rows CommitFailed(RESOURCE_EXHAUSTED) and CommitFailed(BUSY); one period passes",
        then: "the first unchanged, the second Committed",
        async run(bed) {
            for (const [status, subject] of [
                [RESOURCE_EXHAUSTED, 101n],
                [BUSY, 100n],
            ] as const) {
                await bed.refuse(N1, ACL_WRITE, status);
                await bed.ok("addAclToNode", at(N1, subject));
                await bed.settle(4_000);
                await bed.release(N1);
            }
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", at(N1, 100n), COMMITTED);
            await bed.expectRow("nodeAclList", at(N1, 101n), failedWith(RESOURCE_EXHAUSTED));
        },
    },
    {
        n: 7,
        reqs: ["R-223"],
        must: "Retries are bounded, and do not pile up.",
        fixture: "F1",
        needs: ["faults", "clock"],
        when: "a write is answered BUSY for six hours",
        then: "at most 120 writes; one row; Committed when the node is well again",
        async run(bed) {
            await bed.refuse(N1, ACL_WRITE, BUSY);
            await bed.ok("addAclToNode", at(N1, 100n));
            await bed.session.advance(6 * 3_600_000);
            const { length } = await bed.traffic(N1, ACL_WRITE);
            bed.check(length <= 120, `the write was tried ${length} times in six hours`);
            bed.check(length >= 2, "the write was not tried again");
            await bed.expectRows("nodeAclList", at(N1, 100n), 1);
            await bed.release(N1);
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", at(N1, 100n), COMMITTED);
        },
    },
    {
        n: 8,
        reqs: ["R-223", "R-127"],
        must: "Retries end with the node.",
        fixture: "F1",
        needs: ["reachability", "clock"],
        when: "N1 is away with work for it; RemoveNode; N1 comes back; one period passes",
        then: "no traffic",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("addAclToNode", at(N1, 100n));
            await bed.settle();
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await bed.session.advance(60_000);
            await bed.mark();
            await bed.online(N1, true);
            await bed.cleanUp();
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 9,
        reqs: ["R-222"],
        must: "RefreshNode does not wait for the review.",
        fixture: "F1",
        needs: ["reachability"],
        when: "work for N1 while it is away; N1 comes back; RefreshNode",
        then: "Committed at once",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("addAclToNode", at(N1, 100n));
            await bed.settle();
            await bed.expectRow("nodeAclList", at(N1, 100n), UNANSWERED);
            await bed.online(N1);
            await refresh(bed, N1);
            await bed.expectRow("nodeAclList", at(N1, 100n), COMMITTED);
        },
    },
    {
        n: 10,
        reqs: ["R-225"],
        must: "A node that announces itself is served at once.",
        fixture: "F1",
        needs: ["reachability"],
        when: "work for N1 while it is away; N1 comes back and says so",
        then: "Committed without a period",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("addAclToNode", at(N1, 100n));
            await bed.settle();
            await bed.online(N1, true);
            await bed.settle();
            await bed.expectRow("nodeAclList", at(N1, 100n), COMMITTED);
        },
    },
    {
        n: 13,
        reqs: ["R-218"],
        must: "Work goes on after a crash, and is not done twice.",
        fixture: "F1",
        needs: ["kill", "faults", "clock"],
        when: "the node has taken the write, its answer is lost; the server is killed; one period passes",
        then: "Committed; the value once on the node",
        async run(bed) {
            await bed.fault(N1, ACL_WRITE, { type: "lost", executed: true });
            await bed.ok("addAclToNode", at(N1, 100n));
            await bed.session.advance(1_000);
            await bed.session.kill();
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", at(N1, 100n), COMMITTED);
            const { acl } = await bed.member(N1);
            bed.equal(acl.filter(entry => sameAclEntry(entry, aclEntry([100n]))).length, 1, "entries on the node");
        },
    },
    {
        n: 14,
        reqs: ["R-214"],
        must: "Of many updates the last one is what the node has.",
        fixture: "FK",
        needs: ["faults", "clock"],
        when: "versions 2, 3, 4 while writes are slow, refused, and lost",
        then: "version 4 only; one row, Committed",
        async run(bed) {
            await addAcl(bed, N1, aclEntry([CAT1]));
            await bed.fault(N1, ACL_WRITE, { type: "lost", executed: true });
            await bed.fault(N1, ACL_WRITE, { type: "status", status: BUSY });
            await bed.fault(N1, ACL_WRITE, { type: "delay", ms: 5_000 });
            for (const groupCatVersion of [2, 3, 4]) {
                await bed.ok("updateGroup", groupChange(G1, { groupCatVersion }));
                await bed.session.advance(2_000);
            }
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: aclEntry([catSubject(1, 4)]) }, COMMITTED);
            const { acl } = await bed.member(N1);
            const left = acl.filter(entry => [1, 2, 3].some(version => sameAclEntry(entry, aclEntry([catSubject(1, version)]))));
            bed.equal(left, [], "former versions on the node");
        },
    },
    {
        n: 17,
        reqs: ["R-226", "R-227"],
        must: "A node whose commissioning failed can be removed and added again.",
        fixture: "F0",
        needs: ["members", "traffic"],
        when: "AddPendingNode twice; RemoveNode; AddPendingNode; commissioned; RefreshNode",
        then: "CONSTRAINT_ERROR for the second; Committed in the end",
        async run(bed) {
            const node = { nodeId: BigInt(N1), friendlyName: "Lamp" };
            await bed.ok("addPendingNode", node);
            await bed.expect(CONSTRAINT_ERROR, "addPendingNode", node);
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await join(bed, member(N1));
        },
    },
]);
