import { Status } from "../../src/core/status.js";
import { PlainServer } from "../plain/plain-server.js";
import { State } from "../specification.js";
import type { Accessor } from "../target.js";
import type { Fields } from "../values.js";
import type { Stage } from "../plain/refresh.js";
import type { List, Row } from "../plain/tables.js";

/* Defects that concern many commands at once, and what is there from the beginning. */

export class AlwaysSuccess extends PlainServer {
    override command(command: string, fields: Fields): number {
        super.command(command, fields);
        return Status.SUCCESS;
    }
}

export class AlwaysBusy extends PlainServer {
    override command(): number {
        return Status.BUSY;
    }
}

export class ConstraintErrorForUnknown extends PlainServer {
    override command(command: string, fields: Fields): number {
        const status = super.command(command, fields);
        return status === Status.NOT_FOUND ? Status.CONSTRAINT_ERROR : status;
    }
}

export class AsksAllNodes extends PlainServer {
    override command(command: string, fields: Fields): number {
        for (const { nodeId } of this.tables.nodes) {
            void this.request(nodeId, { op: "read", endpoint: 0, cluster: 0x1d, attribute: 3 });
        }
        return super.command(command, fields);
    }
}

export class EqualIsChange extends PlainServer {
    protected override updateKeySet(given: Fields): number {
        const status = super.updateKeySet(given);
        if (status === Status.SUCCESS) {
            this.rewriteOnNodes(given["groupKeySetId"]);
        }
        return status;
    }

    protected override updateGroup(given: Fields): number {
        const status = super.updateGroup(given);
        if (status === Status.SUCCESS) {
            this.renamed(given["groupId"] as number);
        }
        return status;
    }

    protected override wantAgain(row: Row): void {
        this.want(row, true);
    }

    protected override ensureKey(nodeId: bigint, keySetId: number): void {
        const row = this.keyRow(nodeId, keySetId);
        super.ensureKey(nodeId, keySetId);
        if (row !== undefined) {
            this.want(row, true);
        }
    }
}

export class NoAccessControl extends PlainServer {
    override grants(_accessor: Accessor): boolean {
        return true;
    }
}

export class PolicyKept extends PlainServer {
    protected override keySet(id: unknown): Fields | undefined {
        const set = super.keySet(id);
        return set && { ...set, groupKeyMulticastPolicy: 1 };
    }

    override get attributes(): Fields {
        const { groupKeySetList, ...rest } = super.attributes;
        return { ...rest, groupKeySetList: (groupKeySetList as readonly Fields[]).map(set => ({ ...set, groupKeyMulticastPolicy: 1 })) };
    }
}

export class FirstSlotOnly extends PlainServer {
    protected override keyMaterialFor(row: Row): Fields {
        const unused = { epochKey1: null, epochStartTime1: null, epochKey2: null, epochStartTime2: null };
        return { ...super.keyMaterialFor(row), ...unused };
    }
}

export class ReservedGroupsMissing extends PlainServer {
    override get attributes(): Fields {
        const { groupList, ...rest } = super.attributes;
        return { ...rest, groupList: (groupList as readonly Fields[]).filter(group => Number(group["groupCat"]) < 0xfffe) };
    }
}

export class IpkMissing extends PlainServer {
    override get attributes(): Fields {
        const { groupKeySetList, ...rest } = super.attributes;
        return { ...rest, groupKeySetList: (groupKeySetList as readonly Fields[]).filter(set => set["groupKeySetId"] !== 0) };
    }
}

export class WrongAnchor extends PlainServer {
    override get attributes(): Fields {
        return { ...super.attributes, anchorNodeId: 0x77n, anchorRootCa: new Uint8Array(401) };
    }
}

export class AttributesMissing extends PlainServer {
    override get attributes(): Fields {
        const { friendlyName: _, ...rest } = super.attributes;
        return rest;
    }
}

export class FabricRenamed extends PlainServer {
    protected override updateNode(given: Fields): number {
        this.tables.friendlyName = given["friendlyName"] as string;
        return super.updateNode(given);
    }
}

export class FormedInSteps extends PlainServer {
    override form(): void {
        Object.assign(this.tables, { isFormed: true });
        this.save();
        super.form();
    }
}

export class FabricStays extends PlainServer {
    override removeFabric(): void {}
}

export class KeysStayStored extends PlainServer {
    protected override removeKeySetCommand(id: number): number {
        const set = this.keySet(id);
        const status = super.removeKeySetCommand(id);
        if (status === Status.SUCCESS) {
            Object.assign(this.tables, { leftover: set });
        }
        return status;
    }
}

export class ServesOn extends PlainServer {
    override get isServing(): boolean {
        return this.tables.isFormed;
    }
}

export class NotFrozen extends PlainServer {
    override command(command: string, fields: Fields): number {
        const { status } = this.tables;
        this.tables.status = { ...status, state: State.COMMITTED };
        const answer = super.command(command, fields);
        this.tables.status = status;
        return answer;
    }
}

export class TransferForgetsRows extends PlainServer {
    override transfer(step: "request" | "complete", consent: boolean): { readonly status: number; readonly response?: Fields } {
        this.tables.rows = [];
        return super.transfer(step, consent);
    }
}

export class NoAdoption extends PlainServer {
    protected override adopt(): void {}
}

export class LostRowsStay extends PlainServer {
    protected override merge(place: { readonly list: List; readonly nodeId: bigint; readonly endpointId?: number }, present: readonly Fields[]): Stage {
        const kept = this.rowsOf(place.nodeId, place.list).filter(row => row.endpointId === place.endpointId && row.state === State.COMMITTED);
        return super.merge(place, [...present, ...kept.map(row => row.value)]);
    }
}

export class FormerKeyFirst extends PlainServer {
    protected override isKeyNeeded(row: Row): boolean {
        const id = row.value["groupKeySetId"];
        return id === 0 || this.rowsOf(row.nodeId, "memberships").some(member => member.keySetId === id);
    }

    protected override nextOwed(nodeId: bigint): Row | undefined {
        const going = this.rowsOf(nodeId, "keySets").find(row => row.state === State.DELETE_PENDING && this.mayGo(row));
        return going ?? super.nextOwed(nodeId);
    }
}

export class GroupsExpectedEverywhere extends PlainServer {
    protected override async refreshEndpoint(nodeId: bigint, endpoint: number): Promise<Stage> {
        const [groups, bindings] = [await this.refreshGroups(nodeId, endpoint), await this.refreshBindings(nodeId, endpoint)];
        return groups === "through" ? bindings : groups;
    }
}

export class NotPendingDuringRefresh extends PlainServer {
    protected override refreshNode(nodeId: bigint): number {
        const node = this.node(nodeId);
        const state = node?.state;
        const status = super.refreshNode(nodeId);
        if (node !== undefined && state === State.COMMITTED) {
            node.state = state;
        }
        return status;
    }
}

export class AdministratorsReordered extends PlainServer {
    protected override updateAdmin(given: Fields): number {
        const status = super.updateAdmin(given);
        this.tables.administrators.reverse();
        return status;
    }

    protected override removeAdmin(nodeId: bigint): number {
        const status = super.removeAdmin(nodeId);
        this.tables.administrators.reverse();
        return status;
    }
}

export class LockedOut extends PlainServer {
    protected override isOwnGrant(): boolean {
        return false;
    }
}

export class NewRowsDoubled extends PlainServer {
    protected override wantAgain(row: Row): void {
        this.addRow({ list: row.list, nodeId: row.nodeId, value: row.value, ...(row.endpointId === undefined ? {} : { endpointId: row.endpointId }) });
    }
}
