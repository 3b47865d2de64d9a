import type { Effect } from "./effect.js";
import type { Result } from "./error.js";
import type { Input } from "./input.js";
import type { Quarantined } from "./loader.js";
import { Machine, type MachineOptions, type Now } from "./machine.js";
import type { StoreImage } from "./store.js";

/** Desired state and reconciler as one deterministic machine: inputs in, effects out. It has no kinds and no tasks but those it is given. */
export interface PureMachine {
    /** Feed one input; perform the effects in their order. Not re-entrant: queue what is raised meanwhile. A throw is a fault. */
    step(input: Input): Effect[];
    /** Stored records that did not validate: kept in the store, unused. */
    readonly quarantined: readonly Quarantined[];
}

/** Build the machine from what a store holds; `{ type: "start" }` must be its first input. Refuses another fabric's store. */
export function openMachine(options: MachineOptions, image: StoreImage, now: Now): Result<PureMachine> {
    return Machine.open(options, image, now);
}
