import { beforeEach, describe, expect, it } from "vitest";
import { NodeCapacity, TableUse } from "./capacity.js";
import type { CapacityTable } from "./kind.js";

const table: CapacityTable = {
    name: "groups",
    minimum: { limit: 4, used: 1 },
    *observe() {
        return null;
    },
};

let use: TableUse;
beforeEach(() => {
    use = new TableUse(table);
});

describe("a table that nobody has read", () => {
    it("counts with the minimum, and distinct rows wanted", () => {
        use.claim(1);
        use.claim(1);
        use.claim(2);
        expect([use.isObserved, use.limit, use.used, use.free]).toEqual([false, 4, 3, 1]);
    });

    it("counts a row once that every device has in use, and that is wanted besides", () => {
        use = new TableUse({ ...table, minimum: { limit: 4, used: 1, rows: [0] } });
        expect([use.isNew(0), use.isNew(1)]).toEqual([false, true]);
        use.claim(0);
        use.claim(1);
        expect([use.used, use.free]).toEqual([2, 2]);
    });

    it("refuses nothing: the device is the judge", () => {
        for (const row of [1, 2, 3, 4, 5]) {
            use.claim(row);
        }
        expect(use.free).toBe(-2);
        expect(use.mustRefuse(6)).toBe(false);
    });

    it("is not changed by what was written, but may have room where something was removed", () => {
        use.added(1);
        expect([use.removed(1), use.rewritten([1])]).toEqual([true, true]);
        expect(use.used).toBe(1);
    });
});

describe("a table that was read", () => {
    it("counts rows that nobody here claims, and distinct rows wanted", () => {
        use.observe({ limit: 6, rows: [1, 2, 3] });
        use.claim(1);
        use.claim(9);
        expect([use.isObserved, use.limit, use.used, use.free]).toEqual([true, 6, 4, 2]);
    });

    it("refuses a row that it does not hold when it is full", () => {
        use.observe({ limit: 2, rows: [1, 2] });
        expect(use.mustRefuse(3)).toBe(true);
        expect(use.mustRefuse(1)).toBe(false);
        use.observe({ limit: 3, rows: [1, 2] });
        expect(use.mustRefuse(3)).toBe(false);
    });

    it("follows what was written and removed", () => {
        use.observe({ limit: 2, rows: [1] });
        use.added(2);
        expect(use.mustRefuse(3)).toBe(true);
        expect(use.removed(2)).toBe(true);
        expect(use.removed(2)).toBe(false);
        expect(use.mustRefuse(3)).toBe(false);
    });

    it("tells whether there is more room than before", () => {
        expect(use.observe({ limit: 2, rows: [1, 2] })).toBe(false);
        expect(use.observe({ limit: 2, rows: [1] })).toBe(true);
        expect(use.observe({ limit: 2, rows: [7] })).toBe(false);
        expect(use.observe({ limit: 3, rows: [7] })).toBe(true);
        expect(use.observe({ limit: 2, rows: [7] })).toBe(false);
        expect(new TableUse(table).observe({ limit: 1, rows: [] })).toBe(true);
    });
});

describe("a row", () => {
    it("is wanted until its last claim is released", () => {
        use.claim(1);
        use.claim(1);
        use.release(1);
        expect(use.hasItem(1)).toBe(true);
        use.release(1);
        expect(use.hasItem(1)).toBe(false);
        use.release(1);
        use.claim(1);
        expect(use.hasItem(1)).toBe(true);
    });

    it("is new unless it is wanted or there already", () => {
        use.claim(1);
        use.observe({ limit: 4, rows: [2] });
        expect([1, 2, 3].map(row => use.isNew(row))).toEqual([false, false, true]);
        expect(new TableUse(table).isNew(2)).toBe(true);
    });
});

it("knows its rows anew after a list was rewritten as a whole", () => {
    use.observe({ limit: 2, rows: [1, 2] });
    expect(use.rewritten([1, 3])).toBe(false);
    expect([use.mustRefuse(3), use.mustRefuse(2)]).toEqual([false, true]);
    expect(use.rewritten([3])).toBe(true);
    expect(use.mustRefuse(2)).toBe(false);
});

it("kinds that name the same table share it", () => {
    const capacity = new NodeCapacity();
    capacity.of(table).claim(1);
    expect(capacity.of({ ...table }).hasItem(1)).toBe(true);
    expect(capacity.of({ ...table, name: "keys" }).hasItem(1)).toBe(false);
});
