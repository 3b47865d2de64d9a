import { ok } from "./error.js";
import { beforeEach, describe, expect, it } from "vitest";
import { endpointNumber, keySetId } from "./ids.js";
import type { Item } from "./item.js";
import type { Items } from "./items.js";
import type { Kind } from "./kind.js";
import type { NodeState } from "./node-state.js";
import { ONE, TestShell, TWO } from "./testing/test-shell.js";
import { TOY, toyKind, toyTable, TOY_CLUSTER, TOY_ENDPOINT } from "./testing/toy-kind.js";

const ID = keySetId(42);
/** Its value names a key set revision. */
const keyed = toyKind({ name: "keyed", keySetOf: intent => ({ keySetId: ID, revision: intent.value }), watch: () => [] });
const counted = toyKind({ name: "counted", capacity: { table: toyTable, rowOf: intent => intent.value } });

let shell: TestShell;
let items: Items;
let node: NodeState;
beforeEach(() => {
    shell = new TestShell({ kinds: [toyKind(), keyed, counted] });
    shell.do({ type: "addNode", node: ONE });
    items = shell.machine.items;
    node = shell.machine.nodes.get(ONE)!;
});

const kindOf = (name: string) => shell.machine.context.kinds.get(name) as Kind;
const set = (id: number, value = 1, needs: number[] = [], kind = TOY): Item =>
    items.setIntent(node, kindOf(kind), [id], { id, value, needs }, "converge");
const land = () => {
    const { ledger } = shell.machine.context;
    ledger.landed(ledger.nextBatch()!.id);
};
const refuse = () => {
    const { ledger } = shell.machine.context;
    ledger.refused(ledger.nextBatch()!.id);
};
const pathOf = (id: number) => ({ endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute: id });
const watching = (id: number) => [...items.watching(node, pathOf(id))];

describe("an item", () => {
    it("is found by node and identity, by number, and among all, until it ends", () => {
        const item = set(7);
        expect(items.get(node, TOY, [7])).toBe(item);
        expect(items.byId(item.id)).toBe(item);
        expect([...items.all()]).toEqual([item]);
        expect(items.size).toBe(1);
        items.end(item, "done");
        expect([items.get(node, TOY, [7]), items.byId(item.id), items.size]).toEqual([undefined, undefined, 0]);
    });

    it("owes until it is committed", () => {
        const item = set(7);
        expect([...node.owed]).toEqual([item]);
        items.write(item, { ...item.record!, state: "committed", owes: "nothing" });
        expect([...node.owed]).toEqual([]);
        items.removeIntent(item);
        expect([...node.owed]).toEqual([item]);
        items.end(item, "done");
        expect([...node.owed]).toEqual([]);
    });

    it("gets a new generation with each intent, and with removal", () => {
        const item = set(7, 1);
        const generations = [item.record!.generation];
        set(7, 2);
        generations.push(item.record!.generation);
        items.removeIntent(item);
        generations.push(item.record!.generation);
        set(7, 2);
        generations.push(item.record!.generation);
        expect(generations).toEqual([...new Set(generations)].sort((a, b) => a - b));
    });

    it("forgets with a new intent what it knew under the old one", () => {
        const item = set(7);
        Object.assign(item, { eligibleAtMs: Infinity, deferred: true, drifted: true, held: true, rewritesUntilMs: [1], readFailures: 2, rereadAtMs: 5 });
        set(7, 2);
        expect(item).toMatchObject({
            eligibleAtMs: 0,
            deferred: false,
            drifted: false,
            held: false,
            rewritesUntilMs: null,
            readFailures: 0,
            rereadAtMs: Infinity,
        });
    });

    it("knows durably that a request for another intent may be under way", () => {
        const item = set(7, 1);
        expect(item.record!.replaced).toBe(false);
        set(7, 2);
        expect(item.record!.replaced).toBe(true);
        items.write(item, { ...item.record!, state: "committed", owes: "nothing", replaced: false });
        set(7, 3);
        expect(item.record!.replaced).toBe(false);
        items.write(item, { ...item.record!, state: "committed", owes: "nothing" });
        item.lateGeneration = item.record!.generation;
        set(7, 4);
        expect(item.record!.replaced).toBe(true);
        items.removeIntent(item);
        expect(item.record!.replaced).toBe(true);
    });

    it("that was adopted owes nothing, in the node's present incarnation", () => {
        const item = items.adopt(node, kindOf(TOY), [7], { id: 7, value: 1 }, "maintain");
        expect(item.isCommitted).toBe(true);
        expect(item.record).toMatchObject({ state: "committed", owes: "nothing", mode: "maintain", incarnation: node.record!.incarnation });
        shell.machine.nodes.renew(node);
        expect(item.isCommitted).toBe(false);
    });
});

describe("members of an identity", () => {
    it("are found on every node, before and after somebody first asked", () => {
        shell.do({ type: "addNode", node: TWO });
        const here = set(7);
        expect([...items.members({ kind: TOY, key: [7] })]).toEqual([here]);
        const there = items.setIntent(shell.machine.nodes.get(TWO)!, kindOf(TOY), [7], { id: 7, value: 1 }, "converge");
        expect([...items.members({ kind: TOY, key: [7] })]).toEqual([here, there]);
        items.end(here, "done");
        expect([...items.members({ kind: TOY, key: [7] })]).toEqual([there]);
        expect([...items.members({ kind: TOY, key: [8] })]).toEqual([]);
    });
});

describe("references", () => {
    it("are items that need this one and stay themselves", () => {
        const needed = set(1);
        const staying = set(2, 1, [1]);
        const leaving = set(3, 1, [1]);
        items.removeIntent(leaving);
        expect([...items.referencesTo(needed)]).toEqual([staying]);
        expect(node.dependents.get(needed.text)).toEqual([staying, leaving]);
    });

    it("follow a changed intent", () => {
        const one = set(1);
        const two = set(2);
        const dependent = set(3, 1, [1]);
        set(3, 2, [2]);
        expect([...items.referencesTo(one)]).toEqual([]);
        expect([...items.referencesTo(two)]).toEqual([dependent]);
        expect(dependent.needs).toEqual([two.text]);
        items.end(dependent, "done");
        expect(node.dependents.size).toBe(0);
    });

    it("end with the item that made them", () => {
        const needed = set(1);
        items.end(set(2, 1, [1]), "done");
        expect([...items.referencesTo(needed)]).toEqual([]);
    });
});

describe("what the store takes back", () => {
    it("leaves no item where there was none", () => {
        set(2, 1, [1]);
        refuse();
        expect([items.size, node.items.size, node.owed.size, node.dependents.size]).toEqual([0, 0, 0, 0]);
    });

    it("puts the indexes back to the intent before", () => {
        const one = set(1);
        const two = set(2);
        const item = set(3, 1, [1]);
        land();
        const before = item.record;
        item.eligibleAtMs = 5;
        item.deferred = true;
        set(3, 2, [2]);
        refuse();
        expect(item.record).toBe(before);
        expect([...items.referencesTo(one)]).toEqual([item]);
        expect([...items.referencesTo(two)]).toEqual([]);
        expect([item.eligibleAtMs, item.deferred]).toEqual([0, false]);
    });

    it("brings a withdrawn item back, and its tombstone away", () => {
        const item = set(1);
        land();
        items.end(item, "withdrawn", { leaves: "mark" });
        refuse();
        expect(items.get(node, TOY, [1])).toBe(item);
        expect(item.end).toBeNull();
        expect([...node.owed]).toEqual([item]);
        expect(node.tombstones.size).toBe(0);
        expect([...items.members({ kind: TOY, key: [1] })]).toEqual([item]);
    });

    it("is not the end of an item that the device was rid of: that is progress", () => {
        const item = set(1);
        items.removeIntent(item);
        land();
        items.end(item, "done");
        refuse();
        expect(items.get(node, TOY, [1])).toBeUndefined();
        land();
        expect(item.durable).toBeNull();
    });
});

describe("a tombstone", () => {
    it("stays until the identity gets an intent, durably", () => {
        items.end(set(1), "withdrawn", { leaves: "mark" });
        land();
        expect(node.tombstones.has("toy/1")).toBe(true);
        set(1);
        expect(node.tombstones.size).toBe(0);
        refuse();
        expect(node.tombstones.has("toy/1")).toBe(true);
        items.forgetTombstone(node, TOY, [1]);
        expect(node.tombstones.size).toBe(0);
        items.forgetTombstone(node, TOY, [1]);
    });

    it("is not left when an item is done", () => {
        items.end(set(1), "done");
        expect(node.tombstones.size).toBe(0);
    });
});

describe("watchers of an attribute", () => {
    it("are the items whose kind names it, and follow what is set and ended", () => {
        const one = set(1);
        expect(watching(1)).toEqual([one]);
        expect(watching(2)).toEqual([]);
        const two = set(2);
        expect(watching(2)).toEqual([two]);
        items.end(one, "done");
        expect(watching(1)).toEqual([]);
    });

    it("stay with an item whose intent changes", () => {
        const item = set(1);
        expect(watching(1)).toEqual([item]);
        set(1, 2);
        expect(watching(1)).toEqual([item]);
    });

    it("are told apart by endpoint, cluster and attribute", () => {
        set(1);
        const path = pathOf(1);
        for (const other of [
            { ...path, endpoint: endpointNumber(2) },
            { ...path, cluster: 4 },
            { ...path, attribute: 3 },
        ]) {
            expect([...items.watching(node, other)]).toEqual([]);
        }
    });
});

describe("claims", () => {
    it("on a key set revision go from the old one to the new one", () => {
        const put = (startTime: bigint) =>
            shell.machine.keySets.put({ keySetId: ID, policy: 0, slots: [{ startTime, key: new Uint8Array(16) }] });
        put(1n);
        put(2n);
        const { keySets } = shell.machine;
        const revisions = () => {
            keySets.settle();
            return keySets.get(ID)!.revisions.map(({ revision }) => revision);
        };
        set(1, 1, [], "keyed");
        expect(revisions()).toEqual([1, 2]);
        const item = set(1, 2, [], "keyed");
        expect(revisions()).toEqual([2]);
        items.end(item, "done");
        expect(revisions()).toEqual([]);
    });

    it("on rows of a table go from the old row to the new one", () => {
        const use = node.capacity.of(toyTable);
        const item = set(1, 5, [], "counted");
        expect(use.hasItem(5)).toBe(true);
        set(1, 6, [], "counted");
        expect([use.hasItem(5), use.hasItem(6)]).toEqual([false, true]);
        items.end(item, "done");
        expect(use.hasItem(6)).toBe(false);
    });
});

describe("maintained items that no report covers", () => {
    it("are those in maintain of a kind without watch paths", () => {
        const item = set(1, 1, [], "keyed");
        expect([...node.unwatched]).toEqual([]);
        items.setMode(item, "maintain");
        expect([...node.unwatched]).toEqual([item]);
        items.setMode(item, "converge");
        expect([...node.unwatched]).toEqual([]);
        items.setMode(set(2), "maintain");
        expect([...node.unwatched]).toEqual([]);
        items.setMode(item, "maintain");
        items.end(item, "done");
        expect([...node.unwatched]).toEqual([]);
    });
});

it("a kind that is registered late gives its items their place in the indexes", () => {
    const record = { ...set(2, 1, [1]).record!, kind: "late", key: [9] };
    const item = items.load(node, 900, record);
    expect(item.definition).toBeNull();
    expect(node.dependents.get("toy/1")).not.toContain(item);
    const late = toyKind({ name: "late" }) as Kind;
    items.define(late, intent => ok(intent));
    expect(item.definition).toBe(late);
    expect(node.dependents.get("toy/1")).toContain(item);
});
