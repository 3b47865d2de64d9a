/**
 * Goal: a real matter.js node gets the certificate that its intent asks for, whatever is lost or dies on the way, and can be reached by a full CASE handshake at every
 * moment. What it holds is read from its inside.
 */
import { FabricManager, Noc, PeerAddress, SessionManager } from "@matter/protocol";
import { FabricIndex, NodeId as MatterNodeId } from "@matter/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LaneRequest } from "../../src/core/effect.js";
import type { NodeId } from "../../src/core/ids.js";
import type { Issuer, Transport } from "../../src/core/ports.js";
import { Status } from "../../src/core/status.js";
import { MatterIssuer } from "../../src/matter/index.js";
import { openManager } from "../../src/runtime/open-manager.js";
import type { FabricManager as Manager } from "../../src/runtime/fabric-manager.js";
import { MemoryStore } from "../../src/runtime/store/memory-store.js";
import { fabricOf } from "./group-command.fixture.js";
import { type StackSnapshot, StackWorld } from "./index.js";

const TAGS = [0xabcd_0001, 0xcdef_0002];
/** Longer than a fail-safe, its lock and a lane's back-off together. */
const LIMIT_MS = 6 * 60_000;

let fixture: { snapshot: StackSnapshot; node: NodeId };
let world: StackWorld;
let store: MemoryStore;
let asked: string[];

beforeAll(async () => {
    const building = new StackWorld({ seed: "certificates" });
    await building.addController();
    await building.addDevice("light", { kind: "light" });
    const node = await building.commission("controller", "light");
    await building.untilSubscribed();
    fixture = { snapshot: building.snapshot(), node };
    await building.close();
});

beforeEach(async () => {
    world = await StackWorld.restore(fixture.snapshot, { seed: "test" });
    store = new MemoryStore();
    asked = [];
});

afterEach(async () => {
    await world.close();
});

/** What happens to a step that a manager takes: told before it, and after its effect. */
interface Interference {
    before?(name: string): void | Promise<void>;
    after?(name: string): "lost" | undefined | Promise<"lost" | undefined>;
}

const nameOf = (request: LaneRequest) =>
    request.op === "invoke" ? `invoke ${request.cluster.toString(16)}/${request.command}` : request.op === "read" ? `read ${request.cluster.toString(16)}/${request.attribute}` : request.op;

/** A manager on the controller, whose steps can be interfered with. */
async function open(interference: Interference = {}): Promise<Manager> {
    const process = world.process();
    const { transport, clock, entropy } = process;
    const watched = async <T>(name: string, take: () => Promise<T>, lost: T): Promise<T> => {
        asked.push(name);
        await interference.before?.(name);
        const answer = await take();
        return (await interference.after?.(name)) === "lost" ? lost : answer;
    };
    const silence = { kind: "unknown", reason: "lost" } as const;
    const ports: Transport & Issuer = {
        request: (node, request, options) => watched(nameOf(request), () => transport.request(node, request, options), silence),
        renewSession: (node, options) => watched("renewSession", () => transport.renewSession!(node, options), silence),
        observe: observer => transport.observe(observer),
        close: () => transport.close(),
        ...process.issuer(new MatterIssuer(world.node("controller"))),
    };
    const fabric = fabricOf(world.node("controller"));
    const identity = { rootPublicKey: new Uint8Array(fabric.rootPublicKey as Uint8Array), fabricId: fabric.fabricId };
    return world.until(openManager({ fabric: identity, store: process.store(store), transport: ports, issuer: ports, clock, entropy }));
}

/** The tags of the certificate that the light has now, read from its inside. */
function tags(): readonly number[] {
    const { operationalCert } = world.node("light").env.get(FabricManager).for(FabricIndex(1));
    return ((Noc.fromTlv(operationalCert).cert.subject as { caseAuthenticatedTags?: number[] }).caseAuthenticatedTags ?? []).map(tag => tag >>> 0);
}

async function untilCommitted(manager: Manager): Promise<void> {
    const stopMs = world.time.nowMs + LIMIT_MS;
    while (manager.items(fixture.node)[0]?.state !== "committed") {
        if (world.time.nowMs > stopMs) {
            throw new RangeError(`not committed: ${JSON.stringify(manager.items(fixture.node))}, asked ${asked.join(", ")}`);
        }
        await world.advance(500);
    }
}

/** Nothing of older sessions is left on either side, and a new one comes about. */
async function expectFullHandshake(): Promise<void> {
    const light = world.node("light").env.get(SessionManager);
    await world.until(light.deleteResumptionRecordsForFabric(world.node("light").env.get(FabricManager).for(FabricIndex(1))));
    const controller = world.node("controller").env.get(SessionManager);
    const address = PeerAddress({ fabricIndex: FabricIndex(1), nodeId: MatterNodeId(fixture.node) });
    const before = controller.sessionsFor(address);
    for (let attempt = 0; ; attempt++) {
        const answer = await world.until(world.transport().renewSession(fixture.node, { deadlineMs: 60_000 }));
        if (answer.kind === "status") {
            expect(answer).toEqual({ kind: "status", status: Status.SUCCESS });
            break;
        }
        expect(attempt).toBeLessThan(5);
    }
    const after = controller.sessionsFor(address);
    expect(after).toHaveLength(1);
    expect(before).not.toContain(after[0]);
}

const intend = (manager: Manager, caseAuthenticatedTags: number[]) => world.until(manager.setIntent(fixture.node, "noc", { caseAuthenticatedTags }));

const WHOLE_WAY = ["read 30/0", "read 3e/0", "invoke 30/0", "invoke 3e/4", "invoke 3e/7", "renewSession", "invoke 30/4"];

describe("the certificate of a real node", () => {
    it("is renewed with the tags that are asked for, and again with others", async () => {
        const manager = await open();
        await world.until(manager.addNode(fixture.node));
        await intend(manager, TAGS);
        const beganMs = world.time.nowMs;
        await untilCommitted(manager);
        expect(tags()).toEqual(TAGS);
        expect(asked.filter(name => !/3f|1f/.test(name)).slice(0, WHOLE_WAY.length)).toEqual(WHOLE_WAY);
        expect(world.time.nowMs - beganMs).toBeLessThan(10_000);
        await expectFullHandshake();
        await world.untilSubscribed();
        await intend(manager, [TAGS[0]!]);
        await untilCommitted(manager);
        expect(tags()).toEqual([TAGS[0]]);
        await expectFullHandshake();
        await world.advance(LIMIT_MS);
        expect(tags()).toEqual([TAGS[0]]);
        await world.until(manager.close());
    });

    it.each(["invoke 30/0", "invoke 3e/7", "renewSession", "invoke 30/4"])("is renewed although the answer of the step %s is lost", async step => {
        let isLost = false;
        const manager = await open({
            after(name) {
                if (name !== step || isLost) {
                    return undefined;
                }
                isLost = true;
                return "lost";
            },
        });
        await world.until(manager.addNode(fixture.node));
        await intend(manager, TAGS);
        await untilCommitted(manager);
        expect(isLost).toBe(true);
        await world.advance(LIMIT_MS);
        expect(tags()).toEqual(TAGS);
        expect(manager.items(fixture.node)).toMatchObject([{ state: "committed" }]);
        await expectFullHandshake();
        await world.until(manager.close());
    });

    it.each(["invoke 3e/7", "renewSession", "invoke 30/4"])("is renewed although the node's power is cut after the step %s", async step => {
        let isCut = false;
        const manager = await open({
            async after(name) {
                if (name === step && !isCut) {
                    isCut = true;
                    world.crash("light");
                }
                return undefined;
            },
        });
        await world.until(manager.addNode(fixture.node));
        await intend(manager, TAGS);
        await world.advance(1_000);
        expect(isCut).toBe(true);
        await world.restart("light");
        expect([[], TAGS]).toContainEqual(tags());
        await expectFullHandshake();
        await untilCommitted(manager);
        await world.advance(LIMIT_MS);
        expect(tags()).toEqual(TAGS);
        await world.until(manager.close());
    });

    it.each(["invoke 3e/7", "invoke 30/4"])("is renewed by the next process when the controller's power is cut after the step %s", async step => {
        const cut = await open({
            async after(name) {
                if (name === step && world.isRunning("controller")) {
                    world.crash("controller");
                }
                return undefined;
            },
        });
        await world.until(cut.addNode(fixture.node));
        await intend(cut, TAGS);
        await world.advance(1_000);
        expect(world.isRunning("controller")).toBe(false);
        await world.restart("controller");
        store = store.crash();
        const manager = await open();
        await untilCommitted(manager);
        await world.advance(LIMIT_MS);
        expect(tags()).toEqual(TAGS);
        await expectFullHandshake();
        await world.until(manager.close());
    });

    it("goes back to the old one, which works, when nobody confirms the new one", async () => {
        const manager = await open({ before: name => (name === "invoke 30/4" ? new Promise(() => {}) : undefined) });
        await world.until(manager.addNode(fixture.node));
        await intend(manager, TAGS);
        await world.advance(1_000);
        expect(tags()).toEqual(TAGS);
        await expectFullHandshake();
        await world.until(manager.close());
        await world.advance(LIMIT_MS);
        expect(tags()).toEqual([]);
        await expectFullHandshake();
    });
});
