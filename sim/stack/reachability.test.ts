import { NetworkClient } from "@matter/node";
import { BasicInformationServer } from "@matter/node/behaviors/basic-information";
import { OnOffLightDevice } from "@matter/node/devices/on-off-light";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GroupKeyManagement } from "../../src/core/clusters.js";
import type { NodeId } from "../../src/core/ids.js";
import type { TransportEvent } from "../../src/core/ports.js";
import { type StackSnapshot, StackWorld } from "./index.js";
import * as send from "./requests.fixture.js";

const DEADLINE_MS = 30_000;
/** Longer than matter.js takes to notice a silent node, and to come back to one. */
const NOTICE_MS = 180_000;

let fixture: { snapshot: StackSnapshot; node: NodeId; own: NodeId };
let world: StackWorld;
let events: TransportEvent[];
let stop: () => void;

/** What is told of devices; own-node.test.ts is about the controller's own node. */
const into = (list: TransportEvent[]) => (event: TransportEvent) => {
    if (event.node !== fixture.own) {
        list.push(event);
    }
};
const told = (type: TransportEvent["type"]) => events.filter(event => event.type === type);

beforeAll(async () => {
    const building = new StackWorld({ seed: "reachability" });
    await building.addController();
    await building.addDevice("switch", { kind: "switch" });
    const node = await building.commission("controller", "switch");
    await building.untilSubscribed();
    fixture = { snapshot: building.snapshot(), node, own: (await building.administrator()).nodeId };
    await building.close();
}, 60_000);

beforeEach(async () => {
    world = await StackWorld.restore(fixture.snapshot, { seed: "test" });
    await world.untilSubscribed();
    events = [];
    stop = world.transport().observe(event => into(events)(event));
    await world.time.settle();
}, 60_000);

afterEach(async () => {
    await world.close();
}, 60_000);

describe("observing", () => {
    it("begins with the present state of each node", () => {
        expect(events).toEqual([{ type: "reachable", node: fixture.node }]);
    });

    it("tells newcomers of a node that is away", async () => {
        world.network.offline.add("switch");
        await world.advance(NOTICE_MS);
        const late: TransportEvent[] = [];
        world.transport().observe(into(late));
        await world.time.settle();
        expect(late).toEqual([{ type: "unreachable", node: fixture.node }]);
    });

    it("tells a silent node once as unreachable, and once as reachable when it is back", async () => {
        world.network.offline.add("switch");
        await world.advance(NOTICE_MS);
        expect(told("unreachable")).toEqual([{ type: "unreachable", node: fixture.node }]);
        events = [];
        world.network.heal();
        await world.advance(NOTICE_MS);
        expect(told("reachable")).toEqual([{ type: "reachable", node: fixture.node }]);
        expect(told("unreachable")).toEqual([]);
    });

    it("tells a node that does not answer as soon as requests have found its sessions dead", async () => {
        world.network.offline.add("switch");
        // There may be two: the device opens one of its own to resume a subscription.
        for (let attempt = 0; attempt < 2 && told("unreachable").length === 0; attempt++) {
            const request = world.transport().request(fixture.node, send.readGroupKeyMap(), { deadlineMs: DEADLINE_MS });
            expect(await world.until(request)).toMatchObject({ kind: "unknown" });
        }
        expect(told("unreachable")).toEqual([{ type: "unreachable", node: fixture.node }]);
        // The subscription alone would have taken longer.
        expect(world.time.elapsedMs).toBeLessThan(60_000);
    });

    it("tells an idle node that fell silent when its subscription ends, before its session is given up", async () => {
        world.network.offline.add("switch");
        const [peer] = world.node("controller").peers;
        for (let second = 0; second < 120 && told("unreachable").length === 0; second++) {
            await world.advance(1_000);
        }
        expect(told("unreachable")).toHaveLength(1);
        expect(peer!.lifecycle.isOnline).toBe(true);
    });

    it("tells a node that nobody subscribed to by its session", async () => {
        const [peer] = world.node("controller").peers;
        await world.until(peer!.setStateOf(NetworkClient, { autoSubscribe: false }));
        await world.stop("controller");
        await world.restart("controller");
        events = [];
        world.transport().observe(event => into(events)(event));
        await world.advance(1_000);
        expect(events).toEqual([{ type: "unreachable", node: fixture.node }]);
        events = [];
        const request = world.transport().request(fixture.node, send.readGroupKeyMap(), { deadlineMs: DEADLINE_MS });
        expect(await world.until(request)).toMatchObject({ kind: "value" });
        await world.time.settle();
        expect(events).toEqual([{ type: "reachable", node: fixture.node }]);
    });

    it("tells a reboot, though the node was never seen away", async () => {
        events = [];
        world.crash("switch");
        await world.restart("switch");
        await world.advance(NOTICE_MS);
        expect(told("reachable").length).toBeGreaterThan(0);
    });

    it("tells a node that is commissioned later", async () => {
        await world.addDevice("light", { kind: "light" });
        const light = await world.commission("controller", "light");
        await world.untilSubscribed();
        expect(told("reachable")).toContainEqual({ type: "reachable", node: light });
    });

    it("ends when asked to, and with the transport", async () => {
        stop();
        const others: TransportEvent[] = [];
        world.transport().observe(into(others));
        await world.time.settle();
        await world.until(world.transport().close());
        events = [];
        others.length = 0;
        world.network.offline.add("switch");
        await world.advance(NOTICE_MS);
        expect([...events, ...others]).toEqual([]);
    });
});

describe("reports", () => {
    it("name the attribute that changed, after the device has told it", async () => {
        events = [];
        const request = (body: Parameters<ReturnType<StackWorld["transport"]>["request"]>[1]) =>
            world.until(world.transport().request(fixture.node, body, { deadlineMs: DEADLINE_MS }));
        await request(send.writeKeySet(1));
        await request(send.writeGroupKeyMap([0x101]));
        // Our own read must not look like a report.
        await request(send.readGroupKeyMap());
        expect(events).toEqual([]);
        await world.advance(5_000);
        const { id: cluster, attributes } = GroupKeyManagement;
        expect(events).toEqual([
            { type: "report", node: fixture.node, path: { endpoint: 0, cluster, attribute: attributes.groupKeyMap } },
        ]);
    });

    it("of a new software version are told as such", async () => {
        events = [];
        await world.until(world.node("switch").setStateOf(BasicInformationServer, { softwareVersion: 77 }));
        await world.advance(5_000);
        expect(events).toEqual([{ type: "softwareChanged", node: fixture.node }]);
    });

    it("of new endpoints are told as a change of structure", async () => {
        events = [];
        await world.until(world.node("switch").add(OnOffLightDevice));
        await world.advance(5_000);
        expect(told("structureChanged")).toContainEqual({ type: "structureChanged", node: fixture.node });
    });
});
