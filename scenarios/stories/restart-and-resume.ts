import type { Bed } from "../bed.js";
import { emptyTruth } from "../device-truth.js";
import type { Scenario } from "../scenario.js";
import { LIGHTS, MINUTE_MS } from "./groups.js";
import { showMember } from "./membership.js";

export const restartClosed: Scenario = {
    name: "restart-closed",
    title: "Manager and controller closed while a run is parked, and opened again",
    description: "A parked run outlives an orderly shutdown: opened again, the same run, asked for by its id, completes.",

    async run(bed) {
        await bed.open();
        bed.setReachable("kitchen", false);
        const run = await bed.join("kitchen", LIGHTS, "join-kitchen");
        await bed.advance(5 * MINUTE_MS);
        bed.show("the run is parked when manager and controller are closed", bed.manager.runInfo(run)?.state, "parked");
        bed.show("and kitchen holds nothing", bed.truth("kitchen"), emptyTruth);
        await bed.close();
        await bed.advance(30 * MINUTE_MS);

        await bed.open();
        bed.show("opened again, the request id names the same run", await bed.join("kitchen", LIGHTS, "join-kitchen"), run);
        bed.setReachable("kitchen", true);
        bed.show("which completes", (await bed.settled(run)).state, "completed");
        showMember(bed, "kitchen", [LIGHTS]);
        await showStillCompleted(bed, run);
    },
};

export const restartCutOff: Scenario = {
    name: "restart-cut-off",
    title: "The controller's power is cut half-way through a run",
    description: "The power fails when the device holds the key set and the map entry is on its way. Started again, the run goes on from what is durable.",

    run: bed => cutOffInTheMiddle(bed),
};

export const restartFromDisk: Scenario = {
    name: "restart-from-disk",
    title: "The same, from the durable store on disk",
    description: "As restart-cut-off, with the store in a directory: opened again from the files that the power cut left, and once more after an orderly shutdown.",
    store: "disk",

    run: bed => cutOffInTheMiddle(bed),
};

async function cutOffInTheMiddle(bed: Bed): Promise<void> {
    await bed.open();
    const mapOnItsWay = bed.pauseAt("kitchen", "GroupKeyMap", "request");
    const run = await bed.join("kitchen", LIGHTS, "join-kitchen");
    await bed.at(mapOnItsWay);
    const half = bed.truth("kitchen");
    bed.show("the power is cut when kitchen holds the key set and nothing else", [half.keySets.length, half.groupKeyMap, half.groupTable], [1, [], []]);
    await bed.cutPower();
    await bed.advance(5 * MINUTE_MS);
    bed.show("nothing more reaches kitchen while the controller is down", bed.truth("kitchen"), half);

    await bed.open();
    bed.show("started again, the run completes by its id", (await bed.settled(run)).state, "completed");
    showMember(bed, "kitchen", [LIGHTS]);
    bed.show("kitchen holds the same key as before the power cut", bed.truth("kitchen").keySets, half.keySets);
    await showStillCompleted(bed, run);
}

/** The outcome, too, outlives a shutdown, and nothing is done again. */
async function showStillCompleted(bed: Bed, run: number): Promise<void> {
    const [truth, writes] = [bed.truth("kitchen"), bed.sent("kitchen")];
    await bed.close();
    await bed.open();
    bed.show("after one more restart the run can still be asked for", (await bed.settled(run)).state, "completed");
    await bed.advance(10 * MINUTE_MS);
    bed.show("and kitchen is neither changed nor written to any more", [bed.truth("kitchen"), bed.sent("kitchen")], [truth, writes]);
    await bed.close();
}
