import { beforeEach, describe, expect, it } from "vitest";
import type { Observer } from "./context.js";
import { extend } from "./machine.js";
import type { Operation } from "./kind.js";
import { ONE, TWO, withNode, type TestShell } from "./testing/test-shell.js";
import { readToy, writeToy } from "./testing/toy-kind.js";
import { plainExtension } from "./testing/plain-extension.js";

let shell: TestShell;
let seen: (object | null)[];

/** Reads attributes 50 and 51. */
const reader = {
    *observe(): Operation<object> {
        const first = yield readToy(50);
        const second = yield readToy(51);
        return [first, second].map(answer => (answer.kind === "value" ? answer.value : answer.kind));
    },
};

function observing(observer: Pick<Observer, "observe"> = reader): void {
    shell.machine.context.observer = { ...observer, observed: (_node, observation) => void seen.push(observation) };
}

function ask(): void {
    const node = shell.machine.nodes.get(ONE)!;
    node.next.observe = true;
    shell.machine.lanes.want(node);
    shell.input({ type: "wake" });
}

beforeEach(() => {
    shell = withNode();
    seen = [];
});

describe("an observation", () => {
    it("is made once when it is asked for, before the rest of the pass", () => {
        observing();
        shell.device().values.set(50, 7);
        shell.set({ id: 1, value: 1 });
        shell.asked();
        ask();
        shell.settle();
        expect(seen).toEqual([[7, null]]);
        expect(shell.asked()).toEqual(["read 50", "read 51"]);
        shell.do({ type: "reconcile", node: ONE, verify: "all" });
        expect(shell.asked()).toEqual(["read 1"]);
    });

    it("is made again when the node did not answer all of it, by itself", () => {
        observing();
        shell.device().fault = request => (request.op === "read" && request.attribute === 51 ? { kind: "unknown", reason: "silence" } : undefined);
        ask();
        shell.settle();
        expect(seen).toEqual([]);
        shell.device().fault = () => undefined;
        shell.run(60_000);
        expect(seen).toEqual([[null, null]]);
    });

    it("shares its answers with what is verified in the same pass", () => {
        observing();
        shell.set({ id: 50, value: 1 });
        shell.asked();
        shell.machine.nodes.get(ONE)!.next.verifyAll = true;
        ask();
        shell.settle();
        expect(shell.asked()).toEqual(["read 50", "read 51"]);
    });

    it("may do what it finds out: an intent set then is applied in the same pass", () => {
        shell.machine.context.observer = {
            ...reader,
            observed: node => void shell.machine.items.setIntent(node, shell.machine.context.kinds.get("toy")!, [3], { id: 3, value: 3 }, "converge"),
        };
        ask();
        shell.settle();
        expect(shell.record(3)).toMatchObject({ state: "committed" });
        expect(shell.asked()).toEqual(["read 50", "read 51", "write 3=3"]);
    });

    it.each([
        ["writes", function* (): Operation<object> { yield writeToy(50, 1); return {}; }],
        ["asks for ever", function* (): Operation<object> { for (;;) { yield readToy(50); } }],
        ["throws", function* (): Operation<object> { throw new TypeError("no"); }],
        ["returns nothing", function* (): Operation<object> { return undefined as never; }],
    ])("is void when the observer %s", (_what, observe) => {
        observing({ observe });
        ask();
        shell.settle();
        expect(seen).toEqual([null]);
        expect(shell.device().values.size).toBe(0);
    });
});

describe("an extension", () => {
    it("is told what is stored of items, and of nodes that can be reached though nobody manages them", () => {
        const landed: (string | null)[] = [];
        const reachable: bigint[] = [];
        extend(shell.machine, {
            ...plainExtension,
            itemLanded: item => void landed.push(item.durable?.state ?? null),
            nodeReachable: node => void reachable.push(node),
        });
        shell.set({ id: 1, value: 1 });
        shell.remove(1);
        expect(landed).toEqual(["pending", "committed", "deletePending", null]);
        shell.input({ type: "reachable", node: TWO });
        expect(reachable).toEqual([TWO]);
    });
});
