import { beforeEach, describe, expect, it } from "vitest";
import type { Change } from "./command.js";
import type { Extension } from "./context.js";
import { Limits } from "./limits.js";
import { extend } from "./machine.js";
import { ONE, TWO, withNode, type TestShell } from "./testing/test-shell.js";
import { TOY, toyKind } from "./testing/toy-kind.js";

let shell: TestShell;
beforeEach(() => {
    shell = withNode();
});

const set = (id: number, value = 1, needs: number[] = []) => ({ op: "set", node: ONE, kind: TOY, intent: { id, value, needs } }) as const;
const remove = (id: number) => ({ op: "remove", node: ONE, kind: TOY, key: [id] }) as const;
const code = (...changes: Change[]) => {
    const reply = shell.change(...changes);
    return reply?.ok === false ? reply.error.code : "accepted";
};
const away = () => {
    shell.device().fault = () => ({ kind: "notSent", reason: "away" });
};

describe("a change", () => {
    it("of several items is durable in one batch", () => {
        shell.set({ id: 3, value: 1 });
        shell.send({ type: "change", changes: [set(1), set(2), remove(3)] });
        expect(shell.batch!.puts.map(put => put.record)).toMatchObject([
            { key: [1], state: "pending", owes: "apply" },
            { key: [2], state: "pending", owes: "apply" },
            { key: [3], state: "deletePending", owes: "remove" },
        ]);
    });

    it.each<[string, Change]>([
        ["UNKNOWN_NODE", { ...set(1), node: TWO }],
        ["UNKNOWN_NODE", { ...remove(1), node: TWO }],
        ["UNKNOWN_KIND", { ...set(1), kind: "nothing" }],
        ["INVALID_INTENT", { ...set(1), intent: { id: 1 } }],
        ["INVALID_COMMAND", { ...set(1), mode: "sometimes" as never }],
        ["ITEM_REFERENCED", remove(8)],
    ])("that is refused with %s changes nothing of it", (expected, refused) => {
        shell.change(set(6), set(8), set(9, 1, [8]));
        const { generation } = shell.record(6)!;
        for (const changes of [
            [set(5), set(6, 2), refused],
            [refused, set(5)],
        ]) {
            expect(code(...changes)).toBe(expected);
            expect(shell.item(5)).toBeUndefined();
            expect(shell.record(6)!.generation).toBe(generation);
            expect(shell.machine.context.ledger.idle).toBe(true);
        }
    });

    it("is bounded", () => {
        const many = Array.from({ length: Limits.changesPerCommand + 1 }, (_, i) => remove(i + 1));
        expect(code(...many)).toBe("INVALID_COMMAND");
        expect(code(...many.slice(1))).toBe("accepted");
    });

    it("says once what is to become of an item", () => {
        expect(code(set(5), remove(5))).toBe("INVALID_COMMAND");
        expect(shell.item(5)).toBeUndefined();
    });

    it("of a kind that throws is refused, and stops nothing", () => {
        const boom = () => {
            throw new TypeError("boom");
        };
        shell = withNode({ kinds: [toyKind({ validate: boom })] });
        expect(code(set(1))).toBe("DEFINITION_FAULTY");
        shell = withNode({ kinds: [toyKind({ keyOf: boom })] });
        expect(code(set(1))).toBe("DEFINITION_FAULTY");
    });
});

describe("setting an intent", () => {
    it.each([
        ["committed", () => {}],
        ["pending", away],
    ])("that is equal on a %s item changes nothing", (state, prepare) => {
        prepare();
        shell.change(set(1));
        shell.asked();
        const before = shell.record(1);
        expect(before!.state).toBe(state);
        expect(code(set(1))).toBe("accepted");
        expect(shell.record(1)).toBe(before);
        expect(shell.asked()).toEqual([]);
    });

    it("that is equal on a failed one starts afresh", () => {
        shell.device().fault = () => ({ kind: "status", status: 0x87 });
        shell.change(set(1));
        const { generation } = shell.record(1)!;
        shell.change(set(1));
        expect(shell.record(1)!.generation).toBeGreaterThan(generation);
        expect(shell.record(1)!.failure!.attempts).toBe(1);
    });

    it("that is equal on one being removed starts afresh", () => {
        shell.change(set(1));
        away();
        shell.change(remove(1));
        expect(code(set(1))).toBe("accepted");
        expect(shell.record(1)).toMatchObject({ state: "pending", owes: "apply", replaced: true });
    });

    it("that is equal, in another mode, changes the mode only", () => {
        shell.change(set(1));
        shell.asked();
        const { generation } = shell.record(1)!;
        shell.change({ ...set(1), mode: "maintain" });
        expect(shell.record(1)).toMatchObject({ mode: "maintain", state: "committed", generation });
        expect(shell.asked()).toEqual([]);
    });
});

describe("removing an item", () => {
    it("that is not there is done", () => {
        expect(code(remove(1))).toBe("accepted");
        expect(shell.machine.context.ledger.idle).toBe(true);
    });

    it("that is being removed already changes nothing", () => {
        shell.change(set(1));
        away();
        shell.change(remove(1));
        const before = shell.record(1);
        expect(code(remove(1))).toBe("accepted");
        expect(shell.record(1)).toBe(before);
    });

    it("that others need is refused, until they leave too", () => {
        shell.change(set(1), set(2, 1, [1]), set(3, 1, [1]));
        expect(code(remove(1))).toBe("ITEM_REFERENCED");
        expect(code(remove(1), remove(2))).toBe("ITEM_REFERENCED");
        expect(code(remove(1), remove(2), remove(3))).toBe("accepted");
        expect(shell.machine.items.size).toBe(0);
    });

    it("that others need goes when these are on their way out", () => {
        shell.change(set(1), set(2, 1, [1]));
        away();
        shell.change(remove(2));
        expect(code(remove(1))).toBe("accepted");
    });
});

describe("an intent that needs what is leaving", () => {
    it.each([
        ["before this command", [], "DEPENDENCY_LEAVING"],
        ["but is set again in the same command", [set(1)], "accepted"],
    ] as const)("%s", (_when, also, expected) => {
        shell.change(set(1));
        away();
        shell.change(remove(1));
        expect(code(set(2, 1, [1]), ...also)).toBe(expected);
    });

    it("in the same command is refused", () => {
        shell.change(set(1));
        expect(code(remove(1), set(2, 1, [1]))).toBe("DEPENDENCY_LEAVING");
        expect(shell.record(1)!.state).toBe("committed");
    });
});

describe("an item in the hands of a run", () => {
    const forced: unknown[] = [];
    const runs = (item: number, needed: number): Extension => ({
        command: () => false,
        itemChanged: () => {},
        nodeRemoved: () => {},
        kindRegistered: () => {},
        occupant: each => (each.key[0] === item ? 77 : 0),
        forcedOut: each => forced.push(each.key[0]),
        neededBy: each => (each.key[0] === needed ? 78 : 0),
        drive: () => {},
        storeRefused: () => {},
        storeRecovered: () => {},
    });

    beforeEach(() => {
        forced.length = 0;
        shell.change(set(1), set(2));
        extend(shell.machine, runs(1, 2));
    });

    it.each<[string, Change]>([
        ["set", set(1, 2)],
        ["removed", remove(1)],
    ])("is not changed behind its back (%s)", (_what, change) => {
        expect(shell.change(set(5), change)).toMatchObject({ ok: false, error: { code: "ITEM_OCCUPIED", details: { run: 77 } } });
        expect(shell.item(5)).toBeUndefined();
        expect(shell.do({ type: "withdraw", node: ONE, kind: TOY, key: [1] })).toMatchObject({ error: { code: "ITEM_OCCUPIED" } });
    });

    it.each<[string, Change]>([
        ["set", set(1, 2)],
        ["removed", remove(1)],
    ])("is changed by force, and the run is told (%s)", (_what, change) => {
        expect(shell.do({ type: "change", changes: [change], force: true })).toMatchObject({ ok: true });
        expect(forced).toEqual([1]);
    });

    it("forces out no run that it does not touch", () => {
        shell.do({ type: "change", changes: [set(2, 2)], force: true });
        expect(forced).toEqual([]);
    });

    it("that a run needs is not removed, not even by force", () => {
        for (const force of [false, true]) {
            expect(shell.do({ type: "change", changes: [remove(2)], force })).toMatchObject({ error: { code: "ITEM_REFERENCED", details: { run: 78 } } });
        }
    });
});
