import type { KeySetId, NodeId } from "../core/ids.js";
import type { KeySetInput } from "../core/key-sets.js";
import { Status, type StatusCode } from "../core/status.js";
import { GROUP_KEY, IPK } from "../kinds/index.js";
import type { KeySetFields } from "./fields.js";
import type { GroupMembers } from "./group-members.js";
import { isWanted } from "./item-lists.js";
import { newDraft, type CommandHandlers, type Parts } from "./parts.js";
import type { GroupRecord } from "./records.js";

/** Cannot be named by a group, and stands for no key set elsewhere. */
const PLACEHOLDER_KEY_SET = 0xffff;
const IPK_KEY_SET = 0;

/** AddKeySet, UpdateKeySet and RemoveKeySet (sections 11.24.7.1 to 11.24.7.3). */
export class KeySetCommands {
    readonly handlers: CommandHandlers = {
        addKeySet: (fields: { groupKeySet: KeySetFields }) => this.#add(fields.groupKeySet),
        updateKeySet: (fields: { groupKeySet: KeySetFields }) => this.#update(fields.groupKeySet),
        removeKeySet: (fields: { groupKeySetId: number }) => this.#remove(fields.groupKeySetId),
    };

    constructor(
        private readonly parts: Parts,
        private readonly members: GroupMembers,
    ) {}

    #add(fields: KeySetFields): StatusCode {
        const { tables, machine, settings } = this.parts;
        const keySetId = fields.groupKeySetId;
        if (tables.get("keySet", keySetId) !== undefined || keySetId === IPK_KEY_SET || keySetId === PLACEHOLDER_KEY_SET) {
            return Status.CONSTRAINT_ERROR;
        }
        const input = inputOf(fields);
        if (input === null) {
            return Status.CONSTRAINT_ERROR;
        }
        if (tables.count("keySet") >= settings.limits.groupKeySets) {
            return Status.RESOURCE_EXHAUSTED;
        }
        const waiting = this.#waitingFor(keySetId);
        if (machine.keySets.get(keySetId as KeySetId)?.revisions.length === 0) {
            machine.keySets.forget(keySetId as KeySetId); // removed, and gone from every node since
        }
        if (!machine.keySets.check(input).ok) {
            return Status.CONSTRAINT_ERROR; // other material under a start time that a node may still hold
        }
        if (!this.#hasRoom(waiting)) {
            return Status.BUSY;
        }
        const revision = machine.keySets.put(input);
        if (!revision.ok) {
            return Status.CONSTRAINT_ERROR;
        }
        tables.put({ type: "keySet", keySetId, revision: revision.value });
        this.#give(waiting);
        return Status.SUCCESS;
    }

    /** Nodes that wait for the key set, with the groups that they need it for. */
    #waitingFor(keySetId: number): { nodeId: NodeId; group: GroupRecord }[] {
        const { tables } = this.parts;
        const groups = tables.all("group").filter(group => group.groupKeySetId === keySetId);
        return groups.flatMap(group => this.members.nodesOf(group.groupId).map(nodeId => ({ nodeId, group })));
    }

    /** Each of them will owe a key set, map entries and memberships. */
    #hasRoom(waiting: readonly { nodeId: NodeId; group: GroupRecord }[]): boolean {
        const { machine, settings } = this.parts;
        const added = new Map<NodeId, number>();
        for (const { nodeId, group } of waiting) {
            added.set(nodeId, (added.get(nodeId) ?? 1) + 1 + this.members.held(group.groupId, nodeId).length);
        }
        return [...added].every(([nodeId, count]) => (machine.nodes.get(nodeId)?.owed.size ?? 0) + count <= settings.limits.owedPerNode);
    }

    #give(waiting: readonly { nodeId: NodeId; group: GroupRecord }[]): void {
        const draft = newDraft(this.parts);
        const recorded = waiting.map(({ nodeId, group }) => this.members.rekey(draft, nodeId, group));
        draft.perform();
        recorded.forEach(record => record());
    }

    #update(fields: KeySetFields): StatusCode {
        const { tables, machine } = this.parts;
        const keySetId = fields.groupKeySetId;
        const listed = tables.get("keySet", keySetId);
        if (listed === undefined) {
            return Status.NOT_FOUND;
        }
        const input = inputOf(fields);
        if (input === null || !machine.keySets.check(input).ok) {
            return Status.CONSTRAINT_ERROR;
        }
        const latest = machine.keySets.get(keySetId as KeySetId)?.latest ?? 0;
        if (this.#isCurrent(input, listed.revision)) {
            return Status.SUCCESS;
        }
        const foreign = tables.all("foreignKey").filter(record => record.keySetId === keySetId);
        const draft = newDraft(this.parts);
        for (const nodeId of [...this.#holders(keySetId), ...foreign.map(record => record.nodeId)]) {
            draft.set(nodeId, keySetId === IPK_KEY_SET ? IPK : GROUP_KEY, intentOf(keySetId, latest + 1));
        }
        const status = draft.status();
        if (status !== Status.SUCCESS) {
            return status;
        }
        const revision = machine.keySets.put(input);
        tables.put({ ...listed, revision: revision.ok ? revision.value : listed.revision });
        draft.perform();
        foreign.forEach(record => tables.delete(record));
        return Status.SUCCESS;
    }

    /** Nodes of the datastore that have the key set and are to keep it. */
    #holders(keySetId: number): NodeId[] {
        const { lists, tables } = this.parts;
        return [...lists.of(keySetId === IPK_KEY_SET ? IPK : GROUP_KEY)]
            .filter(item => item.key[0] === keySetId && isWanted(item))
            .map(item => item.node.nodeId)
            .filter(nodeId => tables.get("node", nodeId) !== undefined && tables.get("leavingKey", nodeId, keySetId) === undefined);
    }

    /** Some node's row is in another state than DeletePending. */
    #isShown(keySetId: number): boolean {
        const { lists, tables } = this.parts;
        return [...lists.of(GROUP_KEY)].some(
            ({ key, record, node: { nodeId } }) =>
                key[0] === keySetId &&
                record!.state !== "deletePending" &&
                tables.get("node", nodeId) !== undefined &&
                tables.get("leavingKey", nodeId, keySetId) === undefined,
        );
    }

    #isCurrent(input: KeySetInput, number: number): boolean {
        const revision = this.parts.machine.keySets.revision(input.keySetId, number);
        const slots = this.parts.machine.keySets.check(input);
        return (
            revision !== undefined &&
            slots.ok &&
            revision.policy === input.policy &&
            revision.slots.length === slots.value.length &&
            revision.slots.every((slot, at) => slot.startTime === slots.value[at]!.startTime && slot.key.equals(slots.value[at]!.key))
        );
    }

    #remove(keySetId: number): StatusCode {
        const { tables, machine, settings } = this.parts;
        if (keySetId === IPK_KEY_SET) {
            return Status.CONSTRAINT_ERROR;
        }
        const listed = tables.get("keySet", keySetId);
        if (listed === undefined) {
            return Status.NOT_FOUND;
        }
        const isOnNodes = this.#isShown(keySetId) || tables.all("foreignKey").some(record => record.keySetId === keySetId);
        const isNamed = settings.policies.keySetGuard === "nodesAndGroups" && tables.all("group").some(group => group.groupKeySetId === keySetId);
        if (isOnNodes || isNamed) {
            return Status.CONSTRAINT_ERROR;
        }
        tables.delete(listed);
        machine.keySets.forget(keySetId as KeySetId); // unless a node still has to be rid of it
        return Status.SUCCESS;
    }
}

function intentOf(keySetId: number, revision: number): object {
    return keySetId === IPK_KEY_SET ? { revision } : { keySetId, revision };
}

/** The key set as the core takes it; null if no node could use it (section 11.2.7.1): keys from the first slot on, each with its start time, in ascending order. */
function inputOf(fields: KeySetFields): KeySetInput | null {
    const slots = [
        [fields.epochKey0, fields.epochStartTime0],
        [fields.epochKey1, fields.epochStartTime1],
        [fields.epochKey2, fields.epochStartTime2],
    ] as const;
    const used = slots.findIndex(([key]) => key == null);
    const filled = used < 0 ? slots : slots.slice(0, used);
    const isWhole = slots.every(([key, startTime], at) => (key == null) === (startTime == null) && (at < filled.length) === (key != null));
    const isAscending = filled.every(([, startTime], at) => startTime! > (at === 0 ? 0n : filled[at - 1]![1]!));
    return filled.length > 0 && isWhole && isAscending
        ? {
              keySetId: fields.groupKeySetId as KeySetId,
              policy: fields.groupKeySecurityPolicy,
              slots: filled.map(([key, startTime]) => ({ key: key!, startTime: startTime! })),
          }
        : null;
}
