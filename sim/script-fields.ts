import { plainNode, type Action, type CrashScript, type Incident, type NodeScript } from "./script.js";

/** What a field of a script is (`keySet`: one that the script names, `id`: any 16-bit number): decides which values it takes, and what it is where an older script has none. */
export type FieldKind = "node" | "id" | "group" | "keySet" | "task" | "item" | "request" | "ms" | "jump" | "limit" | "startTime" | "entry" | "target" | "label" | "tags" | "root" | "flag";

type FieldTable<T extends string> = Readonly<Record<T, Readonly<Record<string, FieldKind>>>>;

const set = { force: "flag", maintain: "flag" } as const;
const removal = { force: "flag" } as const;

/** The fields of each action, besides `type` and `atMs`. */
export const ACTION_FIELDS: FieldTable<Action["type"]> = {
    addToGroup: { node: "node", endpoint: "id", group: "group", keySet: "keySet", request: "request", deadlineMs: "ms" },
    cancel: { task: "task" },
    retryRun: { task: "task" },
    abandon: { task: "task" },
    setKey: { node: "node", keySet: "keySet", ...set },
    setMap: { node: "node", group: "group", keySet: "keySet", ...set },
    setMembership: { node: "node", endpoint: "id", group: "group", ...set },
    setAcl: { node: "node", entry: "entry", label: "label", ...set },
    setBinding: { node: "node", endpoint: "id", target: "target", label: "label", ...set },
    setNoc: { node: "node", tags: "tags", ...set },
    setIpk: { node: "node", ...set },
    watchRoot: { node: "node", root: "root", ...set },
    removeNoc: { node: "node", ...removal },
    removeIpk: { node: "node", ...removal },
    unwatchRoot: { node: "node", root: "root", ...removal },
    removeAcl: { node: "node", entry: "entry", label: "label", ...removal },
    removeBinding: { node: "node", endpoint: "id", target: "target", label: "label", ...removal },
    removeKey: { node: "node", keySet: "keySet", ...removal },
    removeMap: { node: "node", group: "group", ...removal },
    removeMembership: { node: "node", endpoint: "id", group: "group", ...removal },
    adopt: { node: "node", item: "item", maintain: "flag" },
    withdraw: { node: "node", item: "item" },
    retry: { node: "node", item: "item" },
    reconcile: { node: "node", rewrite: "flag" },
    addNode: { node: "node" },
    removeNode: { node: "node" },
    renewNode: { node: "node", lateMs: "ms" },
};

/** The fields of each incident, besides `type` and `atMs`. */
export const INCIDENT_FIELDS: FieldTable<Incident["type"]> = {
    flap: { node: "node", downMs: "ms" },
    reboot: { node: "node", told: "flag" },
    powerCut: { node: "node", forgetsMs: "ms", told: "flag" },
    factoryReset: { node: "node", returns: "flag" },
    softwareUpdate: { node: "node", maxGroups: "limit", maxKeys: "limit", told: "flag" },
    endpointGone: { node: "node", endpoint: "id", backAfterMs: "ms", forgets: "flag", told: "flag" },
    otherFailSafe: { node: "node", holdMs: "ms" },
    otherMap: { node: "node", group: "group", keySet: "id" },
    otherUnmap: { node: "node", group: "group" },
    otherKey: { node: "node", keySet: "id", startTime: "startTime" },
    otherUnkey: { node: "node", keySet: "id" },
    otherJoin: { node: "node", endpoint: "id", group: "group" },
    otherLeave: { node: "node", endpoint: "id", group: "group" },
    otherGrant: { node: "node", entry: "entry" },
    otherRevoke: { node: "node", entry: "entry" },
    otherBind: { node: "node", endpoint: "id", target: "target" },
    otherUnbind: { node: "node", endpoint: "id", target: "target" },
    clockJump: { byMs: "jump" },
};

/** The fields of a node, besides its outages. */
export const NODE_FIELDS: Readonly<Record<Exclude<keyof NodeScript, "outages">, FieldKind>> = {
    maxGroups: "limit",
    maxKeys: "limit",
    maxAcl: "limit",
    binds: "flag",
    certificates: "flag",
    slowMs: "ms",
    sleepMs: "ms",
    awakeMs: "ms",
    hasClock: "flag",
    joinsLater: "flag",
};

export const CRASH_FIELDS: Readonly<Record<keyof CrashScript, FieldKind>> = { beforeInput: "request", downMs: "ms", backupMs: "ms" };

/** Fields that scripts leave out when they have these values: format 1 knew none of them, and tokens stay short. */
export const OPTIONAL_FIELDS: Readonly<Record<string, number | boolean>> = {
    force: false,
    maintain: false,
    rewrite: false,
    maxAcl: plainNode.maxAcl,
    binds: false,
    certificates: false,
    slowMs: 0,
    sleepMs: 0,
    awakeMs: 0,
    hasClock: true,
    joinsLater: false,
    backupMs: 0,
};
