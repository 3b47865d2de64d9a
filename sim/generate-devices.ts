import { drawDeviceFaults } from "./fault-plan.js";
import { byTime, drawBase, drawDirect, drawTask, drawTrouble, type Profile } from "./generate-parts.js";
import { drawDeed } from "./other-deeds.js";
import { Random } from "./random.js";
import { drawListChange } from "./generate-lists.js";
import { SCRIPT_KEY_SETS, type Action, type CrashScript, type Incident, type NodeScript } from "./script.js";

/** Stream of the seed, apart from those of the other profiles. */
const SCRIPT_STREAM = 0x5e;

/** Every drawn switch is this endpoint. */
const ENDPOINT = 1;

/** Longer, and a sleepy node would not answer within what a transport waits (a short idle time ICD sleeps for 15 s at most). */
const SLEEP_MAX_MS = 12_000;
const MINUTE_MS = 60_000;
/** More than the drift budget allows for. */
const BLOWS = 7;

/** What happens to devices: subscriptions, resets, updates, other administrators, joining and leaving. Few changes, so that each counts. */
export const devices: Profile = {
    name: "devices",
    description: "2 to 4 nodes, direct changes and up to 2 tasks, every fault class of devices by swarm",
    draw(seed) {
        const random = new Random(seed, SCRIPT_STREAM);
        const chaosMs = MINUTE_MS + random.below(10 * MINUTE_MS);
        const count = 2 + random.below(3);
        const base = drawBase(random, count, chaosMs);
        const faults = drawDeviceFaults(base.faults, random);
        const traits = { slow: random.chance(250), sleepy: random.chance(250), clockless: random.chance(400), late: random.chance(250) };
        const actions = drawActions(random, chaosMs, count);
        const nodes = base.nodes.map((node, i) => drawTraits(random, node, traits, i, chaosMs, actions));
        return {
            ...base,
            seed,
            nodes,
            faults,
            incidents: drawIncidents(random, chaosMs, nodes),
            crashes: drawBackups(random, base.crashes),
            actions: byTime(actions),
        };
    },
};

function drawActions(random: Random, chaosMs: number, count: number): Action[] {
    const actions: Action[] = [];
    const maintains = random.chance(600);
    for (let i = 2 + random.below(9); i > 0; i--) {
        const node = random.below(count);
        const group = drawDirect(random, chaosMs, node);
        const listed = drawListChange(random, chaosMs, node);
        const change = random.chance(400) ? listed : group;
        const force = random.chance(150);
        const maintain = random.chance(600) && maintains;
        actions.push("maintain" in change ? { ...change, force, maintain } : { ...change, force });
    }
    const tasks = random.below(3);
    for (let i = 0; i < tasks; i++) {
        actions.push(drawTask(random, chaosMs, random.below(count), 1 + random.below(3), 1 + random.below(SCRIPT_KEY_SETS)));
    }
    drawTrouble(random, actions, chaosMs, count);
    drawOperator(random, actions, chaosMs, count, tasks);
    drawMoves(random, actions, chaosMs, count);
    return actions;
}

/** What operators do about single items and runs. */
function drawOperator(random: Random, actions: Action[], chaosMs: number, count: number, tasks: number): void {
    for (let i = random.below(4); i > 0; i--) {
        const atMs = random.below(chaosMs);
        const node = random.below(count);
        const item = random.below(8);
        const task = random.below(Math.max(1, tasks));
        const maintain = random.chance(400);
        const which = random.below(6);
        if (which < 2) {
            actions.push({ type: "adopt", atMs, node, item, maintain });
        } else if (which === 2) {
            actions.push({ type: "withdraw", atMs, node, item });
        } else if (which === 3) {
            actions.push({ type: "retry", atMs, node, item });
        } else if (which === 4) {
            actions.push({ type: "reconcile", atMs, node, rewrite: true });
        } else if (tasks > 0) {
            actions.push({ type: random.chance(500) ? "retryRun" : "abandon", atMs, task });
        }
    }
}

/** Nodes leave, come back under their old ids, and are commissioned again. */
export function drawMoves(random: Random, actions: Action[], chaosMs: number, count: number): void {
    const moves = random.chance(400);
    for (let i = 1 + random.below(2); i > 0; i--) {
        const atMs = random.below(chaosMs);
        const node = random.below(count);
        const comesBack = random.chance(600);
        const backMs = random.below(MINUTE_MS);
        const lateMs = random.chance(500) ? random.below(2 * MINUTE_MS) : 0;
        if (!moves) {
            continue;
        }
        if (random.chance(500)) {
            actions.push({ type: "renewNode", atMs, node, lateMs });
            continue;
        }
        actions.push({ type: "removeNode", atMs, node });
        if (comesBack) {
            actions.push({ type: "addNode", atMs: atMs + backMs, node });
        }
    }
}

function drawTraits(
    random: Random,
    node: NodeScript,
    traits: { readonly slow: boolean; readonly sleepy: boolean; readonly clockless: boolean; readonly late: boolean },
    index: number,
    chaosMs: number,
    actions: Action[],
): NodeScript {
    const isSlow = random.chance(500) && traits.slow;
    const isSleepy = random.chance(500) && traits.sleepy;
    const slowMs = 1 + random.below(4_000);
    const sleepMs = 500 + random.below(SLEEP_MAX_MS - 500);
    const awakeMs = 50 + random.below(450);
    const hasClock = !(random.chance(600) && traits.clockless);
    const joinsLater = random.chance(300) && traits.late && index > 0;
    const joinsAtMs = random.below(chaosMs);
    const maxAcl = 4 + random.below(4);
    const binds = random.chance(900);
    if (joinsLater) {
        actions.push({ type: "addNode", atMs: joinsAtMs, node: index });
    }
    return {
        ...node,
        maxAcl,
        binds,
        slowMs: isSlow ? slowMs : 0,
        sleepMs: isSleepy ? sleepMs : 0,
        awakeMs: isSleepy ? awakeMs : 0,
        hasClock,
        joinsLater,
    };
}

/** Each class is there in some schedules, up to a few times. */
export function drawIncidents(random: Random, chaosMs: number, nodes: readonly NodeScript[]): Incident[] {
    const incidents: Incident[] = [];
    for (const [draw, on, most] of CLASSES) {
        const isOn = random.chance(on);
        const times = 1 + random.below(most);
        for (let i = 0; isOn && i < times; i++) {
            incidents.push(draw(random, random.below(chaosMs), random.below(nodes.length), nodes));
        }
    }
    drawFight(random, incidents, chaosMs, nodes.length);
    return incidents.sort((a, b) => a.atMs - b.atMs);
}

/** Another administrator who does the same thing again and again: what is maintained would be rewritten as often. */
function drawFight(random: Random, incidents: Incident[], chaosMs: number, count: number): void {
    const isOn = random.chance(150);
    const deed = drawDeed(random, random.below(count));
    const fromMs = random.below(chaosMs);
    const everyMs = 1_000 + random.below(MINUTE_MS);
    for (let i = 0; isOn && i < BLOWS; i++) {
        incidents.push({ atMs: fromMs + i * everyMs, ...deed });
    }
}

type Draw = (random: Random, atMs: number, node: number, nodes: readonly NodeScript[]) => Incident;

/** How each class is drawn, in how many of 1000 schedules, and how often at most. */
const CLASSES: readonly (readonly [draw: Draw, on: number, most: number])[] = [
    [(random, atMs, node) => ({ type: "flap", atMs, node, downMs: random.below(5_000) }), 300, 3],
    [(random, atMs, node) => ({ type: "reboot", atMs, node, told: random.chance(500) }), 350, 3],
    [(random, atMs, node) => ({ type: "powerCut", atMs, node, forgetsMs: random.below(10_000), told: random.chance(600) }), 300, 2],
    [(random, atMs, node) => ({ type: "factoryReset", atMs, node, returns: random.chance(700) }), 200, 1],
    [
        (random, atMs, node, nodes) => ({
            type: "softwareUpdate",
            atMs,
            node,
            maxGroups: Math.max(1, nodes[node]!.maxGroups - 3 + random.below(7)),
            maxKeys: Math.max(1, nodes[node]!.maxKeys - 2 + random.below(5)),
            told: random.chance(800),
        }),
        300,
        2,
    ],
    [
        (random, atMs, node) => ({
            type: "endpointGone",
            atMs,
            node,
            endpoint: ENDPOINT,
            backAfterMs: random.below(3 * MINUTE_MS),
            forgets: random.chance(500),
            told: random.chance(700),
        }),
        300,
        2,
    ],
    [(random, atMs, node) => ({ atMs, ...drawDeed(random, node) }), 450, 6],
    [(random, atMs) => ({ type: "clockJump", atMs: random.chance(300) ? 0 : atMs, byMs: drawJump(random) }), 250, 2],
];

/** A little or a lot, forward or backward, back to 1970 at the most. */
function drawJump(random: Random): number {
    const size = random.chance(500) ? random.below(10 * MINUTE_MS) : random.below(2_000_000_000) * (random.chance(500) ? 1 : 1_000);
    return random.chance(500) ? size : -size;
}

function drawBackups(random: Random, crashes: readonly CrashScript[]): CrashScript[] {
    const isOn = random.chance(200);
    return crashes.map(crash => {
        const isHit = random.chance(400);
        const backupMs = 1 + random.below(random.chance(500) ? 5_000 : 5 * MINUTE_MS);
        return isOn && isHit ? { ...crash, backupMs } : crash;
    });
}
