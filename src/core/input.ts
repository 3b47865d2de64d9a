import type { Command } from "./command.js";
import type { AttributePath, DeviceAnswer } from "./device.js";
import type { NodeId } from "./ids.js";

/** What happened. Every input carries both clocks; scheduling uses only `monoMs`, `wallMs` is for people and for the store. */
export type Input = { readonly monoMs: number; readonly wallMs: number } & InputBody;

/** What happened, without the time at which it did. */
export type InputBody =
    /** First input of a process: the machine was built from the store's image. */
    | { readonly type: "start" }
    /** A caller's command; `id` counts from 1 in each process and comes back in the reply. */
    | { readonly type: "command"; readonly id: number; readonly command: Command }
    /** The answer to the request effect of this id. Late and repeated ones are ignored. */
    | { readonly type: "answer"; readonly request: number; readonly answer: DeviceAnswer }
    | { readonly type: "reachable"; readonly node: NodeId }
    | { readonly type: "unreachable"; readonly node: NodeId }
    | { readonly type: "softwareChanged"; readonly node: NodeId }
    | { readonly type: "structureChanged"; readonly node: NodeId }
    /** A subscription report carried this attribute. */
    | { readonly type: "report"; readonly node: NodeId; readonly path: AttributePath }
    /** The time of the last wake effect has come. */
    | { readonly type: "wake" }
    /** The batch is durable, or was refused and nothing of it is kept. */
    | { readonly type: "stored"; readonly batch: number; readonly durable: boolean };
