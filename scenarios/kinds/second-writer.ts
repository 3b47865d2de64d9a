import { administer, mapGroup, removeKeySet, unmapGroup, writeKeySet, type Deed } from "../administrator.js";
import type { Bed } from "../bed.js";
import type { Scenario } from "../scenario.js";
import { keySet, mapEntry, membership, putKeySet, THEIR_GROUP, THEIR_KEY, THEIR_KEY_SET, THEIR_START_TIME } from "./group-cases.js";
import { kindCases } from "./index.js";
import { settled, standing, unwish, wish } from "./items.js";
import type { KindCase } from "./kind-case.js";

/** Writes of a list in one go: the first, and three more at once. */
const TRIES = 4;
/** Subscriptions of real nodes gather changes for a while. */
const REPORTED_MS = 5_000;

export const secondWriter: Scenario = {
    name: "second-writer",
    title: "Each kind: another administrator writes between our read and our write",
    description:
        "Lists are written on condition that they are still what was read: the device answers DATA_VERSION_MISMATCH, the manager reads again, and neither's entries are lost, " +
        "when something is put there and when it is taken away. When that goes on and on, the manager tries again later. Commands cannot be conditional: AddGroup finds that its map entry is " +
        "gone, and is done again when that is restored; KeySetWrite replaces what another administrator wrote under the same id, and touches nothing else.",

    async run(bed) {
        await bed.open();
        for (const each of kindCases.filter(({ isList }) => isList)) {
            await entriesAreKept(bed, each);
        }
        await listThatKeepsChanging(bed);
        await mapEntryThatGoes(bed);
        await sameKeySet(bed);
        await bed.close();
    },
};

async function entriesAreKept(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item, apply, remove, theirs, contents } = each;
    await each.prepare?.(bed);
    await wish(bed, node, each.needs);
    await settled(bed, node);

    const before = bed.answers(node, apply).length;
    const aboutToWrite = bed.pauseAt(node, apply, "request");
    await wish(bed, node, [item]);
    await bed.at(aboutToWrite);
    await administer(bed, node, ...theirs);
    aboutToWrite.release();
    await settled(bed, node);
    const written = bed.answers(node, apply).slice(before);
    bed.show(`${what}: the list had changed since it was read; read again, it is written`, written, ["DATA_VERSION_MISMATCH", "SUCCESS"]);
    bed.show(`${what}: ${node} holds ours and theirs`, [each.content(bed.truth(node)), each.hasTheirs(bed.truth(node))], [contents.item, true]);

    const aboutToRemove = bed.pauseAt(node, remove, "request");
    bed.show(`${what}: its removal is accepted`, await unwish(bed, node, [item]), undefined);
    await bed.at(aboutToRemove);
    await administer(bed, node, ...each.theirsGone, ...theirs);
    aboutToRemove.release();
    await settled(bed, node);
    bed.show(`${what}: the same on removal`, bed.answers(node, remove).slice(-2), ["DATA_VERSION_MISMATCH", "SUCCESS"]);
    bed.show(`${what}: ${node} holds theirs, and ours no more`, [each.content(bed.truth(node)), each.hasTheirs(bed.truth(node))], [undefined, true]);
    await administer(bed, node, ...each.theirsGone);
    await unwish(bed, node, [...each.needs].reverse());
    await settled(bed, node);
}

async function listThatKeepsChanging(bed: Bed): Promise<void> {
    await putKeySet(bed, 0x51);
    await wish(bed, "hall", [keySet(0x51)]);
    await settled(bed, "hall");
    const before = bed.answers("hall", "GroupKeyMap").length;
    const entry = mapEntry(0x151, 0x51);
    const moments = Array.from({ length: TRIES }, () => bed.pauseAt("hall", "GroupKeyMap", "request"));
    await wish(bed, "hall", [entry]);
    for (const [index, moment] of moments.entries()) {
        await bed.at(moment);
        await administer(bed, "hall", ...meddling(index));
        moment.release();
    }
    await bed.when("the manager gives the list up for now", () => standing(bed, "hall", entry)?.[0] === "commitFailed");
    bed.show("a list that changes under each try is given up for now", bed.answers("hall", "GroupKeyMap").slice(before), Array(TRIES).fill("DATA_VERSION_MISMATCH"));
    await settled(bed, "hall");
    bed.show(
        "and written later; the other administrator's last word stands",
        bed.truth("hall").groupKeyMap,
        [
            { groupId: 0x151, keySetId: 0x51 },
            { groupId: THEIR_GROUP, keySetId: THEIR_KEY_SET + TRIES - 1 },
        ],
    );
}

function meddling(index: number): readonly Deed[] {
    return [mapGroup(THEIR_GROUP, THEIR_KEY_SET + index)];
}

async function mapEntryThatGoes(bed: Bed): Promise<void> {
    await putKeySet(bed, 0x52);
    const member = membership(1, 0x152);
    const aboutToAdd = bed.pauseAt("porch", "AddGroup", "request");
    const before = bed.answers("porch", "AddGroup").length;
    await wish(bed, "porch", [keySet(0x52), mapEntry(0x152, 0x52), member], "maintain");
    await bed.at(aboutToAdd);
    // What is undone before it was reported is not reported at all.
    await bed.advance(REPORTED_MS);
    await administer(bed, "porch", unmapGroup(0x152));
    aboutToAdd.release();
    await settled(bed, "porch");
    bed.show("AddGroup finds its map entry gone, and is done again when that is restored", bed.answers("porch", "AddGroup").slice(before), ["UNSUPPORTED_ACCESS", "SUCCESS"]);
    bed.show("porch holds map entry and membership", [bed.truth("porch").groupKeyMap, bed.truth("porch").groupTable.length], [[{ groupId: 0x152, keySetId: 0x52 }], 1]);
}

async function sameKeySet(bed: Bed): Promise<void> {
    await putKeySet(bed, 0x53);
    const aboutToWrite = bed.pauseAt("kitchen", "KeySetWrite", "request");
    await wish(bed, "kitchen", [keySet(0x53)]);
    await bed.at(aboutToWrite);
    await administer(bed, "kitchen", writeKeySet(0x53, THEIR_START_TIME, THEIR_KEY), writeKeySet(THEIR_KEY_SET, THEIR_START_TIME, THEIR_KEY));
    const theirs = bed.truth("kitchen").keySets.find(({ id }) => id === THEIR_KEY_SET);
    aboutToWrite.release();
    await settled(bed, "kitchen");
    const [ours, other] = bed.truth("kitchen").keySets;
    bed.show("KeySetWrite replaces what another administrator wrote under the same id", [ours?.id, ours?.slots.map(({ startTime }) => startTime)], [0x53, [1_000_000n]]);
    bed.show("and touches no other key set", other, theirs);
    await administer(bed, "kitchen", removeKeySet(THEIR_KEY_SET));
}
