import { AccessControl, Binding, GroupKeyManagement } from "../../src/core/clusters.js";
import type { DeviceAnswer } from "../../src/core/device.js";
import type { RequestEffect } from "../../src/core/effect.js";
import type { Item } from "../../src/core/item.js";
import { isQuery } from "../../src/core/pass.js";
import type { ItemRecord, KeySetRecord } from "../../src/core/records.js";
import type { AccessControlEntry } from "../../src/kinds/access-control-entry.js";
import type { AclIntent, BindingIntent, GroupKeyIntent, GroupKeyMapIntent, GroupMembershipIntent } from "../../src/kinds/index.js";
import type { BindingEntry } from "../devices/binding-entry.js";
import type { GroupKeyMapEntry, GroupTableRow } from "../devices/fabric-tables.js";
import type { KeySetState } from "../devices/key-set-state.js";
import { MANAGER_FABRIC, type SimNode } from "../devices/sim-node.js";
import { deviceHolds } from "../oracle.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** What a request was sent for. */
interface Purpose {
    readonly record: ItemRecord;
    /** Items of the kind on the node that owned something when it left. */
    readonly owners: readonly ItemRecord[];
}

/** The tables of the manager's fabric on one node; immutable values, so that a picture is a handful of references. */
interface Tables {
    readonly keySets: readonly KeySetState[];
    readonly map: readonly GroupKeyMapEntry[];
    readonly groups: readonly GroupTableRow[];
    readonly acl: readonly AccessControlEntry[];
    readonly bindings: readonly (readonly BindingEntry[])[];
}

/**
 * S7: nothing referenced is removed; nothing owned by another administrator is changed. What a request changes on a node is within what its item names or, in
 * lists whose entries have no id, within what the items of its kind owned; and what the node held of other, committed items it still holds. Commands cannot be
 * conditional: what another administrator maps to a key set between our read of the map and our KeySetRemove is lost, and counted (`lostRace`). Nor does a list count that the
 * device broke off in the middle of a single message's value.
 */
export class OthersAreUntouched implements Checker {
    readonly name = "S7";
    readonly claim = "nothing referenced is removed, and nothing of another administrator is changed";
    readonly #purposes = new WeakMap<RequestEffect, Purpose>();
    /** The map as the manager's last read found it, by node. */
    #mapRead: (readonly GroupKeyMapEntry[])[] = [];
    #before: Tables | null = null;
    #held: Item[] = [];
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#mapRead = [];
    }

    requestSent(effect: RequestEffect): void {
        const item = effect.cause === null ? undefined : this.#world.manager!.machine.items.byId(effect.cause.item);
        if (isQuery(effect.request) || item?.record == null) {
            return;
        }
        const owners: ItemRecord[] = [];
        for (const other of item.node.items.values()) {
            if (other.kindName === item.kindName && other.record?.claim !== undefined) {
                owners.push(other.record);
            }
        }
        this.#purposes.set(effect, { record: item.record, owners });
    }

    requestArrives(effect: RequestEffect, node: number): void {
        const device = this.#world.nodes[node]!;
        if (isQuery(effect.request)) {
            if (isMapRead(effect)) {
                this.#mapRead[node] = device.groupKeyMap(MANAGER_FABRIC);
            }
            return;
        }
        this.#before = tablesOf(device);
        this.#held = this.#heldItems(effect, device);
    }

    requestCarriedOut(effect: RequestEffect, node: number, answer: DeviceAnswer): void {
        const before = this.#before;
        const purpose = this.#purposes.get(effect);
        const isBrokenOff = answer.kind === "unknown";
        if (before === null || purpose === undefined || isBrokenOff) {
            return;
        }
        this.#before = null;
        const device = this.#world.nodes[node]!;
        const wrong = this.#strayChange(purpose, before, tablesOf(device), node);
        if (wrong !== null) {
            this.#world.violate(this.name, `${wrong} on node ${node}, which the request for ${purpose.record.kind}/${purpose.record.key.join("/")} has no business with`);
        }
        for (const item of this.#held) {
            if (item.record !== null && !deviceHolds(device, item.record, this.#keySet, this.#world.sites[node]!.absent)) {
                this.#world.violate(this.name, `node ${node} held ${item.text}, which is committed, until the request for ${purpose.record.kind}/${purpose.record.key.join("/")}`);
            }
        }
    }

    /** Committed items other than the request's own that the node holds now. */
    #heldItems(effect: RequestEffect, device: SimNode): Item[] {
        const { manager, sites } = this.#world;
        const { absent } = sites[this.#world.indexOf(effect.node)]!;
        const held: Item[] = [];
        for (const item of manager?.machine.nodes.get(effect.node)?.items.values() ?? []) {
            if (item.isCommitted && item.id !== effect.cause?.item && deviceHolds(device, item.record!, this.#keySet, absent)) {
                held.push(item);
            }
        }
        return held;
    }

    readonly #keySet = (id: number): KeySetRecord | undefined => this.#world.manager?.machine.keySets.get(id as never);

    /** What changed although the request's item does not name it; null: nothing. */
    #strayChange({ record, owners }: Purpose, before: Tables, after: Tables, node: number): string | null {
        const { intent, kind } = record;
        const isKey = (id: number) => kind === "groupKey" && (intent as GroupKeyIntent).keySetId === id;
        const isIpk = (id: number) => kind === "ipk" && id === 0;
        const isGroup = (id: number) => kind === "groupKeyMap" && (intent as GroupKeyMapIntent).groupId === id;
        return (
            changed(before.keySets, after.keySets, set => !isKey(set.id) && !isIpk(set.id), set => `key set ${set.id}`) ??
            this.#strayMapChange(before, after, entry => !isGroup(entry.groupId), isKey, node) ??
            changed(rowsOf(before.groups), rowsOf(after.groups), row => !isMembership(record, row), row => `group ${row.groupId} at endpoint ${row.endpoint}`, sameRow) ??
            lostEntries(before.acl, after.acl, kind === "acl" ? owners.map(({ intent: owned }) => owned as AclIntent) : []) ??
            lostBindings(before.bindings, after.bindings, kind === "binding" ? owners.map(({ intent: owned }) => owned as BindingIntent) : [])
        );
    }

    #strayMapChange(before: Tables, after: Tables, isStray: (entry: GroupKeyMapEntry) => boolean, isKey: (id: number) => boolean, node: number): string | null {
        const lost = before.map.filter(entry => isStray(entry) && !after.map.some(other => sameMapping(other, entry)));
        for (const entry of lost) {
            const isOurs = this.#world.manager?.machine.nodes.get(this.#world.nodeIds[node]!)?.items.has(`groupKeyMap/${entry.groupId}`) ?? false;
            const hasCascaded = isKey(entry.groupKeySetId) && !after.keySets.some(set => set.id === entry.groupKeySetId);
            const wasSeen = this.#mapRead[node]?.some(other => sameMapping(other, entry)) ?? false;
            if (!hasCascaded || (!isOurs && wasSeen)) {
                return `the mapping of group ${entry.groupId} changed`;
            }
            this.#world.marks.hit(isOurs ? "ownMappingCascaded" : "lostRace");
        }
        return null;
    }
}

function tablesOf(device: SimNode): Tables {
    return {
        keySets: device.keySets(MANAGER_FABRIC),
        map: device.groupKeyMap(MANAGER_FABRIC),
        groups: device.groupTable(MANAGER_FABRIC),
        acl: device.acl(MANAGER_FABRIC),
        bindings: device.composition.endpoints.map(({ number }) => device.bindings(MANAGER_FABRIC, number)),
    };
}

function isMapRead({ request }: RequestEffect): boolean {
    return request.op === "read" && request.cluster === GroupKeyManagement.id && request.attribute === GroupKeyManagement.attributes.groupKeyMap;
}

/** An element that this predicate concerns and that is there no more, or is new. */
function changed<T>(before: readonly T[], after: readonly T[], isStray: (element: T) => boolean, textOf: (element: T) => string, same = (a: T, b: T) => a === b): string | null {
    if (before === after) {
        return null;
    }
    const gone = before.find(element => isStray(element) && !after.some(other => same(other, element)));
    const come = after.find(element => isStray(element) && !before.some(other => same(other, element)));
    return gone === undefined ? (come === undefined ? null : `${textOf(come)} appeared`) : `${textOf(gone)} changed`;
}

function sameMapping(one: GroupKeyMapEntry, other: GroupKeyMapEntry): boolean {
    return one.groupId === other.groupId && one.groupKeySetId === other.groupKeySetId;
}

interface Membership {
    readonly groupId: number;
    readonly endpoint: number;
}

function rowsOf(rows: readonly GroupTableRow[]): Membership[] {
    return rows.flatMap(({ groupId, endpoints }) => endpoints.map(endpoint => ({ groupId, endpoint })));
}

function sameRow(one: Membership, other: Membership): boolean {
    return one.groupId === other.groupId && one.endpoint === other.endpoint;
}

function isMembership({ kind, intent }: ItemRecord, { groupId, endpoint }: Membership): boolean {
    const membership = intent as GroupMembershipIntent;
    return kind === "groupMembership" && membership.groupId === groupId && membership.endpoint === endpoint;
}

/** Each entry that is gone was somebody's here: the entry itself, or a piece of it on a node that splits entries by subject. */
function lostEntries(before: readonly AccessControlEntry[], after: readonly AccessControlEntry[], owned: readonly AclIntent[]): string | null {
    for (const entry of before === after ? [] : missing(before, after, entryText)) {
        const isOwned = owned.some(
            other =>
                other.privilege === entry.privilege &&
                other.authMode === entry.authMode &&
                targetsText(other) === targetsText(entry) &&
                (other.subjects === null || entry.subjects === null ? other.subjects === entry.subjects : entry.subjects.every(subject => other.subjects!.includes(subject))),
        );
        if (!isOwned) {
            return `the entry ${entryText(entry)} of attribute ${AccessControl.attributes.acl} is gone`;
        }
    }
    return null;
}

function lostBindings(before: Tables["bindings"], after: Tables["bindings"], owned: readonly BindingIntent[]): string | null {
    for (const [at, list] of before.entries()) {
        for (const entry of list === after[at] ? [] : missing(list, after[at]!, bindingText)) {
            if (!owned.some(({ target }) => bindingText(entry) === bindingText(target))) {
                return `the binding ${bindingText(entry)} (cluster ${Binding.id}) is gone`;
            }
        }
    }
    return null;
}

/** What is there less often than before. */
function missing<T>(before: readonly T[], after: readonly T[], textOf: (element: T) => string): T[] {
    const left = after.map(textOf);
    return before.filter(element => {
        const at = left.indexOf(textOf(element));
        if (at >= 0) {
            left.splice(at, 1);
        }
        return at < 0;
    });
}

function entryText(entry: AccessControlEntry): string {
    return `${entry.privilege}/${entry.authMode}/${entry.subjects?.map(String).sort().join() ?? "*"}/${targetsText(entry)}`;
}

function targetsText({ targets }: AccessControlEntry): string {
    return targets?.map(({ cluster, endpoint, deviceType }) => `${cluster}:${endpoint}:${deviceType}`).sort().join() ?? "*";
}

function bindingText({ node, group, endpoint, cluster }: { readonly [N in "node" | "group" | "endpoint" | "cluster"]?: bigint | number | null }): string {
    return [node, group, endpoint, cluster].map(field => field ?? "-").join(":");
}
