import { Status } from "../../src/core/status.js";
import { section } from "../conformance-case.js";
import { epochKey, group, K1, keySet, N1 } from "../fixtures.js";
import type { Fields } from "../values.js";

const { CONSTRAINT_ERROR, INVALID_COMMAND, SUCCESS } = Status;
const A = 0x000a;

const slots = (...given: readonly (readonly [Uint8Array | null, bigint | null])[]): Fields => {
    const set: Record<string, Fields[string]> = { ...keySet(A) };
    for (let slot = 0; slot < 3; slot++) {
        const [key, start] = given[slot] ?? [null, null];
        set[`epochKey${slot}`] = key;
        set[`epochStartTime${slot}`] = start;
    }
    return set;
};

export const addKeySet = section("11.24.7.1", "AKS", [
    {
        n: 1,
        reqs: ["R-044", "R-045"],
        must: "A key set is stored as given, and no node hears of it.",
        fixture: "F1",
        when: "AddKeySet with three slots",
        then: "SUCCESS; listed as given; no row on any node, no traffic",
        async run(bed) {
            const set = keySet(A, A, 3);
            const before = await bed.rows("nodeKeySetList");
            await bed.ok("addKeySet", { groupKeySet: set });
            await bed.settle();
            bed.equal(await bed.row("groupKeySetList", { groupKeySetId: A }), set, "the stored key set");
            bed.equal(await bed.rows("nodeKeySetList"), before, "nodeKeySetList");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 2,
        reqs: ["R-043"],
        must: "An id that is listed is refused, whatever comes with it.",
        fixture: "F0",
        when: "AddKeySet twice with one id: equal content, other content",
        then: "CONSTRAINT_ERROR; the first content stays",
        async run(bed) {
            await bed.ok("addKeySet", { groupKeySet: keySet(A) });
            await bed.expect(CONSTRAINT_ERROR, "addKeySet", { groupKeySet: keySet(A) });
            await bed.expect(CONSTRAINT_ERROR, "addKeySet", { groupKeySet: keySet(A, 99) });
            bed.equal(await bed.row("groupKeySetList", { groupKeySetId: A }), keySet(A), "the stored key set");
        },
    },
    {
        n: 3,
        reqs: ["R-043"],
        must: "The IPK cannot be added again.",
        fixture: "F0",
        when: "AddKeySet with id 0",
        then: "CONSTRAINT_ERROR; the IPK stays",
        async run(bed) {
            await bed.expect(CONSTRAINT_ERROR, "addKeySet", { groupKeySet: keySet(0, 77) });
        },
    },
    {
        n: 4,
        reqs: ["R-046"],
        must: "No security policy but TrustFirst is taken.",
        fixture: "F0",
        when: "AddKeySet with policy 1",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            await bed.expect(CONSTRAINT_ERROR, "addKeySet", { groupKeySet: { ...keySet(A), groupKeySecurityPolicy: 1 } });
        },
    },
    {
        n: 5,
        reqs: ["R-047"],
        must: "An epoch key has 16 bytes, in every slot.",
        fixture: "F0",
        when: "AddKeySet with keys of 0, 15, 17 and 32 bytes, in each slot",
        then: "CONSTRAINT_ERROR each",
        async run(bed) {
            for (const slot of [0, 1, 2]) {
                for (const length of [0, 15, 17, 32]) {
                    const groupKeySet = { ...keySet(A, A, 3), [`epochKey${slot}`]: epochKey(A, length) };
                    await bed.expect(CONSTRAINT_ERROR, "addKeySet", { groupKeySet });
                }
            }
        },
    },
    {
        n: 6,
        reqs: ["R-048"],
        must: "A key set that no node could take is refused.",
        fixture: "F0",
        when: "AddKeySet: no key 0; no start 0; start 0 is 0; starts that do not increase; key 2 without key 1; key without start",
        then: "CONSTRAINT_ERROR each (profile lenient: SUCCESS)",
        async run(bed) {
            const key = epochKey(1);
            const sets = [
                slots([null, 5n]),
                slots([key, null]),
                slots([key, 0n]),
                slots([key, 5n], [key, 5n]),
                slots([key, 5n], [key, 4n]),
                slots([key, 5n], [null, null], [key, 6n]),
                slots([key, 5n], [key, null]),
            ];
            for (const groupKeySet of sets) {
                const accepted = bed.profile.epochRules === "lenient" ? [SUCCESS, CONSTRAINT_ERROR] : [CONSTRAINT_ERROR, INVALID_COMMAND];
                if ((await bed.expect(accepted, "addKeySet", { groupKeySet })) === SUCCESS) {
                    await bed.ok("removeKeySet", { groupKeySetId: A });
                }
            }
        },
    },
    {
        n: 7,
        reqs: ["R-048", "R-044"],
        must: "One, two or three increasing slots are taken.",
        fixture: "F0",
        when: "AddKeySet with one, two and three slots",
        then: "SUCCESS; stored as given",
        async run(bed) {
            for (const count of [1, 2, 3]) {
                const set = keySet(A + count, 20 + count, count);
                await bed.ok("addKeySet", { groupKeySet: set });
                bed.equal(await bed.row("groupKeySetList", { groupKeySetId: A + count }), set, "the stored key set");
            }
        },
    },
    {
        n: 9,
        reqs: ["R-050"],
        must: "The id 0xFFFF, which no group can name, is refused.",
        fixture: "F0",
        when: "AddKeySet with id 0xFFFF",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            const status = await bed.expect([CONSTRAINT_ERROR, SUCCESS], "addKeySet", { groupKeySet: keySet(0xffff, 8) });
            bed.check(status === CONSTRAINT_ERROR, "key set 0xFFFF is taken");
        },
    },
    {
        n: 11,
        reqs: ["R-051"],
        must: "Epoch keys do not appear in logs.",
        fixture: "FM",
        needs: ["logSearch"],
        when: "AddKeySet, UpdateKeySet, RefreshNode, RemoveKeySet",
        then: "none of the keys is in the log",
        async run(bed) {
            await bed.ok("addKeySet", { groupKeySet: keySet(A) });
            await bed.ok("updateKeySet", { groupKeySet: keySet(K1, 44) });
            await bed.ok("refreshNode", { nodeId: BigInt(N1) });
            await bed.settle();
            await bed.ok("removeKeySet", { groupKeySetId: A });
            for (const seed of [A, K1, 44]) {
                bed.check(!(await bed.session.finds("log", epochKey(seed))), "an epoch key is in the log");
            }
        },
    },
    {
        n: 50,
        reqs: ["R-049"],
        must: "GroupKeyMulticastPolicy is tolerated, not kept, and not sent to nodes.",
        fixture: "F1",
        when: "AddKeySet with GroupKeyMulticastPolicy 0 and 1; the set is brought to a node",
        then: "SUCCESS; the attribute and the KeySetWrite are without it",
        async run(bed) {
            await bed.ok("addKeySet", { groupKeySet: { ...keySet(A), groupKeyMulticastPolicy: 0 } });
            await bed.ok("addKeySet", { groupKeySet: { ...keySet(A + 1), groupKeyMulticastPolicy: 1 } });
            for (const groupKeySetId of [A, A + 1]) {
                const row = await bed.row("groupKeySetList", { groupKeySetId });
                bed.check(row["groupKeyMulticastPolicy"] === undefined, "GroupKeyMulticastPolicy is listed");
            }
            await bed.ok("addGroup", group(5, { groupKeySetId: A + 1 }));
            await bed.ok("addGroupIdToEndpointForNode", { nodeId: BigInt(N1), endpointId: 1, groupId: 5 });
            await bed.settle();
            const write = bed.found((await bed.traffic(N1, { name: "keySetWrite" }))[0], "the key set is not written to the node");
            const sent = (write.value as Fields)["groupKeySet"] as Fields;
            bed.check([undefined, 0].includes(sent["groupKeyMulticastPolicy"] as undefined), "a policy other than PerGroupID is sent to the node");
        },
    },
]);
