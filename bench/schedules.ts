import * as fc from "fast-check";
import { allCheckers } from "../sim/checkers/index.js";
import { standard } from "../sim/generate.js";
import { World } from "../sim/world.js";
import { median, rounded, timed, timedAsync } from "./sample.js";

/** Standard schedules beside fast-check's scheduler with as many events. */
export interface ScheduleFigures {
    readonly schedulesPerSecond: number;
    readonly eventsMedian: number;
    readonly nanosecondsPerEvent: number;
    /** `fc.scheduler` driving as many events, each a promise that does nothing. */
    readonly baselineSchedulesPerSecond: number;
    readonly baselineNanosecondsPerEvent: number;
    /** Of the whole: script drawn, machine, devices, network, store, all checkers, trace hash. Above 1: faster than the bare scheduler. */
    readonly timesBaseline: number;
    readonly simulatedToWall: number;
    readonly failures: number;
}

const ROUNDS = 9;

/** One core, one world, all checkers on, drawing the scripts included. */
export async function benchSchedules(schedulesPerRound: number): Promise<ScheduleFigures> {
    const world = new World(allCheckers());
    const events: number[] = [];
    const rounds: { readonly ms: number; readonly baselineMs: number; readonly events: number; readonly simulatedMs: number }[] = [];
    let failures = 0;
    let seed = 1;
    const runSchedules = () => {
        const sum = { events: 0, simulatedMs: 0 };
        for (let i = 0; i < schedulesPerRound; i++) {
            const result = world.run(standard.draw(seed), { scanThroughout: seed % 64 === 0 });
            seed++;
            failures += result.violation === null ? 0 : 1;
            events.push(result.events);
            sum.events += result.events;
            sum.simulatedMs += result.simulatedMs;
        }
        return sum;
    };
    runSchedules(); // until the compiler has settled
    await scheduler(schedulesPerRound, 120);
    for (let round = 0; round < ROUNDS; round++) {
        let sum = { events: 0, simulatedMs: 0 };
        const ms = timed(() => (sum = runSchedules()));
        const baselineMs = await timedAsync(() => scheduler(schedulesPerRound, Math.round(sum.events / schedulesPerRound)));
        rounds.push({ ms, baselineMs, ...sum });
    }
    const best = (figure: (round: (typeof rounds)[number]) => number) => rounded(Math.max(...rounds.map(figure)));
    const of = (figure: (round: (typeof rounds)[number]) => number) => rounded(median(rounds.map(figure)));
    return {
        schedulesPerSecond: best(({ ms }) => (1000 * schedulesPerRound) / ms),
        eventsMedian: median(events),
        nanosecondsPerEvent: -best(each => (-1e6 * each.ms) / each.events),
        baselineSchedulesPerSecond: best(({ baselineMs }) => (1000 * schedulesPerRound) / baselineMs),
        baselineNanosecondsPerEvent: -best(each => (-1e6 * each.baselineMs) / each.events),
        timesBaseline: of(({ ms, baselineMs }) => baselineMs / ms),
        simulatedToWall: best(({ ms, simulatedMs }) => simulatedMs / ms),
        failures,
    };
}

/** As many schedules of as many events, as a property over `fc.scheduler()` would drive them. */
async function scheduler(schedules: number, events: number): Promise<void> {
    const property = fc.asyncProperty(fc.scheduler(), async chosen => {
        for (let i = 0; i < events; i++) {
            void chosen.schedule(Promise.resolve(i));
        }
        await chosen.waitIdle();
    });
    await fc.assert(property, { numRuns: schedules, seed: 1 });
}
