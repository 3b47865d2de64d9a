import type { FaultPlan, Outages } from "./fault-plan.js";

/**
 * Everything that makes a schedule what it is, as plain data: the same script gives the same trace, byte for byte. It is what
 * shrinks, what a replay token carries, and what both worlds can be given. Times are milliseconds from the start.
 */
export interface Script {
    readonly format: typeof SCRIPT_FORMAT;
    /** For the draws that the script does not spell out: faults by message, jitter, key material. */
    readonly seed: number;
    readonly nodes: readonly NodeScript[];
    readonly faults: FaultPlan;
    /** What callers do. */
    readonly actions: readonly Action[];
    /** What happens to nodes and clocks without the manager. */
    readonly incidents: readonly Incident[];
    /** The controller dies before it takes its n-th input (counted over all its lives), and is back after a while. */
    readonly crashes: readonly CrashScript[];
    /** Chaos ends, calm begins. */
    readonly chaosMs: number;
    /** This node never comes back, in calm neither; -1: none. */
    readonly lostNode: number;
}

/** Format 1 had no incidents and knew less of nodes, actions and crashes: `scriptFrom` reads it still. */
export const SCRIPT_FORMAT = 2;

/** A node: the room that it has, when it cannot be reached, and what kind of device it is. */
export interface NodeScript {
    readonly maxGroups: number;
    /** The IPK included. */
    readonly maxKeys: number;
    readonly outages: Outages;
    /** Entries of the access control list. */
    readonly maxAcl: number;
    /** Its endpoint has a binding list. */
    readonly binds: boolean;
    /** Its operational certificate can be renewed. */
    readonly certificates: boolean;
    /** How long it takes to carry a request out. */
    readonly slowMs: number;
    /** A sleepy node (ICD) wakes up once in this time and answers only then; 0: always awake. */
    readonly sleepMs: number;
    /** How long a sleepy node is awake each time. */
    readonly awakeMs: number;
    /** It knows the time: which epoch key it sends with depends on that. */
    readonly hasClock: boolean;
    /** Nobody commissions it at the start, only the action `addNode`. */
    readonly joinsLater: boolean;
}

/** What nodes are like unless a script says otherwise. */
export const plainNode: NodeScript = {
    maxGroups: 7,
    maxKeys: 5,
    outages: [],
    maxAcl: 4,
    binds: false,
    certificates: false,
    slowMs: 0,
    sleepMs: 0,
    awakeMs: 0,
    hasClock: true,
    joinsLater: false,
};

/** The controller dies, and is started again. */
export interface CrashScript {
    readonly beforeInput: number;
    readonly downMs: number;
    /** The store that it finds is a backup this old; 0: the store as it was. */
    readonly backupMs: number;
}

/** Something a caller does. Nodes by index; `task` counts the actions that start one; `item` counts a node's items, modulo their number. */
export type Action = { readonly atMs: number } & (
    | {
          readonly type: "addToGroup";
          readonly node: number;
          readonly endpoint: number;
          readonly group: number;
          readonly keySet: number;
          /** The same number is the same request id; 0: none. */
          readonly request: number;
          /** 0: none. */
          readonly deadlineMs: number;
      }
    | { readonly type: "cancel"; readonly task: number }
    /** For a run that is stuck. */
    | { readonly type: "retryRun"; readonly task: number }
    | { readonly type: "abandon"; readonly task: number }
    | DirectChange
    /** Something that is on the device, and that nobody manages, is adopted. */
    | { readonly type: "adopt"; readonly node: number; readonly item: number; readonly maintain: boolean }
    | { readonly type: "withdraw"; readonly node: number; readonly item: number }
    | { readonly type: "retry"; readonly node: number; readonly item: number }
    | { readonly type: "reconcile"; readonly node: number; readonly rewrite: boolean }
    /** The node is commissioned, afresh if it was a member before: its id is used again. */
    | { readonly type: "addNode"; readonly node: number }
    /** The node leaves the fabric. */
    | { readonly type: "removeNode"; readonly node: number }
    /** The node is commissioned again, as after a factory reset; the manager is told so much later. */
    | { readonly type: "renewNode"; readonly node: number; readonly lateMs: number }
);

/** A caller sets or removes one intent; `force`: though a run has its hand on it, `maintain`: drift is to be rewritten. */
export type DirectChange =
    | { readonly type: "setKey"; readonly node: number; readonly keySet: number; readonly force: boolean; readonly maintain: boolean }
    | { readonly type: "setMap"; readonly node: number; readonly group: number; readonly keySet: number; readonly force: boolean; readonly maintain: boolean }
    | { readonly type: "setMembership"; readonly node: number; readonly endpoint: number; readonly group: number; readonly force: boolean; readonly maintain: boolean }
    /** `entry` and `target` are places in `list-entries`; the same content under another label is another item. */
    | { readonly type: "setAcl"; readonly node: number; readonly entry: number; readonly label: number; readonly force: boolean; readonly maintain: boolean }
    | {
          readonly type: "setBinding";
          readonly node: number;
          readonly endpoint: number;
          readonly target: number;
          readonly label: number;
          readonly force: boolean;
          readonly maintain: boolean;
      }
    /** `tags` is a place in `SCRIPT_TAG_SETS`. */
    | { readonly type: "setNoc"; readonly node: number; readonly tags: number; readonly force: boolean; readonly maintain: boolean }
    /** A revision of key set 0 that was not there before, and the intent for it. */
    | { readonly type: "setIpk"; readonly node: number; readonly force: boolean; readonly maintain: boolean }
    /** `root` is a place in `SCRIPT_ROOTS`. */
    | { readonly type: "watchRoot"; readonly node: number; readonly root: number; readonly force: boolean; readonly maintain: boolean }
    | { readonly type: "removeNoc"; readonly node: number; readonly force: boolean }
    | { readonly type: "removeIpk"; readonly node: number; readonly force: boolean }
    | { readonly type: "unwatchRoot"; readonly node: number; readonly root: number; readonly force: boolean }
    | { readonly type: "removeAcl"; readonly node: number; readonly entry: number; readonly label: number; readonly force: boolean }
    | { readonly type: "removeBinding"; readonly node: number; readonly endpoint: number; readonly target: number; readonly label: number; readonly force: boolean }
    | { readonly type: "removeKey"; readonly node: number; readonly keySet: number; readonly force: boolean }
    | { readonly type: "removeMap"; readonly node: number; readonly group: number; readonly force: boolean }
    | { readonly type: "removeMembership"; readonly node: number; readonly endpoint: number; readonly group: number; readonly force: boolean };

/** Something that happens to a node, or to the controller's clock. `told`: the manager's transport notices, if it can. */
export type Incident = { readonly atMs: number } & (
    /** The subscription breaks and is there again, though no message was lost. */
    | { readonly type: "flap"; readonly node: number; readonly downMs: number }
    | { readonly type: "reboot"; readonly node: number; readonly told: boolean }
    /** A restart that forgets what was written within the time before it, answered or not. */
    | { readonly type: "powerCut"; readonly node: number; readonly forgetsMs: number; readonly told: boolean }
    /** The node is on no fabric from now on. Unless an action commissions it before, calm does (`returns`), or has it removed. */
    | { readonly type: "factoryReset"; readonly node: number; readonly returns: boolean }
    /** A restart with a new software version, and perhaps with other limits. */
    | { readonly type: "softwareUpdate"; readonly node: number; readonly maxGroups: number; readonly maxKeys: number; readonly told: boolean }
    | { readonly type: "endpointGone"; readonly node: number; readonly endpoint: number; readonly backAfterMs: number; readonly forgets: boolean; readonly told: boolean }
    /** An administrator of another fabric has a fail-safe armed for so long. */
    | { readonly type: "otherFailSafe"; readonly node: number; readonly holdMs: number }
    | OtherDeed
    /** The controller's wall clock is set forward, or backward. */
    | { readonly type: "clockJump"; readonly byMs: number }
);

/** What another administrator of the same fabric does to a node, on no condition. */
export type OtherDeed =
    | { readonly type: "otherMap"; readonly node: number; readonly group: number; readonly keySet: number }
    | { readonly type: "otherUnmap"; readonly node: number; readonly group: number }
    /** A key set with a start time that the manager never draws. */
    | { readonly type: "otherKey"; readonly node: number; readonly keySet: number; readonly startTime: number }
    | { readonly type: "otherUnkey"; readonly node: number; readonly keySet: number }
    | { readonly type: "otherJoin"; readonly node: number; readonly endpoint: number; readonly group: number }
    | { readonly type: "otherLeave"; readonly node: number; readonly endpoint: number; readonly group: number }
    | { readonly type: "otherGrant"; readonly node: number; readonly entry: number }
    | { readonly type: "otherRevoke"; readonly node: number; readonly entry: number }
    | { readonly type: "otherBind"; readonly node: number; readonly endpoint: number; readonly target: number }
    | { readonly type: "otherUnbind"; readonly node: number; readonly endpoint: number; readonly target: number };

/** An action that is about one run. */
export function isAboutTask(action: Action): action is Extract<Action, { readonly task: number }> {
    return "task" in action;
}

/** Key sets that every script can name: put before anything else. */
export const SCRIPT_KEY_SETS = 3;
