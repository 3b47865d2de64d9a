import type { Item } from "../core/item.js";
import type { MachineParts } from "../core/machine.js";
import { ACL, BINDING, GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP, IPK } from "../kinds/index.js";

/** Kinds of items that the datastore's lists show, or rest on. */
export const listedKinds = [GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP, BINDING, ACL, IPK] as const;
export type ListedKind = (typeof listedKinds)[number];

/** Under this label the datastore's bindings and access control entries are kept apart from those of others. */
export const LABEL = "jfds";

/** All live items of each kind, on whatever node. */
export class ItemLists {
    readonly #items = new Map<string, Set<Item>>(listedKinds.map(kind => [kind, new Set()]));

    constructor(private readonly machine: MachineParts) {
        this.rebuild();
    }

    of(kind: ListedKind): ReadonlySet<Item> {
        return this.#items.get(kind)!;
    }

    itemChanged(item: Item): void {
        const items = this.#items.get(item.kindName);
        if (item.record === null) {
            items?.delete(item);
        } else {
            items?.add(item);
        }
    }

    /** The store took back what items became. */
    rebuild(): void {
        for (const items of this.#items.values()) {
            items.clear();
        }
        for (const item of this.machine.items.all()) {
            this.itemChanged(item);
        }
    }
}

/** The item is wanted on its node: it does not owe its removal. */
export function isWanted(item: Item | undefined): item is Item {
    return item?.record != null && item.record.owes !== "remove";
}
