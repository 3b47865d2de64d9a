/** Goal: while an operation that wants the node for itself is not seen to be over, nothing else is written there; and never for longer than it says. */
import { beforeEach, describe, expect, it } from "vitest";
import { explainItem } from "../tasks/explain.js";
import { identityText } from "./identity.js";
import { answerStatus, done, failed, type Kind, type OperationResult } from "./kind.js";
import { statusFailure } from "./outcome.js";
import { Status } from "./status.js";
import { ONE, withNode, type TestShell } from "./testing/test-shell.js";
import { readToy, toyKind, writeToy, type ToyIntent } from "./testing/toy-kind.js";

const VAULT = "vault";
/** The node is locked up while this holds 1. */
const DOOR = 900;
const LOCK_MS = 210_000;
const unknown = { kind: "unknown", reason: "no answer" } as const;

/** Opens the door, writes, and closes the door again. A removal closes it and leaves the rest. */
function vaultKind(failure?: OperationResult): Kind<ToyIntent> {
    return toyKind({
        name: VAULT,
        applyOrder: 5,
        locksNodeMs: LOCK_MS,
        *apply({ intent }) {
            yield writeToy(DOOR, 1);
            if (failure !== undefined) {
                return failure;
            }
            yield writeToy(intent.id, intent.value);
            const status = answerStatus(yield writeToy(DOOR, 0));
            return status === Status.SUCCESS ? done : failed(statusFailure(status, "closing the door"));
        },
        *remove() {
            yield writeToy(DOOR, 0);
            return { done: true, withdrawn: true };
        },
    });
}

let shell: TestShell;
beforeEach(() => {
    shell = withNode({ kinds: [vaultKind(), toyKind()] });
});

/** The node does not answer writes of this attribute. */
const silent = (attribute: number) => {
    shell.device().fault = request => (request.op === "write" && request.attribute === attribute ? unknown : undefined);
};
const mend = () => {
    shell.device().fault = () => undefined;
};
const setVault = (value: number) => shell.change({ op: "set", node: ONE, kind: VAULT, intent: { id: 1, value }, mode: "converge" });
const vault = () => shell.machine.nodes.get(ONE)!.items.get(identityText(VAULT, [1]));

/** A vault that was opened and written, whose door was not seen to close, and a toy that waits. */
const openVault = () => {
    silent(DOOR);
    setVault(7);
    shell.asked();
    shell.set({ id: 2, value: 2 });
};

describe("an operation that wants the node for itself", () => {
    it("goes first, and lets the others go on in the same pass when it is over", () => {
        shell.change(
            { op: "set", node: ONE, kind: "toy", intent: { id: 2, value: 2 }, mode: "converge" },
            { op: "set", node: ONE, kind: VAULT, intent: { id: 1, value: 7 }, mode: "converge" },
        );
        expect(shell.asked()).toEqual(["write 900=1", "write 1=7", "write 900=0", "write 2=2"]);
    });

    it("keeps them waiting while its outcome is not known, and is tried again before them", () => {
        openVault();
        shell.run(10_000);
        expect(shell.asked()).toEqual(["write 900=1", "write 900=1", "write 900=1"]);
        mend();
        shell.run(10_000);
        expect(shell.asked()).toEqual(["write 900=1", "write 1=7", "write 900=0", "write 2=2"]);
        expect(shell.record(2)!.state).toBe("committed");
    });

    it("keeps them waiting when another intent stops it half-way", () => {
        shell.set({ id: 2, value: 2 });
        shell.asked();
        shell.device().fault = request => (request.op === "write" && request.attribute === DOOR ? "silence" : undefined);
        setVault(7);
        shell.set({ id: 2, value: 3 });
        setVault(8);
        mend();
        shell.settle();
        expect(shell.asked()).toEqual(["write 900=1", "write 900=1", "write 1=8", "write 900=0", "write 2=3"]);
    });

    it("keeps them waiting when it is removed half-way, until its removal is over", () => {
        openVault();
        shell.change({ op: "remove", node: ONE, kind: VAULT, key: [1] });
        shell.run(60_000);
        mend();
        shell.asked();
        shell.run(300_000);
        expect(shell.asked().slice(0, 2)).toEqual(["write 900=0", "write 2=2"]);
        expect(shell.told("itemEnded")).toMatchObject([{ kind: VAULT, end: "withdrawn" }]);
    });

    it("gives its requests the longer deadline, and no others", () => {
        setVault(7);
        expect(new Set(shell.sent.map(({ deadlineMs }) => deadlineMs))).toEqual(new Set([60_000]));
        shell.asked();
        shell.set({ id: 2, value: 2 });
        expect(shell.sent.map(({ deadlineMs }) => deadlineMs)).toEqual([30_000]);
    });

    it("does not keep a rewrite from being made, only from being made now", () => {
        shell.set({ id: 2, value: 2 });
        silent(DOOR);
        setVault(7);
        shell.device().values.set(2, 99);
        shell.asked();
        shell.do({ type: "reconcile", node: ONE, rewrite: [{ kind: "toy", key: [2] }] });
        expect(shell.asked().filter(text => text.startsWith("write 2"))).toEqual([]);
        mend();
        shell.run(10_000);
        expect(shell.device().values.get(2)).toBe(2);
    });

    it("keeps rewrites for later that come while it waits for its own next try", () => {
        const failure = { class: "transient", message: "the door is stuck" } as const;
        shell = withNode({ kinds: [vaultKind({ done: false, failure, unfinished: true }), toyKind()], timing: { itemBackoffMinMs: 600_000 } });
        shell.set({ id: 2, value: 2 });
        setVault(7);
        shell.device().values.set(2, 99);
        shell.asked();
        shell.do({ type: "reconcile", node: ONE, rewrite: [{ kind: "toy", key: [2] }] });
        expect(shell.asked()).toEqual(["read 2"]);
        shell.run(LOCK_MS);
        expect(shell.asked()).toEqual(["read 2", "write 2=2"]);
    });

    it("waits for what it depends on without asking again and again", () => {
        shell = withNode({ kinds: [toyKind({ name: VAULT, locksNodeMs: LOCK_MS }), toyKind({ *apply() { return failed({ class: "terminal", message: "no" }); } })] });
        silent(1);
        setVault(7);
        const needy = { id: 1, value: 8, needs: [5] };
        shell.set({ id: 5, value: 5 });
        shell.change({ op: "set", node: ONE, kind: VAULT, intent: needy, mode: "converge" });
        mend();
        shell.asked();
        shell.run(LOCK_MS + 60_000);
        expect(shell.asked()).toEqual([]);
    });

    it("is the reason that is given for what waits", () => {
        openVault();
        const item = shell.machine.nodes.get(ONE)!.items.get(identityText("toy", [2]))!;
        expect(explainItem(shell.machine, item)).toMatchObject([{ code: "waitsForItem", text: expect.stringContaining("vault") as string, inMs: LOCK_MS }]);
    });
});

describe("an operation that fails", () => {
    const failure = { class: "transient", message: "the door is stuck" } as const;

    it("ends the lock, if it does not say that it could not put the node in order", () => {
        shell = withNode({ kinds: [vaultKind(failed(failure)), toyKind()] });
        setVault(7);
        shell.set({ id: 2, value: 2 });
        expect(shell.asked()).toEqual(["write 900=1", "write 2=2"]);
    });

    it("leaves the lock in force, if it says so", () => {
        shell = withNode({ kinds: [vaultKind({ done: false, failure: { ...failure, class: "terminal" }, unfinished: true }), toyKind()] });
        setVault(7);
        shell.set({ id: 2, value: 2 });
        expect(shell.asked()).toEqual(["write 900=1"]);
        shell.run(LOCK_MS - 1);
        expect(shell.asked()).toEqual([]);
        shell.run(1);
        expect(shell.asked()).toEqual(["write 2=2"]);
    });
});

describe("a process that starts", () => {
    const restart = () => {
        shell.restart();
        shell.input({ type: "reachable", node: ONE });
        shell.settle();
    };

    it("takes the node for locked by what was owed, so that it is put in order first", () => {
        openVault();
        restart();
        shell.asked();
        shell.run(10_000);
        expect(shell.asked().filter(text => text.startsWith("write 2"))).toEqual([]);
        mend();
        shell.run(60_000);
        expect(shell.asked().slice(-4)).toEqual(["write 900=1", "write 1=7", "write 900=0", "write 2=2"]);
    });

    it("does not, when nothing is owed", () => {
        setVault(7);
        shell.device().fault = () => ({ kind: "notSent", reason: "away" });
        shell.set({ id: 2, value: 2 });
        mend();
        restart();
        expect(shell.machine.nodes.get(ONE)!.lock).toBeNull();
        expect(shell.record(2)!.state).toBe("committed");
    });

    it("finds a rewrite of drift owed that it interrupted", () => {
        setVault(7);
        shell.device().values.set(1, 99);
        silent(DOOR);
        shell.do({ type: "reconcile", node: ONE, rewrite: [{ kind: VAULT, key: [1] }] });
        expect(vault()!.record).toMatchObject({ state: "pending", owes: "apply" });
        restart();
        expect(shell.machine.nodes.get(ONE)!.lock).not.toBeNull();
        mend();
        shell.run(120_000);
        expect(vault()!.record!.state).toBe("committed");
        expect(shell.device().values.get(1)).toBe(7);
    });
});

it("reads do not lock", () => {
    shell = withNode({
        kinds: [
            toyKind({
                locksNodeMs: LOCK_MS,
                *apply() {
                    yield readToy(1);
                    return done;
                },
            }),
        ],
    });
    shell.device().fault = () => unknown;
    shell.set({ id: 1, value: 1 });
    expect(shell.machine.nodes.get(ONE)!.lock).toBeNull();
});
