import { GeneralCommissioning, OperationalCredentials } from "../../src/core/clusters.js";
import type { Command } from "../../src/core/command.js";
import type { DeviceAnswer } from "../../src/core/device.js";
import type { RequestEffect } from "../../src/core/effect.js";
import { identityText } from "../../src/core/identity.js";
import { defaultTiming } from "../../src/core/limits.js";
import type { Item } from "../../src/core/item.js";
import { isInteraction, isQuery } from "../../src/core/pass.js";
import type { ItemRecord, RunRecord } from "../../src/core/records.js";
import { Status } from "../../src/core/status.js";
import type { StoreBatch } from "../../src/core/store.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** Writes that one generation of an item may need within {@link WINDOW_MS}: tries with back-off, and version mismatches. */
const WRITES_PER_WINDOW = 8;
/** Writes of one try to renew a certificate: arm, sign, update, complete, disarm. */
const WRITES_PER_RENEWAL = 5;
/** Requests to one node within a second of virtual time: more is a loop that waits for nothing. */
const REQUESTS_PER_SECOND = 400;
const WINDOW_MS = 10_000;

/** Rewrites of drift that a budget of three in ten minutes allows for; a minute less, since answers can come late. */
const REWRITES_PER_WINDOW = defaultTiming.driftBudget;
const REWRITE_WINDOW_MS = defaultTiming.driftWindowMs - 60_000;

/**
 * S14: pacing, during chaos too: a bounded number of requests per item in any window. Drift of an item that only converges is rewritten when somebody asked for it (an explicit
 * pass that rewrites, `retry`, a gate of a run that wants the item), that of a maintained one within its budget too. What counts is how the item was to be kept when its drift was
 * seen: a rewrite decided then may still leave.
 */
export class RequestsArePaced implements Checker {
    readonly name = "S14";
    readonly claim = "a bounded number of requests per item in any back-off window, no rewrite unasked";
    readonly #writes = new Map<number, number[]>();
    readonly #second: { atMs: number; count: number }[] = [];
    /** Rewrites of drift under way: the item's node and whether they count against a budget. */
    readonly #rewrites = new Map<RequestEffect, number>();
    /** When rewrites that nobody asked for were answered, by item. */
    readonly #answered = new Map<number, number[]>();
    /** Items that were maintained when their drift was seen. */
    readonly #maintained = new Set<number>();
    /** Nodes on which somebody asked for rewrites, in this process. */
    readonly #asked = new Set<number>();
    /** Items that runs want or wanted: a gate asks for its items. */
    readonly #wantedByRuns = new Set<string>();
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#writes.clear();
        this.#second.length = 0;
        this.#wantedByRuns.clear();
        this.crashed();
    }

    itemChanged({ id, record, drifted }: Item): void {
        if (!drifted || record === null) {
            this.#maintained.delete(id);
        } else if (record.mode === "maintain") {
            this.#maintained.add(id);
        }
    }

    commandSent(_id: number, command: Command): void {
        if (command.type === "retry" || (command.type === "reconcile" && command.rewrite !== undefined)) {
            this.#asked.add(this.#world.indexOf(command.node));
        }
    }

    batchSent(batch: StoreBatch): void {
        for (const { table, record } of batch.puts) {
            for (const { node, kind, key } of table === "run" && record !== null ? (record as RunRecord).changeSet : []) {
                this.#wantedByRuns.add(`${node} ${identityText(kind, key)}`);
            }
        }
    }

    /** Only an answer shows that a rewrite was spent: one that was lost is tried again. */
    requestOver(effect: RequestEffect, _node: number, answer: DeviceAnswer): void {
        const item = this.#rewrites.get(effect);
        this.#rewrites.delete(effect);
        if (item === undefined || answer.kind === "unknown" || answer.kind === "notSent" || (answer.kind === "status" && answer.status !== Status.SUCCESS)) {
            return;
        }
        const { nowMs } = this.#world;
        const times = (this.#answered.get(item) ?? []).filter(atMs => nowMs - atMs < REWRITE_WINDOW_MS);
        times.push(nowMs);
        this.#answered.set(item, times);
        if (times.length > REWRITES_PER_WINDOW) {
            this.#world.violate(this.name, `drift of item ${item} was rewritten ${times.length} times within ${REWRITE_WINDOW_MS} ms`);
        }
    }

    requestSent(effect: RequestEffect, node: number): void {
        const { nowMs } = this.#world;
        const second = (this.#second[node] ??= { atMs: nowMs, count: 0 });
        if (nowMs - second.atMs >= 1_000) {
            second.atMs = nowMs;
            second.count = 0;
        }
        if (++second.count > REQUESTS_PER_SECOND) {
            this.#world.violate(this.name, `more than ${REQUESTS_PER_SECOND} requests to node ${node} within a second`);
        }
        if (!isQuery(effect.request) && effect.cause !== null) {
            this.#write(effect, effect.cause.generation, effect.cause.item, node);
        }
    }

    crashed(): void {
        this.#writes.clear(); // a new process cannot know what the old one sent
        this.#rewrites.clear();
        this.#answered.clear();
        this.#asked.clear();
        this.#maintained.clear();
    }

    #write(effect: RequestEffect, generation: number, item: number, node: number): void {
        const { nowMs, manager, store } = this.#world;
        const writes = this.#writes.get(generation);
        if (writes === undefined) {
            this.#writes.set(generation, [nowMs]);
        } else {
            writes.push(nowMs);
            const most = isRenewal(effect) ? WRITES_PER_WINDOW * WRITES_PER_RENEWAL : WRITES_PER_WINDOW;
            if (writes.length > most && nowMs - writes[writes.length - 1 - most]! < WINDOW_MS) {
                this.#world.violate(this.name, `generation ${generation} was written ${most + 1} times within ${WINDOW_MS} ms`);
            }
        }
        const record = store.records("item").get(item) as ItemRecord | undefined;
        const live = manager?.machine.items.byId(item);
        if (record?.owes !== "nothing" || live?.record?.owes !== "nothing") {
            return;
        }
        if (!live.drifted) {
            this.#world.violate(this.name, `${live.text} is committed and was rewritten although no drift was seen`);
        }
        if (this.#asked.has(node) || this.#wantedByRuns.has(`${live.node.id} ${live.text}`)) {
            return;
        }
        if (live.record.mode === "converge" && !this.#maintained.has(item)) {
            this.#world.violate(this.name, `drift of ${live.text}, which only converges, was rewritten though nobody asked`);
        }
        this.#rewrites.set(effect, item);
    }
}

function isRenewal({ request }: RequestEffect): boolean {
    return isInteraction(request) && (request.cluster === OperationalCredentials.id || request.cluster === GeneralCommissioning.id);
}
