import { identityText } from "../core/identity.js";
import type { Item } from "../core/item.js";
import { canonicalEntry, AuthMode, Privilege, type AccessControlEntry } from "../kinds/access-control-entry.js";
import { catSubject } from "../kinds/access-coverage.js";
import { ACL, acl, type AclIntent } from "../kinds/index.js";
import type { Draft } from "./draft.js";
import type { Entries } from "./entries.js";
import { isWanted, LABEL } from "./item-lists.js";
import type { Parts } from "./parts.js";
import type { EntryRecord, GroupRecord } from "./records.js";

/** One entry that a changed group changes: what keeps its ListID, and what is split off because other subjects keep their privilege. */
interface Replacement {
    readonly entry: EntryRecord;
    readonly item: Item;
    readonly stays: AclIntent;
    readonly splitOff: AclIntent | null;
}

/** The changes of access control lists that UpdateGroup comes to. */
export interface AclPlan {
    /** NodeACLList has room for the entries that are split off. */
    readonly hasRoom: boolean;
    draft(draft: Draft): void;
    record(): void;
}

/**
 * Access control entries that refer to a group: by its CAT (in whatever version) with auth mode CASE, or by its group id with auth mode Group. An entry's identity is
 * its content, so a changed one is a new item under the old ListID; the old item leaves the node when the new one is there.
 */
export class AclUpdates {
    constructor(
        private readonly parts: Parts,
        private readonly entries: Entries,
    ) {}

    /** A group message can never carry Administer (section 9.10.5.6). */
    isImpossible(before: GroupRecord, after: GroupRecord): boolean {
        return (
            before.groupPermission !== after.groupPermission &&
            after.groupPermission === Privilege.ADMINISTER &&
            this.#shown().some(({ item }) => contentOf(item).authMode === AuthMode.GROUP && refersTo(contentOf(item), before))
        );
    }

    plan(before: GroupRecord, after: GroupRecord): AclPlan {
        const isTouched =
            before.groupCat !== after.groupCat || before.groupCatVersion !== after.groupCatVersion || before.groupPermission !== after.groupPermission;
        const replacements = isTouched ? this.#shown().flatMap(({ entry, item }) => replacementOf(entry, item, before, after)) : [];
        const split = replacements.filter(({ splitOff }) => splitOff !== null).length;
        return {
            hasRoom: split === 0 || this.entries.hasRoom("acl", split),
            draft: draft => {
                for (const { item, stays, splitOff } of replacements) {
                    draft.set(item.node.nodeId, ACL, stays);
                    if (splitOff !== null) {
                        draft.set(item.node.nodeId, ACL, splitOff);
                    }
                }
            },
            record: () => replacements.forEach(replacement => this.#record(replacement)),
        };
    }

    #shown(): { entry: EntryRecord; item: Item }[] {
        return this.parts.tables.all("entry").flatMap(entry => {
            const item = entry.list === "acl" ? this.entries.itemOf(entry) : undefined;
            return isWanted(item) ? [{ entry, item }] : [];
        });
    }

    #record({ entry, item, stays, splitOff }: Replacement): void {
        const { tables } = this.parts;
        const { nodeId } = entry;
        const by = [stays, ...(splitOff === null ? [] : [splitOff])].map(intent => acl.keyOf(intent));
        const known = tables.entryOf("acl", nodeId, by[0]!);
        if (known === undefined) {
            tables.put({ ...entry, key: by[0]! });
        } else if (known.listId !== entry.listId) {
            tables.delete(entry); // another entry has this content already
        }
        if (splitOff !== null) {
            this.entries.enter("acl", nodeId, by[1]!);
        }
        const names = new Set(by.map(key => identityText(ACL, key)));
        for (const record of tables.ofNode(nodeId, "superseded")) {
            if (names.has(identityText(ACL, record.key))) {
                tables.delete(record); // wanted again
            } else if (record.by.some(key => identityText(ACL, key) === item.text)) {
                tables.put({ ...record, by: [...record.by.filter(key => identityText(ACL, key) !== item.text), ...by] });
            }
        }
        if (names.has(item.text)) {
            return;
        }
        tables.put({ type: "superseded", nodeId, key: item.key, by });
        if (!item.isCommitted) {
            this.parts.machine.fabric.removeIntent(item); // it may have reached the node, or still may
        }
    }
}

function contentOf(item: Item): AclIntent {
    return item.record!.intent as AclIntent;
}

function replacementOf(entry: EntryRecord, item: Item, before: GroupRecord, after: GroupRecord): Replacement[] {
    const content = contentOf(item);
    if (!refersTo(content, before)) {
        return [];
    }
    const own = content.subjects!.filter(subject => isSubjectOf(subject, content.authMode, before));
    const others = content.subjects!.filter(subject => !own.includes(subject));
    const renamed = content.authMode === AuthMode.CASE && after.groupCat !== null ? [catSubject(after.groupCat * 0x1_0000 + after.groupCatVersion!)] : own;
    const privilege = before.groupPermission === after.groupPermission ? content.privilege : after.groupPermission;
    const isSplit = others.length > 0 && privilege !== content.privilege;
    const stays = intentOf({ ...content, privilege: isSplit ? content.privilege : privilege, subjects: isSplit ? others : [...others, ...renamed] });
    const splitOff = isSplit ? intentOf({ ...content, privilege, subjects: renamed }) : null;
    return [{ entry, item, stays, splitOff }];
}

function intentOf(entry: AccessControlEntry): AclIntent {
    return { ...canonicalEntry(entry), label: LABEL };
}

function refersTo({ subjects, authMode }: AccessControlEntry, group: GroupRecord): boolean {
    return subjects?.some(subject => isSubjectOf(subject, authMode, group)) ?? false;
}

function isSubjectOf(subject: bigint, authMode: number, { groupId, groupCat }: GroupRecord): boolean {
    if (authMode === AuthMode.GROUP) {
        return subject === BigInt(groupId);
    }
    return authMode === AuthMode.CASE && groupCat !== null && subject >> 16n === catSubject(groupCat * 0x1_0000) >> 16n;
}
