/** What the properties about group tasks share: ingredients of schedules, and what is to be seen when one is over. */
import * as fc from "fast-check";
import { allCheckers } from "../sim/checkers/index.js";
import { MANAGER_FABRIC, type SimNode } from "../sim/devices/sim-node.js";
import { noFaults, type FaultPlan } from "../sim/fault-plan.js";
import { replayToken } from "../sim/replay-token.js";
import { plainNode, SCRIPT_FORMAT, type Action, type CrashScript, type Script } from "../sim/script.js";
import { World, type ScheduleResult } from "../sim/world.js";

/** A task of a schedule: a node becomes a member of a group. Its place in the list, from 1, is its request id. */
export interface TaskPlan {
    readonly atMs: number;
    readonly node: number;
    readonly group: number;
    readonly keySet: number;
    /** How long after its start it is cancelled. */
    readonly cancelAfterMs?: number;
}

/** A schedule by its ingredients: what fast-check draws and shrinks. */
export interface SchedulePlan {
    readonly seed: number;
    readonly tasks: readonly TaskPlan[];
    /** Per node: time until the next outage, and its length, in turns. */
    readonly outages: readonly (readonly (readonly [number, number])[])[];
    readonly crashes?: readonly CrashScript[];
    readonly faults?: Partial<FaultPlan>;
}

/** How a schedule ended. */
export interface Ended extends ScheduleResult {
    /** States of the runs that exist, by the number of their task. */
    readonly runs: ReadonlyMap<number, string>;
    /** Per node, sorted: what its tables hold for the manager's fabric, read from the inside of the model. */
    readonly devices: readonly (readonly string[])[];
    readonly marks: Readonly<Record<string, number>>;
    readonly traceHash: string;
}

const CHAOS_MS = 300_000;
const NODES = 3;

/** Nodes that were never reached count with the least that the specification allows: two key sets besides the IPK, four groups. */
const KEY_SETS = 2;

/** Room for everything that these schedules can want: admission is another property's matter. */
const ROOMY = { maxGroups: 12, maxKeys: 8 };

/** Tasks on few nodes, groups and key sets, so that they share. A group always has the same key set: other wishes are refused. */
export const tasks = (options: { readonly max: number; readonly withCancel?: boolean }): fc.Arbitrary<TaskPlan[]> =>
    fc.array(
        fc
            .record({
                atMs: fc.nat(CHAOS_MS / 2),
                node: fc.nat(NODES - 1),
                group: fc.integer({ min: 1, max: 4 }),
                // Half of the cancels hit while the device is being written to.
                cancelAfterMs: options.withCancel === true ? fc.oneof(fc.nat(600), fc.nat(CHAOS_MS / 2)) : fc.constant(-1),
                isCancelled: fc.boolean(),
            })
            .map(({ cancelAfterMs, isCancelled, ...task }) => ({
                ...task,
                keySet: 1 + (task.group % KEY_SETS),
                ...(cancelAfterMs >= 0 && isCancelled ? { cancelAfterMs } : {}),
            })),
        { minLength: 1, maxLength: options.max },
    );

/** When nodes are out of reach: often from the start, mostly for minutes, sometimes past the end of chaos. */
export const outages: fc.Arbitrary<SchedulePlan["outages"]> = fc.array(
    fc.array(fc.tuple(fc.oneof(fc.constant(0), fc.nat(CHAOS_MS / 2)), fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: CHAOS_MS }))), {
        maxLength: 3,
    }),
    { minLength: NODES, maxLength: NODES },
);

/** Controllers that die early and late, and come back at once or after a while. */
export const crashes: fc.Arbitrary<CrashScript[]> = fc
    .array(fc.record({ beforeInput: fc.integer({ min: 2, max: 150 }), downMs: fc.oneof(fc.nat(100), fc.nat(90_000)), backupMs: fc.constant(0) }), { minLength: 1, maxLength: 4 })
    .map(all => [...all].sort((a, b) => a.beforeInput - b.beforeInput));

/** A network that loses, delays and repeats, each with a strength of its own. */
export const badNetwork: fc.Arbitrary<Partial<FaultPlan>> = fc.record({
    lossBeforeEffect: fc.nat(200),
    lossAfterEffect: fc.nat(200),
    lateEffect: fc.nat(150),
    duplicateEffect: fc.nat(150),
    notSent: fc.nat(1000),
    eventMissing: fc.nat(500),
    eventDelayMaxMs: fc.nat(60_000),
    latencyMaxMs: fc.integer({ min: 20, max: 2_000 }),
});

/** For chances that the ingredients do not spell out. */
export const seeds: fc.Arbitrary<number> = fc.nat(0x7fff_ffff);

/**
 * How a property is checked: the same cases each time, so that a change is judged by itself. To look for new ones, set `SELVAGE_PROPERTY_SEED` to
 * any whole number, and `SELVAGE_PROPERTY_FACTOR` to have more of them.
 */
export function parameters(runs: number): { readonly seed: number; readonly numRuns: number } {
    const seed = Number(process.env["SELVAGE_PROPERTY_SEED"] ?? 1);
    return { seed, numRuns: runs * Number(process.env["SELVAGE_PROPERTY_FACTOR"] ?? 1) };
}

/** The script that the ingredients make. */
export function scriptOf({ seed, tasks, outages, crashes = [], faults = {} }: SchedulePlan): Script {
    const actions: Action[] = tasks.map(({ atMs, node, group, keySet }, i) => ({
        type: "addToGroup",
        atMs,
        node,
        endpoint: 1,
        group,
        keySet,
        request: i + 1,
        deadlineMs: 0,
    }));
    const byTime = [...actions].sort((a, b) => a.atMs - b.atMs);
    tasks.forEach(({ atMs, cancelAfterMs }, i) => {
        if (cancelAfterMs !== undefined) {
            byTime.push({ type: "cancel", atMs: atMs + cancelAfterMs, task: byTime.indexOf(actions[i]!) });
        }
    });
    const nodes = outages.map(each => ({ ...plainNode, ...ROOMY, outages: absolute(each) }));
    return { format: SCRIPT_FORMAT, seed, nodes, incidents: [], faults: { ...noFaults, ...faults }, actions: byTime, crashes, chaosMs: CHAOS_MS, lostNode: -1 };
}

/**
 * Run a schedule in the model world with all checkers on, which look at everything after every input.
 *
 * @throws when a checker reports a violation; the message has the token to replay it
 */
export function play(script: Script): Ended {
    const world = new World(allCheckers());
    const result = world.run(script, { scanThroughout: true });
    if (result.violation !== null) {
        const { checker, message, atMs } = result.violation;
        throw new Error(`${checker} does not hold at ${atMs} ms: ${message}\nnpx selvage replay ${replayToken({ script, scanThroughout: true })}`);
    }
    const infos = world.manager!.runs();
    const runs = new Map(infos.map(run => [Number(run.requestId?.replace("request-", "")), run.state]));
    const devices = script.nodes.map((_, i) => contentOf(world.nodes[i]!));
    return { ...result, runs, devices, marks: world.marks.toRecord(), traceHash: world.hash.hex() };
}

/** What the devices must hold when these tasks, by number, and nothing else left their mark. */
export function wantedBy(plan: SchedulePlan, counts: (task: number) => boolean): string[][] {
    return plan.outages.map((_, node) => {
        const lines = plan.tasks.flatMap((task, i) =>
            task.node === node && counts(i + 1)
                ? [`key set ${task.keySet}`, `group ${task.group} uses key set ${task.keySet}`, `endpoint 1 is in group ${task.group}`]
                : [],
        );
        return [...new Set(lines)].sort();
    });
}

function contentOf(node: SimNode): string[] {
    const keySets = node.keySets(MANAGER_FABRIC).filter(({ id }) => id !== 0);
    return [
        ...keySets.map(({ id }) => `key set ${id}`),
        ...node.groupKeyMap(MANAGER_FABRIC).map(({ groupId, groupKeySetId }) => `group ${groupId} uses key set ${groupKeySetId}`),
        ...node.groupTable(MANAGER_FABRIC).flatMap(({ groupId, endpoints }) => endpoints.map(endpoint => `endpoint ${endpoint} is in group ${groupId}`)),
    ].sort();
}

function absolute(outages: SchedulePlan["outages"][number]): number[] {
    let nowMs = 0;
    return outages.flatMap(([afterMs, lengthMs], i) => {
        const fromMs = nowMs + afterMs + (i === 0 ? 0 : 1);
        nowMs = fromMs + lengthMs;
        return [fromMs, nowMs];
    });
}
