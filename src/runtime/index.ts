export type { ManagerEventListener } from "./event-hub.js";
export { FabricManager, type KeySetInput, type PassScope, type RunOptions, type StartedRun } from "./fabric-manager.js";
export { fabricFingerprint } from "./fingerprint.js";
export type { KeySetInfo } from "./key-set-info.js";
export type { OpenOptions } from "./manager-options.js";
export { openManager } from "./open-manager.js";
export type { Problem, ProblemHandler } from "./problem.js";
export { openPureManager, type PureManager } from "./pure-manager.js";
export { RuntimeLimits } from "./runtime-limits.js";
export { SelvageError, type ErrorDetails, type SelvageErrorCode } from "./selvage-error.js";
export { systemClock, type SystemClockOptions } from "./system-clock.js";
export { systemEntropy } from "./system-entropy.js";
export type { IntentOf, KindIntents, ParamsOf, TaskParams } from "./typed-names.js";
export {
    decodeRecord,
    encodeRecord,
    LogStore,
    MemoryStore,
    StoreError,
    UndecodableRecord,
    type FilePort,
    type LogStoreOptions,
    type StoreErrorCode,
    type WritableFile,
} from "./store/index.js";
