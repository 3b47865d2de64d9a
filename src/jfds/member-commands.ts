import { Status, type StatusCode } from "../core/status.js";
import { GROUP_KEY, GROUP_MEMBERSHIP } from "../kinds/index.js";
import type { EndpointFields } from "./fields.js";
import type { GroupMembers } from "./group-members.js";
import { isKnownEndpoint, newDraft, nodeKeySetRows, nothingToRemove, unknownTarget, type CommandHandlers, type Parts } from "./parts.js";
import type { GroupRecord } from "./records.js";

type MemberFields = EndpointFields & { readonly groupId: number };

/** AddGroupIDToEndpointForNode and RemoveGroupIDFromEndpointForNode (sections 11.24.7.15 and 11.24.7.16). */
export class MemberCommands {
    readonly handlers: CommandHandlers = {
        addGroupIdToEndpointForNode: (fields: MemberFields) => this.#add(fields),
        removeGroupIdFromEndpointForNode: (fields: MemberFields) => this.#remove(fields),
    };

    constructor(
        private readonly parts: Parts,
        private readonly members: GroupMembers,
    ) {}

    #add(fields: MemberFields): StatusCode {
        const { nodeId, endpointId, groupId } = fields;
        if (!isKnownEndpoint(this.parts, nodeId, endpointId)) {
            return unknownTarget(this.parts);
        }
        const group = this.parts.tables.get("group", groupId);
        if (group === undefined || group.groupKeySetId === null) {
            return Status.CONSTRAINT_ERROR; // without a key no node takes it
        }
        if (!this.#hasRoom(fields, group)) {
            return Status.RESOURCE_EXHAUSTED;
        }
        const draft = newDraft(this.parts);
        const record = this.members.join(draft, nodeId, endpointId, group);
        const status = draft.status();
        if (status !== Status.SUCCESS) {
            return status;
        }
        draft.perform();
        record();
        return Status.SUCCESS;
    }

    #remove({ nodeId, endpointId, groupId }: MemberFields): StatusCode {
        const { tables } = this.parts;
        if (!isKnownEndpoint(this.parts, nodeId, endpointId)) {
            return unknownTarget(this.parts);
        }
        const isMember = this.members.itemOf(nodeId, GROUP_MEMBERSHIP, endpointId, groupId) !== undefined;
        if (!isMember && tables.get("held", nodeId, endpointId, groupId) === undefined) {
            return nothingToRemove(this.parts);
        }
        const draft = newDraft(this.parts);
        const record = this.members.leave(draft, nodeId, endpointId, groupId);
        const status = draft.status();
        if (status !== Status.SUCCESS) {
            return status;
        }
        draft.perform();
        record();
        return Status.SUCCESS;
    }

    #hasRoom({ nodeId, endpointId, groupId }: MemberFields, { groupKeySetId }: GroupRecord): boolean {
        const { tables, lists, settings } = this.parts;
        const isRow = this.members.itemOf(nodeId, GROUP_MEMBERSHIP, endpointId, groupId) ?? tables.get("held", nodeId, endpointId, groupId);
        const rows = lists.of(GROUP_MEMBERSHIP).size + tables.count("held");
        const isKeyRow = this.members.itemOf(nodeId, GROUP_KEY, groupKeySetId!) ?? tables.get("heldKey", nodeId, groupKeySetId!);
        return (isRow !== undefined || rows < settings.limits.endpointGroupIds) && (isKeyRow !== undefined || nodeKeySetRows(this.parts) < settings.limits.nodeKeySets);
    }
}
