import { Status } from "../../src/core/status.js";
import { failedWith, PENDING } from "../bed.js";
import { keySet, N1 } from "../fixtures.js";
import type { OtherChange } from "../target.js";
import type { Fields } from "../values.js";

const { BUSY, FAILURE, RESOURCE_EXHAUSTED, TIMEOUT } = Status;

export const NODE = { nodeId: N1 };
export const REFRESH = { nodeId: BigInt(N1) };
/** A refresh that is not through; the suite also takes a failure that says so. */
export const NOT_THROUGH = [PENDING, failedWith(FAILURE), failedWith(TIMEOUT), failedWith(BUSY), failedWith(RESOURCE_EXHAUSTED)];

export const write = (cluster: string, name: string, value: readonly Fields[], mode: "append" | "remove" = "append", endpoint = 0): OtherChange => ({
    op: "write", endpoint, cluster, name, value, mode,
});

export const foreignSet = (id: number): OtherChange => ({
    op: "invoke", endpoint: 0, cluster: "GroupKeyManagement", name: "keySetWrite", value: { groupKeySet: keySet(id) },
});
