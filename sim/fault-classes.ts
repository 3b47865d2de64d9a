import type { FaultPlan } from "./fault-plan.js";
import type { Incident, Script } from "./script.js";

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
    "reportAgain",
    "statusFault",
    "finalStatusFault",
    "brokenList",
    "otherInBetween",
    "wakeDelayMaxMs",
] as const satisfies readonly (keyof FaultPlan)[];

/** Answers slower than this are late for people, too. */
const SLOW_MS = 500;

/** What happens to nodes and clocks, by the type of the incident. */
const INCIDENTS = {
    flap: "flap",
    reboot: "reboot",
    powerCut: "powerCut",
    factoryReset: "factoryReset",
    softwareUpdate: "softwareUpdate",
    endpointGone: "endpointGone",
    otherFailSafe: "otherFailSafe",
    otherMap: "drift",
    otherUnmap: "drift",
    otherKey: "drift",
    otherUnkey: "drift",
    otherJoin: "drift",
    otherLeave: "drift",
    otherGrant: "drift",
    otherRevoke: "drift",
    otherBind: "drift",
    otherUnbind: "drift",
    clockJump: "clockJump",
} as const satisfies Readonly<Record<Incident["type"], string>>;

/** Every class of faults, in the order in which reports list them. */
export const FAULT_CLASSES = [
    "crash",
    "backup",
    "outage",
    "outageAtStart",
    "lostNode",
    ...STRENGTHS,
    "slowNetwork",
    "slowStore",
    "lateEvents",
    "reportsLost",
    "lateReports",
    ...new Set(Object.values(INCIDENTS)),
    "capacityShrinks",
    "slowNode",
    "sleepyNode",
    "nodeJoins",
    "nodeLeaves",
    "nodeRenewed",
] as const;

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
    add("reportsLost", faults.reported > 0 && faults.reported < 1000);
    add("lateReports", faults.reported > 0 && faults.reportDelayMaxMs >= SLOW_MS);
    add("backup", crashes > 0 && script.crashes.some(crash => crash.backupMs > 0));
    for (const name of new Set(script.incidents.map(({ type }) => INCIDENTS[type]))) {
        add(name, true);
    }
    add("capacityShrinks", script.incidents.some(each => each.type === "softwareUpdate" && shrinks(script, each)));
    add("slowNode", nodes.some(node => node.slowMs > 0));
    add("sleepyNode", nodes.some(node => node.sleepMs > 0));
    add("nodeJoins", script.actions.some(({ type }) => type === "addNode"));
    add("nodeLeaves", script.actions.some(({ type }) => type === "removeNode"));
    add("nodeRenewed", script.actions.some(({ type }) => type === "renewNode"));
    return classes;
}

function shrinks({ nodes }: Script, { node, maxGroups, maxKeys }: Extract<Incident, { type: "softwareUpdate" }>): boolean {
    return maxGroups < nodes[node]!.maxGroups || maxKeys < nodes[node]!.maxKeys;
}
