import type { Command, CommandResult } from "./command.js";
import { Context, type Extension } from "./context.js";
import type { Effect } from "./effect.js";
import { ok, refuse, type Result } from "./error.js";
import { FabricCommands } from "./fabric-commands.js";
import type { NodeId } from "./ids.js";
import type { Input } from "./input.js";
import { Items } from "./items.js";
import type { Fingerprint } from "./key-material.js";
import { KeySets } from "./key-sets.js";
import type { Administrator, Kind } from "./kind.js";
import { Lanes } from "./lanes.js";
import { defaultTiming, type Timing } from "./limits.js";
import { Loader, type Quarantined } from "./loader.js";
import { Nodes } from "./nodes.js";
import type { NodeState } from "./node-state.js";
import { Numbers } from "./numbers.js";
import type { AttributePath } from "./device.js";
import type { Entropy } from "./ports.js";
import { repeated } from "./repeated.js";
import { SCHEMA_VERSION, type FabricIdentity, type MetaRecord } from "./records.js";
import { checkMeta } from "./schema.js";
import type { StoreImage } from "./store.js";
import type { Timed } from "./timers.js";

/** A shell fed an input from within a step. Always a bug of the shell. */
export class ReentrancyError extends Error {
    readonly code = "REENTRANT_STEP";

    constructor() {
        super("Machine.step is not re-entrant: queue inputs that are raised while a step runs");
    }
}

/** What a machine is made of. */
export interface MachineOptions {
    readonly fabric: FabricIdentity;
    readonly kinds: readonly Kind[];
    readonly entropy: Entropy;
    readonly fingerprint: Fingerprint;
    readonly timing?: Partial<Timing>;
    /**
     * The subject that the manager's requests come from. Without it no access control list is written: nobody could tell whether the manager would be
     * locked out. The command `setAdministrator` changes it when the controller gets another NOC.
     */
    readonly administrator?: Administrator;
}

/** Both clocks at one moment. */
export interface Now {
    readonly monoMs: number;
    readonly wallMs: number;
}

/** The parts of a machine, for what extends it. */
export interface MachineParts {
    readonly context: Context;
    readonly nodes: Nodes;
    readonly items: Items;
    readonly keySets: KeySets;
    readonly lanes: Lanes;
    readonly fabric: FabricCommands;
    /** Stored records that did not validate: kept in the store, unused, told at the start. */
    readonly quarantined: Quarantined[];
}

/** Batches refused in a row, and the time of the next try. */
class StoreBackoff implements Timed {
    dueMs = Infinity;
    heapIndex = -1;
    readonly timerOrder = 0;
    refusals = 0;
    retryAtMs = 0;
    due(): void {}
}

/**
 * The deterministic machine: inputs in, effects out, synchronously. It never waits, is not re-entrant, and never throws for anything
 * the world can do; a throw is a bug.
 */
export class Machine implements MachineParts {
    readonly context: Context;
    readonly nodes: Nodes;
    readonly items: Items;
    readonly keySets: KeySets;
    readonly lanes: Lanes;
    readonly fabric: FabricCommands;
    readonly quarantined: Quarantined[];
    readonly #store = new StoreBackoff();
    #stepping = false;
    #wakeAtMs = Infinity;

    private constructor(options: MachineOptions, image: StoreImage, meta: MetaRecord | null, now: Now) {
        const timing = { ...defaultTiming, ...options.timing };
        this.context = new Context(timing, options.entropy, options.fingerprint, new Numbers(options.fabric, meta));
        this.context.monoMs = now.monoMs;
        this.context.wallMs = now.wallMs;
        this.context.administrator = options.administrator ?? null;
        for (const kind of options.kinds) {
            this.context.kinds.set(kind.name, kind);
        }
        this.nodes = new Nodes(this.context);
        this.keySets = new KeySets(this.context);
        this.items = new Items(this.context, this.keySets);
        this.lanes = new Lanes(this.context, this.items, this.keySets);
        this.fabric = new FabricCommands(this.context, this.nodes, this.items, this.keySets, this.lanes);
        this.nodes.onDue = node => this.lanes.due(node);
        this.nodes.onLanded = node => this.lanes.requeue(node);
        this.nodes.onTakenBack = node => this.#nodeTakenBack(node);
        const loader = new Loader(this.context, this.nodes, this.items, this.keySets);
        loader.load(image);
        this.quarantined = loader.quarantined;
    }

    /** Build a machine from what a store holds. Refuses a store of another fabric, of a newer version, or without readable identity. */
    static open(options: MachineOptions, image: StoreImage, now: Now): Result<Machine> {
        const twice = repeated(options.kinds.map(kind => kind.name));
        if (twice !== undefined) {
            return refuse("ALREADY_REGISTERED", `two kinds are named "${twice}": choose another name`, { kind: twice });
        }
        const meta = image.meta.get(1) as MetaRecord | undefined;
        if (meta === undefined) {
            for (const table of ["node", "item", "keySet", "run", "jfds"] as const) {
                if (image[table].size > 0) {
                    return refuse("CORRUPT_STORE", `the store holds records of table "${table}" but not whose they are: restore it from a backup`);
                }
            }
            return ok(new Machine(options, image, null, now));
        }
        if (typeof meta.schema === "number" && meta.schema > SCHEMA_VERSION) {
            return refuse(
                "NEWER_SCHEMA",
                `the store has schema version ${meta.schema}, this version of Selvage knows up to ${SCHEMA_VERSION}: update Selvage`,
                { schema: meta.schema },
            );
        }
        const malformed = checkMeta(meta);
        if (malformed !== null) {
            return refuse("CORRUPT_STORE", `the store's identity record ${malformed}: restore the store from a backup`);
        }
        const { rootPublicKey, fabricId } = options.fabric;
        if (meta.fabric.rootPublicKey !== rootPublicKey || meta.fabric.fabricId !== fabricId) {
            return refuse("WRONG_FABRIC", "the store belongs to another fabric: open it with that fabric's controller, or choose another place");
        }
        return ok(new Machine(options, image, meta, now));
    }

    /** Feed one input; perform the effects in order. The array is the caller's. */
    step(input: Input): Effect[] {
        if (this.#stepping) {
            throw new ReentrancyError();
        }
        this.#stepping = true;
        try {
            const { context } = this;
            context.effects = [];
            context.monoMs = Math.max(context.monoMs, input.monoMs);
            context.wallMs = input.wallMs;
            this.#take(input);
            this.#decide();
            this.#emitBatch();
            this.#emitWake();
            return context.effects;
        } finally {
            this.#stepping = false;
        }
    }

    #take(input: Input): void {
        switch (input.type) {
            case "answer":
                return this.lanes.answer(input.request, input.answer);
            case "stored":
                return this.#stored(input.batch, input.durable);
            case "wake":
                return this.#wake();
            case "command":
                return this.#command(input.id, input.command);
            case "reachable":
                this.context.extensions.forEach(extension => extension.nodeReachable?.(input.node));
                return this.#withNode(input.node, node => this.#reachable(node));
            case "unreachable":
                return this.#withNode(input.node, node => this.#unreachable(node));
            case "softwareChanged":
            case "structureChanged":
                return this.#withNode(input.node, node => this.#changed(node));
            case "report":
                return this.#withNode(input.node, node => this.#report(node, input.path));
            case "start":
                return this.#start();
        }
    }

    /** Until nothing is left to decide: runs first, then lanes, which may give runs something to decide. */
    #decide(): void {
        do {
            for (const extension of this.context.extensions) {
                extension.drive();
            }
        } while (this.lanes.pump());
        this.keySets.settle();
    }

    #start(): void {
        const { context } = this;
        for (const { table, id, reason } of this.quarantined) {
            context.event({ type: "quarantined", table, id, reason });
        }
        for (const node of this.nodes.all()) {
            node.retryAtMs = context.monoMs + context.timing.settleMs;
            if (node.owed.size > 0 || node.unwatched.size > 0) {
                this.lanes.want(node);
            }
        }
    }

    #command(id: number, command: Command): void {
        const { context } = this;
        for (const extension of context.extensions) {
            if (extension.command(command, id)) {
                return;
            }
        }
        const result: CommandResult | null | undefined = this.fabric.handle(command as never, id);
        if (result === undefined) {
            context.reply(id, refuse("INVALID_COMMAND", `nothing here takes the command "${command.type}": plug in what does`), false);
        } else if (result !== null) {
            context.reply(id, result, result.ok);
        }
    }

    #reachable(node: NodeState): void {
        if (node.reachable === null) {
            this.items.reviveLeftovers(node); // the structure may have changed while nobody looked
        }
        node.reachable = true;
        node.backoffStep = 0;
        node.retryAtMs = 0;
        node.next.capacity = true;
        node.next.verifyAll = true;
        this.lanes.want(node);
    }

    #unreachable(node: NodeState): void {
        const { monoMs, timing } = this.context;
        node.reachable = false;
        node.retryAtMs = Math.max(node.retryAtMs, monoMs + timing.sweepMs);
        node.next.wanted ||= node.owed.size > 0;
        this.lanes.requeue(node);
    }

    #changed(node: NodeState): void {
        for (const item of node.owed) {
            this.lanes.outcomes.revive(item);
        }
        this.items.reviveLeftovers(node);
        node.next.capacity = true;
        node.next.verifyAll = true;
        this.lanes.want(node);
    }

    #report(node: NodeState, path: AttributePath): void {
        this.lanes.outcomes.reported(node, path);
        for (const item of this.items.watching(node, path)) {
            node.next.addVerify(item);
            node.next.wanted = true;
        }
        if (node.next.wanted) {
            this.lanes.want(node);
        }
    }

    #wake(): void {
        const { timers, monoMs } = this.context;
        this.#wakeAtMs = Infinity;
        for (let timed = timers.popDue(monoMs); timed !== undefined; timed = timers.popDue(monoMs)) {
            timed.due();
        }
    }

    #stored(batch: number, durable: boolean): void {
        const { context } = this;
        const stored = durable ? context.ledger.landed(batch) : context.ledger.refused(batch);
        if (stored === null) {
            return;
        }
        if (durable) {
            this.#store.retryAtMs = 0;
            if (this.#store.refusals > 0) {
                this.#store.refusals = 0;
                for (const extension of context.extensions) {
                    extension.storeRecovered();
                }
            }
        } else {
            const { storeBackoffMinMs, storeBackoffMaxMs } = context.timing;
            this.#store.retryAtMs = context.monoMs + context.backoff(storeBackoffMinMs, storeBackoffMaxMs, this.#store.refusals++);
            context.effects.push({
                type: "event",
                event: { type: "storeRefused", takenBack: stored.takenBack.length, retried: stored.retried },
            });
            for (const extension of context.extensions) {
                extension.storeRefused();
            }
        }
        context.effects.push(...stored.effects);
        this.lanes.storeSettled();
    }

    #emitBatch(): void {
        const { ledger, timers, monoMs, effects } = this.context;
        if (!ledger.hasDirty || ledger.waitsForStore) {
            timers.set(this.#store, Infinity);
            return;
        }
        if (monoMs < this.#store.retryAtMs && !ledger.urgent) {
            timers.set(this.#store, this.#store.retryAtMs);
            return;
        }
        timers.set(this.#store, Infinity);
        effects.push({ type: "store", batch: ledger.nextBatch()! });
    }

    #emitWake(): void {
        const { timers, effects } = this.context;
        const next = timers.nextMs;
        // A later time need not be told: the wake that was asked for comes early, and asks again.
        if (next < this.#wakeAtMs || (next === Infinity && this.#wakeAtMs !== Infinity)) {
            this.#wakeAtMs = next;
            effects.push({ type: "wake", atMonoMs: next === Infinity ? null : next });
        }
    }

    #nodeTakenBack(node: NodeState): void {
        if (node.record === null) {
            this.lanes.drop(node);
        } else {
            this.lanes.want(node);
        }
    }

    #withNode(id: NodeId, act: (node: NodeState) => void): void {
        const node = this.nodes.get(id);
        if (node !== undefined) {
            act(node);
        }
    }
}

/** Plug an extension into a machine; before its first step. */
export function extend(machine: MachineParts, extension: Extension): void {
    machine.context.extensions.push(extension);
}
