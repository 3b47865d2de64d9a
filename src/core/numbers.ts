import type { Ledger } from "./ledger.js";
import { Limits } from "./limits.js";
import { SCHEMA_VERSION, type FabricIdentity, type MetaRecord } from "./records.js";
import { Row } from "./row.js";

/**
 * The one counter of a manager: generations, item, node and run numbers are drawn from it and never used twice, also after a crash.
 * Numbers are reserved durably in blocks; the rest of a block is lost at a restart.
 */
export class Numbers extends Row<MetaRecord> {
    #next: number;
    readonly #fabric: FabricIdentity;

    constructor(fabric: FabricIdentity, stored: MetaRecord | null) {
        super("meta", 1, stored);
        this.durable = stored;
        this.#fabric = fabric;
        this.#next = stored === null ? 1 : stored.reservedNumber;
    }

    /** A number that was never drawn before. The reservation is durable with whatever the number is written in. */
    draw(ledger: Ledger): number {
        const number = this.#next++;
        if (this.record === null || number >= this.record.reservedNumber) {
            ledger.write(this, {
                schema: SCHEMA_VERSION,
                fabric: this.#fabric,
                reservedNumber: number + Limits.numberBlock,
            });
        }
        return number;
    }

    /** A reservation is never taken back: a number that was drawn stays used. */
    isProgress(): boolean {
        return true;
    }

    takenBack(): void {}

    landed(): void {}
}
