import { administer } from "../administrator.js";
import type { Bed } from "../bed.js";
import type { Scenario } from "../scenario.js";
import { kindCases } from "./index.js";
import { PROMPT_MS, settled, showQuiet, standing, told, wish } from "./items.js";
import { wishesOf, type KindCase } from "./kind-case.js";

/** Rewrites of one item within ten minutes, before it is held. */
const BUDGET = 3;

export const driftRepaired: Scenario = {
    name: "drift-repaired",
    title: "Each kind, maintained: what another administrator undoes is restored, within a budget",
    description:
        "For each kind of item, in mode maintain: another administrator undoes it, the node reports that, and it is restored at once. After three times within ten minutes the " +
        "manager gives way: the item is held, and says so, until an operator retries it.",

    async run(bed) {
        await bed.open();
        const held = new Map<KindCase, unknown>();
        for (const each of kindCases) {
            held.set(each, await repaired(bed, each));
        }
        await showQuiet(bed, "what was undone once more is left alone");
        for (const [each, content] of held) {
            await retried(bed, each, content);
        }
        await bed.close();
    },
};

/** @returns what the node held before it was undone once too often. */
async function repaired(bed: Bed, each: KindCase): Promise<unknown> {
    const { what, node, item } = each;
    await each.prepare?.(bed);
    await wish(bed, node, wishesOf(each), "maintain");
    await settled(bed, node, wishesOf(each));
    await bed.advance(PROMPT_MS);
    const truth = bed.truth(node);
    for (let times = 1; times <= BUDGET; times++) {
        await administer(bed, node, ...each.undo);
        bed.show(`${what}: another administrator undid it (${times})`, each.content(bed.truth(node)), undefined);
        await bed.advance(PROMPT_MS);
        bed.show(`${what}: ${node} holds all of it again, within seconds (${times})`, bed.truth(node), truth);
    }
    await administer(bed, node, ...each.undo);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: undone once more, it stays so`, each.content(bed.truth(node)), undefined);
    bed.show(`${what}: and is said to be held`, bed.manager.item(bed.nodes[node], item.kind, item.key)?.held, true);
    return truth;
}

async function retried(bed: Bed, each: KindCase, truth: unknown): Promise<void> {
    const { what, node } = each;
    for (const { kind, key } of wishesOf(each)) {
        await bed.until(bed.manager.retry(bed.nodes[node], kind, key), `retry of ${what}`);
    }
    bed.show(`${what}: when an operator retries, ${node} holds it again`, each.content(bed.truth(node)), each.content(truth as never));
}

export const driftReported: Scenario = {
    name: "drift-reported",
    title: "Each kind, converging: what another administrator undoes is reported, and restored when asked",
    description:
        "For each kind of item, in mode converge: another administrator undoes it, the node reports that, and the manager tells of it and writes nothing. When the other one puts " +
        "it back, that is told too. A reconciliation with rewrite restores it.",

    async run(bed) {
        await bed.open();
        for (const each of kindCases) {
            await undone(bed, each);
        }
        await showQuiet(bed, "nothing is written");
        for (const each of kindCases) {
            await restored(bed, each);
        }
        await bed.close();
    },
};

async function undone(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item } = each;
    await each.prepare?.(bed);
    await wish(bed, node, wishesOf(each));
    await settled(bed, node, wishesOf(each));
    await bed.advance(PROMPT_MS);
    const writes = bed.sent(node);
    await administer(bed, node, ...each.undo);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: that another administrator undid it is told within seconds, once`, told(bed, "itemDrifted", node, item), 1);
    bed.show(`${what}: it stays committed, with a mark`, standing(bed, node, item), ["committed", true]);
    bed.show(`${what}: ${node} is not written to, and does not hold it`, [bed.sent(node), each.content(bed.truth(node))], [writes, undefined]);
}

async function restored(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item, contents } = each;
    bed.show(`${what}: it was told of once`, told(bed, "itemDrifted", node, item), 1);
    await administer(bed, node, ...each.redo);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: put back by the other administrator, that is told too`, told(bed, "itemDriftCleared", node, item), 1);
    bed.show(`${what}: and the mark is gone`, standing(bed, node, item), ["committed", false]);

    await administer(bed, node, ...each.undo);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: undone again, it is told of again`, told(bed, "itemDrifted", node, item), 2);
    const rewrite = wishesOf(each).map(({ kind, key }) => ({ kind, key }));
    const { applied, failed } = await bed.until(bed.manager.reconcile(bed.nodes[node], { rewrite }), `reconciliation of ${what}`);
    bed.show(`${what}: a reconciliation with rewrite applies it`, [applied > 0, failed], [true, 0]);
    bed.show(`${what}: and ${node} holds it`, each.content(bed.truth(node)), contents.item);
}
