import type { Bed } from "../bed.js";
import { SECOND_SWITCH } from "../bed.js";
import type { Scenario } from "../scenario.js";
import { kindCases } from "./index.js";
import { PROMPT_MS, settled, showQuiet, standing, told, unwish, wish } from "./items.js";
import type { KindCase } from "./kind-case.js";

/** UNSUPPORTED_ENDPOINT (section 8.10.1). */
const NO_ENDPOINT = 0x7f;

export const endpointGone: Scenario = {
    name: "endpoint-gone",
    title: "Each kind on an endpoint: the endpoint goes away and comes back",
    description:
        "For each kind of item that belongs to an endpoint: the endpoint is taken off the node, as a bridged device can be. The item is told to differ, and nothing is written; when the endpoint is " +
        "back with what it had, that is told too. An intent that is set meanwhile waits for the endpoint and is there soon after it. A removal meanwhile is done, and what the endpoint brings back " +
        "with it is taken off.",

    async run(bed) {
        await bed.open();
        const cases = kindCases.filter(({ isOnEndpoint }) => isOnEndpoint);
        for (const each of cases) {
            await awayAndBack(bed, each);
        }
        for (const each of cases) {
            await setMeanwhile(bed, each);
        }
        await bed.close();
    },
};

async function awayAndBack(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item, contents } = each;
    await each.prepare?.(bed);
    await wish(bed, node, [...each.needs, item]);
    await settled(bed, node);
    await bed.advance(PROMPT_MS);
    const writes = bed.sent(node);
    await bed.removeEndpoint(node, SECOND_SWITCH);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: its endpoint is gone, which is told within seconds`, [told(bed, "itemDrifted", node, item), standing(bed, node, item)], [1, ["committed", true]]);
    await showQuiet(bed, `${what}: nothing is written meanwhile`);
    await bed.restoreEndpoint(node, SECOND_SWITCH);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: its endpoint is back, which is told too`, [told(bed, "itemDriftCleared", node, item), standing(bed, node, item)], [1, ["committed", false]]);
    bed.show(`${what}: ${node} holds it, and was not written to`, [each.content(bed.truth(node)), bed.sent(node)], [contents.item, writes]);
}

async function setMeanwhile(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item, contents, apply } = each;
    await unwish(bed, node, [item]);
    await settled(bed, node);
    await bed.removeEndpoint(node, SECOND_SWITCH);
    await wish(bed, node, [item]);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: set while its endpoint is gone, it waits for that`, standing(bed, node, item), ["commitFailed", "notApplicable", NO_ENDPOINT, false]);
    const tries = bed.sent(node, apply);
    await showQuiet(bed, `${what}: and is not tried meanwhile`);
    await bed.restoreEndpoint(node, SECOND_SWITCH);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: its endpoint is back, and ${node} holds it within seconds`, each.content(bed.truth(node)), contents.item);
    bed.show(`${what}: it was applied once`, bed.sent(node, apply) - tries, 1);

    await bed.removeEndpoint(node, SECOND_SWITCH);
    await bed.advance(PROMPT_MS);
    const ended = told(bed, "itemEnded", node, item);
    await unwish(bed, node, [item]);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: removed while its endpoint is gone, it is over`, [standing(bed, node, item), told(bed, "itemEnded", node, item) - ended], [undefined, 1]);
    await bed.restoreEndpoint(node, SECOND_SWITCH);
    await bed.advance(PROMPT_MS);
    bed.show(`${what}: the endpoint comes back with what it had, and is rid of it within seconds`, each.content(bed.truth(node)), undefined);
    bed.show(`${what}: which is told as an end of its own`, told(bed, "itemEnded", node, item) - ended, 2);
}
