import type { ItemKey } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { StatusCode } from "../core/status.js";

/**
 * What the datastore itself keeps: the fabric's lists, and what the managed items of its nodes cannot say. Immutable plain data, one record per entry. Node-scoped
 * lists are projections of items; key material is in the key sets of the core.
 */
export type JfdsRecord =
    | FabricRecord
    | ListIdsRecord
    | GroupRecord
    | AdminRecord
    | KeySetEntryRecord
    | NodeEntryRecord
    | EndpointRecord
    | EntryRecord
    | HeldMembershipRecord
    | HeldKeyRecord
    | LeavingKeyRecord
    | ForeignKeyRecord
    | SupersededRecord;

export type RecordOf<T extends JfdsRecord["type"]> = Extract<JfdsRecord, { readonly type: T }>;

/** The Joint Fabric, once it is formed. */
export interface FabricRecord {
    readonly type: "fabric";
    readonly anchorRootCa: Uint8Array;
    readonly anchorNodeId: NodeId;
    readonly anchorVendorId: number;
    readonly friendlyName: string;
    /** `deletePending`: a transfer to another Anchor is under way. */
    readonly state: "committed" | "deletePending";
    readonly changedAtMs: number;
    /** Wall time at which a transfer is given up; null: none is under way. */
    readonly transferUntilMs: number | null;
}

/** The latest ListID given out in each list. */
export interface ListIdsRecord {
    readonly type: "listIds";
    readonly binding: number;
    readonly acl: number;
}

/** DatastoreGroupInformationEntryStruct (section 11.24.5.5). */
export interface GroupRecord {
    readonly type: "group";
    readonly groupId: number;
    readonly friendlyName: string;
    readonly groupKeySetId: number | null;
    readonly groupCat: number | null;
    readonly groupCatVersion: number | null;
    readonly groupPermission: number;
}

/** DatastoreAdministratorInformationEntryStruct (section 11.24.5.15); the oldest is the Anchor. */
export interface AdminRecord {
    readonly type: "admin";
    readonly nodeId: NodeId;
    readonly friendlyName: string;
    readonly vendorId: number;
    readonly icac: Uint8Array;
}

/** A key set is in GroupKeySetList, with the material of this revision. */
export interface KeySetEntryRecord {
    readonly type: "keySet";
    readonly keySetId: number;
    readonly revision: number;
}

/** DatastoreNodeInformationEntryStruct (section 11.24.5.14). */
export interface NodeEntryRecord {
    readonly type: "node";
    readonly nodeId: NodeId;
    readonly friendlyName: string;
    readonly state: "pending" | "committed" | "commitFailed";
    readonly failureCode: StatusCode;
    readonly changedAtMs: number;
    /** What the refresh under way still has to do: read the node, or wait until what it found is dealt with. */
    readonly refresh: "none" | "observe" | "settle";
}

/** DatastoreEndpointEntryStruct (section 11.24.5.9). */
export interface EndpointRecord {
    readonly type: "endpoint";
    readonly nodeId: NodeId;
    readonly endpointId: number;
    readonly friendlyName: string;
}

/** A managed item (kind `binding` or `acl`) is an entry of EndpointBindingList or NodeACLList under this ListID. */
export interface EntryRecord {
    readonly type: "entry";
    readonly list: EntryListName;
    readonly listId: number;
    readonly nodeId: NodeId;
    /** Of the item. */
    readonly key: ItemKey;
}

export type EntryListName = "binding" | "acl";

/** The endpoint is to become a member as soon as there is a key set for the group. */
export interface HeldMembershipRecord {
    readonly type: "held";
    readonly nodeId: NodeId;
    readonly endpointId: number;
    readonly groupId: number;
    readonly changedAtMs: number;
}

/** The node is to be given this key set as soon as there is one. */
export interface HeldKeyRecord {
    readonly type: "heldKey";
    readonly nodeId: NodeId;
    readonly keySetId: number;
    readonly changedAtMs: number;
}

/** The key set is to leave the node as soon as these groups are mapped to another one there. */
export interface LeavingKeyRecord {
    readonly type: "leavingKey";
    readonly nodeId: NodeId;
    readonly keySetId: number;
    readonly groups: readonly number[];
    readonly changedAtMs: number;
}

/** Found on the node, and no item's: its material is not known here. */
export interface ForeignKeyRecord {
    readonly type: "foreignKey";
    readonly nodeId: NodeId;
    readonly keySetId: number;
    readonly changedAtMs: number;
}

/** An access control entry that is to leave the node as soon as the ones that take its place are there. */
export interface SupersededRecord {
    readonly type: "superseded";
    readonly nodeId: NodeId;
    /** Keys of `acl` items. */
    readonly key: ItemKey;
    readonly by: readonly ItemKey[];
}
