import { Status } from "../../src/core/status.js";
import { failedWith, UNANSWERED_REMOVAL } from "../bed.js";
import { sameAclEntry } from "../acl-entry.js";
import { section } from "../conformance-case.js";
import { addAcl, fixtureAcl, N1, N2, NOBODY, refresh } from "../fixtures.js";
import type { Fields } from "../values.js";
import { ADD, administratorEntry, at, expectOnNode, gone, OTHER, REMOVE, WRITE } from "./access-control-checks.js";
import { unknownTarget } from "./nodes.js";

const { BUSY, CONSTRAINT_ERROR, NOT_FOUND, SUCCESS } = Status;

export const removeAccess = section("11.24.7.20", "RAC", [
    {
        n: 1,
        reqs: ["R-202"],
        must: "An unknown node is refused.",
        fixture: "F0",
        when: "a node that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), REMOVE, gone(1, NOBODY));
        },
    },
    {
        n: 2,
        reqs: ["R-203"],
        must: "An unknown ListID, or another node's, removes nothing.",
        fixture: "F2",
        when: "ListID 999; the ListID of N2's entry with N1",
        then: "SUCCESS; nothing removed anywhere",
        async run(bed) {
            await addAcl(bed, N1, fixtureAcl);
            const ofN2 = await addAcl(bed, N2, OTHER);
            const before = await bed.rows("nodeAclList");
            for (const listId of [999, ofN2].filter(id => !before.some(row => Number(row["nodeId"]) === N1 && row["listId"] === id))) {
                await bed.expect([SUCCESS, NOT_FOUND], REMOVE, gone(listId));
            }
            await bed.settle();
            bed.equal(await bed.rows("nodeAclList"), before, "nodeAclList");
            await expectOnNode(bed, OTHER, true, N2);
        },
    },
    {
        n: 3,
        reqs: ["R-204", "R-200"],
        must: "One entry leaves the node, the others stay.",
        fixture: "FA",
        when: "RemoveACLFromNode",
        then: "the row is gone; the node lacks only that entry",
        async run(bed) {
            const before = (await bed.member(N1)).acl.filter(entry => !sameAclEntry(entry, fixtureAcl));
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle();
            await bed.expectNoRow("nodeAclList", { nodeId: N1, listId });
            bed.equal((await bed.member(N1)).acl, before, "the node's list");
        },
    },
    {
        n: 4,
        reqs: ["R-204", "R-210"],
        must: "A removal that was refused is repeated as a removal.",
        fixture: "FA",
        needs: ["faults"],
        when: "the write is answered BUSY; RefreshNode",
        then: "CommitFailed(BUSY) or DeletePending; then gone on both sides",
        async run(bed) {
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.refuse(N1, WRITE, BUSY);
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle(4_000);
            await bed.expectRow("nodeAclList", { nodeId: N1, listId }, [failedWith(BUSY), ...UNANSWERED_REMOVAL]);
            await bed.release(N1);
            await refresh(bed, N1);
            await bed.expectNoRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await expectOnNode(bed, fixtureAcl, false);
        },
    },
    {
        n: 5,
        reqs: ["R-204", "R-219"],
        must: "A node that was away loses the entry without anybody asking.",
        fixture: "FA",
        needs: ["reachability", "clock"],
        when: "N1 is away; it comes back; one period passes",
        then: "DeletePending; then gone on both sides",
        async run(bed) {
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.offline(N1);
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, listId }, UNANSWERED_REMOVAL);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectNoRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await expectOnNode(bed, fixtureAcl, false);
        },
    },
    {
        n: 6,
        reqs: ["R-206"],
        must: "An entry that somebody else has removed is gone, and nothing else goes with it.",
        fixture: "FA",
        needs: ["otherAdministrators"],
        when: "another administrator removes it from the node; RemoveACLFromNode",
        then: "the row is gone; the node's list as before",
        async run(bed) {
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.other(N1, { op: "write", endpoint: 0, cluster: "AccessControl", name: "acl", value: [fixtureAcl], mode: "remove" });
            const before = (await bed.member(N1)).acl;
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle();
            await bed.expectNoRow("nodeAclList", { nodeId: N1, listId });
            bed.equal((await bed.member(N1)).acl, before, "the node's list");
        },
    },
    {
        n: 8,
        reqs: ["R-205"],
        must: "The entry by which the datastore administers the node stays.",
        fixture: "F1",
        when: "RemoveACLFromNode of the Administrator-CAT entry",
        then: "CONSTRAINT_ERROR; the node has it",
        async run(bed) {
            const entry = await administratorEntry(bed);
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: entry });
            await bed.expect([CONSTRAINT_ERROR, SUCCESS], REMOVE, gone(Number(listId)));
            await bed.settle();
            await administratorEntry(bed);
        },
    },
    {
        n: 9,
        reqs: ["R-211"],
        must: "A value whose removal failed for good is not adopted back.",
        fixture: "FA",
        needs: ["faults"],
        when: "the write is answered CONSTRAINT_ERROR; RefreshNode twice; the node is well again; RefreshNode",
        then: "never Committed; in the end the row is gone, and the value too or left to the node",
        async run(bed) {
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.refuse(N1, WRITE, CONSTRAINT_ERROR);
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle(4_000);
            for (let count = 0; count < 2; count++) {
                await bed.ok("refreshNode", { nodeId: BigInt(N1) });
                await bed.settle(20_000);
                const rows = await bed.rows("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
                bed.check(rows.every(row => (row["statusEntry"] as Fields)["state"] !== 1), "the entry is adopted as Committed");
            }
            await bed.release(N1);
            await refresh(bed, N1);
            await refresh(bed, N1);
            await bed.expectNoRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            if ((await bed.member(N1)).acl.some(entry => sameAclEntry(entry, fixtureAcl))) {
                bed.policy("the row of a removal that failed for good is dropped, and the value left on the node");
            }
        },
    },
    {
        n: 10,
        reqs: ["R-213", "R-204"],
        must: "Removing while it is being added ends with it gone.",
        fixture: "F1",
        needs: ["faults"],
        when: "the adding write is held; removed by its ListID; released",
        then: "gone on both sides",
        async run(bed) {
            await bed.hold(N1, WRITE);
            await bed.ok(ADD, at(fixtureAcl));
            await bed.settle();
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.release(N1);
            await bed.settle();
            await bed.expectNoRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await expectOnNode(bed, fixtureAcl, false);
        },
    },
]);
