import { describe, expect, it } from "vitest";
import { EventHeap } from "./event-heap.js";
import { LATE_WINDOW_MS, drawFaultPlan, drawOutages, noFaults, type FaultPlan, type Outages } from "./fault-plan.js";
import { NEVER, Network, Outcome, type Fate } from "./network.js";
import { Random } from "./random.js";
import { plainNode, type NodeScript } from "./script.js";

const DEADLINE_MS = 30_000;
const NOW = 1000;

function network(plan: Partial<FaultPlan>, outages: readonly Outages[] = [[]], seed = 1): Network {
    const made = new Network();
    made.reset({ ...noFaults, ...plan }, outages.map(each => ({ ...plainNode, outages: each })), seed);
    return made;
}

const fates = (made: Network, count: number, node = 0, nowMs = NOW): Fate[] =>
    Array.from({ length: count }, () => ({ ...made.decide(node, nowMs, DEADLINE_MS) }));

describe("a request", () => {
    it("without faults takes effect after one way and is answered after the way back", () => {
        for (const fate of fates(network({ latencyMinMs: 10, latencyMaxMs: 20 }), 200)) {
            expect(fate.outcome).toBe(Outcome.ANSWERED);
            expect(fate.effectAtMs - NOW).toBeGreaterThanOrEqual(10);
            expect(fate.effectAtMs - NOW).toBeLessThanOrEqual(20);
            expect(fate.outcomeAtMs - fate.effectAtMs).toBeGreaterThanOrEqual(10);
            expect(fate.outcomeAtMs - fate.effectAtMs).toBeLessThanOrEqual(20);
            expect(fate.repeatedAtMs).toBe(NEVER);
        }
    });
    it("lost before its effect is unknown once the transport gives up", () => {
        for (const fate of fates(network({ lossBeforeEffect: 1000 }), 100)) {
            expect([fate.outcome, fate.effectAtMs, fate.repeatedAtMs]).toEqual([Outcome.UNKNOWN, NEVER, NEVER]);
            expect(fate.outcomeAtMs - NOW).toBeGreaterThanOrEqual(13_000);
            expect(fate.outcomeAtMs - NOW).toBeLessThanOrEqual(15_000);
        }
    });
    it("lost after its effect is unknown, and took effect before", () => {
        for (const fate of fates(network({ lossAfterEffect: 1000 }), 100)) {
            expect(fate.outcome).toBe(Outcome.UNKNOWN);
            expect(fate.effectAtMs).toBeGreaterThan(NOW);
            expect(fate.effectAtMs).toBeLessThan(fate.outcomeAtMs);
        }
    });
    it("that is late takes effect after it was declared unknown, within the window", () => {
        const late = fates(network({ lateEffect: 1000 }), 300);
        for (const fate of late) {
            expect(fate.outcome).toBe(Outcome.UNKNOWN);
            expect(fate.effectAtMs).toBeGreaterThan(fate.outcomeAtMs);
            expect(fate.effectAtMs).toBeLessThanOrEqual(fate.outcomeAtMs + LATE_WINDOW_MS);
        }
        expect(Math.max(...late.map(fate => fate.effectAtMs - fate.outcomeAtMs))).toBeGreaterThan(0.9 * LATE_WINDOW_MS);
    });
    it("duplicated takes effect again before its answer", () => {
        for (const fate of fates(network({ duplicateEffect: 1000 }), 300)) {
            expect(fate.outcome).toBe(Outcome.ANSWERED);
            expect(fate.repeatedAtMs).toBeGreaterThanOrEqual(fate.effectAtMs);
            expect(fate.repeatedAtMs).toBeLessThanOrEqual(fate.outcomeAtMs);
        }
    });
    it("duplicated and unanswered takes effect again within the window; so does one duplicated after its answer", () => {
        for (const plan of [{ duplicateEffect: 1000, lossAfterEffect: 1000 }, { duplicateAfterAnswer: 1000 }]) {
            for (const fate of fates(network(plan), 300)) {
                expect(fate.repeatedAtMs).toBeGreaterThan(fate.outcomeAtMs);
                expect(fate.repeatedAtMs).toBeLessThanOrEqual(fate.outcomeAtMs + LATE_WINDOW_MS);
            }
        }
    });
    it("repeats nothing on account of the request before", () => {
        const mixed = fates(network({ duplicateAfterAnswer: 500, lossBeforeEffect: 500 }), 300);
        const lost = mixed.filter(fate => fate.effectAtMs === NEVER);
        expect(lost.length).toBeGreaterThan(100);
        expect(lost.every(fate => fate.repeatedAtMs === NEVER)).toBe(true);
    });
    it("is never waited for longer than its own deadline", () => {
        const made = network({ lossBeforeEffect: 1000 });
        expect(made.decide(0, NOW, 500).outcomeAtMs).toBe(NOW + 500);
    });
    it("meets faults as often as the plan says", () => {
        const lost = fates(network({ lossBeforeEffect: 100 }), 3000).filter(fate => fate.outcome === Outcome.UNKNOWN).length;
        expect(lost).toBeGreaterThan(240);
        expect(lost).toBeLessThan(360);
    });
});

describe("an outage", () => {
    const out: Outages = [500, 2000, 100_000, 200_000];
    it("covers its beginning and not its end", () => {
        const made = network({}, [out]);
        expect([499, 500, 1999, 2000, 99_999, 150_000, 300_000].map(at => made.isUp(0, at))).toEqual([true, false, false, true, true, false, true]);
        expect([499, 500, 1999, 2000].map(at => made.upFrom(0, at))).toEqual([499, 2000, 2000, 2000]);
    });
    it("that ends before the transport gives up only delays", () => {
        for (const fate of fates(network({}, [out]), 50)) {
            expect([fate.outcome, fate.effectAtMs]).toEqual([Outcome.ANSWERED, 2000]);
        }
    });
    it("that lasts loses the request without an effect", () => {
        for (const fate of fates(network({}, [out]), 50, 0, 120_000)) {
            expect([fate.outcome, fate.effectAtMs]).toEqual([Outcome.UNKNOWN, NEVER]);
        }
    });
    it("that begins before the answer is through loses the answer", () => {
        const made = network({ latencyMinMs: 10, latencyMaxMs: 10 }, [out]);
        expect({ ...made.decide(0, 99_985, DEADLINE_MS) }).toMatchObject({ outcome: Outcome.UNKNOWN, effectAtMs: 99_995 });
    });
    it("lets nothing late or repeated through", () => {
        for (const [plan, time] of [[{ lateEffect: 1000 }, "effectAtMs"], [{ duplicateAfterAnswer: 1000 }, "repeatedAtMs"]] as const) {
            for (const fate of fates(network(plan, [out]), 300, 0, 80_000)) {
                expect(fate[time] === NEVER || fate[time] < 100_000).toBe(true);
            }
        }
    });
    it("refuses requests at once only while the transport knows of it, and as often as the plan says", () => {
        const made = network({ notSent: 500 }, [[0, 1_000_000]]);
        const refused = () => fates(made, 1000).filter(fate => fate.outcome === Outcome.NOT_SENT);
        expect(refused()).toHaveLength(0);
        expect(made.notice(0, false, NOW)).toBe(true);
        expect(made.notice(0, false, NOW)).toBe(false);
        expect(made.seemsUp(0)).toBe(false);
        const fewer = refused();
        expect(fewer.length).toBeGreaterThan(420);
        expect(fewer.length).toBeLessThan(580);
        expect(fewer[0]).toEqual({ outcome: Outcome.NOT_SENT, outcomeAtMs: NOW + 1, effectAtMs: NEVER, repeatedAtMs: NEVER });
        expect(made.notice(0, true, NOW)).toBe(true);
        expect(refused()).toHaveLength(0);
    });
});

describe("a node that takes its time", () => {
    const reached = (node: Partial<NodeScript>, nowMs = NOW) => {
        const made = new Network();
        made.reset(noFaults, [{ ...plainNode, ...node }], 1);
        return fates(made, 100, 0, nowMs);
    };

    it("carries a request out so much later, and answers then", () => {
        for (const { effectAtMs, outcomeAtMs, outcome } of reached({ slowMs: 3_000 })) {
            expect(outcome).toBe(Outcome.ANSWERED);
            expect(effectAtMs - NOW).toBeGreaterThanOrEqual(3_000 + noFaults.latencyMinMs);
            expect(outcomeAtMs).toBeGreaterThan(effectAtMs);
        }
    });

    it("because it sleeps carries requests out only while it is awake", () => {
        const period = { sleepMs: 10_000, awakeMs: 300 };
        for (const { effectAtMs, outcome } of reached(period, 20_500)) {
            expect([effectAtMs, outcome]).toEqual([30_000, Outcome.ANSWERED]);
        }
        for (const { effectAtMs } of reached(period, 20_100)) {
            expect(effectAtMs % 10_000).toBeLessThan(300);
        }
    });

    it("and sleeps for longer than anybody waits is silent", () => {
        expect(reached({ sleepMs: 100_000, awakeMs: 10 }).every(({ outcome, effectAtMs }) => outcome === Outcome.UNKNOWN && effectAtMs === NEVER)).toBe(true);
    });
});

describe("reachability events", () => {
    const REACHABLE = 8;
    const UNREACHABLE = 9;
    const announced = (made: Network) => {
        const heap = new EventHeap();
        made.announce(heap, REACHABLE, UNREACHABLE);
        const events: { atMs: number; kind: number; node: number; told: number }[] = [];
        while (heap.pop()) {
            events.push({ atMs: heap.atMs, kind: heap.kind, node: heap.a, told: heap.b });
        }
        return events;
    };
    it("tell of each edge, in time, if the plan does not disturb them", () => {
        expect(announced(network({}, [[500, 2000], [], [0, 10]]))).toEqual([
            { atMs: 0, kind: UNREACHABLE, node: 2, told: 1 },
            { atMs: 10, kind: REACHABLE, node: 2, told: 1 },
            { atMs: 500, kind: UNREACHABLE, node: 0, told: 1 },
            { atMs: 2000, kind: REACHABLE, node: 0, told: 1 },
        ]);
    });
    it("come late, never early, and never in another order, so that the last one is right", () => {
        let late = 0;
        for (let seed = 0; seed < 200; seed++) {
            const outages = [500, 600, 700, 800];
            const events = announced(network({ eventDelayMaxMs: 5000 }, [outages], seed));
            expect(events.map(({ kind }) => kind)).toEqual([UNREACHABLE, REACHABLE, UNREACHABLE, REACHABLE]);
            events.forEach(({ atMs }, edge) => expect(atMs).toBeGreaterThanOrEqual(outages[edge]!));
            late += events[0]!.atMs > 600 ? 1 : 0;
        }
        expect(late).toBeGreaterThan(150);
    });
    it("are kept from the manager as often as the plan says", () => {
        const untold = Array.from({ length: 500 }, (_, seed) => announced(network({ eventMissing: 300 }, [[1, 2]], seed)))
            .flat()
            .filter(({ told }) => told === 0).length;
        expect(untold).toBeGreaterThan(230);
        expect(untold).toBeLessThan(370);
    });
    it("do not change when an outage after them is left out", () => {
        const plan = { eventDelayMaxMs: 5000, eventMissing: 500 };
        const whole = announced(network(plan, [[500, 600, 90_000, 95_000], [10, 20]]));
        const shrunk = announced(network(plan, [[500, 600], [10, 20]]));
        expect(whole.slice(0, 4)).toEqual(shrunk);
    });
});

describe("calm", () => {
    it("ends outages and faults, from then on", () => {
        const made = network({ lossBeforeEffect: 1000, notSent: 1000 }, [[0, 1_000_000]]);
        made.notice(0, false, 0);
        made.calm(5000);
        expect(made.seemsUp(0)).toBe(true);
        expect([made.isUp(0, 4999), made.isUp(0, 5000)]).toEqual([false, true]);
        expect(made.upFrom(0, 4000)).toBe(5000);
        for (const fate of fates(made, 100, 0, 5000)) {
            expect(fate.outcome).toBe(Outcome.ANSWERED);
        }
    });
    it("makes late notices of outages void", () => {
        const made = network({}, [[0, 1_000_000]]);
        made.calm(5000);
        expect(made.notice(0, false, 6000)).toBe(false);
        expect(made.seemsUp(0)).toBe(true);
    });
});

describe("determinism", () => {
    const plan = drawFaultPlan(new Random(3));
    const outages = [0, 1, 2].map(node => drawOutages(plan, new Random(3).fork(node), 600_000));
    it("decides the same again for the same seed, also in a network used before", () => {
        const one = network(plan, outages, 3);
        const first = fates(one, 100, 1);
        expect(first.some(fate => fate.outcome !== Outcome.ANSWERED)).toBe(true);
        one.notice(1, false, 1);
        one.calm(7);
        one.reset(plan, outages.map(each => ({ ...plainNode, outages: each })), 4);
        one.notice(1, false, 1);
        one.reset(plan, outages.map(each => ({ ...plainNode, outages: each })), 3);
        expect(one.seemsUp(1)).toBe(true);
        expect(fates(one, 100, 1)).toEqual(first);
        expect(fates(network(plan, outages, 4), 100, 1)).not.toEqual(first);
    });
    it("decides for each node by itself", () => {
        const alone = fates(network(plan, outages, 3), 20, 1);
        const mixed = network(plan, outages, 3);
        fates(mixed, 13, 0);
        expect(fates(mixed, 20, 1)).toEqual(alone);
        expect(fates(network(plan, [[], []], 3), 20, 0)).not.toEqual(fates(network(plan, [[], []], 3), 20, 1));
    });
    it("keeps other faults where they were when one is taken out", () => {
        const both = fates(network({ lossAfterEffect: 300, duplicateEffect: 300 }), 300);
        const single = fates(network({ lossAfterEffect: 300 }), 300);
        expect(both.map(fate => fate.outcome)).toEqual(single.map(fate => fate.outcome));
    });
});
