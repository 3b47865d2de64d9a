import { acl, type AclIntent } from "../../src/kinds/acl.js";
import { administer, changeAcl } from "../administrator.js";
import type { Bed } from "../bed.js";
import { MANAGER } from "../device-truth.js";
import type { Scenario } from "../scenario.js";
import { MINUTE_MS } from "../stories/groups.js";
import { kindCases } from "./index.js";
import { settled, showQuiet, standing, unwish, wish } from "./items.js";
import type { KindCase, Wish } from "./kind-case.js";

const [ADMINISTER, CASE] = [5, 2];
const COLLEAGUE = 0x2_0001n;

export const lockOutRefused: Scenario = {
    name: "lock-out-refused",
    title: "No intent takes the manager's own access away",
    description:
        "An intent of ours grants Administer to the manager and a colleague, and another administrator removes the commissioner's entry: now ours is the only one that lets the manager in. Its removal is " +
        "not sent, for good, with the reason; when the commissioner's entry is back, it goes through.",

    async run(bed) {
        await bed.open();
        const both = grantToBoth(bed.administrator);
        await wish(bed, "kitchen", [both]);
        await settled(bed, "kitchen");
        bed.show("kitchen lets in the manager, and the manager and its colleague", subjects(bed), [[MANAGER], [MANAGER, "0x20001"]]);

        const commissioner = { privilege: ADMINISTER, authMode: CASE, subjects: [bed.administrator], targets: null };
        await administer(bed, "kitchen", changeAcl(entries => entries.slice(1)));
        bed.show("another administrator removes the commissioner's entry", subjects(bed), [[MANAGER, "0x20001"]]);
        const writes = bed.sent("kitchen");
        bed.show("the other entry is to go", await unwish(bed, "kitchen", [both]), undefined);
        await bed.when("the removal is refused", () => standing(bed, "kitchen", both)?.[0] === "commitFailed");
        await showQuiet(bed, "its removal is not sent");
        bed.show("kitchen was not written to, and lets the manager in", [bed.sent("kitchen"), subjects(bed)], [writes, [[MANAGER, "0x20001"]]]);
        const reasons = bed.manager.explain({ node: bed.nodes.kitchen, kind: both.kind, key: both.key }) ?? [];
        bed.show("and the reason can be asked for", reasons.some(({ text }) => /would not let this manager administer/.test(text)), true);

        await administer(bed, "kitchen", changeAcl(entries => [...entries, commissioner]));
        await bed.until(bed.manager.retry(bed.nodes.kitchen, both.kind, both.key), "retry of the removal");
        await settled(bed, "kitchen");
        bed.show("with the commissioner's entry back, it is removed", subjects(bed), [[MANAGER]]);
        await bed.close();
    },
};

function grantToBoth(manager: bigint): Wish {
    const intent: AclIntent = { privilege: ADMINISTER, authMode: CASE, subjects: [manager, COLLEAGUE].sort((a, b) => (a < b ? -1 : 1)), targets: null, label: "" };
    return { kind: acl.name, key: acl.keyOf(intent), intent };
}

/** Whom kitchen's list names, sorted within each entry: which number is lower differs from one kind of nodes to the other. */
function subjects(bed: Bed): readonly (readonly string[] | undefined)[] {
    return bed.truth("kitchen").acl.map(entry => (entry.subjects === null ? undefined : [...entry.subjects].sort((a, b) => (a === MANAGER ? -1 : b === MANAGER ? 1 : 0))));
}

export const claimsSurvive: Scenario = {
    name: "claims-survive",
    title: "What an item owns in a list outlives a power cut",
    description:
        "Entries of access control and binding lists carry no owner on the node: what is ours is written down before the entry is sent. The controller's power is cut when the node has the entry and the manager " +
        "has not heard, and once more when the entry is about to leave. Started again, there is one entry, it is known to be ours, and it goes when its intent goes.",

    async run(bed) {
        await bed.open();
        for (const each of kindCases.filter(({ twin }) => twin !== undefined)) {
            await cutOff(bed, each, "answer");
            await cutOff(bed, each, "request");
        }
        await bed.close();
    },
};

async function cutOff(bed: Bed, each: KindCase, at: "answer" | "request"): Promise<void> {
    const { what, node, item, apply, contents } = each;
    const before = bed.truth(node);
    const moment = bed.pauseAt(node, apply, at);
    await wish(bed, node, [item]);
    await bed.at(moment);
    const isThere = each.content(bed.truth(node)) !== undefined;
    bed.show(`${what}: the power is cut when ${node} ${at === "answer" ? "has it and nobody knows" : "is about to get it"}`, isThere, at === "answer");
    await bed.cutPower();
    await bed.advance(MINUTE_MS);
    await bed.open();
    await settled(bed, node);
    const after = bed.truth(node);
    bed.show(`${what}: started again, ${node} holds it`, each.content(after), contents.item);
    bed.show(`${what}: once`, after.acl.length + after.bindings.length, before.acl.length + before.bindings.length + 1);
    await unwish(bed, node, [item]);
    await settled(bed, node);
    bed.show(`${what}: it is known to be ours, and goes with its intent`, bed.truth(node), before);
}
