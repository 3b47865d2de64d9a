import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, UNANSWERED } from "../bed.js";
import { section } from "../conformance-case.js";
import {
    aclEntry, addBinding, fixtureAcl, fixtureBinding, N1, N2, refresh, secondBinding,
} from "../fixtures.js";
import { matches } from "../values.js";
import { NODE, NOT_THROUGH, REFRESH, write } from "./refresh-checks.js";

const { BUSY, CONSTRAINT_ERROR, FAILURE, SUCCESS, TIMEOUT } = Status;
/** RefreshNode: bindings and access control, and refreshes that break off. */
export const refreshLists = section("11.24.7.11", "RFN", [
    {
        n: 17,
        reqs: ["R-143"],
        must: "Bindings found on the node are adopted, under fresh ListIDs.",
        fixture: "F1",
        needs: ["otherAdministrators"],
        when: "another administrator adds two bindings; RefreshNode",
        then: "two Committed rows with distinct ListIDs; nothing is written",
        async run(bed) {
            await bed.other(N1, write("Binding", "binding", [fixtureBinding, secondBinding], "append", 1));
            await refresh(bed, N1);
            const ids = new Set<number>();
            for (const binding of [fixtureBinding, secondBinding]) {
                ids.add(Number((await bed.expectRow("endpointBindingList", { nodeId: N1, binding }, COMMITTED))["listId"]));
            }
            bed.equal(ids.size, 2, "distinct ListIDs");
            await bed.expectNoChanges(N1);
        },
    },
    {
        n: 19,
        reqs: ["R-145", "R-144"],
        must: "Bindings that are pending or on their way out are settled by the refresh.",
        fixture: "FB",
        needs: ["reachability"],
        when: "one removed, one added while N1 is away; N1 comes back; RefreshNode",
        then: "the one is gone, the other Committed, on the node too",
        async run(bed) {
            const { listId } = await bed.row("endpointBindingList", NODE);
            await bed.offline(N1);
            await bed.ok("removeBindingFromEndpointForNode", { listId, endpointId: 1, ...REFRESH });
            await bed.ok("addBindingToEndpointForNode", { ...REFRESH, endpointId: 1, binding: secondBinding });
            await bed.settle();
            await bed.online(N1);
            await refresh(bed, N1);
            await bed.expectRows("endpointBindingList", NODE, 1);
            await bed.expectRow("endpointBindingList", { binding: secondBinding }, COMMITTED);
            const { bindings } = await bed.member(N1);
            bed.check(bindings.length === 1 && matches(bindings[0], secondBinding), "the node has other bindings");
        },
    },
    {
        n: 20,
        reqs: ["R-146", "R-209"],
        must: "A failed binding is dropped if it failed for good, else tried again.",
        fixture: "F1",
        needs: ["faults"],
        when: "writes refused with CONSTRAINT_ERROR, and with TIMEOUT; the node is well again; RefreshNode",
        then: "the first is gone; the second Committed",
        async run(bed) {
            for (const [status, binding] of [[CONSTRAINT_ERROR, fixtureBinding], [TIMEOUT, secondBinding]] as const) {
                await bed.refuse(N1, { op: "write", name: "binding" }, status);
                await bed.ok("addBindingToEndpointForNode", { ...REFRESH, endpointId: 1, binding });
                await bed.settle(4_000);
                await bed.expectRow("endpointBindingList", { binding }, [failedWith(status), ...UNANSWERED]);
                await bed.release(N1);
            }
            await refresh(bed, N1);
            await refresh(bed, N1);
            await bed.expectNoRow("endpointBindingList", { binding: fixtureBinding });
            await bed.expectRow("endpointBindingList", { binding: secondBinding }, COMMITTED);
        },
    },
    {
        n: 22,
        reqs: ["R-144", "R-189", "R-159"],
        must: "If bindings cannot be read, none are written, and the refresh is not through.",
        fixture: "FB",
        needs: ["reachability", "faults"],
        when: "a binding added while N1 is away; reading Binding is answered FAILURE; RefreshNode",
        then: "no write; rows stay; the node is not Committed",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("addBindingToEndpointForNode", { ...REFRESH, endpointId: 1, binding: secondBinding });
            await bed.settle();
            await bed.online(N1);
            await bed.refuse(N1, { op: "read", name: "binding" }, FAILURE);
            await refresh(bed, N1);
            await bed.expectNoChanges(N1);
            await bed.expectRow("nodeList", NODE, NOT_THROUGH);
            await bed.expectRows("endpointBindingList", { binding: fixtureBinding }, 1);
            await bed.expectRows("endpointBindingList", { binding: secondBinding }, 1);
        },
    },
    {
        n: 42,
        reqs: ["R-160", "R-224"],
        must: "A refresh of a node that is away deletes nothing, and is made good later.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "RefreshNode while N1 is away; N1 comes back; one period passes",
        then: "SUCCESS; Pending; the lists as before; then Committed",
        async run(bed) {
            const before = await bed.attributes();
            await bed.offline(N1);
            await refresh(bed, N1);
            await bed.expectRow("nodeList", NODE, NOT_THROUGH);
            const after = await bed.attributes();
            for (const list of ["nodeEndpointList", "endpointGroupIdList", "nodeKeySetList", "nodeAclList"]) {
                bed.equal(after[list], before[list], list);
            }
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectRow("nodeList", NODE, COMMITTED);
        },
    },
    {
        n: 43,
        reqs: ["R-160", "R-164", "R-158"],
        must: "A refresh that breaks off does not stand in the way of the next, nor of other nodes'.",
        fixture: "F2",
        needs: ["reachability", "faults"],
        when: "N1 vanishes in the middle; RefreshNode(N2); N1 comes back; RefreshNode(N1)",
        then: "both Committed",
        async run(bed) {
            await bed.fault(N1, { name: "serverList" }, { type: "lost", executed: false }, Infinity);
            await refresh(bed, N1);
            await bed.expectRow("nodeList", NODE, NOT_THROUGH);
            await refresh(bed, N2);
            await bed.expectRow("nodeList", { nodeId: N2 }, COMMITTED);
            await bed.release(N1);
            await bed.expect([SUCCESS, BUSY], "refreshNode", REFRESH);
            await bed.settle();
            await refresh(bed, N1);
            await bed.expectRow("nodeList", NODE, COMMITTED);
        },
    },
    {
        n: 44,
        reqs: ["R-162"],
        must: "A refresh of a node in order only reads.",
        fixture: "FM",
        when: "RefreshNode five times",
        then: "no change of the node; all lists but the node's own status as before",
        async run(bed) {
            await addBinding(bed, N1, 1, fixtureBinding);
            await bed.ok("addAclToNode", { ...REFRESH, aclEntry: { ...fixtureAcl, subjects: [8n, 7n], targets: [] } });
            await bed.settle();
            await bed.mark();
            const before = await bed.attributes();
            for (let count = 0; count < 5; count++) {
                await refresh(bed, N1);
            }
            await bed.expectNoChanges(N1);
            const after = await bed.attributes();
            for (const list of Object.keys(before).filter(name => name !== "nodeList")) {
                bed.equal(after[list], before[list], list);
            }
        },
    },
    {
        n: 50,
        reqs: ["R-154", "R-155", "R-158"],
        must: "Access control entries that are pending or on their way out are settled by the refresh.",
        fixture: "FA",
        needs: ["reachability"],
        when: "one removed, one added while N1 is away; N1 comes back; RefreshNode",
        then: "the one is gone, the other Committed; the node too",
        async run(bed) {
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            const added = aclEntry([9n]);
            await bed.offline(N1);
            await bed.ok("removeAclFromNode", { listId, ...REFRESH });
            await bed.ok("addAclToNode", { ...REFRESH, aclEntry: added });
            await bed.settle();
            await bed.online(N1);
            await refresh(bed, N1);
            await bed.expectNoRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: added }, COMMITTED);
            await bed.expectRow("nodeList", NODE, COMMITTED);
            const { acl } = await bed.member(N1);
            bed.check(acl.some(entry => matches(entry, added)) && !acl.some(entry => matches(entry, fixtureAcl)), "the node's list differs");
        },
    },
]);
