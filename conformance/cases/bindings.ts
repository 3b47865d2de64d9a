import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, PENDING, UNANSWERED, UNANSWERED_REMOVAL, type Bed } from "../bed.js";
import { section } from "../conformance-case.js";
import { addBinding, fixtureBinding, join, member, N1, N2, NOBODY, secondBinding } from "../fixtures.js";
import type { Fields } from "../values.js";
import { matches } from "../values.js";
import { unknownTarget } from "./nodes.js";

const { BUSY, CONSTRAINT_ERROR, FAILURE, NOT_FOUND, SUCCESS, UNSUPPORTED_CLUSTER } = Status;
const ADD = "addBindingToEndpointForNode";
const REMOVE = "removeBindingFromEndpointForNode";
const WRITE = { op: "write", name: "binding" } as const;

const at = (binding: Fields, nodeId = N1, endpointId = 1): Fields => ({ nodeId: BigInt(nodeId), endpointId, binding });
const gone = (listId: number, nodeId = N1, endpointId = 1): Fields => ({ listId, endpointId, nodeId: BigInt(nodeId) });
const foreign = (endpoint: number, value: readonly Fields[]) =>
    ({ op: "write", endpoint, cluster: "Binding", name: "binding", value, mode: "append" }) as const;

async function bindingsOf(bed: Bed, endpoint = 1, nodeId = N1): Promise<readonly Fields[]> {
    return (await bed.member(nodeId)).bindings.filter(entry => entry["onEndpoint"] === endpoint);
}

async function expectOnNode(bed: Bed, binding: Fields, isThere = true, endpoint = 1, nodeId = N1): Promise<void> {
    const found = (await bindingsOf(bed, endpoint, nodeId)).some(entry => matches(entry, binding));
    bed.check(found === isThere, `a binding that should ${isThere ? "" : "not "}be on node ${nodeId} ${isThere ? "is not" : "is"}`);
}

export const addBindings = section("11.24.7.17", "ABN", [
    {
        n: 1,
        reqs: ["R-184"],
        must: "An unknown endpoint is refused.",
        fixture: "F1",
        when: "unknown node; known node, unknown endpoint",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), ADD, at(fixtureBinding, NOBODY));
            await bed.expect(unknownTarget(bed), ADD, at(fixtureBinding, N1, 77));
        },
    },
    {
        n: 2,
        reqs: ["R-186"],
        must: "A binding is brought to the node, under a ListID of its own.",
        fixture: "F1",
        needs: ["faults"],
        when: "unicast with cluster, group, unicast without cluster; the first write held",
        then: "Pending; then Committed; distinct ListIDs; the node has them",
        async run(bed) {
            const all = [fixtureBinding, { group: 0x101 }, { node: 7n, endpoint: 2 }];
            await bed.hold(N1, WRITE);
            for (const binding of all) {
                await bed.ok(ADD, at(binding));
            }
            await bed.settle();
            await bed.expectRow("endpointBindingList", { nodeId: N1, binding: all[2]! }, UNANSWERED);
            await bed.release(N1);
            await bed.settle();
            const ids = new Set<number>();
            for (const binding of all) {
                const row = await bed.expectRow("endpointBindingList", { nodeId: N1, endpointId: 1, binding }, COMMITTED);
                ids.add(Number(row["listId"]));
                await expectOnNode(bed, binding);
            }
            bed.equal(ids.size, all.length, "distinct ListIDs");
        },
    },
    {
        n: 3,
        reqs: ["R-185"],
        must: "A target that is neither an endpoint of a node nor a group is refused.",
        fixture: "F1",
        when: "{}; endpoint only; node only; node and group; all three; group 0",
        then: "CONSTRAINT_ERROR each; no row",
        async run(bed) {
            const targets = [{}, { endpoint: 1 }, { node: 7n }, { node: 7n, group: 1 }, { node: 7n, group: 1, endpoint: 1 }, { group: 0 }];
            for (const binding of targets) {
                await bed.expect([CONSTRAINT_ERROR], ADD, at(binding));
            }
            await bed.expectRows("endpointBindingList", {}, 0);
        },
    },
    {
        n: 4,
        reqs: ["R-187"],
        must: "A binding that is there is no change.",
        fixture: "FB",
        when: "the same binding again",
        then: "SUCCESS; one row, same ListID; no traffic",
        async run(bed) {
            const before = await bed.rows("endpointBindingList");
            await bed.ok(ADD, at(fixtureBinding));
            await bed.settle();
            bed.equal(await bed.rows("endpointBindingList"), before, "endpointBindingList");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 5,
        reqs: ["R-188"],
        must: "Another cluster, none, or another endpoint makes another binding.",
        fixture: "FB",
        when: "the same target without cluster, with cluster 8, on endpoint 2",
        then: "rows of their own",
        async run(bed) {
            await addBinding(bed, N1, 1, { node: 7n, endpoint: 1 });
            await addBinding(bed, N1, 1, { node: 7n, endpoint: 1, cluster: 8 });
            await addBinding(bed, N1, 2, fixtureBinding);
            await bed.expectRows("endpointBindingList", { nodeId: N1 }, 4);
        },
    },
    {
        n: 6,
        reqs: ["R-187", "R-212"],
        must: "A binding on its way out is kept when it is added again.",
        fixture: "FB",
        needs: ["faults"],
        when: "the removing write is held; the same binding again; released",
        then: "Committed, on the node",
        async run(bed) {
            const { listId } = await bed.row("endpointBindingList", { nodeId: N1 });
            await bed.hold(N1, WRITE);
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle();
            await bed.ok(ADD, at(fixtureBinding));
            await bed.release(N1);
            await bed.settle();
            await bed.expectRow("endpointBindingList", { nodeId: N1, binding: fixtureBinding }, COMMITTED);
            await expectOnNode(bed, fixtureBinding);
        },
    },
    {
        n: 7,
        reqs: ["R-187"],
        must: "A failed binding is tried again.",
        fixture: "F1",
        when: "the write is answered BUSY; the same binding with the node well again",
        then: "Committed",
        async run(bed) {
            await bed.refuse(N1, WRITE, BUSY);
            await bed.ok(ADD, at(fixtureBinding));
            await bed.settle(4_000);
            await bed.expectRow("endpointBindingList", { nodeId: N1 }, failedWith(BUSY));
            await bed.release(N1);
            await bed.ok(ADD, at(fixtureBinding));
            await bed.settle(4_000);
            await bed.expectRow("endpointBindingList", { nodeId: N1 }, COMMITTED);
        },
    },
    {
        n: 8,
        reqs: ["R-189"],
        must: "Other bindings of the endpoint stay, other endpoints are not written, and nothing is written when the list cannot be read.",
        fixture: "F1",
        needs: ["otherAdministrators"],
        when: "endpoint 1 has two bindings of others, endpoint 2 one; a binding for endpoint 1; another while reading fails",
        then: "three on endpoint 1; endpoint 2 untouched; no write after a failed read",
        async run(bed) {
            await bed.other(N1, foreign(1, [{ node: 20n, endpoint: 1 }, { group: 9 }]));
            await bed.other(N1, foreign(2, [{ node: 21n, endpoint: 1 }]));
            await bed.ok(ADD, at(fixtureBinding));
            await bed.settle();
            bed.equal((await bindingsOf(bed)).length, 3, "bindings on endpoint 1");
            bed.equal((await bed.traffic(N1, { ...WRITE, endpoint: 2 })).length, 0, "writes to endpoint 2");
            await bed.refuse(N1, { op: "read", name: "binding" }, FAILURE);
            await bed.mark();
            await bed.ok(ADD, at(secondBinding));
            await bed.settle(4_000);
            await bed.expectNoChanges(N1);
        },
    },
    {
        n: 10,
        reqs: ["R-186", "R-219"],
        must: "A node that was away gets the binding without anybody asking.",
        fixture: "F1",
        needs: ["reachability", "clock"],
        when: "N1 is away; it comes back; one period passes",
        then: "Pending; then Committed",
        async run(bed) {
            await bed.offline(N1);
            await bed.ok(ADD, at(fixtureBinding));
            await bed.settle();
            await bed.expectRow("endpointBindingList", { nodeId: N1 }, UNANSWERED);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectRow("endpointBindingList", { nodeId: N1 }, COMMITTED);
            await expectOnNode(bed, fixtureBinding);
        },
    },
    {
        n: 11,
        reqs: ["R-215"],
        must: "A binding that the node does not take fails alone.",
        fixture: "F0",
        needs: ["members", "traffic", "reachability", "clock"],
        when: "two bindings while N1 is away; it has no client of the second's cluster",
        then: "the first Committed; the second CommitFailed(CONSTRAINT_ERROR)",
        async run(bed) {
            await join(bed, member(N1, { bindingNeedsClient: true }));
            await bed.offline(N1);
            const bad = { node: 7n, endpoint: 1, cluster: 0x300 };
            await bed.ok(ADD, at(bad));
            await bed.ok(ADD, at(fixtureBinding));
            await bed.settle();
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectRow("endpointBindingList", { binding: fixtureBinding }, COMMITTED);
            await bed.expectRow("endpointBindingList", { binding: bad }, failedWith(CONSTRAINT_ERROR));
        },
    },
    {
        n: 12,
        reqs: ["R-235"],
        must: "An endpoint without Binding fails the row.",
        fixture: "F0",
        needs: ["members", "traffic"],
        when: "an endpoint without a Binding server",
        then: "SUCCESS; CommitFailed(UNSUPPORTED_CLUSTER)",
        async run(bed) {
            await join(bed, member(N1, { endpoints: [{ endpoint: 1, binding: false }] }));
            await bed.ok(ADD, at(fixtureBinding));
            await bed.settle();
            await bed.expectRow("endpointBindingList", { nodeId: N1 }, failedWith(UNSUPPORTED_CLUSTER));
        },
    },
    {
        n: 13,
        reqs: ["R-232"],
        must: "A binding that somebody else adds meanwhile is not lost.",
        fixture: "FB",
        needs: ["otherAdministrators", "faults"],
        when: "another administrator adds a binding after the server's last refresh",
        then: "both on the node",
        async run(bed) {
            await bed.other(N1, foreign(1, [{ node: 20n, endpoint: 1 }]));
            await bed.ok(ADD, at(secondBinding));
            await bed.settle();
            await expectOnNode(bed, secondBinding);
            await expectOnNode(bed, { node: 20n, endpoint: 1 });
            await expectOnNode(bed, fixtureBinding);
        },
    },
]);

export const removeBindings = section("11.24.7.18", "RBN", [
    {
        n: 1,
        reqs: ["R-190"],
        must: "An endpoint without bindings is refused.",
        fixture: "F1",
        when: "an endpoint without rows; an unknown node",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(unknownTarget(bed), REMOVE, gone(1));
            await bed.expect(unknownTarget(bed), REMOVE, gone(1, NOBODY));
        },
    },
    {
        n: 2,
        reqs: ["R-191"],
        must: "An unknown ListID removes nothing.",
        fixture: "FB",
        when: "ListID 999",
        then: "SUCCESS; nothing removed",
        async run(bed) {
            const before = await bed.rows("endpointBindingList");
            await bed.expect([SUCCESS, NOT_FOUND], REMOVE, gone(999));
            await bed.settle();
            bed.equal(await bed.rows("endpointBindingList"), before, "endpointBindingList");
            await bed.expectNoChanges(N1);
        },
    },
    {
        n: 3,
        reqs: ["R-192"],
        must: "A ListID of another endpoint or node removes nothing.",
        fixture: "F2",
        when: "bindings on endpoints 1 and 2 of N1, and on N2; the others' ListIDs for endpoint 1",
        then: "all three are there, on the nodes too",
        async run(bed) {
            await addBinding(bed, N1, 1, fixtureBinding);
            const onTwo = await addBinding(bed, N1, 2, fixtureBinding);
            const onN2 = await addBinding(bed, N2, 1, fixtureBinding);
            const own = await bed.rows("endpointBindingList");
            const isFree = (id: number) => !own.some(row => row["nodeId"] === BigInt(N1) && row["endpointId"] === 1 && row["listId"] === id);
            for (const listId of [onTwo, onN2].filter(isFree)) {
                await bed.expect([SUCCESS, NOT_FOUND], REMOVE, gone(listId));
            }
            await bed.settle();
            bed.equal(await bed.rows("endpointBindingList"), own, "endpointBindingList");
            await expectOnNode(bed, fixtureBinding, true, 2);
            await expectOnNode(bed, fixtureBinding, true, 1, N2);
        },
    },
    {
        n: 4,
        reqs: ["R-193", "R-189"],
        must: "One binding leaves the node, the others stay.",
        fixture: "FB",
        needs: ["otherAdministrators"],
        when: "a second binding and one of somebody else; the first is removed",
        then: "its row is gone; the node lacks only that one",
        async run(bed) {
            const { listId } = await bed.row("endpointBindingList", { nodeId: N1 });
            await addBinding(bed, N1, 1, secondBinding);
            await bed.other(N1, foreign(1, [{ group: 9 }]));
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle();
            await bed.expectNoRow("endpointBindingList", { listId });
            await expectOnNode(bed, fixtureBinding, false);
            await expectOnNode(bed, secondBinding);
            await expectOnNode(bed, { group: 9 });
        },
    },
    {
        n: 6,
        reqs: ["R-193", "R-219"],
        must: "A node that was away loses the binding without anybody asking.",
        fixture: "FB",
        needs: ["reachability", "clock"],
        when: "N1 is away; it comes back; one period passes",
        then: "DeletePending; then gone on both sides",
        async run(bed) {
            const { listId } = await bed.row("endpointBindingList", { nodeId: N1 });
            await bed.offline(N1);
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle();
            await bed.expectRow("endpointBindingList", { nodeId: N1 }, UNANSWERED_REMOVAL);
            await bed.online(N1);
            await bed.cleanUp();
            await bed.expectNoRow("endpointBindingList", { nodeId: N1 });
            await expectOnNode(bed, fixtureBinding, false);
        },
    },
    {
        n: 7,
        reqs: ["R-213", "R-193"],
        must: "Removing while it is being added ends with it gone.",
        fixture: "F1",
        needs: ["faults"],
        when: "the adding write is held; removed by its ListID; released",
        then: "gone on both sides",
        async run(bed) {
            await bed.hold(N1, WRITE);
            await bed.ok(ADD, at(fixtureBinding));
            await bed.settle();
            const { listId } = await bed.expectRow("endpointBindingList", { nodeId: N1 }, [PENDING, ...UNANSWERED]);
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.release(N1);
            await bed.settle();
            await bed.expectNoRow("endpointBindingList", { nodeId: N1 });
            await expectOnNode(bed, fixtureBinding, false);
        },
    },
    {
        n: 8,
        reqs: ["R-193", "R-039"],
        must: "A new binding's ListID is none of the living, and an old one removes nothing new.",
        fixture: "FB",
        when: "two more; the first removed; a new one added; the first's ListID again if it is free",
        then: "distinct ListIDs; nothing else removed",
        async run(bed) {
            const { listId } = await bed.row("endpointBindingList", { nodeId: N1 });
            await addBinding(bed, N1, 1, secondBinding);
            await addBinding(bed, N1, 1, { group: 9 });
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle();
            await addBinding(bed, N1, 1, { group: 10 });
            const rows = await bed.expectRows("endpointBindingList", { nodeId: N1 }, 3);
            if (rows.every(row => row["listId"] !== listId)) {
                await bed.expect([SUCCESS, NOT_FOUND], REMOVE, gone(Number(listId)));
                await bed.settle();
                await bed.expectRows("endpointBindingList", { nodeId: N1 }, 3);
            }
        },
    },
    {
        n: 50,
        reqs: ["R-193", "R-210"],
        must: "A removal that was refused is repeated as a removal.",
        fixture: "FB",
        needs: ["clock"],
        when: "the write is answered BUSY; the node is well again; one period passes",
        then: "CommitFailed(BUSY) or DeletePending; then gone on both sides",
        async run(bed) {
            const { listId } = await bed.row("endpointBindingList", { nodeId: N1 });
            await bed.refuse(N1, WRITE, BUSY);
            await bed.ok(REMOVE, gone(Number(listId)));
            await bed.settle(4_000);
            await bed.expectRow("endpointBindingList", { nodeId: N1 }, [failedWith(BUSY), ...UNANSWERED_REMOVAL]);
            await bed.release(N1);
            await bed.cleanUp();
            await bed.expectNoRow("endpointBindingList", { nodeId: N1 });
            await expectOnNode(bed, fixtureBinding, false);
        },
    },
]);
