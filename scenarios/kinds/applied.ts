import { administer } from "../administrator.js";
import type { Bed } from "../bed.js";
import type { Scenario } from "../scenario.js";
import { kindCases } from "./index.js";
import { allNodes, settled, showQuiet, told, unwish, wish } from "./items.js";
import { wishesOf, type KindCase } from "./kind-case.js";

export const kindApplied: Scenario = {
    name: "kind-applied",
    title: "Each kind: put on a node, changed, taken off again",
    description:
        "For each kind of item: the intent is set, the device itself holds it; it is changed, the device holds the new content; it is removed, and the device is as it was. " +
        "What another administrator has in the same place stays. When all is done, nothing is written any more.",

    async run(bed) {
        await bed.open();
        for (const { node, theirs } of kindCases) {
            await administer(bed, node, ...theirs);
        }
        const before = allNodes(bed).truths;
        for (const each of kindCases) {
            await applied(bed, each);
        }
        await showQuiet(bed, "nothing is written any more");
        for (const each of kindCases) {
            await removed(bed, each);
        }
        bed.show("each node holds exactly what it held before: another administrator's", allNodes(bed).truths, before);
        await bed.close();
    },
};

async function applied(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, changed, contents } = each;
    await each.prepare?.(bed);
    const sent = bed.sent(node, each.apply);
    await wish(bed, node, wishesOf(each));
    await settled(bed, node);
    bed.show(`${what}: ${node} holds it`, each.content(bed.truth(node)), contents.item);
    bed.show(`${what}: what another administrator has there is untouched`, each.hasTheirs(bed.truth(node)), true);
    if (changed !== undefined) {
        await wish(bed, node, [changed]);
        await settled(bed, node);
        bed.show(`${what}: ${node} holds the changed one`, each.content(bed.truth(node)), contents.changed);
    }
    const wished = [...wishesOf(each), changed].filter(other => other?.kind === each.item.kind).length;
    bed.show(`${what}: ${node} was written to no more often than something was wished for`, bed.sent(node, each.apply) - sent, wished);
}

async function removed(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item } = each;
    bed.show(`${what}: its removal is accepted`, await unwish(bed, node, [...wishesOf(each)].reverse()), undefined);
    await bed.when(`${node} has no item left of ${what}`, () => wishesOf(each).every(({ kind, key }) => bed.manager.item(bed.nodes[node], kind, key) === undefined));
    bed.show(`${what}: ${node} does not hold it any more`, each.content(bed.truth(node)), undefined);
    bed.show(`${what}: its end was told, once`, told(bed, "itemEnded", node, item), 1);
}
