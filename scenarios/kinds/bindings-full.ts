import { administer, changeBindings } from "../administrator.js";
import { SECOND_SWITCH, SWITCH } from "../bed.js";
import { MAX_BINDINGS } from "../bed-world.js";
import type { Scenario } from "../scenario.js";
import { bind } from "./list-cases.js";
import { PROMPT_MS, settled, showQuiet, standing, unwish, wish } from "./items.js";

const FIRST_GROUP = 0x181;
const [OURS, ANOTHER] = [bind(0x162), bind(0x163)];

export const bindingsFull: Scenario = {
    name: "bindings-full",
    title: "A node that takes no more bindings",
    description:
        "The limit of bindings is each manufacturer's own, no attribute tells it, and all endpoints share it. Another administrator uses it up but for one; a second binding of ours is refused by the node with " +
        "RESOURCE_EXHAUSTED, and not sent again. When ours makes room, it goes through.",
    confinedTo: { nodes: "sim", because: "nodes of matter.js take any number of bindings" },

    async run(bed) {
        await bed.open();
        const theirs = Array.from({ length: MAX_BINDINGS - 1 }, (_, at) => ({ group: FIRST_GROUP + at }));
        await administer(bed, "kitchen", changeBindings(SWITCH, () => theirs));
        await wish(bed, "kitchen", [OURS]);
        await settled(bed, "kitchen");
        bed.show("kitchen takes the last binding that it has room for", bed.truth("kitchen").bindings.length, MAX_BINDINGS);

        await wish(bed, "kitchen", [ANOTHER]);
        await bed.advance(PROMPT_MS);
        bed.show("and refuses one more", bed.answers("kitchen", "Binding"), ["SUCCESS", "RESOURCE_EXHAUSTED"]);
        bed.show("which fails for good, with the node's code", standing(bed, "kitchen", ANOTHER), ["commitFailed", "terminal", 0x89, false]);
        await showQuiet(bed, "and is not sent again");

        await unwish(bed, "kitchen", [OURS]);
        await bed.advance(PROMPT_MS);
        bed.show("when one of ours is taken off, the other goes through within seconds", standing(bed, "kitchen", ANOTHER), ["committed", false]);
        const groups = bed.truth("kitchen").bindings.map(({ at, group }) => [at, group]);
        bed.show("and another administrator's are untouched", groups, [...theirs.map(({ group }) => [SWITCH, group]), [SECOND_SWITCH, 0x163]]);
        await bed.close();
    },
};
