import type { NodeId } from "../core/ids.js";
import { Status, type StatusCode } from "../core/status.js";
import { GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP, type GroupKeyMapIntent } from "../kinds/index.js";
import type { AclUpdates } from "./acl-updates.js";
import type { Draft } from "./draft.js";
import { ADMINISTRATOR_CAT, ANCHOR_CAT, type GroupFields, type GroupUpdateFields } from "./fields.js";
import { membershipIntent, type GroupMembers } from "./group-members.js";
import { newDraft, type CommandHandlers, type Parts } from "./parts.js";
import type { GroupRecord } from "./records.js";

const MAX_ORDINARY_CAT = 0xefff;
/** Privileges whose groups have no key: they are never given by a group message. */
const MANAGE = 4;
const ADMINISTER = 5;

/** AddGroup, UpdateGroup and RemoveGroup (sections 11.24.7.4 to 11.24.7.6). */
export class GroupCommands {
    readonly handlers: CommandHandlers = {
        addGroup: (fields: GroupFields) => this.#add(fields),
        updateGroup: (fields: GroupUpdateFields) => this.#update(fields),
        removeGroup: (fields: { groupId: number }) => this.#remove(fields.groupId),
    };

    constructor(
        private readonly parts: Parts,
        private readonly members: GroupMembers,
        private readonly acls: AclUpdates,
    ) {}

    #add({ groupId, friendlyName, groupKeySetId, groupCat, groupCatVersion, groupPermission }: GroupFields): StatusCode {
        const { tables, settings } = this.parts;
        const group: GroupRecord = { type: "group", groupId, friendlyName, groupKeySetId, groupCat, groupCatVersion, groupPermission };
        if (tables.get("group", groupId) !== undefined || !this.#isSound(group)) {
            return Status.CONSTRAINT_ERROR;
        }
        if (tables.count("group") >= settings.limits.groups) {
            return Status.RESOURCE_EXHAUSTED;
        }
        tables.put(group);
        return Status.SUCCESS;
    }

    #update(fields: GroupUpdateFields): StatusCode {
        const { tables, settings } = this.parts;
        const before = tables.get("group", fields.groupId);
        if (before === undefined) {
            return Status.NOT_FOUND;
        }
        if (isReserved(before) && (settings.policies.adminGroupUpdate === "refuseAll" || fields.groupCat !== null)) {
            return Status.CONSTRAINT_ERROR;
        }
        const after: GroupRecord = {
            type: "group",
            groupId: fields.groupId,
            friendlyName: fields.friendlyName ?? before.friendlyName,
            groupKeySetId: fields.groupKeySetId ?? before.groupKeySetId,
            groupCat: fields.groupCat ?? before.groupCat,
            groupCatVersion: fields.groupCatVersion ?? before.groupCatVersion,
            groupPermission: fields.groupPermission ?? before.groupPermission,
        };
        if (!this.#isSound(after) || this.acls.isImpossible(before, after)) {
            return Status.CONSTRAINT_ERROR;
        }
        const acls = this.acls.plan(before, after);
        if (!acls.hasRoom) {
            return Status.RESOURCE_EXHAUSTED;
        }
        const draft = newDraft(this.parts);
        acls.draft(draft);
        if (before.friendlyName !== after.friendlyName) {
            this.#rename(draft, after);
        }
        const recorded = before.groupKeySetId === after.groupKeySetId ? [] : this.#rekey(draft, before, after);
        const status = draft.status();
        if (status !== Status.SUCCESS) {
            return status;
        }
        if (hasChanged(before, after)) {
            tables.put(after);
        }
        draft.perform();
        acls.record();
        recorded.forEach(record => record());
        return Status.SUCCESS;
    }

    #rename(draft: Draft, group: GroupRecord): void {
        for (const item of this.members.wanted(group.groupId)) {
            draft.set(item.node.nodeId, GROUP_MEMBERSHIP, membershipIntent(item.key[0] as number, group));
        }
    }

    /** Members are given the new key set, and lose the old one when the group is mapped to the new one there. */
    #rekey(draft: Draft, before: GroupRecord, after: GroupRecord): (() => void)[] {
        const { tables, machine } = this.parts;
        return this.members.nodesOf(after.groupId).map(nodeId => {
            const record = this.members.rekey(draft, nodeId, after);
            const keySetId = before.groupKeySetId;
            const isHeldThere = keySetId !== null && this.members.itemOf(nodeId, GROUP_KEY, keySetId) !== undefined;
            return () => {
                record();
                if (isHeldThere && !this.#isUsedByOthers(nodeId, keySetId, after.groupId)) {
                    const groups = [...(tables.get("leavingKey", nodeId, keySetId)?.groups ?? []), after.groupId];
                    tables.put({ type: "leavingKey", nodeId, keySetId, groups: [...new Set(groups)], changedAtMs: machine.context.wallMs });
                }
            };
        });
    }

    /** Another group of the node has the key set. */
    #isUsedByOthers(nodeId: NodeId, keySetId: number, groupId: number): boolean {
        const others = this.parts.tables.all("group").filter(group => group.groupKeySetId === keySetId && group.groupId !== groupId);
        const isMapped = [...this.parts.machine.nodes.get(nodeId)!.items.values()].some(
            item =>
                item.kindName === GROUP_KEY_MAP &&
                item.key[0] !== groupId &&
                item.record!.owes !== "remove" &&
                (item.record!.intent as GroupKeyMapIntent).keySetId === keySetId,
        );
        return isMapped || others.some(group => this.members.wanted(group.groupId, nodeId).length > 0);
    }

    #remove(groupId: number): StatusCode {
        const { tables, lists } = this.parts;
        const group = tables.get("group", groupId);
        if (group !== undefined && isReserved(group)) {
            return Status.CONSTRAINT_ERROR;
        }
        if (group === undefined) {
            return Status.NOT_FOUND;
        }
        const isUsed = [...lists.of(GROUP_MEMBERSHIP)].some(
            item => item.key[1] === groupId && item.record!.state !== "deletePending" && tables.get("node", item.node.nodeId) !== undefined,
        );
        if (isUsed || this.members.held(groupId).length > 0) {
            return Status.CONSTRAINT_ERROR;
        }
        tables.delete(group);
        return Status.SUCCESS;
    }

    /** What holds for every entry, however it came about (section 11.24.5.5). */
    #isSound(group: GroupRecord): boolean {
        const { groupCat, groupCatVersion, groupKeySetId, groupPermission } = group;
        if ((groupCat === null) !== (groupCatVersion === null)) {
            return false;
        }
        if (groupCat !== null && !isReserved(group) && this.parts.settings.policies.catRange === "1-0xEFFF" && groupCat > MAX_ORDINARY_CAT) {
            return false;
        }
        return groupKeySetId === null || (groupPermission !== MANAGE && groupPermission !== ADMINISTER);
    }
}

function isReserved({ groupCat }: GroupRecord): boolean {
    return groupCat === ADMINISTRATOR_CAT || groupCat === ANCHOR_CAT;
}

function hasChanged(before: GroupRecord, after: GroupRecord): boolean {
    return (Object.keys(after) as (keyof GroupRecord)[]).some(field => before[field] !== after[field]);
}
