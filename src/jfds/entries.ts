import { identityText, type ItemKey } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import type { Parts } from "./parts.js";
import type { EntryListName, EntryRecord } from "./records.js";

/** ListIDs are 16 bit. */
const LIST_IDS = 0x1_0000;

/** The entries of EndpointBindingList and NodeACLList: managed items under a ListID that nothing else in the list has. */
export class Entries {
    constructor(private readonly parts: Parts) {}

    itemOf({ list, nodeId, key }: Pick<EntryRecord, "list" | "nodeId" | "key">): Item | undefined {
        return this.parts.machine.nodes.get(nodeId)?.items.get(identityText(list, key));
    }

    hasRoom(list: EntryListName, added = 1): boolean {
        const { tables, settings } = this.parts;
        const used = tables.all("entry").filter(entry => entry.list === list).length;
        return used + added <= settings.limits[list === "binding" ? "endpointBindings" : "nodeAcls"];
    }

    /** The item is an entry from now on, under its ListID if it is one already. */
    enter(list: EntryListName, nodeId: NodeId, key: ItemKey): void {
        const { tables } = this.parts;
        if (tables.entryOf(list, nodeId, key) === undefined) {
            tables.put({ type: "entry", list, listId: this.#draw(list), nodeId, key });
        }
    }

    /** Counts on from the latest, so that the ListID of an entry that is gone does not soon name another one. */
    #draw(list: EntryListName): number {
        const { tables } = this.parts;
        const latest = tables.get("listIds") ?? { type: "listIds", binding: 0, acl: 0 };
        let listId = latest[list];
        do {
            listId = (listId + 1) % LIST_IDS;
        } while (tables.get("entry", list, listId) !== undefined);
        tables.put({ ...latest, [list]: listId });
        return listId;
    }
}
