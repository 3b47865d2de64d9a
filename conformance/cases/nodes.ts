import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, PENDING, type Bed } from "../bed.js";
import { section } from "../conformance-case.js";
import { aclEntry, addBinding, fixtureBinding, join, member, N1, N2, NOBODY, refresh } from "../fixtures.js";
import type { Fields } from "../values.js";

const { CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED } = Status;
const ADD = "11.24.7.10";
const UPDATE = "11.24.7.12";
const REMOVE = "11.24.7.13";
const ENDPOINT = "11.24.7.14";
const NODE_LISTS = ["nodeEndpointList", "endpointGroupIdList", "endpointBindingList", "nodeKeySetList", "nodeAclList"];

/** The status for a node or endpoint that is not there, by the profile. */
export function unknownTarget(bed: Bed): readonly number[] {
    return bed.profile.unknownTarget === "NOT_FOUND" ? [NOT_FOUND] : [CONSTRAINT_ERROR, NOT_FOUND];
}

async function expectNoRowsOf(bed: Bed, nodeId: number): Promise<void> {
    for (const list of NODE_LISTS) {
        await bed.expectNoRow(list, { nodeId });
    }
}

export const nodes = section(ADD, "NOD", [
    {
        n: 1,
        reqs: ["R-119", "R-120"],
        must: "A node is listed as Pending, with the time, and nothing else happens.",
        fixture: "F1",
        when: "AddPendingNode",
        then: "SUCCESS; Pending with timestamp; no other rows; no traffic",
        async run(bed) {
            await bed.ok("addPendingNode", { nodeId: BigInt(NOBODY), friendlyName: "Lamp" });
            await bed.settle();
            const row = await bed.expectRow("nodeList", { nodeId: NOBODY, friendlyName: "Lamp" }, PENDING);
            bed.check(Number((row["commissioningStatusEntry"] as Fields)["updateTimestamp"]) > 0, "there is no timestamp");
            await expectNoRowsOf(bed, NOBODY);
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 3,
        reqs: ["R-112"],
        must: "A node id is an operational one.",
        fixture: "F0",
        when: "AddPendingNode with node id 0, a CAT, a group's node id",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            for (const nodeId of [0n, 0xffff_fffd_0001_0001n, 0xffff_ffff_ffff_0001n]) {
                await bed.expect(CONSTRAINT_ERROR, "addPendingNode", { nodeId, friendlyName: "" });
            }
        },
    },
    {
        n: 6,
        section: UPDATE,
        reqs: ["R-122"],
        must: "An unknown node is refused.",
        fixture: "F0",
        when: "UpdateNode of a node that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), "updateNode", { nodeId: BigInt(NOBODY), friendlyName: "x" });
        },
    },
    {
        n: 7,
        section: UPDATE,
        reqs: ["R-123"],
        must: "Only the name in the datastore changes.",
        fixture: "F1",
        when: "UpdateNode of a Pending and of a Committed node",
        then: "SUCCESS; states stay; no traffic",
        async run(bed) {
            await bed.ok("addPendingNode", { nodeId: BigInt(NOBODY), friendlyName: "Lamp" });
            for (const [nodeId, state] of [
                [NOBODY, PENDING],
                [N1, COMMITTED],
            ] as const) {
                await bed.ok("updateNode", { nodeId: BigInt(nodeId), friendlyName: "Stairs" });
                await bed.settle();
                await bed.expectRow("nodeList", { nodeId, friendlyName: "Stairs" }, state);
            }
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 8,
        section: REMOVE,
        reqs: ["R-124"],
        must: "An unknown node is refused.",
        fixture: "F0",
        when: "RemoveNode of a node that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), "removeNode", { nodeId: BigInt(NOBODY) });
        },
    },
    {
        n: 10,
        section: REMOVE,
        reqs: ["R-126"],
        must: "A removed node leaves no rows; added again, it shows what it has.",
        fixture: "FB",
        when: "RemoveNode; AddPendingNode; RefreshNode",
        then: "no rows; then those of the node",
        async run(bed) {
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await expectNoRowsOf(bed, N1);
            await bed.ok("addPendingNode", { nodeId: BigInt(N1), friendlyName: "again" });
            await refresh(bed, N1);
            await bed.expectRow("nodeList", { nodeId: N1 }, COMMITTED);
            await bed.expectRows("endpointBindingList", { nodeId: N1, binding: fixtureBinding }, 1);
            const { acl } = await bed.member(N1);
            await bed.expectRows("nodeAclList", { nodeId: N1 }, acl.length);
        },
    },
    {
        n: 11,
        section: REMOVE,
        reqs: ["R-127"],
        must: "Work for a removed node is called off.",
        fixture: "F1",
        needs: ["faults"],
        when: "the first of three operations is held; RemoveNode; released",
        then: "no rows come back; nothing more is sent",
        async run(bed) {
            await bed.hold(N1, { op: "write" });
            for (const subject of [31n, 32n, 33n]) {
                await bed.ok("addAclToNode", { nodeId: BigInt(N1), aclEntry: aclEntry([subject]) });
            }
            await bed.settle();
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await bed.mark();
            await bed.release(N1);
            await bed.settle();
            await expectNoRowsOf(bed, N1);
            bed.check((await bed.changes(N1)).length <= 1, "more than what was in flight reaches the node");
        },
    },
    {
        n: 12,
        section: REMOVE,
        reqs: ["R-128"],
        must: "The node itself is not contacted, and an administrator of the same id stays.",
        fixture: "F1",
        when: "RemoveNode of a node that is also an administrator",
        then: "no traffic; AdminList as before",
        async run(bed) {
            await bed.ok("addAdmin", { nodeId: BigInt(N1), friendlyName: "", vendorId: 1, icac: new Uint8Array(1) });
            const before = await bed.rows("adminList");
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await bed.settle();
            await bed.expectNoTraffic(N1);
            bed.equal(await bed.rows("adminList"), before, "adminList");
        },
    },
    {
        n: 13,
        section: REMOVE,
        reqs: ["R-125"],
        must: "A node is removed in any state.",
        fixture: "F2",
        needs: ["faults"],
        when: "RemoveNode: Pending; in the middle of a refresh; Committed",
        then: "SUCCESS each; gone for good",
        async run(bed) {
            await bed.ok("addPendingNode", { nodeId: BigInt(NOBODY), friendlyName: "" });
            await bed.hold(N1, { op: "read" });
            await bed.ok("refreshNode", { nodeId: BigInt(N1) });
            for (const nodeId of [NOBODY, N1, N2]) {
                await bed.ok("removeNode", { nodeId: BigInt(nodeId) });
            }
            await bed.release(N1);
            await bed.settle();
            await bed.expectRows("nodeList", {}, 0);
            await expectNoRowsOf(bed, N1);
        },
    },
    {
        n: 14,
        section: ENDPOINT,
        reqs: ["R-129"],
        must: "An unknown endpoint is refused.",
        fixture: "F1",
        when: "UpdateEndpointForNode: unknown node; known node, unknown endpoint",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), "updateEndpointForNode", { endpointId: 1, nodeId: BigInt(NOBODY), friendlyName: "" });
            await bed.expect(unknownTarget(bed), "updateEndpointForNode", { endpointId: 77, nodeId: BigInt(N1), friendlyName: "" });
        },
    },
    {
        n: 15,
        section: ENDPOINT,
        reqs: ["R-130"],
        must: "One endpoint's name changes, in the datastore only, and stays.",
        fixture: "F2",
        needs: ["restart"],
        when: "UpdateEndpointForNode(EP1, N1); RefreshNode; restart",
        then: "only that endpoint is renamed; no traffic; the name stays",
        async run(bed) {
            await bed.ok("updateEndpointForNode", { endpointId: 1, nodeId: BigInt(N1), friendlyName: "Left" });
            await bed.settle();
            await bed.expectNoTraffic(N1, N2);
            await refresh(bed, N1);
            await bed.session.restart();
            await bed.row("nodeEndpointList", { nodeId: N1, endpointId: 1, friendlyName: "Left" });
            await bed.expectRows("nodeEndpointList", { friendlyName: "Left" }, 1);
        },
    },
    {
        n: 50,
        reqs: ["R-118"],
        must: "A node that is listed is refused, whatever its state.",
        fixture: "F1",
        when: "AddPendingNode of a Pending and of a Committed node",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            await bed.ok("addPendingNode", { nodeId: BigInt(NOBODY), friendlyName: "Lamp" });
            for (const nodeId of [NOBODY, N1]) {
                await bed.expect(CONSTRAINT_ERROR, "addPendingNode", { nodeId: BigInt(nodeId), friendlyName: "other" });
            }
        },
    },
    {
        n: 51,
        reqs: ["R-121", "R-120"],
        must: "A node stays Pending until its refresh is through.",
        fixture: "F0",
        needs: ["members", "traffic", "reachability", "clock"],
        when: "AddPendingNode; the node is not there for RefreshNode; it comes; RefreshNode",
        then: "Pending until the last; then Committed",
        async run(bed) {
            await bed.addMember(member(N1));
            await bed.offline(N1);
            await bed.ok("addPendingNode", { nodeId: BigInt(N1), friendlyName: "" });
            await bed.ok("refreshNode", { nodeId: BigInt(N1) });
            await bed.settle();
            await bed.expectRow("nodeList", { nodeId: N1 }, [PENDING, failedWith(Status.TIMEOUT), failedWith(Status.FAILURE)]);
            await bed.online(N1);
            await refresh(bed, N1);
            await bed.expectRow("nodeList", { nodeId: N1 }, COMMITTED);
        },
    },
    {
        n: 52,
        section: REMOVE,
        reqs: ["R-126", "R-018"],
        must: "Removed rows make room.",
        fixture: "F0",
        needs: ["members", "traffic"],
        setup: { limits: { nodes: 1 } },
        when: "the list of nodes is full; RemoveNode; AddPendingNode",
        then: "RESOURCE_EXHAUSTED before, SUCCESS after",
        async run(bed) {
            await join(bed, member(N1));
            await addBinding(bed, N1, 1, fixtureBinding);
            await bed.expect(RESOURCE_EXHAUSTED, "addPendingNode", { nodeId: BigInt(N2), friendlyName: "" });
            await bed.ok("removeNode", { nodeId: BigInt(N1) });
            await bed.ok("addPendingNode", { nodeId: BigInt(N2), friendlyName: "" });
        },
    },
]);
