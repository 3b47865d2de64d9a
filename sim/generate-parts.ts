import { drawFaultPlan, drawOutages } from "./fault-plan.js";
import type { Random } from "./random.js";
import { plainNode, SCRIPT_FORMAT, SCRIPT_KEY_SETS, type Action, type CrashScript, type DirectChange, type NodeScript, type Script } from "./script.js";

/** A way of drawing scripts. */
export interface Profile {
    readonly name: string;
    readonly description: string;
    draw(seed: number): Script;
}

/** Nodes, faults of network and store, crashes. */
export function drawBase(random: Random, count: number, chaosMs: number): Omit<Script, "seed" | "actions"> {
    const faults = drawFaultPlan(random);
    const nodes: NodeScript[] = [];
    for (let i = 0; i < count; i++) {
        nodes.push({ ...plainNode, maxGroups: 4 + random.below(4), maxKeys: 3 + random.below(3), outages: drawOutages(faults, random, chaosMs) });
    }
    const crashes: CrashScript[] = [];
    if (random.chance(450)) {
        for (let i = 1 + random.below(3); i > 0; i--) {
            crashes.push({ beforeInput: 2 + random.below(80), downMs: random.chance(500) ? random.below(200) : random.below(90_000), backupMs: 0 });
        }
        crashes.sort((a, b) => a.beforeInput - b.beforeInput);
    }
    const isLost = random.chance(40);
    const lost = random.below(count);
    return { format: SCRIPT_FORMAT, nodes, faults, incidents: [], crashes, chaosMs, lostNode: isLost ? lost : -1 };
}

/** A node is to join a group. */
export function drawTask(random: Random, chaosMs: number, node: number, group: number, keySet: number): Action {
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
export function drawTrouble(random: Random, actions: Action[], chaosMs: number, nodes: number): void {
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
        actions.push({ type: "reconcile", atMs: random.below(chaosMs), node: random.below(nodes), rewrite: false });
    }
}

/** A caller sets or removes one intent. */
export function drawDirect(random: Random, chaosMs: number, node: number): DirectChange & { readonly atMs: number } {
    const atMs = random.below(chaosMs);
    const group = 1 + random.below(3);
    const keySet = 1 + random.below(SCRIPT_KEY_SETS);
    const endpoint = 1;
    switch (random.below(8)) {
        case 0:
            return { type: "setKey", atMs, node, keySet, force: false, maintain: false };
        case 1:
        case 2:
            return { type: "setMap", atMs, node, group, keySet, force: false, maintain: false };
        case 3:
            return { type: "setMembership", atMs, node, endpoint, group, force: false, maintain: false };
        case 4:
            return { type: "removeKey", atMs, node, keySet, force: false };
        case 5:
            return { type: "removeMap", atMs, node, group, force: false };
        default:
            return { type: "removeMembership", atMs, node, endpoint, group, force: false };
    }
}

/** By time; what was drawn first comes first. */
export function byTime(actions: Action[]): Action[] {
    return actions.sort((a, b) => a.atMs - b.atMs);
}
