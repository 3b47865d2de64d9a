import { ok, type Result } from "../core/error.js";
import { identityText, type ItemKey } from "../core/identity.js";
import type { NodeId } from "../core/ids.js";
import type { Administrator } from "../core/kind.js";
import { Status, type StatusCode } from "../core/status.js";
import { letsAdministrate } from "../kinds/access-coverage.js";
import { ACL, BINDING, type AclIntent } from "../kinds/index.js";
import type { Entries } from "./entries.js";
import { ADMINISTRATOR_CAT, type AclFields, type BindingFields, type EndpointFields } from "./fields.js";
import { isWanted, LABEL } from "./item-lists.js";
import { isKnownEndpoint, isKnownNode, newDraft, nothingToRemove, unknownTarget, type CommandHandlers, type Parts } from "./parts.js";
import type { EntryListName, EntryRecord } from "./records.js";

/** The commands on bindings and on access control entries (sections 11.24.7.17 to 11.24.7.20). */
export class EntryCommands {
    readonly handlers: CommandHandlers = {
        addBindingToEndpointForNode: (fields: BindingFields) => this.#addBinding(fields),
        removeBindingFromEndpointForNode: (fields: EndpointFields & { listId: number }) => this.#removeBinding(fields),
        addAclToNode: (fields: AclFields) => this.#addAcl(fields),
        removeAclFromNode: (fields: { nodeId: NodeId; listId: number }) => this.#removeAcl(fields),
    };

    constructor(
        private readonly parts: Parts,
        private readonly entries: Entries,
    ) {}

    #addBinding({ nodeId, endpointId, binding: { node = null, group = null, endpoint = null, cluster = null } }: BindingFields): StatusCode {
        if (!isKnownEndpoint(this.parts, nodeId, endpointId)) {
            return unknownTarget(this.parts);
        }
        return this.#add("binding", nodeId, { endpoint: endpointId, target: { node, group, endpoint, cluster }, label: LABEL });
    }

    #addAcl({ nodeId, aclEntry }: AclFields): StatusCode {
        const { settings } = this.parts;
        if (!isKnownNode(this.parts, nodeId)) {
            return unknownTarget(this.parts);
        }
        const { privilege, authMode, subjects = null, targets = null } = aclEntry;
        if ((subjects?.length ?? 0) > settings.limits.subjectsPerEntry || (targets?.length ?? 0) > settings.limits.targetsPerEntry) {
            return Status.RESOURCE_EXHAUSTED;
        }
        return this.#add("acl", nodeId, { privilege, authMode, subjects, targets, label: LABEL });
    }

    /** An entry with the same content stays what it is, under its ListID: it is retried if it failed, and wanted again if it was leaving. */
    #add(list: EntryListName, nodeId: NodeId, intent: object): StatusCode {
        const { tables } = this.parts;
        const checked = this.#check(list, intent);
        if (!checked.ok) {
            return Status.CONSTRAINT_ERROR;
        }
        const key = checked.value;
        if (tables.entryOf(list, nodeId, key) === undefined && !this.entries.hasRoom(list)) {
            return Status.RESOURCE_EXHAUSTED;
        }
        const draft = newDraft(this.parts);
        draft.set(nodeId, list === "binding" ? BINDING : ACL, intent);
        const status = draft.status();
        if (status !== Status.SUCCESS) {
            return status;
        }
        draft.perform();
        this.entries.enter(list, nodeId, key);
        const superseded = tables.ofNode(nodeId, "superseded").find(record => identityText(ACL, record.key) === identityText(ACL, key));
        tables.delete(list === "acl" ? superseded : undefined);
        return Status.SUCCESS;
    }

    #check(list: EntryListName, intent: object): Result<ItemKey> {
        const checked = this.parts.machine.fabric.checkForm(list === "binding" ? BINDING : ACL, intent);
        return checked.ok ? ok(checked.value.key) : checked;
    }

    #removeBinding({ nodeId, endpointId, listId }: EndpointFields & { listId: number }): StatusCode {
        const { tables } = this.parts;
        const there = tables.ofNode(nodeId, "entry").filter(entry => entry.list === "binding" && entry.key[0] === endpointId);
        if (there.length === 0) {
            return unknownTarget(this.parts);
        }
        return this.#remove(there.find(entry => entry.listId === listId));
    }

    #removeAcl({ nodeId, listId }: { nodeId: NodeId; listId: number }): StatusCode {
        if (!isKnownNode(this.parts, nodeId)) {
            return unknownTarget(this.parts);
        }
        const entry = this.parts.tables.get("entry", "acl", listId);
        if (entry?.nodeId === nodeId && this.#locksOut(entry)) {
            return Status.CONSTRAINT_ERROR;
        }
        return this.#remove(entry?.nodeId === nodeId ? entry : undefined);
    }

    #remove(entry: EntryRecord | undefined): StatusCode {
        const item = entry === undefined ? undefined : this.entries.itemOf(entry);
        if (item === undefined) {
            return nothingToRemove(this.parts);
        }
        const draft = newDraft(this.parts);
        draft.remove(item);
        const status = draft.status();
        if (status === Status.SUCCESS) {
            draft.perform();
        }
        return status;
    }

    /** Without the entry nothing known on the node would let the datastore itself administer it. */
    #locksOut(entry: EntryRecord): boolean {
        const { machine, tables } = this.parts;
        const version = tables.all("group").find(group => group.groupCat === ADMINISTRATOR_CAT)?.groupCatVersion ?? 1;
        const byTag: Administrator = { nodeId: 0n as NodeId, caseAuthenticatedTags: [ADMINISTRATOR_CAT * 0x1_0000 + version] };
        const administrators = [byTag, ...(machine.context.administrator === null ? [] : [machine.context.administrator])];
        const lets = (intent: object | undefined) => intent !== undefined && administrators.some(each => letsAdministrate(intent as AclIntent, each));
        const item = this.entries.itemOf(entry);
        if (!lets(item?.record?.intent)) {
            return false;
        }
        return [...item!.node.items.values()].every(other => other === item || other.kindName !== ACL || !isWanted(other) || !lets(other.record!.intent));
    }
}
