import { Logger, Time } from "@matter/general";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import type { NodeId } from "../../src/core/ids.js";
import { Status } from "../../src/core/status.js";
import { type StackSnapshot, StackWorld } from "./index.js";
import * as send from "./requests.fixture.js";

const DEADLINE_MS = 30_000;
/** Requests until a lost session is found dead and another is there. */
const MAX_ATTEMPTS = 20;

let fixture: { snapshot: StackSnapshot; node: NodeId };
let world: StackWorld;

function ask(request: DeviceRequest): Promise<DeviceAnswer> {
    return world.until(world.transport().request(fixture.node, request, { deadlineMs: DEADLINE_MS }));
}

async function askUntilAnswered(request: DeviceRequest): Promise<DeviceAnswer> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const answer = await ask(request);
        if (answer.kind !== "unknown" && answer.kind !== "notSent") {
            return answer;
        }
        await world.advance(10_000);
    }
    throw new Error(`no answer in ${MAX_ATTEMPTS} attempts`);
}

beforeAll(async () => {
    const building = new StackWorld({ seed: "restart" });
    await building.addController();
    await building.addDevice("switch", { kind: "switch" });
    const node = await building.commission("controller", "switch");
    await building.untilSubscribed();
    fixture = { snapshot: building.snapshot(), node };
    await building.close();
}, 60_000);

beforeEach(async () => {
    world = await StackWorld.restore(fixture.snapshot, { seed: "test" });
}, 60_000);

afterEach(async () => {
    await world.close();
}, 60_000);

describe("a device whose power is cut", () => {
    it("keeps what it acknowledged", async () => {
        await ask(send.writeKeySet(1, 3n));
        await ask(send.writeGroupKeyMap([0x101]));
        await ask(send.addGroup(0x101));
        const before = world.groupTruth("switch");
        world.crash("switch");
        expect(world.isRunning("switch")).toBe(false);
        await world.restart("switch");
        expect(world.groupTruth("switch")).toEqual(before);
        expect(await askUntilAnswered(send.readGroupKeyMap())).toMatchObject({ value: [{ groupId: 0x101, groupKeySetId: 1 }] });
    });

    it("leaves a request in flight unknown", async () => {
        world.network.latencyMs = 50;
        const answer = world.transport().request(fixture.node, send.writeKeySet(1), { deadlineMs: DEADLINE_MS });
        await world.advance(10);
        world.crash("switch");
        expect(await world.until(answer)).toMatchObject({ kind: "unknown" });
    });
});

describe("a controller whose power is cut", () => {
    it("may have changed a device without knowing, and finds out after its restart", async () => {
        world.network.latencyMs = 50;
        void world.transport().request(fixture.node, send.writeKeySet(1), { deadlineMs: DEADLINE_MS });
        await world.advance(60);
        expect(world.groupTruth("switch").keySets.map(({ id }) => id)).toEqual([1]);
        world.crash("controller");
        await world.restart("controller");
        const indices = await askUntilAnswered(send.invoke(0x3f, 4, {}));
        expect(indices).toMatchObject({ kind: "response", fields: { groupKeySetIDs: [0, 1] } });
    });

    it("takes the program on it along: nothing reaches its ports any more", async () => {
        const heard: string[] = [];
        const dead = world.process();
        dead.transport.observe(({ type, node }) => {
            if (node === fixture.node) {
                heard.push(type);
            }
        });
        dead.clock.wakeAt(dead.clock.monoMs() + 1_000, () => heard.push("wake"));
        await world.time.settle();
        expect(heard).toEqual(["reachable"]);
        void dead.transport.request(fixture.node, send.writeKeySet(1), { deadlineMs: DEADLINE_MS }).then(({ kind }) => heard.push(kind));
        world.crash("controller");
        await world.advance(120_000);
        expect(heard).toEqual(["reachable"]);
        await world.restart("controller");
        expect(world.process()).not.toBe(dead);
        expect(world.process().isAlive).toBe(true);
    });

    it("works again after an orderly restart too, with another transport", async () => {
        const before = world.transport();
        await world.stop("controller");
        const gone = await world.until(before.request(fixture.node, send.readGroupKeyMap(), { deadlineMs: DEADLINE_MS }));
        expect(gone).toMatchObject({ kind: "notSent" });
        await world.restart("controller");
        expect(world.transport()).not.toBe(before);
        expect(await askUntilAnswered(send.writeKeySet(2))).toEqual({ kind: "status", status: Status.SUCCESS });
    });
});

describe("a snapshot", () => {
    it("is not changed by what happens in the worlds made from it", async () => {
        await ask(send.writeKeySet(5));
        await world.close();
        world = await StackWorld.restore(fixture.snapshot, { seed: "again" });
        expect(world.groupTruth("switch").keySets).toEqual([]);
    });

    it("is not changed by what the world does after it was taken", async () => {
        const snapshot = world.snapshot();
        await ask(send.writeKeySet(6));
        await world.close();
        world = await StackWorld.restore(snapshot, { seed: "again" });
        expect(world.groupTruth("switch").keySets).toEqual([]);
    });
});

describe("closing a world", () => {
    it("gives the realm its time, randomness and log level back, and only then another may open", async () => {
        expect(() => new StackWorld({ seed: 1 })).toThrow(/another stack world is open/);
        const inside = { date: Date, random: Math.random, time: Time.default, level: Logger.level };
        await world.close();
        expect(Date).not.toBe(inside.date);
        expect(Math.random).not.toBe(inside.random);
        expect(Time.default).not.toBe(inside.time);
        expect(Logger.level).not.toBe(inside.level);
        expect(Math.abs(Date.now() - performance.timeOrigin)).toBeLessThan(3_600_000);
        world = await StackWorld.restore(fixture.snapshot, { seed: "test" });
    });
});
