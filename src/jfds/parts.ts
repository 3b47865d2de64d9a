import type { NodeId } from "../core/ids.js";
import type { MachineParts } from "../core/machine.js";
import type { CommandName } from "./fields.js";
import { Status, type StatusCode } from "../core/status.js";
import { GROUP_KEY, IPK } from "../kinds/index.js";
import { Draft } from "./draft.js";
import type { ItemLists } from "./item-lists.js";
import type { DatastoreSettings } from "./options.js";
import type { Tables } from "./tables.js";

/** What the datastore's commands work on. */
export interface Parts {
    readonly machine: MachineParts;
    readonly tables: Tables;
    readonly lists: ItemLists;
    readonly settings: DatastoreSettings;
}

/** Carries out one command whose fields are in order; SUCCESS: it is recorded. Anything else: nothing was changed. */
export type CommandHandler = (fields: never) => StatusCode;
export type CommandHandlers = { readonly [C in CommandName]?: CommandHandler };

export function newDraft({ machine, settings }: Parts): Draft {
    return new Draft(machine, settings.limits.owedPerNode);
}

/** The status for a node, endpoint or entry that is not there. */
export function unknownTarget({ settings }: Parts): StatusCode {
    return Status[settings.policies.unknownTarget];
}

/** The status for the removal of what is not there. */
export function nothingToRemove({ settings }: Parts): StatusCode {
    return Status[settings.policies.idempotentRemove];
}

export function isKnownNode({ tables }: Parts, nodeId: NodeId): boolean {
    return tables.get("node", nodeId) !== undefined;
}

export function isKnownEndpoint({ tables }: Parts, nodeId: NodeId, endpointId: number): boolean {
    return tables.get("endpoint", nodeId, endpointId) !== undefined;
}

/** Rows of NodeKeySetList. */
export function nodeKeySetRows({ lists, tables }: Parts): number {
    return lists.of(GROUP_KEY).size + lists.of(IPK).size + tables.count("heldKey") + tables.count("foreignKey");
}
