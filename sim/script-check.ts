import { noFaults, type FaultPlan } from "./fault-plan.js";
import { SCRIPT_KEY_SETS, type Action, type Script } from "./script.js";

/** A script from outside that cannot be used. */
export class ScriptError extends Error {
    override readonly name = "ScriptError";

    constructor(
        readonly code: "SCRIPT_DAMAGED" | "SCRIPT_NEWER",
        message: string,
    ) {
        super(message);
    }
}

/** More than any drawn script has, by far; a script from outside must not exhaust the machine. */
const LIMITS = { nodes: 64, actions: 10_000, crashes: 1_000, outages: 2_000, ms: 366 * 86_400_000 };

/** Each action's fields besides `type` and `atMs`, with their least and greatest value (exclusive). */
type Fields = Readonly<Record<string, "node" | "endpoint" | "group" | "keySet" | "task" | "request" | "ms">>;

const ACTIONS: Readonly<Record<Action["type"], Fields>> = {
    addToGroup: { node: "node", endpoint: "endpoint", group: "group", keySet: "keySet", request: "request", deadlineMs: "ms" },
    cancel: { task: "task" },
    setKey: { node: "node", keySet: "keySet" },
    setMap: { node: "node", group: "group", keySet: "keySet" },
    setMembership: { node: "node", endpoint: "endpoint", group: "group" },
    removeKey: { node: "node", keySet: "keySet" },
    removeMap: { node: "node", group: "group" },
    removeMembership: { node: "node", endpoint: "endpoint", group: "group" },
    reconcile: { node: "node" },
};

/**
 * The script that plain data from a file or a token stands for. Faults that it does not name are off.
 *
 * @throws ScriptError SCRIPT_NEWER for what only a newer Selvage knows, SCRIPT_DAMAGED for everything else that is no script
 */
export function scriptFrom(data: unknown): Script {
    const script = record(data, "the script");
    if (typeof script["format"] === "number" && script["format"] > 1) {
        throw newer(`it has script format ${script["format"]}`);
    }
    if (script["format"] !== 1) {
        throw damaged("it names no script format");
    }
    const nodes = list(script["nodes"], "nodes", LIMITS.nodes).map((node, i) => nodeFrom(node, i));
    if (nodes.length === 0) {
        throw damaged("it has no nodes");
    }
    const actions = list(script["actions"], "actions", LIMITS.actions).map((action, i) => actionFrom(action, i, nodes.length));
    const crashes = list(script["crashes"], "crashes", LIMITS.crashes).map((crash, i) => crashFrom(crash, i));
    return {
        format: 1,
        seed: whole(script["seed"], "seed", 0, 2 ** 32),
        nodes,
        faults: faultsFrom(script["faults"]),
        actions,
        crashes,
        chaosMs: whole(script["chaosMs"], "chaosMs", 0, LIMITS.ms),
        lostNode: whole(script["lostNode"], "lostNode", -1, nodes.length),
    };
}

function nodeFrom(data: unknown, index: number): Script["nodes"][number] {
    const node = record(data, `node ${index}`);
    const outages = list(node["outages"], `outages of node ${index}`, LIMITS.outages).map(ms => whole(ms, "an outage", 0, LIMITS.ms));
    if (outages.length % 2 !== 0 || outages.some((ms, i) => i > 0 && ms < outages[i - 1]!)) {
        throw damaged(`the outages of node ${index} are not pairs of times in ascending order`);
    }
    return { maxGroups: whole(node["maxGroups"], "maxGroups", 0, 256), maxKeys: whole(node["maxKeys"], "maxKeys", 1, 256), outages };
}

function crashFrom(data: unknown, index: number): Script["crashes"][number] {
    const crash = record(data, `crash ${index}`);
    return {
        beforeInput: whole(crash["beforeInput"], "beforeInput", 0, 2 ** 31),
        downMs: whole(crash["downMs"], "downMs", 0, LIMITS.ms),
    };
}

function actionFrom(data: unknown, index: number, nodes: number): Action {
    const action = record(data, `action ${index}`);
    const type = String(action["type"]);
    if (!Object.hasOwn(ACTIONS, type)) {
        throw newer(`it has an action "${type}"`);
    }
    const limits = { node: nodes, endpoint: 0x1_0000, group: 0x1_0000, keySet: SCRIPT_KEY_SETS + 1, task: LIMITS.actions, request: 2 ** 31, ms: LIMITS.ms };
    const fields = Object.entries(ACTIONS[type as Action["type"]]).map(([name, what]) => {
        const least = what === "group" ? 1 : 0;
        return [name, whole(action[name], `${name} of action ${index}`, least, limits[what])] as const;
    });
    const atMs = whole(action["atMs"], `atMs of action ${index}`, 0, LIMITS.ms);
    // The table above has the fields of each type.
    return { type, atMs, ...Object.fromEntries(fields) } as unknown as Action;
}

function faultsFrom(data: unknown): FaultPlan {
    const faults: Record<string, number> = { ...noFaults };
    for (const [name, value] of Object.entries(record(data, "the faults"))) {
        if (!Object.hasOwn(noFaults, name)) {
            throw newer(`it has a fault "${name}"`);
        }
        faults[name] = whole(value, name, 0, LIMITS.ms);
    }
    // Begun with all fields of a plan, and given no others.
    return faults as unknown as FaultPlan;
}

function record(data: unknown, what: string): Readonly<Record<string, unknown>> {
    if (typeof data !== "object" || data === null || Array.isArray(data)) {
        throw damaged(`${what} is not an object`);
    }
    return data as Readonly<Record<string, unknown>>;
}

function list(data: unknown, what: string, limit: number): readonly unknown[] {
    if (!Array.isArray(data) || data.length > limit) {
        throw damaged(`its ${what} are no list of at most ${limit}`);
    }
    return data;
}

function whole(data: unknown, what: string, least: number, below: number): number {
    if (typeof data !== "number" || !Number.isInteger(data) || data < least || data >= below) {
        throw damaged(`${what} is no whole number from ${least} to ${below - 1}`);
    }
    return data;
}

function damaged(why: string): ScriptError {
    return new ScriptError("SCRIPT_DAMAGED", `This is no script that can be run: ${why}. Copy it again, as a whole.`);
}

function newer(why: string): ScriptError {
    return new ScriptError("SCRIPT_NEWER", `This script comes from a newer Selvage: ${why}. Replay it with the version that made it, or a later one.`);
}
