/** Selvage: the intended state of a Matter fabric, kept and pursued. */
export * from "./core/index.js";
export * from "./kinds/index.js";
export * from "./runtime/index.js";
export { ADD_NODE_TO_GROUP, type AddNodeToGroupParams } from "./tasks/add-node-to-group.js";
export type {
    Awaited,
    Draw,
    Gate,
    ItemView,
    KeySetDraft,
    NodeItem,
    Phase,
    Prepared,
    TaskDefinition,
    View,
    Wanted,
} from "./tasks/definition.js";
export type { Reason } from "./tasks/explain.js";
export type { Assessment, ItemInfo, ManagerOptions, RunInfo, Subject } from "./tasks/manager.js";
