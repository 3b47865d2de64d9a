import { AccessControl, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceFields, DeviceValue, ValueAnswer } from "../../src/core/device.js";
import type { LaneRequest, RequestEffect } from "../../src/core/effect.js";
import type { ManagerEvent } from "../../src/core/event.js";
import { Status } from "../../src/core/status.js";
import type { AccessControlEntry } from "../devices/access-control-entry.js";
import { letsManagerIn } from "../list-entries.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** What the manager was told of one node's tables, and what it wrote itself since. */
interface Told {
    readonly limits: Map<string, number>;
    /** A limit that the observation under way has told. */
    pending: number | null;
    /** Entries of each list. */
    readonly lengths: Map<string, number>;
    keySets: Set<number> | null;
    groups: Set<number> | null;
}

const { attributes, commands } = GroupKeyManagement;

/**
 * S10: no write is sent that the device's observed limits must refuse; no lock-out write is ever sent. The checker keeps its own picture of what the answers told. A list
 * that is over a limit which shrank, and that a write does not make longer, is the device's to judge; and an observation counts as a whole, once limit and rows are read.
 */
export class WritesFit implements Checker {
    readonly name = "S10";
    readonly claim = "no write that must be refused, and none that locks the manager out, is sent";
    readonly #told: Told[] = [];
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#told.length = 0;
    }

    /** A new process knows nothing. */
    restarted(): void {
        this.#told.length = 0;
    }

    /** What was told of a node that left is forgotten with it. */
    event(event: ManagerEvent): void {
        if (event.type === "nodeRemoved") {
            this.#told[this.#world.indexOf(event.node)] = nothingTold();
        }
    }

    requestSent({ request }: RequestEffect, node: number): void {
        const wrong = this.#problem(request, this.#of(node));
        if (wrong !== null) {
            this.#world.violate(this.name, `${wrong} was sent to node ${node}`);
        }
    }

    requestOver({ request, cause }: RequestEffect, node: number, answer: DeviceAnswer): void {
        const told = this.#of(node);
        if (cause === null) {
            observe(told, request, answer);
        }
        if (request.op === "read" && answer.kind === "value") {
            learnFromRead(told, request.cluster, request.attribute, answer.value);
        } else if (request.op === "write" && answer.kind === "status" && answer.status === Status.SUCCESS) {
            learnFromRead(told, request.cluster, request.attribute, request.value);
        } else if (request.op === "invoke") {
            learnFromCommand(told, request.cluster, request.command, request.fields, answer);
        }
    }

    #of(node: number): Told {
        return (this.#told[node] ??= nothingTold());
    }

    #problem(request: LaneRequest, told: Told): string | null {
        if (request.op === "write" && Array.isArray(request.value)) {
            const { length } = request.value;
            const limit = told.limits.get(limitOf(request.cluster)) ?? Infinity;
            if (request.cluster === AccessControl.id && !letsManagerIn(request.value as readonly AccessControlEntry[])) {
                return "an access control list that locks the manager out";
            }
            return length > limit && length > (told.lengths.get(limitOf(request.cluster)) ?? 0) ? `a list of ${length} entries, of which ${limit} fit,` : null;
        }
        if (request.op !== "invoke") {
            return null;
        }
        if (request.cluster === GroupKeyManagement.id && request.command === commands.keySetWrite) {
            const id = (request.fields["groupKeySet"] as DeviceFields)["groupKeySetId"] as number;
            return isFull(told.keySets, id, told.limits.get("keySets")) ? `one key set too many (${id})` : null;
        }
        if (request.cluster === Groups.id && request.command === Groups.commands.addGroup) {
            const id = request.fields["groupId"] as number;
            return isFull(told.groups, id, told.limits.get("groups")) ? `one group too many (${id})` : null;
        }
        return null;
    }
}

function isFull(rows: ReadonlySet<number> | null, id: number, limit: number | undefined): boolean {
    return rows !== null && limit !== undefined && !rows.has(id) && rows.size >= limit;
}

function limitOf(cluster: number): string {
    return cluster === AccessControl.id ? "acl" : cluster === GroupKeyManagement.id ? "groups" : "";
}

/** Limit first, then the rows: the last of these reads makes the limit known, if none of them failed. */
function observe(told: Told, request: LaneRequest, answer: DeviceAnswer): void {
    if (request.op !== "read" && request.op !== "invoke") {
        return;
    }
    if (answer.kind !== "value" && answer.kind !== "response") {
        told.pending = null;
    } else if (request.op === "read" && isLimit(request.cluster, request.attribute)) {
        told.pending = (answer as ValueAnswer).value as number;
    } else if (told.pending !== null) {
        const table = request.op === "invoke" ? "keySets" : request.cluster === AccessControl.id ? "acl" : request.attribute === attributes.groupTable ? "groups" : null;
        if (table !== null) {
            told.limits.set(table, told.pending);
        }
    }
}

function isLimit(cluster: number, attribute: number): boolean {
    return cluster === AccessControl.id
        ? attribute === AccessControl.attributes.accessControlEntriesPerFabric
        : cluster === GroupKeyManagement.id && (attribute === attributes.maxGroupsPerFabric || attribute === attributes.maxGroupKeysPerFabric);
}

function learnFromRead(told: Told, cluster: number, attribute: number, value: DeviceValue): void {
    if (cluster === AccessControl.id && attribute === AccessControl.attributes.acl) {
        told.lengths.set("acl", (value as readonly DeviceFields[]).length);
    } else if (cluster === GroupKeyManagement.id && attribute === attributes.groupKeyMap) {
        told.lengths.set("groups", (value as readonly DeviceFields[]).length);
        told.groups = new Set((value as readonly DeviceFields[]).map(entry => entry["groupId"] as number));
    }
}

function learnFromCommand(told: Told, cluster: number, command: number, fields: DeviceFields, answer: DeviceAnswer): void {
    const isDone = answer.kind === "status" && answer.status === Status.SUCCESS;
    if (cluster === Groups.id && command === Groups.commands.addGroup && answer.kind === "response" && answer.fields["status"] === Status.SUCCESS) {
        told.groups?.add(fields["groupId"] as number);
    } else if (cluster !== GroupKeyManagement.id) {
        return;
    } else if (command === commands.keySetReadAllIndices && answer.kind === "response") {
        told.keySets = new Set(answer.fields["groupKeySetIDs"] as readonly number[]);
    } else if (command === commands.keySetWrite && isDone) {
        told.keySets?.add((fields["groupKeySet"] as DeviceFields)["groupKeySetId"] as number);
    } else if (command === commands.keySetRemove && isDone) {
        told.keySets?.delete(fields["groupKeySetId"] as number);
    }
}

function nothingTold(): Told {
    return { limits: new Map(), lengths: new Map(), pending: null, keySets: null, groups: null };
}
