import type { Command, CommandResult } from "../src/core/command.js";
import type { Effect } from "../src/core/effect.js";
import { nodeId, type NodeId } from "../src/core/ids.js";
import type { InputBody } from "../src/core/input.js";
import type { StoreBatch } from "../src/core/store.js";
import { Manager, type ManagerOptions } from "../src/tasks/manager.js";
import type { AttributePath } from "../src/core/device.js";
import { Kind } from "./agenda.js";
import { Caller } from "./caller.js";
import type { CheckerSet } from "./checker-set.js";
import { MANAGER_NODE_ID } from "./devices/composition.js";
import type { SimNode } from "./devices/sim-node.js";
import { EventHeap } from "./event-heap.js";
import { LATE_WINDOW_MS } from "./fault-plan.js";
import { fingerprint } from "./fingerprint.js";
import { Incidents } from "./incidents.js";
import { IssuerModel } from "./issuer-model.js";
import { knownIdentities } from "./known-identities.js";
import { Leftovers } from "./leftovers.js";
import { Marks } from "./marks.js";
import { Network } from "./network.js";
import { NodeSite } from "./node-site.js";
import { Observer } from "./observer.js";
import { Random } from "./random.js";
import type { Script } from "./script.js";
import { stamped } from "./stamped-input.js";
import { StoreModel } from "./store-model.js";
import { hashEffect, hashInput } from "./trace-events.js";
import { TraceHash } from "./trace-hash.js";
import type { TraceRecorder } from "./trace-recorder.js";
import { Transport, type Flight } from "./transport.js";
import { WallClock } from "./wall-clock.js";

/** The first thing that was not as it must be. */
export interface Violation {
    readonly checker: string;
    readonly message: string;
    readonly atMs: number;
}

/** What one schedule came to. */
export interface ScheduleResult {
    readonly violation: Violation | null;
    /** Inputs taken, requests carried out. */
    readonly events: number;
    readonly deviceRequests: number;
    readonly simulatedMs: number;
}

/** DESIGN L1: within this time of calm everything has settled. */
export const CALM_LIMIT_MS = 45 * 60_000;
const ADMINISTRATOR = { nodeId: nodeId(MANAGER_NODE_ID), caseAuthenticatedTags: [] };
const FABRIC = { rootPublicKey: "04".repeat(65), fabricId: 1n };
/** A backup is put back only when nothing that was sent before can still arrive: a request's deadline, and as long again. */
const BACKUP_DOWN_MS = 60_000 + LATE_WINDOW_MS;
/** Stream of the seed for late timers. */
const WAKE_STREAM = 0x7000_0000;
/** Inputs of one schedule at most: more is a livelock. */
const INPUT_LIMIT = 200_000;

/**
 * The model world: nodes, network, store, clocks and callers around one manager, driven by a script and nothing else. One world runs
 * one schedule after the other, reusing its parts.
 */
export class World {
    readonly heap = new EventHeap();
    readonly network = new Network();
    readonly store = new StoreModel();
    readonly hash = new TraceHash();
    readonly marks = new Marks();
    readonly issuer = new IssuerModel();
    /** Per node: where it stands, and the device itself. */
    readonly sites: NodeSite[] = [];
    readonly nodes: SimNode[] = [];
    readonly nodeIds: NodeId[] = [];
    readonly leftovers = new Leftovers();
    readonly clock = new WallClock();
    readonly transport = new Transport(this);
    readonly incidents = new Incidents(this);
    readonly caller = new Caller(this);
    readonly observer = new Observer(this);
    script!: Script;
    nowMs = 0;
    manager: Manager | null = null;
    /** Counts processes. */
    life = 0;
    isCalm = false;
    calmAtMs = 0;
    inputs = 0;
    events = 0;
    deviceRequests = 0;
    violation: Violation | null = null;
    recorder: TraceRecorder | null = null;
    readonly checkers: CheckerSet;
    readonly #devicesRandom = new Random(0);
    readonly #entropy = new Random(0);
    #lifeStartMs = 0;
    #wake = 0;
    readonly #wakeRandom = new Random(0);
    #nextCrash = 0;
    /** A backup is being put back until then. */
    #restoredAtMs = 0;
    #scanThroughout = false;

    constructor(checkers: CheckerSet) {
        this.checkers = checkers;
    }

    /** Run one schedule to its end, or to its first violation. The trace hash goes on from schedule to schedule. */
    run(script: Script, options: { readonly scanThroughout?: boolean; readonly recorder?: TraceRecorder } = {}): ScheduleResult {
        this.#begin(script, options.scanThroughout === true, options.recorder ?? null);
        try {
            this.#start();
            this.#loop();
            if (this.violation === null) {
                this.checkers.ended();
                this.checkers.scan();
            }
        } catch (error) {
            this.violate("S0", `the machine threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        }
        const { violation, events, deviceRequests } = this;
        return { violation, events, deviceRequests, simulatedMs: this.nowMs };
    }

    /** Note a violation; the first one counts. */
    violate(checker: string, message: string): void {
        this.violation ??= { checker, message, atMs: this.nowMs };
    }

    get monoMs(): number {
        return this.nowMs - this.#lifeStartMs;
    }

    get wallMs(): number {
        return this.clock.at(this.nowMs);
    }

    /** The world time of something that the machine stamped with wall time. */
    momentOf(wallMs: number): number {
        return this.clock.momentOf(wallMs, this.nowMs);
    }

    /** A node never came back. */
    isLost(node: number): boolean {
        return this.isCalm && node === this.script.lostNode;
    }

    indexOf(id: NodeId): number {
        return Number(id) - 1;
    }

    /** Hand the machine an input and perform what it wants done. */
    feed(body: InputBody): void {
        if (this.#crashesNow()) {
            this.#crash();
            return;
        }
        this.events++;
        if (this.inputs++ > INPUT_LIMIT) {
            this.violate("L1", `more than ${INPUT_LIMIT} inputs: the machine does not come to rest`);
            return;
        }
        const input = stamped(body, this.monoMs, this.wallMs);
        hashInput(this.hash, input);
        this.recorder?.input(this.nowMs, input);
        const effects = this.manager!.step(input);
        for (let i = 0; i < effects.length; i++) {
            const effect = effects[i]!;
            hashEffect(this.hash, effect);
            this.recorder?.effect(this.nowMs, effect);
            this.#perform(effect);
        }
        if (this.#scanThroughout) {
            this.checkers.scan();
        }
    }

    /** The options of every process of this world. */
    managerOptions(): ManagerOptions {
        return { fabric: FABRIC, entropy: this.#entropy, fingerprint, administrator: ADMINISTRATOR };
    }

    #begin(script: Script, scanThroughout: boolean, recorder: TraceRecorder | null): void {
        this.script = script;
        this.recorder = recorder;
        this.#scanThroughout = scanThroughout;
        this.nowMs = 0;
        this.life = 0;
        this.inputs = 0;
        this.events = 0;
        this.deviceRequests = 0;
        this.isCalm = false;
        this.violation = null;
        this.#nextCrash = 0;
        this.#restoredAtMs = 0;
        this.heap.clear();
        this.issuer.reset();
        this.clock.reset();
        this.store.reset(script.faults, script.seed, script.crashes.some(crash => crash.backupMs > 0));
        this.network.reset(script.faults, script.nodes, script.seed);
        this.#wakeRandom.reset(script.seed, WAKE_STREAM);
        this.#beginNodes(script);
        this.caller.begin(script);
        this.checkers.begin(this);
    }

    #beginNodes(script: Script): void {
        this.#devicesRandom.reset(script.seed, 0xd0);
        script.nodes.forEach((node, index) => {
            let site = this.sites[index];
            if (site === undefined) {
                // Made with a generator of its own: what a device draws must not depend on what the world ran before.
                site = this.sites[index] = new NodeSite(node, new Random(0));
                this.nodes[index] = site.device;
                this.nodeIds[index] = nodeId(BigInt(index + 1));
            }
            site.begin(node, script.faults, script.seed, index, this.#devicesRandom);
        });
        this.leftovers.begin(script.nodes.length);
        this.transport.begin();
    }

    #start(): void {
        const { script, heap } = this;
        this.network.announce(heap, Kind.REACHABLE, Kind.UNREACHABLE);
        for (let i = 0; i < script.actions.length; i++) {
            heap.push(script.actions[i]!.atMs, Kind.ACTION, i, 0);
        }
        heap.push(script.chaosMs, Kind.CALM, 0, 0);
        this.incidents.begin();
        this.#open();
    }

    #loop(): void {
        const { heap } = this;
        while (this.violation === null && heap.pop()) {
            if (this.isCalm && heap.atMs > this.calmAtMs + CALM_LIMIT_MS) {
                return;
            }
            this.nowMs = Math.max(this.nowMs, heap.atMs);
            this.#dispatch(heap.kind, heap.a, heap.b, heap.payload);
        }
    }

    #dispatch(kind: number, a: number, b: number, payload: unknown): void {
        switch (kind) {
            case Kind.EFFECT:
                return this.transport.carryOut(payload as Flight, b === 1);
            case Kind.OUTCOME:
                return a === this.life ? this.transport.outcome(payload as Flight) : undefined;
            case Kind.STORED:
                return a === this.life ? this.#stored() : undefined;
            case Kind.WAKE:
                return a === this.life && b === this.#wake ? this.feed({ type: "wake" }) : undefined;
            case Kind.ACTION:
                return this.caller.act(a, b === 1);
            case Kind.REACHABLE:
                return this.transport.notice(a, true, b === 1);
            case Kind.UNREACHABLE:
                return this.transport.notice(a, false, b === 1);
            case Kind.RESTART:
                return this.manager === null ? this.#open() : undefined;
            case Kind.CALM:
                return this.#calm();
            case Kind.SETUP:
                return a === this.life && this.manager !== null ? this.caller.setUp() : undefined;
            case Kind.INCIDENT:
                return this.incidents.happen(a, b);
            case Kind.REPORT:
                return this.transport.report(a, b, payload as AttributePath);
            case Kind.RENEWED:
                return this.caller.tellRenewed(a);
            case Kind.FAIL_SAFE_OVER:
                this.sites[a]!.device.setTime(this.nowMs);
                return this.checkers.deviceChanged(a);
        }
    }

    /** A process opens the store and begins. */
    #open(): void {
        this.life++;
        this.#lifeStartMs = this.nowMs;
        this.#wake = 0;
        this.#entropy.reset(this.script.seed, 0x1000 + this.life);
        const opened = Manager.open(this.managerOptions(), this.store.image(), { monoMs: 0, wallMs: this.wallMs });
        if (!opened.ok) {
            this.violate("S6", `the store cannot be opened again: ${opened.error.code} ${opened.error.message}`);
            return;
        }
        this.manager = opened.value;
        this.observer.attach(opened.value);
        if (this.life > 1) {
            this.checkers.restarted();
        }
        this.feed({ type: "start" });
        this.transport.tellReachable();
        this.caller.setUp();
    }

    #crashesNow(): boolean {
        const crash = this.script.crashes[this.#nextCrash];
        return crash !== undefined && !this.isCalm && this.inputs >= crash.beforeInput;
    }

    #crash(): void {
        const crash = this.script.crashes[this.#nextCrash++]!;
        this.marks.hit("crash");
        this.recorder?.note(this.nowMs, `the controller dies (life ${this.life})`);
        const batch = this.store.inFlight;
        this.checkers.crashed();
        const isKept = this.store.crash(this.nowMs);
        if (batch !== null) {
            this.marks.hit(isKept ? "crashKeptBatch" : "crashLostBatch");
            this.checkers.batchDecided(batch, isKept);
        }
        const downMs = crash.backupMs === 0 ? crash.downMs : this.#putBackupBack(crash.backupMs, crash.downMs);
        this.manager = null;
        this.life++;
        this.heap.push(this.nowMs + 1 + downMs, Kind.RESTART, 0, 0);
    }

    /** The next process finds what the store held some time ago. @returns how long that takes */
    #putBackupBack(backupMs: number, downMs: number): number {
        this.marks.hit("backup");
        this.recorder?.note(this.nowMs, `the store is put back to what it held ${backupMs} ms ago`);
        const restoreMs = Math.max(downMs, BACKUP_DOWN_MS);
        this.#restoredAtMs = this.nowMs + restoreMs + 1;
        const known = knownIdentities(this);
        this.manager = null;
        this.store.restoreTo(this.nowMs - backupMs);
        this.leftovers.forget(known, knownIdentities(this));
        this.checkers.backupRestored();
        this.caller.backupRestored();
        return restoreMs;
    }

    #calm(): void {
        if (this.nowMs < this.#restoredAtMs) {
            this.heap.push(this.#restoredAtMs, Kind.CALM, 0, 0);
            return;
        }
        this.isCalm = true;
        this.calmAtMs = this.nowMs;
        this.recorder?.note(this.nowMs, "calm begins");
        this.network.calm(this.nowMs);
        this.store.calm();
        this.transport.reports.calm();
        for (let node = 0; node < this.script.nodes.length; node++) {
            this.sites[node]!.calm();
        }
        if (this.manager === null) {
            this.#open();
            this.checkers.calmBegan();
        } else {
            this.checkers.calmBegan();
            this.transport.tellReachable();
        }
        this.incidents.calm();
        this.caller.setUp();
    }

    #perform(effect: Effect): void {
        switch (effect.type) {
            case "request":
                return this.transport.send(effect);
            case "store":
                this.checkers.batchSent(effect.batch);
                this.heap.push(this.store.begin(effect.batch, this.nowMs), Kind.STORED, this.life, 0);
                return;
            case "wake":
                this.#wake++;
                if (effect.atMonoMs !== null) {
                    const atMs = Math.max(this.nowMs, this.#lifeStartMs + Math.ceil(effect.atMonoMs));
                    this.heap.push(atMs + this.#wakeDelayMs(), Kind.WAKE, this.life, this.#wake);
                }
                return;
            case "event":
                this.checkers.event(effect.event);
                return;
            case "reply":
                this.caller.replied(effect.command, effect.result);
                return;
        }
    }

    #wakeDelayMs(): number {
        const { wakeDelayMaxMs } = this.script.faults;
        return wakeDelayMaxMs === 0 || this.isCalm ? 0 : this.#wakeRandom.below(wakeDelayMaxMs + 1);
    }

    #stored(): void {
        if (this.#crashesNow()) {
            this.#crash();
            return;
        }
        const batch: StoreBatch = this.store.inFlight!;
        const durable = this.store.finish(this.nowMs);
        if (!durable) {
            this.marks.hit("storeRefused");
        }
        this.checkers.batchDecided(batch, durable);
        this.feed({ type: "stored", batch: batch.id, durable });
    }

    /** Repeat the setup a little later; for {@link Caller}. */
    setUpLater(afterMs = 1_000): void {
        this.heap.push(this.nowMs + afterMs, Kind.SETUP, this.life, 0);
    }

    /** An action comes while no process runs, or its second command is due: the caller waits; for {@link Caller}. */
    actLater(action: number, isGoingOn: boolean): void {
        this.heap.push(this.nowMs + 1_000, Kind.ACTION, action, isGoingOn ? 1 : 0);
    }

    /** The caller is slow to tell of a node; for {@link Caller}. */
    renewedLater(node: number, lateMs: number): void {
        this.heap.push(this.nowMs + lateMs, Kind.RENEWED, node, 0);
    }

    /** A command of the caller; for {@link Caller}. */
    submit(id: number, command: Command): void {
        this.checkers.commandSent(id, command);
        this.feed({ type: "command", id, command });
    }

    /** For {@link Caller}. */
    replied(id: number, command: Command, result: CommandResult): void {
        this.checkers.replied(id, command, result);
    }
}
