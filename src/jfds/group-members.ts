import { identityText } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import { GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP, type GroupKeyMapIntent } from "../kinds/index.js";
import type { Draft } from "./draft.js";
import { cutUtf8 } from "./fields.js";
import { isWanted } from "./item-lists.js";
import type { Parts } from "./parts.js";
import type { GroupRecord, RecordOf } from "./records.js";

/** Longest group name on a device, in bytes of UTF-8; the datastore's names can be twice as long. */
const DEVICE_NAME_BYTES = 16;

/** What group membership comes to on nodes: key set, then map entry, then membership, and back again. */
export class GroupMembers {
    constructor(private readonly parts: Parts) {}

    itemOf(nodeId: NodeId, kind: string, ...key: number[]): Item | undefined {
        return this.parts.machine.nodes.get(nodeId)?.items.get(identityText(kind, key));
    }

    /** Membership items of the group that are wanted, on all nodes of the datastore or one. */
    wanted(groupId: number, nodeId?: NodeId): Item[] {
        const { lists, tables, machine } = this.parts;
        const items = nodeId === undefined ? lists.of(GROUP_MEMBERSHIP) : (machine.nodes.get(nodeId)?.items.values() ?? []);
        return [...items].filter(
            item => item.kindName === GROUP_MEMBERSHIP && item.key[1] === groupId && isWanted(item) && tables.get("node", item.node.nodeId) !== undefined,
        );
    }

    held(groupId: number, nodeId?: NodeId): RecordOf<"held">[] {
        const { tables } = this.parts;
        const records = nodeId === undefined ? tables.all("held") : tables.ofNode(nodeId, "held");
        return records.filter(record => record.groupId === groupId);
    }

    /** Nodes with an endpoint that is, or is to be, in the group. */
    nodesOf(groupId: number): NodeId[] {
        return [...new Set([...this.wanted(groupId).map(item => item.node.nodeId), ...this.held(groupId).map(record => record.nodeId)])];
    }

    /** The endpoint becomes a member. Without a key set for the group it is held until there is one. @returns what is to be recorded with the draft */
    join(draft: Draft, nodeId: NodeId, endpointId: number, group: GroupRecord): () => void {
        const { tables, machine } = this.parts;
        if (!this.#giveKey(draft, nodeId, group)) {
            const isMember = isWanted(this.itemOf(nodeId, GROUP_MEMBERSHIP, endpointId, group.groupId));
            const changedAtMs = machine.context.wallMs;
            return () => {
                if (!isMember) {
                    tables.put({ type: "held", nodeId, endpointId, groupId: group.groupId, changedAtMs });
                }
                this.reviewHeldKeys(nodeId);
            };
        }
        draft.set(nodeId, GROUP_MEMBERSHIP, membershipIntent(endpointId, group));
        return () => {
            tables.delete(tables.get("held", nodeId, endpointId, group.groupId));
            this.#keyGiven(nodeId, group);
        };
    }

    /** The group has a key set now, or another one: the node is given it, and what was held becomes so. */
    rekey(draft: Draft, nodeId: NodeId, group: GroupRecord): () => void {
        const recorded = this.held(group.groupId, nodeId).map(({ endpointId }) => this.join(draft, nodeId, endpointId, group));
        const isGiven = this.#giveKey(draft, nodeId, group);
        return () => {
            recorded.forEach(record => record());
            if (isGiven) {
                this.#keyGiven(nodeId, group);
            }
            this.reviewHeldKeys(nodeId);
        };
    }

    /** The endpoint leaves the group; with the last one of the node go map entry and key set, unless something else there needs them. */
    leave(draft: Draft, nodeId: NodeId, endpointId: number, groupId: number): () => void {
        const { tables } = this.parts;
        const held = tables.get("held", nodeId, endpointId, groupId);
        const member = this.itemOf(nodeId, GROUP_MEMBERSHIP, endpointId, groupId);
        if (member !== undefined) {
            draft.remove(member);
        }
        this.releaseGroup(draft, nodeId, groupId);
        return () => {
            tables.delete(held);
            this.reviewHeldKeys(nodeId);
        };
    }

    /** Map entry and key set of the group go if no endpoint of the node, and no binding there, needs them any more. */
    releaseGroup(draft: Draft, nodeId: NodeId, groupId: number): void {
        const map = this.itemOf(nodeId, GROUP_KEY_MAP, groupId);
        if (map === undefined || !this.#isFree(draft, map)) {
            return;
        }
        draft.remove(map);
        const { keySetId } = map.record!.intent as GroupKeyMapIntent;
        const key = this.itemOf(nodeId, GROUP_KEY, keySetId);
        if (key !== undefined && this.#isFree(draft, key)) {
            draft.remove(key);
        }
    }

    /** Which key sets the node waits for follows from the groups that it has members of. */
    reviewHeldKeys(nodeId: NodeId): void {
        const { tables, machine } = this.parts;
        const missing = new Set<number>();
        for (const { groupId, groupKeySetId } of tables.all("group")) {
            if (groupKeySetId !== null && tables.get("keySet", groupKeySetId) === undefined) {
                if (this.held(groupId, nodeId).length > 0 || this.wanted(groupId, nodeId).length > 0) {
                    missing.add(groupKeySetId);
                }
            }
        }
        for (const record of tables.ofNode(nodeId, "heldKey")) {
            if (!missing.delete(record.keySetId)) {
                tables.delete(record);
            }
        }
        for (const keySetId of missing) {
            tables.put({ type: "heldKey", nodeId, keySetId, changedAtMs: machine.context.wallMs });
        }
    }

    /** Key set and map entry, if the group's key set is there. */
    #giveKey(draft: Draft, nodeId: NodeId, { groupId, groupKeySetId }: GroupRecord): boolean {
        const listed = groupKeySetId === null ? undefined : this.parts.tables.get("keySet", groupKeySetId);
        if (listed === undefined) {
            return false;
        }
        draft.set(nodeId, GROUP_KEY, { keySetId: listed.keySetId, revision: listed.revision });
        draft.set(nodeId, GROUP_KEY_MAP, { groupId, keySetId: listed.keySetId });
        return true;
    }

    #keyGiven(nodeId: NodeId, { groupKeySetId }: GroupRecord): void {
        const { tables } = this.parts;
        tables.delete(tables.get("leavingKey", nodeId, groupKeySetId!));
        tables.delete(tables.get("foreignKey", nodeId, groupKeySetId!));
    }

    /** Nothing that stays on the node needs it. */
    #isFree(draft: Draft, item: Item): boolean {
        return isWanted(item) && [...this.parts.machine.items.referencesTo(item)].every(dependent => draft.isRemoving(dependent));
    }
}

export function membershipIntent(endpoint: number, { groupId, friendlyName }: Pick<GroupRecord, "groupId" | "friendlyName">): object {
    return { endpoint, groupId, name: cutUtf8(friendlyName, DEVICE_NAME_BYTES) };
}
