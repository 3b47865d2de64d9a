import type { Scenario } from "../scenario.js";
import { emptyTruth, keyFingerprint } from "../device-truth.js";
import { LIGHTS } from "./groups.js";
import { showMember } from "./membership.js";

export const happy: Scenario = {
    name: "happy",
    title: "A node joins a group, and a second one with the same key",
    description:
        "Two switches become members of one group, one after the other. The key is the one that was given; the second node gets the same one. Asking again by " +
        "the same request id does nothing.",

    async run(bed) {
        await bed.open();
        bed.show("kitchen holds no group, no map entry and no key set before", bed.truth("kitchen"), emptyTruth);

        const run = await bed.join("kitchen", LIGHTS, "join-kitchen");
        bed.show("the run completes", (await bed.settled(run)).state, "completed");
        showMember(bed, "kitchen", [LIGHTS]);
        const [keySet] = bed.truth("kitchen").keySets;
        bed.show("kitchen's key is the one that was given", keySet?.slots[0]?.key, keyFingerprint(LIGHTS.epochKey));
        bed.show("hall was not touched", bed.truth("hall"), emptyTruth);

        const { epochKey: _, ...lights } = LIGHTS;
        bed.show("a second run, for hall, completes", (await bed.settled(await bed.join("hall", lights))).state, "completed");
        showMember(bed, "hall", [LIGHTS]);
        bed.show("hall has the same key under the same start time as kitchen", bed.truth("hall").keySets, bed.truth("kitchen").keySets);

        const writes = bed.sent("kitchen");
        bed.show("asking again by the same request id gives the same run", await bed.join("kitchen", LIGHTS, "join-kitchen"), run);
        await bed.advance(60_000);
        bed.show("and writes nothing", bed.sent("kitchen"), writes);
        bed.show("each device was written to three times: key set, map, membership", [bed.sent("kitchen"), bed.sent("hall")], [3, 3]);
        await bed.close();
    },
};
