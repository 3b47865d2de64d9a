export { LogStore, type LogStoreOptions } from "./log-store.js";
export type { FilePort, WritableFile } from "./file-port.js";
export { MemoryStore } from "./memory-store.js";
export { StoreError, type StoreErrorCode } from "./store-error.js";
export { UndecodableRecord } from "./undecodable-record.js";
export { decodeRecord, encodeRecord } from "./record-codec.js";
