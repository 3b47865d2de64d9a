import { describe, expect, it } from "vitest";
import type { CommandResult, PassReport } from "./command.js";
import { failed, type Kind } from "./kind.js";
import { statusFailure } from "./outcome.js";
import { Status } from "./status.js";
import type { TestShell } from "./testing/test-shell.js";
import { ONE, withNode } from "./testing/test-shell.js";
import { TOY, toyKind, toyTable, writeToy, type ToyIntent } from "./testing/toy-kind.js";

/** Goal: a kind is code of somebody's, and what it does wrong is a failure of its item, never of the lane. */

let shell: TestShell;

const reconcile = { type: "reconcile", node: ONE, verify: "all" } as const;
const reportOf = (result: CommandResult | undefined): PassReport | undefined =>
    result?.ok && result.value.type === "pass" ? result.value.report : undefined;

describe("a faulty kind", () => {
    const other = toyKind({ name: "other", applyOrder: 20 });
    const setBoth = (kind: Kind<ToyIntent>) => {
        shell = withNode({ kinds: [kind, other] });
        return shell.change(
            { op: "set", node: ONE, kind: TOY, intent: { id: 1, value: 1 } },
            { op: "set", node: ONE, kind: "other", intent: { id: 2, value: 1 } },
        );
    };
    const boom = (): never => {
        throw new TypeError("boom");
    };

    it("that throws fails its item only", () => {
        expect(setBoth(toyKind({ *apply() { return boom(); } }))).toMatchObject({ ok: true });
        expect(shell.record(1)).toMatchObject({ state: "commitFailed", failure: { class: "terminal", message: expect.stringContaining("boom") as string } });
        expect(shell.asked()).toEqual(["write 2=1"]);
    });

    it("that never stops asking fails its item only", () => {
        setBoth(
            toyKind({
                *apply({ intent }) {
                    for (;;) {
                        yield writeToy(intent.id, intent.value);
                    }
                },
            }),
        );
        expect(shell.asked()).toEqual([...Array<string>(32).fill("write 1=1"), "write 2=1"]);
        expect(shell.record(1)).toMatchObject({ state: "commitFailed", failure: { class: "terminal", message: expect.stringContaining("32 requests") as string } });
    });

    it("that cannot read says nothing about the device", () => {
        setBoth(toyKind({ *verify() { return boom(); } }));
        expect(reportOf(shell.do(reconcile))).toMatchObject({ verified: 1, drifted: 0, unread: [{ failure: { message: expect.stringContaining("boom") as string } }] });
        expect(shell.record(1)!.state).toBe("committed");
    });

    it("whose table cannot be observed counts as one whose device does not tell", () => {
        setBoth(toyKind({ capacity: { table: { ...toyTable, *observe() { return boom(); } }, rowOf: () => 1 } }));
        expect(shell.record(1)!.state).toBe("committed");
    });

    it("that fails in its own words is told in them", () => {
        setBoth(toyKind({ *apply() { return failed(statusFailure(Status.CONSTRAINT_ERROR, "thinking")); } }));
        expect(shell.record(1)).toMatchObject({ failure: { class: "terminal", code: Status.CONSTRAINT_ERROR, message: "thinking: CONSTRAINT_ERROR" } });
    });
});
