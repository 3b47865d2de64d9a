import type { FaultPlan } from "./fault-plan.js";
import type { Script } from "./script.js";

/** Strengths of a fault plan that switch a class of faults on when they are not 0. */
const STRENGTHS = [
    "lossBeforeEffect",
    "lossAfterEffect",
    "lateEffect",
    "duplicateEffect",
    "duplicateAfterAnswer",
    "notSent",
    "eventMissing",
    "storeRefusal",
] as const satisfies readonly (keyof FaultPlan)[];

/** Answers slower than this are late for people, too. */
const SLOW_MS = 500;

/** Every class of faults, in the order in which reports list them. */
export const FAULT_CLASSES = ["crash", "outage", "outageAtStart", "lostNode", ...STRENGTHS, "slowNetwork", "slowStore", "lateEvents"] as const;

/** A class of faults, as reports name it. */
export type FaultClass = (typeof FAULT_CLASSES)[number];

/**
 * Which classes of faults a schedule had.
 *
 * @param crashes how often the controller died; a script may name more crashes than its inputs reach
 */
export function faultClasses(script: Script, crashes: number): FaultClass[] {
    const { faults, nodes } = script;
    const classes: FaultClass[] = STRENGTHS.filter(name => faults[name] > 0);
    const add = (name: FaultClass, isOn: boolean) => (isOn ? classes.push(name) : 0);
    add("crash", crashes > 0);
    add(
        "outage",
        nodes.some(node => node.outages.length > 0),
    );
    add(
        "outageAtStart",
        nodes.some(node => node.outages[0] === 0),
    );
    add("lostNode", script.lostNode >= 0);
    add("slowNetwork", faults.latencyMaxMs >= SLOW_MS);
    add("slowStore", faults.storeLatencyMaxMs >= SLOW_MS);
    add("lateEvents", faults.eventDelayMaxMs >= SLOW_MS);
    return classes;
}
