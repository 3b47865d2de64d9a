import { beforeEach, describe, expect, it } from "vitest";
import { Status, type StatusCode } from "./status.js";
import type { TestShell} from "./testing/test-shell.js";
import { ONE, WALL_MS, withNode } from "./testing/test-shell.js";
import { TOY, TOY_CLUSTER, TOY_ENDPOINT } from "./testing/toy-kind.js";

const status = (code: StatusCode) => ({ kind: "status", status: code }) as const;

let shell: TestShell;
beforeEach(() => {
    shell = withNode();
});

const report = (attribute: number) => {
    shell.input({ type: "report", node: ONE, path: { endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute } });
    shell.settle();
};
const retry = (id: number) => shell.do({ type: "retry", node: ONE, kind: TOY, key: [id] });
const refuseWrites = (code: StatusCode) => {
    shell.device().fault = request => (request.op === "read" ? undefined : status(code));
};
const mend = () => {
    shell.device().fault = () => undefined;
};

/** Seconds between the writes from now on, while they are refused. */
function writeGaps(ms: number): number[] {
    const times: number[] = [];
    shell.device().fault = request => {
        if (request.op === "write") {
            times.push(shell.nowMs);
        }
        return status(Status.BUSY);
    };
    shell.set({ id: 1, value: 1 });
    shell.run(ms);
    return times.slice(1).map((time, i) => (time - times[i]!) / 1_000);
}

describe("an item that was applied", () => {
    it("is committed with what is known about it, and told when that is durable", () => {
        shell.nowMs += 500;
        shell.wallMs += 500;
        shell.set({ id: 1, value: 1 });
        expect(shell.record(1)).toMatchObject({
            state: "committed",
            owes: "nothing",
            failure: null,
            replaced: false,
            incarnation: shell.machine.nodes.get(ONE)!.record!.incarnation,
            changedAtMs: WALL_MS + 500,
        });
        const { generation } = shell.record(1)!;
        expect(shell.told("itemChanged")).toMatchObject([
            { state: "pending", generation },
            { state: "committed", generation },
        ]);
    });

    it("is confirmed by its write, later by its reads", () => {
        shell.set({ id: 1, value: 1 });
        const write = shell.sent.at(-1)!.id;
        expect(shell.item(1)).toMatchObject({ confirmedSequence: write, confirmedGeneration: shell.record(1)!.generation });
        report(1);
        expect(shell.item(1)!.confirmedSequence).toBeGreaterThan(write);
    });
});

describe("an item that was removed", () => {
    it("ends as done, durably", () => {
        shell.set({ id: 1, value: 1 });
        shell.remove(1);
        expect(shell.item(1)).toBeUndefined();
        expect(shell.image.item.size).toBe(0);
        expect(shell.told("itemEnded")).toEqual([{ type: "itemEnded", node: ONE, kind: TOY, key: [1], end: "done" }]);
        expect(shell.machine.nodes.get(ONE)!.tombstones.size).toBe(0);
    });

    it("from a node that has no place for it ends as done, and leaves a tombstone", () => {
        shell.set({ id: 1, value: 1 });
        refuseWrites(Status.UNSUPPORTED_ENDPOINT);
        shell.remove(1);
        expect(shell.told("itemEnded")).toMatchObject([{ end: "done" }]);
        expect([...shell.machine.nodes.get(ONE)!.tombstones.keys()]).toEqual(["toy/1"]);
    });

    it("in vain still owes its removal, and tries it again", () => {
        shell.set({ id: 1, value: 1 });
        refuseWrites(Status.BUSY);
        shell.remove(1);
        expect(shell.record(1)).toMatchObject({ state: "commitFailed", owes: "remove", failure: { attempts: 1 } });
        mend();
        shell.run(1_000);
        expect(shell.item(1)).toBeUndefined();
    });
});

describe("a transient failure", () => {
    it("is recorded with its status, attempts and retry time", () => {
        refuseWrites(Status.BUSY);
        shell.set({ id: 1, value: 1 });
        const failure = { class: "transient", code: Status.BUSY, message: "writing the toy: BUSY", attempts: 1, retryAtMs: WALL_MS + 1_000 };
        expect(shell.record(1)).toMatchObject({ state: "commitFailed", owes: "apply", failure });
        shell.run(1_000);
        expect(shell.record(1)!.failure).toEqual({ ...failure, attempts: 2, retryAtMs: WALL_MS + 3_000 });
        mend();
        shell.run(2_000);
        expect(shell.record(1)).toMatchObject({ state: "committed", failure: null });
    });

    it("is tried again after at most 1 s to 15 min, doubling", () => {
        expect(writeGaps(3_700_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    });

    it("is tried again after at least half of that", () => {
        shell.lowest = true;
        expect(writeGaps(1_500_000)).toEqual([0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 450, 450]);
    });

    it("never aborts the independent rest", () => {
        shell.device().fault = request => (request.op === "write" && request.attribute === 1 ? status(Status.BUSY) : undefined);
        shell.change(...[1, 2].map(id => ({ op: "set", node: ONE, kind: TOY, intent: { id, value: 1 } }) as const));
        expect([shell.record(1)!.state, shell.record(2)!.state]).toEqual(["commitFailed", "committed"]);
    });
});

describe.each([
    ["terminal", Status.CONSTRAINT_ERROR],
    ["notApplicable", Status.UNSUPPORTED_CLUSTER],
] as const)("a failure that is %s", (failureClass, code) => {
    beforeEach(() => {
        refuseWrites(code);
        shell.set({ id: 1, value: 1 });
        mend();
        shell.asked();
    });

    it("is kept with its code, whatever the time and reachability", () => {
        expect(shell.record(1)!.failure).toEqual({ class: failureClass, code, message: expect.any(String) as string, attempts: 1 });
        expect(shell.wakeAtMs).toBeNull();
        shell.run(24 * 3_600_000);
        shell.input({ type: "reachable", node: ONE });
        shell.do({ type: "reconcile", node: ONE, verify: "all", rewrite: "all" });
        expect(shell.asked()).toEqual([]);
        expect(shell.record(1)!.state).toBe("commitFailed");
    });

    it("is tried again when somebody asks for it, with its attempts forgotten", () => {
        refuseWrites(Status.BUSY);
        retry(1);
        expect(shell.asked()).toEqual(["write 1=1"]);
        expect(shell.record(1)!.failure).toMatchObject({ code: Status.BUSY, attempts: 1 });
    });

    it.each(["softwareChanged", "structureChanged"] as const)("is tried again when the node reports %s", type => {
        shell.input({ type, node: ONE });
        shell.settle();
        expect(shell.record(1)!.state).toBe("committed");
    });

    it("is gone with a new intent, also an equal one", () => {
        shell.set({ id: 1, value: 1 });
        expect(shell.asked()).toEqual(["write 1=1"]);
        expect(shell.record(1)).toMatchObject({ state: "committed", failure: null });
    });

    it("stays over a restart", () => {
        shell.restart();
        shell.settle();
        shell.run(3_600_000);
        expect(shell.asked()).toEqual([]);
        expect(shell.record(1)!.state).toBe("commitFailed");
    });
});

describe("an item with dependencies", () => {
    const change = (...ids: number[]) =>
        shell.change(...ids.map(id => ({ op: "set", node: ONE, kind: TOY, intent: { id, value: 1, needs: id === 1 ? [] : [1] } }) as const));

    it("is not asked for before they are there, and that counts as no attempt", () => {
        refuseWrites(Status.BUSY);
        change(2, 1);
        expect(shell.asked()).toEqual(["write 1=1"]);
        expect(shell.record(2)).toMatchObject({ state: "pending", failure: null });
        shell.run(999);
        expect(shell.asked()).toEqual([]);
        mend();
        shell.run(1);
        expect(shell.asked()).toEqual(["write 1=1", "write 2=1"]);
    });

    it("is removed before what it needs", () => {
        change(1, 2);
        shell.device().fault = request => (request.op === "invoke" && request.fields["id"] === 2 ? status(Status.BUSY) : undefined);
        shell.asked();
        shell.change(...[1, 2].map(id => ({ op: "remove", node: ONE, kind: TOY, key: [id] }) as const));
        expect(shell.asked()).toEqual(["remove 2"]);
        expect(shell.record(1)).toMatchObject({ state: "deletePending", failure: null });
        mend();
        shell.run(1_000);
        expect(shell.asked()).toEqual(["remove 2", "remove 1"]);
        expect(shell.machine.items.size).toBe(0);
    });

    it("that had no place is tried again when what it needs is committed anew", () => {
        change(1);
        refuseWrites(Status.UNSUPPORTED_COMMAND);
        change(2);
        mend();
        shell.set({ id: 1, value: 2 });
        expect(shell.record(2)!.state).toBe("committed");
    });
});

describe("drift", () => {
    const drift = (value = 9) => {
        shell.device().values.set(1, value);
        report(1);
    };
    const held = { type: "itemDrifted", node: ONE, kind: TOY, key: [1], held: true };
    const drifted = { ...held, held: false };
    const cleared = { type: "itemDriftCleared", node: ONE, kind: TOY, key: [1] };

    describe("of an item in converge", () => {
        beforeEach(() => {
            shell.set({ id: 1, value: 1 });
            shell.asked();
        });

        it("is recorded and told once, and not rewritten", () => {
            drift();
            drift(8);
            expect(shell.asked()).toEqual(["read 1", "read 1"]);
            expect(shell.told("itemDrifted")).toEqual([drifted]);
            expect(shell.item(1)).toMatchObject({ drifted: true, confirmedSequence: 0, record: { state: "committed" } });
            shell.run(24 * 3_600_000);
            expect(shell.asked()).toEqual([]);
        });

        it("is over when a read finds the intent again", () => {
            drift();
            drift(1);
            expect(shell.told("itemDriftCleared")).toEqual([cleared]);
            expect(shell.item(1)!.drifted).toBe(false);
            drift(1);
            expect(shell.told("itemDriftCleared")).toEqual([]);
        });

        it("is never established by a report alone, nor by a read that failed", () => {
            shell.device().fault = () => status(Status.BUSY);
            drift();
            expect(shell.item(1)!.drifted).toBe(false);
            expect(shell.told("itemDrifted")).toEqual([]);
        });

        it.each([
            ["the item", [{ kind: TOY, key: [1] }]],
            ["all", "all"],
        ] as const)("is rewritten when that is asked for %s", (_what, rewrite) => {
            drift();
            shell.asked();
            expect(shell.do({ type: "reconcile", node: ONE, rewrite })).toMatchObject({
                value: { report: { verified: 1, drifted: 1, applied: 1 } },
            });
            expect(shell.asked()).toEqual(["read 1", "write 1=1"]);
            expect(shell.told("itemDriftCleared")).toEqual([cleared]);
        });

        it("is found only in what was read: a report concerns the items that watch it", () => {
            shell.set({ id: 2, value: 1 });
            shell.asked();
            shell.device().values.set(2, 9);
            report(1);
            expect(shell.asked()).toEqual(["read 1"]);
            expect(shell.item(2)!.drifted).toBe(false);
        });
    });

    describe("of an item in maintain", () => {
        beforeEach(() => {
            shell.set({ id: 1, value: 1 }, "maintain");
            shell.asked();
        });

        it("is rewritten three times in ten minutes, then held", () => {
            for (let i = 0; i < 5; i++) {
                drift();
            }
            const rewritten = ["read 1", "write 1=1"];
            expect(shell.asked()).toEqual([...rewritten, ...rewritten, ...rewritten, "read 1", "read 1"]);
            expect(shell.told("itemDrifted")).toEqual([held]);
            expect(shell.item(1)!.held).toBe(true);
            shell.run(3_600_000);
            drift();
            expect(shell.asked()).not.toContain("write 1=1");
        });

        it("is rewritten as long as it is rare", () => {
            for (let i = 0; i < 12; i++) {
                drift();
                shell.run(200_000);
            }
            expect(shell.told("itemDrifted")).toEqual([]);
            expect(shell.asked().filter(text => text.startsWith("write")).length).toBe(12);
        });

        it("is held when the fourth comes just before the window is over, not just after", () => {
            for (const untilMs of [599_999, 600_000]) {
                shell.set({ id: 1, value: untilMs }, "maintain");
                drift();
                drift();
                drift();
                shell.run(untilMs);
                drift();
                expect(shell.item(1)!.held).toBe(untilMs < 600_000);
            }
        });

        it("that is held is released by retry: rewritten, with a new budget", () => {
            for (let i = 0; i < 4; i++) {
                drift();
            }
            shell.told("itemDriftCleared");
            shell.asked();
            expect(retry(1)).toMatchObject({ value: { report: { applied: 1 } } });
            expect(shell.item(1)).toMatchObject({ held: false, drifted: false });
            expect(shell.told("itemDriftCleared").length).toBeGreaterThan(0);
            drift();
            expect(shell.asked()).toEqual(["read 1", "write 1=1", "read 1", "write 1=1"]);
        });

        it("that is held is over when a read finds the intent again; later drift is still held", () => {
            for (let i = 0; i < 4; i++) {
                drift();
            }
            shell.told("itemDrifted");
            drift(1);
            shell.run(3_600_000);
            drift();
            expect(shell.told("itemDrifted")).toEqual([held]);
        });
    });
});
