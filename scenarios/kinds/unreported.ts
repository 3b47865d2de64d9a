import { isDeepStrictEqual } from "node:util";
import type { ItemIdentity } from "../../src/core/identity.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { administer, removeKeySet, writeKeySet, type Deed } from "../administrator.js";
import type { Bed } from "../bed.js";
import type { NodeName } from "../bed-world.js";
import { keyFingerprint, type DeviceTruth } from "../device-truth.js";
import type { Scenario } from "../scenario.js";
import { MINUTE_MS } from "../stories/groups.js";
import { keySet, putKeySet, THEIR_KEY, THEIR_START_TIME } from "./group-cases.js";
import { PROMPT_MS, settled, showQuiet, standing, told, unwish, wish } from "./items.js";
import type { Wish } from "./kind-case.js";

/** Maintained items whose drift no attribute tells of are read once an hour. */
const HOURLY_MS = 65 * MINUTE_MS;
const KEY_SET = 0x44;
const IPK = { startTime: 1_000_000n, key: new Uint8Array(KeyMaterial.LENGTH).fill(0x5a) };

const HELD = { startTime: IPK.startTime, key: keyFingerprint(IPK.key) };

/** Something that another administrator overwrites, and what the node has of it. */
interface Unreported {
    readonly what: string;
    readonly node: NodeName;
    readonly prepare: (bed: Bed) => Promise<void>;
    readonly item: Wish;
    readonly content: (truth: DeviceTruth) => unknown;
    readonly wanted: unknown;
    readonly overwrite: Deed;
}

const cases: readonly Unreported[] = [
    {
        what: "a key set without groups",
        node: "kitchen",
        prepare: bed => putKeySet(bed, KEY_SET),
        item: keySet(KEY_SET),
        content: ({ keySets }) => keySets.flatMap(({ slots }) => slots),
        wanted: [HELD],
        overwrite: removeKeySet(KEY_SET),
    },
    {
        what: "a key set under other keys",
        node: "hall",
        prepare: bed => putKeySet(bed, KEY_SET),
        item: keySet(KEY_SET),
        content: ({ keySets }) => keySets.flatMap(({ slots }) => slots),
        wanted: [HELD],
        overwrite: writeKeySet(KEY_SET, THEIR_START_TIME, THEIR_KEY),
    },
    {
        what: "the IPK",
        node: "porch",
        prepare: async bed => void (await bed.until(bed.manager.putKeySet({ keySetId: 0, slots: [IPK] }), "a revision of the IPK")),
        item: { kind: "ipk", key: [0], intent: { revision: 1 } },
        content: ({ ipk }) => ipk,
        wanted: [HELD],
        overwrite: writeKeySet(0, THEIR_START_TIME, THEIR_KEY),
    },
];

export const driftUnreported: Scenario = {
    name: "drift-unreported",
    title: "Key sets and the IPK: what no attribute tells of is found all the same",
    description:
        "Another administrator writes or removes a key set that no map entry uses, or the IPK, which were put there through a reboot: nothing is reported. In mode maintain that is found within an hour and restored; in mode converge a " +
        "reconciliation that verifies finds it, tells of it and writes nothing, and one with rewrite restores it. The IPK is never removed: its intent ends as withdrawn.",

    async run(bed) {
        await bed.open();
        for (const each of cases) {
            await appliedThroughReboot(bed, each);
        }
        await foundWithinTheHour(bed);
        for (const each of cases) {
            await wish(bed, each.node, [each.item], "converge");
            await foundWhenVerified(bed, each);
        }
        await showQuiet(bed, "and nothing is written");
        for (const each of cases) {
            await restoredWhenAsked(bed, each);
        }
        await ipkIsKept(bed);
        await bed.close();
    },
};

async function appliedThroughReboot(bed: Bed, { what, node, prepare, item, content, wanted }: Unreported): Promise<void> {
    await prepare(bed);
    const aboutToWrite = bed.pauseAt(node, "KeySetWrite", "request");
    await wish(bed, node, [item], "maintain");
    await bed.at(aboutToWrite);
    await bed.reboot(node);
    aboutToWrite.release();
    await settled(bed, node);
    bed.show(`${what}: ${node} holds it, although it rebooted when it was about to be written`, content(bed.truth(node)), wanted);
}

async function foundWithinTheHour(bed: Bed): Promise<void> {
    const before = cases.map(({ node }) => bed.truth(node));
    for (const { what, node, overwrite, content, wanted } of cases) {
        await administer(bed, node, overwrite);
        bed.show(`${what}: another administrator changed it`, isDeepStrictEqual(content(bed.truth(node)), wanted), false);
    }
    await bed.advance(HOURLY_MS);
    bed.show("maintained, each is as it was within the hour", cases.map(({ node }) => bed.truth(node)), before);
}

async function foundWhenVerified(bed: Bed, { what, node, item, overwrite }: Unreported): Promise<void> {
    const drifts = told(bed, "itemDrifted", node, item);
    await administer(bed, node, overwrite);
    const { drifted } = await bed.until(bed.manager.reconcile(bed.nodes[node], { verify: [identityOf(item)] }), `verification of ${what}`);
    bed.show(`${what}: a reconciliation that verifies finds the difference, and tells of it`, [drifted, told(bed, "itemDrifted", node, item) - drifts], [1, 1]);
}

async function restoredWhenAsked(bed: Bed, { what, node, item, content, wanted }: Unreported): Promise<void> {
    bed.show(`${what}: it stays committed, with a mark`, standing(bed, node, item), ["committed", true]);
    const { applied } = await bed.until(bed.manager.reconcile(bed.nodes[node], { rewrite: [identityOf(item)] }), `restoration of ${what}`);
    bed.show(`${what}: a reconciliation with rewrite restores it`, [applied, content(bed.truth(node))], [1, wanted]);
}

function identityOf({ kind, key }: Wish): ItemIdentity {
    return { kind, key };
}

async function ipkIsKept(bed: Bed): Promise<void> {
    const { what, node, item, content } = cases.at(-1)!;
    const [held, writes] = [content(bed.truth(node)), bed.sent(node)];
    await unwish(bed, node, [item]);
    await bed.advance(PROMPT_MS);
    const end = bed.events.findLast(event => event.type === "itemEnded");
    bed.show(`${what}: given up, its intent ends as withdrawn`, end?.type === "itemEnded" && end.end, "withdrawn");
    bed.show(`${what}: and nothing was sent to ${node}`, [content(bed.truth(node)), bed.sent(node)], [held, writes]);
}
