import { drawFaultPlan, drawOutages } from "./fault-plan.js";
import { Random } from "./random.js";
import { SCRIPT_KEY_SETS, type Action, type CrashScript, type NodeScript, type Script } from "./script.js";

/** A way of drawing scripts. */
export interface Profile {
    readonly name: string;
    readonly description: string;
    draw(seed: number): Script;
}

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
            { type: "setKey", atMs: random.below(chaosMs / 2), node: otherNode, keySet: 3 },
            { type: "setMap", atMs: random.below(chaosMs / 2), node: otherNode, group: 3, keySet: 3 },
        ];
        drawTrouble(random, actions, chaosMs, 3);
        actions.push({ type: "reconcile", atMs: random.below(chaosMs), node: otherNode });
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

/** Both in turns: for those who look for anything that breaks. */
export const mixed: Profile = {
    name: "mixed",
    description: "the two in turns",
    // Not simply even and odd: every 64th schedule is scanned throughout, and those shall be of both kinds.
    draw: seed => (((seed >> 6) ^ seed) & 1) === 1 ? standard.draw(seed) : crowded.draw(seed),
};

/** All of them. */
export const profiles: readonly Profile[] = [standard, crowded, mixed];

function drawBase(random: Random, count: number, chaosMs: number): Omit<Script, "seed" | "actions"> {
    const faults = drawFaultPlan(random);
    const nodes: NodeScript[] = [];
    for (let i = 0; i < count; i++) {
        nodes.push({ maxGroups: 4 + random.below(4), maxKeys: 3 + random.below(3), outages: drawOutages(faults, random, chaosMs) });
    }
    const crashes: CrashScript[] = [];
    if (random.chance(450)) {
        for (let i = 1 + random.below(3); i > 0; i--) {
            crashes.push({ beforeInput: 2 + random.below(80), downMs: random.chance(500) ? random.below(200) : random.below(90_000) });
        }
        crashes.sort((a, b) => a.beforeInput - b.beforeInput);
    }
    const isLost = random.chance(40);
    const lost = random.below(count);
    return { format: 1, nodes, faults, crashes, chaosMs, lostNode: isLost ? lost : -1 };
}

function drawTask(random: Random, chaosMs: number, node: number, group: number, keySet: number): Action {
    const withRequest = random.chance(600);
    const withDeadline = random.chance(100);
    const deadlineMs = 1_000 + random.below(chaosMs);
    return {
        type: "addToGroup",
        atMs: random.below(chaosMs / 2),
        node,
        endpoint: 1,
        group,
        keySet,
        request: withRequest ? 1 + random.below(1_000_000) : 0,
        deadlineMs: withDeadline ? deadlineMs : 0,
    };
}

/** A cancel, a repeated request, a removal, an explicit pass: sometimes. */
function drawTrouble(random: Random, actions: Action[], chaosMs: number, nodes: number): void {
    const tasks = actions.filter(action => action.type === "addToGroup");
    if (random.chance(350) && tasks.length > 0) {
        const task = random.below(tasks.length);
        actions.push({ type: "cancel", atMs: tasks[task]!.atMs + random.below(random.chance(500) ? 500 : chaosMs), task });
    }
    if (random.chance(200) && tasks.length > 0) {
        const task = tasks[random.below(tasks.length)]!;
        if (task.type === "addToGroup" && task.request !== 0) {
            actions.push({ ...task, atMs: task.atMs + random.below(60_000) });
        }
    }
    if (random.chance(300)) {
        actions.push(drawDirect(random, chaosMs, random.below(nodes)));
    }
    if (random.chance(250)) {
        actions.push({ type: "reconcile", atMs: random.below(chaosMs), node: random.below(nodes) });
    }
}

function drawDirect(random: Random, chaosMs: number, node: number): Action {
    const atMs = random.below(chaosMs);
    const group = 1 + random.below(3);
    const keySet = 1 + random.below(SCRIPT_KEY_SETS);
    const endpoint = 1;
    switch (random.below(8)) {
        case 0:
            return { type: "setKey", atMs, node, keySet };
        case 1:
        case 2:
            return { type: "setMap", atMs, node, group, keySet };
        case 3:
            return { type: "setMembership", atMs, node, endpoint, group };
        case 4:
            return { type: "removeKey", atMs, node, keySet };
        case 5:
            return { type: "removeMap", atMs, node, group };
        default:
            return { type: "removeMembership", atMs, node, endpoint, group };
    }
}

/** By time; what was drawn first comes first. */
function byTime(actions: Action[]): Action[] {
    return actions.sort((a, b) => a.atMs - b.atMs);
}
