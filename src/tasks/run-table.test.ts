/** Goal: history is bounded without forgetting too early; the latest work goes last. */
import { describe, expect, it } from "vitest";
import { Limits } from "../core/limits.js";
import type { RunRecord } from "../core/records.js";
import { withNodes } from "./testing/task-shell.js";
import { Run, type RunOwner } from "./run.js";
import { RunTable } from "./run-table.js";

const owner: RunOwner = { runDue: () => {}, runTakenBack: () => {}, runLanded: () => {} };
const DAY_MS = 24 * 3_600_000;

function settledRun(id: number, settledOrder: number, settledAtMs: number): Run {
    const record: RunRecord = {
        task: "t",
        version: 1,
        requestId: `r${id}`,
        paramsFingerprint: "",
        params: null,
        drawn: null,
        slots: [],
        nodes: [],
        state: "completed",
        direction: "forward",
        phase: 0,
        cause: null,
        cancelled: false,
        changeSet: [],
        notRestored: [],
        admittedAtMs: 0,
        deadlineMs: null,
        settledAtMs,
        settledOrder,
    };
    return new Run(owner, id, record);
}

function tableOf(count: number, settledAtMs: (order: number) => number): RunTable {
    const table = new RunTable(withNodes().machine);
    for (let order = 1; order <= count; order++) {
        const run = settledRun(count + 1 - order, order, settledAtMs(order));
        table.insert(run);
        table.settled(run);
    }
    return table;
}

describe("the history of runs", () => {
    it("keeps a thousand, however old they are", () => {
        expect(tableOf(Limits.settledRuns, () => 0).surplus(100 * 365 * DAY_MS)).toEqual([]);
    });

    it("lets go of the ones that were settled first, once they are a week old", () => {
        const table = tableOf(Limits.settledRuns + 3, () => 0);
        expect(table.surplus(7 * DAY_MS)).toEqual([]);
        const surplus = table.surplus(7 * DAY_MS + 1);
        expect(surplus.map(run => run.record!.settledOrder)).toEqual([1, 2, 3]);
        expect(surplus.map(run => run.id)).toEqual([1003, 1002, 1001]);
    });

    it("keeps those of the last week beyond a thousand", () => {
        const table = tableOf(Limits.settledRuns + 5, order => (order <= 2 ? 0 : 5 * DAY_MS));
        expect(table.surplus(8 * DAY_MS).map(run => run.record!.settledOrder)).toEqual([1, 2]);
    });

    it("has a hard bound, whatever the age", () => {
        const table = tableOf(Limits.settledRunsHard + 1, () => 0);
        expect(table.surplus(0).map(run => run.record!.settledOrder)).toEqual([1]);
    });

    it("lists the latest settlement first", () => {
        expect(tableOf(3, () => 0).history().map(run => run.record!.settledOrder)).toEqual([3, 2, 1]);
    });

    it("finds its order again when an eviction was taken back", () => {
        const table = tableOf(3, () => 0);
        const [, , oldest] = table.history();
        table.delete(oldest!);
        expect(table.byRequestId(`r${oldest!.id}`)).toBeUndefined();
        table.insert(oldest!);
        table.settled(oldest!);
        expect(table.history().map(run => run.record!.settledOrder)).toEqual([3, 2, 1]);
        expect(table.byRequestId(`r${oldest!.id}`)).toBe(oldest);
    });
});
