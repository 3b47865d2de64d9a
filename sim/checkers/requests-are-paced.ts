import type { RequestEffect } from "../../src/core/effect.js";
import { isQuery } from "../../src/core/pass.js";
import type { ItemRecord } from "../../src/core/records.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** Writes that one generation of an item may need within {@link WINDOW_MS}: tries with back-off, and version mismatches. */
const WRITES_PER_WINDOW = 8;
/** Requests to one node within a second of virtual time: more is a loop that waits for nothing. */
const REQUESTS_PER_SECOND = 400;
const WINDOW_MS = 10_000;

/** S14: pacing, during chaos too: a bounded number of requests per item in any window; no rewrite unasked. */
export class RequestsArePaced implements Checker {
    readonly name = "S14";
    readonly claim = "a bounded number of requests per item in any back-off window, no rewrite unasked";
    readonly #writes = new Map<number, number[]>();
    readonly #second: { atMs: number; count: number }[] = [];
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#writes.clear();
        this.#second.length = 0;
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
            this.#write(effect.cause.generation, effect.cause.item);
        }
    }

    crashed(): void {
        this.#writes.clear(); // a new process cannot know what the old one sent
    }

    #write(generation: number, item: number): void {
        const { nowMs, manager, store } = this.#world;
        const writes = this.#writes.get(generation);
        if (writes === undefined) {
            this.#writes.set(generation, [nowMs]);
        } else {
            writes.push(nowMs);
            if (writes.length > WRITES_PER_WINDOW && nowMs - writes[writes.length - 1 - WRITES_PER_WINDOW]! < WINDOW_MS) {
                this.#world.violate(this.name, `generation ${generation} was written ${WRITES_PER_WINDOW + 1} times within ${WINDOW_MS} ms`);
            }
        }
        const record = store.records("item").get(item) as ItemRecord | undefined;
        const live = manager?.machine.items.byId(item);
        if (record?.owes === "nothing" && live?.record?.owes === "nothing" && !live.drifted) {
            this.#world.violate(this.name, `${live.text} is committed and was rewritten although no drift was seen`);
        }
    }
}
