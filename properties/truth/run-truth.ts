import * as fc from "fast-check";
import { truthClusters } from "./clusters.js";
import { compareSequence, type Comparison, type Finding, type ModelHandle } from "./comparison.js";
import { truthDevices } from "./device.js";
import type { KnownDifference } from "./difference-context.js";
import { RealNode } from "./real-node.js";
import type { TruthCluster, TruthCommand } from "./truth-cluster.js";

/** What to compare, and how much. */
export interface TruthOptions {
    /** Sequences in all, shared among the clusters. */
    readonly runs: number;
    readonly seed: number;
    /** Names; default: every cluster of `clusters.ts`. */
    readonly clusters?: readonly string[] | undefined;
    /** Tests put another device model in place. */
    readonly handle?: ModelHandle;
    /** Longest time for making a finding smaller. */
    readonly shrinkMs?: number;
    readonly onProgress?: (doing: string) => void;
}

/** What was compared of one cluster, in commands. */
export interface ClusterFigures {
    compared: number;
    /** Without an explanation. A sequence ends with the first, and so does the search in its cluster. */
    differences: number;
    /** Explained by `known-differences.ts`. */
    known: number;
    /** Refused by matter.js on the controller's side, before anything was sent; not among those compared. */
    notSent: number;
}

/** The shortest sequence found that shows an unexplained difference. */
export interface TruthFinding {
    readonly sequence: readonly TruthCommand[];
    readonly finding: Finding;
}

export interface TruthResult {
    readonly clusters: ReadonlyMap<string, ClusterFigures>;
    readonly findings: readonly TruthFinding[];
    /** Known differences that were met, by the number of commands. */
    readonly known: ReadonlyMap<KnownDifference, number>;
}

const SHRINK_MS = 60_000;

/**
 * Send random sequences of commands to a real matter.js node and to the device model, and compare command by command. Each cluster has its share of the
 * sequences; commands of others that they need are compared, and counted, too.
 *
 * @example
 * const { findings } = await compareWithRealNodes({ runs: 100, seed: 1 });
 */
export async function compareWithRealNodes(options: TruthOptions): Promise<TruthResult> {
    const chosen = truthClusters.filter(({ name }) => options.clusters?.includes(name) ?? true);
    const tally = new Tally();
    const findings: TruthFinding[] = [];
    const shares = chosen.reduce((sum, { share }) => sum + share, 0);
    for (const device of truthDevices) {
        const clusters = chosen.filter(({ devices }) => devices[0] === device.name);
        if (clusters.length === 0) {
            continue;
        }
        options.onProgress?.(`a real ${device.name} is commissioned`);
        const real = await RealNode.create(device);
        try {
            for (const cluster of clusters) {
                const runs = Math.ceil((options.runs * cluster.share) / shares);
                const finding = await search(real, cluster, runs, tally, options);
                if (finding !== null) {
                    findings.push(finding);
                }
            }
        } finally {
            await real.close();
        }
    }
    return { clusters: tally.clusters, findings, known: tally.known };
}

async function search(
    real: RealNode,
    cluster: TruthCluster,
    runs: number,
    tally: Tally,
    { seed, handle, onProgress, shrinkMs = SHRINK_MS }: TruthOptions,
): Promise<TruthFinding | null> {
    let best: TruthFinding | null = null;
    let done = 0;
    let shrinkUntilMs = Infinity;
    const property = fc.asyncProperty(cluster.sequence, async sequence => {
        // `performance` is the machine's clock; `Date` is the world's.
        if (performance.now() > shrinkUntilMs) {
            return true;
        }
        const comparison = await compareSequence(real, sequence, handle);
        if (best === null) {
            tally.add(comparison);
            onProgress?.(`${cluster.name}: sequence ${++done} of ${runs}`);
        }
        if (comparison.finding === null) {
            return true;
        }
        if (best === null) {
            shrinkUntilMs = performance.now() + shrinkMs;
            onProgress?.(`${cluster.name}: a difference, looking for a shorter sequence`);
        }
        best = { sequence: sequence.slice(0, comparison.finding.place + 1), finding: comparison.finding };
        return false;
    });
    await fc.check(property, { numRuns: runs, seed });
    return best;
}

class Tally {
    readonly clusters = new Map<string, ClusterFigures>();
    readonly known = new Map<KnownDifference, number>();

    add({ verdicts, finding }: Comparison): void {
        for (const { command, verdict, known } of verdicts) {
            const figures = this.#of(command.cluster);
            figures.notSent += Number(verdict === "notSent");
            figures.compared += Number(verdict !== "notSent");
            figures.known += Number(verdict === "known");
            for (const difference of known) {
                this.known.set(difference, (this.known.get(difference) ?? 0) + 1);
            }
        }
        if (finding !== null) {
            this.#of(finding.command.cluster).differences++;
        }
    }

    #of(cluster: string): ClusterFigures {
        let figures = this.clusters.get(cluster);
        if (figures === undefined) {
            figures = { compared: 0, differences: 0, known: 0, notSent: 0 };
            this.clusters.set(cluster, figures);
        }
        return figures;
    }
}
