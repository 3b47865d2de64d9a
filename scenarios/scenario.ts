import type { Bed } from "./bed.js";

/** What a scenario's nodes are: device models, or real matter.js nodes with the whole protocol stack between. */
export type NodesKind = "sim" | "matter";

/** A named end-to-end story, told once and run on both kinds of nodes. */
export interface Scenario {
    /** What it is called on the command line. */
    readonly name: string;
    /** One line for a table. */
    readonly title: string;
    readonly description: string;
    /** Where the manager keeps its records. Default: in memory. */
    readonly store?: "memory" | "disk";
    /** It cannot take place on other nodes, for this reason. */
    readonly confinedTo?: { readonly nodes: NodesKind; readonly because: string };
    run(bed: Bed): Promise<void>;
}

export interface ScenarioOptions {
    /** Default 1. The same seed gives the same run, byte for byte. */
    readonly seed?: number;
    /** Called for each thing that was shown, when it was. */
    readonly onProgress?: (shown: string) => void;
}

/** What became of one scenario. */
export interface ScenarioResult {
    readonly name: string;
    readonly title: string;
    readonly nodes: NodesKind;
    readonly passed: boolean;
    /** What held, in plain words and in order; after a failure, what held until then. */
    readonly shown: readonly string[];
    /** Virtual time that passed, commissioning not included. */
    readonly virtualMs: number;
    readonly wallMs: number;
    /** Why it failed; undefined when it passed. Never contains key material. */
    readonly error: string | undefined;
    /** Hash of everything that happened; empty when there was no world for it to happen in. */
    readonly traceHash: string;
}

/** Something was not as the scenario says. */
export class ScenarioFailure extends Error {
    override readonly name = "ScenarioFailure";
}
