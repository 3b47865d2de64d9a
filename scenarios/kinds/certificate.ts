import { isDeepStrictEqual } from "node:util";
import type { Bed } from "../bed.js";
import type { NodeName } from "../bed-world.js";
import type { WriteName } from "../request-name.js";
import type { Scenario } from "../scenario.js";
import { MINUTE_MS } from "../stories/groups.js";
import { keySet, putKeySet } from "./group-cases.js";
import { PROMPT_MS, settled, showQuiet, unwish, wish } from "./items.js";
import type { Wish } from "./kind-case.js";

const STEPS: readonly WriteName[] = ["ArmFailSafe", "CSRRequest", "UpdateNOC", "CommissioningComplete"];
const [TAG, RAISED, SECOND_TAG] = [0xabcd_0001, 0xabcd_0002, 0xffff_0001];

export const certificateRenewed: Scenario = {
    name: "certificate-renewed",
    title: "A node's operational certificate is renewed with other tags",
    description:
        "The node gets a certificate with CASE authenticated tags, under a fail-safe and confirmed over a session made with it; then one with a higher version of a tag. It can be talked to all the " +
        "while, and keeps its certificate through a reboot and when the intent is given up.",

    async run(bed) {
        await bed.open();
        bed.show("kitchen's certificate has no tags", bed.truth("kitchen").tags, []);
        await renewed(bed, "kitchen", [TAG, SECOND_TAG]);
        bed.show("each step was sent once", STEPS.map(step => bed.sent("kitchen", step)), [1, 1, 1, 1]);
        await showQuiet(bed, "then nothing is written any more");
        await renewed(bed, "kitchen", [RAISED, SECOND_TAG]);
        await bed.reboot("kitchen");
        await showWorking(bed, "kitchen", 0x41);
        bed.show("after a reboot kitchen still has that one", bed.truth("kitchen").tags, [RAISED, SECOND_TAG]);
        const writes = bed.sent("kitchen");
        await unwish(bed, "kitchen", [certificate([])]);
        await bed.advance(PROMPT_MS);
        const end = bed.events.findLast(event => event.type === "itemEnded");
        bed.show("given up, the intent ends as withdrawn", end?.type === "itemEnded" && end.end, "withdrawn");
        bed.show("and kitchen keeps its certificate, and is not written to", [bed.truth("kitchen").tags, bed.sent("kitchen")], [[RAISED, SECOND_TAG], writes]);
        await bed.close();
    },
};

export const certificateInterrupted: Scenario = {
    name: "certificate-interrupted",
    title: "The renewal of a certificate is cut off, and begins again",
    description:
        "Three nodes, each cut off between UpdateNOC and CommissioningComplete: one reboots, one's answer to UpdateNOC is lost, and for one the controller's power is cut. Each has a working certificate " +
        "afterwards, and the one that is wanted in the end. By the specification a node that reboots has the old one again; real nodes of matter.js keep the new one.",

    async run(bed) {
        await bed.open();
        await nodeReboots(bed, "kitchen");
        await answerIsLost(bed, "hall");
        await controllerIsCutOff(bed, "porch");
        await bed.close();
    },
};

async function nodeReboots(bed: Bed, node: NodeName): Promise<void> {
    const aboutToComplete = bed.pauseAt(node, "CommissioningComplete", "request");
    await wish(bed, node, [certificate([TAG])]);
    await bed.at(aboutToComplete);
    bed.show(`${node} has the new certificate, not confirmed yet`, bed.truth(node).tags, [TAG]);
    await bed.reboot(node);
    bed.show(`${node} reboots, and has one of the two`, [[], [TAG]].some(tags => isDeepStrictEqual(bed.truth(node).tags, tags)), true);
    aboutToComplete.release();
    await showRenewed(bed, node, 0x51);
}

async function answerIsLost(bed: Bed, node: NodeName): Promise<void> {
    bed.loseAnswer(node, "UpdateNOC");
    await wish(bed, node, [certificate([TAG])]);
    await bed.when(`${node} obeyed UpdateNOC`, () => bed.truth(node).tags.length > 0);
    await showRenewed(bed, node, 0x52);
    bed.show(`${node}'s answer to UpdateNOC had not arrived`, bed.answers(node, "UpdateNOC")[0], "unknown");
}

async function controllerIsCutOff(bed: Bed, node: NodeName): Promise<void> {
    const aboutToComplete = bed.pauseAt(node, "CommissioningComplete", "request");
    await wish(bed, node, [certificate([TAG])]);
    await bed.at(aboutToComplete);
    await bed.cutPower();
    await bed.advance(5 * MINUTE_MS);
    bed.show(`${node}'s fail-safe ran out while the controller was down: it has the old certificate again`, bed.truth(node).tags, []);
    await bed.open();
    await showRenewed(bed, node, 0x53);
}

async function renewed(bed: Bed, node: NodeName, tags: readonly number[]): Promise<void> {
    await wish(bed, node, [certificate(tags)]);
    await settled(bed, node);
    bed.show(`${node} has a certificate with the tags that were asked for`, bed.truth(node).tags, tags);
}

async function showRenewed(bed: Bed, node: NodeName, keySetId: number): Promise<void> {
    await settled(bed, node);
    bed.show(`in the end ${node} has the certificate that was asked for`, bed.truth(node).tags, [TAG]);
    await showWorking(bed, node, keySetId);
}

/** Something else can be put on the node. */
async function showWorking(bed: Bed, node: NodeName, keySetId: number): Promise<void> {
    await putKeySet(bed, keySetId);
    await wish(bed, node, [keySet(keySetId)]);
    await settled(bed, node);
    bed.show(`and ${node} takes a key set`, bed.truth(node).keySets.map(({ id }) => id), [keySetId]);
}

function certificate(caseAuthenticatedTags: readonly number[]): Wish {
    return { kind: "noc", key: [0], intent: { caseAuthenticatedTags } };
}
