import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.js";
import { Limits } from "./limits.js";
import { Numbers } from "./numbers.js";
import type { MetaRecord } from "./records.js";
import { FABRIC } from "./testing/test-shell.js";

describe("numbers", () => {
    it("count from 1, and reserve a block durably when they leave the last one", () => {
        const ledger = new Ledger();
        const numbers = new Numbers(FABRIC, null);
        expect(numbers.draw(ledger)).toBe(1);
        const first = ledger.nextBatch()!;
        expect(first.puts).toEqual([{ table: "meta", id: 1, record: { schema: 1, fabric: FABRIC, reservedNumber: 1 + Limits.numberBlock } }]);
        ledger.landed(first.id);
        for (let i = 2; i <= Limits.numberBlock; i++) {
            expect(numbers.draw(ledger)).toBe(i);
        }
        expect(ledger.idle).toBe(true);
        numbers.draw(ledger);
        expect(ledger.hasDirty).toBe(true);
    });

    it("begin above what any earlier process may have used", () => {
        const stored: MetaRecord = { schema: 1, fabric: FABRIC, reservedNumber: 1025 };
        const ledger = new Ledger();
        expect(new Numbers(FABRIC, stored).draw(ledger)).toBe(1025);
        expect(ledger.nextBatch()!.puts[0]!.record).toMatchObject({ reservedNumber: 1025 + Limits.numberBlock });
    });

    it("are not used again when the store refuses the reservation", () => {
        const ledger = new Ledger();
        const numbers = new Numbers(FABRIC, null);
        numbers.draw(ledger);
        const outcome = ledger.refused(ledger.nextBatch()!.id)!;
        expect(outcome).toMatchObject({ takenBack: [], retried: 1 });
        expect(numbers.draw(ledger)).toBe(2);
        expect(ledger.nextBatch()!.puts[0]!.record).toMatchObject({ reservedNumber: 1 + Limits.numberBlock });
    });
});
