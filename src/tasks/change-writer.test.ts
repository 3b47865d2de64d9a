/** Goal: runs that want the same share it and know the value from before all of them; what cannot be relied on, or is needed, is left. */
import { describe, expect, it } from "vitest";
import { ONE, TWO } from "../core/testing/test-shell.js";
import { TOY } from "../core/testing/toy-kind.js";
import { withNodes } from "./testing/task-shell.js";
import { drop, put, toyTask } from "./testing/toy-task.js";

const hang = put(99, 1, TWO);
const a = toyTask("a", { phases: [{ wants: [put(1, 10), hang] }] });
const b = toyTask("b", { phases: [{ wants: [put(1, 10), hang] }] });

/** Both live at once, on one node; node two is silent. */
function shared() {
    const shell = withNodes(a, b);
    shell.set({ id: 1, value: 3 });
    shell.silence(TWO);
    const ids = [shell.begin("a"), shell.begin("b")] as const;
    return { shell, ids };
}

describe("two runs that want the same", () => {
    it("share the item and write it once", () => {
        const { shell } = shared();
        expect(shell.asked().filter(text => text === "write 1=10")).toHaveLength(1);
    });

    it("both know the value from before the first of them", () => {
        const { shell, ids } = shared();
        for (const id of ids) {
            expect(shell.image.run.get(id)).toMatchObject({ changeSet: [{ key: [1], prior: { intent: { value: 3 } } }, {}] });
        }
    });

    it("keep it while either wants it, and restore it when neither does", () => {
        const { shell, ids } = shared();
        shell.do({ type: "cancel", run: ids[0] });
        expect(shell.record(1)!.intent).toMatchObject({ value: 10 });
        shell.do({ type: "cancel", run: ids[1] });
        shell.back(TWO);
        expect(ids.map(id => shell.infoOf(id).state)).toEqual(["cancelled", "cancelled"]);
        expect(shell.record(1)!.intent).toMatchObject({ value: 3 });
        expect(shell.device().values.get(1)).toBe(3);
        expect(shell.infoOf(ids[0]).notRestored).toMatchObject([{ key: [1], reason: "stillReferenced" }, { key: [99] }]);
    });
});

describe("a run", () => {
    it("cannot rely on what is being removed", () => {
        const shell = withNodes(toyTask("needy", { phases: [{ wants: [put(2, 2, ONE, [1])] }] }));
        shell.set({ id: 1, value: 1 });
        shell.silence();
        shell.remove(1);
        const id = shell.begin("needy");
        expect(shell.infoOf(id)).toMatchObject({ state: "failed", cause: { code: "DEPENDENCY_LEAVING", details: { item: "toy/1" } } });
        expect(shell.record(2)).toBeUndefined();
    });

    it("that comes to want something else than another in a later phase goes back", () => {
        const later = toyTask("later", { phases: [{ wants: [put(2, 2)] }, { wants: () => [put(1, 11)] }] });
        const shell = withNodes(a, later);
        shell.silence(TWO);
        const owner = shell.begin("a");
        const id = shell.begin("later");
        expect(shell.infoOf(id)).toMatchObject({ state: "failed", cause: { code: "ITEM_OCCUPIED", details: { run: owner } } });
        expect(shell.record(1)!.intent).toMatchObject({ value: 10 });
        expect(shell.record(2)).toBeUndefined();
    });

    it("knows in which phase it touched an item first", () => {
        const shell = withNodes(toyTask("twice", { phases: [{ wants: [put(1, 10)] }, { wants: [put(1, 20), hang] }] }));
        shell.silence(TWO);
        const id = shell.begin("twice");
        expect(shell.image.run.get(id)).toMatchObject({ changeSet: [{ key: [1], phase: 0, prior: null }, { key: [99], phase: 1 }] });
    });

    it("that wants what was being removed lets the removal go on when it is cancelled", () => {
        const shell = withNodes(a);
        shell.set({ id: 1, value: 3 });
        shell.silence(ONE);
        shell.silence(TWO);
        shell.remove(1);
        const id = shell.begin("a");
        expect(shell.record(1)).toMatchObject({ owes: "apply", intent: { value: 10 } });
        shell.do({ type: "cancel", run: id });
        shell.back(ONE);
        shell.back(TWO);
        expect(shell.infoOf(id)).toMatchObject({ state: "cancelled", notRestored: [] });
        expect(shell.record(1)).toBeUndefined();
        expect(shell.device().values.size).toBe(0);
    });

    it("does not remove what something else needs", () => {
        const shell = withNodes(toyTask("away", { phases: [{ wants: [drop(1)], awaits: [] }] }));
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 2, value: 2, needs: [1] });
        expect(shell.infoOf(shell.begin("away")).state).toBe("completed");
        expect(shell.record(1)).toMatchObject({ state: "committed" });
    });

    it("does not remove what a live run wants", () => {
        const shell = withNodes(a, toyTask("away", { phases: [{ wants: [drop(1)], awaits: [] }] }));
        shell.silence(TWO);
        shell.begin("a");
        const id = shell.begin("away");
        expect(shell.infoOf(id).state).toBe("completed");
        expect(shell.device().values.get(1)).toBe(10);
    });

    it("has its items protected from direct changes while it lives", () => {
        const { shell, ids } = shared();
        expect(shell.set({ id: 1, value: 4 })).toMatchObject({ ok: false, error: { code: "ITEM_OCCUPIED", details: { run: ids[0] } } });
        expect(shell.remove(1)).toMatchObject({ ok: false, error: { code: "ITEM_OCCUPIED" } });
        shell.back(TWO);
        expect(shell.set({ id: 1, value: 4 })).toMatchObject({ ok: true });
    });

    it("has what its items need protected from removal", () => {
        const shell = withNodes(toyTask("needy", { phases: [{ wants: [put(2, 2, ONE, [1]), hang] }] }));
        shell.set({ id: 1, value: 1 });
        shell.silence(TWO);
        shell.begin("needy");
        expect(shell.remove(1)).toMatchObject({ ok: false, error: { code: "ITEM_REFERENCED" } });
    });

    it("has what its rollback will need protected from removal", () => {
        const shell = withNodes(toyTask("away", { phases: [{ wants: [drop(2)] }, { wants: [hang] }] }));
        shell.set({ id: 1, value: 1 });
        shell.set({ id: 2, value: 2, needs: [1] });
        shell.silence(TWO);
        const id = shell.begin("away");
        expect(shell.record(2)).toBeUndefined();
        expect(shell.remove(1)).toMatchObject({ ok: false, error: { code: "ITEM_REFERENCED", details: { run: id } } });
        shell.do({ type: "cancel", run: id });
        shell.back(TWO);
        expect(shell.record(2)).toMatchObject({ state: "committed" });
    });

    it("that is forced out of a shared item takes every run that shares it back", () => {
        const { shell, ids } = shared();
        shell.do({ type: "change", changes: [{ op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 4 } }], force: true });
        shell.back(TWO);
        for (const id of ids) {
            expect(shell.infoOf(id)).toMatchObject({ state: "failed", cause: { code: "ITEM_OCCUPIED" } });
            expect(shell.infoOf(id).notRestored).toContainEqual({ node: ONE, kind: TOY, key: [1], reason: "forced" });
        }
        expect(shell.device().values.get(1)).toBe(4);
    });
});
