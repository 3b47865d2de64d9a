import { State } from "../specification.js";
import { copyOf, type Fields } from "../values.js";

export type List = "keySets" | "memberships" | "bindings" | "acl";

/** Something that a node is to hold, or not to hold any more. */
export interface Row {
    /** Never used twice; tells a row from another one with the same content. */
    readonly number: number;
    readonly list: List;
    readonly nodeId: bigint;
    /** Bindings and memberships. */
    readonly endpointId?: number;
    /** Bindings and ACL entries. */
    readonly listId?: number;
    /** { groupKeySetId }, { groupId }, a binding target, an ACL entry. */
    value: Fields;
    /** False: it is on its way out. */
    wanted: boolean;
    state: number;
    since: number;
    code: number;
    /** One higher with each change of what is wanted: a completion counts only for its own. */
    version: number;
    /** ACL: values that the node may hold in this row's place. */
    superseded: Fields[];
    /** ACL: this row waits until that one is committed. */
    after?: number;
    /** Memberships: the key set that the group is to be mapped to, and whether the node's map must be looked at. */
    keySetId?: number;
    remap?: boolean;
}

export interface NodeRow {
    readonly nodeId: bigint;
    friendlyName: string;
    state: number;
    since: number;
    code: number;
    /** A refresh is owed. */
    refresh: boolean;
}

/** Everything the server keeps. */
export interface Tables {
    isFormed: boolean;
    isAnchor: boolean;
    anchorRootCa: Uint8Array;
    anchorNodeId: bigint;
    anchorVendorId: number;
    friendlyName: string;
    status: { state: number; since: number };
    keySets: Fields[];
    groups: Fields[];
    administrators: Fields[];
    nodes: NodeRow[];
    endpoints: Fields[];
    rows: Row[];
    nextListId: number;
    nextRow: number;
}

export function emptyTables(firstListId: number): Tables {
    return {
        isFormed: false,
        isAnchor: true,
        anchorRootCa: new Uint8Array(),
        anchorNodeId: 0n,
        anchorVendorId: 0,
        friendlyName: "",
        status: { state: State.PENDING, since: 0 },
        keySets: [],
        groups: [],
        administrators: [],
        nodes: [],
        endpoints: [],
        rows: [],
        nextListId: firstListId,
        nextRow: 1,
    };
}

/** The attributes that the tables show (section 11.24.6). */
export function attributesOf(tables: Tables): Fields {
    const of = (list: List) => tables.rows.filter(row => row.list === list);
    const at = ({ nodeId, endpointId }: Row) => ({ nodeId, endpointId });
    return copyOf({
        anchorRootCa: tables.anchorRootCa,
        anchorNodeId: tables.anchorNodeId,
        anchorVendorId: tables.anchorVendorId,
        friendlyName: tables.friendlyName,
        groupKeySetList: tables.keySets,
        groupList: tables.groups,
        nodeList: tables.nodes.map(node => ({
            nodeId: node.nodeId,
            friendlyName: node.friendlyName,
            commissioningStatusEntry: statusEntry(node),
        })),
        adminList: tables.administrators,
        status: statusEntry({ ...tables.status, code: 0 }),
        endpointGroupIdList: of("memberships").map(row => ({ ...at(row), groupId: row.value["groupId"], statusEntry: statusEntry(row) })),
        endpointBindingList: of("bindings").map(row => ({ ...at(row), listId: row.listId, binding: row.value, statusEntry: statusEntry(row) })),
        nodeKeySetList: of("keySets").map(row => ({ nodeId: row.nodeId, groupKeySetId: row.value["groupKeySetId"], statusEntry: statusEntry(row) })),
        nodeAclList: of("acl").map(row => ({ nodeId: row.nodeId, listId: row.listId, aclEntry: row.value, statusEntry: statusEntry(row) })),
        nodeEndpointList: tables.endpoints,
    });
}

function statusEntry({ state, since, code }: { readonly state: number; readonly since: number; readonly code: number }): Fields {
    return { state, updateTimestamp: since, failureCode: state === State.COMMIT_FAILED ? code : 0 };
}
