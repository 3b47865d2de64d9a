import type { Effect } from "../core/effect.js";
import type { Result } from "../core/error.js";
import type { ItemKey } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { Input } from "../core/input.js";
import type { Quarantined } from "../core/loader.js";
import type { Now } from "../core/machine.js";
import type { KeySetRecord } from "../core/records.js";
import type { StoreImage } from "../core/store.js";
import type { Reason } from "../tasks/explain.js";
import { Manager, type Assessment, type ItemInfo, type ManagerOptions, type RunInfo, type Subject } from "../tasks/manager.js";

/** The deterministic machine beneath `FabricManager`, for those who bring an event loop of their own: inputs in, effects out. */
export interface PureManager {
    /** Feed one input; perform the effects in their order. Not re-entrant: queue what is raised meanwhile. A throw is a fault. */
    step(input: Input): Effect[];
    /** Stored records that did not validate. */
    readonly quarantined: readonly Quarantined[];
    /** Nothing is under way or waited for. */
    readonly isIdle: boolean;
    nodes(): NodeId[];
    item(node: NodeId, kind: string, key: ItemKey): ItemInfo | undefined;
    items(node?: NodeId): ItemInfo[];
    /** With the material as a secret type that never shows itself. */
    keySets(): KeySetRecord[];
    run(id: number): RunInfo | undefined;
    runs(): RunInfo[];
    assess(task: string, params: unknown): Assessment;
    explain(subject: Subject): Reason[] | undefined;
}

/**
 * Build the machine from what a store holds; `{ type: "start" }` must be its first input. The machine trusts the form of its inputs:
 * only `openManager` checks what callers give.
 */
export function openPureManager(options: ManagerOptions, image: StoreImage, now: Now): Result<PureManager> {
    return Manager.open(options, image, now);
}
