import type { DeviceAnswer } from "../../src/core/device.js";
import { ADMINISTRATOR_CAT, ANCHOR_CAT, Limits, Privilege, State } from "../specification.js";
import type { Report, ServerLimits, Setup } from "../target.js";
import { copyOf, equal, type Fields } from "../values.js";
import type { ServerPort } from "../world/world.js";
import { sameAclEntry } from "../acl-entry.js";
import { attributesOf, emptyTables, type List, type NodeRow, type Row, type Tables } from "./tables.js";
import type { WireRequest } from "../world/wire-request.js";

/** What outlives the server. */
export interface PlainStore {
    image: Tables | undefined;
    writes: number;
    /** The server is dead as soon as so many writes were made. */
    killAt: number;
}

const DEFAULT_LIMITS: ServerLimits = { ...Limits, queue: 64 };

/** The tables of a plain server: durable, shown as attributes, reported to subscribers. */
export class PlainState {
    tables: Tables;
    isDead = false;
    /** Moves with each change that an attribute shows. */
    dataVersion = 1;
    onReport: ((report: Report) => void) | undefined;
    protected readonly limits: ServerLimits;
    #shown: Fields;

    constructor(
        protected readonly port: ServerPort,
        protected readonly store: PlainStore,
        protected readonly setup: Setup,
        protected readonly anchor: { readonly nodeId: bigint; readonly vendorId: number; readonly root: Uint8Array },
    ) {
        this.limits = { ...DEFAULT_LIMITS, ...setup.limits };
        this.tables = this.loaded() ?? emptyTables(setup.firstListId ?? 1);
        this.#shown = attributesOf(this.tables);
    }

    protected loaded(): Tables | undefined {
        return this.store.image === undefined ? undefined : copyOf(this.store.image as never);
    }

    get attributes(): Fields {
        return attributesOf(this.tables);
    }

    /** What changed is durable from here on, and told to subscribers. */
    save(): void {
        if (this.isDead) {
            return;
        }
        this.persist();
        this.store.writes++;
        if (this.store.writes >= this.store.killAt) {
            this.isDead = true;
            return;
        }
        const before = this.#shown;
        this.#shown = attributesOf(this.tables);
        for (const [attribute, value] of Object.entries(this.#shown)) {
            if (!equal(before[attribute], value)) {
                this.dataVersion++;
                this.report({ attribute, value, atMs: this.port.time.nowMs });
            }
        }
    }

    protected persist(): void {
        this.store.image = copyOf(this.tables as never);
    }

    protected report(report: Report): void {
        this.onReport?.(report);
    }

    /** A dead server asks nothing, and never hears an answer. */
    protected request(nodeId: bigint, request: WireRequest): Promise<DeviceAnswer> {
        return new Promise(resolve => {
            if (!this.isDead) {
                void this.port.request(Number(nodeId), request).then(answer => {
                    if (!this.isDead) {
                        resolve(answer);
                    }
                });
            }
        });
    }

    /** Formation: everything at once. */
    form(): void {
        const { nodeId, vendorId, root } = this.anchor;
        const group = { friendlyName: "", groupKeySetId: null, groupCatVersion: this.setup.requiredCatVersion ?? 1, groupPermission: Privilege.ADMINISTER };
        Object.assign(this.tables, {
            isFormed: true,
            isAnchor: true,
            anchorRootCa: root,
            anchorNodeId: nodeId,
            anchorVendorId: vendorId,
            friendlyName: "Fabric",
            status: { state: State.COMMITTED, since: this.port.nowEpochS() },
            keySets: [ipkOf(root)],
            groups: [
                { groupId: 0xfffe, ...group, friendlyName: "Administrators", groupCat: ADMINISTRATOR_CAT },
                { groupId: 0xfffd, ...group, friendlyName: "Anchor", groupCat: ANCHOR_CAT },
            ],
            administrators: [{ nodeId, friendlyName: "Anchor", vendorId, icac: new Uint8Array() }],
        } satisfies Partial<Tables>);
        this.save();
    }

    protected node(nodeId: bigint): NodeRow | undefined {
        return this.tables.nodes.find(node => node.nodeId === nodeId);
    }

    protected group(groupId: number): Fields | undefined {
        return this.tables.groups.find(group => group["groupId"] === groupId);
    }

    protected keySet(id: unknown): Fields | undefined {
        return this.tables.keySets.find(set => set["groupKeySetId"] === id);
    }

    protected rowsOf(nodeId: bigint, list?: List): Row[] {
        return this.tables.rows.filter(row => row.nodeId === nodeId && (list === undefined || row.list === list));
    }

    protected keyRow(nodeId: bigint, keySetId: unknown): Row | undefined {
        return this.rowsOf(nodeId, "keySets").find(row => row.value["groupKeySetId"] === keySetId);
    }

    protected hasEndpoint(nodeId: bigint, endpointId: number): boolean {
        return this.tables.endpoints.some(endpoint => endpoint["nodeId"] === nodeId && endpoint["endpointId"] === endpointId);
    }

    /** Equal as what the list holds. */
    protected sameValue(list: List, one: Fields, other: Fields): boolean {
        return list === "acl" ? sameAclEntry(one, other) : equal(one, other);
    }

    protected freeListId(list: List): number {
        const isTaken = (id: number) => this.tables.rows.some(row => row.list === list && row.listId === id);
        while (isTaken(this.tables.nextListId)) {
            this.#stepListId();
        }
        const id = this.tables.nextListId;
        this.#stepListId();
        return id;
    }

    #stepListId(): void {
        this.tables.nextListId = this.tables.nextListId >= 0xffff ? 1 : this.tables.nextListId + 1;
    }

    protected addRow(given: Pick<Row, "list" | "nodeId" | "value"> & Partial<Row>): Row {
        const numbered = given.list === "bindings" || given.list === "acl" ? { listId: this.freeListId(given.list) } : {};
        const row: Row = {
            number: this.tables.nextRow++,
            wanted: true,
            state: State.PENDING,
            since: this.port.nowEpochS(),
            code: 0,
            version: 1,
            superseded: [],
            ...numbered,
            ...given,
        };
        this.tables.rows.push(row);
        return row;
    }

    protected drop(row: Row): void {
        this.tables.rows = this.tables.rows.filter(each => each.number !== row.number);
    }

    protected setState(entry: Row | NodeRow, state: number, code = 0): void {
        Object.assign(entry, { state, code, since: this.port.nowEpochS() });
    }

    /** From now on this is wanted, or not; what is in flight for the row counts no more. */
    protected want(row: Row, wanted: boolean): void {
        row.wanted = wanted;
        row.version++;
        this.setState(row, wanted ? State.PENDING : State.DELETE_PENDING);
    }
}

function ipkOf(root: Uint8Array): Fields {
    const key = Uint8Array.from({ length: 16 }, (_, at) => (root[at] ?? 0) ^ 0x5a);
    const unused = { epochKey1: null, epochStartTime1: null, epochKey2: null, epochStartTime2: null };
    return { groupKeySetId: 0, groupKeySecurityPolicy: 0, epochKey0: key, epochStartTime0: 1n, ...unused };
}
