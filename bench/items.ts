import type { Effect } from "../src/core/effect.js";
import { endpointNumber, nodeId } from "../src/core/ids.js";
import type { InputBody } from "../src/core/input.js";
import { differs, done, type Kind } from "../src/core/kind.js";
import { ok } from "../src/core/error.js";
import { encodeRecord } from "../src/runtime/store/record-codec.js";
import { Manager } from "../src/tasks/manager.js";
import { Random } from "../sim/random.js";
import { growthExponent, rounded, timed } from "./sample.js";

/** Costs at growing numbers of items on one node. */
export interface ItemFigures {
    readonly rows: readonly ItemRow[];
    /** From 100 items on. */
    readonly commitExponent: number;
    readonly passExponent: number;
}

export interface ItemRow {
    readonly items: number;
    /** A command that changes one item, until it is committed and told: intent, request, answer, two batches. */
    readonly commitMicroseconds: number;
    /** The same, with each batch encoded as the journal's lines. */
    readonly withJournalMicroseconds: number;
    /** Putting a record of that size into a map and encoding it twice: what any keeper of items pays. */
    readonly baselineMicroseconds: number;
    /** An explicit pass that finds nothing owed. */
    readonly passMicroseconds: number;
}

const ROUNDS = 12;
const NODE = nodeId(1n);

interface BenchIntent {
    readonly place: number;
    readonly value: number;
}

/** The plainest kind there can be: one write, no table, no dependency. */
const plainKind: Kind<BenchIntent> = {
    name: "bench",
    applyOrder: 50,
    removeOrder: 50,
    validate: intent => ok(intent as BenchIntent),
    keyOf: intent => [intent.place],
    equal: (a, b) => a.place === b.place && a.value === b.value,
    dependsOn: () => [],
    watch: () => [],
    *apply({ intent }) {
        yield { op: "write", endpoint: endpointNumber(1), cluster: 0xfff1_fc00, attribute: 0, value: intent.value };
        return done;
    },
    *verify() {
        return differs;
    },
    *remove() {
        return done;
    },
};

/** A manager in memory, whose every request is answered and every batch durable at once. */
class Bench {
    readonly #manager: Manager;
    readonly #queue: InputBody[] = [];
    #now = 0;
    #command = 0;
    encodes = false;

    constructor(items: number) {
        const image = { meta: new Map(), node: new Map(), item: new Map(), keySet: new Map(), run: new Map(), jfds: new Map() };
        const entropy = new Random(1);
        const fabric = { rootPublicKey: "04".repeat(65), fabricId: 1n };
        const options = { fabric, entropy, fingerprint: () => "none", kinds: [plainKind as unknown as Kind] };
        const opened = Manager.open(options, image, { monoMs: 0, wallMs: 1 });
        if (!opened.ok) {
            throw new Error(opened.error.message);
        }
        this.#manager = opened.value;
        this.#feed({ type: "start" });
        this.#feed({ type: "command", id: ++this.#command, command: { type: "addNode", node: NODE } });
        this.#feed({ type: "reachable", node: NODE });
        for (let place = 0; place < items; place++) {
            this.change(place, 0);
        }
        this.#now += 60_000;
        this.#feed({ type: "wake" });
        if (this.#manager.items().some(item => item.state !== "committed")) {
            throw new Error("the benchmark's items are not committed: nothing would be measured");
        }
    }

    change(place: number, value: number): void {
        const changes = [{ op: "set", node: NODE, kind: "bench", intent: { place, value } }] as const;
        this.#feed({ type: "command", id: ++this.#command, command: { type: "change", changes } });
    }

    pass(): void {
        this.#feed({ type: "command", id: ++this.#command, command: { type: "reconcile", node: NODE } });
    }

    #feed(input: InputBody): void {
        this.#queue.push(input);
        for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
            const effects = this.#manager.step({ monoMs: this.#now, wallMs: this.#now + 1, ...next });
            for (const effect of effects) {
                this.#perform(effect);
            }
        }
    }

    #perform(effect: Effect): void {
        switch (effect.type) {
            case "request":
                this.#queue.push({ type: "answer", request: effect.id, answer: { kind: "status", status: 0 } });
                break;
            case "store":
                if (this.encodes) {
                    for (const { record } of effect.batch.puts) {
                        bytes += record === null ? 1 : encodeRecord(record).length;
                    }
                }
                this.#queue.push({ type: "stored", batch: effect.batch.id, durable: true });
                break;
            case "wake":
            case "event":
            case "reply":
                break;
        }
    }
}

/** Kept, so that no work is thought to be useless. */
let bytes = 0;

/** Measure at each number of items: sizes take turns, and the best round of each counts, which is the one that was disturbed least. */
export function benchItems(commitSizes: readonly number[], passSizes: readonly number[], operations: number): ItemFigures {
    const sizes = [...new Set([...commitSizes, ...passSizes])].sort((a, b) => a - b);
    const subjects = sizes.map(items => new Subject(items, operations));
    for (let round = 0; round <= ROUNDS; round++) {
        subjects.forEach(subject => subject.round());
    }
    const rows = subjects.map(subject => subject.row());
    const points = (figure: (row: ItemRow) => number, least: number) =>
        rows.filter(row => row.items >= least).map(row => ({ n: row.items, cost: figure(row) }));
    // Cost per item is what grows or does not: in all, the exponent is one more.
    return {
        rows,
        commitExponent: rounded(1 + growthExponent(points(row => row.commitMicroseconds, 100))),
        passExponent: rounded(growthExponent(points(row => row.passMicroseconds, 10))),
    };
}

/** One number of items, and what its rounds took. */
class Subject {
    readonly #bench: Bench;
    readonly #naive = new Map<number, object>();
    readonly #best = { commit: Infinity, journal: Infinity, baseline: Infinity, pass: Infinity };
    #value = 0;
    #place = 0;

    constructor(
        readonly items: number,
        readonly operations: number,
    ) {
        this.#bench = new Bench(items);
    }

    round(): void {
        const bench = this.#bench;
        const change = () => bench.change(this.#nextPlace(), ++this.#value);
        bench.encodes = false;
        this.#measure("commit", change);
        bench.encodes = true;
        this.#measure("journal", change);
        this.#measure("baseline", () => {
            const record = naiveRecord(this.#nextPlace(), ++this.#value);
            this.#naive.set(this.#place, record);
            bytes += encodeRecord(record).length + encodeRecord(record).length;
        });
        this.#measure("pass", () => bench.pass());
    }

    row(): ItemRow {
        const microseconds = (ms: number) => rounded((1000 * ms) / this.operations);
        const { commit, journal, baseline, pass } = this.#best;
        return {
            items: this.items,
            commitMicroseconds: microseconds(commit),
            withJournalMicroseconds: microseconds(journal),
            baselineMicroseconds: microseconds(baseline),
            passMicroseconds: microseconds(pass),
        };
    }

    #measure(what: "commit" | "journal" | "baseline" | "pass", operation: () => void): void {
        const ms = timed(() => {
            for (let i = 0; i < this.operations; i++) {
                operation();
            }
        });
        this.#best[what] = Math.min(this.#best[what], ms);
    }

    /** Far from the one before: neighbours would be in the processor's cache. */
    #nextPlace(): number {
        return (this.#place = (this.#place + 7919) % this.items);
    }
}

function naiveRecord(place: number, value: number): object {
    const intent = { place, value };
    const times = { generation: value, replaced: false, incarnation: 1, changedAtMs: value, failure: null };
    return { type: "item", node: 1, kind: "bench", key: [place], intent, mode: "converge", state: "committed", owes: "nothing", ...times };
}
