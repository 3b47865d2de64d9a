/** Goal: scripts can have certificates, the IPK and roots looked after, and what stands in the way of that. The devices' insides tell what came of it. */
import { describe, expect, it } from "vitest";
import { allCheckers } from "./checkers/index.js";
import { MANAGER_FABRIC } from "./devices/sim-node.js";
import { noFaults } from "./fault-plan.js";
import { confirmedIdentity, deviceLacks } from "./oracle.js";
import { record, type Recorded } from "./replay.js";
import { faultClasses } from "./fault-classes.js";
import { certificates } from "./generate.js";
import { readReplayToken, replayToken } from "./replay-token.js";
import { SCRIPT_TAG_SETS } from "./script-certificates.js";
import { plainNode, SCRIPT_FORMAT, type Action, type Incident, type Script } from "./script.js";
import { simplerScripts } from "./simpler-scripts.js";
import { World } from "./world.js";

const how = { atMs: 1_000, node: 0, force: false, maintain: false } as const;
const setNoc: Action = { ...how, type: "setNoc", tags: 2 };
const setIpk: Action = { ...how, type: "setIpk" };
const watchRoot = (root: number): Action => ({ ...how, type: "watchRoot", root });
const later = { atMs: 20_000, node: 0, force: false } as const;

function script(actions: readonly Action[], incidents: readonly Incident[] = []): Script {
    const nodes = [{ ...plainNode, certificates: true }];
    return { format: SCRIPT_FORMAT, seed: 1, nodes, faults: noFaults, actions, incidents, crashes: [], chaosMs: 60_000, lostNode: -1 };
}

function worldAfter(actions: readonly Action[], incidents: readonly Incident[] = []): World {
    const world = new World(allCheckers());
    expect(world.run(script(actions, incidents), { scanThroughout: true }).violation).toBeNull();
    return world;
}

function textsOf(actions: readonly Action[], incidents: readonly Incident[] = []): string[] {
    const recorded: Recorded = record({ script: script(actions, incidents), scanThroughout: true });
    expect(recorded.violation).toBeNull();
    return recorded.lines.map(({ text }) => text);
}

const device = (world: World) => world.nodes[0]!;
const items = (world: World) => world.manager!.items(world.nodeIds[0]);

describe("a certificate", () => {
    it("is renewed with the tags of its place, for the node's own id, and confirmed", () => {
        const world = worldAfter([setNoc]);
        expect(confirmedIdentity(device(world)).certificate).toMatchObject({ cats: SCRIPT_TAG_SETS[2], nodeId: 1n, fabric: MANAGER_FABRIC });
        expect(items(world)).toMatchObject([{ kind: "noc", state: "committed" }]);
    });

    it("stays when its intent is given up, which ends as withdrawn", () => {
        const removed: readonly Action[] = [setNoc, { ...later, type: "removeNoc" }];
        const world = worldAfter(removed);
        expect(confirmedIdentity(device(world)).certificate.cats).toEqual(SCRIPT_TAG_SETS[2]);
        expect(items(world)).toEqual([]);
        expect(textsOf(removed).filter(text => text.startsWith("event itemEnded"))).toEqual([expect.stringContaining('end="withdrawn"') as string]);
    });

    it("waits for the fail-safe of another fabric, which the node ends by itself", () => {
        const hold: Incident = { type: "otherFailSafe", atMs: 500, node: 0, holdMs: 20_000 };
        const texts = textsOf([setNoc], [hold]);
        expect(texts.some(text => text.includes("arms the fail-safe"))).toBe(true);
        expect(texts.some(text => text.includes("BUSY_WITH_OTHER_ADMIN"))).toBe(true);
        expect(confirmedIdentity(device(worldAfter([setNoc], [hold]))).certificate.cats).toEqual(SCRIPT_TAG_SETS[2]);
    });
});

describe("the IPK", () => {
    it("is a new revision each time, on the device with its bytes", () => {
        const world = worldAfter([setIpk, { ...setIpk, atMs: 10_000 }]);
        const { startTimes, keys } = device(world).keySet(MANAGER_FABRIC, 0)!;
        const { slots } = world.manager!.machine.keySets.latest(0 as never)!;
        expect(startTimes[0]).toBe(slots[0]!.startTime);
        expect(keys[0]!.equals(slots[0]!.key)).toBe(true);
        expect(items(world)).toMatchObject([{ kind: "ipk", state: "committed", intent: { revision: 2 } }]);
    });

    it("stays when its intent is given up", () => {
        const world = worldAfter([setIpk, { ...later, type: "removeIpk" }]);
        expect(device(world).keySet(MANAGER_FABRIC, 0)!.startTimes[0]).toBe(2_000_000n);
        expect(items(world)).toEqual([]);
    });
});

describe("a root", () => {
    it("is there, or it is not and that is final", () => {
        const world = worldAfter([watchRoot(0), watchRoot(1)]);
        expect(items(world).map(({ state, failure }) => [state, failure?.class])).toEqual([
            ["committed", undefined],
            ["commitFailed", "terminal"],
        ]);
        expect(items(worldAfter([watchRoot(0), { ...later, type: "unwatchRoot", root: 0 }]))).toEqual([]);
    });
});

it("no device is ever without them, so that none of them can end as done", () => {
    const world = worldAfter([setNoc, setIpk, watchRoot(1)]);
    const records = [...world.manager!.machine.items.all()].map(item => item.record!);
    expect(records.map(({ kind }) => kind).sort()).toEqual(["ipk", "noc", "trustedRoot"]);
    expect(records.map(each => deviceLacks(device(world), each, new Set(), () => [], () => false))).toEqual([false, false, false]);
});

it("the profile of certificates draws every one of them in some schedules, and in none the dismissal that would leave a fail-safe behind", () => {
    const drawn = Array.from({ length: 200 }, (_, seed) => certificates.draw(seed));
    const types = new Set(drawn.flatMap(({ actions }) => actions.map(({ type }) => type)));
    for (const type of ["setNoc", "removeNoc", "setIpk", "removeIpk", "watchRoot", "unwatchRoot"] as const) {
        expect(types).toContain(type);
    }
    expect(types).not.toContain("withdraw");
    const holds = drawn.filter(script => faultClasses(script, 0).includes("otherFailSafe")).length;
    expect(holds).toBeGreaterThan(20);
    expect(holds).toBeLessThan(180);
});

it("tokens carry them, and simpler scripts have a node without certificates", () => {
    const whole = script([setNoc, setIpk, watchRoot(1), { ...later, type: "unwatchRoot", root: 1 }], [{ type: "otherFailSafe", atMs: 5, node: 0, holdMs: 7 }]);
    expect(readReplayToken(replayToken({ script: whole, scanThroughout: false })).script).toEqual(whole);
    expect([...simplerScripts(whole)].some(({ nodes }) => !nodes[0]!.certificates)).toBe(true);
});
