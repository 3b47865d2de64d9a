import type { ItemKey } from "../src/core/identity.js";
import { contentText, contentTextOfKey, isEntryOfList } from "./device-content.js";
import type { NodeRecord } from "../src/core/records.js";
import type { StoreBatch } from "../src/core/store.js";
import type { World } from "./world.js";

/**
 * Node index and content (see `contentText`) of everything that the store and the process know to be theirs: items, and what was dismissed; of lists' entries those
 * that are owned. By `node:content`.
 */
export function knownIdentities(world: World): Set<string> {
    const { store, manager } = world;
    const known = new Set<string>();
    const nodes = store.records("node");
    const add = (record: StoreBatch["puts"][number]["record"]) => {
        const { node, kind, key, intent, claim } = (record ?? {}) as { node?: number; kind?: string; key?: ItemKey; intent?: object; claim?: object };
        const owner = node === undefined ? undefined : (nodes.get(node) as NodeRecord | undefined);
        if (owner !== undefined && kind !== undefined && key !== undefined && (claim !== undefined || intent === undefined || !isEntryOfList(kind))) {
            known.add(`${world.indexOf(owner.nodeId)}:${intent === undefined ? contentTextOfKey(kind, key) : contentText(kind, key, intent)}`);
        }
    };
    for (const record of store.records("item").values()) {
        add(record);
    }
    for (const { table, record } of store.inFlight?.puts ?? []) {
        if (table === "item") {
            add(record);
        }
    }
    for (const item of manager?.machine.items.all() ?? []) {
        if (item.record!.claim !== undefined || !isEntryOfList(item.kindName)) {
            known.add(`${world.indexOf(item.node.nodeId)}:${contentText(item.kindName, item.key, item.record!.intent)}`);
        }
    }
    return known;
}
