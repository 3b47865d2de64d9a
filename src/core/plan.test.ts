import { beforeEach, describe, expect, it } from "vitest";
import type { Item } from "./item.js";
import { PassRequest } from "./pass-request.js";
import { blocker, decide, decideDrift, sortForAction, type Decision } from "./plan.js";
import type { ItemRecord } from "./records.js";
import { ONE, TestShell } from "./testing/test-shell.js";
import { TOY, toyKind } from "./testing/toy-kind.js";

const NOW = 1_000;

let shell: TestShell;
beforeEach(() => {
    shell = new TestShell({ kinds: [toyKind(), toyKind({ name: "early", applyOrder: 5, removeOrder: 20 })] });
    shell.do({ type: "addNode", node: ONE });
});

/** An item whose record is changed for the test, past the machine. */
function given(id: number, changes: Partial<ItemRecord> = {}, needs: readonly number[] = [], kind = TOY): Item {
    const { machine } = shell;
    const node = machine.nodes.get(ONE)!;
    const item = machine.items.setIntent(node, machine.context.kinds.get(kind)!, [id], { id, value: 1, needs }, "converge");
    if (Object.keys(changes).length > 0) {
        machine.items.write(item, { ...item.record!, ...changes });
    }
    return item;
}

const committed = () => ({ state: "committed", owes: "nothing", incarnation: shell.machine.nodes.get(ONE)!.record!.incarnation }) as const;
const removing = { state: "deletePending", owes: "remove" } as const;

describe("what is owed", () => {
    it.each<[string, Partial<ItemRecord>, number, Decision]>([
        ["pending: applied", {}, 0, "apply"],
        ["to be removed: removed", removing, 0, "remove"],
        ["failed, retry time reached: that operation again (apply)", { state: "commitFailed", owes: "apply" }, NOW, "apply"],
        ["failed, retry time reached: that operation again (remove)", { state: "commitFailed", owes: "remove" }, NOW, "remove"],
        ["failed, retry time not reached: kept", { state: "commitFailed", owes: "apply" }, NOW + 1, "keep"],
        ["removal failed, retry time not reached: kept", { state: "commitFailed", owes: "remove" }, NOW + 1, "keep"],
        ["terminal: kept", { state: "commitFailed", owes: "apply" }, Infinity, "keep"],
        ["committed: nothing", { state: "committed", owes: "nothing" }, 0, "keep"],
    ])("%s", (_what, changes, eligibleAtMs, expected) => {
        const item = given(1, changes);
        item.eligibleAtMs = eligibleAtMs;
        expect(decide(item, NOW)).toBe(expected);
    });

    it("applied but not recorded: verified first", () => {
        const item = given(1);
        item.deferred = true;
        expect(decide(item, NOW)).toBe("verify");
        shell.machine.items.removeIntent(item);
        expect(decide(item, NOW)).toBe("remove");
    });

    it("of a kind that is not registered: kept", () => {
        const item = given(1);
        item.definition = null;
        expect(decide(item, NOW)).toBe("keep");
        expect(blocker(item)).toBeNull();
    });

    it("ended meanwhile: nothing", () => {
        const item = given(1, removing);
        shell.machine.items.end(item, "done");
        expect(decide(item, NOW)).toBe("keep");
        expect(blocker(item)).toBeNull();
    });
});

describe("dependencies", () => {
    it.each<[string, () => Partial<ItemRecord>, Decision]>([
        ["pending", () => ({}), "wait"],
        ["failed", () => ({ state: "commitFailed" }), "wait"],
        ["being removed", () => removing, "wait"],
        ["committed in an earlier incarnation of the node", () => ({ ...committed(), incarnation: 0 }), "wait"],
        ["committed", committed, "apply"],
    ])("an item whose need is %s: %s", (_what, changes, expected) => {
        const needed = given(1, changes());
        const item = given(2, {}, [1]);
        expect(decide(item, NOW)).toBe(expected);
        expect(blocker(item)).toBe(expected === "wait" ? needed : null);
    });

    it("what nobody manages does not block", () => {
        expect(decide(given(2, {}, [1]), NOW)).toBe("apply");
    });

    it("every need counts", () => {
        given(1, committed());
        const second = given(2);
        expect(blocker(given(3, {}, [1, 2]))).toBe(second);
    });

    it("a removal waits until what depends on it is gone, whatever that one owes", () => {
        const needed = given(1, removing);
        const dependent = given(2, committed(), [1]);
        expect(decide(needed, NOW)).toBe("wait");
        shell.machine.items.removeIntent(dependent);
        expect(decide(needed, NOW)).toBe("wait");
        expect(blocker(needed)).toBe(dependent);
        shell.machine.items.end(dependent, "done");
        expect(decide(needed, NOW)).toBe("remove");
    });

    it("a removal does not wait for what the item itself needs", () => {
        given(1);
        expect(decide(given(2, removing, [1]), NOW)).toBe("remove");
    });
});

describe("the order of action", () => {
    it("is applies by apply order, then removals by removal order, equal ones by age", () => {
        const items = [
            given(1, removing, [], "early"),
            given(2, removing),
            given(3),
            given(4, {}, [], "early"),
            given(5),
            given(6, { state: "commitFailed", owes: "remove" }),
        ];
        const order = sortForAction([...items].reverse()).reverse();
        expect(order.map(item => item.key[0])).toEqual([4, 3, 5, 2, 6, 1]);
    });
});

describe("drift of a committed item", () => {
    let item: Item;
    let request: PassRequest;
    beforeEach(() => {
        item = given(1, committed());
        request = new PassRequest();
    });

    it("is recorded, in converge", () => {
        expect(decideDrift(item, request, true)).toBe("record");
    });

    it.each(["converge", "maintain"] as const)("is rewritten when that is asked of it, in %s, whatever the budget", mode => {
        shell.machine.items.setMode(item, mode);
        item.held = true;
        request.addRewrite(item);
        expect(decideDrift(item, request, false)).toBe("rewrite");
        const all = new PassRequest();
        all.rewriteAll = true;
        expect(decideDrift(item, all, false)).toBe("rewrite");
    });

    it("is recorded when rewriting is asked of another one", () => {
        request.addRewrite(given(2, committed()));
        expect(decideDrift(item, request, true)).toBe("record");
    });

    it("is rewritten within the budget, in maintain, else held", () => {
        shell.machine.items.setMode(item, "maintain");
        expect(decideDrift(item, request, true)).toBe("rewriteWithinBudget");
        expect(decideDrift(item, request, false)).toBe("hold");
        item.held = true;
        expect(decideDrift(item, request, true)).toBe("hold");
    });
});
