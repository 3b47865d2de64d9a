import { noFaults, type FaultPlan } from "./fault-plan.js";
import { isAboutTask, plainNode, type Action, type Incident, type NodeScript, type Script } from "./script.js";

/** Chaos shorter than this hides nothing. */
const SHORT_CHAOS_MS = 1_000;

/** Faults that belong together: one of them alone means little. */
const FAULT_GROUPS: readonly (readonly (keyof FaultPlan)[])[] = [
    ["outagesMax", "outageMinMs", "outageMaxMs", "outageAtStart"], // outages themselves stand with the nodes
    ["latencyMinMs", "latencyMaxMs"],
    ["giveUpMinMs", "giveUpMaxMs"],
    ["storeLatencyMinMs", "storeLatencyMaxMs"],
    ["lossBeforeEffect"],
    ["lossAfterEffect"],
    ["lateEffect"],
    ["duplicateEffect"],
    ["duplicateAfterAnswer"],
    ["notSent"],
    ["eventMissing"],
    ["eventDelayMaxMs"],
    ["storeRefusal"],
    ["storeKeepsInFlight"],
    ["reported", "reportDelayMaxMs", "reportAgain"],
    ["reportDelayMaxMs"],
    ["reportAgain"],
    ["statusFault"],
    ["finalStatusFault"],
    ["brokenList"],
    ["otherInBetween"],
    ["wakeDelayMaxMs"],
];

/** What of a node becomes plain together. */
const TRAITS: readonly (readonly (keyof NodeScript)[])[] = [["maxGroups", "maxKeys", "maxAcl"], ["binds"], ["certificates"], ["slowMs"], ["sleepMs", "awakeMs"], ["hasClock"], ["joinsLater"]];

/**
 * Scripts simpler than this one, the boldest steps first. Each is strictly simpler, so that taking one after the other comes to an end.
 */
export function* simplerScripts(script: Script): IterableIterator<Script> {
    yield* fewerActions(script);
    yield* fewerIncidents(script);
    yield* fewerCrashes(script);
    yield* fewerFaults(script);
    yield* fewerOutages(script);
    yield* fewerNodes(script);
    if (script.lostNode >= 0) {
        yield { ...script, lostNode: -1 };
    }
    yield* plainerActions(script);
    yield* sooner(script);
    yield* weakerFaults(script);
}

function* fewerActions(script: Script): IterableIterator<Script> {
    const { actions } = script;
    for (let size = actions.length; size >= 1; size = size >> 1) {
        for (let from = 0; from < actions.length; from += size) {
            yield { ...script, actions: without(actions, from, size) };
        }
    }
}

function* fewerIncidents(script: Script): IterableIterator<Script> {
    const { incidents } = script;
    for (let size = incidents.length; size >= 1; size = size >> 1) {
        for (let from = 0; from < incidents.length; from += size) {
            yield { ...script, incidents: incidents.filter((_, i) => i < from || i >= from + size) };
        }
    }
}

/** Cancels and the like name tasks by count: those of a removed task go with it, later ones are renumbered. */
function without(actions: readonly Action[], from: number, size: number): Action[] {
    const renumbered = new Map<number, number>();
    let task = 0;
    let kept = 0;
    actions.forEach((action, i) => {
        if (action.type === "addToGroup") {
            if (i < from || i >= from + size) {
                renumbered.set(task, kept++);
            }
            task++;
        }
    });
    return actions.flatMap((action, i): Action[] => {
        if (i >= from && i < from + size) {
            return [];
        }
        if (!isAboutTask(action)) {
            return [action];
        }
        const renamed = renumbered.get(action.task);
        return renamed === undefined ? [] : [{ ...action, task: renamed }];
    });
}

function* fewerCrashes(script: Script): IterableIterator<Script> {
    const { crashes } = script;
    if (crashes.length > 1) {
        yield { ...script, crashes: [] };
    }
    for (let i = 0; i < crashes.length; i++) {
        yield { ...script, crashes: crashes.filter((_, other) => other !== i) };
    }
}

function* fewerFaults(script: Script): IterableIterator<Script> {
    const isOn = (name: keyof FaultPlan) => script.faults[name] !== noFaults[name];
    const on = FAULT_GROUPS.filter(group => group.some(isOn));
    if (on.length > 1) {
        yield { ...script, faults: noFaults };
    }
    for (const group of on) {
        yield withFaults(script, Object.fromEntries(group.map(name => [name, noFaults[name]])));
    }
}

function* fewerOutages(script: Script): IterableIterator<Script> {
    for (let i = 0; i < script.nodes.length; i++) {
        const { outages } = script.nodes[i]!;
        if (outages.length > 2) {
            yield withNode(script, i, { outages: [] });
        }
        for (let at = 0; at < outages.length; at += 2) {
            yield withNode(script, i, { outages: outages.filter((_, each) => each < at || each > at + 1) });
        }
    }
}

function* fewerNodes(script: Script): IterableIterator<Script> {
    const { nodes, actions, incidents, lostNode } = script;
    for (let gone = nodes.length - 1; gone >= 0 && nodes.length > 1; gone--) {
        if (lostNode === gone || [...actions, ...incidents].some(event => "node" in event && event.node === gone)) {
            continue;
        }
        const renumbered = (node: number) => (node > gone ? node - 1 : node);
        const moved = <E extends Action | Incident>(event: E): E => ("node" in event ? { ...event, node: renumbered(event.node) } : event);
        yield {
            ...script,
            nodes: nodes.filter((_, i) => i !== gone),
            actions: actions.map(moved),
            incidents: incidents.map(moved),
            lostNode: renumbered(lostNode),
        };
    }
    for (let i = 0; i < nodes.length; i++) {
        for (const trait of TRAITS) {
            if (trait.some(name => nodes[i]![name] !== plainNode[name])) {
                yield withNode(script, i, Object.fromEntries(trait.map(name => [name, plainNode[name]])));
            }
        }
    }
}

function* plainerActions(script: Script): IterableIterator<Script> {
    for (let i = 0; i < script.actions.length; i++) {
        const action = script.actions[i]!;
        for (const [name, plain] of Object.entries(PLAIN_FIELDS)) {
            if (name in action && action[name as keyof Action] !== plain) {
                yield withAction(script, i, { ...action, [name]: plain });
            }
        }
    }
    for (let i = 0; i < script.incidents.length; i++) {
        const incident = script.incidents[i]!;
        if ("told" in incident && !incident.told) {
            yield withIncident(script, i, { ...incident, told: true });
        }
    }
}

/** Fields of actions that say something special unless they have this value. */
const PLAIN_FIELDS = { request: 0, deadlineMs: 0, force: false, maintain: false, rewrite: false, lateMs: 0 };

/** Smaller times, in halves and thousands. Actions stay in their order. */
function* sooner(script: Script): IterableIterator<Script> {
    const { actions, incidents, crashes, chaosMs } = script;
    for (let i = 0; i < actions.length; i++) {
        const earliest = i === 0 ? 0 : actions[i - 1]!.atMs;
        for (const atMs of smaller(actions[i]!.atMs, earliest)) {
            yield withAction(script, i, { ...actions[i]!, atMs });
        }
    }
    for (let i = 0; i < incidents.length; i++) {
        for (const name of ["atMs", "downMs", "forgetsMs", "backAfterMs", "holdMs"] as const) {
            const incident = incidents[i] as Incident & Partial<Record<typeof name, number>>;
            for (const ms of smaller(incident[name] ?? 0, 0)) {
                yield withIncident(script, i, { ...incident, [name]: ms });
            }
        }
    }
    for (let i = 0; i < crashes.length; i++) {
        if (crashes[i]!.backupMs > 0) {
            yield { ...script, crashes: crashes.map((crash, each) => (each === i ? { ...crash, backupMs: 0 } : crash)) };
        }
        for (const downMs of smaller(crashes[i]!.downMs, 0)) {
            yield { ...script, crashes: crashes.map((crash, each) => (each === i ? { ...crash, downMs } : crash)) };
        }
        for (const beforeInput of smaller(crashes[i]!.beforeInput, i === 0 ? 1 : crashes[i - 1]!.beforeInput)) {
            yield { ...script, crashes: crashes.map((crash, each) => (each === i ? { ...crash, beforeInput } : crash)) };
        }
    }
    for (const shorter of smaller(chaosMs, SHORT_CHAOS_MS)) {
        yield { ...script, chaosMs: shorter };
    }
    yield* shorterOutages(script);
}

function* shorterOutages(script: Script): IterableIterator<Script> {
    for (let i = 0; i < script.nodes.length; i++) {
        const { outages } = script.nodes[i]!;
        for (let at = 0; at < outages.length; at++) {
            for (const ms of smaller(outages[at]!, at === 0 ? 0 : outages[at - 1]! + 1)) {
                yield withNode(script, i, { outages: outages.map((each, other) => (other === at ? ms : each)) });
            }
        }
    }
}

function* weakerFaults(script: Script): IterableIterator<Script> {
    for (const group of FAULT_GROUPS) {
        for (const name of group) {
            if (script.faults[name] > noFaults[name]) {
                for (const value of smaller(script.faults[name], noFaults[name])) {
                    yield withFaults(script, { [name]: value });
                }
            }
        }
    }
}

/** Towards the least: itself, half way, the whole seconds or tens below. */
function smaller(value: number, least: number): number[] {
    const steps = [least, least + ((value - least) >> 1), value - (value % 1000), value - (value % 10)];
    return [...new Set(steps)].filter(step => step >= least && step < value);
}

function withFaults(script: Script, faults: Partial<FaultPlan>): Script {
    return { ...script, faults: { ...script.faults, ...faults } };
}

function withNode(script: Script, index: number, node: Partial<NodeScript>): Script {
    return { ...script, nodes: script.nodes.map((each, i) => (i === index ? { ...each, ...node } : each)) };
}

function withAction(script: Script, index: number, action: Action): Script {
    return { ...script, actions: script.actions.map((each, i) => (i === index ? action : each)) };
}

function withIncident(script: Script, index: number, incident: Incident): Script {
    return { ...script, incidents: script.incidents.map((each, i) => (i === index ? incident : each)) };
}
