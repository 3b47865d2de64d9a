import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MANAGER_FABRIC } from "../../sim/devices/sim-node.js";
import { newNode } from "../../sim/devices/testing.js";
import type { ManagerEvent } from "../core/event.js";
import { nodeId } from "../core/ids.js";
import type { StoreBatch } from "../core/store.js";
import type { TaskDefinition } from "../tasks/definition.js";
import { openManager } from "./open-manager.js";
import type { Problem } from "./problem.js";
import { MemoryStore, StoreError } from "./store/index.js";
import { LoopbackTransport } from "./testing/loopback-transport.js";
import { ManualClock } from "./testing/manual-clock.js";
import { FABRIC, KEY, NODE, openTest, turns } from "./testing/opening.js";

const params = { node: NODE, endpoint: 1, groupId: 7, keySetId: 42, epochKey: KEY };
const SIX = nodeId(6n);

/** A store whose commits wait until they are let through. */
class SlowStore extends MemoryStore {
    readonly batches: StoreBatch[] = [];
    slow = false;
    #waiting: (() => void)[] = [];

    override async commit(batch: StoreBatch): Promise<void> {
        this.batches.push(batch);
        if (this.slow) await new Promise<void>(resolve => this.#waiting.push(resolve));
        await super.commit(batch);
    }

    let(): void {
        for (const go of this.#waiting.splice(0)) go();
    }
}

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => void process.on("unhandledRejection", note));
afterEach(async () => {
    await turns(3);
    process.off("unhandledRejection", note);
    expect(unhandled.splice(0)).toEqual([]);
});

const codeOf = (promise: Promise<unknown>) =>
    promise.then(
        () => "done",
        (error: unknown) => (error as { code: string }).code,
    );

describe("close", () => {
    it("answers what is on its way to the store by what becomes of it, and refuses the rest", async () => {
        for (const refused of [false, true]) {
            const store = new SlowStore();
            const { manager } = await openTest(newNode(), { store, onError: () => {} });
            await turns();
            store.slow = true;
            const inFlight = codeOf(manager.addNode(SIX));
            const behind = codeOf(manager.addNode(nodeId(7n)));
            if (refused) store.refuseNext();
            const closing = manager.close();
            let closed = false;
            void closing.then(() => (closed = true));
            await turns();
            expect(closed).toBe(false);
            store.let();
            await closing;
            expect([await inFlight, await behind]).toEqual(refused ? ["STORE_REFUSED", "STORE_REFUSED"] : ["done", "CLOSED"]);
            const next = await openTest(null, { store: store.reopen() });
            expect(next.manager.nodes()).toEqual(refused ? [NODE] : [NODE, SIX]);
            await next.manager.close();
        }
    });

    it("settles everybody who waits for a pass or a run, watched or not", async () => {
        const { manager, transport } = await openTest(newNode());
        await turns();
        transport.hold();
        const { run } = await manager.run("addNodeToGroup", params);
        const waiting = [manager.awaitRun(run), manager.reconcile(NODE), manager.retry(NODE, "groupKey", [42])];
        void manager.awaitRun(run); // nobody looks at this one
        void manager.reconcile(NODE);
        await manager.close();
        await turns();
        expect(await Promise.all(waiting.map(codeOf))).toEqual(["CLOSED", "CLOSED", "CLOSED"]);
    });

    it("ignores answers and tidings that come afterwards, and lets go of the transport without closing it", async () => {
        const device = newNode();
        const { manager, transport, store } = await openTest(device);
        await turns();
        transport.hold();
        await manager.run("addNodeToGroup", params);
        await turns();
        expect(transport.outstanding).toBe(1);
        expect(transport.observers).toBe(1);
        await manager.close();
        expect(transport.observers).toBe(0);
        const sent = transport.requests.length;
        transport.release();
        transport.tell({ type: "reachable", node: NODE });
        await turns();
        expect(transport.requests).toHaveLength(sent);
        expect(transport.closed).toBe(false);
        await store.reopen().open();
    });

    it("can be called again, by anybody, at any time", async () => {
        const { manager } = await openTest(newNode());
        const closing = [manager.close(), manager.close()];
        await Promise.all(closing);
        await manager.close();
    });

    it("refuses all that is asked afterwards", async () => {
        const { manager } = await openTest(newNode());
        await manager.close();
        const asked = [
            manager.addNode(SIX),
            manager.setIntent(NODE, "groupKeyMap", { groupId: 1, keySetId: 1 }),
            manager.run("addNodeToGroup", params),
            manager.awaitRun(1),
            manager.reconcile(NODE),
            manager.putKeySet({ keySetId: 1, slots: [{ startTime: 1n, key: KEY }] }),
        ];
        expect(new Set(await Promise.all(asked.map(codeOf)))).toEqual(new Set(["CLOSED"]));
        const closed = expect.objectContaining({ code: "CLOSED", message: expect.stringMatching(/openManager/) as string }) as Error;
        for (const query of [
            () => manager.nodes(),
            () => manager.items(),
            () => manager.runs(),
            () => manager.keySets(),
            () => manager.assess("addNodeToGroup", params),
            () => manager.explain({ node: NODE }),
            () => manager.subscribe(() => {}),
            () => manager.events(),
        ]) {
            expect(query).toThrow(closed);
        }
    });

    it("does its work although the store cannot be closed properly", async () => {
        const problems: Problem[] = [];
        const store = new MemoryStore();
        const { manager } = await openTest(newNode(), { store, onError: problem => problems.push(problem) });
        store.close = () => Promise.reject(new RangeError("stuck"));
        await manager.close();
        expect(problems).toMatchObject([{ source: "store", message: expect.stringMatching(/RangeError/) as string }]);
    });

    it("leaves no wake behind", async () => {
        const clock = new ManualClock();
        const { manager, transport } = await openTest(newNode(), { clock });
        transport.leave(NODE);
        await manager.setIntent(NODE, "groupKeyMap", { groupId: 1, keySetId: 1 });
        await turns();
        expect(clock.wakes).toHaveLength(1);
        await manager.close();
        expect(clock.wakes).toEqual([]);
    });
});

describe("a transport", () => {
    const bad: readonly [string, () => unknown][] = [
        ["throws", () => { throw new TypeError("SECRET-KEY-BYTES"); }],
        ["rejects", () => Promise.reject(new TypeError("SECRET-KEY-BYTES"))],
        ["answers nothing", () => undefined],
        ["answers nonsense", () => ({ kind: "maybe" })],
    ];

    it.each(bad)("that %s is taken as silence: what is owed stays owed, and is tried again", async (_, answer) => {
        const problems: Problem[] = [];
        const clock = new ManualClock();
        const device = newNode();
        const { manager, transport } = await openTest(device, { clock, onError: problem => problems.push(problem) });
        await turns();
        transport.answers = answer;
        const { run } = await manager.run("addNodeToGroup", params);
        await turns();
        expect(problems[0]).toMatchObject({ source: "transport" });
        expect(JSON.stringify(problems.map(({ message }) => message))).not.toContain("SECRET");
        expect(manager.runInfo(run)).toMatchObject({ state: "parked" });
        transport.answers = null;
        clock.advance(60_000);
        expect(await manager.awaitRun(run)).toMatchObject({ state: "completed" });
        await manager.close();
    });

    it("is asked each thing once", async () => {
        const { manager, transport } = await openTest(newNode());
        await manager.awaitRun((await manager.run("addNodeToGroup", params)).run);
        const texts = transport.requests.filter(({ request }) => request.op === "write").map(({ request }) => JSON.stringify(request));
        expect(texts).toHaveLength(1);
        await manager.close();
    });

    it("that answers before it returns, or tells things meanwhile, is no trouble", async () => {
        const device = newNode();
        const transport = new LoopbackTransport();
        transport.request = ((node: typeof NODE, request: never) => {
            transport.tell({ type: "report", node, path: { endpoint: 0 as never, cluster: 0x3f, attribute: 0 } });
            return device.handle(request); // not even a promise
        }) as never;
        const { manager } = await openTest(device, { transport });
        expect(await manager.awaitRun((await manager.run("addNodeToGroup", params)).run)).toMatchObject({ state: "completed" });
        await manager.close();
    });

    it("that tells what it should not is not listened to", async () => {
        const store = new SlowStore();
        const { manager, transport } = await openTest(newNode(), { store });
        await turns();
        store.slow = true;
        const added = codeOf(manager.addNode(SIX));
        transport.tell({ type: "stored", batch: store.batches.at(-1)!.id, durable: false } as never);
        transport.tell({ type: "reachable", node: nodeId(99n) });
        store.let();
        expect(await added).toBe("done");
        await manager.close();
    });

    it("that fails its requests when it is closed after the manager is no problem", async () => {
        const problems: Problem[] = [];
        const { manager, transport } = await openTest(newNode(), { onError: problem => problems.push(problem) });
        await turns();
        transport.hold();
        await manager.run("addNodeToGroup", params);
        await turns();
        await manager.close();
        transport.answers = () => Promise.reject(new TypeError("closed"));
        transport.release();
        await turns();
        expect(problems).toEqual([]);
    });

    it("is asked nothing any more by the step in which a subscriber closes", async () => {
        const { manager, transport } = await openTest(newNode());
        await turns();
        const sent = transport.requests.length;
        manager.subscribe(() => manager.close());
        await manager.setIntent(NODE, "groupKeyMap", { groupId: 1, keySetId: 1 });
        await turns();
        // The map is read before it is written, and that needs no durable intent.
        expect(transport.requests.slice(sent).filter(({ request }) => request.op !== "read")).toEqual([]);
        await manager.close();
    });

    it("can be shared by managers, and outlives them", async () => {
        const transport = new LoopbackTransport();
        const first = await openTest(newNode(), { transport });
        const second = await openTest(null, { transport, fabric: { ...FABRIC, fabricId: 2n } });
        await first.manager.close();
        await second.manager.addNode(NODE);
        expect(await second.manager.reconcile(NODE)).toMatchObject({ failed: 0 });
        await second.manager.close();
    });
});

describe("a store that refuses", () => {
    it("has the command rejected with its reason, and nothing is kept", async () => {
        const problems: Problem[] = [];
        const { manager, store } = await openTest(newNode(), { onError: problem => problems.push(problem) });
        await turns();
        const events: ManagerEvent[] = [];
        manager.subscribe(event => events.push(event));
        store.refuseNext();
        const error = await manager.run("addNodeToGroup", params).catch((caught: unknown) => caught);
        expect(error).toMatchObject({ code: "STORE_REFUSED", message: expect.stringMatching(/disk space/) as string });
        expect((error as Error).cause).toBeInstanceOf(StoreError);
        expect([manager.runs(), manager.items(), manager.keySets()]).toEqual([[], [], []]);
        expect(events[0]).toMatchObject({ type: "storeRefused" });
        expect(problems).toMatchObject([{ source: "store", message: expect.stringMatching(/REFUSED/) as string }]);
        expect(await manager.awaitRun((await manager.run("addNodeToGroup", params)).run)).toMatchObject({ state: "completed" });
        await manager.close();
    });

    it("in a way of its own shows none of it", async () => {
        const problems: Problem[] = [];
        const { manager, store } = await openTest(newNode(), { onError: problem => problems.push(problem) });
        await turns();
        store.commit = () => {
            throw new RangeError("could not write SECRET-KEY-BYTES");
        };
        const error = await manager.putKeySet({ keySetId: 1, slots: [{ startTime: 1n, key: KEY }] }).catch((caught: unknown) => caught);
        expect(error).toMatchObject({ code: "STORE_REFUSED" });
        expect(error).not.toHaveProperty("cause");
        expect(problems[0]!.message).not.toContain("SECRET");
        await manager.close();
    });

    it("has those who await a run that never was told so", async () => {
        const store = new SlowStore();
        const { manager } = await openTest(newNode(), { store, onError: () => {} });
        await turns();
        store.slow = true;
        store.refuseNext();
        const running = codeOf(manager.run("addNodeToGroup", params));
        const { run } = manager.runs()[0]!;
        const waiting = codeOf(manager.awaitRun(run));
        store.let();
        expect([await running, await waiting]).toEqual(["STORE_REFUSED", "UNKNOWN_RUN"]);
        await manager.close();
    });
});

it("tells that a run is over when that is durable, not before", async () => {
    const store = new SlowStore();
    const { manager } = await openTest(newNode(), { store });
    await turns();
    const { run } = await manager.run("addNodeToGroup", params);
    store.slow = true;
    while (manager.runInfo(run)!.state !== "completed") {
        store.let();
        await turns(1);
    }
    let told = false;
    const waiting = manager.awaitRun(run).then(() => (told = true));
    await turns();
    expect(told).toBe(false);
    store.slow = false;
    store.let();
    await waiting;
    await manager.close();
});

it("wakes the machine when it wants to be woken, and only then", async () => {
    const clock = new ManualClock();
    const device = newNode();
    const { manager, transport } = await openTest(device, { clock });
    await turns();
    transport.answers = () => ({ kind: "unknown", reason: "lost" });
    const { run } = await manager.run("addNodeToGroup", params);
    await turns();
    transport.answers = null;
    const sent = transport.requests.length;
    const [wake] = clock.wakes;
    clock.advance(wake! - clock.nowMs - 1);
    await turns();
    expect(transport.requests).toHaveLength(sent);
    clock.advance(1);
    clock.advance(60_000);
    expect(await manager.awaitRun(run)).toMatchObject({ state: "completed" });
    expect(device.isMember(MANAGER_FABRIC, 7, 1)).toBe(true);
    await manager.close();
});

describe("a fault", () => {
    it("stops the manager rather than letting it go on with half a change", async () => {
        const problems: Problem[] = [];
        const clock = new ManualClock();
        const { manager, store } = await openTest(newNode(), { clock, onError: problem => problems.push(problem) });
        await manager.awaitRun((await manager.run("addNodeToGroup", params)).run);
        const events = manager.events();
        const readers = [events.next(), events.next()].map(codeOf);
        clock.monoMs = () => {
            throw new RangeError("no time today");
        };
        expect(await codeOf(manager.addNode(SIX))).toBe("INTERNAL");
        expect(problems).toMatchObject([{ source: "machine", error: { message: "no time today" } }]);
        await expect(manager.addNode(SIX)).rejects.toMatchObject({ code: "INTERNAL", cause: { message: "no time today" } });
        expect(() => manager.nodes()).toThrow(expect.objectContaining({ code: "INTERNAL" }) as Error);
        expect(await Promise.all(readers)).toEqual(["INTERNAL", "done"]);
        await manager.close();
        const next = await openTest(null, { store: store.reopen() });
        expect(next.manager.nodes()).toEqual([NODE]);
        expect(next.manager.runs()).toMatchObject([{ task: "addNodeToGroup", state: "completed" }]);
        await next.manager.close();
    });

    it("in a task of somebody's own is a failure of that task alone", async () => {
        const fail = () => {
            throw new RangeError("not today");
        };
        const faulty: TaskDefinition = {
            type: "faulty",
            version: 1,
            validate: fail,
            prepare: fail,
            restore: fail,
            slots: fail,
            nodes: fail,
            planned: fail,
            phases: fail,
        };
        const { manager } = await openTest(newNode(), { tasks: [faulty] });
        expect(await codeOf(manager.run("faulty", {}))).toBe("DEFINITION_FAULTY");
        expect(await manager.awaitRun((await manager.run("addNodeToGroup", params)).run)).toMatchObject({ state: "completed" });
        await manager.close();
    });

    it("of the clock at the start leaves nothing open", async () => {
        const clock = new ManualClock();
        let reads = 0;
        clock.wallMs = () => {
            if (++reads > 1) throw new RangeError("no time");
            return 0;
        };
        const store = new MemoryStore();
        const opening = openManager({ fabric: FABRIC, store, transport: new LoopbackTransport(), clock, onError: () => {} });
        await expect(opening).rejects.toMatchObject({ code: "INTERNAL" });
        await store.reopen().open();
    });
});
