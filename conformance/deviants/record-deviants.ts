import { Status } from "../../src/core/status.js";
import { State } from "../specification.js";
import type { Accessor, Report } from "../target.js";
import type { Fields } from "../values.js";
import { idOf, PlainServer } from "../plain/plain-server.js";
import type { NodeRow, Row, Tables } from "../plain/tables.js";

/* Defects in what the datastore itself keeps and answers. */

export class RamOnly extends PlainServer {
    protected override loaded(): Tables | undefined {
        const stored = super.loaded();
        return stored && { ...stored, keySets: stored.keySets.slice(0, 1), groups: stored.groups.slice(0, 2), nodes: [], endpoints: [], rows: [] };
    }
}

export class NoReports extends PlainServer {
    protected override report(_report: Report): void {}
}

export class TimestampZero extends PlainServer {
    protected override setState(entry: Row | NodeRow, state: number, code = 0): void {
        Object.assign(entry, { state, code, since: 0 });
    }
}

export class FailureForUnknownAdmin extends PlainServer {
    protected override updateAdmin(given: Fields): number {
        const status = super.updateAdmin(given);
        return status === Status.NOT_FOUND ? Status.FAILURE : status;
    }
}

export class FailureForUnknownNode extends PlainServer {
    protected override refreshNode(nodeId: bigint): number {
        const status = super.refreshNode(nodeId);
        return status === Status.NOT_FOUND ? Status.FAILURE : status;
    }
}

export class StartTimeLeftBehind extends PlainServer {
    protected override updateKeySet(given: Fields): number {
        const stored = this.keySet(given["groupKeySetId"]);
        const cleared = [1, 2].filter(slot => given[`epochKey${slot}`] === null && stored?.[`epochKey${slot}`] !== null);
        const status = super.updateKeySet(given);
        if (status === Status.SUCCESS && stored !== undefined && cleared.length > 0) {
            const left = Object.fromEntries(cleared.map(slot => [`epochStartTime${slot}`, stored[`epochStartTime${slot}`]]));
            this.tables.keySets = this.tables.keySets.map(set => (set["groupKeySetId"] === given["groupKeySetId"] ? { ...set, ...left } : set));
        }
        return status;
    }
}

export class NamesOffByOne extends PlainServer {
    protected override refusalAtTheDoor(command: string, fields: Fields): number {
        const name = fields["friendlyName"];
        return typeof name === "string" && Buffer.byteLength(name) === 32 ? Status.CONSTRAINT_ERROR : super.refusalAtTheDoor(command, fields);
    }
}

export class NamesInCharacters extends PlainServer {
    protected override refusalAtTheDoor(command: string, fields: Fields): number {
        const name = fields["friendlyName"];
        const isShort = typeof name === "string" && name.length <= 32;
        return super.refusalAtTheDoor(command, isShort ? { ...fields, friendlyName: "" } : fields);
    }
}

export class LongKeysTaken extends PlainServer {
    protected override refusalAtTheDoor(command: string, fields: Fields): number {
        const set = fields["groupKeySet"] as Fields | undefined;
        const key = set?.["epochKey0"];
        return key instanceof Uint8Array && key.length === 32
            ? super.refusalAtTheDoor(command, { ...fields, groupKeySet: { ...set, epochKey0: key.slice(0, 16) } })
            : super.refusalAtTheDoor(command, fields);
    }
}

export class AnyPrivilege extends PlainServer {
    protected override refusalAtTheDoor(command: string, fields: Fields): number {
        return super.refusalAtTheDoor(command, fields["groupPermission"] === 2 ? { ...fields, groupPermission: 1 } : fields);
    }
}

export class OrphansOfRemovedNodes extends PlainServer {
    protected override forgetRowsOf(_nodeId: bigint): void {}
}

export class KeySetRemovedInUse extends PlainServer {
    protected override removeKeySetCommand(id: number): number {
        if (id === 0 || this.keySet(id) === undefined) {
            return super.removeKeySetCommand(id);
        }
        this.tables.keySets = this.tables.keySets.filter(set => set["groupKeySetId"] !== id);
        return Status.SUCCESS;
    }
}

export class IpkRemovable extends PlainServer {
    protected override removeKeySetCommand(id: number): number {
        if (id !== 0) {
            return super.removeKeySetCommand(id);
        }
        this.tables.keySets = this.tables.keySets.filter(set => set["groupKeySetId"] !== 0);
        return Status.SUCCESS;
    }
}

export class GroupRemovedInUse extends PlainServer {
    protected override removeGroup(groupId: number): number {
        const group = this.group(groupId);
        if (group === undefined || this.isReserved(group)) {
            return super.removeGroup(groupId);
        }
        this.tables.groups = this.tables.groups.filter(each => each !== group);
        return Status.SUCCESS;
    }
}

export class ConstraintErrorWhenFull extends PlainServer {
    protected override addGroup(given: Fields): number {
        const status = super.addGroup(given);
        return status === Status.RESOURCE_EXHAUSTED ? Status.CONSTRAINT_ERROR : status;
    }
}

export class ListIdsReused extends PlainServer {
    protected override freeListId(): number {
        return 1;
    }
}

export class RemovalByListIdAlone extends PlainServer {
    protected override removeBinding(nodeId: bigint, endpointId: number, listId: number): number {
        const status = super.removeBinding(nodeId, endpointId, listId);
        return status === Status.SUCCESS ? this.removeFromList(this.tables.rows.find(row => row.list === "bindings" && row.listId === listId)) : status;
    }
}

export class UnknownListIdFails extends PlainServer {
    protected override removeAcl(nodeId: bigint, listId: number): number {
        const isKnown = this.rowsOf(nodeId, "acl").some(row => row.listId === listId);
        return this.node(nodeId) !== undefined && !isKnown ? Status.FAILURE : super.removeAcl(nodeId, listId);
    }
}

export class AnybodyAdministers extends PlainServer {
    override grants(accessor: Accessor): boolean {
        return super.grants(accessor) || (accessor.kind === "node" && accessor.privilege === "manage");
    }
}

export class OldCatVersionTaken extends PlainServer {
    override grants(accessor: Accessor): boolean {
        return accessor.kind === "administrator";
    }
}

export class HalfUpdateWhenBusy extends PlainServer {
    protected override updateGroup(given: Fields): number {
        const status = super.updateGroup(given);
        if (status === Status.BUSY) {
            this.tables.groups = this.tables.groups.map(group =>
                group["groupId"] === given["groupId"] ? { ...group, groupCatVersion: given["groupCatVersion"] ?? group["groupCatVersion"] } : group,
            );
        }
        return status;
    }
}

export class NeverReady extends PlainServer {
    override get attributes(): Fields {
        const { status, ...rest } = super.attributes;
        return { ...rest, status: { ...(status as Fields), state: State.PENDING } };
    }
}

export class AnchorRemovable extends PlainServer {
    protected override removeAdmin(nodeId: bigint): number {
        const [anchor, ...others] = this.tables.administrators;
        if (anchor !== undefined && idOf(anchor) === nodeId) {
            this.tables.administrators = others;
            return Status.SUCCESS;
        }
        return super.removeAdmin(nodeId);
    }
}
