import { beforeEach, describe, expect, it } from "vitest";
import { done } from "./kind.js";
import { isInteraction, isQuery } from "./pass.js";
import { ONE, withNode, type TestShell } from "./testing/test-shell.js";
import { readToy, removeToy, TOY, toyKind, writeToy } from "./testing/toy-kind.js";

const reconcile = { type: "reconcile", node: ONE, verify: "all" } as const;

let shell: TestShell;

describe("what a pass has read", () => {
    /** Reads attribute 100 + value; asks attribute 100 + value again after a write. */
    const shared = toyKind({
        *apply({ intent }) {
            yield readToy(100 + intent.value);
            yield writeToy(intent.id, intent.value);
            yield readToy(100 + intent.value);
            return done;
        },
        *verify({ intent }) {
            yield readToy(100 + intent.value);
            yield { ...removeToy(intent.value % 2), query: true };
            return { holds: true };
        },
    });
    beforeEach(() => {
        shell = withNode({ kinds: [shared] });
    });

    const set = (count: number, distinct: number) =>
        shell.do({
            type: "change",
            changes: Array.from({ length: count }, (_, id) => ({ op: "set", node: ONE, kind: TOY, intent: { id, value: id % distinct } })),
        });

    it.each([
        [6, 3],
        [30, 12],
    ])("is asked once, by however many items: %i items, %i paths", (count, distinct) => {
        set(count, distinct);
        shell.asked();
        shell.do(reconcile);
        const expected = [...Array.from({ length: distinct }, (_, i) => `read ${100 + i}`), "remove 0", "remove 1"];
        expect(shell.asked().sort()).toEqual(expected.sort());
    });

    it("is asked again by the next pass", () => {
        set(1, 1);
        shell.asked();
        shell.do(reconcile);
        shell.do(reconcile);
        expect(shell.asked()).toEqual(["read 100", "remove 0", "read 100", "remove 0"]);
    });

    it("is never used by an operation that writes", () => {
        set(2, 1);
        expect(shell.asked()).toEqual(["read 100", "write 0=0", "read 100", "read 100", "write 1=0", "read 100"]);
    });
});

describe("a step that is no interaction with the node", () => {
    const nonce = { op: "nonce" } as const;

    it("changes nothing there, and is carried out each time", () => {
        const nosy = toyKind({
            *verify() {
                yield nonce;
                yield nonce;
                return { holds: true };
            },
        });
        shell = withNode({ kinds: [nosy] });
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 2, value: 1 });
        shell.device().fault = request => ("endpoint" in request ? undefined : { kind: "response", fields: {} });
        shell.asked();
        shell.do(reconcile);
        expect(shell.asked()).toEqual(["nonce", "nonce", "nonce", "nonce"]);
        expect([isQuery(nonce), isInteraction(nonce), isInteraction(readToy(1))]).toEqual([true, false, true]);
    });
});
