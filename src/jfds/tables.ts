import type { Context } from "../core/context.js";
import { identityText, nodeText, type ItemKey } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import { Row } from "../core/row.js";
import type { EntryListName, EntryRecord, JfdsRecord, RecordOf } from "./records.js";

type RecordType = JfdsRecord["type"];

/** Who is told what becomes of the datastore's records. */
export interface TablesOwner {
    recordLanded(row: JfdsRow, before: JfdsRecord | null): void;
    recordTakenBack(row: JfdsRow): void;
    /** An entry of GroupKeySetList came, went or has other material. */
    keySetChanged(keySetId: number): void;
}

export class JfdsRow extends Row<JfdsRecord> {
    /** Under which the row is found by the item that it names, whatever became of its record. */
    itemText: string | null = null;

    constructor(
        id: number,
        readonly tables: Tables,
        /** Of its record, and of every later one. */
        readonly key: string,
        readonly recordType: RecordType,
        readonly nodeId: NodeId | null,
        record: JfdsRecord | null,
    ) {
        super("jfds", id, record);
    }

    isProgress(): boolean {
        return false;
    }

    takenBack(): void {
        this.tables.restored(this);
    }

    landed(before: JfdsRecord | null): void {
        this.tables.owner.recordLanded(this, before);
    }
}

/** Rows of one node, or of one type, by key. */
type Rows = Map<string, JfdsRow>;
const NO_ROWS: ReadonlyMap<string, JfdsRow> = new Map();

/** The datastore's own records, by everything that they are looked up by. */
export class Tables {
    readonly #rows: Rows = new Map();
    readonly #byType = new Map<RecordType, Rows>();
    readonly #byNode = new Map<NodeId, Rows>();
    /** Entries by the item that they name. */
    readonly #entryOfItem = new Map<string, JfdsRow>();

    constructor(
        private readonly context: Context,
        readonly owner: TablesOwner,
    ) {}

    load(id: number, record: JfdsRecord): JfdsRow {
        const row = new JfdsRow(id, this, recordKey(record), record.type, nodeOf(record), record);
        row.durable = record;
        this.#insert(row);
        return row;
    }

    has(record: JfdsRecord): boolean {
        return this.#rows.has(recordKey(record));
    }

    /** The record of this type under its identifying fields, in the order in which they stand in the record. */
    get<T extends RecordType>(type: T, ...id: (number | bigint | string)[]): RecordOf<T> | undefined {
        return this.#rows.get(keyText(type, id))?.record as RecordOf<T> | undefined;
    }

    /** In the order of creation, but for what the store gave back. */
    all<T extends RecordType>(type: T): RecordOf<T>[] {
        return [...(this.#byType.get(type) ?? NO_ROWS).values()].map(row => row.record as RecordOf<T>);
    }

    count(type: RecordType): number {
        return this.#byType.get(type)?.size ?? 0;
    }

    ofNode<T extends RecordType>(nodeId: NodeId, type: T): RecordOf<T>[] {
        const found: RecordOf<T>[] = [];
        for (const { record } of (this.#byNode.get(nodeId) ?? NO_ROWS).values()) {
            if (record?.type === type) {
                found.push(record as RecordOf<T>);
            }
        }
        return found;
    }

    everythingOfNode(nodeId: NodeId): JfdsRecord[] {
        return [...(this.#byNode.get(nodeId) ?? NO_ROWS).values()].map(row => row.record!);
    }

    entryOf(list: EntryListName, nodeId: NodeId, key: ItemKey): EntryRecord | undefined {
        return this.#entryOfItem.get(itemText(list, nodeId, key))?.record as EntryRecord | undefined;
    }

    put(record: JfdsRecord): void {
        const key = recordKey(record);
        let row = this.#rows.get(key);
        if (row === undefined) {
            row = new JfdsRow(this.context.numbers.draw(this.context.ledger), this, key, record.type, nodeOf(record), null);
        } else {
            this.#forgetItem(row);
        }
        this.context.ledger.write(row, record);
        this.#insert(row);
        this.#tell(record);
    }

    /** Nothing happens if there is none. */
    delete(record: JfdsRecord | undefined): void {
        const row = record === undefined ? undefined : this.#rows.get(recordKey(record));
        if (row !== undefined) {
            this.#remove(row);
            this.context.ledger.write(row, null);
            this.#tell(record!);
        }
    }

    #tell(record: JfdsRecord): void {
        if (record.type === "keySet") {
            this.owner.keySetChanged(record.keySetId);
        }
    }

    /** The store took a change back: the indexes follow. */
    restored(row: JfdsRow): void {
        this.#remove(row);
        if (row.record !== null) {
            this.#insert(row);
        }
        this.owner.recordTakenBack(row);
    }

    #insert(row: JfdsRow): void {
        this.#rows.set(row.key, row);
        mapIn(this.#byType, row.recordType).set(row.key, row);
        if (row.nodeId !== null) {
            mapIn(this.#byNode, row.nodeId).set(row.key, row);
        }
        if (row.record?.type === "entry") {
            row.itemText = itemText(row.record.list, row.record.nodeId, row.record.key);
            this.#entryOfItem.set(row.itemText, row);
        }
    }

    #remove(row: JfdsRow): void {
        this.#forgetItem(row);
        if (this.#rows.get(row.key) !== row) {
            return; // another row has its place
        }
        this.#rows.delete(row.key);
        this.#byType.get(row.recordType)?.delete(row.key);
        const ofNode = row.nodeId === null ? undefined : this.#byNode.get(row.nodeId);
        ofNode?.delete(row.key);
        if (ofNode?.size === 0) {
            this.#byNode.delete(row.nodeId!);
        }
    }

    #forgetItem(row: JfdsRow): void {
        if (row.itemText !== null && this.#entryOfItem.get(row.itemText) === row) {
            this.#entryOfItem.delete(row.itemText);
        }
        row.itemText = null;
    }
}

function mapIn<K>(maps: Map<K, Rows>, key: K): Rows {
    let rows = maps.get(key);
    if (rows === undefined) {
        rows = new Map();
        maps.set(key, rows);
    }
    return rows;
}

/** One text per item of a node, for both lists. */
export function itemText(list: EntryListName, nodeId: NodeId, key: ItemKey): string {
    return `${nodeText(nodeId)} ${identityText(list, key)}`;
}

function keyText(type: RecordType, id: readonly (number | bigint | string)[]): string {
    return id.reduce<string>((text, part) => `${text}/${part}`, type);
}

function nodeOf(record: JfdsRecord): NodeId | null {
    return record.type !== "admin" && "nodeId" in record ? record.nodeId : null;
}

/** One text per identity. */
export function recordKey(record: JfdsRecord): string {
    switch (record.type) {
        case "fabric":
        case "listIds":
            return record.type;
        case "group":
            return keyText(record.type, [record.groupId]);
        case "admin":
        case "node":
            return keyText(record.type, [record.nodeId]);
        case "keySet":
            return keyText(record.type, [record.keySetId]);
        case "endpoint":
            return keyText(record.type, [record.nodeId, record.endpointId]);
        case "entry":
            return keyText(record.type, [record.list, record.listId]);
        case "held":
            return keyText(record.type, [record.nodeId, record.endpointId, record.groupId]);
        case "heldKey":
        case "leavingKey":
        case "foreignKey":
            return keyText(record.type, [record.nodeId, record.keySetId]);
        case "superseded":
            return keyText(record.type, [record.nodeId, identityText("acl", record.key)]);
    }
}
