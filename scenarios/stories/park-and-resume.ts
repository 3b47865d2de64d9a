import type { Bed } from "../bed.js";
import { emptyTruth } from "../device-truth.js";
import type { Scenario } from "../scenario.js";
import { BLINDS, LIGHTS, MINUTE_MS } from "./groups.js";
import { showMember } from "./membership.js";

const AWAY_MS = 20 * MINUTE_MS;
/** Sooner than any sweep: the node's return itself is what wakes the run. matter.js takes about half a minute to notice it. */
const RESUMED_MS = 3 * MINUTE_MS;

export const parkAtStart: Scenario = {
    name: "park-at-start",
    title: "A node that is away when its run begins is waited for",
    description: "The node cannot be reached when the run is admitted. The run parks, other nodes are served meanwhile, and it completes when the node is back.",

    async run(bed) {
        await bed.open();
        bed.setReachable("kitchen", false);
        const run = await bed.join("kitchen", LIGHTS);

        const other = await bed.join("hall", BLINDS);
        bed.show("a run for another node completes meanwhile", (await bed.settled(other)).state, "completed");
        showMember(bed, "hall", [BLINDS]);

        await bed.advance(AWAY_MS);
        bed.show("the run is parked after 20 minutes", bed.manager.runInfo(run)?.state, "parked");
        bed.show("and can say that the node is out of reach", bed.manager.explain({ run })?.some(({ code }) => code === "nodeOutOfReach"), true);
        bed.show("kitchen holds nothing", bed.truth("kitchen"), emptyTruth);

        await showResumed(bed, run);
        showMember(bed, "kitchen", [LIGHTS]);
        await bed.close();
    },
};

export const parkInTheMiddle: Scenario = {
    name: "park-in-the-middle",
    title: "A node that goes away half-way is waited for, and the rest done",
    description: "The node disappears after it took the key set and before AddGroup. The run parks half done, and goes on where it stood.",

    async run(bed) {
        await bed.open();
        const keyWritten = bed.pauseAt("kitchen", "KeySetWrite", "answer");
        const run = await bed.join("kitchen", LIGHTS);
        await bed.at(keyWritten);
        bed.setReachable("kitchen", false);
        keyWritten.release();

        await bed.advance(AWAY_MS);
        bed.show("the run is parked after 20 minutes", bed.manager.runInfo(run)?.state, "parked");
        const half = bed.truth("kitchen");
        bed.show("kitchen holds the key set, but neither map entry nor membership", [half.keySets.length, half.groupKeyMap, half.groupTable], [1, [], []]);
        bed.show("AddGroup never reached it", half.groupTable, []);

        await showResumed(bed, run);
        showMember(bed, "kitchen", [LIGHTS]);
        bed.show("the key set was not written again", bed.sent("kitchen", "KeySetWrite"), 1);
        bed.show("and is the one from before", bed.truth("kitchen").keySets, half.keySets);
        await bed.close();
    },
};

async function showResumed(bed: Bed, run: number): Promise<void> {
    const backAtMs = bed.elapsedMs;
    bed.setReachable("kitchen", true);
    bed.show("the run completes when kitchen is back", (await bed.settled(run)).state, "completed");
    bed.show("within three minutes", bed.elapsedMs - backAtMs < RESUMED_MS, true);
}
