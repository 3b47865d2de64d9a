import { drawDeviceFaults } from "./fault-plan.js";
import { drawIncidents, drawMoves } from "./generate-devices.js";
import { drawListChange } from "./generate-lists.js";
import { byTime, drawBase, drawDirect, type Profile } from "./generate-parts.js";
import { Random } from "./random.js";
import { SCRIPT_ROOTS, SCRIPT_TAG_SETS } from "./script-certificates.js";
import type { Action, DirectChange, Incident } from "./script.js";

/** Stream of the seed, apart from those of the other profiles. */
const SCRIPT_STREAM = 0x60;
const MINUTE_MS = 60_000;
/** Long enough to be met more than once. */
const HOLD_MAX_MS = 3 * MINUTE_MS;

/** Certificates, the IPK and roots: few changes on one or two nodes, so that renewals meet restarts, other fail-safes and each other. */
export const certificates: Profile = {
    name: "certificates",
    description: "1 or 2 nodes whose certificates, IPK and roots are looked after, with every fault class of devices by swarm",
    draw(seed) {
        const random = new Random(seed, SCRIPT_STREAM);
        const chaosMs = MINUTE_MS + random.below(7 * MINUTE_MS);
        const count = 1 + random.below(2);
        const base = drawBase(random, count, chaosMs);
        const faults = drawDeviceFaults(base.faults, random);
        const nodes = base.nodes.map(node => ({ ...node, maxAcl: 4 + random.below(4), binds: random.chance(500), certificates: true }));
        const isPlain = random.chance(400);
        const incidents = drawIncidents(random, chaosMs, nodes);
        const fewer = incidents.filter(({ type }) => type === "reboot" || type === "powerCut");
        const holds = drawHolds(random, chaosMs, count);
        return {
            ...base,
            seed,
            nodes,
            faults,
            incidents: [...(isPlain ? fewer : incidents), ...holds].sort((a, b) => a.atMs - b.atMs),
            actions: byTime(drawActions(random, chaosMs, count)),
        };
    },
};

function drawActions(random: Random, chaosMs: number, count: number): Action[] {
    const actions: Action[] = [];
    for (let i = 3 + random.below(8); i > 0; i--) {
        const node = random.below(count);
        const others = [drawCertificateChange(random, chaosMs, node), drawDirect(random, chaosMs, node), drawListChange(random, chaosMs, node)];
        const change = others[Math.max(0, random.below(6) - 3)]!;
        const force = random.chance(100);
        const maintain = random.chance(300);
        actions.push("maintain" in change ? { ...change, force, maintain } : { ...change, force });
    }
    for (let i = random.below(3); i > 0; i--) {
        const atMs = random.below(chaosMs);
        const node = random.below(count);
        const item = random.below(8);
        // Nothing is dismissed: a certificate's item that is would leave its fail-safe to the node.
        actions.push(random.chance(500) ? { type: "retry", atMs, node, item } : { type: "reconcile", atMs, node, rewrite: true });
    }
    const moves: Action[] = [];
    drawMoves(random, moves, chaosMs, count);
    return random.chance(500) ? [...actions, ...moves] : actions;
}

/** Mostly the certificate: it is what takes many steps. */
function drawCertificateChange(random: Random, chaosMs: number, node: number): DirectChange & { readonly atMs: number } {
    const atMs = random.below(chaosMs);
    const tags = random.below(SCRIPT_TAG_SETS.length);
    const root = random.below(SCRIPT_ROOTS.length);
    switch (random.below(10)) {
        case 0:
        case 1:
            return { type: "setIpk", atMs, node, force: false, maintain: false };
        case 2:
            return { type: "removeIpk", atMs, node, force: false };
        case 3:
            return { type: "watchRoot", atMs, node, root, force: false, maintain: false };
        case 4:
            return { type: "unwatchRoot", atMs, node, root, force: false };
        case 5:
            return { type: "removeNoc", atMs, node, force: false };
        default:
            return { type: "setNoc", atMs, node, tags, force: false, maintain: false };
    }
}

/** Administrators of another fabric have work to do, too. */
function drawHolds(random: Random, chaosMs: number, count: number): Incident[] {
    const isOn = random.chance(300);
    const holds: Incident[] = [];
    for (let i = 1 + random.below(3); i > 0; i--) {
        holds.push({ type: "otherFailSafe", atMs: random.below(chaosMs), node: random.below(count), holdMs: 1_000 + random.below(HOLD_MAX_MS) });
    }
    return isOn ? holds : [];
}
