import type { Random } from "./random.js";

/**
 * Which faults a schedule has, and how strong: plain integers, so that a replayable script can carry and shrink it. Probabilities are per
 * mille, durations milliseconds. All zero (see {@link noFaults}) is a world that works.
 */
export interface FaultPlan {
    /** One way, of each message. */
    readonly latencyMinMs: number;
    readonly latencyMaxMs: number;
    /** The request never arrives. */
    readonly lossBeforeEffect: number;
    /** The request takes effect and the answer is lost. */
    readonly lossAfterEffect: number;
    /** The request takes effect only after it has been declared unknown, up to {@link LATE_WINDOW_MS} after. */
    readonly lateEffect: number;
    /**
     * The request takes effect twice: the second time before the answer arrives or, when no answer does, up to {@link LATE_WINDOW_MS} after it
     * was declared unknown.
     */
    readonly duplicateEffect: number;
    /**
     * The request takes effect once more up to {@link LATE_WINDOW_MS} after it was *answered*. The message layer's duplicate detection rules
     * this out, and no manager can notice it without reading again; so it is never drawn, only set by hand.
     */
    readonly duplicateAfterAnswer: number;
    /** How long the transport waits before it declares a request unknown; the request's own deadline if that is shorter. */
    readonly giveUpMinMs: number;
    readonly giveUpMaxMs: number;
    /** While the transport knows that a node is unreachable: it refuses a request at once instead of trying. */
    readonly notSent: number;
    /** A reachability event is never told to the manager. */
    readonly eventMissing: number;
    /** A reachability event comes this late at most. */
    readonly eventDelayMaxMs: number;
    /** Outages per node at most, and their lengths. */
    readonly outagesMax: number;
    readonly outageMinMs: number;
    readonly outageMaxMs: number;
    /** A node is unreachable from the start. */
    readonly outageAtStart: number;
    readonly storeLatencyMinMs: number;
    readonly storeLatencyMaxMs: number;
    /** The store refuses a batch. */
    readonly storeRefusal: number;
    /** A crash leaves the batch in flight wholly there, rather than wholly lost. */
    readonly storeKeepsInFlight: number;
    /** The manager subscribes, and hears of so many changes of attribute data; 0: it does not subscribe. */
    readonly reported: number;
    /** A report comes this late at most, so that reports overtake each other. */
    readonly reportDelayMaxMs: number;
    /** A report comes once more, up to {@link STALE_REPORT_MS} later. */
    readonly reportAgain: number;
    /** A node refuses a request with a status that is worth another try (BUSY, FAILURE, TIMEOUT). */
    readonly statusFault: number;
    /** A node refuses a request with a status that sounds final, though nothing is wrong with the request. */
    readonly finalStatusFault: number;
    /** A list is written in pieces, and the connection breaks in between. Never an access control list: that goes in one message. */
    readonly brokenList: number;
    /** Another administrator gets at the node just before a write of the manager. */
    readonly otherInBetween: number;
    /** A wake comes this late at most. */
    readonly wakeDelayMaxMs: number;
}

/** How old a report can be that comes once more. */
export const STALE_REPORT_MS = 60_000;

/** How long after it was declared unknown a request may still take effect (DESIGN section 4). */
export const LATE_WINDOW_MS = 30_000;

/** A quick network, a store that obeys. */
export const noFaults: FaultPlan = {
    latencyMinMs: 2,
    latencyMaxMs: 20,
    lossBeforeEffect: 0,
    lossAfterEffect: 0,
    lateEffect: 0,
    duplicateEffect: 0,
    duplicateAfterAnswer: 0,
    giveUpMinMs: 13_000,
    giveUpMaxMs: 15_000,
    notSent: 0,
    eventMissing: 0,
    eventDelayMaxMs: 0,
    outagesMax: 0,
    outageMinMs: 0,
    outageMaxMs: 0,
    outageAtStart: 0,
    storeLatencyMinMs: 1,
    storeLatencyMaxMs: 5,
    storeRefusal: 0,
    storeKeepsInFlight: 500,
    reported: 0,
    reportDelayMaxMs: 0,
    reportAgain: 0,
    statusFault: 0,
    finalStatusFault: 0,
    brokenList: 0,
    otherInBetween: 0,
    wakeDelayMaxMs: 0,
};

/**
 * Swarm: each class of faults is on in some schedules and off in others, with a strength of its own. Schedules with few classes reach states
 * that a mixture of all never does. Faults of network and store; see {@link drawDeviceFaults} for the rest.
 */
export function drawFaultPlan(random: Random): FaultPlan {
    const slow = random.chance(250);
    const outages = random.chance(750);
    const patient = random.chance(300);
    return {
        latencyMinMs: 1 + random.below(20),
        latencyMaxMs: slow ? 500 + random.below(4000) : 20 + random.below(200),
        lossBeforeEffect: strength(random, 400, 200),
        lossAfterEffect: strength(random, 400, 200),
        lateEffect: strength(random, 300, 150),
        duplicateEffect: strength(random, 300, 150),
        duplicateAfterAnswer: 0,
        giveUpMinMs: patient ? 20_000 : 13_000,
        giveUpMaxMs: patient ? 30_000 : 15_000,
        notSent: strength(random, 500, 1000),
        eventMissing: strength(random, 300, 500),
        eventDelayMaxMs: random.chance(500) ? random.below(100_000) : random.below(2000),
        outagesMax: outages ? 1 + random.below(3) : 0,
        outageMinMs: 1000,
        outageMaxMs: 2000 + random.below(random.chance(300) ? 3_600_000 : 120_000),
        outageAtStart: outages ? strength(random, 500, 1000) : 0,
        storeLatencyMinMs: random.below(3),
        storeLatencyMaxMs: 3 + random.below(random.chance(200) ? 3000 : 20),
        storeRefusal: strength(random, 200, 200),
        storeKeepsInFlight: random.below(1001),
        reported: 0,
        reportDelayMaxMs: 0,
        reportAgain: 0,
        statusFault: 0,
        finalStatusFault: 0,
        brokenList: 0,
        otherInBetween: 0,
        wakeDelayMaxMs: 0,
    };
}

/** The same for subscriptions, faults inside nodes, other administrators and timers. */
export function drawDeviceFaults(plan: FaultPlan, random: Random): FaultPlan {
    const subscribes = random.chance(700);
    const isReliable = random.chance(500);
    const reported = 500 + random.below(500);
    return {
        ...plan,
        reported: !subscribes ? 0 : isReliable ? 1000 : reported,
        reportDelayMaxMs: random.chance(500) ? random.below(60_000) : 0,
        reportAgain: strength(random, 300, 300),
        statusFault: strength(random, 400, 200),
        finalStatusFault: strength(random, 200, 60),
        brokenList: strength(random, 250, 200),
        otherInBetween: strength(random, 400, 200),
        wakeDelayMaxMs: strength(random, 300, 20_000),
    };
}

/** 0 unless the class is on in this schedule, else 1 to `max`. The number of draws is the same either way. */
export function strength(random: Random, on: number, max: number): number {
    const isOn = random.chance(on);
    const drawn = 1 + random.below(max);
    return isOn ? drawn : 0;
}

/**
 * When a node cannot be reached: pairs of from (included) and until (excluded), ascending and apart from each other. Milliseconds from
 * the start of the schedule.
 */
export type Outages = readonly number[];

/** The outages of one node within the first `horizonMs` of a schedule; they may end later. */
export function drawOutages(plan: FaultPlan, random: Random, horizonMs: number): Outages {
    const outages: number[] = [];
    const startsOut = random.chance(plan.outageAtStart);
    const count = Math.max(startsOut ? 1 : 0, random.below(plan.outagesMax + 1));
    let fromMs = 0;
    for (let i = 0; i < count; i++) {
        if (i > 0 || !startsOut) {
            fromMs += 1 + random.below(Math.max(1, horizonMs));
        }
        if (fromMs >= horizonMs) {
            break;
        }
        const untilMs = fromMs + random.between(plan.outageMinMs, plan.outageMaxMs);
        outages.push(fromMs, untilMs);
        fromMs = untilMs;
    }
    return outages;
}
