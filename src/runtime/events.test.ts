import { afterEach, describe, expect, it } from "vitest";
import { newNode } from "../../sim/devices/testing.js";
import type { ManagerEvent } from "../core/event.js";
import { nodeId } from "../core/ids.js";
import type { FabricManager } from "./fabric-manager.js";
import type { Problem } from "./problem.js";
import { RuntimeLimits } from "./runtime-limits.js";
import { KEY, NODE, openTest, turns } from "./testing/opening.js";

const params = { node: NODE, endpoint: 1, groupId: 7, keySetId: 42, epochKey: KEY };
const managers: FabricManager[] = [];

async function opened(options: Parameters<typeof openTest>[1] = {}): Promise<FabricManager> {
    const { manager } = await openTest(newNode(), options);
    managers.push(manager);
    return manager;
}

afterEach(async () => {
    await Promise.all(managers.splice(0).map(manager => manager.close()));
});

const types = (events: readonly ManagerEvent[]) => events.map(({ type }) => type);

describe("a callback", () => {
    it("is told everything in order, and nothing once it unsubscribed", async () => {
        const manager = await opened();
        const events: ManagerEvent[] = [];
        const unsubscribe = manager.subscribe(event => events.push(event));
        await manager.awaitRun((await manager.run("addNodeToGroup", params)).run);
        expect(types(events).sort()).toEqual([...Array<string>(6).fill("itemChanged"), "runChanged", "runChanged"]);
        expect(events.filter(({ type }) => type === "runChanged").map(event => (event as { state: string }).state)).toEqual(["running", "completed"]);
        const told = events.length;
        unsubscribe();
        unsubscribe();
        await manager.addNode(nodeId(6n));
        expect(events).toHaveLength(told);
    });

    it("that subscribes twice is told twice", async () => {
        const manager = await opened();
        let told = 0;
        const listener = () => told++;
        manager.subscribe(listener);
        const unsubscribe = manager.subscribe(listener);
        await manager.addNode(nodeId(6n));
        expect(told).toBe(2);
        unsubscribe();
        await manager.addNode(nodeId(7n));
        expect(told).toBe(3);
    });

    it("that throws, at once or later, disturbs nobody and is reported", async () => {
        const problems: Problem[] = [];
        const manager = await opened({ onError: problem => problems.push(problem) });
        const events: ManagerEvent[] = [];
        manager.subscribe(() => {
            throw new TypeError("at once");
        });
        manager.subscribe(async () => {
            await turns(1);
            throw new TypeError("later");
        });
        manager.subscribe(event => events.push(event));
        await manager.addNode(nodeId(6n));
        await turns(3);
        expect(types(events)).toEqual(["nodeAdded"]);
        expect(problems.map(({ source, error }) => [source, (error as Error).message])).toEqual([
            ["subscriber", "at once"],
            ["subscriber", "later"],
        ]);
        expect(manager.nodes()).toHaveLength(2);
    });

    it("that throws is a warning of the process by default, and an onError that throws is one too", async () => {
        const warnings: Error[] = [];
        const note = (warning: Error) => warnings.push(warning);
        process.on("warning", note);
        for (const options of [{}, { onError: () => expect.unreachable() }]) {
            const manager = await opened(options);
            manager.subscribe(() => expect.unreachable());
            await manager.addNode(nodeId(6n));
        }
        await turns(3);
        process.off("warning", note);
        expect(warnings).toMatchObject([{ name: "SelvageWarning", code: "SELVAGE_SUBSCRIBER" }, { name: "SelvageWarning", code: "SELVAGE_ON_ERROR" }]);
    });

    it("can command the manager, whose answer comes after what is under way", async () => {
        const manager = await opened({ onError: ({ error }) => order.push(String(error)) });
        const order: string[] = [];
        let answered!: Promise<void>;
        manager.subscribe(event => {
            order.push(event.type);
            if (event.type === "nodeAdded") {
                answered = manager.setIntent(NODE, "groupKeyMap", { groupId: 1, keySetId: 1 }).then(() => void order.push("intent is durable"));
                expect(manager.items()).toEqual([]);
                order.push("callback is over");
            }
        });
        await manager.addNode(nodeId(6n));
        await answered;
        expect(order.slice(0, 3)).toEqual(["nodeAdded", "callback is over", "itemChanged"]);
        expect(order).toContain("intent is durable");
    });

    it("can unsubscribe others and itself in the middle of an event", async () => {
        const manager = await opened();
        const told: string[] = [];
        const stops = ["a", "b"].map(name =>
            manager.subscribe(() => {
                told.push(name);
                for (const stop of stops) stop();
                manager.subscribe(() => told.push("new"));
            }),
        );
        await manager.addNode(nodeId(6n));
        expect(told).toEqual(["a", "b"]);
        await manager.addNode(nodeId(7n));
        expect(told).toEqual(["a", "b", "new", "new"]);
    });

    it("can close the manager", async () => {
        const manager = await opened();
        let closed: Promise<void> | undefined;
        manager.subscribe(() => (closed = manager.close()));
        await manager.addNode(nodeId(6n));
        await closed;
        await expect(manager.addNode(nodeId(7n))).rejects.toMatchObject({ code: "CLOSED" });
    });
});

describe("an iterator", () => {
    it("begins with the call, not with the first read", async () => {
        const manager = await opened();
        const events = manager.events();
        await manager.addNode(nodeId(6n));
        await manager.addNode(nodeId(7n));
        expect(await events.next()).toEqual({ done: false, value: { type: "nodeAdded", node: 6n } });
        expect(await events.next()).toEqual({ done: false, value: { type: "nodeAdded", node: 7n } });
    });

    it("waits for events and ends, after those that wait, when the manager is closed", async () => {
        const manager = await opened();
        const events = manager.events();
        const first = events.next();
        await manager.addNode(nodeId(6n));
        expect(await first).toMatchObject({ value: { node: 6n } });
        await manager.addNode(nodeId(7n));
        await manager.close();
        expect(await events.next()).toMatchObject({ value: { node: 7n } });
        expect(await events.next()).toEqual({ done: true, value: undefined });
        expect(await events.next()).toEqual({ done: true, value: undefined });
    });

    it("ends every reader that waits when the manager is closed", async () => {
        const manager = await opened();
        const events = manager.events();
        const readers = [events.next(), events.next()];
        await manager.close();
        expect(await Promise.all(readers)).toEqual([{ done: true }, { done: true }].map(result => ({ ...result, value: undefined })));
    });

    it("that is not read fast enough gives what it has, then says so, then is over", async () => {
        const manager = await opened();
        const events = manager.events({ capacity: 2 });
        for (let id = 6n; id < 10n; id++) await manager.addNode(nodeId(id));
        expect(await events.next()).toMatchObject({ value: { node: 6n } });
        expect(await events.next()).toMatchObject({ value: { node: 7n } });
        await expect(events.next()).rejects.toMatchObject({ code: "EVENTS_LOST", message: expect.stringMatching(/events\(\) again/) as string });
        expect(await events.next()).toMatchObject({ done: true });
    });

    it("that is read in time never overflows", async () => {
        const manager = await opened();
        const events = manager.events({ capacity: 1 });
        for (let id = 6n; id < 30n; id++) {
            await manager.addNode(nodeId(id));
            expect(await events.next()).toMatchObject({ value: { node: id } });
        }
    });

    it("is let go of by leaving the loop", async () => {
        const manager = await opened();
        for (let loops = 0; loops < RuntimeLimits.subscribers + 5; loops++) {
            const events = manager.events();
            await events.return!();
            expect(await events.next()).toMatchObject({ done: true });
        }
    });
});

it("are told to a bounded number of subscribers", async () => {
    const manager = await opened();
    const stops = Array.from({ length: RuntimeLimits.subscribers }, () => manager.subscribe(() => {}));
    expect(() => manager.events()).toThrow(expect.objectContaining({ code: "LIMIT_REACHED" }) as Error);
    stops[0]!();
    manager.events();
});
