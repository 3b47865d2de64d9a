import type { KeyMaterial } from "../../src/core/key-material.js";
import { AuthMode, commissionersEntry, type AccessControlEntry } from "./access-control-entry.js";
import type { AccessControlEntryChanged } from "./access-control-event.js";
import { isFullAdministrator, type Requester } from "./access-guard.js";
import type { BindingEntry } from "./binding-entry.js";
import { KeySetState } from "./key-set-state.js";
import { OperationalIdentity } from "./operational-identity.js";
import type { Scene } from "./scene.js";

/** An entry of GroupKeyMap (core section 11.2.5.3). */
export type GroupKeyMapEntry = { readonly groupId: number; readonly groupKeySetId: number };

/** A row of the node-wide group table (section 11.2.5.5). */
export type GroupTableRow = { readonly groupId: number; readonly endpoints: readonly number[]; readonly groupName: string };

/** How often each table really changed: a checker looks again only when its number moved. Never goes back. */
export interface TableChanges {
    keySets: number;
    groupKeyMap: number;
    groupTable: number;
    acl: number;
    bindings: number;
    scenes: number;
    identity: number;
}

/** What {@link FabricTables.snapshot} remembers: tables are never changed in place, so references do. */
export interface FabricSnapshot {
    readonly keySets: readonly KeySetState[];
    readonly groupKeyMap: readonly GroupKeyMapEntry[];
    readonly groupTable: readonly GroupTableRow[];
    readonly acl: readonly AccessControlEntry[];
    readonly bindings: ReadonlyMap<number, readonly BindingEntry[]>;
    readonly scenes: ReadonlyMap<number, readonly Scene[]>;
    readonly identity: OperationalIdentity;
    readonly label: string;
}

const NO_ENTRIES: readonly GroupKeyMapEntry[] = [];
const NO_ROWS: readonly GroupTableRow[] = [];
const NO_BINDINGS: ReadonlyMap<number, readonly BindingEntry[]> = new Map();
const NO_BINDING: readonly BindingEntry[] = [];
const NO_SCENES: ReadonlyMap<number, readonly Scene[]> = new Map();
const NO_SCENE: readonly Scene[] = [];
const NO_EVENTS: readonly AccessControlEntryChanged[] = [];
const ACL_EVENTS_MAX = 32;
/** Until somebody says otherwise. */
const DEFAULT_NODE_ID = 1n;
const NO_CATS: readonly number[] = [];

function memberOf(nodeId: bigint): Requester {
    return { subject: nodeId, cats: NO_CATS, authMode: AuthMode.CASE };
}

/**
 * What a node keeps for one fabric. Each table is an immutable array that a change replaces: a read's answer, a snapshot and a
 * checker can all hold on to it, and "unchanged" is one comparison.
 */
export class FabricTables {
    /** In the order of writing; the IPK, id 0, comes first. */
    keySets: readonly KeySetState[] = [];
    groupKeyMap: readonly GroupKeyMapEntry[] = NO_ENTRIES;
    groupTable: readonly GroupTableRow[] = NO_ROWS;
    readonly changes: TableChanges = { keySets: 0, groupKeyMap: 0, groupTable: 0, acl: 0, bindings: 0, scenes: 0, identity: 0 };
    acl: readonly AccessControlEntry[] = [];
    /** By endpoint; none where there are none. */
    bindings: ReadonlyMap<number, readonly BindingEntry[]> = NO_BINDINGS;
    /** By endpoint; none where there are none. */
    scenes: ReadonlyMap<number, readonly Scene[]> = NO_SCENES;

    /** Who the node is on this fabric. */
    identity: OperationalIdentity;
    /** What administrators call the fabric. */
    label = "";
    /** Who asks when nobody else is named: the one who commissioned the node. */
    administrator: Requester;
    /** That one may do everything. */
    isOpenToAdministrator = true;
    /** Another exchange is in the middle of writing the access control list. */
    isAclBusy = false;
    /** The latest, oldest first. */
    aclEvents: readonly AccessControlEntryChanged[] = NO_EVENTS;

    #commissioned: readonly KeySetState[];
    #firstAcl: readonly AccessControlEntry[];

    #firstIdentity: OperationalIdentity;

    /** @param index fabric index on this node */
    constructor(
        readonly index: number,
        ipk: KeyMaterial,
        administrator: bigint,
    ) {
        this.identity = this.#firstIdentity = OperationalIdentity.commissioned(index, DEFAULT_NODE_ID);
        this.#commissioned = [KeySetState.ipkOfAddNoc(ipk)];
        this.#firstAcl = [commissionersEntry(administrator)];
        this.administrator = memberOf(administrator);
        this.reset(ipk, administrator);
    }

    /** As after AddNOC. */
    reset(ipk: KeyMaterial, administrator: bigint): void {
        if (this.#commissioned[0]!.keys[0] !== ipk) {
            this.#commissioned = [KeySetState.ipkOfAddNoc(ipk)];
        }
        this.setKeySets(this.#commissioned);
        this.setGroupKeyMap(NO_ENTRIES);
        this.setGroupTable(NO_ROWS);
        this.#setAllBindings(NO_BINDINGS);
        this.#setAllScenes(NO_SCENES);
        this.setIdentity(this.#firstIdentity);
        this.label = "";
        this.endAclWrite();
        this.aclEvents = NO_EVENTS;
        if (this.#firstAcl[0]!.subjects![0] !== administrator) {
            this.#firstAcl = [commissionersEntry(administrator)];
        }
        this.setAcl(this.#firstAcl);
        if (this.administrator.subject !== administrator || this.administrator.cats.length > 0) {
            this.setAdministrator(memberOf(administrator));
        }
    }

    setIdentity(identity: OperationalIdentity): void {
        this.identity = identity;
        this.changes.identity++;
    }

    /** AddNOC gave the node this id: also what a reset goes back to. */
    setNodeId(nodeId: bigint): void {
        this.#firstIdentity = OperationalIdentity.commissioned(this.index, nodeId);
        this.setIdentity(this.#firstIdentity);
    }

    setAdministrator(administrator: Requester): void {
        this.administrator = administrator;
        this.isOpenToAdministrator = isFullAdministrator(this.acl, administrator);
    }

    setKeySets(keySets: readonly KeySetState[]): void {
        this.keySets = keySets;
        this.changes.keySets++;
    }

    setGroupKeyMap(entries: readonly GroupKeyMapEntry[]): void {
        this.groupKeyMap = entries;
        this.changes.groupKeyMap++;
    }

    setGroupTable(rows: readonly GroupTableRow[]): void {
        this.groupTable = rows;
        this.changes.groupTable++;
    }

    setAcl(entries: readonly AccessControlEntry[]): void {
        this.acl = entries;
        this.changes.acl++;
        this.isOpenToAdministrator = entries === this.#firstAcl || isFullAdministrator(entries, this.administrator);
    }

    endAclWrite(): void {
        this.isAclBusy = false;
    }

    addAclEvents(events: readonly AccessControlEntryChanged[]): void {
        this.aclEvents = [...this.aclEvents, ...events].slice(-ACL_EVENTS_MAX);
    }

    bindingsOf(endpoint: number): readonly BindingEntry[] {
        return this.bindings.get(endpoint) ?? NO_BINDING;
    }

    setBindings(endpoint: number, entries: readonly BindingEntry[]): void {
        this.#setAllBindings(withList(this.bindings, endpoint, entries));
    }

    scenesOf(endpoint: number): readonly Scene[] {
        return this.scenes.get(endpoint) ?? NO_SCENE;
    }

    setScenes(endpoint: number, scenes: readonly Scene[]): void {
        this.#setAllScenes(withList(this.scenes, endpoint, scenes));
    }

    /** An endpoint is gone, and what the node kept for it. */
    forgetEndpoint(endpoint: number): void {
        if (this.bindings.has(endpoint)) {
            this.setBindings(endpoint, NO_BINDING);
        }
        if (this.scenes.has(endpoint)) {
            this.setScenes(endpoint, NO_SCENE);
        }
        if (this.groupTable.some(row => row.endpoints.includes(endpoint))) {
            this.setGroupTable(rowsWithout(this.groupTable, null, endpoint));
        }
    }

    #setAllBindings(bindings: ReadonlyMap<number, readonly BindingEntry[]>): void {
        this.bindings = bindings;
        this.changes.bindings++;
    }

    #setAllScenes(scenes: ReadonlyMap<number, readonly Scene[]>): void {
        this.scenes = scenes;
        this.changes.scenes++;
    }

    /** The last written set of this id: matter.js can hold two with id 0. */
    keySet(id: number): KeySetState | undefined {
        const sets = this.keySets;
        for (let i = sets.length - 1; i >= 0; i--) {
            if (sets[i]!.id === id) {
                return sets[i];
            }
        }
        return undefined;
    }

    /** The key set that a group is mapped to, -1 for none. */
    mappedKeySetId(groupId: number): number {
        const entries = this.groupKeyMap;
        for (let i = 0; i < entries.length; i++) {
            if (entries[i]!.groupId === groupId) {
                return entries[i]!.groupKeySetId;
            }
        }
        return -1;
    }

    /** Index of a group's row in the group table, -1 for none. */
    rowIndex(groupId: number): number {
        const rows = this.groupTable;
        for (let i = 0; i < rows.length; i++) {
            if (rows[i]!.groupId === groupId) {
                return i;
            }
        }
        return -1;
    }

    isMember(groupId: number, endpoint: number): boolean {
        const row = this.rowIndex(groupId);
        return row >= 0 && this.groupTable[row]!.endpoints.includes(endpoint);
    }

    snapshot(): FabricSnapshot {
        const { keySets, groupKeyMap, groupTable, acl, bindings, scenes, identity, label } = this;
        return { keySets, groupKeyMap, groupTable, acl, bindings, scenes, identity, label };
    }

    /** A power cut took back what was written since. */
    restore(snapshot: FabricSnapshot): void {
        if (snapshot.keySets !== this.keySets) {
            this.setKeySets(snapshot.keySets);
        }
        if (snapshot.groupKeyMap !== this.groupKeyMap) {
            this.setGroupKeyMap(snapshot.groupKeyMap);
        }
        if (snapshot.groupTable !== this.groupTable) {
            this.setGroupTable(snapshot.groupTable);
        }
        if (snapshot.acl !== this.acl) {
            this.setAcl(snapshot.acl);
        }
        if (snapshot.bindings !== this.bindings) {
            this.#setAllBindings(snapshot.bindings);
        }
        if (snapshot.scenes !== this.scenes) {
            this.#setAllScenes(snapshot.scenes);
        }
        this.label = snapshot.label;
        if (snapshot.identity !== this.identity) {
            this.setIdentity(snapshot.identity);
        }
    }
}

function withList<T>(lists: ReadonlyMap<number, readonly T[]>, endpoint: number, list: readonly T[]): ReadonlyMap<number, readonly T[]> {
    const changed = new Map(lists);
    if (list.length === 0) {
        changed.delete(endpoint);
    } else {
        changed.set(endpoint, list);
    }
    return changed;
}

/** The table without this endpoint in one group, or in all (null). A row goes with its last endpoint (core section 11.2.6.2). */
export function rowsWithout(rows: readonly GroupTableRow[], groupId: number | null, endpoint: number): readonly GroupTableRow[] {
    const left: GroupTableRow[] = [];
    for (const row of rows) {
        if ((groupId !== null && row.groupId !== groupId) || !row.endpoints.includes(endpoint)) {
            left.push(row);
        } else if (row.endpoints.length > 1) {
            left.push({ groupId: row.groupId, endpoints: row.endpoints.filter(other => other !== endpoint), groupName: row.groupName });
        }
    }
    return left;
}
