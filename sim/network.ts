import type { EventHeap } from "./event-heap.js";
import { LATE_WINDOW_MS, noFaults, type FaultPlan, type Outages } from "./fault-plan.js";
import type { NodeScript } from "./script.js";
import { Random } from "./random.js";

/** How a request ends for the one who sent it. */
export const Outcome = {
    /** The node's answer arrives. */
    ANSWERED: 0,
    /** Refused at once: it never left. */
    NOT_SENT: 1,
    /** Silence until the transport gives up. */
    UNKNOWN: 2,
} as const;

/** "It does not happen." */
export const NEVER = -1;

/** What will become of one request: integers only, all times absolute. The network's own object, valid until the next decision. */
export interface Fate {
    outcome: number;
    /** When the sender learns the outcome. */
    outcomeAtMs: number;
    /** When the node carries the request out, {@link NEVER} if it does not. What it answers counts only if the outcome is ANSWERED. */
    effectAtMs: number;
    /** When the node carries it out once more, NEVER if it does not. Nobody sees that answer. */
    repeatedAtMs: number;
}

/** Streams of the seed below this belong to the nodes' requests. */
const EDGE_STREAM = 0x4000_0000;

/** What of a node matters on the way to it. */
export type LinkScript = Pick<NodeScript, "outages" | "slowMs" | "sleepMs" | "awakeMs">;

interface Link {
    outages: Outages;
    slowMs: number;
    sleepMs: number;
    awakeMs: number;
    readonly random: Random;
    /** What the transport believes, from the edges that it noticed. */
    seemsUp: boolean;
}

/**
 * What lies between manager and nodes, as decisions: when does a request arrive, does it, does its answer, and when does the transport notice
 * that a node is gone. All of it depends on the plan, the outages and the seed only; each node has a generator of its own, so that what is
 * asked of one node changes nothing for the others.
 *
 * @example
 * network.reset(plan, outagesPerNode, seed);
 * network.announce(heap, Kind.REACHABLE, Kind.UNREACHABLE);
 * const fate = network.decide(node, nowMs, request.deadlineMs);
 */
export class Network {
    readonly #links: Link[] = [];
    readonly #fate: Fate = { outcome: Outcome.ANSWERED, outcomeAtMs: 0, effectAtMs: 0, repeatedAtMs: NEVER };
    readonly #edges = new Random(0);
    #plan: FaultPlan = noFaults;
    #seed = 0;
    #nodes = 0;
    #calmFromMs = Infinity;

    /**
     * Begin a schedule.
     * @param nodes by their index; see `drawOutages`
     */
    reset(plan: FaultPlan, nodes: readonly LinkScript[], seed: number): void {
        this.#plan = plan;
        this.#nodes = nodes.length;
        this.#calmFromMs = Infinity;
        this.#seed = seed;
        for (let node = 0; node < nodes.length; node++) {
            const link = (this.#links[node] ??= { outages: [], slowMs: 0, sleepMs: 0, awakeMs: 0, random: new Random(0), seemsUp: true });
            const { outages, slowMs, sleepMs, awakeMs } = nodes[node]!;
            link.outages = outages;
            link.slowMs = slowMs;
            link.sleepMs = sleepMs;
            link.awakeMs = awakeMs;
            link.random.reset(seed, node);
            link.seemsUp = true;
        }
    }

    /** From now on all links are up and no fault is decided. What was decided before still happens, within {@link LATE_WINDOW_MS}. */
    calm(nowMs: number): void {
        this.#calmFromMs = nowMs;
        this.#plan = noFaults;
        for (let node = 0; node < this.#nodes; node++) {
            this.#links[node]!.seemsUp = true;
        }
    }

    /** Whether messages get through to and from the node at this time, past or future. */
    isUp(node: number, atMs: number): boolean {
        return atMs >= this.#calmFromMs || outageAt(this.#links[node]!.outages, atMs) < 0;
    }

    /** When messages get through again, `atMs` itself if they do then. */
    upFrom(node: number, atMs: number): number {
        const { outages } = this.#links[node]!;
        const outage = atMs >= this.#calmFromMs ? -1 : outageAt(outages, atMs);
        return outage < 0 ? atMs : Math.min(outages[outage + 1]!, Math.max(atMs, this.#calmFromMs));
    }

    /** What becomes of a request sent now. */
    decide(node: number, nowMs: number, deadlineMs: number): Fate {
        const plan = this.#plan;
        const link = this.#links[node]!;
        const random = link.random;
        const fate = this.#fate;
        // Always the same number of draws: a fault taken out of the plan leaves the others where they were.
        const latencyMs = random.between(plan.latencyMinMs, plan.latencyMaxMs);
        const backMs = random.between(plan.latencyMinMs, plan.latencyMaxMs);
        const giveUpAtMs = nowMs + Math.min(deadlineMs, random.between(plan.giveUpMinMs, plan.giveUpMaxMs));
        const isRefused = random.chance(plan.notSent);
        const isLostBefore = random.chance(plan.lossBeforeEffect);
        const isLostAfter = random.chance(plan.lossAfterEffect);
        const isLate = random.chance(plan.lateEffect);
        const isRepeated = random.chance(plan.duplicateEffect);
        const isRepeatedLate = random.chance(plan.duplicateAfterAnswer);
        const extraMs = 1 + random.below(LATE_WINDOW_MS);

        fate.repeatedAtMs = NEVER;
        if (!link.seemsUp && isRefused) {
            return decided(fate, Outcome.NOT_SENT, nowMs + 1, NEVER);
        }
        // The protocol repeats messages until it gives up: a short outage only delays.
        const arrivesAtMs = this.#servedFrom(node, this.upFrom(node, nowMs + latencyMs));
        if (isLate) {
            return decided(fate, Outcome.UNKNOWN, giveUpAtMs, this.#ifUp(node, giveUpAtMs + extraMs));
        }
        if (isLostBefore || arrivesAtMs >= giveUpAtMs) {
            return decided(fate, Outcome.UNKNOWN, giveUpAtMs, NEVER);
        }
        const answerAtMs = this.upFrom(node, arrivesAtMs + backMs);
        const isAnswered = !isLostAfter && answerAtMs < giveUpAtMs;
        const outcomeAtMs = isAnswered ? answerAtMs : giveUpAtMs;
        if (isRepeated || isRepeatedLate) {
            const beforeAnswerMs = arrivesAtMs + (extraMs % (outcomeAtMs - arrivesAtMs + 1));
            fate.repeatedAtMs = this.#ifUp(node, isAnswered && !isRepeatedLate ? beforeAnswerMs : outcomeAtMs + extraMs);
        }
        return decided(fate, isAnswered ? Outcome.ANSWERED : Outcome.UNKNOWN, outcomeAtMs, arrivesAtMs);
    }

    /**
     * Put on the agenda when the transport notices the edges of the outages. Events have `a` = node and `b` = 1 if the manager is told, 0 if only the transport
     * learns of it; pass each to {@link notice}.
     */
    announce(heap: EventHeap, reachableKind: number, unreachableKind: number): void {
        for (let node = 0; node < this.#nodes; node++) {
            const { outages } = this.#links[node]!;
            let atMs = 0;
            for (let edge = 0; edge < outages.length; edge++) {
                // A generator per edge: leaving one outage out of a script changes nothing for the others before it.
                this.#edges.reset(this.#seed, EDGE_STREAM + (node << 8) + edge);
                // Notices may be late enough to be wrong, but they keep their order: the last one is right.
                atMs = Math.max(atMs, outages[edge]! + this.#edges.below(this.#plan.eventDelayMaxMs + 1));
                const isTold = this.#edges.chance(this.#plan.eventMissing) ? 0 : 1;
                heap.push(atMs, (edge & 1) === 0 ? unreachableKind : reachableKind, node, isTold);
            }
        }
    }

    /**
     * The transport notices an edge. Its notice can be late enough to be wrong. In calm nothing is unreachable any more.
     * @returns whether it changed what the transport believes
     */
    notice(node: number, isUp: boolean, nowMs: number): boolean {
        const link = this.#links[node]!;
        if (!isUp && nowMs >= this.#calmFromMs) {
            return false;
        }
        const isNew = link.seemsUp !== isUp;
        link.seemsUp = isUp;
        return isNew;
    }

    /** What the transport believes. */
    seemsUp(node: number): boolean {
        return this.#links[node]!.seemsUp;
    }

    /** When a node carries out what reaches it at this time: once it is awake, and has got through with it. */
    #servedFrom(node: number, atMs: number): number {
        const link = this.#links[node]!;
        return link.sleepMs === 0 && link.slowMs === 0 ? atMs : awakeFrom(link, atMs) + link.slowMs;
    }

    #ifUp(node: number, atMs: number): number {
        return this.isUp(node, atMs) && awakeFrom(this.#links[node]!, atMs) === atMs ? atMs : NEVER;
    }
}

function decided(fate: Fate, outcome: number, outcomeAtMs: number, effectAtMs: number): Fate {
    fate.outcome = outcome;
    fate.outcomeAtMs = outcomeAtMs;
    fate.effectAtMs = effectAtMs;
    return fate;
}

/** A sleepy node is awake at the beginning of each of its periods. */
function awakeFrom({ sleepMs, awakeMs }: Link, atMs: number): number {
    return sleepMs === 0 || atMs % sleepMs < awakeMs ? atMs : atMs - (atMs % sleepMs) + sleepMs;
}

/** Index of the outage that covers this time, -1 if none does. */
function outageAt(outages: Outages, atMs: number): number {
    for (let i = 0; i < outages.length; i += 2) {
        if (atMs < outages[i]!) {
            return -1;
        }
        if (atMs < outages[i + 1]!) {
            return i;
        }
    }
    return -1;
}
