import { Status } from "../../src/core/status.js";
import { COMMITTED, failedWith, PENDING, UNANSWERED } from "../bed.js";
import { section } from "../conformance-case.js";
import { aclEntry, addAcl, addBinding, addToGroup, fixtureAcl, fixtureBinding, G1, group, K1, keySet, membership, N1, N2, refresh } from "../fixtures.js";
import { attributeNames, attributes, State, type Field } from "../specification.js";
import { equal, type Fields } from "../values.js";
import { N, valid } from "./valid-commands.js";

const { BUSY, CONSTRAINT_ERROR, FAILURE, RESOURCE_EXHAUSTED, TIMEOUT, UNSUPPORTED_ACCESS } = Status;

/** What holds of all commands and attributes. */
export const general = section("11.24", "GEN", [
    {
        n: 19,
        reqs: ["R-019"],
        must: "Names may have 32 bytes, and none.",
        fixture: "F1",
        when: "0 and 32 bytes, in one-byte and two-byte characters, in each command that has a name",
        then: "SUCCESS; stored unchanged",
        async run(bed) {
            for (const [at, friendlyName] of ["", "a".repeat(32), "ä".repeat(16)].entries()) {
                await bed.ok("addGroup", group(G1 + at, { friendlyName }));
                await bed.ok("addAdmin", { ...valid["addAdmin"]!, nodeId: BigInt(0xa1 + at), friendlyName });
                await bed.ok("addPendingNode", { nodeId: BigInt(0x90 + at), friendlyName });
                await bed.ok("updateNode", { ...N, friendlyName });
                await bed.ok("updateEndpointForNode", { endpointId: 1, ...N, friendlyName });
                await bed.row("groupList", { groupId: G1 + at, friendlyName });
                await bed.row("adminList", { nodeId: 0xa1 + at, friendlyName });
                await bed.row("nodeList", { nodeId: N1, friendlyName });
                await bed.row("nodeEndpointList", { nodeId: N1, endpointId: 1, friendlyName });
            }
        },
    },
    {
        n: 20,
        reqs: ["R-019", "R-014"],
        must: "Longer names are refused; bytes count, not characters.",
        fixture: "F1",
        when: "33 bytes; 17 two-byte characters",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            for (const friendlyName of ["a".repeat(33), "ä".repeat(17)]) {
                await bed.expect(CONSTRAINT_ERROR, "addGroup", group(G1, { friendlyName }));
                await bed.expect(CONSTRAINT_ERROR, "addAdmin", { ...valid["addAdmin"]!, friendlyName });
                await bed.expect(CONSTRAINT_ERROR, "addPendingNode", { nodeId: 0x90n, friendlyName });
                await bed.expect(CONSTRAINT_ERROR, "updateNode", { ...N, friendlyName });
                await bed.expect(CONSTRAINT_ERROR, "updateEndpointForNode", { endpointId: 1, ...N, friendlyName });
            }
        },
    },
    {
        n: 22,
        reqs: ["R-011", "R-010"],
        must: "The answer says that the change was recorded, and does not wait for the node.",
        fixture: "F1",
        needs: ["faults", "clock"],
        when: "AddACLToNode; the node takes 10 seconds for each answer",
        then: "SUCCESS at once; Pending; later Committed",
        async run(bed) {
            await bed.fault(N1, {}, { type: "delay", ms: 10_000 }, 4);
            const before = await bed.session.nowEpochS();
            await bed.ok("addAclToNode", { ...N, aclEntry: fixtureAcl });
            bed.check((await bed.session.nowEpochS()) - before < 5, "the answer waited for the node");
            await bed.expectRow("nodeAclList", { ...N, aclEntry: fixtureAcl }, PENDING);
            await bed.settle();
            await bed.expectRow("nodeAclList", { ...N, aclEntry: fixtureAcl }, COMMITTED);
        },
    },
    {
        n: 23,
        reqs: ["R-010", "R-025"],
        must: "Pending is reported before the node is contacted, Committed after its answer.",
        fixture: "FM",
        needs: ["subscriptions"],
        when: "UpdateKeySet of a set that N1 has",
        then: "reports with Pending, then with Committed; the KeySetWrite in between",
        async run(bed) {
            const seen = (await bed.reports()).length;
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1, 50) });
            await bed.settle();
            const reports = (await bed.reports()).slice(seen).filter(({ attribute }) => attribute === "nodeKeySetList");
            const firstIn = (state: number) =>
                reports.find(({ value }) => (value as readonly Fields[]).some(row => row["groupKeySetId"] === K1 && (row["statusEntry"] as Fields)["state"] === state));
            const pending = bed.found(firstIn(State.PENDING), "Pending is not reported");
            const committed = bed.found(firstIn(State.COMMITTED), "Committed is not reported");
            const write = bed.found((await bed.traffic(N1, { name: "keySetWrite" }))[0], "the node is not contacted");
            bed.check(pending.atMs <= write.atMs && write.atMs <= committed.atMs, "the order is another");
        },
    },
    {
        n: 25,
        reqs: ["R-023"],
        must: "FailureCode is there while the row is CommitFailed, and only then.",
        fixture: "F1",
        needs: ["faults"],
        when: "a write refused with BUSY, then accepted",
        then: "FailureCode BUSY in CommitFailed; 0 when Committed",
        async run(bed) {
            await bed.refuse(N1, { op: "write", name: "acl" }, BUSY);
            await bed.ok("addAclToNode", { ...N, aclEntry: fixtureAcl });
            await bed.settle(4_000);
            await bed.expectRow("nodeAclList", { ...N, aclEntry: fixtureAcl }, failedWith(BUSY));
            await bed.release(N1);
            await bed.ok("addAclToNode", { ...N, aclEntry: fixtureAcl });
            await bed.settle();
            await bed.expectRow("nodeAclList", { ...N, aclEntry: fixtureAcl }, COMMITTED);
        },
    },
    {
        n: 26,
        reqs: ["R-024"],
        must: "FailureCode is what the node said, or TIMEOUT if it said nothing.",
        fixture: "F1",
        needs: ["faults"],
        when: "no session; no answer; BUSY; FAILURE; UNSUPPORTED_ACCESS",
        then: "Pending or CommitFailed(TIMEOUT) for the first two; CommitFailed with the status",
        async run(bed) {
            const match = { op: "write", name: "acl" } as const;
            let subject = 70n;
            for (const effect of [{ type: "noSession" }, { type: "lost", executed: false }] as const) {
                await bed.fault(N1, match, effect, Infinity);
                await bed.ok("addAclToNode", { ...N, aclEntry: aclEntry([++subject]) });
                await bed.settle(40_000);
                await bed.expectRow("nodeAclList", { ...N, aclEntry: aclEntry([subject]) }, [PENDING, failedWith(TIMEOUT)]);
                await bed.release(N1);
                await refresh(bed, N1);
            }
            for (const status of [BUSY, FAILURE, UNSUPPORTED_ACCESS]) {
                const { listId } = await bed.row("nodeAclList", { aclEntry: aclEntry([subject]) });
                await bed.ok("removeAclFromNode", { listId, ...N });
                await bed.settle();
                await bed.refuse(N1, match, status);
                await bed.ok("addAclToNode", { ...N, aclEntry: aclEntry([++subject]) });
                await bed.settle(4_000);
                await bed.expectRow("nodeAclList", { ...N, aclEntry: aclEntry([subject]) }, failedWith(status));
                await bed.release(N1);
            }
        },
    },
    {
        n: 27,
        reqs: ["R-017"],
        must: "BUSY means that nothing changed, and that another try succeeds.",
        fixture: "F1",
        needs: ["faults"],
        setup: { limits: { queue: 2 } },
        when: "the queue for N1 is full; one more command; N1 goes on; the command again",
        then: "BUSY, everything as before; then SUCCESS",
        async run(bed) {
            await bed.hold(N1, { op: "write" });
            await bed.ok("addAclToNode", { ...N, aclEntry: aclEntry([70n]) });
            await bed.ok("addAclToNode", { ...N, aclEntry: aclEntry([71n]) });
            await bed.settle();
            await bed.expect(BUSY, "addAclToNode", { ...N, aclEntry: aclEntry([72n]) });
            await bed.release(N1);
            await bed.settle();
            await bed.ok("addAclToNode", { ...N, aclEntry: aclEntry([72n]) });
        },
    },
    {
        n: 30,
        reqs: ["R-022"],
        must: "UpdateTimestamp is the time of the last change of state.",
        fixture: "F1",
        needs: ["clock"],
        when: "an entry is added; an hour passes; it is removed and added",
        then: "the time of each change, as the server's clock has it",
        async run(bed) {
            const timeOf = async () => Number(((await bed.row("nodeAclList", { ...N, aclEntry: fixtureAcl }))["statusEntry"] as Fields)["updateTimestamp"]);
            await addAcl(bed, N1, fixtureAcl);
            const first = await timeOf();
            bed.check(Math.abs(first - (await bed.session.nowEpochS())) < 300, `UpdateTimestamp ${first} is not the server's time`);
            await bed.session.advance(3_600_000);
            bed.equal(await timeOf(), first, "the time of an entry that did not change");
            await refresh(bed, N1);
            const { listId } = await bed.row("nodeAclList", { ...N, aclEntry: fixtureAcl });
            await bed.ok("removeAclFromNode", { listId, ...N });
            await bed.settle();
            await addAcl(bed, N1, fixtureAcl);
            bed.check((await timeOf()) >= first + 3_000, "UpdateTimestamp does not move");
        },
    },
    {
        n: 32,
        reqs: ["R-025"],
        must: "Each change is reported, for the attributes that changed.",
        fixture: "FM2",
        needs: ["subscriptions"],
        when: "one command for each list",
        then: "a report of each attribute that changed, with its value; the data version moves",
        async run(bed) {
            const changes: readonly (readonly [string, Fields, readonly string[]])[] = [
                ["addKeySet", { groupKeySet: keySet(0x40) }, ["groupKeySetList"]],
                ["addGroup", group(0x200), ["groupList"]],
                ["addPendingNode", { nodeId: 0x90n, friendlyName: "" }, ["nodeList"]],
                ["addAdmin", valid["addAdmin"]!, ["adminList"]],
                ["updateEndpointForNode", { endpointId: 1, ...N, friendlyName: "Left" }, ["nodeEndpointList"]],
                ["addGroupIdToEndpointForNode", membership(N2, 2), ["endpointGroupIdList"]],
                ["addBindingToEndpointForNode", { ...N, endpointId: 1, binding: fixtureBinding }, ["endpointBindingList"]],
                ["addAclToNode", { ...N, aclEntry: fixtureAcl }, ["nodeAclList"]],
                ["updateKeySet", { groupKeySet: keySet(K1, 50) }, ["groupKeySetList", "nodeKeySetList"]],
            ];
            for (const [command, fields, expected] of changes) {
                const seen = (await bed.reports()).length;
                const before = (await bed.session.readAll()).dataVersion;
                await bed.ok(command, fields);
                await bed.settle();
                const reports = (await bed.reports()).slice(seen);
                for (const name of attributeNames) {
                    const last = reports.filter(({ attribute }) => attribute === name).at(-1);
                    bed.check(expected.includes(name) === (last !== undefined), `${command}: ${name} is ${last === undefined ? "not " : ""}reported`);
                    bed.check(last === undefined || equal(last.value, (await bed.session.read(name)).value), `${command}: the report of ${name} is not its value`);
                }
                const isMoved = !bed.has("dataVersions") || (await bed.session.readAll()).dataVersion !== before;
                bed.check(isMoved, `${command}: the data version does not move`);
            }
        },
    },
    {
        n: 33,
        reqs: ["R-018"],
        must: "A full list is answered with RESOURCE_EXHAUSTED.",
        fixture: "F0",
        when: "254 key sets; one more",
        then: "RESOURCE_EXHAUSTED; the list as before",
        async run(bed) {
            for (let count = (await bed.rows("groupKeySetList")).length; count < 254; count++) {
                await bed.session.invoke("addKeySet", { groupKeySet: keySet(0x1000 + count, count) });
            }
            await bed.expectRows("groupKeySetList", {}, 254);
            await bed.expect(RESOURCE_EXHAUSTED, "addKeySet", { groupKeySet: keySet(0x40) });
        },
    },
    {
        n: 34,
        reqs: ["R-018"],
        must: "Full flattened lists are answered with RESOURCE_EXHAUSTED.",
        fixture: "FK",
        setup: { limits: { rows: 3 } },
        when: "rows are limited to 3; memberships, bindings and entries up to it; one more each",
        then: "RESOURCE_EXHAUSTED; no row, no traffic",
        async run(bed) {
            for (const binding of [fixtureBinding, { group: 9 }, { group: 10 }]) {
                await addBinding(bed, N1, 1, binding);
            }
            await bed.expect(RESOURCE_EXHAUSTED, "addBindingToEndpointForNode", { ...N, endpointId: 1, binding: { group: 11 } });
            for (let subject = 70n; (await bed.rows("nodeAclList")).length < 3; subject++) {
                await addAcl(bed, N1, aclEntry([subject]));
            }
            await bed.expect(RESOURCE_EXHAUSTED, "addAclToNode", { ...N, aclEntry: aclEntry([90n]) });
            for (const [endpoint, groupId] of [
                [1, G1],
                [2, G1],
                [1, G1 + 1],
            ] as const) {
                await addToGroup(bed, N1, endpoint, groupId);
            }
            await bed.expect(RESOURCE_EXHAUSTED, "addGroupIdToEndpointForNode", membership(N1, 2, G1 + 1));
        },
    },
    {
        n: 50,
        reqs: ["R-016"],
        must: "An unknown command is refused.",
        fixture: "F0",
        needs: ["rawCommands"],
        when: "a command that the cluster does not have",
        then: "UNSUPPORTED_COMMAND",
        async run(bed) {
            await bed.expect(Status.UNSUPPORTED_COMMAND, "command20", {});
        },
    },
    {
        n: 51,
        reqs: ["R-001"],
        must: "All fourteen attributes are there, with values of their types.",
        fixture: "FM",
        when: "read all attributes",
        then: "fourteen, in the layout of Matter 1.6",
        async run(bed) {
            await addBinding(bed, N1, 1, fixtureBinding);
            const values = await bed.attributes();
            for (const { name, type, maxLength } of attributes) {
                const value = values[name];
                bed.check(value !== undefined && value !== null, `${name} is missing`);
                if (typeof type === "object" && "listOf" in type) {
                    const fields = (type.listOf as { readonly struct: readonly Field[] }).struct;
                    const known = fields.map(field => field.name);
                    for (const row of value as readonly Fields[]) {
                        const extra = Object.keys(row).filter(field => row[field] !== undefined && !known.includes(field));
                        const absent = fields.filter(field => field.optional !== true && row[field.name] === undefined).map(field => field.name);
                        bed.check(extra.length === 0 && absent.length === 0, `${name} has fields [${extra.join()}] too many, [${absent.join()}] too few`);
                    }
                    bed.check((value as readonly Fields[]).length <= maxLength!, `${name} is longer than ${maxLength}`);
                }
            }
            await bed.expectRow("nodeKeySetList", { ...N, groupKeySetId: K1 }, [COMMITTED, ...UNANSWERED]);
        },
    },
    {
        n: 31,
        reqs: ["R-026"],
        must: "Long lists are read whole.",
        fixture: "F0",
        when: "200 key sets and groups; read them",
        then: "every entry, as given",
        async run(bed) {
            for (let count = 0; count < 200; count++) {
                await bed.session.invoke("addKeySet", { groupKeySet: keySet(0x1000 + count, count, 3) });
                await bed.session.invoke("addGroup", group(0x1000 + count, { friendlyName: "x".repeat(32) }));
            }
            const [sets, groups] = [await bed.rows("groupKeySetList"), await bed.rows("groupList")];
            for (let count = 0; count < 200; count++) {
                bed.check(sets.some(set => equal(set, keySet(0x1000 + count, count, 3))), `key set ${0x1000 + count} is not read`);
                bed.check(groups.some(each => equal(each, group(0x1000 + count, { friendlyName: "x".repeat(32) }))), `group ${0x1000 + count} is not read`);
            }
        },
    },
]);
