import type { CertificateStep } from "./certificate-step.js";
import type { CommandResult } from "./command.js";
import type { DeviceRequest } from "./device.js";
import type { ManagerEvent } from "./event.js";
import type { NodeId } from "./ids.js";
import type { StoreBatch } from "./store.js";

/** What the machine wants done. The shell performs effects in the order given; it decides nothing. */
export type Effect = RequestEffect | StoreEffect | WakeEffect | EventEffect | ReplyEffect;

/** What a lane asks of the shell: an interaction with the node, or a step that the shell carries out for it. */
export type LaneRequest = DeviceRequest | CertificateStep;

/** Send this to the node, or carry this step out for it, and feed the answer back as an `answer` input with the same id. */
export interface RequestEffect {
    readonly type: "request";
    /** Counts from 1 in each process. */
    readonly id: number;
    readonly node: NodeId;
    readonly request: LaneRequest;
    readonly deadlineMs: number;
    /** The item a write serves; reads for a capacity refresh have none. */
    readonly cause: RequestCause | null;
}

/** Which durable item explains a request. */
export interface RequestCause {
    /** Durable number of the item. */
    readonly item: number;
    readonly generation: number;
    readonly operation: "apply" | "verify" | "remove";
}

/** Make this batch durable and feed the outcome back as a `stored` input. Never more than one outstanding. */
export interface StoreEffect {
    readonly type: "store";
    readonly batch: StoreBatch;
}

/** Feed a `wake` input at (or after) this monotonic time; replaces the wake asked for before; null: no wake needed. */
export interface WakeEffect {
    readonly type: "wake";
    readonly atMonoMs: number | null;
}

/** Tell subscribers. */
export interface EventEffect {
    readonly type: "event";
    readonly event: ManagerEvent;
}

/** Answer the command of this id. */
export interface ReplyEffect {
    readonly type: "reply";
    readonly command: number;
    readonly result: CommandResult;
}
