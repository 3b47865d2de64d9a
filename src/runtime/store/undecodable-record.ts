import type { TableName } from "../../core/store.js";

/**
 * Stands in an image for a record whose bytes are whole (their checksum is right) but do not decode. It holds nothing of the
 * content. The reader decides what to do: put it aside, report it, or delete it by a batch with `record: null`.
 *
 * The pure layers, which import nothing from here, recognise it by its property `undecodable`.
 */
export class UndecodableRecord {
    readonly undecodable = true;
    readonly table: TableName;
    readonly id: number;

    constructor(table: TableName, id: number) {
        this.table = table;
        this.id = id;
    }
}
