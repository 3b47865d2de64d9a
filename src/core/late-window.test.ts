import { beforeEach, describe, expect, it } from "vitest";
import { Status } from "./status.js";
import { ONE, withNode, type TestShell } from "./testing/test-shell.js";

let shell: TestShell;
beforeEach(() => {
    shell = withNode();
});

const mend = () => {
    shell.device().fault = () => undefined;
};

describe("a write that went unanswered", () => {
    const unknown = { kind: "unknown", reason: "timed out" } as const;

    beforeEach(() => {
        shell.device().fault = () => unknown;
        shell.set({ id: 1, value: 1 });
        mend();
        shell.asked();
    });

    it("of the present intent does not hold up its commit", () => {
        shell.run(1_000);
        expect(shell.record(1)!.state).toBe("committed");
        expect(shell.asked()).toEqual(["write 1=1"]);
    });

    it("of another intent does: the commit is recorded after a verify past the window", () => {
        shell.set({ id: 1, value: 2 });
        shell.run(29_999);
        expect(shell.record(1)).toMatchObject({ state: "pending", owes: "apply" });
        expect(shell.asked()).toEqual(["write 1=2"]);
        shell.run(1);
        expect(shell.asked()).toEqual(["read 1"]);
        expect(shell.record(1)!.state).toBe("committed");
        shell.run(3_600_000);
        expect(shell.asked()).toEqual([]);
    });

    it("of another intent that takes effect late is made good, in the same pass", () => {
        shell.set({ id: 1, value: 2 });
        shell.run(10_000);
        shell.device().values.set(1, 1);
        shell.run(20_000);
        expect(shell.asked()).toEqual(["write 1=2", "read 1", "write 1=2"]);
        expect(shell.record(1)!.state).toBe("committed");
        expect(shell.told("itemDrifted")).toEqual([]);
    });

    it("of another intent, whose verify cannot be read, is verified again", () => {
        shell.set({ id: 1, value: 2 });
        shell.run(1_000);
        shell.device().fault = () => ({ kind: "status", status: Status.BUSY });
        shell.run(29_000);
        mend();
        expect(shell.record(1)!.state).toBe("pending");
        shell.run(1_000);
        expect(shell.record(1)!.state).toBe("committed");
        expect(shell.asked()).toEqual(["write 1=2", "read 1", "read 1"]);
    });

    it("before a removal: the removal is done again after the window, and only then over", () => {
        shell.remove(1);
        shell.device().values.set(1, 1);
        shell.run(29_999);
        expect(shell.asked()).toEqual(["remove 1"]);
        expect(shell.record(1)!.state).toBe("deletePending");
        shell.run(1);
        expect(shell.asked()).toEqual(["remove 1"]);
        expect(shell.item(1)).toBeUndefined();
        expect(shell.device().values.size).toBe(0);
    });

    it("of one intent after another leaves neither trusted", () => {
        shell.device().fault = () => unknown;
        shell.set({ id: 1, value: 2 });
        shell.run(1_000);
        mend();
        shell.run(2_000);
        expect(shell.asked()).toEqual(["write 1=2", "write 1=2"]);
        expect(shell.record(1)!.state).toBe("pending");
        shell.run(60_000);
        expect(shell.asked()).toEqual(["read 1"]);
        expect(shell.record(1)!.state).toBe("committed");
    });

    it("no longer counts when the window is over", () => {
        shell.device().fault = () => ({ kind: "notSent", reason: "away" });
        shell.run(60_000);
        mend();
        shell.input({ type: "reachable", node: ONE });
        shell.set({ id: 1, value: 2 });
        shell.settle();
        expect(shell.record(1)!.state).toBe("committed");
    });
});

describe("a process that starts", () => {
    const restart = () => {
        shell.restart();
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
    };

    it("commits at once what no other intent was replaced on", () => {
        shell.device().fault = () => "silence";
        shell.set({ id: 1, value: 1 });
        mend();
        restart();
        expect(shell.record(1)!.state).toBe("committed");
    });

    it.each([
        ["a replaced intent", () => shell.set({ id: 1, value: 2 }), ["write 1=2"], ["read 1"]],
        ["a removal", () => shell.remove(1), ["remove 1"], ["remove 1"]],
    ])("assumes the worst of %s: a deadline and a window, then verified", (_what, change, first, second) => {
        shell.device().fault = () => "silence";
        shell.set({ id: 1, value: 1 });
        change();
        mend();
        restart();
        expect(shell.asked()).toEqual(first);
        expect(shell.record(1)!.owes).not.toBe("nothing");
        shell.run(59_999);
        expect(shell.asked()).toEqual([]);
        shell.run(1);
        expect(shell.asked()).toEqual(second);
        expect(shell.record(1)?.state).toBe(second[0] === "read 1" ? "committed" : undefined);
    });
});
