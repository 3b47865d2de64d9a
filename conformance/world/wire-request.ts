import type { DeviceRequest } from "../../src/core/device.js";

/** A request to a member node, with its endpoint as a plain number: a server under test need not know our branded ones. */
export type WireRequest = DeviceRequest extends infer R ? (R extends DeviceRequest ? Omit<R, "endpoint"> & { readonly endpoint: number } : never) : never;
