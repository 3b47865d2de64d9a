import { identityText, type ItemKey } from "../core/identity.js";
import type { Item } from "../core/item.js";
import type { MachineParts } from "../core/machine.js";
import { Limits } from "../core/limits.js";
import type { ChangeSetEntry } from "../core/records.js";
import type { KeySetId } from "../core/ids.js";
import { claimedBy, type Run } from "./run.js";

/** All runs, by everything that they are looked up by. Indexes follow a run's record while it is attached. */
export class RunTable {
    readonly #byId = new Map<number, Run>();
    readonly #byRequestId = new Map<string, Run>();
    readonly #slots = new Map<string, Run>();
    /** Live runs by the identity (node number and text) in their change set. */
    readonly #occupants = new Map<string, Run[]>();
    /** Live runs by the identity that something in their change set, wanted or prior, depends on. */
    readonly #needs = new Map<string, Run[]>();
    /** Live runs by item, to be told of its changes. */
    readonly #interested = new Map<Item, Run[]>();
    readonly #selectors = new Map<string, Set<Run>>();
    /** Settled runs in the order of settlement. */
    readonly #history = new Map<number, Run>();
    #lastSettledOrder = 0;
    readonly #keyClaims = new Map<Run, { keySetId: KeySetId; revision: number }[]>();

    constructor(private readonly machine: MachineParts) {}

    all(): Iterable<Run> {
        return this.#byId.values();
    }

    get(id: number): Run | undefined {
        return this.#byId.get(id);
    }

    byRequestId(requestId: string): Run | undefined {
        return this.#byRequestId.get(requestId);
    }

    slotOwner(slot: string): Run | undefined {
        return this.#slots.get(slot);
    }

    interestedIn(item: Item): readonly Run[] {
        return this.#interested.get(item) ?? [];
    }

    selectorsOf(text: string): Iterable<Run> {
        return this.#selectors.size === 0 ? [] : (this.#selectors.get(text) ?? []);
    }

    /** Live runs that have the identity in their change set. */
    occupants(nodeNumber: number, text: string): readonly Run[] {
        return this.#occupants.get(`${nodeNumber}:${text}`) ?? [];
    }

    /** Newest settlement first. */
    history(): Run[] {
        return [...this.#history.values()].reverse();
    }

    /** The run exists: it can be found. */
    insert(run: Run): void {
        this.#byId.set(run.id, run);
        const { requestId } = run.record!;
        run.held.requestId = requestId;
        if (requestId !== null) {
            this.#byRequestId.set(requestId, run);
        }
    }

    delete(run: Run): void {
        this.#byId.delete(run.id);
        this.#history.delete(run.id);
        const { requestId } = run.held;
        if (requestId !== null && this.#byRequestId.get(requestId) === run) {
            this.#byRequestId.delete(requestId);
        }
    }

    /** A live run holds its slots and its items. */
    attach(run: Run): void {
        run.held.slots = run.record!.slots;
        for (const slot of run.held.slots) {
            this.#slots.set(slot, run);
        }
        for (const entry of run.record!.changeSet) {
            this.addEntry(run, entry);
        }
    }

    addEntry(run: Run, entry: ChangeSetEntry): void {
        run.held.entries.push(entry);
        add(this.#occupants, entryText(entry), run);
        const item = this.itemOf(entry);
        if (item !== undefined) {
            this.watch(run, item);
        }
        for (const side of [entry.prior, entry.wants]) {
            if (side !== null) {
                this.#claimKeys(run, entry.kind, side.intent);
                this.#claimNeeds(run, entry, side.intent);
            }
        }
    }

    /** Live runs that want, or may have to restore, something that depends on the item. */
    needing(item: Item): Run[] {
        const runs = this.#needs.get(`${item.node.id}:${item.text}`) ?? [];
        return runs.filter(run => run.isLive && run.record!.changeSet.some(entry => this.#dependsOn(run, entry, item)));
    }

    #dependsOn(run: Run, entry: ChangeSetEntry, item: Item): boolean {
        const kind = this.machine.context.kinds.get(entry.kind);
        return (
            entry.node === item.node.id &&
            claimedBy(run.record!, entry).some(intent =>
                kind?.dependsOn(intent).some(need => identityText(need.kind, need.key) === item.text),
            )
        );
    }

    /** The run gave the item up. */
    dropEntry(run: Run, entry: ChangeSetEntry): void {
        remove(this.#occupants, entryText(entry), run);
    }

    watch(run: Run, item: Item): void {
        add(this.#interested, item, run);
    }

    unwatch(run: Run, item: Item): void {
        if (!run.record?.changeSet.some(entry => this.itemOf(entry) === item)) {
            remove(this.#interested, item, run);
        }
    }

    select(run: Run, texts: readonly string[]): void {
        for (const text of run.selected) {
            this.#selectors.get(text)?.delete(run);
            if (this.#selectors.get(text)?.size === 0) {
                this.#selectors.delete(text);
            }
        }
        run.selected = texts;
        for (const text of texts) {
            const runs = this.#selectors.get(text);
            if (runs === undefined) {
                this.#selectors.set(text, new Set([run]));
            } else {
                runs.add(run);
            }
        }
    }

    /** Nothing of the run is held any more. */
    detach(run: Run): void {
        for (const slot of run.held.slots) {
            if (this.#slots.get(slot) === run) {
                this.#slots.delete(slot);
            }
        }
        for (const need of run.held.needs) {
            remove(this.#needs, need, run);
        }
        run.held.needs = [];
        for (const entry of run.held.entries) {
            remove(this.#occupants, entryText(entry), run);
            const item = this.itemOf(entry);
            if (item !== undefined) {
                remove(this.#interested, item, run);
            }
        }
        for (const item of run.awaited) {
            remove(this.#interested, item, run);
            item.awaitedBy--;
        }
        run.held.slots = [];
        run.held.entries = [];
        run.awaited = [];
        run.asked.clear();
        this.select(run, []);
        for (const { use, row } of run.reserved) {
            use.unreserve(row);
        }
        run.reserved = [];
        for (const { keySetId, revision } of this.#keyClaims.get(run) ?? []) {
            this.machine.keySets.release(keySetId, revision);
        }
        this.#keyClaims.delete(run);
    }

    /** The item is over: nobody is told of it any more. */
    forgetItem(item: Item): void {
        this.#interested.delete(item);
    }

    settled(run: Run): void {
        this.#history.set(run.id, run);
        const last = this.#lastSettledOrder;
        this.#lastSettledOrder = Math.max(last, run.record!.settledOrder);
        if (run.record!.settledOrder < last) {
            this.#sortHistory(); // an eviction was taken back
        }
    }

    #sortHistory(): void {
        const runs = [...this.#history.values()].sort((a, b) => a.record!.settledOrder - b.record!.settledOrder);
        this.#history.clear();
        for (const run of runs) {
            this.#history.set(run.id, run);
        }
    }

    unsettled(run: Run): void {
        this.#history.delete(run.id);
    }

    /** Settled runs beyond what history keeps: at least 1,000 of them and 7 days, within the hard bound. */
    surplus(nowWallMs: number): Run[] {
        const surplus: Run[] = [];
        let kept = this.#history.size;
        for (const run of this.#history.values()) {
            const ageMs = nowWallMs - (run.record?.settledAtMs ?? 0);
            const evict = kept > Limits.settledRunsHard || (kept > Limits.settledRuns && ageMs > Limits.settledRunMinAgeMs);
            if (!evict) {
                break;
            }
            surplus.push(run);
            kept--;
        }
        return surplus;
    }

    itemOf(entry: { readonly node: number; readonly kind: string; readonly key: ItemKey }): Item | undefined {
        return this.machine.nodes.byNumber(entry.node)?.items.get(identityText(entry.kind, entry.key));
    }

    #claimNeeds(run: Run, entry: ChangeSetEntry, intent: object): void {
        for (const need of this.machine.context.kinds.get(entry.kind)?.dependsOn(intent) ?? []) {
            const text = `${entry.node}:${identityText(need.kind, need.key)}`;
            add(this.#needs, text, run);
            run.held.needs.push(text);
        }
    }

    #claimKeys(run: Run, kindName: string, intent: object): void {
        const named = this.machine.context.kinds.get(kindName)?.keySetOf?.(intent);
        if (named !== undefined) {
            this.machine.keySets.claim(named.keySetId, named.revision);
            const claims = this.#keyClaims.get(run);
            if (claims === undefined) {
                this.#keyClaims.set(run, [named]);
            } else {
                claims.push(named);
            }
        }
    }
}

function entryText(entry: ChangeSetEntry): string {
    return `${entry.node}:${identityText(entry.kind, entry.key)}`;
}

function add<K>(map: Map<K, Run[]>, key: K, run: Run): void {
    const runs = map.get(key);
    if (runs === undefined) {
        map.set(key, [run]);
    } else if (!runs.includes(run)) {
        runs.push(run);
    }
}

function remove<K>(map: Map<K, Run[]>, key: K, run: Run): void {
    const runs = map.get(key);
    const index = runs?.indexOf(run) ?? -1;
    if (index >= 0) {
        runs!.splice(index, 1);
        if (runs!.length === 0) {
            map.delete(key);
        }
    }
}
