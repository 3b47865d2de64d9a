import type { Item } from "../src/core/item.js";
import { contentOf, contentText, isEntryOfList, listEntriesOf } from "./device-content.js";
import type { SimNode } from "./devices/sim-node.js";

/** Something on a device that no item of the manager explains, for a reason that is not the manager's. */
export interface Leftover {
    readonly value: string;
    /** World time since which it is there, with this value. */
    readonly sinceMs: number;
    /** Another administrator put it there; else a power cut brought it back. */
    readonly isOthers: boolean;
}

const NONE: ReadonlyMap<string, Leftover> = new Map();

/**
 * What is on the devices for reasons that are not the manager's: other administrators, power cuts that bring removed values back, a store
 * that was restored from a backup. By node and item identity. It ends when the value is gone or another one, or when an item for it
 * is committed: then the manager has taken it over.
 */
export class Leftovers {
    readonly #byNode: Map<string, Leftover>[] = [];
    /** What a restored store, or the manager of a node that was commissioned again, knows no more to be its own, by `node:identity`: it may be on the device, or may still come there. */
    readonly #forgotten = new Set<string>();

    begin(nodes: number): void {
        if (this.#forgotten.size > 0) {
            this.#forgotten.clear();
        }
        for (let node = 0; node < nodes; node++) {
            const left = (this.#byNode[node] ??= new Map<string, Leftover>());
            if (left.size > 0) {
                left.clear();
            }
        }
    }

    of(node: number): ReadonlyMap<string, Leftover> {
        return this.#byNode[node] ?? NONE;
    }

    /** Everything that `change` makes new or different on the device is a leftover. */
    from(node: number, device: SimNode, isOthers: boolean, nowMs: number, change: () => void): void {
        const before = contentOf(device);
        change();
        const left = this.#byNode[node]!;
        for (const [text, value] of contentOf(device)) {
            if (before.get(text) !== value) {
                left.set(text, { value, sinceMs: nowMs, isOthers });
            }
        }
        this.prune(node, device);
    }

    /** It is there for a reason that is not the manager's, or may be. */
    explains(node: number, text: string): boolean {
        return this.of(node).has(text) || this.#forgotten.has(`${node}:${text}`);
    }

    /**
     * The manager is told that the node was commissioned again, and takes it that nothing on it is its own: what it wrote to lists since then stays (and it
     * says so when an item ends).
     */
    disown(node: number, device: SimNode): void {
        for (const entry of listEntriesOf(device)) {
            this.#forgotten.add(`${node}:${entry}`);
        }
    }

    /** The store was put back to an older state. Both sets are of `node:identity`. */
    forget(known: ReadonlySet<string>, stillKnown: ReadonlySet<string>): void {
        for (const identity of known) {
            if (!stillKnown.has(identity)) {
                this.#forgotten.add(identity);
            }
        }
    }

    /** Forget what the device holds no more, or not so. */
    prune(node: number, device: SimNode): void {
        const left = this.#byNode[node]!;
        if (left.size === 0) {
            return;
        }
        const content = contentOf(device);
        for (const [text, { value }] of left) {
            if (content.get(text) !== value) {
                left.delete(text);
            }
        }
    }

    itemChanged(node: number, item: Item): void {
        const left = this.#byNode[node];
        if (left === undefined || left.size + this.#forgotten.size === 0) {
            return;
        }
        // An entry of a list is not taken over by an item that finds itself covered by it.
        const { record } = item;
        if (record?.state === "committed" && (record.claim !== undefined || !isEntryOfList(item.kindName)) && item.isDurable && !item.drifted) {
            const text = contentText(item.kindName, item.key, record.intent);
            left.delete(text);
            this.#forgotten.delete(`${node}:${text}`);
        }
    }
}
