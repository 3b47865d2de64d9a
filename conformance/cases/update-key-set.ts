import { Status } from "../../src/core/status.js";
import { COMMITTED, DELETE_PENDING, failedWith, UNANSWERED, type Bed } from "../bed.js";
import { section } from "../conformance-case.js";
import { addToGroup, epochKey, G1, K1, keySet, membership, N1, N2, refresh } from "../fixtures.js";
import type { Traffic } from "../target.js";
import { matches, type Fields } from "../values.js";

const { BUSY, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, SUCCESS } = Status;
const NEW = keySet(K1, 50);
const KEY_SET_WRITE = { name: "keySetWrite" } as const;

const row = (nodeId: number, groupKeySetId = K1): Fields => ({ nodeId, groupKeySetId });

/** The writes of this content among the traffic. */
function writesOf(traffic: readonly Traffic[], set: Fields): readonly Traffic[] {
    return traffic.filter(({ value }) => matches((value as Fields)["groupKeySet"], set));
}

async function expectWritten(bed: Bed, nodeId: number, set: Fields, count = 1): Promise<void> {
    const written = writesOf(await bed.traffic(nodeId, KEY_SET_WRITE), set);
    bed.check(written.length === count, `node ${nodeId} got the new keys ${written.length} times instead of ${count}`);
}

export const updateKeySet = section("11.24.7.2", "UKS", [
    {
        n: 2,
        reqs: ["R-054"],
        must: "An unused set is replaced without any traffic.",
        fixture: "FK",
        when: "UpdateKeySet with another key 0 and start 0",
        then: "SUCCESS; stored; no traffic",
        async run(bed) {
            await bed.ok("updateKeySet", { groupKeySet: NEW });
            await bed.settle();
            bed.equal(await bed.row("groupKeySetList", { groupKeySetId: K1 }), NEW, "the stored key set");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 3,
        reqs: ["R-054"],
        must: "A slot that is set to null loses key and start time.",
        fixture: "F0",
        when: "UpdateKeySet of a set with three slots, slots 1 and 2 null",
        then: "key and start time of both slots are null",
        async run(bed) {
            await bed.ok("addKeySet", { groupKeySet: keySet(K1, K1, 3) });
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1, K1, 1) });
            bed.equal(await bed.row("groupKeySetList", { groupKeySetId: K1 }), keySet(K1, K1, 1), "the stored key set");
        },
    },
    {
        n: 4,
        reqs: ["R-053"],
        must: "Invalid content is refused before anything changes.",
        fixture: "FM",
        when: "UpdateKeySet with policy 1, and with a key of 15 bytes",
        then: "CONSTRAINT_ERROR; set and rows stay; no traffic",
        async run(bed) {
            await bed.expect(CONSTRAINT_ERROR, "updateKeySet", { groupKeySet: { ...NEW, groupKeySecurityPolicy: 1 } });
            await bed.expect(CONSTRAINT_ERROR, "updateKeySet", { groupKeySet: { ...NEW, epochKey0: epochKey(5, 15) } });
            await bed.settle();
            await bed.expectRow("nodeKeySetList", row(N1), COMMITTED);
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 5,
        reqs: ["R-055", "R-056"],
        must: "An updated set is written once to each node that has it.",
        fixture: "FM2",
        when: "UpdateKeySet of a set that two nodes have",
        then: "rows Pending, then Committed; one KeySetWrite with the new keys each",
        async run(bed) {
            await bed.hold(N1, KEY_SET_WRITE);
            await bed.hold(N2, KEY_SET_WRITE);
            await bed.ok("updateKeySet", { groupKeySet: NEW });
            await bed.settle();
            await bed.expectRow("nodeKeySetList", row(N1), UNANSWERED);
            await bed.expectRow("nodeKeySetList", row(N2), UNANSWERED);
            await bed.release(N1);
            await bed.release(N2);
            await bed.settle();
            for (const nodeId of [N1, N2]) {
                await bed.expectRow("nodeKeySetList", row(nodeId), COMMITTED);
                await expectWritten(bed, nodeId, NEW);
            }
        },
    },
    {
        n: 6,
        reqs: ["R-055", "R-057", "R-217"],
        must: "A node's refusal fails its own row and no other.",
        fixture: "FM2",
        when: "UpdateKeySet; N1 answers RESOURCE_EXHAUSTED",
        then: "SUCCESS; N1 CommitFailed with the status; N2 Committed",
        async run(bed) {
            await bed.refuse(N1, KEY_SET_WRITE, RESOURCE_EXHAUSTED);
            await bed.ok("updateKeySet", { groupKeySet: NEW });
            await bed.settle();
            await bed.expectRow("nodeKeySetList", row(N1), failedWith(RESOURCE_EXHAUSTED));
            await bed.expectRow("nodeKeySetList", row(N2), COMMITTED);
        },
    },
    {
        n: 7,
        reqs: ["R-057", "R-219"],
        must: "A node that was away gets the update without anybody asking.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "UpdateKeySet while N1 is away; N1 comes back; one period passes",
        then: "SUCCESS; Pending; then Committed with the new keys",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("updateKeySet", { groupKeySet: NEW });
            await bed.settle();
            await bed.expectRow("nodeKeySetList", row(N1), UNANSWERED);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectRow("nodeKeySetList", row(N1), COMMITTED);
            await expectWritten(bed, N1, NEW);
        },
    },
    {
        n: 8,
        reqs: ["R-058"],
        must: "Equal content is no change.",
        fixture: "FM",
        when: "UpdateKeySet with what is stored",
        then: "SUCCESS; same row, no traffic",
        async run(bed) {
            const before = await bed.row("nodeKeySetList", row(N1));
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1) });
            await bed.settle();
            bed.equal(await bed.row("nodeKeySetList", row(N1)), before, "the row");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 9,
        reqs: ["R-059"],
        must: "A node without the set is left alone.",
        fixture: "FK2",
        when: "UpdateKeySet of a set that only N1 has",
        then: "N2 is not contacted and gets no row",
        async run(bed) {
            await addToGroup(bed, N1);
            await bed.mark();
            await bed.ok("updateKeySet", { groupKeySet: NEW });
            await bed.settle();
            await bed.expectNoRow("nodeKeySetList", row(N2));
            await bed.expectNoTraffic(N2);
        },
    },
    {
        n: 10,
        reqs: ["R-060"],
        must: "A set on its way out is not written again.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "N1 is away, its membership is removed; UpdateKeySet; N1 comes back",
        then: "the row stays DeletePending and goes; N1 never gets the new keys",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            await bed.ok("updateKeySet", { groupKeySet: NEW });
            await bed.settle();
            await bed.expectRow("nodeKeySetList", row(N1), DELETE_PENDING);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectNoRow("nodeKeySetList", row(N1));
            await expectWritten(bed, N1, NEW, 0);
        },
    },
    {
        n: 11,
        reqs: ["R-057", "R-055"],
        must: "An update takes up a failed row again.",
        fixture: "FM",
        needs: ["faults"],
        when: "the row is CommitFailed(BUSY); UpdateKeySet with the node well again",
        then: "Committed, without FailureCode",
        async run(bed) {
            await bed.refuse(N1, KEY_SET_WRITE, BUSY);
            await bed.ok("updateKeySet", { groupKeySet: NEW });
            await bed.settle(4_000);
            await bed.expectRow("nodeKeySetList", row(N1), failedWith(BUSY));
            await bed.release(N1);
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1, 51) });
            await bed.settle();
            await bed.expectRow("nodeKeySetList", row(N1), COMMITTED);
            await expectWritten(bed, N1, keySet(K1, 51));
        },
    },
    {
        n: 12,
        reqs: ["R-061"],
        must: "The IPK can be updated, and stays listed.",
        fixture: "F2",
        when: "UpdateKeySet with id 0",
        then: "SUCCESS; the IPK is listed with the new content; nodes with a row for set 0 get it",
        async run(bed) {
            const withRow = (await bed.rows("nodeKeySetList", { groupKeySetId: 0 })).map(each => Number(each["nodeId"]));
            await bed.ok("updateKeySet", { groupKeySet: keySet(0, 60) });
            await bed.settle();
            await bed.row("groupKeySetList", { groupKeySetId: 0, epochKey0: epochKey(60) });
            for (const nodeId of withRow) {
                await expectWritten(bed, nodeId, keySet(0, 60));
            }
        },
    },
    {
        n: 13,
        reqs: ["R-062", "R-152"],
        must: "After a refresh nodes still get the true keys.",
        fixture: "FK2",
        when: "a member N1 is refreshed; N2 joins the group",
        then: "N2's KeySetWrite has the original keys",
        async run(bed) {
            await addToGroup(bed, N1);
            await refresh(bed, N1);
            await bed.ok("addGroupIdToEndpointForNode", membership(N2));
            await bed.settle();
            await bed.expectRow("nodeKeySetList", row(N2), COMMITTED);
            await expectWritten(bed, N2, keySet(K1));
        },
    },
    {
        n: 50,
        reqs: ["R-052"],
        must: "An unknown set is refused.",
        fixture: "F0",
        when: "UpdateKeySet with an id that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(NOT_FOUND, "updateKeySet", { groupKeySet: keySet(0x0777) });
        },
    },
    {
        n: 51,
        reqs: ["R-049"],
        must: "GroupKeyMulticastPolicy is tolerated and not kept.",
        fixture: "FK",
        when: "UpdateKeySet with GroupKeyMulticastPolicy",
        then: "SUCCESS; the attribute is without it",
        async run(bed) {
            await bed.expect(SUCCESS, "updateKeySet", { groupKeySet: { ...NEW, groupKeyMulticastPolicy: 1 } });
            const stored = await bed.row("groupKeySetList", { groupKeySetId: K1 });
            bed.check(stored["groupKeyMulticastPolicy"] === undefined, "GroupKeyMulticastPolicy is listed");
            bed.check(matches(stored, { epochKey0: epochKey(50) }), `the update is not stored for group ${G1}`);
        },
    },
]);
