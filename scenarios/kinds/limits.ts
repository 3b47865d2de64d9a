import { administer, mapGroup, writeKeySet } from "../administrator.js";
import { MAX_GROUP_KEYS, MAX_GROUPS } from "../bed-world.js";
import type { Scenario } from "../scenario.js";
import { keySet, mapEntry, putKeySet, THEIR_GROUP, THEIR_KEY, THEIR_KEY_SET, THEIR_START_TIME } from "./group-cases.js";
import { PROMPT_MS, settled, showQuiet, standing, wish } from "./items.js";

const [FIRST, SECOND] = [keySet(0x41), keySet(0x42)];
const ENTRY = mapEntry(0x141, 0x41);
/** RESOURCE_EXHAUSTED, and nothing was known to differ. */
const NO_ROOM = ["commitFailed", "terminal", 0x89, false];

export const limitsChange: Scenario = {
    name: "limits-change",
    title: "A software update changes a node's limits",
    description:
        "Key sets and map are full when they are read: what is wanted besides is not even sent. A software update makes room, the node reports its new version, and all of it goes through at once. The " +
        "next one takes the room away again: what is there stays, and nothing more is sent.",

    async run(bed) {
        const theirKeySets = Array.from({ length: MAX_GROUP_KEYS - 1 }, (_, at) => writeKeySet(THEIR_KEY_SET + at, THEIR_START_TIME, THEIR_KEY));
        const theirGroups = Array.from({ length: MAX_GROUPS }, (_, at) => mapGroup(THEIR_GROUP + at, THEIR_KEY_SET));
        await bed.open();
        await bed.advance(PROMPT_MS);
        await administer(bed, "kitchen", ...theirKeySets, ...theirGroups);
        await bed.until(bed.manager.reconcile(bed.nodes.kitchen, { capacity: true }), "reading kitchen's limits");
        await putKeySet(bed, 0x41);
        await putKeySet(bed, 0x42);
        await wish(bed, "kitchen", [FIRST, ENTRY]);
        await bed.advance(PROMPT_MS);
        bed.show("with all places taken, a key set is known to find no room", standing(bed, "kitchen", FIRST), NO_ROOM);
        bed.show("and not sent", bed.sent("kitchen"), 0);

        await bed.updateSoftware("kitchen", { maxGroupKeys: MAX_GROUP_KEYS + 1, maxGroups: MAX_GROUPS + 1 });
        await bed.advance(PROMPT_MS);
        bed.show("a software update makes room, and both are there within seconds", [standing(bed, "kitchen", FIRST), standing(bed, "kitchen", ENTRY)], [
            ["committed", false],
            ["committed", false],
        ]);
        const { keySets, groupKeyMap } = bed.truth("kitchen");
        bed.show("beside another administrator's", [keySets.length, groupKeyMap.length], [MAX_GROUP_KEYS, MAX_GROUPS + 1]);

        await bed.updateSoftware("kitchen", { maxGroupKeys: MAX_GROUP_KEYS, maxGroups: MAX_GROUPS });
        await settled(bed, "kitchen");
        const writes = bed.sent("kitchen");
        await wish(bed, "kitchen", [SECOND]);
        await showQuiet(bed, "the next one takes the room away: what is there stays");
        bed.show("another key set finds no room", standing(bed, "kitchen", SECOND), NO_ROOM);
        bed.show("and is not sent", bed.sent("kitchen"), writes);
        await bed.close();
    },
};
