import { pathToFileURL } from "node:url";
import { EventHeap } from "./event-heap.js";
import { drawFaultPlan, drawOutages } from "./fault-plan.js";
import { Network } from "./network.js";
import { Random } from "./random.js";
import { plainNode } from "./script.js";
import { StoreModel } from "./store-model.js";
import { TraceHash } from "./trace-hash.js";
import { onOffLightSwitchWithGroups } from "./devices/composition.js";
import { SimNode } from "./devices/sim-node.js";
import * as t from "./devices/testing.js";

/**
 * What the simulator's primitives cost, in nanoseconds per operation: `npx tsx sim/measure-primitives.ts`. The budget is 100 us for a standard schedule of
 * 120 events, manager and checkers included.
 */
interface Measured {
    readonly name: string;
    /** Operations in one call of `run`. */
    readonly operations: number;
    readonly run: () => void;
}

const random = new Random(1);
const heap = new EventHeap();
const hash = new TraceHash();
const network = new Network();
const store = new StoreModel();
const composition = onOffLightSwitchWithGroups({ maxGroupsPerFabric: 12, maxGroupKeysPerFabric: 4 });
const node = new SimNode(composition, random);
const plan = drawFaultPlan(new Random(3));
const nodes = [0, 1, 2].map(at => ({ ...plainNode, outages: drawOutages(plan, random.fork(at), 600_000) }));

const requests = [t.writeKeySet(1), t.readKeyMap, t.writeKeyMap([[1, 1], [2, 1]]), t.addGroup(1, "Kitchen"), t.getMembership([1]), t.readKeySet(1)];
const undoing = [t.removeGroup(1), t.writeKeyMap([]), t.removeKeySet(1)];
const write = t.writeKeySet(1);
const answer = node.handle(t.readKeySet(0));
const batch = { id: 1, puts: [{ table: "item" as const, id: 1, record: { state: "pending" } }] };

function pushAndPop(): void {
    heap.clear();
    for (let i = 0; i < 16; i++) {
        heap.push(random.below(1000), 1, i, i);
    }
    for (let i = 0; i < 1000; i++) {
        heap.pop();
        heap.push(heap.atMs + random.below(1000), 2, i, i);
    }
}

const measured: readonly Measured[] = [
    { name: "random.below", operations: 1000, run: () => repeat(1000, () => random.below(100)) },
    { name: "random.reset", operations: 100, run: () => repeat(100, i => random.reset(i)) },
    { name: "heap: pop and push, 16 waiting", operations: 1000, run: pushAndPop },
    { name: "hash.int", operations: 1000, run: () => repeat(1000, i => hash.int(i)) },
    { name: "hash.text, seen before", operations: 1000, run: () => repeat(1000, () => hash.text("groupKeySetId")) },
    { name: "hash.big", operations: 1000, run: () => repeat(1000, () => hash.big(0x1122334455667788n)) },
    { name: "hash.value of a KeySetWrite (15 values)", operations: 100, run: () => repeat(100, () => hash.value(write)) },
    { name: "hash.value of a KeySetReadResponse (11 values)", operations: 100, run: () => repeat(100, () => hash.value(answer)) },
    { name: "node: six requests that join a group, three that leave", operations: 9, run: joinAndLeave },
    { name: "node: read of the group table", operations: 100, run: () => repeat(100, () => void node.handle(t.readGroupTable)) },
    { name: "node.reset", operations: 10, run: () => repeat(10, () => node.reset(composition, random)) },
    { name: "network.decide", operations: 100, run: () => repeat(100, i => network.decide(1, i, 30_000)) },
    { name: "network.reset, 3 nodes", operations: 1, run: () => network.reset(plan, nodes, 1) },
    { name: "fault plan and outages of 3 nodes", operations: 1, run: drawScript },
    { name: "store: begin and finish of one put", operations: 10, run: () => repeat(10, commit) },
    { name: "store.reset", operations: 1, run: () => store.reset(plan, 1) },
];

function joinAndLeave(): void {
    for (let i = 0; i < requests.length; i++) {
        node.handle(requests[i]!);
    }
    for (let i = 0; i < undoing.length; i++) {
        node.handle(undoing[i]!);
    }
}

function drawScript(): void {
    const drawn = drawFaultPlan(random);
    for (let at = 0; at < 3; at++) {
        drawOutages(drawn, random, 600_000);
    }
}

function commit(): void {
    store.begin(batch, 0);
    store.finish();
}

function repeat(times: number, step: (i: number) => void): void {
    for (let i = 0; i < times; i++) {
        step(i);
    }
}

/** The best of twelve runs of about 30 ms each: what else goes on in the machine only ever adds. */
function nanosecondsPerOperation({ operations, run }: Measured): number {
    let best = Infinity;
    for (let round = 0; round < 12; round++) {
        const start = process.hrtime.bigint();
        let calls = 0;
        let elapsed = 0n;
        while (elapsed < 30_000_000n) {
            for (let i = 0; i < 50; i++) {
                run();
            }
            calls += 50;
            elapsed = process.hrtime.bigint() - start;
        }
        best = Math.min(best, Number(elapsed) / (calls * operations));
    }
    return best;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
    network.reset(plan, nodes, 1);
    store.reset({ ...plan, storeRefusal: 0 }, 1);
    for (const what of measured) {
        process.stdout.write(`${nanosecondsPerOperation(what).toFixed(1).padStart(9)} ns  ${what.name}\n`);
    }
}
