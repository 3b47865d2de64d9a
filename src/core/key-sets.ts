import type { Context } from "./context.js";
import { refuse, ok, type Result } from "./error.js";
import type { EpochUs, KeySetId } from "./ids.js";
import { KeyMaterial } from "./key-material.js";
import { Limits } from "./limits.js";
import type { GroupKeySecurityPolicy, KeySetRecord, KeySetRevision, KeySlot } from "./records.js";
import { Row } from "./row.js";

/** Start times are numbered in seconds since 2000-01-01, one per key: no clock is needed, and none can repeat. */
const US_PER_SECOND = 1_000_000n;
const IPK_KEY_SET = 0;
/** 2^64-1 disables a slot (section 11.2.5.4). */
const DISABLED_START_TIME = 0xffff_ffff_ffff_ffffn;

/** A key set as a caller gives it. */
export interface KeySetInput {
    readonly keySetId: KeySetId;
    readonly policy: GroupKeySecurityPolicy;
    readonly slots: readonly { readonly startTime: bigint; readonly key: Uint8Array }[];
}

class KeySetRow extends Row<KeySetRecord> {
    /** Claims per revision by items and live runs. */
    readonly claims = new Map<number, number>();

    constructor(
        id: number,
        record: KeySetRecord | null,
        readonly owner: KeySets,
    ) {
        super("keySet", id, record);
    }

    isProgress(): boolean {
        return false;
    }

    takenBack(): void {
        this.owner.reconsider(this);
    }

    landed(): void {}
}

/** The fabric's key sets. Key material lives here and nowhere else; nodes' items name a revision. */
export class KeySets {
    readonly #rows = new Map<KeySetId, KeySetRow>();
    readonly #touched = new Set<KeySetRow>();

    constructor(private readonly context: Context) {}

    load(id: number, record: KeySetRecord): void {
        const row = new KeySetRow(id, record, this);
        row.durable = record;
        this.#touched.add(row);
        this.#rows.set(record.keySetId, row);
    }

    get(id: KeySetId): KeySetRecord | undefined {
        return this.#rows.get(id)?.record ?? undefined;
    }

    all(): KeySetRecord[] {
        return [...this.#rows.values()].flatMap(row => (row.record === null ? [] : [row.record]));
    }

    revision(id: KeySetId, revision: number): KeySetRevision | undefined {
        return this.get(id)?.revisions.find(candidate => candidate.revision === revision);
    }

    /** The newest revision that still has its material. */
    latest(id: KeySetId): KeySetRevision | undefined {
        return this.get(id)?.revisions.at(-1);
    }

    /** The start time for the next active key of this set: one above every one it ever had. */
    nextStartTime(id: KeySetId): EpochUs {
        let last = 0n;
        for (const [startTime] of this.get(id)?.startTimes ?? []) {
            last = startTime > last ? startTime : last;
        }
        return ((last / US_PER_SECOND + 1n) * US_PER_SECOND) as EpochUs;
    }

    /** Add a revision. @returns its number; the same material as the newest revision adds none. */
    put(input: KeySetInput): Result<number> {
        const checked = this.check(input);
        if (!checked.ok) {
            return checked;
        }
        const { keySetId, policy } = input;
        const slots = checked.value;
        const latest = this.latest(keySetId);
        if (latest !== undefined && sameSlots(latest, policy, slots)) {
            return ok(latest.revision);
        }
        const before = this.get(keySetId);
        const revision = (before?.latest ?? 0) + 1;
        this.#write(this.#row(keySetId), {
            keySetId,
            latest: revision,
            revisions: [...withoutOldUnused(before?.revisions ?? []), { revision, policy, slots, used: false }],
            startTimes: mergeStartTimes(before?.startTimes ?? [], slots),
        });
        return ok(revision);
    }

    /** Check a key set without keeping it. */
    check(input: KeySetInput): Result<KeySlot[]> {
        const { keySetId } = input;
        const invalid = validateKeySet(input);
        if (invalid !== null) {
            return refuse("INVALID_KEY_SET", invalid, { keySetId });
        }
        const known = new Map(this.get(keySetId)?.startTimes ?? []);
        const slots: KeySlot[] = [];
        for (const slot of input.slots) {
            const startTime = slot.startTime as EpochUs;
            const fingerprint = this.context.fingerprint(slot.key);
            const before = known.get(startTime);
            if (before !== undefined && before !== fingerprint) {
                return refuse(
                    "KEY_TIME_REUSED",
                    `key set ${keySetId} already had another key under start time ${startTime}: devices tell keys apart by start time only, so give new material a new one`,
                    { keySetId },
                );
            }
            slots.push({ startTime, key: new KeyMaterial(slot.key, fingerprint) });
        }
        return ok(slots);
    }

    claim(id: KeySetId, revision: number): void {
        const row = this.#row(id);
        row.claims.set(revision, (row.claims.get(revision) ?? 0) + 1);
        const record = row.record;
        const named = record?.revisions.find(candidate => candidate.revision === revision);
        if (record && named && !named.used) {
            const revisions = record.revisions.map(candidate => (candidate === named ? { ...named, used: true } : candidate));
            this.#write(row, { ...record, revisions });
        }
    }

    release(id: KeySetId, revision: number): void {
        const row = this.#row(id);
        const count = row.claims.get(revision) ?? 0;
        if (count > 1) {
            row.claims.set(revision, count - 1);
            return;
        }
        row.claims.delete(revision);
        this.reconsider(row);
    }

    /**
     * Erase the keys and the memory of their start times, unless something still claims a revision. New material under an old start time is then possible: nobody
     * who holds the old one may be left. Revisions count on: none is ever another one's.
     */
    forget(id: KeySetId): void {
        const row = this.#rows.get(id);
        if (row?.record && row.claims.size === 0) {
            this.#write(row, { keySetId: id, latest: row.record.latest, revisions: [], startTimes: [] });
        }
    }

    /** Erase every trace of the key set, unless something still claims a revision of it. */
    erase(id: KeySetId): void {
        const row = this.#rows.get(id);
        if (row !== undefined && row.claims.size === 0) {
            this.context.ledger.write(row, null); // the row itself stays known: the store may take this back
        }
    }

    /** What it is claimed by may have changed: erase what nothing names, once the step has decided everything. */
    reconsider(row: KeySetRow): void {
        this.#touched.add(row);
    }

    /** End of a step: claims have settled, so what nothing names any more can go. */
    settle(): void {
        if (this.#touched.size > 0) {
            for (const row of this.#touched) {
                this.#erase(row);
            }
            this.#touched.clear();
        }
    }

    #erase(row: KeySetRow): void {
        const record = row.record;
        if (record === null) {
            return;
        }
        const kept = record.revisions.filter(({ revision, used }) => !used || row.claims.has(revision));
        if (kept.length < record.revisions.length) {
            this.#write(row, { ...record, revisions: kept });
        }
    }

    #row(id: KeySetId): KeySetRow {
        let row = this.#rows.get(id);
        if (row === undefined) {
            row = new KeySetRow(this.context.numbers.draw(this.context.ledger), null, this);
            this.#rows.set(id, row);
        }
        return row;
    }

    #write(row: KeySetRow, record: KeySetRecord): void {
        this.context.ledger.write(row, record);
    }
}

function sameSlots(revision: KeySetRevision, policy: GroupKeySecurityPolicy, slots: readonly KeySlot[]): boolean {
    return (
        revision.policy === policy &&
        revision.slots.length === slots.length &&
        revision.slots.every((slot, i) => slot.startTime === slots[i]!.startTime && slot.key.equals(slots[i]!.key))
    );
}

/** Room for one more that nothing has named. */
function withoutOldUnused(revisions: readonly KeySetRevision[]): readonly KeySetRevision[] {
    const unused = revisions.filter(({ used }) => !used);
    const erased = new Set(unused.slice(0, Math.max(0, unused.length - Limits.unusedRevisions + 1)));
    return revisions.filter(revision => !erased.has(revision));
}

/** In ascending order; the largest are kept, so that the next one is always above all that were ever used. */
function mergeStartTimes(known: KeySetRecord["startTimes"], slots: readonly KeySlot[]): KeySetRecord["startTimes"] {
    const merged = [...known];
    for (const { startTime, key } of slots) {
        if (!known.some(([time]) => time === startTime)) {
            merged.push([startTime, key.fingerprint]);
        }
    }
    return merged.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).slice(-Limits.startTimesPerKeySet);
}

/** What KeySetWrite demands of every receiver (section 11.2.7.1.1), and what identifying keys by start time adds. */
function validateKeySet({ keySetId, policy, slots }: KeySetInput): string | null {
    if (!Number.isInteger(keySetId) || keySetId < 0 || keySetId > 0xffff) {
        return "the key set id must be an integer from 0 (the IPK) to 65535";
    }
    if (policy !== 0 && policy !== 1) {
        return "the policy must be 0 (TrustFirst) or 1 (CacheAndSync)";
    }
    if (slots.length < 1 || slots.length > 3) {
        return `a key set has one to three keys, not ${slots.length}`;
    }
    // The IPK that AddNOC brings starts at 0 (section 11.18.6.8); no other key may.
    let last = keySetId === IPK_KEY_SET ? -1n : 0n;
    for (const [index, { startTime, key }] of slots.entries()) {
        if (!(key instanceof Uint8Array) || key.length !== KeyMaterial.LENGTH) {
            return `key ${index} must be ${KeyMaterial.LENGTH} bytes`;
        }
        if (typeof startTime !== "bigint" || startTime <= last || startTime >= DISABLED_START_TIME) {
            return `start time ${index} must be a bigint above ${index === 0 ? "0" : "the one before"} and below 2^64-1 (epoch-us)`;
        }
        last = startTime;
    }
    return null;
}
