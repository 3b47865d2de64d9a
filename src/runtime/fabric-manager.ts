import type { Change, Command, CommandValue, PassReport } from "../core/command.js";
import type { ManagerEvent } from "../core/event.js";
import type { ItemKey, ItemIdentity } from "../core/identity.js";
import type { KeySetId, NodeId } from "../core/ids.js";
import type { Administrator, Kind } from "../core/kind.js";
import type { Quarantined } from "../core/loader.js";
import type { GroupKeySecurityPolicy, ItemMode } from "../core/records.js";
import type { TaskDefinition } from "../tasks/definition.js";
import type { Reason } from "../tasks/explain.js";
import type { Assessment, ItemInfo, RunInfo, Subject } from "../tasks/manager.js";
import * as check from "./arguments.js";
import type { Driver } from "./driver.js";
import type { ManagerEventListener } from "./event-hub.js";
import { keySetInfo, type KeySetInfo } from "./key-set-info.js";
import { copyOf } from "./plain-data.js";
import { RuntimeLimits } from "./runtime-limits.js";
import { SelvageError } from "./selvage-error.js";
import type { IntentOf, ParamsOf } from "./typed-names.js";

/** A run that a caller asked for. */
export interface StartedRun {
    readonly run: number;
    /** False: the request id was known, and this is the run that it began before. */
    readonly created: boolean;
}

/** Choices for `run`. */
export interface RunOptions {
    /** Makes the call idempotent, across restarts too: the same id with the same parameters gives the same run. */
    readonly requestId?: string;
    /** The run fails, and rolls back, when it is not complete this long from now. */
    readonly deadlineMs?: number;
}

/** What a pass over a node looks at; without any, only what is owed. */
export interface PassScope {
    /** Read the limits of the node's tables again. */
    readonly capacity?: boolean;
    /** Committed items to read from the device. */
    readonly verify?: "all" | readonly ItemIdentity[];
    /** Items to write again if the device differs. */
    readonly rewrite?: "all" | readonly ItemIdentity[];
}

/** A new revision of a key set, as given to `putKeySet`. */
export interface KeySetInput {
    /** 0 to 0xFFFF; 0 is the IPK, for items of the kind `ipk`. */
    readonly keySetId: number;
    /** Default: 0, TrustFirst. */
    readonly policy?: GroupKeySecurityPolicy;
    /** One to three keys in ascending order of start time. */
    readonly slots: readonly {
        /** epoch-us: microseconds since 2000-01-01T00:00:00Z. */
        readonly startTime: bigint;
        /** 16 bytes; copied. */
        readonly key: Uint8Array;
    }[];
}

let create: (driver: Driver) => FabricManager;

/**
 * The intended state of one fabric, kept and pursued. Made by `openManager`.
 *
 * A command resolves when what it changed is *durable*, not when devices have it: for that, subscribe to events, await a run, or ask
 * `explain`. It rejects with a {@link SelvageError} when nothing was changed. Queries tell the present at once; they throw a
 * `SelvageError` (CLOSED) once the manager is closed.
 */
export class FabricManager {
    readonly #driver: Driver;

    private constructor(driver: Driver) {
        this.#driver = driver;
    }

    // Opens the constructor to this module only: a driver is no concern of callers.
    static {
        create = driver => new FabricManager(driver);
    }

    /** The node is a member of the fabric and managed from now on. Repeating it changes nothing. */
    addNode(node: NodeId): Promise<void> {
        return this.#command(() => ({ type: "addNode", node: check.nodeArgument(node) }), done);
    }

    /** The node left the fabric: its items end with the event `itemEnded`, `nodeGone`. */
    removeNode(node: NodeId): Promise<void> {
        return this.#command(() => ({ type: "removeNode", node: check.nodeArgument(node) }), done);
    }

    /** The node under this id was reset and commissioned again, or replaced: everything on it is verified before anything relies on it. */
    renewNode(node: NodeId): Promise<void> {
        return this.#command(() => ({ type: "renewNode", node: check.nodeArgument(node) }), done);
    }

    /**
     * Say what a node should have.
     *
     * @param options.mode `converge` (default): push until the device has it, later drift is reported; `maintain`: drift is rewritten.
     * @param options.force also when a live run has the item in its change set, which is then rolled back, without this item.
     */
    setIntent<K extends string>(
        node: NodeId,
        kind: K,
        intent: IntentOf<K>,
        options: { readonly mode?: ItemMode; readonly force?: boolean } = {},
    ): Promise<void> {
        return this.#change(() => [{ op: "set", node, kind, intent, mode: options.mode }], options);
    }

    /** Have an item taken off its node; nothing happens when there is none. Refused while something else there needs it. */
    removeIntent(node: NodeId, kind: string, key: ItemKey, options: { readonly force?: boolean } = {}): Promise<void> {
        return this.#change(() => [{ op: "remove", node, kind, key }], options);
    }

    /** Several intents at once, all of them or none; at most 1,000. */
    change(changes: readonly Change[], options: { readonly force?: boolean } = {}): Promise<void> {
        return this.#change(() => check.listArgument("the changes", changes), options);
    }

    /** A value found on the device becomes a committed item without a write. */
    adopt<K extends string>(node: NodeId, kind: K, intent: IntentOf<K>, options: { readonly mode?: ItemMode } = {}): Promise<void> {
        return this.#command(
            () => ({
                type: "adopt",
                node: check.nodeArgument(node),
                kind: check.textArgument("the kind", kind),
                intent: copyOf("the intent", intent, "INVALID_INTENT"),
                mode: check.modeArgument(options.mode ?? "converge"),
            }),
            done,
        );
    }

    /** Give an item up and leave the device as it is. What it left there is not adopted, until {@link leftoverGone} or a new intent. */
    withdraw(node: NodeId, kind: string, key: ItemKey): Promise<void> {
        return this.#command(() => ({ type: "withdraw", ...itemArgument(node, kind, key) }), done);
    }

    /** The leftover of a withdrawn item is gone from the device: it may be adopted when it appears again. */
    leftoverGone(node: NodeId, kind: string, key: ItemKey): Promise<void> {
        return this.#command(() => ({ type: "leftoverGone", ...itemArgument(node, kind, key) }), done);
    }

    /** Add a revision to a key set of the fabric; the material of the newest revision again adds none. */
    putKeySet(keySet: KeySetInput): Promise<{ readonly keySetId: KeySetId; readonly revision: number }> {
        return this.#command(
            () => ({ type: "putKeySet", ...keySetArgument(keySet) }),
            value => ({ keySetId: of(value, "keySet").keySetId, revision: of(value, "keySet").revision }),
        );
    }

    /**
     * Begin a task. Resolves when the run is admitted and durable; {@link awaitRun} waits for its end.
     *
     * @example
     * ```ts
     * const { run } = await manager.run("addNodeToGroup", { node: nodeId(5n), endpoint: 1, groupId: 7, keySetId: 42 });
     * const { state } = await manager.awaitRun(run);
     * ```
     */
    run<T extends string>(task: T, params: ParamsOf<T>, options: RunOptions = {}): Promise<StartedRun> {
        return this.#command(
            () => ({
                type: "run",
                task: check.textArgument("the task", task),
                params: copyOf("the parameters", params, "INVALID_PARAMS"),
                ...(options.requestId === undefined ? {} : { requestId: check.textArgument("the request id", options.requestId) }),
                ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
            }),
            value => ({ run: of(value, "run").run, created: of(value, "run").created }),
        );
    }

    /**
     * Wait until a run is settled and that is durable; at once if it is. A run can take as long as a node stays away, and a stuck one is
     * not settled: subscribe to `runChanged`, or ask {@link explain}, to see what it waits for.
     *
     * @param options.signal to stop waiting; the promise rejects with its reason. The run goes on.
     */
    awaitRun(run: number, options: { readonly signal?: AbortSignal } = {}): Promise<RunInfo> {
        if (!this.#driver.isOpen) {
            return Promise.reject(this.#driver.ended());
        }
        return this.#driver.runs.wait(run, options.signal);
    }

    /** Turn a run back: what it changed is restored. Resolves when that is decided and durable; {@link awaitRun} waits for its end. */
    cancel(run: number, reason?: string): Promise<void> {
        return this.#command(() => ({ type: "cancel", run: check.runArgument(run), ...reasonArgument(reason) }), done);
    }

    /** A stuck run tries its rollback again. */
    retryRun(run: number): Promise<void> {
        return this.#command(() => ({ type: "retryRun", run: check.runArgument(run) }), done);
    }

    /** Give a stuck run up: devices stay as they are, and `notRestored` lists what was not restored. */
    abandon(run: number, reason?: string): Promise<void> {
        return this.#command(() => ({ type: "abandon", run: check.runArgument(run), ...reasonArgument(reason) }), done);
    }

    /** Make one pass over a node now. Resolves when it is over; rejects with OUT_OF_REACH when the node does not answer. */
    reconcile(node: NodeId, scope: PassScope = {}): Promise<PassReport> {
        return this.#command(
            () => ({
                type: "reconcile",
                node: check.nodeArgument(node),
                capacity: scope.capacity === true,
                ...(scope.verify === undefined ? {} : { verify: check.scopeArgument('"verify"', scope.verify) }),
                ...(scope.rewrite === undefined ? {} : { rewrite: check.scopeArgument('"rewrite"', scope.rewrite) }),
            }),
            value => of(value, "pass").report,
        );
    }

    /** Try one item again now: its failure is forgotten, its hold released; it is verified, and rewritten if need be. */
    retry(node: NodeId, kind: string, key: ItemKey): Promise<PassReport> {
        return this.#command(
            () => ({ type: "retry", ...itemArgument(node, kind, key) }),
            value => of(value, "pass").report,
        );
    }

    /**
     * Tell who the controller is to access control lists, when that changed: its node id and the CASE authenticated tags of the NOC it uses now
     * (section 6.6.2.1.2). Not stored: see the option `administrator` of `openManager`.
     */
    setAdministrator(administrator: Administrator): Promise<void> {
        return this.#command(() => ({ type: "setAdministrator", administrator: check.administratorArgument(administrator) }), done);
    }

    /** Add a kind; stored items that waited for it come alive. */
    registerKind<I extends object>(kind: Kind<I>): Promise<void> {
        return this.#command(() => ({ type: "registerKind", kind: check.kindArgument(kind) }), done);
    }

    /** Add a task; stored runs that waited for it go on. */
    registerTask<I extends object, P extends object, D extends object>(task: TaskDefinition<I, P, D>): Promise<void> {
        return this.#command(() => ({ type: "registerTask", definition: check.taskArgument(task) }), done);
    }

    /** A dry run of a task: what it would change, or why it is refused. Changes nothing. */
    assess<T extends string>(task: T, params: ParamsOf<T>): Assessment {
        return this.#manager.assess(check.textArgument("the task", task), copyOf("the parameters", params, "INVALID_PARAMS"));
    }

    /** Why a node, an item or a run is not there yet: the nearest reason first. Empty: it is. Undefined: there is no such thing. */
    explain(subject: Subject): Reason[] | undefined {
        const { run, node, kind, key } = check.objectArgument("the subject", subject);
        if (run !== undefined) {
            return this.#manager.explain({ run: check.runArgument(run) });
        }
        return this.#manager.explain(
            kind === undefined && key === undefined
                ? { node: check.nodeArgument(node) }
                : { node: check.nodeArgument(node), kind: check.textArgument("the kind", kind), key: check.keyArgument(key) },
        );
    }

    nodes(): NodeId[] {
        return this.#manager.nodes();
    }

    item(node: NodeId, kind: string, key: ItemKey): ItemInfo | undefined {
        const item = itemArgument(node, kind, key);
        return this.#manager.item(item.node, item.kind, item.key);
    }

    /** Items of a node, or of all nodes. */
    items(node?: NodeId): ItemInfo[] {
        return this.#manager.items(node === undefined ? undefined : check.nodeArgument(node));
    }

    /** One run; undefined when there is none, or history no longer keeps it. */
    runInfo(run: number): RunInfo | undefined {
        return this.#manager.run(run);
    }

    /** Live runs, then settled ones that history keeps. */
    runs(): RunInfo[] {
        return this.#manager.runs();
    }

    /** The fabric's key sets, with fingerprints in place of keys. */
    keySets(): KeySetInfo[] {
        return this.#manager.keySets().map(keySetInfo);
    }

    /** Stored records that did not validate: kept in the store, unused. */
    quarantined(): readonly Quarantined[] {
        return this.#manager.quarantined;
    }

    /**
     * Have a function called for every event from now on, in order. It may call the manager; what it throws goes to `onError`.
     *
     * @returns the way to stop.
     * @throws SelvageError CLOSED, LIMIT_REACHED
     */
    subscribe(listener: ManagerEventListener): () => void {
        this.#requireOpen();
        if (typeof listener !== "function") {
            throw new SelvageError("INVALID_COMMAND", "the listener must be a function that takes an event");
        }
        return this.#driver.events.subscribe(listener);
    }

    /**
     * Every event from this call on, as an async iterator. Events wait for their reader in a bounded queue; a reader that lags behind by
     * more than that reads what was queued and is then thrown EVENTS_LOST, rather than missing events unawares. Ends when the manager is
     * closed; leaving the loop unsubscribes.
     *
     * @param options.capacity events that may wait. Default: 10,000.
     * @throws SelvageError CLOSED, LIMIT_REACHED
     */
    events(options: { readonly capacity?: number } = {}): AsyncIterableIterator<ManagerEvent> {
        this.#requireOpen();
        const capacity = options.capacity ?? RuntimeLimits.queuedEvents;
        if (!Number.isSafeInteger(capacity) || capacity < 1) {
            throw new SelvageError("INVALID_COMMAND", "the capacity must be a positive integer");
        }
        return this.#driver.events.iterate(capacity);
    }

    /**
     * Stop, and let go of the store. Never rejects; closing twice is fine. The batch on its way to the store is waited for, and its
     * commands are answered; all others, and everybody who awaits a run, are rejected with CLOSED, and nothing of them is kept. Requests
     * on their way to devices may still take effect, which the next manager over the store takes into account. The transport stays open.
     */
    close(): Promise<void> {
        return this.#driver.close();
    }

    get #manager(): Driver["manager"] {
        this.#requireOpen();
        return this.#driver.manager;
    }

    #requireOpen(): void {
        if (!this.#driver.isOpen) {
            throw this.#driver.ended();
        }
    }

    #change(changes: () => readonly unknown[], options: { readonly force?: boolean }): Promise<void> {
        return this.#command(() => ({ type: "change", changes: changes().map(changeArgument), force: options.force === true }), done);
    }

    /** Arguments of the wrong form reject as everything else does. */
    #command<T>(command: () => Command, map: (value: CommandValue) => T): Promise<T> {
        try {
            return this.#driver.submit(command(), map);
        } catch (error) {
            return Promise.reject(
                error instanceof SelvageError ? error : new SelvageError("INVALID_COMMAND", "an argument could not be read: see the cause", { cause: error }),
            );
        }
    }
}

/** The manager that speaks for a driver. */
export function fabricManagerOf(driver: Driver): FabricManager {
    return create(driver);
}

function done(): void {}

/** The value of a reply: the machine answers each command with one type of value. */
function of<T extends CommandValue["type"]>(value: CommandValue, type: T): Extract<CommandValue, { type: T }> {
    if (value.type !== type) {
        throw new SelvageError("INTERNAL", `the machine replied with a "${value.type}" where a "${type}" was due: report this`);
    }
    return value as Extract<CommandValue, { type: T }>;
}

function itemArgument(node: NodeId, kind: string, key: ItemKey): { node: NodeId; kind: string; key: ItemKey } {
    return { node: check.nodeArgument(node), kind: check.textArgument("the kind", kind), key: check.keyArgument(key) };
}

function reasonArgument(reason: string | undefined): { reason?: string } {
    return reason === undefined ? {} : { reason: check.textArgument("the reason", reason) };
}

function changeArgument(value: unknown): Change {
    const { op, node, kind, key, intent, mode } = check.objectArgument("a change", value);
    const at = { node: check.nodeArgument(node), kind: check.textArgument("the kind", kind) };
    switch (op) {
        case "set":
            return {
                op,
                ...at,
                intent: copyOf("the intent", intent, "INVALID_INTENT"),
                ...(mode === undefined ? {} : { mode: check.modeArgument(mode) }),
            };
        case "remove":
            return { op, ...at, key: check.keyArgument(key) };
        default:
            throw new SelvageError("INVALID_COMMAND", 'the "op" of a change must be "set" or "remove"');
    }
}

function keySetArgument(value: KeySetInput): KeySetInput {
    const { keySetId, policy, slots } = check.objectArgument("the key set", value, "INVALID_KEY_SET");
    return {
        keySetId: keySetId as number,
        ...(policy === undefined ? {} : { policy: policy as GroupKeySecurityPolicy }),
        slots: check.listArgument('"slots" of the key set', slots, "INVALID_KEY_SET").map(slot => {
            const { startTime, key } = check.objectArgument("each slot of the key set", slot, "INVALID_KEY_SET");
            return { startTime: startTime as bigint, key: key instanceof Uint8Array ? new Uint8Array(key) : (key as Uint8Array) };
        }),
    };
}
