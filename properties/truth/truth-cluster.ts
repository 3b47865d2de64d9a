import type * as fc from "fast-check";
import type { AttributePath, DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import type { SimNode } from "../../sim/devices/sim-node.js";
import type { CertificatePlan } from "./certificates.js";
import type { DeviceName } from "./device.js";
import type { StackWorld } from "../../sim/stack/index.js";

/** One command of a sequence, as both nodes get it. */
export interface TruthCommand {
    /** {@link TruthCluster.name}: whom it is counted for, also when its path leads elsewhere on purpose. */
    readonly cluster: string;
    readonly request: DeviceRequest;
    /** For writes: on the data version that the node has now, or on one that it no longer has. Versions of two nodes are never equal. */
    readonly condition?: "right" | "stale";
    /** So much time passes before. */
    readonly afterMs?: number;
    /** For UpdateNOC: the certificate to send. */
    readonly certificate?: CertificatePlan;
}

/** Ask a node. */
export type Ask = (request: DeviceRequest) => Promise<DeviceAnswer>;

/**
 * What there is to know about a cluster in order to compare it. To add one: a file that makes one of these, and its line in `clusters.ts`; where
 * real nodes depart from the specification, an entry in `known-differences.ts`.
 */
export interface TruthCluster {
    readonly name: string;
    /** The nodes that have it; sequences about it go to the first. */
    readonly devices: readonly DeviceName[];
    /** Its part of the sequences, beside the others' parts. */
    readonly share: number;
    /** Sequences about this cluster, with whatever other clusters' commands make them interesting. */
    readonly sequence: fc.Arbitrary<readonly TruthCommand[]>;
    /** Attributes that commands can change: read after each of them, on both nodes. */
    readonly observed: readonly AttributePath[];
    /** Names of other clusters whose attributes this one's commands change. */
    readonly affects: readonly string[];
    /** What no attribute tells, as text to compare, read from the inside of both nodes. */
    readonly inside?: { real(world: StackWorld, device: string): string; model(node: SimNode): string };
    /** Brings a real node back to what it was out of the box, as far as commands can; the rest is seen and the node replaced. */
    undo(ask: Ask): Promise<void>;
}
