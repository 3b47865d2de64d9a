import { identityText, type ItemKey } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import type { NodeState } from "../core/node-state.js";
import { ACL, BINDING, GROUP_KEY_MAP, GROUP_MEMBERSHIP, type AclIntent, type GroupKeyMapIntent } from "../kinds/index.js";
import { canonicalEntry, entryFields, parseEntry, type AccessControlEntry } from "../kinds/access-control-entry.js";
import { isCovered } from "../kinds/access-coverage.js";
import type { DeviceFields } from "../core/device.js";
import type { Entries } from "./entries.js";
import { membershipIntent, type GroupMembers } from "./group-members.js";
import { isWanted, LABEL } from "./item-lists.js";
import { ItemMerge } from "./item-merge.js";
import { KeySetMerge } from "./key-set-merge.js";
import type { EndpointObservation, Observation } from "./observation.js";
import { newDraft, type Parts } from "./parts.js";
import { isRecoverable } from "./status-entry.js";

/** Merges what a node holds with what is wanted there (section 11.24.7.11). */
export class RefreshMerge {
    readonly #keySets: KeySetMerge;

    constructor(
        private readonly parts: Parts,
        private readonly members: GroupMembers,
        private readonly entries: Entries,
    ) {
        this.#keySets = new KeySetMerge(parts);
    }

    /**
     * Whatever needs something is settled before what it needs: what is lost with it is not written again.
     *
     * @returns false if a list had no room for all that was found; what was not taken in stays on the node.
     */
    merge(node: NodeState, observation: Observation): boolean {
        const merge = new ItemMerge(this.parts, node);
        if (observation.parts !== null) {
            this.#mergeEndpoints(merge, observation.parts);
        }
        for (const [endpoint, found] of observation.endpoints) {
            this.#mergeEndpoint(merge, endpoint, found);
        }
        if (observation.groupKeyMap !== null) {
            this.#mergeMap(merge, observation.groupKeyMap);
        }
        if (observation.keySets !== null) {
            this.#keySets.merge(merge, observation.keySets, observation.keySetFields);
        }
        if (observation.acl !== null) {
            this.#mergeAcl(merge, observation.acl);
        }
        this.#completeGroups(node.nodeId);
        return merge.hasRoom;
    }

    #mergeEndpoints(merge: ItemMerge, found: readonly number[]): void {
        const { tables, settings } = this.parts;
        const { node } = merge;
        const { nodeId } = node;
        const wanted = new Set(settings.policies.ep0Row === "required" ? [0, ...found] : found);
        const isExempt = (endpoint: number) => endpoint === 0 && settings.policies.ep0Row !== "forbidden";
        for (const record of tables.ofNode(nodeId, "endpoint")) {
            if (!wanted.delete(record.endpointId) && !isExempt(record.endpointId)) {
                tables.delete(record);
                this.#endpointGone(merge, record.endpointId);
            }
        }
        for (const endpointId of wanted) {
            if (tables.count("endpoint") >= settings.limits.nodeEndpoints) {
                merge.hasRoom = false;
                return;
            }
            tables.put({ type: "endpoint", nodeId, endpointId, friendlyName: "" });
        }
    }

    /** Nothing can be done on it any more. What was to be removed there is, if it ever comes back. */
    #endpointGone(merge: ItemMerge, endpointId: number): void {
        const { tables } = this.parts;
        const { node } = merge;
        const groups = new Set<number>();
        for (const item of merge.items(GROUP_MEMBERSHIP, each => each.key[0] === endpointId)) {
            groups.add(item.key[1] as number);
            merge.end(item, isWanted(item) ? "nothing" : "value");
        }
        for (const item of merge.items(BINDING, each => each.key[0] === endpointId)) {
            merge.end(item, isWanted(item) ? "nothing" : "value");
        }
        for (const held of tables.ofNode(node.nodeId, "held").filter(record => record.endpointId === endpointId)) {
            tables.delete(held);
        }
        const draft = newDraft(this.parts);
        for (const groupId of groups) {
            this.members.releaseGroup(draft, node.nodeId, groupId);
        }
        draft.perform();
    }

    #mergeEndpoint(merge: ItemMerge, endpoint: number, { groups, bindings }: EndpointObservation): void {
        const { tables, lists, settings } = this.parts;
        if (groups != null) {
            const found = new Map(groups.map(groupId => [identityText(GROUP_MEMBERSHIP, [endpoint, groupId]), groupId]));
            this.#endHopeless(merge, endpoint, groups);
            merge.settle(
                GROUP_MEMBERSHIP,
                key => key[0] === endpoint,
                text => found.has(text),
            );
            for (const groupId of found.values()) {
                const intent = membershipIntent(endpoint, tables.get("group", groupId) ?? { groupId, friendlyName: "" });
                merge.adopt(GROUP_MEMBERSHIP, intent, lists.of(GROUP_MEMBERSHIP).size + tables.count("held") < settings.limits.endpointGroupIds);
                tables.delete(tables.get("held", merge.node.nodeId, endpoint, groupId));
            }
        }
        if (bindings != null) {
            const intents = bindings.map(fields => bindingIntent(endpoint, fields));
            this.#mergeEntries(merge, BINDING, key => key[0] === endpoint && key[5] === LABEL, intents, () => []);
        }
    }

    /** What waits for a map entry that failed for good has failed with it. */
    #endHopeless(merge: ItemMerge, endpoint: number, found: readonly number[]): void {
        const { unrecoverable } = this.parts.settings.policies;
        for (const item of merge.items(GROUP_MEMBERSHIP, each => each.key[0] === endpoint && each.record!.state === "pending")) {
            const map = merge.node.items.get(identityText(GROUP_KEY_MAP, [item.key[1]!]))?.record;
            const isFailed = map?.state === "commitFailed" && map.owes === "apply" && !isRecoverable(map.failure, unrecoverable);
            if (isFailed && !found.includes(item.key[1] as number)) {
                merge.end(item, "nothing");
            }
        }
    }

    #mergeMap(merge: ItemMerge, found: readonly DeviceFields[]): void {
        const keySetOf = new Map(found.map(entry => [entry["groupId"] as number, entry["groupKeySetId"] as number]));
        const texts = new Set([...keySetOf.keys()].map(groupId => identityText(GROUP_KEY_MAP, [groupId])));
        merge.settle(
            GROUP_KEY_MAP,
            () => true,
            text => texts.has(text),
            item => keySetOf.get(item.key[0] as number) === (item.record!.intent as GroupKeyMapIntent).keySetId,
        );
        for (const [groupId, keySetId] of keySetOf) {
            if (this.members.wanted(groupId, merge.node.nodeId).length > 0) {
                merge.adopt(GROUP_KEY_MAP, { groupId, keySetId }, true);
            }
        }
    }

    #mergeAcl(merge: ItemMerge, found: readonly DeviceFields[]): void {
        const contents = found.map(parseEntry).filter((entry): entry is AccessControlEntry => entry !== null);
        const intents = contents.map(entry => ({ ...canonicalEntry(entry), label: LABEL }));
        const others = (intent: object) =>
            contents.filter(entry => identityOf(entry) !== identityOf(intent as AclIntent) && isCovered(entry, [intent as AclIntent], new Map())).map(entryFields);
        this.#mergeEntries(merge, ACL, key => key[0] === LABEL, intents, others, item => isCovered(item.record!.intent as AclIntent, contents, new Map()));
    }

    /** @param piecesOf entries that look like a part of this one and are not: they stay when it goes */
    #mergeEntries(
        merge: ItemMerge,
        kind: typeof BINDING | typeof ACL,
        isInScope: (key: ItemKey) => boolean,
        intents: readonly object[],
        piecesOf: (intent: object) => DeviceFields[],
        isThereAnyway: (item: Item) => boolean = () => false,
    ): void {
        const { fabric } = this.parts.machine;
        const found = new Map<string, { key: ItemKey; intent: object }>();
        for (const intent of intents) {
            const checked = fabric.checkForm(kind, intent);
            if (checked.ok) {
                found.set(identityText(kind, checked.value.key), checked.value);
            }
        }
        const isFound = (text: string) => found.has(text);
        merge.settle(kind, isInScope, isFound, item => isFound(item.text) || isThereAnyway(item));
        for (const { key, intent } of found.values()) {
            if (merge.adopt(kind, intent, this.entries.hasRoom(kind), { spared: piecesOf(intent) })) {
                this.entries.enter(kind, merge.node.nodeId, key);
            }
        }
    }

    /** Every member of a group with a key set has that on the node, and is mapped to it. */
    #completeGroups(nodeId: NodeId): void {
        const { tables } = this.parts;
        const draft = newDraft(this.parts);
        const recorded: (() => void)[] = [];
        for (const group of tables.all("group")) {
            const isMember = this.members.wanted(group.groupId, nodeId).length > 0 || this.members.held(group.groupId, nodeId).length > 0;
            if (isMember && group.groupKeySetId !== null) {
                recorded.push(this.members.rekey(draft, nodeId, group));
            }
        }
        draft.perform();
        recorded.forEach(record => record());
        this.members.reviewHeldKeys(nodeId);
    }
}

function bindingIntent(endpoint: number, { node = null, group = null, endpoint: remote = null, cluster = null }: DeviceFields): object {
    return { endpoint, target: { node, group, endpoint: remote, cluster }, label: LABEL };
}

function identityOf(entry: AccessControlEntry): string {
    const { privilege, authMode, subjects, targets } = entry;
    return JSON.stringify([privilege, authMode, subjects?.map(String) ?? null, targets]);
}
