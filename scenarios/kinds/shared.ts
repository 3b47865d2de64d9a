import { administer, mapGroup, unmapGroup } from "../administrator.js";
import { SECOND_SWITCH, SWITCH, type Bed } from "../bed.js";
import type { NodeName } from "../bed-world.js";
import type { Scenario } from "../scenario.js";
import { keySet, mapEntry, membership, putKeySet, THEIR_GROUP } from "./group-cases.js";
import { kindCases } from "./index.js";
import type { KindCase, Wish } from "./kind-case.js";
import { settled, showQuiet, standing, unwish, wish } from "./items.js";

const KEY_SET = 0x41;
const [GROUP_A, GROUP_B] = [0x141, 0x142];
const KEY = keySet(KEY_SET);
const [MAP_A, MAP_B] = [mapEntry(GROUP_A, KEY_SET), mapEntry(GROUP_B, KEY_SET)];
const [MEMBER_1, MEMBER_2] = [membership(SWITCH, GROUP_A), membership(SECOND_SWITCH, GROUP_A)];

export const removedWhileShared: Scenario = {
    name: "removed-while-shared",
    title: "Each kind: what something else still needs stays",
    description:
        "Two groups share a key set, two switches a group. What others of the manager's items need is not removed, and the refusal says so; when one of two that share something goes, the " +
        "other keeps it. Two items with the same content share one entry of a list, and an entry that another administrator made stays when ours goes, and that is told. A key set that another administrator's group uses is not removed from the device, because KeySetRemove would take that group's map entry with it.",

    async run(bed) {
        await bed.open();
        await sharedGroup(bed);
        await sharedKeySet(bed);
        await keySetOfAnother(bed);
        for (const each of kindCases) {
            if (each.twin !== undefined) {
                await sharedContent(bed, each, each.twin);
                await contentOfAnother(bed, each);
            }
        }
        await bed.close();
    },
};

async function sharedGroup(bed: Bed): Promise<void> {
    await putKeySet(bed, KEY_SET);
    await wish(bed, "kitchen", [KEY, MAP_A, MAP_B, MEMBER_1, MEMBER_2]);
    await settled(bed, "kitchen");
    const before = bed.truth("kitchen");
    bed.show("a map entry that memberships need is not removed", await unwish(bed, "kitchen", [MAP_A]), "ITEM_REFERENCED");
    bed.show("nor with one of them alone", await unwish(bed, "kitchen", [MEMBER_1, MAP_A]), "ITEM_REFERENCED");
    bed.show("nor a key set that map entries need", await unwish(bed, "kitchen", [KEY]), "ITEM_REFERENCED");
    await bed.advance(60_000);
    bed.show("kitchen holds all of it", bed.truth("kitchen"), before);

    await unwish(bed, "kitchen", [MEMBER_1]);
    await settled(bed, "kitchen");
    const { groupTable, groupKeyMap, keySets } = bed.truth("kitchen");
    bed.show("one membership of two goes", groupTable, [{ groupId: GROUP_A, endpoints: [SECOND_SWITCH], name: "ours" }]);
    bed.show("and the other keeps map entry and key set", [groupKeyMap, keySets], [before.groupKeyMap, before.keySets]);
}

async function sharedKeySet(bed: Bed): Promise<void> {
    const { keySets } = bed.truth("kitchen");
    bed.show("a whole group goes in one command", await unwish(bed, "kitchen", [MAP_A, MEMBER_2]), undefined);
    await settled(bed, "kitchen");
    const after = bed.truth("kitchen");
    bed.show("the other group keeps its map entry", [after.groupTable, after.groupKeyMap], [[], [{ groupId: GROUP_B, keySetId: KEY_SET }]]);
    bed.show("and the key set that both used, with the same key", after.keySets, keySets);
    bed.show("KeySetRemove was never sent", bed.sent("kitchen", "KeySetRemove"), 0);
}

async function keySetOfAnother(bed: Bed): Promise<void> {
    await administer(bed, "kitchen", mapGroup(THEIR_GROUP, KEY_SET));
    const { keySets } = bed.truth("kitchen");
    bed.show("group and key set are to go while another administrator's group uses that key set", await unwish(bed, "kitchen", [MAP_B, KEY]), undefined);
    await bed.when("the key set's removal is refused", () => standing(bed, "kitchen", KEY)?.[0] === "commitFailed");
    await showQuiet(bed, "its removal is refused for good, and nothing is written");
    const { groupKeyMap, keySets: kept } = bed.truth("kitchen");
    bed.show("our map entry went, theirs is there, with the key set", [groupKeyMap, kept], [[{ groupId: THEIR_GROUP, keySetId: KEY_SET }], keySets]);
    bed.show("KeySetRemove was never sent", bed.sent("kitchen", "KeySetRemove"), 0);

    await administer(bed, "kitchen", unmapGroup(THEIR_GROUP));
    await bed.until(bed.manager.retry(bed.nodes.kitchen, KEY.kind, KEY.key), "retry of the removal");
    await settled(bed, "kitchen");
    bed.show("when they gave it up, an operator's retry removes it", bed.truth("kitchen").keySets, []);
}

async function sharedContent(bed: Bed, each: KindCase, twin: Wish): Promise<void> {
    const { what, node, item, apply, remove, contents } = each;
    const before = bed.truth(node);
    const writes = bed.sent(node, apply);
    await wish(bed, node, [item, twin]);
    await settled(bed, node);
    const shared = bed.truth(node);
    bed.show(`${what}: two items with the same content are one on ${node}, written once`, [each.content(shared), bed.sent(node, apply) - writes], [contents.item, 1]);

    await unwish(bed, node, [item]);
    await settled(bed, node);
    bed.show(`${what}: when one goes, the other keeps it`, bed.truth(node), shared);
    bed.show(`${what}: and that is told`, endOf(bed, node, item), "remains");
    await unwish(bed, node, [twin]);
    await settled(bed, node);
    bed.show(`${what}: with the last it goes, in one write`, [bed.truth(node), bed.sent(node, remove) - writes], [before, 2]);
    bed.show(`${what}: which is told as well`, endOf(bed, node, twin), "gone");
}

async function contentOfAnother(bed: Bed, each: KindCase): Promise<void> {
    const { what, node, item, apply } = each;
    await administer(bed, node, ...each.redo);
    const [before, writes] = [bed.truth(node), bed.sent(node, apply)];
    await wish(bed, node, [item]);
    await settled(bed, node);
    await unwish(bed, node, [item]);
    await settled(bed, node);
    bed.show(`${what}: one that another administrator made is neither doubled nor removed`, [bed.truth(node), bed.sent(node, apply)], [before, writes]);
    bed.show(`${what}: and its end says that it remains`, endOf(bed, node, item), "remains");
    await administer(bed, node, ...each.undo);
}

/** What was told when the item ended last. */
function endOf(bed: Bed, node: NodeName, { kind, key }: Wish): "gone" | "remains" | undefined {
    const ends = bed.events.filter(event => event.type === "itemEnded" && event.node === bed.nodes[node] && event.kind === kind && JSON.stringify(event.key) === JSON.stringify(key));
    const end = ends.at(-1);
    return end?.type !== "itemEnded" ? undefined : end.remains === undefined ? "gone" : "remains";
}
