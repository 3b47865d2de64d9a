import type { FaultPlan, Outages } from "./fault-plan.js";

/**
 * Everything that makes a schedule what it is, as plain data: the same script gives the same trace, byte for byte. It is what
 * shrinks, what a replay token carries, and what both worlds can be given. Times are milliseconds from the start.
 */
export interface Script {
    readonly format: 1;
    /** For the draws that the script does not spell out: faults by message, jitter, key material. */
    readonly seed: number;
    readonly nodes: readonly NodeScript[];
    readonly faults: FaultPlan;
    readonly actions: readonly Action[];
    /** The controller dies before it takes its n-th input (counted over all its lives), and is back after a while. */
    readonly crashes: readonly CrashScript[];
    /** Chaos ends, calm begins. */
    readonly chaosMs: number;
    /** This node never comes back, in calm neither; -1: none. */
    readonly lostNode: number;
}

/** A node: the room that it has, and when it cannot be reached. */
export interface NodeScript {
    readonly maxGroups: number;
    /** The IPK included. */
    readonly maxKeys: number;
    readonly outages: Outages;
}

/** The controller dies, and is started again. */
export interface CrashScript {
    readonly beforeInput: number;
    readonly downMs: number;
}

/** Something a caller does. Nodes by index; `task` counts the actions that start one. */
export type Action =
    | {
          readonly type: "addToGroup";
          readonly atMs: number;
          readonly node: number;
          readonly endpoint: number;
          readonly group: number;
          readonly keySet: number;
          /** The same number is the same request id; 0: none. */
          readonly request: number;
          /** 0: none. */
          readonly deadlineMs: number;
      }
    | { readonly type: "cancel"; readonly atMs: number; readonly task: number }
    | { readonly type: "setKey"; readonly atMs: number; readonly node: number; readonly keySet: number }
    | { readonly type: "setMap"; readonly atMs: number; readonly node: number; readonly group: number; readonly keySet: number }
    | { readonly type: "setMembership"; readonly atMs: number; readonly node: number; readonly endpoint: number; readonly group: number }
    | { readonly type: "removeKey"; readonly atMs: number; readonly node: number; readonly keySet: number }
    | { readonly type: "removeMap"; readonly atMs: number; readonly node: number; readonly group: number }
    | { readonly type: "removeMembership"; readonly atMs: number; readonly node: number; readonly endpoint: number; readonly group: number }
    | { readonly type: "reconcile"; readonly atMs: number; readonly node: number };

/** Key sets that every script can name: put before anything else. */
export const SCRIPT_KEY_SETS = 3;
