import { administer } from "../administrator.js";
import type { Bed } from "../bed.js";
import type { Scenario } from "../scenario.js";
import { kindCases } from "./index.js";
import { PROMPT_MS, settled, showQuiet, standing, wish } from "./items.js";
import type { KindCase } from "./kind-case.js";

/** RESOURCE_EXHAUSTED (section 8.10.1). */
const EXHAUSTED = 0x89;

/** A list that is read again, because it had changed, can show by itself that it is full: then nothing more is sent. */
const REFUSALS = ["RESOURCE_EXHAUSTED", "DATA_VERSION_MISMATCH"];

export const capacityExhausted: Scenario = {
    name: "capacity-exhausted",
    title: "Each kind: the device is full, and the same goes through when there is room",
    description:
        "For each kind of item whose table has a limit: another administrator takes the last rows between our read and our write. The device answers RESOURCE_EXHAUSTED (or the list, read again, is full), " +
        "the item fails for good, and is not sent again. When the other administrator makes room, it goes through: at once where the node reports it, for key sets when the limits are read again. Not told of bindings, which " +
        "real nodes of matter.js take any number of: see bindings-full.",

    async run(bed) {
        await bed.open();
        const limited = kindCases.filter(({ full }) => full !== undefined);
        for (const each of limited) {
            await exhausted(bed, each);
        }
        await showQuiet(bed, "nothing of that is tried again");
        for (const each of limited) {
            await roomMade(bed, each);
        }
        await bed.close();
    },
};

async function exhausted(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item, apply } = each;
    await each.prepare?.(bed);
    await wish(bed, node, each.needs);
    await settled(bed, node, each.needs);
    const before = bed.answers(node, apply).length;
    const aboutToWrite = bed.pauseAt(node, apply, "request");
    await wish(bed, node, [item]);
    await bed.at(aboutToWrite);
    await administer(bed, node, ...each.full!.fill);
    const full = bed.truth(node);
    aboutToWrite.release();
    await bed.advance(PROMPT_MS);
    const refusal = bed.answers(node, apply).slice(before).at(-1)!;
    bed.show(`${what}: the device refuses`, REFUSALS.includes(refusal), true);
    bed.show(`${what}: it failed for good, for want of room`, standing(bed, node, item), ["commitFailed", "terminal", EXHAUSTED, false]);
    bed.show(`${what}: ${node} holds what it held`, bed.truth(node), full);
}

async function roomMade(bed: Bed, each: KindCase): Promise<void> {
    const { what, node } = each;
    const { room, isReported } = each.full!;
    await administer(bed, node, ...room);
    if (!isReported) {
        await bed.until(bed.manager.reconcile(bed.nodes[node], { capacity: true }), `reading ${node}'s limits`);
    }
    await bed.advance(PROMPT_MS);
    const noticed = isReported ? "the node reports that there is room" : "the limits are read again, and there is room";
    bed.show(`${what}: ${noticed}, and ${node} holds it within seconds`, each.content(bed.truth(node)), each.contents.item);
    bed.show(`${what}: the item is committed`, standing(bed, node, each.item), ["committed", false]);
}
