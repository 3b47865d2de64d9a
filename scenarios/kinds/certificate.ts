import { isDeepStrictEqual } from "node:util";
import { OperationalCredentials } from "../../src/core/clusters.js";
import { endpointNumber } from "../../src/core/ids.js";
import { parseCertificate } from "../../src/kinds/noc-certificate.js";
import type { Bed } from "../bed.js";
import type { NodeName } from "../bed-world.js";
import type { WriteName } from "../request-name.js";
import type { Scenario } from "../scenario.js";
import { MINUTE_MS } from "../stories/groups.js";
import { keySet, putKeySet } from "./group-cases.js";
import { PROMPT_MS, settled, showQuiet, standing, told, unwish, wish } from "./items.js";
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

export const certificateDrift: Scenario = {
    name: "certificate-drift",
    title: "Another administrator renews a node's certificate",
    description:
        "Another administrator renews the certificates of two nodes, with other tags, and the nodes report that. The maintained one is renewed again as it is wanted; the converging one is told to differ, and " +
        "renewed when that is asked for. The trusted root can only be looked for: one that is not there is a final failure, and nothing is ever sent for it.",

    async run(bed) {
        await bed.open();
        await wish(bed, "kitchen", [certificate([TAG])], "maintain");
        await wish(bed, "hall", [certificate([TAG])]);
        await settled(bed, "kitchen");
        await settled(bed, "hall");
        await bed.advance(PROMPT_MS);

        await bed.recertify("kitchen", [SECOND_TAG]);
        bed.show("another administrator gave kitchen other tags", bed.truth("kitchen").tags, [SECOND_TAG]);
        await bed.advance(MINUTE_MS);
        bed.show("maintained, it has those that are wanted within a minute", bed.truth("kitchen").tags, [TAG]);

        await bed.recertify("hall", [SECOND_TAG]);
        await bed.advance(MINUTE_MS);
        const item = certificate([TAG]);
        bed.show("converging, that hall has other tags is told within a minute", [told(bed, "itemDrifted", "hall", item), bed.truth("hall").tags], [1, [SECOND_TAG]]);
        await showQuiet(bed, "and nothing is written");
        const { applied } = await bed.until(bed.manager.reconcile(bed.nodes.hall, { rewrite: [{ kind: item.kind, key: item.key }] }), "a reconciliation");
        bed.show("a reconciliation with rewrite renews it", [applied, bed.truth("hall").tags], [1, [TAG]]);
        await trustedRoot(bed, "porch");
        await bed.close();
    },
};

async function trustedRoot(bed: Bed, node: NodeName): Promise<void> {
    const path = { endpoint: endpointNumber(0), cluster: OperationalCredentials.id, attribute: OperationalCredentials.attributes.trustedRootCertificates };
    const answer = await bed.administer(node, { op: "read", ...path });
    const [root] = answer.kind === "value" ? (answer.value as readonly Uint8Array[]) : [];
    const subjectKeyId = Buffer.from(parseCertificate(root!)!.subjectKeyId!).toString("hex");
    const [present, absent] = [rootWith(subjectKeyId), rootWith("ab".repeat(20))];
    await wish(bed, node, [present, absent]);
    await bed.advance(PROMPT_MS);
    bed.show(`${node} trusts the root that it was commissioned under`, standing(bed, node, present), ["committed", false]);
    bed.show("another one is not there, for good", standing(bed, node, absent), ["commitFailed", "terminal", false]);
    await unwish(bed, node, [present, absent]);
    await bed.advance(PROMPT_MS);
    bed.show("given up, both are over, and nothing was ever sent", [standing(bed, node, present), standing(bed, node, absent), bed.sent(node)], [undefined, undefined, 0]);
}

function rootWith(subjectKeyId: string): Wish {
    return { kind: "trustedRoot", key: [subjectKeyId], intent: { subjectKeyId } };
}

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
