import type { AddNodeToGroupParams } from "../tasks/add-node-to-group.js";

/**
 * Intents by the name of their kind, for the compiler. Add your own kinds by declaration merging:
 *
 * ```ts
 * declare module "selvage" {
 *     interface KindIntents { doorCode: { readonly slot: number } }
 * }
 * ```
 */
export interface KindIntents {
    /** The node holds this revision of a key set (`putKeySet` gives revisions their numbers). */
    groupKey: { readonly keySetId: number; readonly revision: number };
    /** The node uses this key set for this group. */
    groupKeyMap: { readonly groupId: number; readonly keySetId: number };
    /** The endpoint is a member of the group; names have at most 16 bytes. */
    groupMembership: { readonly endpoint: number; readonly groupId: number; readonly name?: string };
    /** The node grants this; null: any subject, the whole node. Items that differ in `label` alone share an entry. */
    acl: {
        readonly privilege: number;
        readonly authMode: number;
        readonly subjects: readonly bigint[] | null;
        readonly targets: readonly { readonly cluster?: number | null; readonly endpoint?: number | null; readonly deviceType?: number | null }[] | null;
        readonly label?: string;
    };
    /** The endpoint is bound to an endpoint of a node, or to a group; without `cluster` for all it is a client of. */
    binding: {
        readonly endpoint: number;
        readonly target: { readonly node?: bigint; readonly endpoint?: number; readonly group?: number; readonly cluster?: number };
        readonly label?: string;
    };
}

/** Parameters by the name of their task, for the compiler; can be added to like {@link KindIntents}. */
export interface TaskParams {
    addNodeToGroup: AddNodeToGroupParams;
}

/** The intent of a kind: as declared in {@link KindIntents}, otherwise whatever the kind accepts. */
export type IntentOf<K extends string> = K extends keyof KindIntents ? KindIntents[K] : object;

/** The parameters of a task: as declared in {@link TaskParams}, otherwise whatever the task accepts. */
export type ParamsOf<T extends string> = T extends keyof TaskParams ? TaskParams[T] : object;
