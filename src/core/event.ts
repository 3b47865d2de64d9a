import type { ItemKey } from "./identity.js";
import type { NodeId } from "./ids.js";
import type { Failure } from "./error.js";
import type { ItemFailure, ItemState, NotRestored, RunState } from "./records.js";
import type { TableName } from "./store.js";

/** How an item ended. */
export type ItemEnd = "done" | "withdrawn" | "nodeGone";

/** What subscribers are told; about durable state only after it is durable. */
export type ManagerEvent =
    | {
          readonly type: "itemChanged";
          readonly node: NodeId;
          readonly kind: string;
          readonly key: ItemKey;
          readonly state: ItemState;
          readonly generation: number;
          readonly failure: ItemFailure | null;
      }
    | {
          readonly type: "itemEnded";
          readonly node: NodeId;
          readonly kind: string;
          readonly key: ItemKey;
          readonly end: ItemEnd;
          /** Why the value is on the device all the same: an entry that this manager does not own holds it. */
          readonly remains?: string;
      }
    /** A live read found the device different; it was not rewritten. */
    | { readonly type: "itemDrifted"; readonly node: NodeId; readonly kind: string; readonly key: ItemKey; readonly held: boolean }
    /** The device holds the item again, or its hold was released. */
    | { readonly type: "itemDriftCleared"; readonly node: NodeId; readonly kind: string; readonly key: ItemKey }
    | { readonly type: "nodeAdded"; readonly node: NodeId }
    | { readonly type: "nodeRemoved"; readonly node: NodeId }
    | {
          readonly type: "runChanged";
          readonly run: number;
          readonly task: string;
          readonly state: RunState;
          readonly direction: "forward" | "backward";
          readonly phase: number;
          readonly cause: Failure | null;
          readonly notRestored: readonly NotRestored[];
      }
    /** These attributes of the Joint Fabric Datastore changed, by their names in lower camel case. */
    | { readonly type: "jfdsChanged"; readonly attributes: readonly string[] }
    /** The store refused a batch; what it held was taken back, or is tried again. */
    | { readonly type: "storeRefused"; readonly takenBack: number; readonly retried: number }
    /** A stored record did not validate: it is kept in the store, unused. */
    | { readonly type: "quarantined"; readonly table: TableName; readonly id: number; readonly reason: string };
