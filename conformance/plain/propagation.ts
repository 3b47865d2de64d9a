import { AccessControl, Binding, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { State } from "../specification.js";
import { equal, type Fields } from "../values.js";
import { PlainState } from "./plain-state.js";
import type { Row } from "./tables.js";

/** How an operation on a node ended: a status, or no answer at all. */
export type Outcome = { readonly status: number } | "unreachable";

const DONE: Outcome = { status: Status.SUCCESS };
const GROUP_NAME_BYTES = 16;
const MAP = { endpoint: 0, cluster: GroupKeyManagement.id, attribute: GroupKeyManagement.attributes.groupKeyMap } as const;

/** What can fail for good: dropped at the next refresh, never repeated on its own. */
const UNRECOVERABLE: ReadonlySet<number> = new Set([Status.RESOURCE_EXHAUSTED, Status.CONSTRAINT_ERROR]);

/** Brings nodes to what the rows say, node by node, one operation at a time. */
export class PlainPropagation extends PlainState {
    /** True as soon as the node did not answer in this pass. */
    protected async push(nodeId: bigint): Promise<boolean> {
        for (;;) {
            const row = this.nextOwed(nodeId);
            if (row === undefined) {
                return false;
            }
            const { version } = row;
            const outcome = await this.carryOut(row);
            if (outcome === "unreachable") {
                this.unreachable(row);
                return true;
            }
            this.record(row, version, outcome.status);
        }
    }

    /** A node that does not answer leaves its rows as they are (section 11.24.4.3). */
    protected unreachable(_row: Row): void {}

    /** Keys, memberships, bindings, ACL; then removals in reverse, the ACL last. */
    protected nextOwed(nodeId: bigint): Row | undefined {
        const owed = this.rowsOf(nodeId).filter(row => this.isOwed(row) && this.mayGo(row));
        const order = (row: Row) => ADD_ORDER.indexOf(row.list) + (row.wanted ? 0 : 10 + REMOVE_ORDER.indexOf(row.list));
        return owed.sort((one, other) => order(one) - order(other) || one.number - other.number)[0];
    }

    protected isOwed(row: Row): boolean {
        return row.state === State.PENDING || row.state === State.DELETE_PENDING || (row.remap === true && row.state === State.COMMITTED);
    }

    /** What it rests on is there, or what rests on it is gone. */
    protected mayGo(row: Row): boolean {
        if (row.list === "keySets") {
            return row.wanted ? this.keySet(row.value["groupKeySetId"]) !== undefined : !this.isKeyNeeded(row);
        }
        if (row.list === "memberships" && row.wanted) {
            return this.keyRow(row.nodeId, row.keySetId)?.state === State.COMMITTED;
        }
        return row.after === undefined || this.tables.rows.find(({ number }) => number === row.after)?.state === State.COMMITTED;
    }

    /** A membership still rests on the key set on the node, whether it stays or goes. */
    protected isKeyNeeded(row: Row): boolean {
        const id = row.value["groupKeySetId"];
        return id === 0 || this.rowsOf(row.nodeId, "memberships").some(member => member.remap === true || member.keySetId === id);
    }

    protected async carryOut(row: Row): Promise<Outcome> {
        switch (row.list) {
            case "keySets":
                return row.wanted ? this.writeKeySet(row) : this.removeKeySet(row);
            case "memberships":
                return row.wanted ? this.addMembership(row) : this.removeMembership(row);
            case "bindings":
                return this.writeList(row, bindingPath(row), entry => equal(plainBinding(entry), row.value));
            case "acl":
                return this.writeList(row, ACL, entry => [row.value, ...row.superseded].some(value => this.sameValue("acl", value, entry)));
        }
    }

    /** The outcome of an operation for this version of the row. */
    protected record(row: Row, version: number, status: number): void {
        if (row.version !== version || !this.tables.rows.includes(row)) {
            return;
        }
        if (status !== Status.SUCCESS) {
            this.failed(row, status);
        } else if (row.wanted) {
            this.setState(row, State.COMMITTED);
            Object.assign(row, { superseded: [], remap: false, after: undefined });
        } else {
            this.drop(row);
        }
        this.save();
    }

    protected failed(row: Row, status: number): void {
        if (row.state === State.COMMITTED) {
            // A move to another key set shows as a change of its own before it shows as failed.
            this.setState(row, State.PENDING);
            this.save();
        }
        row.remap = false;
        this.setState(row, State.COMMIT_FAILED, status);
    }

    protected isRecoverable(code: number): boolean {
        return !UNRECOVERABLE.has(code);
    }

    protected keyMaterialFor(row: Row): Fields {
        return this.keySet(row.value["groupKeySetId"])!;
    }

    protected async writeKeySet(row: Row): Promise<Outcome> {
        const fields = { groupKeySet: this.keyMaterialFor(row) as DeviceFieldsOf };
        return this.invoke(row.nodeId, 0, GroupKeyManagement.id, GroupKeyManagement.commands.keySetWrite, fields);
    }

    protected async removeKeySet(row: Row): Promise<Outcome> {
        const fields = { groupKeySetId: row.value["groupKeySetId"] as number };
        return absentIsDone(await this.invoke(row.nodeId, 0, GroupKeyManagement.id, GroupKeyManagement.commands.keySetRemove, fields));
    }

    protected async addMembership(row: Row): Promise<Outcome> {
        const groupId = row.value["groupId"] as number;
        const mapped = await this.changeMap(row.nodeId, map => this.mapWith(map, groupId, row.keySetId!));
        if (mapped === "unreachable" || mapped.status !== Status.SUCCESS || (row.remap === true && row.state === State.COMMITTED)) {
            return mapped;
        }
        const groupName = this.nameFor(groupId);
        return this.invoke(row.nodeId, row.endpointId!, Groups.id, Groups.commands.addGroup, { groupId, groupName });
    }

    protected mapWith(map: readonly Fields[], groupId: number, keySetId: number): readonly Fields[] {
        return [...map.filter(entry => entry["groupId"] !== groupId), { groupId, groupKeySetId: keySetId }];
    }

    /** Devices keep 16 bytes, cut between characters. */
    protected nameFor(groupId: number): string {
        const name = (this.group(groupId)?.["friendlyName"] as string | undefined) ?? "";
        let cut = "";
        for (const character of name) {
            if (Buffer.byteLength(cut + character) > GROUP_NAME_BYTES) {
                break;
            }
            cut += character;
        }
        return cut;
    }

    protected async removeMembership(row: Row): Promise<Outcome> {
        const groupId = row.value["groupId"] as number;
        const removed = this.groupOutcome(
            await this.invoke(row.nodeId, row.endpointId!, Groups.id, Groups.commands.removeGroup, { groupId }),
        );
        const isElsewhere = this.rowsOf(row.nodeId, "memberships").some(other => other !== row && other.value["groupId"] === groupId);
        if (removed === "unreachable" || removed.status !== Status.SUCCESS || isElsewhere) {
            return removed;
        }
        return this.changeMap(row.nodeId, map => map.filter(entry => entry["groupId"] !== groupId));
    }

    protected groupOutcome(outcome: Outcome): Outcome {
        return absentIsDone(outcome);
    }

    /** Read, change and write back: what others wrote stays. */
    protected async changeMap(nodeId: bigint, change: (map: readonly Fields[]) => readonly Fields[]): Promise<Outcome> {
        const read = await this.readList(nodeId, MAP);
        if (!Array.isArray(read)) {
            return read as Outcome;
        }
        const wanted = change(read as readonly Fields[]);
        if (sameMap(read as readonly Fields[], wanted)) {
            return DONE;
        }
        return this.write(nodeId, MAP, wanted);
    }

    /** Brings one entry into the node's list, or out of it, and keeps every other. `isOurs` tells the values that this row may have left there. */
    protected async writeList(row: Row, path: ListPath, isOurs: (entry: Fields) => boolean): Promise<Outcome> {
        const read = await this.readList(row.nodeId, path);
        if (!Array.isArray(read)) {
            return read as Outcome;
        }
        const before = read as readonly Fields[];
        const others = before.filter(entry => !isOurs(entry));
        const wanted = row.wanted ? [...others, row.value] : others;
        if (before.length === wanted.length && wanted.every(value => before.some(entry => this.sameEntry(row, entry, value)))) {
            return DONE;
        }
        const outcome = await this.writeBack(row, path, wanted);
        if (outcome !== "unreachable" && outcome.status !== Status.SUCCESS) {
            await this.repair(row.nodeId, path, before);
        }
        return outcome;
    }

    protected async writeBack(row: Row, path: ListPath, wanted: readonly Fields[]): Promise<Outcome> {
        return this.write(row.nodeId, path, wanted);
    }

    protected sameEntry(row: Row, entry: Fields, value: Fields): boolean {
        return row.list === "acl" ? this.sameValue("acl", entry, value) : equal(plainBinding(entry), plainBinding(value));
    }

    /** A write that broke off may have left less than there was. */
    protected async repair(nodeId: bigint, path: ListPath, before: readonly Fields[]): Promise<void> {
        const read = await this.readList(nodeId, path);
        if (Array.isArray(read) && read.length < before.length) {
            await this.write(nodeId, path, before);
        }
    }

    protected async readList(nodeId: bigint, path: ListPath): Promise<Outcome | readonly Fields[]> {
        const answer = await this.request(nodeId, { op: "read", ...path });
        return answer.kind === "value" ? (answer.value as readonly Fields[]) : outcomeOf(answer);
    }

    protected async write(nodeId: bigint, path: ListPath, value: readonly Fields[]): Promise<Outcome> {
        return outcomeOf(await this.request(nodeId, { op: "write", ...path, value: value as unknown as DeviceValue }));
    }

    protected async invoke(nodeId: bigint, endpoint: number, cluster: number, command: number, fields: DeviceFieldsOf): Promise<Outcome> {
        return outcomeOf(await this.request(nodeId, { op: "invoke", endpoint, cluster, command, fields, query: false }));
    }
}

type DeviceFieldsOf = Readonly<Record<string, DeviceValue>>;

export interface ListPath {
    readonly endpoint: number;
    readonly cluster: number;
    readonly attribute: number;
}

export const ACL: ListPath = { endpoint: 0, cluster: AccessControl.id, attribute: AccessControl.attributes.acl };

export function bindingPath({ endpointId }: { readonly endpointId?: number }): ListPath {
    return { endpoint: endpointId!, cluster: Binding.id, attribute: Binding.attributes.binding };
}

const ADD_ORDER = ["keySets", "memberships", "bindings", "acl"] as const;
const REMOVE_ORDER = ["bindings", "memberships", "keySets", "acl"] as const;

/** A device leaves absent fields out; so do we. */
export function plainBinding(entry: Fields): Fields {
    return Object.fromEntries(["node", "group", "endpoint", "cluster"].flatMap(name => (entry[name] === undefined ? [] : [[name, entry[name]]])));
}

function sameMap(one: readonly Fields[], other: readonly Fields[]): boolean {
    return one.length === other.length && other.every(entry => one.some(each => equal(each, entry)));
}

/** A refusal inside the payload is one. */
export function outcomeOf(answer: DeviceAnswer): Outcome {
    switch (answer.kind) {
        case "value":
            return DONE;
        case "status":
            return { status: answer.status };
        case "response": {
            const { status } = answer.fields;
            return { status: typeof status === "number" ? status : Status.SUCCESS };
        }
        case "notSent":
        case "unknown":
            return "unreachable";
    }
}

/** What was to go and is not there has gone. */
function absentIsDone(outcome: Outcome): Outcome {
    return outcome !== "unreachable" && outcome.status === Status.NOT_FOUND ? DONE : outcome;
}
