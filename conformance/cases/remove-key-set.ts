import { Status } from "../../src/core/status.js";
import { COMMITTED, DELETE_PENDING, failedWith, UNANSWERED, UNANSWERED_REMOVAL } from "../bed.js";
import { section } from "../conformance-case.js";
import { G1, K1, K2, keySet, membership, N1, N2 } from "../fixtures.js";

const { BUSY, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, SUCCESS } = Status;
const remove = { groupKeySetId: K1 };

export const removeKeySet = section("11.24.7.3", "RKS", [
    {
        n: 1,
        reqs: ["R-063"],
        must: "The IPK is never removed.",
        fixture: "F0",
        when: "RemoveKeySet 0",
        then: "CONSTRAINT_ERROR; the IPK is listed",
        async run(bed) {
            await bed.expect(CONSTRAINT_ERROR, "removeKeySet", { groupKeySetId: 0 });
            await bed.row("groupKeySetList", { groupKeySetId: 0 });
        },
    },
    {
        n: 2,
        reqs: ["R-064"],
        must: "An unknown set is refused.",
        fixture: "F0",
        when: "RemoveKeySet 0x0FFF",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(NOT_FOUND, "removeKeySet", { groupKeySetId: 0x0fff });
        },
    },
    {
        n: 3,
        reqs: ["R-067"],
        must: "An unused set is removed, without traffic, and its id is free again.",
        fixture: "FK",
        when: "RemoveKeySet; AddKeySet with the same id",
        then: "SUCCESS; gone; SUCCESS",
        async run(bed) {
            await bed.ok("removeKeySet", { groupKeySetId: K2 });
            await bed.settle();
            await bed.expectNoRow("groupKeySetList", { groupKeySetId: K2 });
            await bed.expectNoTraffic(N1);
            await bed.ok("addKeySet", { groupKeySet: keySet(K2, 80) });
        },
    },
    {
        n: 4,
        reqs: ["R-065"],
        must: "A set that a node has is kept.",
        fixture: "FM",
        when: "RemoveKeySet of a set with a Committed row",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            await bed.expect(CONSTRAINT_ERROR, "removeKeySet", remove);
        },
    },
    {
        n: 5,
        reqs: ["R-065"],
        must: "A set that is on its way to a node, or failed there, is kept.",
        fixture: "FK2",
        needs: ["faults"],
        when: "RemoveKeySet with a row Pending (held), then CommitFailed",
        then: "CONSTRAINT_ERROR both times",
        async run(bed) {
            await bed.hold(N1, { name: "keySetWrite" });
            await bed.ok("addGroupIdToEndpointForNode", membership(N1));
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 }, UNANSWERED);
            await bed.expect(CONSTRAINT_ERROR, "removeKeySet", remove);
            await bed.refuse(N2, { name: "keySetWrite" }, RESOURCE_EXHAUSTED);
            await bed.ok("addGroupIdToEndpointForNode", membership(N2, 1, G1));
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await bed.settle();
            await bed.expectRow("nodeKeySetList", { nodeId: N2, groupKeySetId: K1 }, [failedWith(RESOURCE_EXHAUSTED), ...UNANSWERED]);
            await bed.expect(CONSTRAINT_ERROR, "removeKeySet", remove);
        },
    },
    {
        n: 6,
        reqs: ["R-065", "R-210"],
        must: "A set whose removal from a node failed is kept.",
        fixture: "FM",
        needs: ["faults"],
        when: "the node answers BUSY to KeySetRemove; RemoveKeySet",
        then: "CONSTRAINT_ERROR while the row is CommitFailed; the removal is pursued and never turns into an addition",
        async run(bed) {
            await bed.refuse(N1, { name: "keySetRemove" }, BUSY);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle(4_000);
            const row = await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 }, [failedWith(BUSY), DELETE_PENDING]);
            const isFailed = (row["statusEntry"] as { state?: number }).state === 3;
            await bed.expect(isFailed ? CONSTRAINT_ERROR : SUCCESS, "removeKeySet", remove);
            await bed.mark();
            await bed.release(N1);
            await bed.cleanUp();
            await bed.expectNoRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 });
            const changes = await bed.changes(N1);
            bed.check(!changes.includes("keySetWrite"), "the set is written again");
            bed.check((await bed.member(N1)).keySets.every(set => set["groupKeySetId"] !== K1), "the set is still on the node");
        },
    },
    {
        n: 7,
        reqs: ["R-066"],
        must: "A set that is on its way out everywhere may go, and the removal on the node is completed.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "N1 is away, its membership is removed; RemoveKeySet; N1 comes back",
        then: "SUCCESS; the row stays DeletePending; later KeySetRemove on N1 and the row is gone",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 }, UNANSWERED_REMOVAL);
            await bed.ok("removeKeySet", remove);
            await bed.expectNoRow("groupKeySetList", { groupKeySetId: K1 });
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 }, DELETE_PENDING);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectNoRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 });
            await bed.expectOrder(N1, ["removeGroup", "keySetRemove"]);
        },
    },
    {
        n: 8,
        reqs: ["R-066", "R-065"],
        must: "One node that keeps the set is enough to keep it.",
        fixture: "FM2",
        needs: ["reachability"],
        when: "N1's row is DeletePending, N2's Committed; RemoveKeySet",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            await bed.expectRow("nodeKeySetList", { nodeId: N2, groupKeySetId: K1 }, COMMITTED);
            await bed.expect(CONSTRAINT_ERROR, "removeKeySet", remove);
        },
    },
    {
        n: 9,
        reqs: ["R-068"],
        must: "A group that names the set does not keep it, if no node has it.",
        fixture: "FK",
        when: "RemoveKeySet of a set that a group without members names",
        then: "SUCCESS (profile nodesAndGroups: CONSTRAINT_ERROR)",
        async run(bed) {
            await bed.expect(bed.profile.keySetGuard === "nodesOnly" ? SUCCESS : CONSTRAINT_ERROR, "removeKeySet", remove);
        },
    },
    {
        n: 10,
        reqs: ["R-065", "R-126"],
        must: "A removed node keeps no set.",
        fixture: "FM",
        when: "RemoveNode(N1); RemoveKeySet",
        then: "SUCCESS",
        async run(bed) {
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await bed.ok("removeKeySet", remove);
        },
    },
]);
