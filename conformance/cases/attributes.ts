import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, type Bed } from "../bed.js";
import { section } from "../conformance-case.js";
import { aclEntry, addAcl, addBinding, addToGroup, fixtureAcl, fixtureBinding, G1, G2, group, groupChange, keySet, N1, N2, NOBODY, refresh, secondBinding } from "../fixtures.js";
import { attributeNames } from "../specification.js";
import { equal, type Fields } from "../values.js";

const { BUSY, INVALID_IN_STATE, SUCCESS, UNSUPPORTED_CLUSTER } = Status;

/** A restart changes nothing that is shown. */
async function expectSameAfter(bed: Bed, event: () => Promise<void>, but: readonly string[] = []): Promise<void> {
    const before = await bed.attributes();
    await event();
    const after = await bed.attributes();
    for (const name of attributeNames.filter(each => !but.includes(each))) {
        bed.equal(after[name], before[name], `${name} after a restart`);
    }
}

export const attributeCases = section("11.24.6", "ATT", [
    {
        n: 1,
        reqs: ["R-028"],
        must: "AnchorRootCA is a root that the Anchor trusts.",
        fixture: "F0",
        needs: ["identity"],
        when: "read AnchorRootCA",
        then: "1 to 400 bytes; one of the trusted roots",
        async run(bed) {
            const root = (await bed.attribute("anchorRootCa")) as Uint8Array;
            bed.check(root.length >= 1 && root.length <= 400, `AnchorRootCA has ${root.length} bytes`);
            const { trustedRoots } = await bed.session.identity();
            bed.check(trustedRoots.some(each => equal(each, root)), "AnchorRootCA is not trusted by the Anchor");
        },
    },
    {
        n: 2,
        reqs: ["R-029", "R-030"],
        must: "AnchorNodeID and AnchorVendorID are the serving node's.",
        fixture: "F0",
        needs: ["identity"],
        when: "read both",
        then: "equal to the node's",
        async run(bed) {
            const { nodeId, vendorId } = await bed.session.identity();
            bed.equal(await bed.attribute("anchorNodeId"), nodeId, "AnchorNodeID");
            bed.equal(await bed.attribute("anchorVendorId"), vendorId, "AnchorVendorID");
        },
    },
    {
        n: 3,
        reqs: ["R-031"],
        must: "The fabric's name has 1 to 32 bytes, and no command changes it.",
        fixture: "F1",
        when: "read FriendlyName; commands with names; read again",
        then: "the same",
        async run(bed) {
            const name = (await bed.attribute("friendlyName")) as string;
            bed.check(Buffer.byteLength(name) >= 1 && Buffer.byteLength(name) <= 32, `FriendlyName is ${JSON.stringify(name)}`);
            await bed.ok("addGroup", group(G1, { friendlyName: "other" }));
            await bed.ok("updateNode", { nodeId: BigInt(N1), friendlyName: "other" });
            await bed.ok("updateEndpointForNode", { endpointId: 1, nodeId: BigInt(N1), friendlyName: "other" });
            bed.equal(await bed.attribute("friendlyName"), name, "FriendlyName");
        },
    },
    {
        n: 4,
        reqs: ["R-032"],
        must: "The IPK is listed.",
        fixture: "F0",
        when: "read GroupKeySetList",
        then: "an entry with id 0",
        async run(bed) {
            await bed.row("groupKeySetList", { groupKeySetId: 0 });
        },
    },
    {
        n: 5,
        reqs: ["R-033", "R-152"],
        must: "Key sets keep their keys through refresh, group changes and restart.",
        fixture: "FK",
        needs: ["restart"],
        when: "AddGroupIDToEndpointForNode, RefreshNode, UpdateGroup, restart",
        then: "GroupKeySetList as before",
        async run(bed) {
            const before = await bed.rows("groupKeySetList");
            await addToGroup(bed, N1);
            await refresh(bed, N1);
            await bed.ok("updateGroup", groupChange(G1, { friendlyName: "Hall" }));
            await bed.settle();
            await bed.session.restart();
            bed.equal(await bed.rows("groupKeySetList"), before, "groupKeySetList");
        },
    },
    {
        n: 8,
        reqs: ["R-037"],
        must: "A formed, idle datastore is Committed.",
        fixture: "F0",
        when: "read Status",
        then: "Committed",
        async run(bed) {
            bed.equal(((await bed.attribute("status")) as Fields)["state"], 1, "Status");
        },
    },
    {
        n: 9,
        reqs: ["R-038"],
        must: "While the datastore is being handed over it takes no changes, and can be read.",
        fixture: "FK",
        needs: ["anchorTransfer"],
        when: "a transfer is accepted; commands; reads",
        then: "BUSY or INVALID_IN_STATE; reads succeed",
        async run(bed) {
            await bed.session.transfer("request", { consent: true });
            const commands: readonly (readonly [string, Fields])[] = [
                ["addKeySet", { groupKeySet: keySet(0x20) }],
                ["removeGroup", { groupId: G2 }],
                ["addPendingNode", { nodeId: BigInt(NOBODY), friendlyName: "" }],
                ["addAclToNode", { nodeId: BigInt(N1), aclEntry: fixtureAcl }],
                ["refreshNode", { nodeId: BigInt(N1) }],
            ];
            for (const [command, fields] of commands) {
                await bed.expect([BUSY, INVALID_IN_STATE], command, fields);
            }
            await bed.row("groupList", { groupId: G2 });
        },
    },
    {
        n: 10,
        reqs: ["R-036", "R-028", "R-251"],
        must: "A fabric is formed at once and whole.",
        fixture: "none",
        when: "read before formation; form; read",
        then: "not served, or Pending; then IPK, both groups, first administrator, Anchor's facts, Committed",
        async run(bed) {
            const before = await bed.session.read("status");
            bed.check(before.status !== SUCCESS || (before.value as Fields)["state"] === 0, "an unformed datastore is ready");
            if (before.status !== SUCCESS) {
                bed.check([UNSUPPORTED_CLUSTER, Status.UNSUPPORTED_ENDPOINT, Status.UNSUPPORTED_ACCESS].includes(before.status as never), "the wrong status");
            }
            await bed.session.form();
            await bed.row("groupKeySetList", { groupKeySetId: 0 });
            await bed.row("groupList", { groupCat: 0xffff });
            await bed.row("groupList", { groupCat: 0xfffe });
            const [anchor] = await bed.expectRows("adminList", {}, 1);
            bed.equal(await bed.attribute("anchorNodeId"), anchor!["nodeId"], "AnchorNodeID");
            bed.check(((await bed.attribute("anchorRootCa")) as Uint8Array).length > 0, "AnchorRootCA is empty");
            bed.equal(((await bed.attribute("status")) as Fields)["state"], 1, "Status");
        },
    },
    {
        n: 11,
        reqs: ["R-039"],
        must: "ListIDs are unique, stay with their entry, and outlive a restart.",
        fixture: "F2",
        needs: ["restart"],
        when: "bindings and entries on two nodes; the middle ones removed; new ones added; restart",
        then: "survivors keep theirs; new ones are none of the living",
        async run(bed) {
            const bindings = [await addBinding(bed, N1, 1, fixtureBinding), await addBinding(bed, N1, 1, secondBinding), await addBinding(bed, N2, 1, fixtureBinding)];
            const entries = [await addAcl(bed, N1, fixtureAcl), await addAcl(bed, N1, aclEntry([8n])), await addAcl(bed, N2, fixtureAcl)];
            await bed.ok("removeBindingFromEndpointForNode", { listId: bindings[1], endpointId: 1, nodeId: BigInt(N1) });
            await bed.ok("removeAclFromNode", { listId: entries[1], nodeId: BigInt(N1) });
            await bed.settle();
            await bed.session.restart();
            const fresh = [await addBinding(bed, N1, 1, { group: 9 }), await addAcl(bed, N1, aclEntry([9n]))];
            bed.check(![bindings[0], bindings[2]].includes(fresh[0]), "a new binding has a living one's ListID");
            bed.check(![entries[0], entries[2]].includes(fresh[1]), "a new entry has a living one's ListID");
            await bed.expectRow("endpointBindingList", { nodeId: N1, listId: bindings[0], binding: fixtureBinding }, COMMITTED);
            await bed.expectRow("nodeAclList", { nodeId: N2, listId: entries[2], aclEntry: fixtureAcl }, COMMITTED);
        },
    },
    {
        n: 12,
        reqs: ["R-039"],
        must: "ListIDs stay unique when the counter starts over.",
        fixture: "F1",
        setup: { firstListId: 65534 },
        when: "bindings beyond ListID 65535",
        then: "distinct ListIDs of 16 bits",
        async run(bed) {
            const ids = new Set<number>();
            for (let node = 50n; node < 55n; node++) {
                ids.add(await addBinding(bed, N1, 1, { node, endpoint: 1 }));
            }
            bed.equal(ids.size, 5, "distinct ListIDs");
            bed.check(Math.max(...ids) <= 0xffff, "a ListID has more than 16 bits");
        },
    },
    {
        n: 13,
        reqs: ["R-040"],
        must: "The lists hold the rows of all nodes.",
        fixture: "FM2",
        when: "memberships, bindings and entries on two nodes",
        then: "rows of both, each with its node and endpoint",
        async run(bed) {
            for (const nodeId of [N1, N2]) {
                await addBinding(bed, nodeId, 2, fixtureBinding);
                await addAcl(bed, nodeId, fixtureAcl);
                await bed.row("endpointBindingList", { nodeId, endpointId: 2 });
                await bed.row("endpointGroupIdList", { nodeId, endpointId: 1, groupId: G1 });
                await bed.row("nodeAclList", { nodeId, aclEntry: fixtureAcl });
                await bed.expectRows("nodeEndpointList", { nodeId, endpointId: 2 }, 1);
            }
        },
    },
    {
        n: 14,
        reqs: ["R-041"],
        must: "All attributes outlive a restart.",
        fixture: "FM2",
        needs: ["restart", "faults", "reachability"],
        when: "rows in every state; restart",
        then: "the same, failures with their codes, timestamps and ListIDs",
        async run(bed) {
            await addBinding(bed, N1, 1, fixtureBinding);
            await bed.refuse(N1, { op: "write", name: "acl" }, Status.RESOURCE_EXHAUSTED);
            await bed.ok("addAclToNode", { nodeId: BigInt(N1), aclEntry: fixtureAcl });
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, failedWith(Status.RESOURCE_EXHAUSTED));
            await bed.offline(N2);
            await bed.ok("removeGroupIdFromEndpointForNode", { nodeId: BigInt(N2), endpointId: 1, groupId: G1 });
            await bed.ok("addAclToNode", { nodeId: BigInt(N2), aclEntry: fixtureAcl });
            await bed.settle();
            await expectSameAfter(bed, () => bed.session.restart());
        },
    },
    {
        n: 15,
        reqs: ["R-042"],
        must: "A crash takes nothing that was acknowledged, and leaves nothing half done.",
        fixture: "FK",
        needs: ["crashPoints"],
        when: "the server ends at its first, second and third durable write of a command",
        then: "acknowledged commands are there; others wholly or not at all",
        async run(bed) {
            for (const count of [1, 2, 3]) {
                await bed.session.killAfterWrites(count);
                const set = keySet(0x30 + count);
                const { status: first } = await bed.invoke("addKeySet", { groupKeySet: set });
                const given = group(0x300 + count, { groupKeySetId: 0x30 + count });
                const { status: second } = await bed.invoke("addGroup", given);
                const { status: third } = await bed.invoke("addGroupIdToEndpointForNode", { nodeId: BigInt(N1), endpointId: 1, groupId: 0x300 + count });
                const sets = await bed.rows("groupKeySetList", { groupKeySetId: 0x30 + count });
                const groups = await bed.rows("groupList", { groupId: 0x300 + count });
                const members = await bed.rows("endpointGroupIdList", { groupId: 0x300 + count });
                bed.check(first !== SUCCESS || (sets.length === 1 && equal(sets[0], set)), "an acknowledged key set is lost");
                bed.check(second !== SUCCESS || (groups.length === 1 && equal(groups[0], given)), "an acknowledged group is lost");
                bed.check(third !== SUCCESS || members.length === 1, "an acknowledged membership is lost");
                const keys = await bed.rows("nodeKeySetList", { groupKeySetId: 0x30 + count });
                bed.equal(keys.length, members.length, "rows of the key set for rows of the membership");
            }
        },
    },
]);
