import { drawDeviceFaults } from "./fault-plan.js";
import { byTime, drawBase, type Profile } from "./generate-parts.js";
import { BOTH_ADMINISTRATORS, COMMISSIONERS_ENTRY, OTHERS_ENTRIES, OTHERS_TARGETS } from "./list-entries.js";
import { drawListDeed } from "./other-deeds.js";
import { Random } from "./random.js";
import type { Action, DirectChange, Incident } from "./script.js";

/** Stream of the seed, apart from those of the other profiles. */
const SCRIPT_STREAM = 0x5f;
/** Every drawn switch is this endpoint. */
const ENDPOINT = 1;
const MINUTE_MS = 60_000;

/** Access control lists and bindings alone: few contents under two labels on one or two nodes, so that items share, cover and outlive each other. */
export const lists: Profile = {
    name: "lists",
    description: "1 or 2 nodes, access control lists and bindings that several callers and another administrator write",
    draw(seed) {
        const random = new Random(seed, SCRIPT_STREAM);
        const chaosMs = MINUTE_MS + random.below(5 * MINUTE_MS);
        const base = drawBase(random, 1 + random.below(2), chaosMs);
        const faults = drawDeviceFaults(base.faults, random);
        const nodes = base.nodes.map(node => ({ ...node, maxAcl: 4 + random.below(4), binds: true }));
        const isSiege = random.chance(200);
        const kept = [isSiege ? BOTH_ADMINISTRATORS : random.below(OTHERS_ENTRIES), random.below(OTHERS_ENTRIES), random.below(OTHERS_ENTRIES)];
        const actions: Action[] = [];
        for (let i = 4 + random.below(12); i > 0; i--) {
            const change = drawListChange(random, chaosMs, random.below(nodes.length));
            const entry = kept[random.below(kept.length)]!;
            const maintain = random.chance(300);
            const chosen = "entry" in change ? { ...change, entry } : change;
            actions.push("maintain" in chosen ? { ...chosen, maintain } : chosen);
        }
        const incidents: Incident[] = [];
        for (let i = random.below(8); i > 0; i--) {
            incidents.push({ atMs: random.below(chaosMs), ...drawListDeed(random, random.below(nodes.length)) });
        }
        const siege: Incident = { atMs: random.below(chaosMs), type: "otherRevoke", node: 0, entry: COMMISSIONERS_ENTRY };
        if (isSiege) {
            incidents.push(siege); // what lets the manager in is its own item's entry then
        }
        incidents.sort((a, b) => a.atMs - b.atMs);
        return { ...base, seed, nodes, faults, incidents, actions: byTime(actions) };
    },
};

/** An access control entry or a binding is set or removed. */
export function drawListChange(random: Random, chaosMs: number, node: number): DirectChange & { readonly atMs: number } {
    const atMs = random.below(chaosMs);
    const which = random.below(5);
    const entry = random.below(OTHERS_ENTRIES);
    const target = random.below(OTHERS_TARGETS);
    const label = random.below(2);
    switch (which) {
        case 0:
        case 1:
            return { type: "setAcl", atMs, node, entry, label, force: false, maintain: false };
        case 2:
            return { type: "removeAcl", atMs, node, entry, label, force: false };
        case 3:
            return { type: "setBinding", atMs, node, endpoint: ENDPOINT, target, label, force: false, maintain: false };
        default:
            return { type: "removeBinding", atMs, node, endpoint: ENDPOINT, target, label, force: false };
    }
}
