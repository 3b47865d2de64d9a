import { KeyMaterial } from "../../src/core/key-material.js";
import { Status } from "../../src/core/status.js";
import { removeKeySet, writeKeySet } from "../administrator.js";
import { keyFingerprint } from "../device-truth.js";
import { MAX_GROUP_KEYS } from "../bed-world.js";
import type { Scenario } from "../scenario.js";
import { LIGHTS } from "./groups.js";
import { showMember } from "./membership.js";

const FOREIGN_KEY = new KeyMaterial(new Uint8Array(KeyMaterial.LENGTH).fill(0xf0), "foreign");
/** One place is the IPK's. */
const FOREIGN_SETS = Array.from({ length: MAX_GROUP_KEYS - 1 }, (_, index) => 0x70 + index);

export const capacityRefused: Scenario = {
    name: "capacity-refused",
    title: "A full device refuses: the run fails, and others' keys stay",
    description:
        "Another administrator takes the last places for key sets between admission and KeySetWrite. The device is the final judge: the run fails with its code, is rolled " +
        "back, and what the other administrator wrote stays. When there is room again, the same works.",

    async run(bed) {
        await bed.open();
        const aboutToWrite = bed.pauseAt("kitchen", "KeySetWrite", "request");
        const run = await bed.join("kitchen", LIGHTS);
        await bed.at(aboutToWrite);
        for (const id of FOREIGN_SETS) {
            bed.show(`another administrator writes key set ${id}`, await bed.administer("kitchen", writeKeySet(id, 1_000_000n, FOREIGN_KEY)), { kind: "status", status: Status.SUCCESS });
        }
        const foreign = bed.truth("kitchen");
        aboutToWrite.release();

        const { state, cause, notRestored } = await bed.settled(run);
        bed.show("the run fails, and says that an item of it failed", [state, cause?.code, notRestored], ["failed", "ITEM_FAILED", []]);
        bed.show("kitchen refused the key set, once", bed.answers("kitchen", "KeySetWrite"), ["RESOURCE_EXHAUSTED"]);
        bed.show("kitchen holds what the other administrator wrote, and nothing else", bed.truth("kitchen"), foreign);
        bed.show(
            "with the other administrator's keys",
            foreign.keySets.map(({ id, slots }) => [id, slots.map(({ key }) => key)]),
            FOREIGN_SETS.map(id => [id, [keyFingerprint(FOREIGN_KEY)]]),
        );

        const removed = await bed.administer("kitchen", removeKeySet(FOREIGN_SETS[0]!));
        bed.show("the other administrator makes room", removed, { kind: "status", status: Status.SUCCESS });
        await bed.until(bed.manager.reconcile(bed.nodes.kitchen, { capacity: true }), "reading kitchen's limits");
        bed.show("the same run again completes", (await bed.settled(await bed.join("kitchen", LIGHTS))).state, "completed");
        showMember(bed, "kitchen", [LIGHTS], { keySets: FOREIGN_SETS.slice(1) });
        await bed.close();
    },
};
