import { Status } from "../../src/core/status.js";
import { ADMINISTRATOR_CAT, ANCHOR_CAT, AuthMode, catSubject, Privilege, State } from "../specification.js";
import { type Fields } from "../values.js";
import { PlainRefresh } from "./refresh.js";
import type { List, Row } from "./tables.js";

/** UpdateGroup (section 11.24.7.5), and what the commands for memberships share with it. */
export class GroupUpdates extends PlainRefresh {
    protected updateGroup(given: Fields): number {
        const groupId = given["groupId"] as number;
        const stored = this.group(groupId);
        if (stored === undefined) {
            return Status.NOT_FOUND;
        }
        const changes = Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== null && value !== stored[name]));
        if (Object.keys(changes).length === 0) {
            return Status.SUCCESS;
        }
        const next: Fields = { ...stored, ...changes };
        if (this.isReserved(stored) || !this.isGroupAllowed(next) || this.wouldRaiseGroupEntry(groupId, changes)) {
            return Status.CONSTRAINT_ERROR;
        }
        if (this.#affectedNodes(groupId, stored).some(nodeId => this.isQueueFull(nodeId))) {
            return Status.BUSY;
        }
        this.tables.groups = this.tables.groups.map(group => (group === stored ? next : group));
        this.propagate(groupId, stored, next);
        return Status.SUCCESS;
    }

    protected propagate(groupId: number, stored: Fields, next: Fields): void {
        if (next["groupKeySetId"] !== stored["groupKeySetId"]) {
            this.moveToKeySet(groupId, next["groupKeySetId"] as number);
        }
        if (next["friendlyName"] !== stored["friendlyName"]) {
            this.renamed(groupId);
        }
        if (["groupCat", "groupCatVersion", "groupPermission"].some(name => next[name] !== stored[name])) {
            this.rewriteAcl(groupId, stored, next);
        }
    }

    protected isReserved(group: Fields): boolean {
        return group["groupCat"] === ADMINISTRATOR_CAT || group["groupCat"] === ANCHOR_CAT;
    }

    /** The rules that an entry as a whole must keep. */
    protected isGroupAllowed({ groupCat, groupCatVersion, groupPermission, groupKeySetId }: Fields): boolean {
        const isCat = groupCat === null || ((groupCat as number) >= 1 && (groupCat as number) < ANCHOR_CAT);
        const isUnicastOnly = groupPermission === Privilege.ADMINISTER || groupPermission === Privilege.MANAGE;
        return isCat && (groupCat === null) === (groupCatVersion === null) && (groupKeySetId === null || !isUnicastOnly);
    }

    /** Entries for group messages can never administer. */
    protected wouldRaiseGroupEntry(groupId: number, changes: Fields): boolean {
        return changes["groupPermission"] === Privilege.ADMINISTER && this.#referring(groupId, null).some(row => row.value["authMode"] === AuthMode.GROUP);
    }

    #affectedNodes(groupId: number, stored: Fields): readonly bigint[] {
        const members = this.members(groupId).map(row => row.nodeId);
        return [...new Set([...members, ...this.#referring(groupId, stored["groupCat"] as number | null).map(row => row.nodeId)])];
    }

    protected members(groupId: number): readonly Row[] {
        return this.tables.rows.filter(row => row.list === "memberships" && row.wanted && row.value["groupId"] === groupId);
    }

    protected moveToKeySet(groupId: number, keySetId: number): void {
        for (const member of this.members(groupId)) {
            this.ensureKey(member.nodeId, keySetId);
            member.keySetId = keySetId;
            member.remap = true;
        }
        for (const nodeId of new Set(this.members(groupId).map(member => member.nodeId))) {
            this.releaseKeys(nodeId);
        }
    }

    protected ensureKey(nodeId: bigint, keySetId: number): void {
        const row = this.keyRow(nodeId, keySetId);
        if (row === undefined) {
            this.addRow({ list: "keySets", nodeId, value: { groupKeySetId: keySetId } });
        } else if (!row.wanted || row.state === State.COMMIT_FAILED) {
            this.want(row, true);
        }
    }

    protected renamed(groupId: number): void {
        for (const member of this.members(groupId)) {
            this.want(member, true);
        }
    }

    #referring(groupId: number, cat: number | null): readonly Row[] {
        return this.tables.rows.filter(row => row.list === "acl" && row.wanted && this.isOfGroup(row.value, groupId, cat).length > 0);
    }

    /** The subjects of an entry that stand for the group: its CAT of any version, or its id in an entry for group messages. */
    protected isOfGroup({ authMode, subjects }: Fields, groupId: number, cat: number | null): readonly bigint[] {
        const all = (subjects ?? []) as readonly bigint[];
        if (authMode === AuthMode.GROUP) {
            return all.filter(subject => subject === BigInt(groupId));
        }
        return cat === null ? [] : all.filter(subject => subject >> 16n === catSubject(cat, 0) >> 16n);
    }

    protected rewriteAcl(groupId: number, stored: Fields, next: Fields): void {
        for (const row of this.#referring(groupId, stored["groupCat"] as number | null)) {
            this.rewriteEntry(row, groupId, stored, next);
        }
    }

    protected rewriteEntry(row: Row, groupId: number, stored: Fields, next: Fields): void {
        const ours = this.isOfGroup(row.value, groupId, stored["groupCat"] as number | null);
        const renew = (subject: bigint) =>
            row.value["authMode"] === AuthMode.GROUP || next["groupCat"] === null
                ? subject
                : catSubject(next["groupCat"] as number, next["groupCatVersion"] as number);
        const subjects = row.value["subjects"] as readonly bigint[];
        const privilege = next["groupPermission"] === stored["groupPermission"] ? row.value["privilege"] : next["groupPermission"];
        const old = row.value;
        if (privilege === old["privilege"] || ours.length === subjects.length) {
            row.value = { ...old, privilege, subjects: subjects.map(subject => (ours.includes(subject) ? renew(subject) : subject)) };
        } else {
            // The others keep their privilege: our part becomes a row of its own, which comes first so that nobody is without.
            const part = this.addRow({ list: "acl", nodeId: row.nodeId, value: { ...old, privilege, subjects: ours.map(renew) } });
            row.value = { ...old, subjects: subjects.filter(subject => !ours.includes(subject)) };
            row.after = part.number;
        }
        row.superseded = [...row.superseded, old];
        this.want(row, true);
    }

    protected isQueueFull(nodeId: bigint): boolean {
        return this.rowsOf(nodeId).filter(row => this.isOwed(row)).length >= this.limits.queue;
    }

    protected isListFull(list: List): boolean {
        return this.tables.rows.filter(row => row.list === list).length >= this.limits.rows;
    }
}
