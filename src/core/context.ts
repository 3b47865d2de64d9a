import type { Command, CommandResult } from "./command.js";
import type { Effect } from "./effect.js";
import type { ManagerEvent } from "./event.js";
import type { Fingerprint } from "./key-material.js";
import type { Item } from "./item.js";
import type { NodeId } from "./ids.js";
import type { Administrator, Kind, Operation } from "./kind.js";
import { Ledger } from "./ledger.js";
import type { Timing } from "./limits.js";
import type { NodeState } from "./node-state.js";
import type { Numbers } from "./numbers.js";
import type { Entropy } from "./ports.js";
import { Timers } from "./timers.js";

/** What the task runtime and the datastore plug into the machine. They see inputs before effects leave, never in between. */
export interface Extension {
    /** Handle the command if it is one of this extension's; false otherwise. */
    command(command: Command, id: number): boolean;
    /** State, generation, confirmation, drift, hold or existence of an item changed. */
    itemChanged(item: Item): void;
    nodeRemoved(node: NodeState): void;
    /** A new kind can now be used. */
    kindRegistered(): void;
    /** Number of a live run in whose change set the item is; 0: none. */
    occupant(item: Item): number;
    /** The caller forced a change of an occupied item. */
    forcedOut(item: Item): void;
    /** Number of a live run that wants, or may have to restore, something that depends on the item; 0: none. */
    neededBy(item: Item): number;
    /** Decide everything that is to be decided. Called at the end of each step, until it has nothing left to do. */
    drive(): void;
    /** A batch was refused; the extension's own rows are already taken back. */
    storeRefused(): void;
    storeRecovered(): void;
    /** What is stored of the item changed. */
    itemLanded?(item: Item): void;
    /** The transport told that the node can be talked to; it need not be managed here. */
    nodeReachable?(node: NodeId): void;
}

/** Reads of nodes what no item asks for. A lane asks it when its pass request says `observe`, and again until the node has answered everything. */
export interface Observer {
    /** As an operation of a kind: a pure function of the answers; it may only ask, and returns what it found. */
    observe(node: NodeState): Operation<object>;
    /** @param observation null: the observer misbehaved */
    observed(node: NodeState, observation: object | null): void;
}

/** What all parts of the machine share. One per machine; owned by it, mutated only within a step. */
export class Context {
    monoMs = 0;
    wallMs = 0;
    effects: Effect[] = [];
    readonly ledger = new Ledger();
    readonly timers = new Timers();
    readonly extensions: Extension[] = [];
    readonly kinds = new Map<string, Kind>();
    observer: Observer | null = null;
    /** Who this manager is to access control lists; null: not told. */
    administrator: Administrator | null = null;
    #requestSequence = 0;

    constructor(
        readonly timing: Timing,
        readonly entropy: Entropy,
        readonly fingerprint: Fingerprint,
        readonly numbers: Numbers,
    ) {}

    /** Request ids count up, so that "asked after" is a comparison. */
    nextRequest(): number {
        return ++this.#requestSequence;
    }

    /** What a transport is given for a request that serves this item. */
    deadlineMs(item: Item | null): number {
        return item?.definition?.locksNodeMs === undefined ? this.timing.requestDeadlineMs : this.timing.failSafeDeadlineMs;
    }

    /** Id of the latest request. */
    get requestSequence(): number {
        return this.#requestSequence;
    }

    reply(command: number, result: CommandResult, restsOnBatch: boolean): void {
        const effect: Effect = { type: "reply", command, result };
        if (!this.ledger.defer(effect, restsOnBatch)) {
            this.effects.push(effect);
        }
    }

    event(event: ManagerEvent): void {
        const effect: Effect = { type: "event", event };
        if (!this.ledger.defer(effect, false)) {
            this.effects.push(effect);
        }
    }

    /** About a row that has just become durable: leaves at once. */
    durableEvent(event: ManagerEvent): void {
        this.effects.push({ type: "event", event });
    }

    itemChanged(item: Item): void {
        for (const extension of this.extensions) {
            extension.itemChanged(item);
        }
    }

    itemLanded(item: Item): void {
        for (const extension of this.extensions) {
            extension.itemLanded?.(item);
        }
    }

    /** Uniform in [1/2, 1] of min(max, min * 2^step), in whole milliseconds. */
    backoff(minMs: number, maxMs: number, step: number): number {
        const full = step >= 31 ? maxMs : Math.min(maxMs, minMs * 2 ** step);
        const half = Math.floor(full / 2);
        return half + this.entropy.below(full - half + 1);
    }
}
