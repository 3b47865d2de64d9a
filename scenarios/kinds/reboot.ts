import { administer } from "../administrator.js";
import type { Bed } from "../bed.js";
import type { Scenario } from "../scenario.js";
import { MINUTE_MS } from "../stories/groups.js";
import { kindCases } from "./index.js";
import { allNodes, isSettled, settled, showQuiet, unwish, wish } from "./items.js";
import { wishesOf, type KindCase } from "./kind-case.js";

/** Until a dead session is found out and a new one is there. */
const RECOVERED_MS = 5 * MINUTE_MS;

export const nodeReboots: Scenario = {
    name: "node-reboots",
    title: "Each kind: the node reboots between our read and our write",
    description:
        "For each kind of item: the node's power is cut and comes back when the write is about to leave, once while something is put on the node and once while it is taken off. " +
        "Sessions, subscriptions and data versions are new then. The end is the same as without, within minutes, and what another administrator has there stays.",

    async run(bed) {
        await bed.open();
        for (const { node, theirs } of kindCases) {
            await administer(bed, node, ...theirs);
        }
        const before = allNodes(bed).truths;
        for (const each of kindCases) {
            await whileApplied(bed, each);
        }
        await showQuiet(bed, "then nothing is written any more");
        for (const each of kindCases) {
            await whileRemoved(bed, each);
        }
        bed.show("each node holds exactly what it held before: another administrator's", allNodes(bed).truths, before);
        await bed.close();
    },
};

async function whileApplied(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, contents } = each;
    await each.prepare?.(bed);
    await wish(bed, node, each.needs);
    await settled(bed, node);
    const aboutToWrite = bed.pauseAt(node, each.apply, "request");
    await wish(bed, node, [each.item, ...each.neededBy]);
    await bed.at(aboutToWrite);
    await bed.reboot(node);
    aboutToWrite.release();
    await bed.when(`${node} is as it should be within minutes`, () => isSettled(bed, node), RECOVERED_MS);
    bed.show(`${what}: ${node} rebooted before the write, and holds it all the same`, each.content(bed.truth(node)), contents.item);
    bed.show(`${what}: and holds another administrator's`, each.hasTheirs(bed.truth(node)), true);
}

async function whileRemoved(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item } = each;
    const aboutToWrite = bed.pauseAt(node, each.remove, "request");
    bed.show(`${what}: its removal is accepted`, await unwish(bed, node, [...each.neededBy, item]), undefined);
    await bed.at(aboutToWrite);
    await bed.reboot(node);
    aboutToWrite.release();
    await bed.when(`${node} has no item left of ${what}`, () => bed.manager.item(bed.nodes[node], item.kind, item.key) === undefined, RECOVERED_MS);
    bed.show(`${what}: ${node} rebooted before the removal, and does not hold it any more`, each.content(bed.truth(node)), undefined);
    bed.show(`${what}: and holds another administrator's`, each.hasTheirs(bed.truth(node)), true);
    await unwish(bed, node, [...wishesOf(each)].reverse().filter(({ kind, key }) => bed.manager.item(bed.nodes[node], kind, key) !== undefined));
    await settled(bed, node);
}
