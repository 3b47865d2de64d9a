import type { Scenario } from "../scenario.js";
import { BLINDS, LIGHTS, MINUTE_MS } from "./groups.js";
import { showMember } from "./membership.js";

export const lostAnswer: Scenario = {
    name: "lost-answer",
    title: "The device obeys, and its answer is lost",
    description:
        "KeySetWrite and AddGroup take effect and their answers never arrive. The manager can only take them for unknown; the end is the same. A run that is cancelled " +
        "in that uncertainty is taken back all the same.",

    async run(bed) {
        await bed.open();
        bed.loseAnswer("kitchen", "KeySetWrite");
        const run = await bed.join("kitchen", LIGHTS);
        await bed.when("kitchen holds the key set", () => bed.truth("kitchen").keySets.length === 1);
        const { keySets } = bed.truth("kitchen");
        bed.loseAnswer("kitchen", "AddGroup");
        bed.show("with the answers to KeySetWrite and AddGroup lost, the run completes", (await bed.settled(run)).state, "completed");
        bed.show("neither answer had arrived", [bed.answers("kitchen", "KeySetWrite")[0], bed.answers("kitchen", "AddGroup")[0]], ["unknown", "unknown"]);
        showMember(bed, "kitchen", [LIGHTS]);
        bed.show("under the key that was written first", bed.truth("kitchen").keySets, keySets);

        const before = bed.truth("kitchen");
        bed.loseAnswer("kitchen", "AddGroup");
        const cancelled = await bed.join("kitchen", BLINDS);
        await bed.when("kitchen obeyed AddGroup", () => bed.truth("kitchen").groupTable.length === 2);
        await bed.cancel(cancelled);
        const { state, notRestored } = await bed.settled(cancelled);
        bed.show("a run that is cancelled while an answer is missing ends as cancelled", [state, notRestored], ["cancelled", []]);
        bed.show("that answer had not arrived either", bed.answers("kitchen", "AddGroup").at(-1), "unknown");
        bed.show("kitchen holds exactly what it held before that run", bed.truth("kitchen"), before);
        await bed.advance(10 * MINUTE_MS);
        bed.show("and ten minutes later too", bed.truth("kitchen"), before);
        await bed.close();
    },
};
