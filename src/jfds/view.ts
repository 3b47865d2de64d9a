import type { DeviceFields } from "../core/device.js";
import type { KeySetId, NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import type { KeyMaterial } from "../core/key-material.js";
import type { ItemRecord, KeySetRevision } from "../core/records.js";
import { ACL, BINDING, GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP, IPK, type AclIntent, type BindingIntent, type GroupKeyMapIntent } from "../kinds/index.js";
import type { Parts } from "./parts.js";
import type { EntryListName, FabricRecord, JfdsRecord, RecordOf } from "./records.js";
import { failureCodeOf, statusEntry, type StatusEntry } from "./status-entry.js";
import { itemText, type JfdsRow } from "./tables.js";

/** The cluster's attributes as plain data, under the specification's names; octet strings of keys are secrets that only the host may reveal. */
export interface DatastoreAttributes {
    /** Null until the fabric is formed, as the next three. */
    readonly anchorRootCa: Uint8Array | null;
    readonly anchorNodeId: NodeId | null;
    readonly anchorVendorId: number | null;
    readonly friendlyName: string | null;
    readonly groupKeySetList: readonly GroupKeySetStruct[];
    readonly groupList: readonly GroupInformationEntry[];
    readonly nodeList: readonly NodeInformationEntry[];
    readonly adminList: readonly AdministratorInformationEntry[];
    readonly status: StatusEntry;
    readonly endpointGroupIdList: readonly EndpointGroupIdEntry[];
    readonly endpointBindingList: readonly EndpointBindingEntry[];
    readonly nodeKeySetList: readonly NodeKeySetEntry[];
    readonly nodeAclList: readonly AclEntry[];
    readonly nodeEndpointList: readonly EndpointEntry[];
}

export type AttributeName = keyof DatastoreAttributes;

export interface GroupKeySetStruct {
    readonly groupKeySetId: number;
    readonly groupKeySecurityPolicy: number;
    readonly epochKey0: KeyMaterial | null;
    readonly epochStartTime0: bigint | null;
    readonly epochKey1: KeyMaterial | null;
    readonly epochStartTime1: bigint | null;
    readonly epochKey2: KeyMaterial | null;
    readonly epochStartTime2: bigint | null;
}

export type GroupInformationEntry = Omit<RecordOf<"group">, "type">;
export type AdministratorInformationEntry = Omit<RecordOf<"admin">, "type">;
export type EndpointEntry = Omit<RecordOf<"endpoint">, "type">;

export interface NodeInformationEntry {
    readonly nodeId: NodeId;
    readonly friendlyName: string;
    readonly commissioningStatusEntry: StatusEntry;
}

export interface EndpointGroupIdEntry {
    readonly nodeId: NodeId;
    readonly endpointId: number;
    readonly groupId: number;
    readonly statusEntry: StatusEntry;
}

export interface EndpointBindingEntry {
    readonly nodeId: NodeId;
    readonly endpointId: number;
    readonly listId: number;
    /** Fields that say nothing are absent. */
    readonly binding: DeviceFields;
    readonly statusEntry: StatusEntry;
}

export interface NodeKeySetEntry {
    readonly nodeId: NodeId;
    readonly groupKeySetId: number;
    readonly statusEntry: StatusEntry;
}

export interface AclEntry {
    readonly nodeId: NodeId;
    readonly listId: number;
    readonly aclEntry: Pick<AclIntent, "privilege" | "authMode" | "subjects" | "targets">;
    readonly statusEntry: StatusEntry;
}

const nodeLists: readonly AttributeName[] = ["endpointGroupIdList", "endpointBindingList", "nodeKeySetList", "nodeAclList"];
const attributesOfKind: { readonly [kind: string]: readonly AttributeName[] | undefined } = {
    [GROUP_KEY]: ["nodeKeySetList"],
    [IPK]: ["nodeKeySetList"],
    [GROUP_KEY_MAP]: ["nodeKeySetList", "endpointGroupIdList"],
    [GROUP_MEMBERSHIP]: ["endpointGroupIdList"],
    [BINDING]: ["endpointBindingList"],
    [ACL]: ["nodeAclList"],
};
const everything: readonly AttributeName[] = [
    "anchorRootCa",
    "anchorNodeId",
    "anchorVendorId",
    "friendlyName",
    "groupKeySetList",
    "groupList",
    "nodeList",
    "adminList",
    "status",
    ...nodeLists,
    "nodeEndpointList",
];

/** The attributes as they are durable: what a crash could take back is not shown. Each is built when it is asked for, and kept until it changes. */
export class View {
    /** Durable rows and items by what they are. */
    readonly #rows = new Map<JfdsRecord["type"], Map<string, JfdsRow>>();
    readonly #items = new Map<string, Map<number, { readonly item: Item; record: ItemRecord }>>();
    /** Durable bindings and access control entries by identity. */
    readonly #byText = new Map<string, ItemRecord>();
    /** Material of every revision that memory or store has in GroupKeySetList. */
    readonly #material = new Map<number, Map<number, KeySetRevision>>();
    readonly #cache = new Map<AttributeName, unknown>();
    #changed = new Set<AttributeName>();

    constructor(private readonly parts: Pick<Parts, "machine" | "tables">) {}

    attribute<N extends AttributeName>(name: N): DatastoreAttributes[N] {
        if (!this.#cache.has(name)) {
            this.#cache.set(name, builders[name](this));
        }
        return this.#cache.get(name) as DatastoreAttributes[N];
    }

    attributes(): DatastoreAttributes {
        return Object.fromEntries(everything.map(name => [name, this.attribute(name)])) as unknown as DatastoreAttributes;
    }

    /** Attributes that changed since the last call. */
    takeChanged(): readonly AttributeName[] {
        const changed = everything.filter(name => this.#changed.has(name));
        if (changed.length > 0) {
            this.#changed = new Set();
        }
        return changed;
    }

    itemLanded(item: Item): void {
        const touched = attributesOfKind[item.kindName];
        if (touched === undefined) {
            return;
        }
        const items = mapIn(this.#items, item.kindName);
        const before = items.get(item.id)?.record;
        const after = item.durable;
        if (after === null) {
            items.delete(item.id);
        } else {
            items.set(item.id, { item, record: after });
        }
        if (item.kindName === BINDING || item.kindName === ACL) {
            this.#setText(item, after);
        }
        if (before?.state !== after?.state || before?.changedAtMs !== after?.changedAtMs || before?.intent !== after?.intent) {
            touched.forEach(attribute => this.#touch(attribute));
        }
    }

    recordLanded(row: JfdsRow, before: JfdsRecord | null): void {
        const rows = mapIn(this.#rows, row.recordType);
        if (row.durable === null) {
            if (rows.get(row.key) === row) {
                rows.delete(row.key);
            }
        } else {
            rows.set(row.key, row);
        }
        for (const attribute of touchedBy(row.recordType, before === null || row.durable === null, (row.durable ?? before)!)) {
            this.#touch(attribute);
        }
        if (row.recordType === "keySet") {
            this.#forgetMaterial(row);
        }
    }

    /** The material of an entry of GroupKeySetList is kept as long as the entry is shown with it. */
    keepMaterial({ keySetId, revision }: RecordOf<"keySet">): void {
        const material = this.parts.machine.keySets.revision(keySetId as KeySetId, revision);
        if (material !== undefined) {
            mapIn(this.#material, keySetId).set(revision, material);
        }
    }

    durable<T extends JfdsRecord["type"]>(type: T): RecordOf<T>[] {
        const rows = [...(this.#rows.get(type)?.values() ?? [])].sort((a, b) => a.id - b.id);
        return rows.map(row => row.durable as RecordOf<T>);
    }

    /** Durable items of the kind on nodes of the datastore, oldest first. */
    durableItems(kind: string): { readonly item: Item; readonly record: ItemRecord }[] {
        const items = [...(this.#items.get(kind)?.values() ?? [])].filter(({ item }) => this.#isDurable("node", item.node.nodeId));
        return items.sort((a, b) => a.item.id - b.item.id);
    }

    itemOfEntry({ list, nodeId, key }: Pick<RecordOf<"entry">, "list" | "nodeId" | "key">): ItemRecord | undefined {
        return this.#byText.get(itemText(list, nodeId, key));
    }

    material(keySetId: number, revision: number): KeySetRevision | undefined {
        return this.#material.get(keySetId)?.get(revision);
    }

    #isDurable(type: JfdsRecord["type"], ...id: (number | bigint)[]): boolean {
        return this.#rows.get(type)?.has(`${type}/${id.join("/")}`) ?? false;
    }

    #setText(item: Item, record: ItemRecord | null): void {
        const text = itemText(item.kindName as EntryListName, item.node.nodeId, item.key);
        if (record === null) {
            this.#byText.delete(text);
        } else {
            this.#byText.set(text, record);
        }
    }

    #forgetMaterial(row: JfdsRow): void {
        const keySetId = Number(row.key.split("/")[1]);
        const shown = [this.#rows.get("keySet")?.get(row.key)?.durable as RecordOf<"keySet"> | undefined, this.parts.tables.get("keySet", keySetId)];
        const material = this.#material.get(keySetId);
        for (const revision of [...(material?.keys() ?? [])]) {
            if (shown.every(record => record?.revision !== revision)) {
                material!.delete(revision);
            }
        }
    }

    #touch(attribute: AttributeName): void {
        this.#cache.delete(attribute);
        this.#changed.add(attribute);
    }
}

function mapIn<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
    let map = maps.get(key);
    if (map === undefined) {
        map = new Map();
        maps.set(key, map);
    }
    return map;
}

/** Attributes that a record of the type shows in. */
function touchedBy(type: JfdsRecord["type"], cameOrWent: boolean, record: JfdsRecord): readonly AttributeName[] {
    switch (type) {
        case "fabric":
            return cameOrWent ? everything : ["status"];
        case "group":
            return ["groupList"];
        case "admin":
            return ["adminList"];
        case "keySet":
            return ["groupKeySetList"];
        case "node":
            return cameOrWent ? ["nodeList", ...nodeLists] : ["nodeList"];
        case "endpoint":
            return ["nodeEndpointList"];
        case "entry":
            return [(record as RecordOf<"entry">).list === "binding" ? "endpointBindingList" : "nodeAclList"];
        case "held":
            return ["endpointGroupIdList"];
        case "heldKey":
        case "leavingKey":
        case "foreignKey":
            return ["nodeKeySetList"];
        case "superseded":
            return ["nodeAclList"];
        case "listIds":
            return [];
    }
}

function statusOf({ state, changedAtMs, failure }: ItemRecord): StatusEntry {
    return statusEntry(state, changedAtMs, failureCodeOf(failure));
}

function fabricOf(view: View): FabricRecord | undefined {
    return view.durable("fabric")[0];
}

function withoutType<R extends { readonly type: string }>({ type: _, ...fields }: R): Omit<R, "type"> {
    return fields;
}

const builders: { readonly [N in AttributeName]: (view: View) => DatastoreAttributes[N] } = {
    anchorRootCa: view => fabricOf(view)?.anchorRootCa.slice() ?? null,
    anchorNodeId: view => fabricOf(view)?.anchorNodeId ?? null,
    anchorVendorId: view => fabricOf(view)?.anchorVendorId ?? null,
    friendlyName: view => fabricOf(view)?.friendlyName ?? null,
    groupKeySetList: view => view.durable("keySet").map(record => keySetStruct(view, record)),
    groupList: view => view.durable("group").map(withoutType),
    nodeList: view =>
        view.durable("node").map(({ nodeId, friendlyName, state, changedAtMs, failureCode }) => ({
            nodeId,
            friendlyName,
            commissioningStatusEntry: statusEntry(state, changedAtMs, failureCode),
        })),
    adminList: view => view.durable("admin").map(withoutType),
    status: view => {
        const fabric = fabricOf(view);
        return statusEntry(fabric?.state ?? "pending", fabric?.changedAtMs ?? 0);
    },
    endpointGroupIdList: memberships,
    endpointBindingList: view =>
        entriesOf(view, "binding").map(({ entry, record }) => {
            const { endpoint, target } = record.intent as BindingIntent;
            const binding: DeviceFields = Object.fromEntries(Object.entries(target).filter((field): field is [string, number | bigint] => field[1] !== null));
            return { nodeId: entry.nodeId, endpointId: endpoint, listId: entry.listId, binding, statusEntry: statusOf(record) };
        }),
    nodeKeySetList: nodeKeySets,
    nodeAclList: nodeAcls,
    nodeEndpointList: view => view.durable("endpoint").map(withoutType),
};

function entriesOf(view: View, list: EntryListName): { entry: RecordOf<"entry">; record: ItemRecord }[] {
    return view.durable("entry").flatMap(entry => {
        const record = entry.list === list ? view.itemOfEntry(entry) : undefined;
        return record === undefined ? [] : [{ entry, record }];
    });
}

/** Map entries that nodes still owe, by node and group. */
function owedMaps(view: View): Map<string, ItemRecord> {
    const maps = view.durableItems(GROUP_KEY_MAP).filter(({ record }) => record.owes === "apply");
    return new Map(maps.map(({ item, record }) => [`${item.node.nodeId}/${item.key[0]}`, record]));
}

/** No list shows map entries: that one cannot be written shows where it keeps an endpoint from becoming a member. */
function memberships(view: View): EndpointGroupIdEntry[] {
    const maps = owedMaps(view);
    const heldRecords = view.durable("held");
    const wantedAgain = new Set(heldRecords.map(({ nodeId, endpointId, groupId }) => `${nodeId}/${endpointId}/${groupId}`));
    const items = view.durableItems(GROUP_MEMBERSHIP).filter(({ item }) => !wantedAgain.has(`${item.node.nodeId}/${item.key[0]}/${item.key[1]}`));
    const rows = items.map(({ item, record }) => {
        const [endpointId, groupId] = item.key as readonly [number, number];
        const map = record.state === "pending" ? maps.get(`${item.node.nodeId}/${groupId}`) : undefined;
        return { nodeId: item.node.nodeId, endpointId, groupId, statusEntry: statusOf(map?.state === "commitFailed" ? map : record) };
    });
    const held = heldRecords.map(({ nodeId, endpointId, groupId, changedAtMs }) => ({
        nodeId,
        endpointId,
        groupId,
        statusEntry: statusEntry("pending", changedAtMs),
    }));
    return [...rows, ...held];
}

/** Key sets that groups with members are yet to be mapped to: without that they are of no use there. */
function owedKeySets(view: View): Map<string, ItemRecord> {
    const members = view.durableItems(GROUP_MEMBERSHIP).filter(({ record }) => record.state === "committed");
    const maps = owedMaps(view);
    const owed = new Map<string, ItemRecord>();
    for (const { item } of members) {
        const map = maps.get(`${item.node.nodeId}/${item.key[1]}`);
        if (map !== undefined) {
            owed.set(`${item.node.nodeId}/${(map.intent as GroupKeyMapIntent).keySetId}`, map);
        }
    }
    return owed;
}

/** An entry that takes the place of others is not committed before those are gone: until then they may still grant what they should not. */
function nodeAcls(view: View): AclEntry[] {
    const replaced = new Map<string, ItemRecord>();
    for (const { nodeId, key, by } of view.durable("superseded")) {
        const old = view.itemOfEntry({ list: "acl", nodeId, key });
        for (const successor of old === undefined ? [] : by) {
            replaced.set(itemText("acl", nodeId, successor), old!);
        }
    }
    return entriesOf(view, "acl").map(({ entry, record }) => {
        const { privilege, authMode, subjects, targets } = record.intent as AclIntent;
        const old = record.state === "committed" ? replaced.get(itemText("acl", entry.nodeId, entry.key)) : undefined;
        const isFailed = old?.state === "commitFailed";
        const shown = old === undefined || isFailed ? statusOf(old ?? record) : statusEntry("pending", Math.max(record.changedAtMs, old.changedAtMs));
        return { nodeId: entry.nodeId, listId: entry.listId, aclEntry: { privilege, authMode, subjects, targets }, statusEntry: shown };
    });
}

function nodeKeySets(view: View): NodeKeySetEntry[] {
    const leaving = new Map(view.durable("leavingKey").map(record => [`${record.nodeId}/${record.keySetId}`, record]));
    const owed = owedKeySets(view);
    const shown = new Set<string>();
    const rows: NodeKeySetEntry[] = [];
    for (const { item, record } of [...view.durableItems(IPK), ...view.durableItems(GROUP_KEY)]) {
        const groupKeySetId = item.key[0] as number;
        const nodeId = item.node.nodeId;
        const left = leaving.get(`${nodeId}/${groupKeySetId}`);
        shown.add(`${nodeId}/${groupKeySetId}`);
        rows.push({ nodeId, groupKeySetId, statusEntry: left === undefined ? statusOf(shownFor(record, owed.get(`${nodeId}/${groupKeySetId}`))) : statusEntry("deletePending", left.changedAtMs) });
    }
    for (const [type, state] of [
        ["heldKey", "pending"],
        ["foreignKey", "committed"],
    ] as const) {
        for (const { nodeId, keySetId, changedAtMs } of view.durable(type)) {
            if (!shown.has(`${nodeId}/${keySetId}`)) {
                shown.add(`${nodeId}/${keySetId}`);
                rows.push({ nodeId, groupKeySetId: keySetId, statusEntry: statusEntry(state, changedAtMs) });
            }
        }
    }
    return rows;
}

/** A key set is there when it can be used. */
function shownFor(record: ItemRecord, map: ItemRecord | undefined): ItemRecord {
    return record.state === "committed" ? (map ?? record) : record;
}

function keySetStruct(view: View, { keySetId, revision }: RecordOf<"keySet">): GroupKeySetStruct {
    const { policy = 0, slots = [] } = view.material(keySetId, revision) ?? {};
    const keyOf = (slot: number) => slots[slot]?.key ?? null;
    const startTimeOf = (slot: number) => slots[slot]?.startTime ?? null;
    return {
        groupKeySetId: keySetId,
        groupKeySecurityPolicy: policy,
        epochKey0: keyOf(0),
        epochStartTime0: startTimeOf(0),
        epochKey1: keyOf(1),
        epochStartTime1: startTimeOf(1),
        epochKey2: keyOf(2),
        epochStartTime2: startTimeOf(2),
    };
}
