import type { ChunkResult, FailingSeed } from "./campaign-chunk.js";
import { FAULT_CLASSES } from "./fault-classes.js";
import { Marks } from "./marks.js";
import { TraceHash } from "./trace-hash.js";

/** Failing seeds that a campaign names; it counts all of them. */
const FAILURES_NAMED = 20;

/** What any number of schedules came to; everything in it is decided by their seeds. */
export interface CampaignTotals {
    readonly schedules: number;
    readonly failures: number;
    readonly simulatedSeconds: number;
    /** Sixteen hexadecimal digits over every input and effect. */
    readonly traceHash: string;
    /** Inputs taken and requests carried out, per schedule. */
    readonly eventsMedian: number;
    readonly deviceRequests: number;
    readonly faults: FaultCounts;
    /** How often interesting situations were reached. */
    readonly marks: Readonly<Record<string, number>>;
}

/** In how many schedules each class of faults was there, and the share of the two that DESIGN section 11 sets a floor for. */
export interface FaultCounts {
    readonly schedulesWith: Readonly<Record<string, number>>;
    readonly crashShare: number;
    readonly outageShare: number;
}

/** Adds up chunks, which must come in the order of their seeds. */
export class CampaignTally {
    schedules = 0;
    failures = 0;
    readonly failing: FailingSeed[] = [];
    readonly #hash = new TraceHash();
    readonly #events = new Map<number, number>();
    readonly #faults = new Marks();
    readonly #marks = new Marks();
    #deviceRequests = 0;
    #simulatedMs = 0;

    add(chunk: ChunkResult): void {
        this.schedules += chunk.schedules;
        this.failures += chunk.failures;
        this.failing.push(...chunk.failing.slice(0, FAILURES_NAMED - this.failing.length));
        this.#hash.int(chunk.hash[0]);
        this.#hash.int(chunk.hash[1]);
        for (const events of chunk.events) {
            this.#events.set(events, (this.#events.get(events) ?? 0) + 1);
        }
        this.#faults.merge(chunk.faults);
        this.#marks.merge(chunk.marks);
        this.#deviceRequests += chunk.deviceRequests;
        this.#simulatedMs += chunk.simulatedMs;
    }

    totals(): CampaignTotals {
        const { schedules, failures } = this;
        const schedulesWith = Object.fromEntries(FAULT_CLASSES.map(name => [name, this.#faults.counts.get(name) ?? 0]));
        return {
            schedules,
            failures,
            simulatedSeconds: this.#simulatedMs / 1000,
            traceHash: this.#hash.hex(),
            eventsMedian: this.#eventsMedian(),
            deviceRequests: this.#deviceRequests,
            faults: {
                schedulesWith,
                crashShare: share(schedulesWith["crash"]!, schedules),
                outageShare: share(schedulesWith["outage"]!, schedules),
            },
            marks: this.#marks.toRecord(),
        };
    }

    /** The lower one of two in the middle. */
    #eventsMedian(): number {
        let before = 0;
        for (const [events, count] of [...this.#events].sort(([a], [b]) => a - b)) {
            before += count;
            if (2 * before >= this.schedules) {
                return events;
            }
        }
        return 0;
    }
}

function share(part: number, whole: number): number {
    return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 1000;
}
