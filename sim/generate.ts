import { Random } from "./random.js";
import { certificates } from "./generate-certificates.js";
import { devices } from "./generate-devices.js";
import { lists } from "./generate-lists.js";
import { byTime, drawBase, drawDirect, drawTask, drawTrouble, type Profile } from "./generate-parts.js";
import { SCRIPT_KEY_SETS, type Action } from "./script.js";

export { certificates } from "./generate-certificates.js";
export { devices } from "./generate-devices.js";
export { lists } from "./generate-lists.js";
export type { Profile } from "./generate-parts.js";

/** Streams of a seed, apart from the ones that the world draws from. */
const SCRIPT_STREAM = 0x5c;

/**
 * The standard schedule: three nodes, five items in all, one group task. It is what speed is measured with.
 */
export const standard: Profile = {
    name: "standard",
    description: "3 nodes, 5 items, one group task, every fault class by swarm",
    draw(seed) {
        const random = new Random(seed, SCRIPT_STREAM);
        const chaosMs = 60_000 + random.below(240_000);
        const base = drawBase(random, 3, chaosMs);
        const taskNode = random.below(3);
        const otherNode = random.below(3);
        const task = drawTask(random, chaosMs, taskNode, 1 + random.below(2), 1);
        const actions: Action[] = [
            task,
            { type: "setKey", atMs: random.below(chaosMs / 2), node: otherNode, keySet: 3, force: false, maintain: false },
            { type: "setMap", atMs: random.below(chaosMs / 2), node: otherNode, group: 3, keySet: 3, force: false, maintain: false },
        ];
        drawTrouble(random, actions, chaosMs, 3);
        actions.push({ type: "reconcile", atMs: random.below(chaosMs), node: otherNode, rewrite: false });
        return { ...base, seed, actions: byTime(actions) };
    },
};

/** Several tasks on shared nodes, groups and key sets, with cancels, duplicates and direct changes in between. */
export const crowded: Profile = {
    name: "crowded",
    description: "2 to 5 nodes, 1 to 6 tasks on shared groups and key sets, direct changes, tight tables",
    draw(seed) {
        const random = new Random(seed, SCRIPT_STREAM + 1);
        const chaosMs = 60_000 + random.below(600_000);
        const nodes = 2 + random.below(4);
        const base = drawBase(random, nodes, chaosMs);
        const actions: Action[] = [];
        const tasks = 1 + random.below(6);
        for (let i = 0; i < tasks; i++) {
            actions.push(drawTask(random, chaosMs, random.below(nodes), 1 + random.below(3), 1 + random.below(SCRIPT_KEY_SETS)));
        }
        for (let i = random.below(6); i > 0; i--) {
            actions.push(drawDirect(random, chaosMs, random.below(nodes)));
        }
        for (let i = 0; i <= tasks; i++) {
            drawTrouble(random, actions, chaosMs, nodes);
        }
        return { ...base, seed, actions: byTime(actions) };
    },
};

/** What {@link mixed} takes in turns. */
const EACH = [standard, crowded, devices, lists, certificates] as const;

/** All in turns: for those who look for anything that breaks. */
export const mixed: Profile = {
    name: "mixed",
    description: "the others in turns",
    // Every 64th schedule is scanned throughout: those shall be of all kinds, too.
    draw: seed => EACH[(seed + Math.floor(seed / 64)) % EACH.length]!.draw(seed),
};

/** All of them. */
export const profiles: readonly Profile[] = [...EACH, mixed];
