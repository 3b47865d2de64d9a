import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, UNANSWERED } from "../bed.js";
import { section } from "../conformance-case.js";
import { aclEntry, addAcl, addBinding, addToGroup, epochKey, fixtureAcl, fixtureBinding, G1, group, join, K1, K2, keySet, member, membership, N1 } from "../fixtures.js";
import type { Fields } from "../values.js";

const { RESOURCE_EXHAUSTED, SUCCESS } = Status;

export const lifecycle = section("12.2", "LIF", [
    {
        n: 1,
        reqs: ["R-249", "R-051"],
        must: "With the fabric goes everything of it, keys first of all.",
        fixture: "FM",
        needs: ["fabricRemoval", "storageSearch", "faults"],
        when: "an operation is held; the joint fabric is removed from the Anchor; the node goes on",
        then: "not served or not ready; no keys in what is stored",
        async run(bed) {
            await bed.hold(N1, { op: "write" });
            await bed.ok("addAclToNode", { nodeId: BigInt(N1), aclEntry: fixtureAcl });
            await bed.settle();
            await bed.session.removeFabric("joint");
            await bed.release(N1);
            await bed.settle();
            const { status, value } = await bed.session.read("status");
            bed.check(status !== SUCCESS || (value as Fields)["state"] !== 1, "the datastore is still ready");
            bed.check(!(await bed.session.finds("storage", epochKey(K1))), "an epoch key is still stored");
        },
    },
    {
        n: 2,
        reqs: ["R-250"],
        must: "Removing another fabric changes nothing.",
        fixture: "FM",
        needs: ["fabricRemoval", "otherFabric"],
        when: "another fabric is removed from the Anchor",
        then: "all attributes as before; work goes on",
        async run(bed) {
            const before = await bed.attributes();
            await bed.session.removeFabric("other");
            bed.equal(await bed.attributes(), before, "the attributes");
            await addAcl(bed, N1, fixtureAcl);
        },
    },
    {
        n: 3,
        reqs: ["R-251"],
        must: "Formation happens wholly or not at all.",
        fixture: "none",
        needs: ["crashPoints"],
        when: "the server ends at its first durable write of the formation",
        then: "unformed, or formed whole",
        async run(bed) {
            await bed.session.killAfterWrites(1);
            await bed.session.form();
            const { status } = await bed.session.read("status");
            if (status === SUCCESS) {
                await bed.row("groupKeySetList", { groupKeySetId: 0 });
                await bed.expectRows("groupList", {}, 2);
                await bed.expectRows("adminList", {}, 1);
            }
        },
    },
    {
        n: 4,
        reqs: ["R-051", "R-067"],
        must: "The keys of a removed set are erased.",
        fixture: "FK",
        needs: ["storageSearch"],
        when: "RemoveKeySet",
        then: "its keys are not in what is stored",
        async run(bed) {
            bed.check(await bed.session.finds("storage", epochKey(K2)), "precondition: the key is found while it is stored");
            await bed.ok("removeKeySet", { groupKeySetId: K2 });
            await bed.settle();
            bed.check(!(await bed.session.finds("storage", epochKey(K2))), "a removed set's key is still stored");
        },
    },
    {
        n: 5,
        reqs: ["R-229"],
        must: "What a node holds for other fabrics stays.",
        fixture: "F0",
        needs: ["members", "traffic", "otherAdministrators"],
        when: "a node on two fabrics, with content on both; commands of every kind",
        then: "the other fabric's content as before",
        async run(bed) {
            await join(bed, member(N1, { secondFabric: true }));
            await bed.other(N1, { op: "write", endpoint: 1, cluster: "Binding", name: "binding", value: [{ node: 5n, endpoint: 1 }], otherFabric: true });
            const before = (await bed.member(N1)).otherFabric;
            await bed.ok("addKeySet", { groupKeySet: keySet(K1) });
            await bed.ok("addGroup", group(G1, { groupKeySetId: K1 }));
            await addToGroup(bed, N1);
            const listId = await addBinding(bed, N1, 1, fixtureBinding);
            const acl = await addAcl(bed, N1, aclEntry([7n]));
            await bed.ok("removeBindingFromEndpointForNode", { listId, endpointId: 1, nodeId: BigInt(N1) });
            await bed.ok("removeAclFromNode", { listId: acl, nodeId: BigInt(N1) });
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            bed.equal((await bed.member(N1)).otherFabric, before, "the other fabric's content");
        },
    },
    {
        n: 6,
        reqs: ["R-236"],
        must: "Nodes get sets as stored, and say when they are full.",
        fixture: "F1",
        needs: ["memberLimits"],
        when: "sets with one, two and three slots for a node with room for two",
        then: "the first two Committed, the third CommitFailed(RESOURCE_EXHAUSTED)",
        async run(bed) {
            for (const slots of [1, 2, 3]) {
                const id = 0x20 + slots;
                await bed.ok("addKeySet", { groupKeySet: keySet(id, id, slots) });
                await bed.ok("addGroup", group(id, { groupKeySetId: id }));
                await bed.ok("addGroupIdToEndpointForNode", membership(N1, 1, id));
                await bed.settle();
                const expected = slots < 3 ? [COMMITTED] : [failedWith(RESOURCE_EXHAUSTED), ...UNANSWERED];
                await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: id }, expected);
            }
            for (const slots of [1, 2]) {
                const held = (await bed.member(N1)).keySets.find(set => set["groupKeySetId"] === 0x20 + slots);
                const keys = bed.found(held, "the set is not on the node")["keys"] as readonly (Uint8Array | null)[];
                const given = keySet(0x20 + slots, 0x20 + slots, slots);
                bed.equal(keys, [given["epochKey0"], given["epochKey1"], given["epochKey2"]], "the keys on the node");
            }
        },
    },
    {
        n: 7,
        reqs: ["R-162", "R-223"],
        must: "A fabric in order is quiet.",
        fixture: "FM2",
        needs: ["clock"],
        when: "a day passes",
        then: "nothing is changed on any node; at most 400 reads each",
        async run(bed) {
            await bed.session.advance(24 * 3_600_000);
            for (const nodeId of [N1, 0x12]) {
                await bed.expectNoChanges(nodeId);
                const { length } = await bed.traffic(nodeId);
                bed.check(length <= 400, `node ${nodeId} is asked ${length} times in a day`);
            }
        },
    },
]);

export const anchorTransfer = section("11.25", "ANC", [
    {
        n: 2,
        reqs: ["R-238", "R-242"],
        must: "An accepted transfer makes the datastore DeletePending.",
        fixture: "F0",
        needs: ["anchorTransfer"],
        when: "TransferAnchorRequest, with consent",
        then: "OK; Status DeletePending",
        async run(bed) {
            const { response } = await bed.session.transfer("request", { consent: true });
            bed.equal(response?.["statusCode"], 0, "the response");
            bed.equal(((await bed.attribute("status")) as Fields)["state"], 2, "Status");
        },
    },
    {
        n: 3,
        reqs: ["R-240"],
        must: "Without consent there is no transfer.",
        fixture: "F0",
        needs: ["anchorTransfer"],
        when: "TransferAnchorRequest, without consent",
        then: "NoUserConsent; Status Committed",
        async run(bed) {
            const { response } = await bed.session.transfer("request", { consent: false });
            bed.equal(response?.["statusCode"], 2, "the response");
            bed.equal(((await bed.attribute("status")) as Fields)["state"], 1, "Status");
        },
    },
    {
        n: 4,
        reqs: ["R-241"],
        must: "A datastore with work in flight refuses the transfer.",
        fixture: "F1",
        needs: ["anchorTransfer", "faults"],
        when: "TransferAnchorRequest while a write is held, and after it",
        then: "DatastoreBusy, Committed; then OK",
        async run(bed) {
            await bed.hold(N1, { op: "write" });
            await bed.ok("addAclToNode", { nodeId: BigInt(N1), aclEntry: fixtureAcl });
            await bed.settle();
            bed.equal((await bed.session.transfer("request", { consent: true })).response?.["statusCode"], 1, "the response");
            bed.equal(((await bed.attribute("status")) as Fields)["state"], 1, "Status");
            await bed.release(N1);
            await bed.settle();
            bed.equal((await bed.session.transfer("request", { consent: true })).response?.["statusCode"], 0, "the response");
        },
    },
    {
        n: 5,
        reqs: ["R-239"],
        must: "Asking for the transfer takes the Administrator CAT.",
        fixture: "F0",
        needs: ["anchorTransfer", "accessRights"],
        when: "TransferAnchorRequest of a node without the CAT",
        then: "UNSUPPORTED_ACCESS; Status Committed",
        async run(bed) {
            const { status } = await bed.session.transfer("request", { accessor: { kind: "node", privilege: "manage" } });
            bed.equal(status, Status.UNSUPPORTED_ACCESS, "the status");
            bed.equal(((await bed.attribute("status")) as Fields)["state"], 1, "Status");
        },
    },
    {
        n: 7,
        reqs: ["R-245"],
        must: "What the candidate copies is everything.",
        fixture: "FM",
        needs: ["anchorTransfer"],
        when: "read all attributes before and after the accepted request",
        then: "the same but for Status",
        async run(bed) {
            const before = await bed.attributes();
            await bed.session.transfer("request", { consent: true });
            const after = await bed.attributes();
            bed.equal({ ...after, status: null }, { ...before, status: null }, "the attributes");
        },
    },
    {
        n: 8,
        reqs: ["R-243", "R-003"],
        must: "After the transfer the old Anchor does not serve the datastore; without a request there is nothing to complete.",
        fixture: "F0",
        needs: ["anchorTransfer"],
        when: "TransferAnchorComplete; TransferAnchorRequest; TransferAnchorComplete",
        then: "an error; OK; the cluster cannot be reached",
        async run(bed) {
            const early = await bed.session.transfer("complete", {});
            bed.check(early.status !== SUCCESS, "a transfer that nobody asked for is completed");
            await bed.session.transfer("request", { consent: true });
            await bed.session.transfer("complete", {});
            const { status } = await bed.session.read("status");
            const refusals: readonly number[] = [Status.UNSUPPORTED_CLUSTER, Status.UNSUPPORTED_ENDPOINT, Status.UNSUPPORTED_ACCESS];
            bed.check(refusals.includes(status), "the old Anchor still serves the datastore");
        },
    },
    {
        n: 10,
        reqs: ["R-244"],
        must: "A transfer that is never completed is over after a time.",
        fixture: "F1",
        needs: ["anchorTransfer", "clock"],
        when: "TransferAnchorRequest; an hour passes; AddACLToNode",
        then: "Status Committed; work goes on",
        async run(bed) {
            await bed.session.transfer("request", { consent: true });
            await bed.session.advance(3_600_000);
            bed.equal(((await bed.attribute("status")) as Fields)["state"], 1, "Status");
            await addAcl(bed, N1, fixtureAcl);
        },
    },
]);
