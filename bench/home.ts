import { CheckerSet } from "../sim/checker-set.js";
import { allCheckers } from "../sim/checkers/index.js";
import { noFaults } from "../sim/fault-plan.js";
import { Random } from "../sim/random.js";
import { plainNode, SCRIPT_FORMAT, type Action, type NodeScript, type Script } from "../sim/script.js";
import { World } from "../sim/world.js";
import { median, rounded, timed } from "./sample.js";

/** A day of a home, in simulated against real time. */
export interface HomeFigures {
    readonly nodes: number;
    readonly eventsPerDay: number;
    /** With all checkers on. */
    readonly simulatedToWall: number;
    readonly withoutCheckers: number;
    readonly failures: number;
}

const NODES = 30;
const DAY_MS = 86_400_000;
const ROUNDS = 7;

/** Thirty nodes, each away three times a day for up to an hour; thirty tasks and some explicit passes over the day. */
export function benchHome(daysPerRound: number): HomeFigures {
    const checked = new World(allCheckers());
    const bare = new World(new CheckerSet([]));
    const days = Array.from({ length: daysPerRound }, (_, i) => day(i + 1));
    const ratios: number[] = [];
    const bareRatios: number[] = [];
    const events: number[] = [];
    let failures = 0;
    for (let round = 0; round < ROUNDS; round++) {
        let simulatedMs = 0;
        const run = (world: World) => {
            simulatedMs = 0;
            for (const script of days) {
                const result = world.run(script);
                simulatedMs += result.simulatedMs;
                events.push(result.events);
                failures += result.violation === null ? 0 : 1;
            }
        };
        const ms = timed(() => run(checked));
        ratios.push(simulatedMs / ms);
        const bareMs = timed(() => run(bare));
        bareRatios.push(simulatedMs / bareMs);
    }
    return {
        nodes: NODES,
        eventsPerDay: median(events),
        simulatedToWall: rounded(Math.max(...ratios)),
        withoutCheckers: rounded(Math.max(...bareRatios)),
        failures,
    };
}

function day(seed: number): Script {
    const random = new Random(seed, 0x40);
    const nodes: NodeScript[] = Array.from({ length: NODES }, () => ({ ...plainNode, maxGroups: 12, maxKeys: 5, outages: dailyOutages(random) }));
    const actions: Action[] = Array.from({ length: NODES }, (_, node) => ({
        type: "addToGroup",
        atMs: random.below(DAY_MS),
        node,
        endpoint: 1,
        group: 1 + random.below(4),
        keySet: 1,
        request: node + 1,
        deadlineMs: 0,
    }));
    for (let i = 0; i < 10; i++) {
        actions.push({ type: "reconcile", atMs: random.below(DAY_MS), node: random.below(NODES), rewrite: false });
    }
    actions.sort((a, b) => a.atMs - b.atMs);
    const faults = { ...noFaults, lossBeforeEffect: 10, lossAfterEffect: 10, notSent: 900, latencyMaxMs: 200 };
    return { format: SCRIPT_FORMAT, seed, nodes, faults, actions, incidents: [], crashes: [], chaosMs: DAY_MS, lostNode: -1 };
}

function dailyOutages(random: Random): number[] {
    const third = DAY_MS / 3;
    return [0, 1, 2].flatMap(part => {
        const fromMs = part * third + random.below(third / 2);
        return [fromMs, fromMs + 1 + random.below(3_600_000)];
    });
}
