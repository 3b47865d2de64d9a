import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, PENDING, UNANSWERED } from "../bed.js";
import { section } from "../conformance-case.js";
import { addGroups, addToGroup, G1, G2, G3, group, join, K1, K2, keySet, member, membership, N1, NOBODY } from "../fixtures.js";
import { matches } from "../values.js";
import { ADD, expectIn, KEY_ROW } from "./membership-checks.js";
import { unknownTarget } from "./nodes.js";

const { BUSY, CONSTRAINT_ERROR, FAILURE, INVALID_IN_STATE, NOT_FOUND, RESOURCE_EXHAUSTED, SUCCESS, UNSUPPORTED_ACCESS, UNSUPPORTED_CLUSTER } = Status;
/** AddGroupIDToEndpointForNode. */
export const addMembership = section("11.24.7.15", "AGE", [
    {
        n: 1,
        reqs: ["R-165"],
        must: "An unknown endpoint is refused.",
        fixture: "FK",
        when: "unknown node; known node, unknown endpoint",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), ADD, membership(NOBODY));
            await bed.expect(unknownTarget(bed), ADD, membership(N1, 77));
        },
    },
    {
        n: 2,
        reqs: ["R-166"],
        must: "An unknown group is refused.",
        fixture: "F1",
        when: "a group that is not listed",
        then: "CONSTRAINT_ERROR; no row, no traffic",
        async run(bed) {
            await bed.expect([CONSTRAINT_ERROR, NOT_FOUND], ADD, membership(N1));
            await bed.settle();
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 3,
        reqs: ["R-167", "R-169", "R-170"],
        must: "Key set, map and membership are brought to the node in this order.",
        fixture: "FK",
        needs: ["faults"],
        when: "AddGroupIDToEndpointForNode; AddGroup held",
        then: "Pending; then both rows Committed; KeySetWrite, GroupKeyMap, AddGroup; the endpoint is a member",
        async run(bed) {
            await bed.hold(N1, { name: "addGroup" });
            await bed.ok(ADD, membership(N1));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), UNANSWERED);
            await bed.release(N1);
            await bed.settle();
            await expectIn(bed);
            await bed.expectOrder(N1, ["keySetWrite", "groupKeyMap", "addGroup"]);
        },
    },
    {
        n: 4,
        reqs: ["R-168"],
        must: "A key set that is there is not written again.",
        fixture: "FM",
        when: "another endpoint in the same group; another group with the same key set",
        then: "no KeySetWrite; one row for the key set; new rows Committed",
        async run(bed) {
            await addToGroup(bed, N1, 2, G1);
            await addToGroup(bed, N1, 1, G2);
            await bed.expectRows("nodeKeySetList", KEY_ROW, 1);
            bed.check(!(await bed.changes(N1)).includes("keySetWrite"), "the key set is written again");
        },
    },
    {
        n: 5,
        reqs: ["R-171"],
        must: "A membership that is there is no change.",
        fixture: "FM",
        when: "the same command again",
        then: "SUCCESS; one row, Committed; no traffic",
        async run(bed) {
            await bed.ok(ADD, membership(N1));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), COMMITTED);
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 6,
        reqs: ["R-171"],
        must: "A membership on its way is not queued twice.",
        fixture: "FK",
        needs: ["faults"],
        when: "the same command twice while AddGroup is held",
        then: "one row, one AddGroup",
        async run(bed) {
            await bed.hold(N1, { name: "keySetWrite" });
            await bed.ok(ADD, membership(N1));
            await bed.settle();
            await bed.ok(ADD, membership(N1));
            await bed.ok(ADD, membership(N1));
            await bed.release(N1);
            await bed.settle();
            await expectIn(bed);
            bed.equal((await bed.traffic(N1, { name: "addGroup" })).length, 1, "AddGroup requests");
        },
    },
    {
        n: 7,
        reqs: ["R-171"],
        must: "A failed membership is tried again.",
        fixture: "FK",
        needs: ["faults"],
        when: "AddGroup answered BUSY; the same command with the node well again",
        then: "Committed",
        async run(bed) {
            await bed.fault(N1, { name: "addGroup" }, { type: "payloadStatus", status: BUSY }, Infinity);
            await bed.ok(ADD, membership(N1));
            await bed.settle(4_000);
            await bed.expectRow("endpointGroupIdList", membership(N1), failedWith(BUSY));
            await bed.release(N1);
            await bed.ok(ADD, membership(N1));
            await bed.settle(4_000);
            await expectIn(bed);
        },
    },
    {
        n: 8,
        reqs: ["R-171", "R-212"],
        must: "A membership on its way out is kept when it is added again.",
        fixture: "FM",
        needs: ["reachability", "clock"],
        when: "N1 is away; removed and added again; N1 comes back",
        then: "Committed, a member, with its key set",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            await bed.ok(ADD, membership(N1));
            await bed.expectRow("endpointGroupIdList", membership(N1), PENDING);
            await bed.online(N1);
            await bed.cleanUp();
            await expectIn(bed);
        },
    },
    {
        n: 9,
        reqs: ["R-168", "R-212"],
        must: "A key set on its way out is kept when it is needed again.",
        fixture: "FM",
        needs: ["faults"],
        when: "KeySetRemove is held; the membership, gone already, is added again; released",
        then: "both Committed, the key set on the node",
        async run(bed) {
            await bed.hold(N1, { name: "keySetRemove" });
            await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
            await bed.settle();
            await bed.expectNoRow("endpointGroupIdList", membership(N1));
            await bed.ok(ADD, membership(N1));
            await bed.release(N1);
            await bed.settle();
            await expectIn(bed);
        },
    },
    {
        n: 10,
        reqs: ["R-172", "R-167"],
        must: "Without its key set on the node a group is not added.",
        fixture: "FK",
        when: "the node answers RESOURCE_EXHAUSTED to KeySetWrite",
        then: "SUCCESS; membership Pending, key set CommitFailed or Pending; AddGroup is not sent",
        async run(bed) {
            await bed.refuse(N1, { name: "keySetWrite" }, RESOURCE_EXHAUSTED);
            await bed.ok(ADD, membership(N1));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), PENDING);
            await bed.expectRow("nodeKeySetList", KEY_ROW, [failedWith(RESOURCE_EXHAUSTED), PENDING]);
            bed.check(!(await bed.changes(N1)).includes("addGroup"), "AddGroup is sent");
        },
    },
    {
        n: 11,
        reqs: ["R-170", "R-175"],
        must: "A refusal inside AddGroupResponse fails the row with that status.",
        fixture: "FK",
        needs: ["faults"],
        when: "AddGroupResponse with RESOURCE_EXHAUSTED, CONSTRAINT_ERROR, UNSUPPORTED_ACCESS, INVALID_IN_STATE",
        then: "SUCCESS; CommitFailed with the status; the key set Committed",
        async run(bed) {
            for (const status of [RESOURCE_EXHAUSTED, CONSTRAINT_ERROR, UNSUPPORTED_ACCESS, INVALID_IN_STATE]) {
                await bed.fault(N1, { name: "addGroup" }, { type: "payloadStatus", status }, Infinity);
                await bed.ok(ADD, membership(N1));
                await bed.settle(4_000);
                await bed.expectRow("endpointGroupIdList", membership(N1), failedWith(status));
                await bed.expectRow("nodeKeySetList", KEY_ROW, COMMITTED);
                await bed.release(N1);
                await bed.ok("removeGroupIdFromEndpointForNode", membership(N1));
                await bed.settle();
            }
        },
    },
    {
        n: 12,
        reqs: ["R-173"],
        must: "A group without key set cannot be added to an endpoint.",
        fixture: "F1",
        when: "a group whose key set is null",
        then: "CONSTRAINT_ERROR (or SUCCESS, and never Committed)",
        async run(bed) {
            await bed.ok("addGroup", group(G1));
            if ((await bed.expect([CONSTRAINT_ERROR, SUCCESS], ADD, membership(N1))) === SUCCESS) {
                await bed.settle();
                await bed.expectRow("endpointGroupIdList", membership(N1), [failedWith(UNSUPPORTED_ACCESS), PENDING]);
            }
        },
    },
    {
        n: 14,
        reqs: ["R-170", "R-219"],
        must: "A node that was away joins without anybody asking.",
        fixture: "FK",
        needs: ["reachability", "clock"],
        when: "N1 is away; it comes back; one period passes",
        then: "SUCCESS; Pending; then Committed",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok(ADD, membership(N1));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), UNANSWERED);
            await bed.online(N1);
            await bed.cleanUp();
            await expectIn(bed);
        },
    },
    {
        n: 15,
        reqs: ["R-169", "R-230"],
        must: "Other entries of the node's key map stay.",
        fixture: "FK",
        needs: ["otherAdministrators"],
        when: "the node maps group 0x0200 to key set 7",
        then: "both entries are there",
        async run(bed) {
            const foreign = { groupId: 0x200, groupKeySetId: 7 };
            await bed.other(N1, { op: "write", endpoint: 0, cluster: "GroupKeyManagement", name: "groupKeyMap", value: [foreign], mode: "append" });
            await bed.ok(ADD, membership(N1));
            await bed.settle();
            await expectIn(bed);
            const { groupKeyMap } = await bed.member(N1);
            bed.check(groupKeyMap.some(entry => matches(entry, foreign)), "the other entry is gone");
        },
    },
    {
        n: 16,
        reqs: ["R-169", "R-230"],
        must: "If the key map cannot be read or written, it is not overwritten, and the group is not added.",
        fixture: "FM",
        needs: ["faults"],
        when: "reading, then writing GroupKeyMap is answered with an error",
        then: "a row CommitFailed or Pending; the map as before; AddGroup not sent",
        async run(bed) {
            const before = (await bed.member(N1)).groupKeyMap;
            const faults = [
                { op: "read", status: FAILURE },
                { op: "write", status: RESOURCE_EXHAUSTED },
            ] as const;
            for (const [at, { op, status }] of faults.entries()) {
                const given = membership(N1, 1, [G2, G3][at]);
                await bed.refuse(N1, { op, name: "groupKeyMap" }, status);
                await bed.ok(ADD, given);
                await bed.settle(4_000);
                await bed.expectRow("endpointGroupIdList", given, [failedWith(status), PENDING]);
                bed.equal((await bed.member(N1)).groupKeyMap, before, "the key map");
                bed.check(!(await bed.changes(N1)).includes("addGroup"), "AddGroup is sent");
                await bed.release(N1);
                await bed.ok("removeGroupIdFromEndpointForNode", given);
                await bed.settle();
                await bed.mark();
            }
        },
    },
    {
        n: 17,
        reqs: ["R-101", "R-170"],
        must: "A device gets at most 16 bytes of the name, in whole characters.",
        fixture: "F1",
        when: "groups with names of 32 bytes, one of two-byte characters",
        then: "Committed; the name that is sent has at most 16 bytes and is a beginning of the group's, or empty",
        async run(bed) {
            await bed.ok("addKeySet", { groupKeySet: keySet(K1) });
            for (const [at, friendlyName] of ["abcdefghijklmnopqrstuvwxyzabcdef", `a${"ö".repeat(15)}`].entries()) {
                await bed.ok("addGroup", group(G1 + at, { friendlyName, groupKeySetId: K1 }));
                await addToGroup(bed, N1, 1, G1 + at);
                const [sent] = (await bed.traffic(N1, { name: "addGroup" })).slice(-1);
                const { groupName } = bed.found(sent, "AddGroup is not sent").value as { readonly groupName: string };
                bed.check(Buffer.byteLength(groupName) <= 16 && friendlyName.startsWith(groupName), `the name that is sent is ${JSON.stringify(groupName)}`);
            }
        },
    },
    {
        n: 18,
        reqs: ["R-235"],
        must: "An endpoint without Groups fails the row.",
        fixture: "F0",
        needs: ["members", "traffic"],
        when: "an endpoint without a Groups server",
        then: "SUCCESS; CommitFailed(UNSUPPORTED_CLUSTER)",
        async run(bed) {
            await join(bed, member(N1, { endpoints: [{ endpoint: 1, groups: false }, { endpoint: 2 }] }));
            await addGroups(bed);
            await bed.ok(ADD, membership(N1));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1), failedWith(UNSUPPORTED_CLUSTER));
        },
    },
    {
        n: 20,
        reqs: ["R-018", "R-231"],
        must: "What does not fit on the node fails in its own row.",
        fixture: "F0",
        needs: ["members", "traffic", "memberLimits"],
        when: "a node for 4 groups and 3 key sets; a fifth group, a third key set beside the IPK",
        then: "CommitFailed(RESOURCE_EXHAUSTED) for these; the others Committed",
        async run(bed) {
            await join(bed, member(N1, { limits: { groups: 4, keySets: 3 } }));
            await addGroups(bed);
            for (const groupId of [G1, G2, G3]) {
                await addToGroup(bed, N1, 1, groupId);
            }
            await bed.ok("addKeySet", { groupKeySet: keySet(0x0d) });
            await bed.ok("addGroup", group(0x110, { groupKeySetId: 0x0d }));
            await bed.ok(ADD, membership(N1, 1, 0x110));
            await bed.settle();
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: 0x0d }, failedWith(RESOURCE_EXHAUSTED));
            for (const groupId of [0x111, 0x112]) {
                await bed.ok("addGroup", group(groupId, { groupKeySetId: K2 }));
            }
            await addToGroup(bed, N1, 1, 0x111);
            await bed.ok(ADD, membership(N1, 1, 0x112));
            await bed.settle();
            await bed.expectRow("endpointGroupIdList", membership(N1, 1, 0x112), failedWith(RESOURCE_EXHAUSTED));
            await bed.expectRow("nodeKeySetList", { nodeId: N1, groupKeySetId: K2 }, COMMITTED);
        },
    },
    {
        n: 50,
        reqs: ["R-174"],
        must: "A group whose key set is not there yet is held pending.",
        fixture: "F1",
        needs: ["clock"],
        when: "the group names a key set that is not listed; later AddKeySet",
        then: "SUCCESS; Pending, nothing sent; then Committed",
        async run(bed) {
            await bed.ok("addGroup", group(G1, { groupKeySetId: K1 }));
            if ((await bed.expect([SUCCESS, CONSTRAINT_ERROR, NOT_FOUND], ADD, membership(N1))) === SUCCESS) {
                await bed.settle();
                await bed.expectRow("endpointGroupIdList", membership(N1), PENDING);
                await bed.expectNoChanges(N1);
                await bed.ok("addKeySet", { groupKeySet: keySet(K1) });
                await bed.cleanUp();
                await expectIn(bed);
            }
        },
    },
    {
        n: 51,
        reqs: ["R-236"],
        must: "The node gets the key set as it is stored.",
        fixture: "F1",
        when: "a set with three slots",
        then: "KeySetWrite with the same policy, keys and start times",
        async run(bed) {
            await bed.ok("addKeySet", { groupKeySet: keySet(K1, 33, 3) });
            await bed.ok("addGroup", group(G1, { groupKeySetId: K1 }));
            await addToGroup(bed, N1);
            const [write] = await bed.traffic(N1, { name: "keySetWrite" });
            const sent = (bed.found(write, "the key set is not written").value as { groupKeySet: never }).groupKeySet;
            bed.check(matches(sent, keySet(K1, 33, 3)), "the node gets another key set than is stored");
        },
    },
]);
