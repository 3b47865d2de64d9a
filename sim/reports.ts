import type { AttributePath } from "../src/core/device.js";
import type { EndpointNumber } from "../src/core/ids.js";
import { noFaults, STALE_REPORT_MS, type FaultPlan } from "./fault-plan.js";
import { Random } from "./random.js";

/** Streams of the seed for what becomes of reports. */
const REPORT_STREAM = 0x6000_0000;

/** When a report arrives, -1 if it does not, and when it arrives once more. The object is used again. */
export interface ReportFate {
    atMs: number;
    againAtMs: number;
}

/** Attribute reports of the nodes' subscriptions, as decisions. Each node has a generator of its own. */
export class Reports {
    readonly #randoms: Random[] = [];
    readonly #paths = new Map<number, AttributePath>();
    readonly #fate: ReportFate = { atMs: -1, againAtMs: -1 };
    #plan: FaultPlan = noFaults;

    /** The manager subscribes at all. */
    get isOn(): boolean {
        return this.#plan.reported > 0;
    }

    begin(plan: FaultPlan, nodes: number, seed: number): void {
        this.#plan = plan;
        for (let node = 0; this.isOn && node < nodes; node++) {
            (this.#randoms[node] ??= new Random(0)).reset(seed, REPORT_STREAM + node);
        }
    }

    /** From now on every report arrives, once and soon. */
    calm(): void {
        this.#plan = { ...noFaults, reported: this.isOn ? 1000 : 0 };
    }

    /** An attribute of the node changed now. */
    decide(node: number, nowMs: number): ReportFate {
        const plan = this.#plan;
        const random = this.#randoms[node]!;
        const latencyMs = random.between(plan.latencyMinMs, plan.latencyMaxMs);
        const isReported = random.chance(plan.reported);
        const delayMs = random.below(plan.reportDelayMaxMs + 1);
        const isRepeated = random.chance(plan.reportAgain);
        const againMs = 1 + random.below(STALE_REPORT_MS);
        this.#fate.atMs = isReported ? nowMs + latencyMs + delayMs : -1;
        this.#fate.againAtMs = isReported && isRepeated ? this.#fate.atMs + againMs : -1;
        return this.#fate;
    }

    /** The same object each time. */
    path(endpoint: number, cluster: number, attribute: number): AttributePath {
        const key = (endpoint * 0x1_0000 + cluster) * 0x1_0000 + attribute;
        let path = this.#paths.get(key);
        if (path === undefined) {
            path = { endpoint: endpoint as EndpointNumber, cluster, attribute };
            this.#paths.set(key, path);
        }
        return path;
    }
}
