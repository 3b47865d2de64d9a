import { Random } from "../../sim/random.js";
import type { Bed } from "../bed.js";
import { section } from "../conformance-case.js";
import { aclEntry, G1, G2, G3, groupChange, K1, K2, keySet, membership, N1, N2 } from "../fixtures.js";
import type { Fields } from "../values.js";

const STEPS = 150;

type Step = (random: Random, bed: Bed) => Promise<unknown>;

const node = (random: Random) => [N1, N2][random.below(2)]!;
const groupOf = (random: Random) => [G1, G2, G3][random.below(3)]!;
const id = (random: Random): { readonly nodeId: bigint } => ({ nodeId: BigInt(node(random)) });

/** A ListID that is in use, or none. */
async function listId(random: Random, bed: Bed, list: string): Promise<Fields> {
    const rows = (await bed.attributes())[list] as readonly Fields[];
    return rows[random.below(rows.length + 1)] ?? { listId: 999, ...id(random), endpointId: 1 };
}

const steps: readonly Step[] = [
    (random, bed) => bed.invoke("addGroupIdToEndpointForNode", membership(node(random), 1 + random.below(2), groupOf(random))),
    (random, bed) => bed.invoke("removeGroupIdFromEndpointForNode", membership(node(random), 1 + random.below(2), groupOf(random))),
    (random, bed) => bed.invoke("addAclToNode", { ...id(random), aclEntry: aclEntry([BigInt(70 + random.below(3))]) }),
    async (random, bed) => {
        const { listId: chosen, nodeId } = await listId(random, bed, "nodeAclList");
        await bed.invoke("removeAclFromNode", { listId: chosen, nodeId });
    },
    (random, bed) => bed.invoke("addBindingToEndpointForNode", { ...id(random), endpointId: 1, binding: { node: BigInt(70 + random.below(3)), endpoint: 1 } }),
    async (random, bed) => {
        const { listId: chosen, nodeId, endpointId } = await listId(random, bed, "endpointBindingList");
        await bed.invoke("removeBindingFromEndpointForNode", { listId: chosen, nodeId, endpointId });
    },
    (random, bed) => bed.invoke("updateGroup", groupChange(groupOf(random), { groupKeySetId: [K1, K2][random.below(2)]! })),
    (random, bed) => bed.invoke("updateGroup", groupChange(groupOf(random), { friendlyName: `name ${random.below(9)}` })),
    (random, bed) => bed.invoke("updateKeySet", { groupKeySet: keySet([K1, K2][random.below(2)]!, 100 + random.below(100)) }),
    (random, bed) => bed.invoke("refreshNode", id(random)),
    async (random, bed) => {
        const given = id(random);
        if (random.below(4) === 0) {
            await bed.invoke("removeNode", given);
            await bed.invoke("addPendingNode", { ...given, friendlyName: "" });
            await bed.invoke("refreshNode", given);
        }
    },
    (random, bed) => bed.session.advance(random.below(60_000)),
    (random, bed) => bed.session.setReachable(node(random), random.below(2) === 0),
    (random, bed) => bed.fault(node(random), {}, { type: "status", status: [0x9c, 0x01, 0x89, 0x87][random.below(4)]! }),
];

/** What every case asserts at its end, asserted all the time. */
export const randomCommands = section("11.24", "GEN", [
    {
        n: 29,
        reqs: ["R-020", "R-021", "R-023", "R-207"],
        must: "Whatever happens, the lists are sound, and states change only as they may.",
        fixture: "FK2",
        needs: ["reachability", "faults", "clock"],
        when: `${STEPS} random commands for two nodes that come, go and refuse; then everything is well again`,
        then: "unique keys, no rows of nothing, legal states at each step; in the end nothing is left undone",
        async run(bed) {
            const random = new Random(0x752);
            for (let step = 0; step < STEPS; step++) {
                await steps[random.below(steps.length)]!(random, bed);
                await bed.checkAlways();
            }
            for (const nodeId of [N1, N2]) {
                await bed.online(nodeId);
                await bed.release(nodeId);
                await bed.invoke("refreshNode", { nodeId: BigInt(nodeId) });
            }
            await bed.cleanUp();
            for (const list of ["endpointGroupIdList", "endpointBindingList", "nodeKeySetList", "nodeAclList"]) {
                const open = (await bed.rows(list)).filter(row => [0, 2].includes((row["statusEntry"] as Fields)["state"] as number));
                bed.check(open.length === 0, `${list} has ${open.length} rows that are still pending`);
            }
        },
    },
]);
