import { Status } from "../../src/core/status.js";
import { State } from "../specification.js";
import { equal, type Fields } from "../values.js";
import { PlainServer } from "../plain/plain-server.js";
import { bindingPath, plainBinding, type ListPath, type Outcome } from "../plain/propagation.js";
import type { Stage } from "../plain/refresh.js";
import type { List, NodeRow, Row } from "../plain/tables.js";

/* Defects in what the datastore does on nodes. */

export class NoSweep extends PlainServer {
    protected override sweep(): void {}
}

export class KeysOverwrittenByRefresh extends PlainServer {
    protected override mergeEndpoints(nodeId: bigint, parts: readonly number[]): void {
        super.mergeEndpoints(nodeId, parts);
        const held = this.rowsOf(nodeId, "keySets").map(row => row.value["groupKeySetId"]);
        this.tables.keySets = this.tables.keySets.map(set => (held.includes(set["groupKeySetId"]) ? { ...set, epochKey0: null } : set));
    }
}

export class SharedKeySetRemoved extends PlainServer {
    protected override removeGroupId(nodeId: bigint, endpointId: number, groupId: number): number {
        const status = super.removeGroupId(nodeId, endpointId, groupId);
        const row = this.keyRow(nodeId, this.group(groupId)?.["groupKeySetId"]);
        if (status === Status.SUCCESS && row?.state === State.COMMITTED) {
            this.want(row, false);
        }
        return status;
    }

    protected override isKeyNeeded(): boolean {
        return false;
    }
}

export class CommittedTooEarly extends PlainServer {
    protected override mergeEndpoints(nodeId: bigint, parts: readonly number[]): void {
        super.mergeEndpoints(nodeId, parts);
        const node = this.node(nodeId);
        if (node !== undefined) {
            this.setState(node, State.COMMITTED);
        }
    }
}

export class RefusalsAreSuccess extends PlainServer {
    protected override async write(nodeId: bigint, path: ListPath, value: readonly Fields[]): Promise<Outcome> {
        const outcome = await super.write(nodeId, path, value);
        return outcome === "unreachable" ? outcome : { status: Status.SUCCESS };
    }
}

export class PayloadIgnored extends PlainServer {
    protected override async addMembership(row: Row): Promise<Outcome> {
        const outcome = await super.addMembership(row);
        return outcome === "unreachable" ? outcome : { status: Status.SUCCESS };
    }
}

export class InternalCodes extends PlainServer {
    protected override failed(row: Row, _status: number): void {
        super.failed(row, Status.FAILURE);
    }
}

export class FirstAclEntryOnly extends PlainServer {
    protected override merge(place: { readonly list: List; readonly nodeId: bigint; readonly endpointId?: number }, present: readonly Fields[]): Stage {
        return super.merge(place, place.list === "acl" ? present.slice(0, 1) : present);
    }
}

export class RemovalRetriedAsAdd extends PlainServer {
    protected override takeUpFailed(nodeId: bigint): void {
        for (const row of this.rowsOf(nodeId)) {
            row.wanted ||= row.state === State.COMMIT_FAILED;
        }
        super.takeUpFailed(nodeId);
    }
}

export class RemovalAdoptedBack extends PlainServer {
    protected override takeUpFailed(nodeId: bigint): void {
        for (const row of this.rowsOf(nodeId)) {
            if (row.state === State.COMMIT_FAILED && !row.wanted && !this.isRecoverable(row.code)) {
                this.drop(row);
            }
        }
        super.takeUpFailed(nodeId);
    }
}

export class MapOverwritten extends PlainServer {
    protected override mapWith(_map: readonly Fields[], groupId: number, keySetId: number): readonly Fields[] {
        return [{ groupId, groupKeySetId: keySetId }];
    }
}

export class ListOverwritten extends PlainServer {
    protected override async writeBack(row: Row, path: ListPath, wanted: readonly Fields[]): Promise<Outcome> {
        return super.writeBack(row, path, row.list === "bindings" && row.wanted ? [row.value] : wanted);
    }
}

export class UnreadableIsEmpty extends PlainServer {
    protected override async readList(nodeId: bigint, path: ListPath): Promise<Outcome | readonly Fields[]> {
        const read = await super.readList(nodeId, path);
        const isBindings = path.cluster === bindingPath({ endpointId: 1 }).cluster;
        return isBindings && !Array.isArray(read) && read !== "unreachable" ? [] : read;
    }
}

export class GroupBeforeKey extends PlainServer {
    protected override mayGo(row: Row): boolean {
        return row.list === "memberships" || super.mayGo(row);
    }
}

export class ConstantGroupName extends PlainServer {
    protected override nameFor(): string {
        return "Group";
    }
}

export class LongGroupName extends PlainServer {
    protected override nameFor(groupId: number): string {
        return (this.group(groupId)?.["friendlyName"] as string | undefined) ?? "";
    }
}

export class ExactCatVersionOnly extends PlainServer {
    protected override isOfGroup(entry: Fields, groupId: number, cat: number | null): readonly bigint[] {
        return super.isOfGroup(entry, groupId, cat).filter(subject => (subject & 0xffffn) !== 1n);
    }
}

export class NodeIdTakenForGroup extends PlainServer {
    protected override isOfGroup(entry: Fields, groupId: number, cat: number | null): readonly bigint[] {
        const subjects = (entry["subjects"] ?? []) as readonly bigint[];
        return [...super.isOfGroup(entry, groupId, cat), ...subjects.filter(subject => entry["authMode"] === 2 && subject === BigInt(groupId))];
    }
}

export class OthersRaised extends PlainServer {
    protected override rewriteEntry(row: Row, groupId: number, stored: Fields, next: Fields): void {
        if (next["groupPermission"] === stored["groupPermission"]) {
            super.rewriteEntry(row, groupId, stored, next);
            return;
        }
        row.superseded = [...row.superseded, row.value];
        row.value = { ...row.value, privilege: next["groupPermission"] };
        this.want(row, true);
    }
}

export class OldEntryLeft extends PlainServer {
    protected override rewriteEntry(row: Row, groupId: number, stored: Fields, next: Fields): void {
        super.rewriteEntry(row, groupId, stored, next);
        row.superseded = [];
    }
}

export class OldWriteCommitsNew extends PlainServer {
    protected override record(row: Row, _version: number, status: number): void {
        super.record(row, row.version, status);
    }
}

export class EndpointsForgetNames extends PlainServer {
    protected override mergeEndpoints(nodeId: bigint, parts: readonly number[]): void {
        super.mergeEndpoints(nodeId, parts);
        this.tables.endpoints = this.tables.endpoints.map(row => (row["nodeId"] === nodeId ? { ...row, friendlyName: "" } : row));
    }
}

export class AclOrderMatters extends PlainServer {
    protected override sameValue(list: List, one: Fields, other: Fields): boolean {
        return list === "acl" ? equal(one, other) : super.sameValue(list, one, other);
    }
}

export class UnadoptedDeleted extends PlainServer {
    protected override refreshFailed(node: NodeRow, stage: Stage): void {
        super.refreshFailed(node, stage);
        if (stage === "full") {
            const own = this.rowsOf(node.nodeId, "bindings").filter(row => row.endpointId === 1);
            void this.write(node.nodeId, bindingPath({ endpointId: 1 }), own.map(row => plainBinding(row.value)));
        }
    }
}

export class NewKeyToEverybody extends PlainServer {
    protected override moveToKeySet(groupId: number, keySetId: number): void {
        super.moveToKeySet(groupId, keySetId);
        for (const { nodeId } of this.tables.nodes) {
            this.ensureKey(nodeId, keySetId);
        }
    }
}

export class RevivedByRename extends PlainServer {
    protected override renamed(groupId: number): void {
        for (const row of this.tables.rows) {
            if (row.list === "memberships" && row.value["groupId"] === groupId) {
                this.want(row, true);
            }
        }
    }
}

export class AbsentIsFailure extends PlainServer {
    protected override groupOutcome(outcome: Outcome): Outcome {
        return outcome;
    }
}

export class UnrecoverableRetried extends PlainServer {
    protected override isRecoverable(): boolean {
        return true;
    }
}

export class UnreachableIsDropped extends PlainServer {
    protected override unreachable(row: Row): void {
        this.drop(row);
        this.save();
    }
}
