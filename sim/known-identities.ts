import { identityText, type ItemKey } from "../src/core/identity.js";
import { contentText } from "./device-content.js";
import type { NodeRecord } from "../src/core/records.js";
import type { StoreBatch } from "../src/core/store.js";
import type { World } from "./world.js";

/** Node index and content (see `contentText`) of everything that the store and the process know: items, and what was dismissed. By `node:content`. */
export function knownIdentities(world: World): Set<string> {
    const { store, manager } = world;
    const known = new Set<string>();
    const nodes = store.records("node");
    const add = (record: StoreBatch["puts"][number]["record"]) => {
        const { node, kind, key, intent } = (record ?? {}) as { node?: number; kind?: string; key?: ItemKey; intent?: object };
        const owner = node === undefined ? undefined : (nodes.get(node) as NodeRecord | undefined);
        if (owner !== undefined && kind !== undefined && key !== undefined) {
            known.add(`${world.indexOf(owner.nodeId)}:${intent === undefined ? identityText(kind, key) : contentText(kind, key, intent)}`);
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
        known.add(`${world.indexOf(item.node.nodeId)}:${contentText(item.kindName, item.key, item.record!.intent)}`);
    }
    return known;
}
