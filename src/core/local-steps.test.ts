import { beforeEach, describe, expect, it } from "vitest";
import { done, type Kind, type KindAnswer, type LocalStep } from "./kind.js";
import type { TestShell } from "./testing/test-shell.js";
import { ONE, withNode } from "./testing/test-shell.js";
import { readToy, TOY, toyKind, writeToy, type ToyIntent } from "./testing/toy-kind.js";

/** Goal: what an item owns on a device is durable before the write that makes it, and operations see their siblings as they are at that moment. */

const own = { owns: "mine" };
let seen: KindAnswer[];
let claims: LocalStep;
let shell: TestShell;

const claiming: Kind<ToyIntent> = toyKind({
    *apply({ intent }) {
        yield readToy(intent.id);
        seen.push(yield { op: "siblings" });
        seen.push(yield claims);
        yield writeToy(intent.id, intent.value);
        return done;
    },
});

beforeEach(() => {
    seen = [];
    claims = { op: "claim", claims: [{ key: [1], claim: own }] };
    shell = withNode({ kinds: [claiming] });
});

/** The intent is durable, and the read before the claim answered. */
function begin(intent: ToyIntent): void {
    shell.send({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent }] });
    shell.stored();
    shell.answer();
}

const recordOf = (id: number) => shell.item(id)?.record;

describe("a claim", () => {
    it("holds the write back until it is durable", () => {
        begin({ id: 1, value: 7 });
        expect([shell.requests.length, recordOf(1)?.claim]).toEqual([0, own]);
        shell.stored();
        expect(shell.asked()).toEqual(["read 1", "write 1=7"]);
        expect(seen.at(-1)).toEqual({ kind: "claimed" });
    });

    it("waits for the next batch when the store refuses one", () => {
        begin({ id: 1, value: 7 });
        shell.stored(false);
        expect(shell.requests).toEqual([]);
        shell.run(5_000);
        shell.settle();
        expect(shell.device().values.get(1)).toBe(7);
    });

    it("survives a restart, and a new intent", () => {
        shell.set({ id: 1, value: 7 });
        shell.settle();
        shell.restart();
        expect(recordOf(1)?.claim).toEqual(own);
        shell.set({ id: 1, value: 8 });
        expect(recordOf(1)?.claim).toEqual(own);
    });

    it("can be made for a sibling, given up, and is dropped where the sibling is gone", () => {
        shell.set({ id: 2, value: 1 });
        shell.settle();
        claims = { op: "claim", claims: [{ key: [2], claim: own }, { key: [9], claim: own }] };
        shell.set({ id: 1, value: 7 });
        shell.settle();
        expect([recordOf(2)?.claim, shell.device().values.get(1)]).toEqual([own, 7]);
        claims = { op: "claim", claims: [{ key: [2], claim: null }] };
        shell.set({ id: 1, value: 8 });
        shell.settle();
        expect([recordOf(2)?.claim, shell.device().values.get(1)]).toEqual([undefined, 8]);
    });

    it("is made again when the node became another one before it was durable", () => {
        begin({ id: 1, value: 7 });
        shell.send({ type: "renewNode", node: ONE });
        shell.settle();
        expect([recordOf(1)?.claim, shell.device().values.get(1)]).toEqual([own, 7]);
    });

    it("stays when the store refuses that the node became another one", () => {
        shell.set({ id: 1, value: 7 });
        shell.settle();
        shell.send({ type: "renewNode", node: ONE });
        shell.stored(false);
        shell.settle();
        shell.run(5_000);
        expect(recordOf(1)?.claim).toEqual(own);
    });

    it("is void on a node that was reset", () => {
        shell.set({ id: 1, value: 7 });
        shell.settle();
        shell.send({ type: "renewNode", node: ONE });
        expect(recordOf(1)?.claim).toBeUndefined();
    });
});

describe("siblings", () => {
    it("are the items of the kind on the node, with what they own and whether they leave", () => {
        shell.set({ id: 1, value: 7 });
        shell.settle();
        shell.set({ id: 2, value: 5 });
        shell.settle();
        expect(seen.at(-2)).toEqual({
            kind: "siblings",
            administrator: null,
            items: [
                { key: [1], intent: { id: 1, value: 7 }, claim: own, isLeaving: false },
                { key: [2], intent: { id: 2, value: 5 }, claim: null, isLeaving: false },
            ],
        });
    });

    it("come with who the manager is", () => {
        const administrator = { nodeId: ONE, caseAuthenticatedTags: [0xabcd_0001] };
        shell.send({ type: "setAdministrator", administrator });
        shell.set({ id: 1, value: 7 });
        shell.settle();
        expect(seen[0]).toMatchObject({ administrator });
    });
});

it("an operation that goes on asking is stopped", () => {
    const endless = toyKind({
        *apply() {
            for (;;) {
                yield { op: "siblings" };
            }
        },
    });
    shell = withNode({ kinds: [endless] });
    shell.set({ id: 1, value: 7 });
    shell.settle();
    expect(recordOf(1)?.failure).toMatchObject({ class: "terminal", message: expect.stringContaining("more than") as string });
});
