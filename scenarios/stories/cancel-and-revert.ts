import { SelvageError } from "../../src/runtime/index.js";
import type { Bed, Group } from "../bed.js";
import { emptyTruth } from "../device-truth.js";
import type { Scenario } from "../scenario.js";
import { BLINDS, LAMPS, LIGHTS, MINUTE_MS } from "./groups.js";
import { showMember } from "./membership.js";

export const cancelBefore: Scenario = {
    name: "cancel-before",
    title: "Cancelled before the device was written to: it never is",
    description: "The run waits for a node that is away, and is cancelled. When the node is back, nothing is written to it.",

    async run(bed) {
        await bed.open();
        bed.setReachable("kitchen", false);
        await bed.advance(5 * MINUTE_MS);
        const run = await bed.join("kitchen", LIGHTS);
        await bed.advance(MINUTE_MS);
        await bed.cancel(run);
        bed.setReachable("kitchen", true);
        await showCancelled(bed, run);
        await bed.advance(10 * MINUTE_MS);
        bed.show("kitchen holds nothing", bed.truth("kitchen"), emptyTruth);
        bed.show("AddGroup, KeySetWrite and the map were never sent", setsSent(bed), 0);
        await bed.close();
    },
};

export const cancelDuring: Scenario = {
    name: "cancel-during",
    title: "Cancelled half-way: what was written is taken back, the rest stays",
    description:
        "The node is in a group already. A second run, with a key set of its own, is cancelled after the device answered KeySetWrite and before AddGroup. The " +
        "device ends with exactly what it held before.",

    async run(bed) {
        await bed.open();
        await establish(bed, LIGHTS);
        const before = bed.truth("kitchen");
        const added = bed.sent("kitchen", "AddGroup");

        const keyWritten = bed.pauseAt("kitchen", "KeySetWrite", "answer");
        const run = await bed.join("kitchen", BLINDS);
        await bed.at(keyWritten);
        bed.show("kitchen holds the new key set when the run is cancelled", keySetIds(bed), [LIGHTS.keySetId, BLINDS.keySetId]);
        await bed.cancel(run);
        keyWritten.release();

        await showCancelled(bed, run);
        bed.show("kitchen holds exactly what it held before the run", bed.truth("kitchen"), before);
        bed.show("AddGroup was never sent for the cancelled run", bed.sent("kitchen", "AddGroup"), added);
        await bed.close();
    },
};

export const cancelAfter: Scenario = {
    name: "cancel-after",
    title: "Cancelled when all is written: all of it is taken back",
    description:
        "The run is cancelled when the device has carried everything out, and the manager has not heard of the last. The device ends with exactly what it held before: " +
        "with a key set of the run's own, and with one that another group uses and that must stay. Once the manager has heard, the run is complete, and cancelling is refused.",

    async run(bed) {
        await bed.open();
        await establish(bed, LIGHTS);
        const before = bed.truth("kitchen");

        await cancelWhenWritten(bed, BLINDS);
        bed.show("with a key set of its own: kitchen holds exactly what it held before the run", bed.truth("kitchen"), before);

        const removed = bed.sent("kitchen", "KeySetRemove");
        await cancelWhenWritten(bed, LAMPS);
        bed.show("with the key set of another group: kitchen holds exactly what it held before", bed.truth("kitchen"), before);
        bed.show("the shared key set was not asked to be removed", bed.sent("kitchen", "KeySetRemove"), removed);

        const run = await cancelBeforeRecord(bed);
        bed.show("when the manager has heard the last answer, cancelling is refused", run.refused, "RUN_SETTLED");
        bed.show("and the run is complete", run.state, "completed");
        showMember(bed, "kitchen", [LIGHTS, BLINDS]);
        await bed.close();
    },
};

export const cancelWhileAway: Scenario = {
    name: "cancel-while-away",
    title: "Cancelled half-way while the node is away: taken back when it returns",
    description: "The node disappears with the key set and the map entry written; the run is cancelled meanwhile. The rollback parks, and is done when the node is back.",

    async run(bed) {
        await bed.open();
        await establish(bed, LIGHTS);
        const before = bed.truth("kitchen");

        const mapWritten = bed.pauseAt("kitchen", "GroupKeyMap", "answer");
        const run = await bed.join("kitchen", BLINDS);
        await bed.at(mapWritten);
        bed.setReachable("kitchen", false);
        mapWritten.release();
        await bed.advance(5 * MINUTE_MS);
        await bed.cancel(run);
        await bed.advance(15 * MINUTE_MS);
        bed.show("the rollback is not taken for done", bed.manager.runInfo(run)?.state, "parked");
        bed.show("while kitchen still holds the new key set", keySetIds(bed), [LIGHTS.keySetId, BLINDS.keySetId]);

        bed.setReachable("kitchen", true);
        await showCancelled(bed, run);
        bed.show("kitchen holds exactly what it held before the run", bed.truth("kitchen"), before);
        await bed.close();
    },
};

export const cancelShared: Scenario = {
    name: "cancel-shared",
    title: "Cancelled while another run needs its key set: that stays",
    description:
        "One run wrote a key set, and a second one, for another group, was admitted to use it. The first is cancelled: its group goes, the key set stays, and it says so. The second " +
        "completes with the key that is there.",

    async run(bed) {
        await bed.open();
        const added = bed.pauseAt("kitchen", "AddGroup", "answer");
        const first = await bed.join("kitchen", LIGHTS);
        await bed.at(added);
        const { keySets } = bed.truth("kitchen");
        const second = await bed.join("kitchen", LAMPS);
        await bed.cancel(first);
        added.release();

        const { state, notRestored } = await bed.settled(first);
        bed.show("the first run ends as cancelled", state, "cancelled");
        bed.show(
            "and reports that the key set stays, because something else needs it",
            notRestored.map(({ kind, key, reason }) => [kind, key, reason]),
            [["groupKey", [LIGHTS.keySetId], "stillReferenced"]],
        );
        bed.show("the second run completes", (await bed.settled(second)).state, "completed");
        showMember(bed, "kitchen", [LAMPS]);
        bed.show("under the key that the first one wrote", bed.truth("kitchen").keySets, keySets);
        bed.show("KeySetRemove was never sent", bed.sent("kitchen", "KeySetRemove"), 0);
        await bed.close();
    },
};

/** What the node holds before the run that is cancelled. */
async function establish(bed: Bed, group: Group): Promise<void> {
    bed.show(`kitchen joins ${group.groupName} first`, (await bed.settled(await bed.join("kitchen", group))).state, "completed");
    showMember(bed, "kitchen", [group]);
}

async function cancelWhenWritten(bed: Bed, group: Group): Promise<void> {
    const added = bed.pauseAt("kitchen", "AddGroup", "answer");
    const run = await bed.join("kitchen", group);
    await bed.at(added);
    showMember(bed, "kitchen", [LIGHTS, group], { when: " when the run is cancelled" });
    await bed.cancel(run);
    added.release();
    await showCancelled(bed, run);
}

/** The manager has heard the last answer; what it makes of it is not durable yet. */
async function cancelBeforeRecord(bed: Bed): Promise<{ readonly refused: string | undefined; readonly state: string }> {
    const added = bed.pauseAt("kitchen", "AddGroup", "answer");
    const run = await bed.join("kitchen", BLINDS);
    await bed.at(added);
    const record = bed.pauseRecord("unwritten");
    added.release();
    await bed.at(record);
    const cancelling = bed.manager.cancel(run).then(
        () => undefined,
        (error: unknown) => (error instanceof SelvageError ? error.code : String(error)),
    );
    record.release();
    const refused = await bed.until(cancelling, `cancelling run ${run}`);
    return { refused, state: (await bed.settled(run)).state };
}

async function showCancelled(bed: Bed, run: number): Promise<void> {
    const { state, notRestored } = await bed.settled(run);
    bed.show("the run ends as cancelled, with nothing left unrestored", [state, notRestored], ["cancelled", []]);
}

function keySetIds(bed: Bed): number[] {
    return bed.truth("kitchen").keySets.map(({ id }) => id);
}

/** Requests that would have put something there. */
function setsSent(bed: Bed): number {
    return bed.sent("kitchen", "KeySetWrite") + bed.sent("kitchen", "GroupKeyMap") + bed.sent("kitchen", "AddGroup");
}
