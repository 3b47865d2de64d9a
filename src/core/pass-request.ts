import type { Item } from "./item.js";

/**
 * What a lane is asked for. Requests that arrive while a pass runs merge, field by field, into exactly one follow-up; what is owed is
 * done by any pass.
 */
export class PassRequest {
    /** Somebody wants a pass, if only for what is owed. */
    wanted = false;
    /** Read limits and use of the device's tables. */
    capacity = false;
    /** Read every committed item. */
    verifyAll = false;
    /** Rewrite whatever is found drifted. */
    rewriteAll = false;
    readonly verify = new Set<Item>();
    readonly rewrite = new Set<Item>();
    /** Commands to be answered with the pass's report: such a pass does not wait for back-off. */
    readonly commands: number[] = [];

    get isExplicit(): boolean {
        return this.commands.length > 0;
    }

    /** Somebody waits for the outcome, so the lane has to try again by itself. */
    get isAwaited(): boolean {
        return this.isExplicit || this.rewriteAll || this.verify.size > 0 || this.rewrite.size > 0;
    }

    merge(other: PassRequest): void {
        this.wanted ||= other.wanted;
        this.capacity ||= other.capacity;
        this.verifyAll ||= other.verifyAll;
        this.rewriteAll ||= other.rewriteAll;
        for (const item of other.verify) {
            this.verify.add(item);
        }
        for (const item of other.rewrite) {
            this.rewrite.add(item);
        }
        this.commands.push(...other.commands);
    }
}
