import { Status } from "../../src/core/status.js";
import { ADMINISTRATOR_CAT, ANCHOR_CAT, AuthMode, catSubject, Privilege, State } from "../specification.js";
import { equal, type Fields } from "../values.js";
import { aclRefusal, hasUsableSlots, isBindingTarget, isOperational, refusalAtTheDoor } from "./door.js";
import { GroupUpdates } from "./group-updates.js";
import type { Accessor } from "../target.js";
import { emptyTables, type Row } from "./tables.js";

/** Ids of application groups end here (section 2.5.4). */
const LAST_GROUP = 0xfeff;

const { SUCCESS, NOT_FOUND, CONSTRAINT_ERROR, RESOURCE_EXHAUSTED, BUSY } = Status;

/**
 * A small datastore server, written from the specification alone and shared with nothing: the suite's cases are tried against it, deviants are made from it, and it
 * is served to other programs as the reference of the adapter protocol. Short rather than fast, and kept in memory.
 */
export class PlainServer extends GroupUpdates {
    /** One command, carried out at once; what it changed is durable when this returns. */
    command(command: string, fields: Fields): number {
        const refusal = this.refusalAtTheDoor(command, fields);
        if (refusal !== SUCCESS) {
            return refusal;
        }
        if (this.tables.status.state !== State.COMMITTED) {
            return BUSY;
        }
        const status = this.#commands[command]!(fields);
        if (status === SUCCESS) {
            this.save();
            this.tables.nodes.forEach(({ nodeId }) => this.wake(nodeId));
        }
        return status;
    }

    /** Access takes the Administrator CAT, and nothing else gives it. */
    grants(accessor: Accessor): boolean {
        return accessor.kind === "administrator" && (accessor.catVersion ?? 1) >= (this.setup.requiredCatVersion ?? 1);
    }

    /** The fabric is formed, and this node is its Anchor. */
    get isServing(): boolean {
        return this.tables.isFormed && this.tables.isAnchor;
    }

    protected refusalAtTheDoor(command: string, fields: Fields): number {
        return refusalAtTheDoor(command, fields);
    }

    readonly #commands: Readonly<Record<string, (fields: Fields) => number>> = {
        addKeySet: fields => this.addKeySet(fields["groupKeySet"] as Fields),
        updateKeySet: fields => this.updateKeySet(fields["groupKeySet"] as Fields),
        removeKeySet: fields => this.removeKeySetCommand(fields["groupKeySetId"] as number),
        addGroup: fields => this.addGroup(fields),
        updateGroup: fields => this.updateGroup(fields),
        removeGroup: fields => this.removeGroup(fields["groupId"] as number),
        addAdmin: fields => this.addAdmin(fields),
        updateAdmin: fields => this.updateAdmin(fields),
        removeAdmin: fields => this.removeAdmin(idOf(fields)),
        addPendingNode: fields => this.addPendingNode(fields),
        refreshNode: fields => this.refreshNode(idOf(fields)),
        updateNode: fields => this.updateNode(fields),
        removeNode: fields => this.removeNode(idOf(fields)),
        updateEndpointForNode: fields => this.updateEndpoint(fields),
        addGroupIdToEndpointForNode: fields => this.addGroupId(idOf(fields), fields["endpointId"] as number, fields["groupId"] as number),
        removeGroupIdFromEndpointForNode: fields => this.removeGroupId(idOf(fields), fields["endpointId"] as number, fields["groupId"] as number),
        addBindingToEndpointForNode: fields => this.addBinding(idOf(fields), fields["endpointId"] as number, fields["binding"] as Fields),
        removeBindingFromEndpointForNode: fields => this.removeBinding(idOf(fields), fields["endpointId"] as number, fields["listId"] as number),
        addAclToNode: fields => this.addAcl(idOf(fields), fields["aclEntry"] as Fields),
        removeAclFromNode: fields => this.removeAcl(idOf(fields), fields["listId"] as number),
    };

    protected addKeySet(given: Fields): number {
        if (this.keySet(given["groupKeySetId"]) !== undefined || given["groupKeySetId"] === 0xffff || !hasUsableSlots(given)) {
            return CONSTRAINT_ERROR;
        }
        if (this.tables.keySets.length >= this.limits.keySets) {
            return RESOURCE_EXHAUSTED;
        }
        this.tables.keySets.push(withoutPolicy(given));
        return SUCCESS;
    }

    protected updateKeySet(given: Fields): number {
        const id = given["groupKeySetId"];
        const stored = this.keySet(id);
        if (stored === undefined) {
            return NOT_FOUND;
        }
        if (!hasUsableSlots(given)) {
            return CONSTRAINT_ERROR;
        }
        const set = withoutPolicy(given);
        if (!equal(set, stored)) {
            this.tables.keySets = this.tables.keySets.map(each => (each === stored ? set : each));
            this.rewriteOnNodes(id);
        }
        return SUCCESS;
    }

    protected rewriteOnNodes(id: unknown): void {
        for (const row of this.tables.rows) {
            if (row.list === "keySets" && row.value["groupKeySetId"] === id && row.wanted) {
                this.want(row, true);
            }
        }
    }

    protected removeKeySetCommand(id: number): number {
        if (id === 0) {
            return CONSTRAINT_ERROR;
        }
        if (this.keySet(id) === undefined) {
            return NOT_FOUND;
        }
        if (this.tables.rows.some(row => row.list === "keySets" && row.value["groupKeySetId"] === id && row.state !== State.DELETE_PENDING)) {
            return CONSTRAINT_ERROR;
        }
        this.tables.keySets = this.tables.keySets.filter(set => set["groupKeySetId"] !== id);
        return SUCCESS;
    }

    protected addGroup(given: Fields): number {
        const groupId = given["groupId"] as number;
        if (this.group(groupId) !== undefined || groupId < 1 || groupId > LAST_GROUP || !this.isGroupAllowed(given)) {
            return CONSTRAINT_ERROR;
        }
        if (this.tables.groups.length >= this.limits.groups) {
            return RESOURCE_EXHAUSTED;
        }
        this.tables.groups.push({ ...given });
        return SUCCESS;
    }

    protected removeGroup(groupId: number): number {
        const group = this.group(groupId);
        if (group === undefined) {
            return NOT_FOUND;
        }
        const isReserved = [ADMINISTRATOR_CAT, ANCHOR_CAT].includes(group["groupCat"] as number);
        const isUsed = this.tables.rows.some(row => row.list === "memberships" && row.value["groupId"] === groupId && row.state !== State.DELETE_PENDING);
        if (isReserved || isUsed) {
            return CONSTRAINT_ERROR;
        }
        this.tables.groups = this.tables.groups.filter(each => each !== group);
        return SUCCESS;
    }

    protected addAdmin(given: Fields): number {
        if (this.#administrator(idOf(given)) !== undefined || !isOperational(idOf(given))) {
            return CONSTRAINT_ERROR;
        }
        if (this.tables.administrators.length >= this.limits.administrators) {
            return RESOURCE_EXHAUSTED;
        }
        this.tables.administrators.push({ ...given, nodeId: idOf(given) });
        return SUCCESS;
    }

    protected updateAdmin(given: Fields): number {
        const admin = this.#administrator(idOf(given));
        if (admin === undefined) {
            return NOT_FOUND;
        }
        const { friendlyName = admin["friendlyName"], icac = admin["icac"] } = given;
        this.tables.administrators = this.tables.administrators.map(each => (each === admin ? { ...admin, friendlyName, icac } : each));
        return SUCCESS;
    }

    protected removeAdmin(nodeId: bigint): number {
        const admin = this.#administrator(nodeId);
        if (admin === undefined) {
            return NOT_FOUND;
        }
        if (admin === this.tables.administrators[0]) {
            return CONSTRAINT_ERROR;
        }
        this.tables.administrators = this.tables.administrators.filter(each => each !== admin);
        return SUCCESS;
    }

    #administrator(nodeId: bigint): Fields | undefined {
        return this.tables.administrators.find(admin => admin["nodeId"] === nodeId);
    }

    protected addPendingNode(given: Fields): number {
        const nodeId = idOf(given);
        if (this.node(nodeId) !== undefined || !isOperational(nodeId)) {
            return CONSTRAINT_ERROR;
        }
        if (this.tables.nodes.length >= this.limits.nodes) {
            return RESOURCE_EXHAUSTED;
        }
        const friendlyName = given["friendlyName"] as string;
        this.tables.nodes.push({ nodeId, friendlyName, state: State.PENDING, since: this.port.nowEpochS(), code: 0, refresh: false });
        return SUCCESS;
    }

    protected refreshNode(nodeId: bigint): number {
        const node = this.node(nodeId);
        if (node === undefined) {
            return NOT_FOUND;
        }
        node.refresh = true;
        this.setState(node, State.PENDING);
        return SUCCESS;
    }

    protected updateNode(given: Fields): number {
        const node = this.node(idOf(given));
        if (node === undefined) {
            return NOT_FOUND;
        }
        node.friendlyName = given["friendlyName"] as string;
        return SUCCESS;
    }

    protected removeNode(nodeId: bigint): number {
        if (this.node(nodeId) === undefined) {
            return NOT_FOUND;
        }
        this.tables.nodes = this.tables.nodes.filter(node => node.nodeId !== nodeId);
        this.forgetRowsOf(nodeId);
        return SUCCESS;
    }

    protected forgetRowsOf(nodeId: bigint): void {
        this.tables.rows = this.tables.rows.filter(row => row.nodeId !== nodeId);
        this.tables.endpoints = this.tables.endpoints.filter(endpoint => endpoint["nodeId"] !== nodeId);
    }

    protected updateEndpoint(given: Fields): number {
        const endpointId = given["endpointId"] as number;
        if (!this.hasEndpoint(idOf(given), endpointId)) {
            return NOT_FOUND;
        }
        const friendlyName = given["friendlyName"] as string;
        this.tables.endpoints = this.tables.endpoints.map(row =>
            row["nodeId"] === idOf(given) && row["endpointId"] === endpointId ? { ...row, friendlyName } : row,
        );
        return SUCCESS;
    }

    protected addGroupId(nodeId: bigint, endpointId: number, groupId: number): number {
        if (!this.hasEndpoint(nodeId, endpointId)) {
            return NOT_FOUND;
        }
        const keySetId = this.group(groupId)?.["groupKeySetId"];
        if (typeof keySetId !== "number") {
            return CONSTRAINT_ERROR;
        }
        const row = this.#membership(nodeId, endpointId, groupId);
        const isFull = row === undefined && this.isListFull("memberships");
        if (isFull || (this.keyRow(nodeId, keySetId) === undefined && this.isListFull("keySets"))) {
            return RESOURCE_EXHAUSTED;
        }
        if (row?.state !== State.COMMITTED && row?.state !== State.PENDING && this.isQueueFull(nodeId)) {
            return BUSY;
        }
        this.ensureKey(nodeId, keySetId);
        if (row === undefined) {
            this.addRow({ list: "memberships", nodeId, endpointId, value: { groupId }, keySetId });
        } else {
            this.wantAgain(row);
            row.keySetId = keySetId;
        }
        return SUCCESS;
    }

    #membership(nodeId: bigint, endpointId: number, groupId: number): Row | undefined {
        return this.rowsOf(nodeId, "memberships").find(row => row.endpointId === endpointId && row.value["groupId"] === groupId);
    }

    /** Committed or on its way: nothing to do. Failed or on its way out: wanted again. */
    protected wantAgain(row: Row): void {
        if (!row.wanted || row.state === State.COMMIT_FAILED) {
            this.want(row, true);
        }
    }

    protected removeGroupId(nodeId: bigint, endpointId: number, groupId: number): number {
        if (!this.hasEndpoint(nodeId, endpointId)) {
            return NOT_FOUND;
        }
        const row = this.#membership(nodeId, endpointId, groupId);
        if (row === undefined) {
            return SUCCESS;
        }
        if (this.isQueueFull(nodeId)) {
            return BUSY;
        }
        this.want(row, false);
        this.releaseKeys(nodeId);
        return SUCCESS;
    }

    protected addBinding(nodeId: bigint, endpointId: number, target: Fields): number {
        if (!this.hasEndpoint(nodeId, endpointId)) {
            return NOT_FOUND;
        }
        if (!isBindingTarget(target)) {
            return CONSTRAINT_ERROR;
        }
        const value: Fields = { ...target, ...(target["node"] === undefined ? {} : { node: BigInt(target["node"] as bigint) }) };
        const row = this.rowsOf(nodeId, "bindings").find(each => each.endpointId === endpointId && equal(each.value, value));
        return this.#addToList(row, { list: "bindings", nodeId, endpointId, value });
    }

    #addToList(row: Row | undefined, fresh: Pick<Row, "list" | "nodeId" | "value"> & Partial<Row>): number {
        if (row === undefined && this.isListFull(fresh.list)) {
            return RESOURCE_EXHAUSTED;
        }
        if (row?.state !== State.COMMITTED && row?.state !== State.PENDING && this.isQueueFull(fresh.nodeId)) {
            return BUSY;
        }
        if (row === undefined) {
            this.addRow(fresh);
        } else {
            this.wantAgain(row);
        }
        return SUCCESS;
    }

    protected removeBinding(nodeId: bigint, endpointId: number, listId: number): number {
        const rows = this.rowsOf(nodeId, "bindings").filter(row => row.endpointId === endpointId);
        return rows.length === 0 ? NOT_FOUND : this.removeFromList(rows.find(row => row.listId === listId));
    }

    protected removeFromList(row: Row | undefined): number {
        if (row !== undefined && this.isQueueFull(row.nodeId)) {
            return BUSY;
        }
        if (row !== undefined && row.wanted) {
            this.want(row, false);
        } else if (row?.state === State.COMMIT_FAILED) {
            this.want(row, false);
        }
        return SUCCESS;
    }

    protected addAcl(nodeId: bigint, entry: Fields): number {
        if (this.node(nodeId) === undefined) {
            return NOT_FOUND;
        }
        const refusal = this.aclRefusal(entry);
        if (refusal !== SUCCESS) {
            return refusal;
        }
        const value = normalEntry(entry);
        const row = this.rowsOf(nodeId, "acl").find(each => this.sameValue("acl", each.value, value));
        return this.#addToList(row, { list: "acl", nodeId, value });
    }

    protected aclRefusal(entry: Fields): number {
        return aclRefusal(entry);
    }

    protected removeAcl(nodeId: bigint, listId: number): number {
        if (this.node(nodeId) === undefined) {
            return NOT_FOUND;
        }
        const row = this.rowsOf(nodeId, "acl").find(each => each.listId === listId);
        return row !== undefined && this.isOwnGrant(row.value) ? CONSTRAINT_ERROR : this.removeFromList(row);
    }

    /** What lets this server administer the node: without it, it would be locked out. */
    protected isOwnGrant({ privilege, authMode, subjects }: Fields): boolean {
        const version = this.group(0xfffe)?.["groupCatVersion"] as number;
        const isOurs = (subject: unknown) => (subject as bigint) === catSubject(ADMINISTRATOR_CAT, version);
        return privilege === Privilege.ADMINISTER && authMode === AuthMode.CASE && ((subjects as readonly bigint[] | null)?.some(isOurs) ?? false);
    }

    /** The fabric is gone, and everything of it. */
    removeFabric(): void {
        this.tables = emptyTables(1);
        this.save();
    }

    /** Anchor transfer (section 12.2.6), seen from the Anchor that gives away. */
    transfer(step: "request" | "complete", consent: boolean): { readonly status: number; readonly response?: Fields } {
        const { status } = this.tables;
        if (step === "complete") {
            if (status.state !== State.DELETE_PENDING) {
                return { status: Status.INVALID_IN_STATE };
            }
            this.tables.isAnchor = false;
            this.save();
            return { status: SUCCESS };
        }
        const isBusy = this.tables.rows.some(row => this.isOwed(row)) || this.tables.nodes.some(node => node.refresh);
        const statusCode = !consent ? 2 : isBusy ? 1 : 0;
        if (statusCode === 0) {
            this.tables.status = { state: State.DELETE_PENDING, since: this.port.nowEpochS() };
            this.save();
            this.port.time.schedule(TRANSFER_MS, () => this.#transferTimeout());
        }
        return { status: SUCCESS, response: { statusCode } };
    }

    #transferTimeout(): void {
        if (this.tables.isAnchor && this.tables.status.state === State.DELETE_PENDING) {
            this.tables.status = { state: State.COMMITTED, since: this.port.nowEpochS() };
            this.save();
            this.sweep();
        }
    }
}

const TRANSFER_MS = 600_000;

export function idOf(fields: Fields): bigint {
    return BigInt(fields["nodeId"] as bigint);
}

/** Field 8 is disallowed since 1.6: tolerated, not kept. */
function withoutPolicy(set: Fields): Fields {
    const { groupKeyMulticastPolicy: _, ...rest } = set;
    return rest;
}

function normalEntry(entry: Fields): Fields {
    const orNull = (list: unknown) => (Array.isArray(list) && list.length > 0 ? list : null);
    const subjects = orNull(entry["subjects"]) as readonly bigint[] | null;
    return { ...entry, subjects: subjects?.map(BigInt) ?? null, targets: orNull(entry["targets"]) as readonly Fields[] | null };
}
