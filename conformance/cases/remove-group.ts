import { Status } from "../../src/core/status.js";
import { DELETE_PENDING, UNANSWERED_REMOVAL } from "../bed.js";
import { section } from "../conformance-case.js";
import { addAcl, addBinding, aclEntry, G1, K1, membership, N1 } from "../fixtures.js";
import { ADMINISTRATOR_CAT, ANCHOR_CAT, AuthMode } from "../specification.js";

const { CONSTRAINT_ERROR, NOT_FOUND } = Status;

export const removeGroup = section("11.24.7.6", "RGR", [
    {
        n: 1,
        reqs: ["R-104"],
        must: "The Administrator and Anchor groups stay.",
        fixture: "F0",
        when: "RemoveGroup of both",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            for (const groupCat of [ADMINISTRATOR_CAT, ANCHOR_CAT]) {
                const { groupId } = await bed.row("groupList", { groupCat });
                await bed.expect(CONSTRAINT_ERROR, "removeGroup", { groupId: Number(groupId) });
            }
        },
    },
    {
        n: 2,
        reqs: ["R-105"],
        must: "An unknown group is refused.",
        fixture: "F0",
        when: "RemoveGroup of a group that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(NOT_FOUND, "removeGroup", { groupId: 0x0999 });
        },
    },
    {
        n: 3,
        reqs: ["R-108"],
        must: "Only the entry goes: key sets, access control and bindings stay.",
        fixture: "FK",
        when: "RemoveGroup of a group without members, with an access control entry and a binding for it",
        then: "SUCCESS; gone; everything else as before; no traffic",
        async run(bed) {
            await addAcl(bed, N1, aclEntry([BigInt(G1)], { authMode: AuthMode.GROUP }));
            await addBinding(bed, N1, 1, { group: G1 });
            const before = await bed.attributes();
            await bed.mark();
            await bed.ok("removeGroup", { groupId: G1 });
            await bed.settle();
            await bed.expectNoRow("groupList", { groupId: G1 });
            const after = await bed.attributes();
            for (const list of ["groupKeySetList", "nodeAclList", "endpointBindingList", "nodeKeySetList"]) {
                bed.equal(after[list], before[list], list);
            }
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 5,
        reqs: ["R-107"],
        must: "A group whose members are all on their way out may go; they still go.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "N1 is away, its membership is removed; RemoveGroup; N1 comes back",
        then: "SUCCESS; the row stays DeletePending; later RemoveGroup and KeySetRemove on N1, and the rows are gone",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), UNANSWERED_REMOVAL);
            await bed.ok("removeGroup", { groupId: G1 });
            await bed.expectRow("endpointGroupIdList", membership(N1), DELETE_PENDING);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectNoRow("endpointGroupIdList", membership(N1));
            await bed.expectNoRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K1 });
            await bed.expectOrder(N1, ["removeGroup", "keySetRemove"]);
        },
    },
    {
        n: 6,
        reqs: ["R-106", "R-126"],
        must: "A group with a member is kept; a removed node is no member.",
        fixture: "FM",
        when: "RemoveGroup; RemoveNode(N1); RemoveGroup",
        then: "CONSTRAINT_ERROR; then SUCCESS",
        async run(bed) {
            await bed.expect(CONSTRAINT_ERROR, "removeGroup", { groupId: G1 });
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await bed.ok("removeGroup", { groupId: G1 });
        },
    },
]);
