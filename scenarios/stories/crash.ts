import type { Bed } from "../bed.js";
import type { NodeName } from "../bed-world.js";
import type { RecordPlace } from "../controller-program.js";
import type { WriteName } from "../request-name.js";
import type { Scenario } from "../scenario.js";
import { LIGHTS, MINUTE_MS } from "./groups.js";
import { showMember } from "./membership.js";

const CRASHES: readonly { readonly node: NodeName; readonly after: WriteName; readonly next?: WriteName }[] = [
    { node: "kitchen", after: "KeySetWrite", next: "GroupKeyMap" },
    { node: "hall", after: "GroupKeyMap", next: "AddGroup" },
    { node: "porch", after: "AddGroup" },
];

export const crashBeforeRecord: Scenario = {
    name: "crash-before-record",
    title: "The power is cut between the device's answer and its record",
    description:
        "The device carried the request out and answered, the manager heard it, and the power is cut before that is in the store. Once for each of the three writes, each on " +
        "a node of its own. The end is the same as without the crash.",

    run: bed => crashAfterEachWrite(bed, "unwritten"),
};

export const crashAfterRecord: Scenario = {
    name: "crash-after-record",
    title: "The power is cut when the record is durable and nobody knows",
    description: "As crash-before-record, an instant later: the store has written the record, and the manager has not heard.",

    run: bed => crashAfterEachWrite(bed, "unacknowledged"),
};

async function crashAfterEachWrite(bed: Bed, record: RecordPlace): Promise<void> {
    await bed.open();
    for (const crash of CRASHES) {
        await crashAfterWrite(bed, crash, record);
    }
    const { keySets } = bed.truth("kitchen");
    bed.show("all three hold the same key", [bed.truth("hall").keySets, bed.truth("porch").keySets], [keySets, keySets]);
    await bed.close();
}

async function crashAfterWrite(bed: Bed, { node, after, next }: (typeof CRASHES)[number], place: RecordPlace): Promise<void> {
    const answered = bed.pauseAt(node, after, "answer");
    const run = await bed.join(node, LIGHTS);
    await bed.at(answered);
    const held = bed.truth(node);
    const record = bed.pauseRecord(place);
    if (next !== undefined) {
        // It rests on a durable intent and need not wait for the record.
        bed.pauseAt(node, next, "request");
    }
    answered.release();
    await bed.at(record);
    bed.show(`the manager has heard ${node}'s answer to ${after}`, bed.answers(node, after), ["SUCCESS"]);
    await bed.cutPower();
    await bed.advance(MINUTE_MS);
    bed.show(`${node} had carried out ${after} when the power was cut, and nothing after it`, bed.truth(node), held);

    await bed.open();
    bed.show(`started again, the run for ${node} completes`, (await bed.settled(run)).state, "completed");
    showMember(bed, node, [LIGHTS]);
    bed.show(`with the key that it held before the crash`, bed.truth(node).keySets, held.keySets);
}
