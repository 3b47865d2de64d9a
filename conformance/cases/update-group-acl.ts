import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, PENDING, UNANSWERED, type Bed } from "../bed.js";
import { sameAclEntry } from "../acl-entry.js";
import { section } from "../conformance-case.js";
import { aclEntry, addAcl, addToGroup, CAT1, epochKey, G1, groupChange, K1, K2, N1, N2 } from "../fixtures.js";
import { AuthMode, catSubject, Privilege } from "../specification.js";
import { type Fields } from "../values.js";

const { BUSY, CONSTRAINT_ERROR, RESOURCE_EXHAUSTED } = Status;
const BOTH = aclEntry([CAT1, 7n]);
const VERSION_2 = groupChange(G1, { groupCatVersion: 2 });
const GROUP_ENTRY = aclEntry([BigInt(G1)], { authMode: AuthMode.GROUP });
const ACL_WRITE = { op: "write", name: "acl" } as const;

async function onNode(bed: Bed, nodeId: number): Promise<readonly Fields[]> {
    const { acl } = await bed.member(nodeId);
    bed.evidence.add(`access control list of node ${nodeId}`, acl);
    return acl;
}

async function expectOnNode(bed: Bed, nodeId: number, entry: Fields, isThere = true): Promise<void> {
    const found = (await onNode(bed, nodeId)).some(each => sameAclEntry(each, entry));
    bed.check(found === isThere, `an entry that should ${isThere ? "" : "not "}be on node ${nodeId} ${isThere ? "is not" : "is"}`);
}

/** Fills N1's list, and leaves so many entries free. */
async function fillAcl(bed: Bed, free: number): Promise<void> {
    const used = (await onNode(bed, N1)).length;
    for (let subject = 100; subject < 100 + 4 - used - free; subject++) {
        await addAcl(bed, N1, aclEntry([BigInt(subject)]));
    }
}

/** UpdateGroup with another CAT, version or permission: access control entries on nodes. */
export const updateGroupAcl = section("11.24.7.5", "UGR", [
    {
        n: 20,
        reqs: ["R-094", "R-096"],
        must: "A new CAT version replaces the group's subject in place, and no other.",
        fixture: "FK",
        when: "an entry for {CAT 1 version 1, node 7}; UpdateGroup with version 2",
        then: "{CAT 1 version 2, node 7}, same ListID, Committed; one write; other entries as before",
        async run(bed) {
            const listId = await addAcl(bed, N1, BOTH);
            const others = (await onNode(bed, N1)).filter(entry => !sameAclEntry(entry, BOTH));
            await bed.mark();
            await bed.ok("updateGroup", VERSION_2);
            await bed.settle();
            const entry = aclEntry([catSubject(1, 2), 7n]);
            const row = await bed.expectRow("nodeAclList", { nodeId: N1, listId }, COMMITTED);
            bed.check(sameAclEntry(row["aclEntry"] as Fields, entry), "the entry is another");
            bed.equal((await bed.changes(N1)).filter(name => name === "acl").length, 1, "writes of the list");
            const after = await onNode(bed, N1);
            bed.check(after.some(each => sameAclEntry(each, entry)), "the node does not have the new entry");
            bed.equal(after.filter(each => !sameAclEntry(each, entry)), others, "the other entries");
        },
    },
    {
        n: 21,
        reqs: ["R-094", "R-096"],
        must: "A new CAT replaces the group's subject.",
        fixture: "FK",
        when: "UpdateGroup with CAT 9 and version 3",
        then: "the subject is CAT 9 version 3",
        async run(bed) {
            const listId = await addAcl(bed, N1, BOTH);
            await bed.ok("updateGroup", groupChange(G1, { groupCat: 9, groupCatVersion: 3 }));
            await bed.settle();
            const row = await bed.expectRow("nodeAclList", { nodeId: N1, listId }, COMMITTED);
            bed.check(sameAclEntry(row["aclEntry"] as Fields, aclEntry([catSubject(9, 3), 7n])), "the entry is another");
            await expectOnNode(bed, N1, aclEntry([catSubject(9, 3), 7n]));
        },
    },
    {
        n: 23,
        reqs: ["R-095"],
        must: "Entries that only look like the group's are left alone.",
        fixture: "FK",
        when: "entries for node id = GroupID, CAT 2, group 0x0155; UpdateGroup of G1 (CAT 1) with version 2",
        then: "rows and node as before, no write",
        async run(bed) {
            await addAcl(bed, N1, aclEntry([BigInt(G1)]));
            await addAcl(bed, N1, aclEntry([catSubject(2, 1)]));
            await addAcl(bed, N1, aclEntry([0x155n], { authMode: AuthMode.GROUP }));
            const before = await bed.rows("nodeAclList");
            await bed.mark();
            await bed.ok("updateGroup", VERSION_2);
            await bed.settle();
            bed.equal(await bed.rows("nodeAclList"), before, "nodeAclList");
            await bed.expectNoChanges(N1);
        },
    },
    {
        n: 24,
        reqs: ["R-094", "R-098"],
        must: "A new permission is written to the group's own entry.",
        fixture: "FK",
        when: "an entry for group messages; UpdateGroup with permission View",
        then: "the entry is View, on the node too",
        async run(bed) {
            const listId = await addAcl(bed, N1, GROUP_ENTRY);
            await bed.ok("updateGroup", groupChange(G1, { groupPermission: Privilege.VIEW }));
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, listId }, COMMITTED);
            await expectOnNode(bed, N1, { ...GROUP_ENTRY, privilege: Privilege.VIEW });
        },
    },
    {
        n: 25,
        reqs: ["R-098"],
        must: "An entry for group messages never administers.",
        fixture: "FK",
        when: "an entry for group messages of a group without key set; UpdateGroup with permission Administer",
        then: "CONSTRAINT_ERROR, or the entry stays as it is",
        async run(bed) {
            await bed.ok("addGroup", { groupId: 0x155, friendlyName: "", groupKeySetId: null, groupCat: 5, groupCatVersion: 1, groupPermission: Privilege.OPERATE });
            const entry = aclEntry([0x155n], { authMode: AuthMode.GROUP });
            await addAcl(bed, N1, entry);
            await bed.mark();
            await bed.expect([CONSTRAINT_ERROR, Status.SUCCESS], "updateGroup", groupChange(0x155, { groupPermission: Privilege.ADMINISTER }));
            await bed.settle();
            await expectOnNode(bed, N1, entry);
            await bed.expectNoChanges(N1);
        },
    },
    {
        n: 26,
        reqs: ["R-097"],
        must: "A new permission leaves the privilege of other subjects alone.",
        fixture: "FK",
        when: "an entry for {CAT 1, node 7}; UpdateGroup with permission View",
        then: "node 7 keeps Operate under the old ListID; the CAT has View in a row of its own",
        async run(bed) {
            const listId = await addAcl(bed, N1, BOTH);
            await bed.ok("updateGroup", groupChange(G1, { groupPermission: Privilege.VIEW }));
            await bed.settle();
            const rest = aclEntry([7n]);
            const part = aclEntry([CAT1], { privilege: Privilege.VIEW });
            const row = await bed.expectRow("nodeAclList", { nodeId: N1, listId }, COMMITTED);
            bed.check([rest, part].some(each => sameAclEntry(row["aclEntry"] as Fields, each)), "the old ListID has neither part of the entry");
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: rest }, COMMITTED);
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: part }, COMMITTED);
            await expectOnNode(bed, N1, rest);
            await expectOnNode(bed, N1, part);
            await expectOnNode(bed, N1, BOTH, false);
        },
    },
    {
        n: 27,
        reqs: ["R-097"],
        must: "Without room for the split, nobody loses access.",
        fixture: "FK",
        needs: ["memberLimits"],
        when: "the same, with N1's list full",
        then: "CommitFailed(RESOURCE_EXHAUSTED); the node keeps the old grants",
        async run(bed) {
            await addAcl(bed, N1, BOTH);
            await fillAcl(bed, 0);
            const before = await onNode(bed, N1);
            await bed.ok("updateGroup", groupChange(G1, { groupPermission: Privilege.VIEW }));
            await bed.settle();
            const failed = (await bed.rows("nodeAclList", { nodeId: N1 })).filter(row => (row["statusEntry"] as Fields)["failureCode"] === RESOURCE_EXHAUSTED);
            bed.check(failed.length > 0, "no row is CommitFailed(RESOURCE_EXHAUSTED)");
            bed.equal(await onNode(bed, N1), before, "the node's list");
        },
    },
    {
        n: 28,
        reqs: ["R-094", "R-217"],
        must: "A node that refuses the new version gets it later; others have it at once.",
        fixture: "FK2",
        needs: ["clock"],
        when: "rows on N1 and N2; N1 answers BUSY; UpdateGroup with version 2; one period passes",
        then: "N1 CommitFailed(BUSY), later Committed without the old value; N2 Committed",
        async run(bed) {
            await addAcl(bed, N1, BOTH);
            await addAcl(bed, N2, BOTH);
            await bed.refuse(N1, ACL_WRITE, BUSY);
            await bed.ok("updateGroup", VERSION_2);
            await bed.settle(4_000);
            const entry = aclEntry([catSubject(1, 2), 7n]);
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: entry }, [failedWith(BUSY), PENDING]);
            await bed.expectRow("nodeAclList", { nodeId: N2, aclEntry: entry }, COMMITTED);
            await bed.release(N1);
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: entry }, COMMITTED);
            await expectOnNode(bed, N1, entry);
            await expectOnNode(bed, N1, BOTH, false);
        },
    },
    {
        n: 29,
        reqs: ["R-094", "R-214"],
        must: "Of two updates in a row the second is what the node has.",
        fixture: "FK",
        needs: ["faults"],
        when: "the write of version 2 is held; UpdateGroup with version 3; released",
        then: "version 3 only, Committed",
        async run(bed) {
            await addAcl(bed, N1, BOTH);
            await bed.hold(N1, ACL_WRITE);
            await bed.ok("updateGroup", VERSION_2);
            await bed.settle();
            await bed.ok("updateGroup", groupChange(G1, { groupCatVersion: 3 }));
            await bed.release(N1);
            await bed.settle();
            const entry = aclEntry([catSubject(1, 3), 7n]);
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: entry }, COMMITTED);
            await expectOnNode(bed, N1, entry);
            await expectOnNode(bed, N1, aclEntry([catSubject(1, 2), 7n]), false);
            await expectOnNode(bed, N1, BOTH, false);
        },
    },
    {
        n: 34,
        reqs: ["R-102"],
        must: "Several changes all happen, key set first, access control last.",
        fixture: "FM",
        when: "UpdateGroup with name, key set, version and permission",
        then: "all Committed; KeySetWrite, AddGroup, ACL in this order",
        async run(bed) {
            const entry = aclEntry([CAT1]);
            await addAcl(bed, N1, entry);
            await bed.mark();
            const given = { friendlyName: "Hall", groupKeySetId: K2, groupCatVersion: 2, groupPermission: Privilege.VIEW };
            await bed.ok("updateGroup", groupChange(G1, given));
            await bed.settle();
            await bed.expectOrder(N1, ["keySetWrite", "addGroup", "acl"]);
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K2 }, COMMITTED);
            await bed.expectRow("endpointGroupIdList", { nodeId: N1, groupId: G1 }, COMMITTED);
            const row = await bed.row("nodeAclList", { nodeId: N1, aclEntry: aclEntry([catSubject(1, 2)], { privilege: Privilege.VIEW }) });
            bed.equal((row["statusEntry"] as Fields)["state"], 1, "the state of the access control entry");
        },
    },
    {
        n: 35,
        reqs: ["R-103", "R-012"],
        must: "BUSY because of one node means that nothing at all was changed.",
        fixture: "FK2",
        needs: ["faults"],
        setup: { limits: { queue: 2 } },
        when: "rows on both nodes; N2's queue is full; UpdateGroup",
        then: "BUSY; everything as before",
        async run(bed) {
            await addAcl(bed, N1, BOTH);
            await addAcl(bed, N2, BOTH);
            await bed.hold(N2, { op: "write", name: "binding" });
            for (const node of [21n, 22n]) {
                await bed.ok("addBindingToEndpointForNode", { nodeId: BigInt(N2), endpointId: 1, binding: { node, endpoint: 1 } });
            }
            await bed.settle();
            await bed.mark();
            await bed.expect(BUSY, "updateGroup", VERSION_2);
            await bed.settle();
            await bed.expectNoTraffic(N1);
            await bed.release(N2);
        },
    },
    {
        n: 51,
        reqs: ["R-086", "R-092"],
        must: "While a member waits for its new key set, its row says so.",
        fixture: "FM",
        needs: ["faults"],
        when: "UpdateGroup to K2; the KeySetWrite is held",
        then: "the row of K2 is Pending; K1 stays until K2 is confirmed",
        async run(bed) {
            await addToGroup(bed, N1, 2);
            await bed.hold(N1, { name: "keySetWrite" });
            await bed.ok("updateGroup", groupChange(G1, { groupKeySetId: K2 }));
            await bed.settle();
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K2 }, UNANSWERED);
            const held = (await bed.member(N1)).keySets.find(set => set["groupKeySetId"] === K1);
            bed.equal((bed.found(held, "K1 is gone from the node")["keys"] as readonly Uint8Array[])[0], epochKey(K1), "the key on the node");
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K2 }, COMMITTED);
        },
    },
]);
