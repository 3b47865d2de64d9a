import type { AttributePath, DeviceFields } from "../core/device.js";
import { identityText, type ItemKey } from "../core/identity.js";
import {
    answerStatus,
    differs,
    failed,
    holds,
    unread,
    type Administrator,
    type ItemClaim,
    type LocalAnswer,
    type Operation,
    type OperationResult,
    type SiblingItem,
    type VerifyResult,
} from "../core/kind.js";
import { Limits } from "../core/limits.js";
import type { OperationFailure } from "../core/outcome.js";
import { Status, statusName } from "../core/status.js";
import { rowsOf } from "./entry-rows.js";
import { isFailure, listOf, noRoom, readOf, refusedWrite, writeOf } from "./list-write.js";

/**
 * Items whose values are entries of a list that others write too. Entries carry no owner on the device, so each item's record says what is its own there, and
 * says so before the write that makes the entry.
 *
 * - An item that finds its content there, unclaimed, is covered and owns nothing: removing it leaves the entry.
 * - Items with the same content share one entry; it goes with the last of them.
 * - A removal writes what is there, less the entries that no other item needs, plus whatever keeps the others covered.
 */
export interface EntryList<E extends object, Lore> {
    readonly path: AttributePath;
    /** What the list is called in messages. */
    readonly name: string;
    /** The content that an intent asks for. */
    contentOf(intent: object): E;
    /** Null for what is no entry that is known here: it is left as it is, and covers nothing. */
    parse(fields: DeviceFields): E | null;
    format(content: E): DeviceFields;
    same(one: E, other: E): boolean;
    /** One text per content. */
    textOf(content: E): string;
    isCovered(content: E, by: readonly E[], lore: Lore): boolean;
    /** A node may have made this part, with others, of the whole. */
    isPiece(part: E, whole: E, lore: Lore): boolean;
    /** What has to be known besides the list itself. */
    consult(entries: readonly E[], contents: readonly E[]): Operation<Lore>;
    /** The list in the order in which it is to be written, or why it must not be. */
    arrange(entries: readonly Entry<E>[], administrator: Administrator | null): readonly Entry<E>[] | OperationFailure;
}

/** An entry as it is on the node, and what it means. */
export interface Entry<E> {
    readonly fields: DeviceFields;
    readonly content: E | null;
}

/** Owned: what of the list looked like a part of the entry before it was there, and so is not. */
interface Claim {
    readonly spared: readonly DeviceFields[];
}

/** An item of the operation's kind, with its content. */
interface Member<E> {
    readonly item: SiblingItem;
    readonly content: E;
    readonly claim: Claim | null;
}

/** All that a decision rests on. */
interface Situation<E, Lore> {
    readonly entries: readonly Entry<E>[];
    readonly self: Member<E>;
    /** Other items that stay. */
    readonly others: readonly Member<E>[];
    readonly administrator: Administrator | null;
    readonly lore: Lore;
    readonly limit: number | null;
    /** The claim was made in this operation, and everything it wrote was refused: what is there is somebody else's. */
    readonly isContested: boolean;
}

/** What is to be done now: first the claims, then the write, if any. */
interface Plan<E> {
    readonly claims: readonly ItemClaim[];
    readonly write: readonly Entry<E>[] | null;
    readonly remains?: string;
}

/** All claims that it needs are durable. */
interface SettledPlan<E> extends Plan<E> {
    readonly hasClaimed: boolean;
}

type Decide<E, Lore> = (list: EntryList<E & object, Lore>, situation: Situation<E, Lore>) => Plan<E> | OperationFailure;

/** Bring the item's content into the list, unless the list grants it anyway. */
export function applyEntry<E extends object, Lore>(list: EntryList<E, Lore>, key: ItemKey, limit: number | null): Operation<OperationResult> {
    return change(list, key, limit, `writing ${list.name}`, planApply);
}

/** Take out of the list what only this item needs. */
export function removeEntry<E extends object, Lore>(list: EntryList<E, Lore>, key: ItemKey, limit: number | null): Operation<OperationResult> {
    return change(list, key, limit, `removing from ${list.name}`, planRemove);
}

/** Whether the list grants what the item asks for, by whatever entries. */
export function* verifyEntry<E extends object, Lore>(list: EntryList<E, Lore>, intent: object): Operation<VerifyResult> {
    const read = listOf(yield readOf(list.path), `reading ${list.name}`);
    if (isFailure(read)) {
        return read.class === "notApplicable" ? differs : unread(read);
    }
    const contents = known(read.entries.map(fields => ({ fields, content: list.parse(fields) })));
    const wanted = list.contentOf(intent);
    const lore = yield* list.consult(contents, [wanted]);
    return list.isCovered(wanted, contents, lore) ? holds : differs;
}

function* change<E extends object, Lore>(
    list: EntryList<E, Lore>,
    key: ItemKey,
    limit: number | null,
    doing: string,
    decide: Decide<E, Lore>,
): Operation<OperationResult> {
    let isContested = false;
    for (let mismatches = 0; ; ) {
        const read = listOf(yield readOf(list.path), doing);
        if (isFailure(read)) {
            return failed(read);
        }
        const entries = read.entries.map(fields => ({ fields, content: list.parse(fields) }));
        const plan: SettledPlan<E> | OperationFailure = yield* settle(list, key, limit, entries, isContested, decide);
        if (isFailed(plan)) {
            return failed(plan);
        }
        isContested ||= plan.hasClaimed;
        const { write } = plan;
        if (write === null) {
            return doneWith(list, entries, plan.remains);
        }
        const written = write.map(({ fields }) => fields);
        const status = answerStatus(yield writeOf(list.path, written, read.dataVersion));
        if (status === Status.SUCCESS) {
            return doneWith(list, write, plan.remains);
        }
        if (status !== Status.DATA_VERSION_MISMATCH) {
            return yield* refusedWrite(list.path, status, doing, read.entries, written);
        }
        if (mismatches++ >= Limits.versionMismatchRetries) {
            return failed({ class: "transient", code: status, message: `${doing}: ${statusName(status)} time and again: somebody else writes it all the time` });
        }
    }
}

/** Decide, make the claims that the decision needs, and decide again with them: others may have come or gone while they became durable. */
function* settle<E extends object, Lore>(
    list: EntryList<E, Lore>,
    key: ItemKey,
    limit: number | null,
    entries: readonly Entry<E>[],
    isContested: boolean,
    decide: Decide<E, Lore>,
): Operation<SettledPlan<E> | OperationFailure> {
    let hasClaimed = false;
    let lore: Lore | undefined;
    for (;;) {
        const { items, administrator } = (yield { op: "siblings" }) as Extract<LocalAnswer, { kind: "siblings" }>;
        const members = items.map(item => ({ item, content: list.contentOf(item.intent), claim: item.claim as Claim | null }));
        const text = identityText("", key);
        const self = members.find(({ item }) => identityText("", item.key) === text)!;
        const others = members.filter(member => member !== self && !member.item.isLeaving);
        lore ??= yield* list.consult(
            known(entries),
            members.map(({ content }) => content),
        );
        const plan = decide(list, { entries, self, others, administrator, lore, limit, isContested });
        if (isFailed(plan)) {
            return plan;
        }
        if (plan.claims.length === 0) {
            return { ...plan, hasClaimed };
        }
        yield { op: "claim", claims: plan.claims };
        hasClaimed ||= self.claim === null;
    }
}

function planApply<E extends object, Lore>(list: EntryList<E, Lore>, situation: Situation<E, Lore>): Plan<E> | OperationFailure {
    const { entries, self, others, lore, limit } = situation;
    const { content } = self;
    if (list.isCovered(content, known(entries), lore)) {
        const twin = others.find(other => other.claim !== null && list.same(other.content, content));
        if (situation.isContested && self.claim !== null && twin === undefined) {
            return { claims: [claimOf(self, null)], write: null };
        }
        const isShared = self.claim === null && twin !== undefined && entries.some(entry => isContent(list, entry, content));
        return { claims: isShared ? [claimOf(self, twin.claim)] : [], write: null };
    }
    if (limit !== null && entries.length >= limit) {
        return noRoom(list.name, limit, entries.length + 1);
    }
    const arranged = list.arrange([...entries, { fields: list.format(content), content }], situation.administrator);
    if (isFailed(arranged)) {
        return arranged;
    }
    return { claims: self.claim === null ? [claimOf(self, { spared: piecesOf(list, entries, content, lore) })] : [], write: arranged };
}

function planRemove<E extends object, Lore>(list: EntryList<E, Lore>, situation: Situation<E, Lore>): Plan<E> | OperationFailure {
    const { entries, self, others, lore, limit } = situation;
    const { content, claim } = self;
    const twin = others.find(other => list.same(other.content, content));
    if (claim === null || twin !== undefined) {
        const inherits = claim !== null && twin?.claim === null;
        return { claims: inherits ? [claimOf(twin, claim)] : [], write: null, ...remains(list, situation) };
    }
    const own = ownEntries(list, situation, claim);
    const left = entries.filter(entry => !own.has(entry));
    const before = known(entries);
    const added: Entry<E>[] = [];
    const claims: ItemClaim[] = [];
    for (const other of others) {
        const after = known([...left, ...added]);
        if (list.isCovered(other.content, before, lore) && !list.isCovered(other.content, after, lore)) {
            added.push({ fields: list.format(other.content), content: other.content });
            if (other.claim === null) {
                claims.push(claimOf(other, { spared: piecesOf(list, left, other.content, lore) }));
            }
        }
    }
    const result = [...left, ...added];
    if (own.size === 0 && added.length === 0) {
        return { claims: [], write: null, ...remains(list, situation) };
    }
    if (limit !== null && result.length > limit) {
        return noRoom(list.name, limit, result.length);
    }
    const arranged = list.arrange(result, situation.administrator);
    return isFailed(arranged) ? arranged : { claims, write: arranged };
}

/**
 * The entry itself or, where the node has split it, its pieces, which make up the whole; less what was there before the item came, and what is another item's.
 */
function ownEntries<E extends object, Lore>(list: EntryList<E, Lore>, { entries, self, others, lore }: Situation<E, Lore>, claim: Claim): Set<Entry<E>> {
    const whole = entries.find(entry => isContent(list, entry, self.content));
    if (whole !== undefined) {
        return new Set([whole]);
    }
    const pieces = entries.filter(entry => isPiece(list, entry, self.content, lore));
    if (!list.isCovered(self.content, known(pieces), lore)) {
        return new Set(); // somebody took it away: what is left is theirs
    }
    const spared = claim.spared.map(fields => list.parse(fields));
    const own = new Set<Entry<E>>();
    for (const entry of pieces) {
        if (others.some(other => isContent(list, entry, other.content))) {
            continue;
        }
        const at = spared.findIndex(content => content !== null && isContent(list, entry, content));
        if (at >= 0) {
            spared.splice(at, 1);
        } else {
            own.add(entry);
        }
    }
    return own;
}

function piecesOf<E extends object, Lore>(list: EntryList<E, Lore>, entries: readonly Entry<E>[], content: E, lore: Lore): readonly DeviceFields[] {
    return entries.filter(entry => isPiece(list, entry, content, lore)).map(({ fields }) => fields);
}

function isPiece<E extends object, Lore>(list: EntryList<E, Lore>, entry: Entry<E>, whole: E, lore: Lore): boolean {
    return entry.content !== null && list.isPiece(entry.content, whole, lore);
}

function isContent<E extends object, Lore>(list: EntryList<E, Lore>, entry: Entry<E>, content: E): boolean {
    return entry.content !== null && list.same(entry.content, content);
}

function claimOf<E>({ item }: Member<E>, claim: Claim | null): ItemClaim {
    return { key: item.key, claim };
}

/** Why the list grants the content all the same, if it does. */
function remains<E extends object, Lore>(list: EntryList<E, Lore>, { entries, self, others, lore }: Situation<E, Lore>): { remains?: string } {
    if (!list.isCovered(self.content, known(entries), lore)) {
        return {};
    }
    return {
        remains: others.some(other => list.isCovered(self.content, [other.content], lore))
            ? `another item needs the entry in ${list.name}`
            : `an entry in ${list.name} that is not this manager's grants it`,
    };
}

function doneWith<E extends object, Lore>(list: EntryList<E, Lore>, entries: readonly Entry<E>[], remains: string | undefined): OperationResult {
    const rows = rowsOf(entries.map(({ content }) => (content === null ? null : list.textOf(content))));
    return { done: true, rows, ...(remains === undefined ? {} : { remains }) };
}

function known<E>(entries: readonly Entry<E>[]): E[] {
    return entries.flatMap(({ content }) => (content === null ? [] : [content]));
}

function isFailed<T extends object>(plan: T | OperationFailure): plan is OperationFailure {
    return "class" in plan;
}
