import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, PENDING, UNANSWERED } from "../bed.js";
import { section } from "../conformance-case.js";
import { aclEntry, addAcl, CAT1, fixtureAcl, join, member, N1, N2, NOBODY } from "../fixtures.js";
import { AuthMode, catSubject, Privilege } from "../specification.js";
import type { Fields } from "../values.js";
import { ADD, administratorEntry, at, expectOnNode, gone, OTHER, REMOVE, WRITE } from "./access-control-checks.js";
import { unknownTarget } from "./nodes.js";

const { CONSTRAINT_ERROR, FAILURE, RESOURCE_EXHAUSTED, SUCCESS } = Status;

export const addAccess = section("11.24.7.19", "AAC", [
    {
        n: 2,
        reqs: ["R-195", "R-200"],
        must: "An entry is brought to the node beside those that are there.",
        fixture: "F1",
        needs: ["faults"],
        when: "entries for a node with targets, for a CAT, without targets; the first write held",
        then: "Pending; then Committed with distinct ListIDs; the node's list is the former one and these",
        async run(bed) {
            const before = (await bed.member(N1)).acl;
            const all = [OTHER, aclEntry([CAT1]), aclEntry([42n])];
            await bed.hold(N1, WRITE);
            for (const entry of all) {
                await bed.ok(ADD, at(entry));
            }
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: all[2]! }, UNANSWERED);
            await bed.release(N1);
            await bed.settle();
            const ids = new Set<number>();
            for (const entry of all) {
                ids.add(Number((await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: entry }, COMMITTED))["listId"]));
                await expectOnNode(bed, entry);
            }
            bed.equal(ids.size, all.length, "distinct ListIDs");
            for (const entry of before) {
                await expectOnNode(bed, entry);
            }
        },
    },
    {
        n: 3,
        reqs: ["R-196", "R-197"],
        must: "An entry that is there is no change, in whatever order it is written.",
        fixture: "F1",
        when: "the same with subjects and targets in another order; [] in place of null",
        then: "SUCCESS; one row each; no traffic",
        async run(bed) {
            await addAcl(bed, N1, OTHER);
            await addAcl(bed, N1, fixtureAcl);
            await bed.mark();
            const before = await bed.rows("nodeAclList");
            const reversed = (list: unknown) => [...(list as readonly Fields[])].reverse();
            await bed.ok(ADD, at({ ...OTHER, subjects: reversed(OTHER["subjects"]), targets: reversed(OTHER["targets"]) }));
            await bed.ok(ADD, at({ ...fixtureAcl, targets: [] }));
            await bed.settle();
            bed.equal(await bed.rows("nodeAclList"), before, "nodeAclList");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 4,
        reqs: ["R-197"],
        must: "Another privilege, auth mode or subject makes another entry.",
        fixture: "F0",
        needs: ["members", "traffic", "memberLimits"],
        when: "the same subject with View; in group auth mode; with one more subject",
        then: "rows of their own",
        async run(bed) {
            await join(bed, member(N1, { limits: { aclEntries: 8 } }));
            await addAcl(bed, N1, fixtureAcl);
            for (const entry of [aclEntry([7n], { privilege: Privilege.VIEW }), aclEntry([7n], { authMode: AuthMode.GROUP }), aclEntry([7n, 8n])]) {
                await addAcl(bed, N1, entry);
            }
        },
    },
    {
        n: 5,
        reqs: ["R-198"],
        must: "An entry that no device can hold is refused, or fails.",
        fixture: "F1",
        when: "PASE; Group with Administer; group subject 0; CASE subject 0; CAT version 0; empty target; target with endpoint and device type",
        then: "CONSTRAINT_ERROR (or SUCCESS and CommitFailed(CONSTRAINT_ERROR)); other entries stay",
        async run(bed) {
            const before = (await bed.member(N1)).acl;
            const target = (changes: Fields) => [{ cluster: null, endpoint: null, deviceType: null, ...changes }];
            const entries = [
                aclEntry([7n], { authMode: AuthMode.PASE }),
                aclEntry([7n], { authMode: AuthMode.GROUP, privilege: Privilege.ADMINISTER }),
                aclEntry([0n], { authMode: AuthMode.GROUP }),
                aclEntry([0n]),
                aclEntry([catSubject(1, 0)]),
                aclEntry([7n], { targets: target({}) }),
                aclEntry([7n], { targets: target({ endpoint: 1, deviceType: 0x100 }) }),
            ];
            for (const entry of entries) {
                if ((await bed.expect([CONSTRAINT_ERROR, SUCCESS], ADD, at(entry))) === SUCCESS) {
                    await bed.settle();
                    await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: entry }, failedWith(CONSTRAINT_ERROR));
                }
            }
            bed.equal((await bed.member(N1)).acl, before, "the node's list");
        },
    },
    {
        n: 6,
        reqs: ["R-198", "R-195"],
        must: "An entry for group messages is brought to the node.",
        fixture: "F1",
        when: "auth mode Group, Operate, subject 0x0101",
        then: "Committed",
        async run(bed) {
            const entry = aclEntry([0x101n], { authMode: AuthMode.GROUP });
            await addAcl(bed, N1, entry);
            await expectOnNode(bed, entry);
        },
    },
    {
        n: 7,
        reqs: ["R-199"],
        must: "More subjects or targets than the node holds are refused, or fail.",
        fixture: "F1",
        needs: ["memberLimits"],
        when: "5 subjects; 4 targets; 5000 subjects",
        then: "RESOURCE_EXHAUSTED or CONSTRAINT_ERROR (or SUCCESS and CommitFailed with either)",
        async run(bed) {
            const subjects = (count: number) => Array.from({ length: count }, (_, subject) => BigInt(subject + 50));
            const targets = Array.from({ length: 4 }, (_, endpoint) => ({ cluster: null, endpoint: endpoint + 1, deviceType: null }));
            for (const entry of [aclEntry(subjects(5)), aclEntry([7n], { targets }), aclEntry(subjects(5000))]) {
                if ((await bed.expect([RESOURCE_EXHAUSTED, CONSTRAINT_ERROR, SUCCESS], ADD, at(entry))) === SUCCESS) {
                    await bed.settle();
                    await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: entry }, [failedWith(RESOURCE_EXHAUSTED), failedWith(CONSTRAINT_ERROR)]);
                }
            }
            await administratorEntry(bed);
        },
    },
    {
        n: 8,
        reqs: ["R-195", "R-209"],
        must: "A full node fails the row, which shows until the next refresh.",
        fixture: "F1",
        needs: ["memberLimits", "clock"],
        when: "N1 takes 4 entries; a fifth; one period passes",
        then: "SUCCESS; CommitFailed(RESOURCE_EXHAUSTED), still so after the period; the 4 entries stay",
        async run(bed) {
            for (let subject = 50; (await bed.member(N1)).acl.length < 4; subject++) {
                await addAcl(bed, N1, aclEntry([BigInt(subject)]));
            }
            const before = (await bed.member(N1)).acl;
            await bed.ok(ADD, at(fixtureAcl));
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, failedWith(RESOURCE_EXHAUSTED));
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, failedWith(RESOURCE_EXHAUSTED));
            bed.equal((await bed.member(N1)).acl, before, "the node's list");
        },
    },
    {
        n: 9,
        reqs: ["R-195", "R-219"],
        must: "A node that was away gets the entry without anybody asking.",
        fixture: "F1",
        needs: ["reachability", "clock"],
        when: "N1 is away; it comes back; one period passes",
        then: "Pending; then Committed",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok(ADD, at(fixtureAcl));
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, UNANSWERED);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, COMMITTED);
            await expectOnNode(bed, fixtureAcl);
        },
    },
    {
        n: 11,
        reqs: ["R-201"],
        must: "Entries of one node never reach another.",
        fixture: "F2",
        needs: ["faults"],
        when: "an entry for N1, which is slow, and one for N2 at the same time",
        then: "each node has its own only",
        async run(bed) {
            await bed.fault(N1, {}, { type: "delay", ms: 5_000 }, 4);
            await bed.ok(ADD, at(fixtureAcl, N1));
            await bed.ok(ADD, at(OTHER, N2));
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, COMMITTED);
            await bed.expectRow("nodeAclList", { nodeId: N2, aclEntry: OTHER }, COMMITTED);
            await expectOnNode(bed, OTHER, false, N1);
            await expectOnNode(bed, fixtureAcl, false, N2);
        },
    },
    {
        n: 12,
        reqs: ["R-196", "R-212"],
        must: "An entry on its way out is kept when it is added again.",
        fixture: "FA",
        needs: ["faults"],
        when: "the removing write is held; the same entry again; released",
        then: "Committed, on the node",
        async run(bed) {
            const { listId } = await bed.row("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl });
            await bed.hold(N1, WRITE);
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle();
            await bed.ok(ADD, at(fixtureAcl));
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, COMMITTED);
            await expectOnNode(bed, fixtureAcl);
        },
    },
    {
        n: 13,
        reqs: ["R-215"],
        must: "An entry that the node does not take fails alone.",
        fixture: "F1",
        needs: ["reachability", "clock", "memberLimits"],
        when: "two entries while N1 is away; the first has more subjects than N1 holds",
        then: "the second Committed; the first CommitFailed",
        async run(bed) {
            await bed.offline(N1);
            const bad = aclEntry([51n, 52n, 53n, 54n, 55n]);
            const status = await bed.expect([SUCCESS, RESOURCE_EXHAUSTED, CONSTRAINT_ERROR], ADD, at(bad));
            await bed.ok(ADD, at(fixtureAcl));
            await bed.settle();
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, COMMITTED);
            if (status === SUCCESS) {
                await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: bad }, [failedWith(RESOURCE_EXHAUSTED), failedWith(CONSTRAINT_ERROR)]);
            }
        },
    },
    {
        n: 15,
        reqs: ["R-231", "R-233"],
        must: "A write that breaks off is no success, and loses nobody's access for good.",
        fixture: "FA",
        needs: ["faults", "clock"],
        when: "the list write breaks off after one entry; one period passes",
        then: "not Committed; then Committed, and the node has all former entries",
        async run(bed) {
            const before = (await bed.member(N1)).acl;
            await bed.fault(N1, WRITE, { type: "breakOff", entries: 1, status: FAILURE });
            await bed.hold(N1, { op: "read", name: "acl" });
            await bed.ok(ADD, at(OTHER));
            await bed.settle();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: OTHER }, [PENDING, ...UNANSWERED]);
            await bed.release(N1);
            await bed.cleanUp();
            await bed.cleanUp();
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: OTHER }, COMMITTED);
            for (const entry of before) {
                await expectOnNode(bed, entry);
            }
            await administratorEntry(bed);
        },
    },
    {
        n: 50,
        reqs: ["R-194"],
        must: "An unknown node is refused.",
        fixture: "F0",
        when: "a node that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), ADD, at(fixtureAcl, NOBODY));
        },
    },
    {
        n: 51,
        reqs: ["R-200"],
        must: "If the list cannot be read, nothing is written.",
        fixture: "F1",
        needs: ["faults"],
        when: "reading the list is answered FAILURE",
        then: "CommitFailed or Pending; no write; the list as before",
        async run(bed) {
            const before = (await bed.member(N1)).acl;
            await bed.refuse(N1, { op: "read", name: "acl" }, FAILURE);
            await bed.ok(ADD, at(fixtureAcl));
            await bed.settle(4_000);
            await bed.expectRow("nodeAclList", { nodeId: N1, aclEntry: fixtureAcl }, [failedWith(FAILURE), PENDING]);
            await bed.expectNoChanges(N1);
            bed.equal((await bed.member(N1)).acl, before, "the node's list");
        },
    },
]);
