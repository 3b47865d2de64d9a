import { noFaults, type FaultPlan } from "./fault-plan.js";
import { SCRIPT_ACL_ENTRIES, SCRIPT_TARGETS } from "./list-entries.js";
import { SCRIPT_ROOTS, SCRIPT_TAG_SETS } from "./script-certificates.js";
import { SCRIPT_FORMAT, SCRIPT_KEY_SETS, type Action, type CrashScript, type Incident, type NodeScript, type Script } from "./script.js";
import { ACTION_FIELDS, CRASH_FIELDS, INCIDENT_FIELDS, NODE_FIELDS, OPTIONAL_FIELDS, type FieldKind } from "./script-fields.js";

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
const LIMITS = { nodes: 64, actions: 10_000, incidents: 10_000, crashes: 1_000, outages: 2_000, ms: 366 * 86_400_000 };

/** Clocks that were never set are decades off. */
const JUMP_MS = 100 * LIMITS.ms;

/** Least and greatest value (exclusive) of each kind of field. */
const RANGES: Readonly<Record<Exclude<FieldKind, "flag" | "node">, readonly [least: number, below: number]>> = {
    id: [0, 0x1_0000],
    group: [1, 0x1_0000],
    keySet: [0, SCRIPT_KEY_SETS + 1],
    task: [0, LIMITS.actions],
    item: [0, LIMITS.actions],
    request: [0, 2 ** 31],
    ms: [0, LIMITS.ms],
    jump: [1 - JUMP_MS, JUMP_MS],
    limit: [0, 256],
    startTime: [1, 2 ** 31],
    entry: [0, SCRIPT_ACL_ENTRIES.length],
    target: [0, SCRIPT_TARGETS.length],
    label: [0, 16],
    tags: [0, SCRIPT_TAG_SETS.length],
    root: [0, SCRIPT_ROOTS.length],
};

/**
 * The script that plain data from a file or a token stands for. Faults that it does not name are off.
 *
 * @throws ScriptError SCRIPT_NEWER for what only a newer Selvage knows, SCRIPT_DAMAGED for everything else that is no script
 */
export function scriptFrom(data: unknown): Script {
    const script = record(data, "the script");
    const format = script["format"];
    if (typeof format === "number" && format > SCRIPT_FORMAT) {
        throw newer(`it has script format ${format}`);
    }
    if (format !== 1 && format !== SCRIPT_FORMAT) {
        throw damaged("it names no script format");
    }
    const nodes = list(script["nodes"], "nodes", LIMITS.nodes).map((node, i) => nodeFrom(node, i));
    if (nodes.length === 0) {
        throw damaged("it has no nodes");
    }
    const incidents = format === 1 ? [] : list(script["incidents"] ?? [], "incidents", LIMITS.incidents);
    return {
        format: SCRIPT_FORMAT,
        seed: whole(script["seed"], "seed", 0, 2 ** 32),
        nodes,
        faults: faultsFrom(script["faults"]),
        actions: list(script["actions"], "actions", LIMITS.actions).map((each, i) => eventFrom<Action>(ACTION_FIELDS, each, `action ${i}`, nodes.length)),
        incidents: incidents.map((each, i) => eventFrom<Incident>(INCIDENT_FIELDS, each, `incident ${i}`, nodes.length)),
        crashes: list(script["crashes"], "crashes", LIMITS.crashes).map((crash, i) => crashFrom(crash, i)),
        chaosMs: whole(script["chaosMs"], "chaosMs", 0, LIMITS.ms),
        lostNode: whole(script["lostNode"], "lostNode", -1, nodes.length),
    };
}

function nodeFrom(data: unknown, index: number): NodeScript {
    const node = record(data, `node ${index}`);
    const outages = list(node["outages"], `outages of node ${index}`, LIMITS.outages).map(ms => whole(ms, "an outage", 0, LIMITS.ms));
    if (outages.length % 2 !== 0 || outages.some((ms, i) => i > 0 && ms < outages[i - 1]!)) {
        throw damaged(`the outages of node ${index} are not pairs of times in ascending order`);
    }
    const fields = fieldsFrom(NODE_FIELDS, node, `node ${index}`, 0);
    if (fields["maxKeys"] === 0) {
        throw damaged(`node ${index} has no room for the IPK`);
    }
    // The table has the fields of a node, but for the outages.
    return { ...fields, outages } as unknown as NodeScript;
}

function crashFrom(data: unknown, index: number): CrashScript {
    // The table has the fields of a crash.
    return fieldsFrom(CRASH_FIELDS, record(data, `crash ${index}`), `crash ${index}`, 0) as unknown as CrashScript;
}

function eventFrom<E extends Action | Incident>(tables: Readonly<Record<E["type"], Readonly<Record<string, FieldKind>>>>, data: unknown, what: string, nodes: number): E {
    const event = record(data, what);
    const type = String(event["type"]);
    if (!Object.hasOwn(tables, type)) {
        throw newer(`it has an ${what.split(" ")[0]} "${type}"`);
    }
    const atMs = whole(event["atMs"], `atMs of ${what}`, 0, LIMITS.ms);
    // The table has the fields of each type.
    return { type, atMs, ...fieldsFrom(tables[type as E["type"]], event, what, nodes) } as unknown as E;
}

function fieldsFrom(kinds: Readonly<Record<string, FieldKind>>, data: Readonly<Record<string, unknown>>, what: string, nodes: number): Record<string, number | boolean> {
    const fields: Record<string, number | boolean> = {};
    for (const [name, kind] of Object.entries(kinds)) {
        fields[name] = fieldFrom(kind, data[name] ?? OPTIONAL_FIELDS[name], `${name} of ${what}`, nodes);
    }
    return fields;
}

function fieldFrom(kind: FieldKind, value: unknown, what: string, nodes: number): number | boolean {
    if (kind !== "flag") {
        const [least, below] = kind === "node" ? [0, nodes] : RANGES[kind];
        return whole(value, what, least, below);
    }
    if (typeof value !== "boolean") {
        throw damaged(`${what} is neither true nor false`);
    }
    return value;
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
