import { nodeId } from "../../core/ids.js";
import type { FabricManager } from "../fabric-manager.js";
import type { OpenOptions } from "../manager-options.js";
import { openManager } from "../open-manager.js";
import { MemoryStore } from "../store/memory-store.js";
import { LoopbackTransport, type LoopbackDevice } from "./loopback-transport.js";

/** A fabric for tests. */
export const FABRIC = { rootPublicKey: `04${"ab".repeat(64)}`, fabricId: 0x1234n };

export const NODE = nodeId(5n);

/** Key bytes that can be searched for. */
export const KEY = new TextEncoder().encode("SECRET-KEY-BYTES");

/** What {@link openTest} opened. */
export interface Opened {
    readonly manager: FabricManager;
    readonly store: MemoryStore;
    readonly transport: LoopbackTransport;
}

/** A manager over an in-memory store and devices in this process; `device` is node {@link NODE}, and managed. */
export async function openTest(device: LoopbackDevice | null, options: Partial<OpenOptions> = {}): Promise<Opened> {
    const store = (options.store as MemoryStore | undefined) ?? new MemoryStore();
    const transport = (options.transport as LoopbackTransport | undefined) ?? new LoopbackTransport();
    if (device !== null) {
        transport.add(NODE, device);
    }
    const manager = await openManager({ fabric: FABRIC, ...options, store, transport });
    if (device !== null) {
        await manager.addNode(NODE);
    }
    return { manager, store, transport };
}

/** Lets promises and answers settle. */
export function turns(count = 20): Promise<void> {
    return count === 0 ? Promise.resolve() : new Promise(resolve => setImmediate(() => resolve(turns(count - 1))));
}
