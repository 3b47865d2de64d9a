import type { Item } from "./item.js";

const NO_ITEMS: ReadonlySet<Item> = new Set();

/**
 * What a lane is asked for. Requests that arrive while a pass runs merge, field by field, into exactly one follow-up; what is owed is
 * done by any pass.
 */
export class PassRequest {
    /** Somebody wants a pass, if only for what is owed. */
    wanted = false;
    /** Read what the machine's observer wants to know, before anything else. */
    observe = false;
    /** Read limits and use of the device's tables. */
    capacity = false;
    /** Read every committed item. */
    verifyAll = false;
    /** Rewrite whatever is found drifted. */
    rewriteAll = false;
    #verify: Set<Item> | null = null;
    #rewrite: Set<Item> | null = null;
    /** Commands to be answered with the pass's report: such a pass does not wait for back-off. */
    readonly commands: number[] = [];

    /** Items to read. */
    get verify(): ReadonlySet<Item> {
        return this.#verify ?? NO_ITEMS;
    }

    /** Items to read, and to write again if they are found different. */
    get rewrite(): ReadonlySet<Item> {
        return this.#rewrite ?? NO_ITEMS;
    }

    addVerify(item: Item): void {
        (this.#verify ??= new Set()).add(item);
    }

    addRewrite(item: Item): void {
        (this.#rewrite ??= new Set()).add(item);
    }

    addRewrites(items: Iterable<Item> | null): void {
        for (const item of items ?? []) {
            this.addRewrite(item);
        }
    }

    get isExplicit(): boolean {
        return this.commands.length > 0;
    }

    /** Something has to be found out, so the lane tries again by itself: the event that would make it try can be missing. */
    get isAwaited(): boolean {
        return this.isExplicit || this.observe || this.verifyAll || this.rewriteAll || this.verify.size > 0 || this.rewrite.size > 0;
    }

    merge(other: PassRequest): void {
        this.wanted ||= other.wanted;
        this.observe ||= other.observe;
        this.capacity ||= other.capacity;
        this.verifyAll ||= other.verifyAll;
        this.rewriteAll ||= other.rewriteAll;
        for (const item of other.verify) {
            this.addVerify(item);
        }
        for (const item of other.rewrite) {
            this.addRewrite(item);
        }
        this.commands.push(...other.commands);
    }
}
