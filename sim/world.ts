import type { Command, CommandResult } from "../src/core/command.js";
import type { DeviceAnswer } from "../src/core/device.js";
import type { Effect, RequestEffect } from "../src/core/effect.js";
import { nodeId, type NodeId } from "../src/core/ids.js";
import type { InputBody } from "../src/core/input.js";
import { isInteraction, isQuery } from "../src/core/pass.js";
import type { StoreBatch } from "../src/core/store.js";
import { Manager, type ManagerOptions } from "../src/tasks/manager.js";
import { Caller } from "./caller.js";
import type { CheckerSet } from "./checker-set.js";
import { compositionOf } from "./compositions.js";
import { successAnswer } from "./devices/answers.js";
import { MANAGER_NODE_ID } from "./devices/composition.js";
import { MANAGER_FABRIC, SimNode } from "./devices/sim-node.js";
import { EventHeap } from "./event-heap.js";
import { fingerprint } from "./fingerprint.js";
import { ISSUER_LATENCY_MS, IssuerModel } from "./issuer-model.js";
import { Marks } from "./marks.js";
import { Network, NEVER, Outcome } from "./network.js";
import { Observer } from "./observer.js";
import { Random } from "./random.js";
import type { Script } from "./script.js";
import { stamped } from "./stamped-input.js";
import { StoreModel } from "./store-model.js";
import { hashEffect, hashInput } from "./trace-events.js";
import { TraceHash } from "./trace-hash.js";
import type { TraceRecorder } from "./trace-recorder.js";

/** What can be on the agenda. */
const Kind = {
    /** A node carries a request out; b: 1 if its answer counts. */
    EFFECT: 1,
    /** The sender learns a request's outcome; a: life. */
    OUTCOME: 2,
    /** The store has decided; a: life. */
    STORED: 3,
    /** a: life, b: which wake. */
    WAKE: 4,
    /** a: index of the action. */
    ACTION: 5,
    REACHABLE: 6,
    UNREACHABLE: 7,
    RESTART: 8,
    CALM: 9,
    /** The caller repeats its setup; a: life. */
    SETUP: 10,
} as const;

/** A request on its way. */
interface Flight {
    readonly effect: RequestEffect;
    readonly node: number;
    outcome: number;
    answer: DeviceAnswer | null;
}

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

/** 2026-01-01T00:00:00Z. */
const WALL_EPOCH_MS = 1_767_225_600_000;
/** DESIGN L1: within this time of calm everything has settled. */
export const CALM_LIMIT_MS = 45 * 60_000;
const NOT_SENT: DeviceAnswer = { kind: "notSent", reason: "no session" };
const UNKNOWN: DeviceAnswer = { kind: "unknown", reason: "no answer" };
const ADMINISTRATOR = { nodeId: nodeId(MANAGER_NODE_ID), caseAuthenticatedTags: [] };
const FABRIC = { rootPublicKey: "04".repeat(65), fabricId: 1n };
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
    readonly nodes: SimNode[] = [];
    readonly nodeIds: NodeId[] = [];
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
    #nextCrash = 0;
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
        return WALL_EPOCH_MS + this.nowMs;
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
        this.heap.clear();
        this.issuer.reset();
        this.store.reset(script.faults, script.seed);
        this.network.reset(
            script.faults,
            script.nodes.map(node => node.outages),
            script.seed,
        );
        this.#devicesRandom.reset(script.seed, 0xd0);
        script.nodes.forEach((node, index) => {
            const composition = compositionOf(node.maxGroups, node.maxKeys);
            const device = this.nodes[index];
            if (device === undefined) {
                this.nodes[index] = new SimNode(composition, this.#devicesRandom);
                this.nodeIds[index] = nodeId(BigInt(index + 1));
            } else {
                device.reset(composition, this.#devicesRandom);
            }
        });
        this.caller.begin(script);
        this.checkers.begin(this);
    }

    #start(): void {
        const { script, heap } = this;
        this.network.announce(heap, Kind.REACHABLE, Kind.UNREACHABLE);
        for (let i = 0; i < script.actions.length; i++) {
            heap.push(script.actions[i]!.atMs, Kind.ACTION, i, 0);
        }
        heap.push(script.chaosMs, Kind.CALM, 0, 0);
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
                return this.#carryOut(payload as Flight, b === 1);
            case Kind.OUTCOME:
                return a === this.life ? this.#outcome(payload as Flight) : undefined;
            case Kind.STORED:
                return a === this.life ? this.#stored() : undefined;
            case Kind.WAKE:
                return a === this.life && b === this.#wake ? this.feed({ type: "wake" }) : undefined;
            case Kind.ACTION:
                return this.caller.act(a);
            case Kind.REACHABLE:
                return this.#notice(a, true, b === 1);
            case Kind.UNREACHABLE:
                return this.#notice(a, false, b === 1);
            case Kind.RESTART:
                return this.manager === null ? this.#open() : undefined;
            case Kind.CALM:
                return this.#calm();
            case Kind.SETUP:
                return a === this.life && this.manager !== null ? this.caller.setUp() : undefined;
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
        this.#tellReachable();
        this.caller.setUp();
    }

    /** A new process learns from its transport what is reachable. */
    #tellReachable(): void {
        for (let node = 0; node < this.script.nodes.length && this.manager !== null; node++) {
            if (!this.isLost(node) && this.network.seemsUp(node)) {
                this.feed({ type: "reachable", node: this.nodeIds[node]! });
            }
        }
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
        const isKept = this.store.crash();
        if (batch !== null) {
            this.marks.hit(isKept ? "crashKeptBatch" : "crashLostBatch");
            this.checkers.batchDecided(batch, isKept);
        }
        this.manager = null;
        this.life++;
        this.heap.push(this.nowMs + 1 + crash.downMs, Kind.RESTART, 0, 0);
    }

    #calm(): void {
        this.isCalm = true;
        this.calmAtMs = this.nowMs;
        this.recorder?.note(this.nowMs, "calm begins");
        this.network.calm(this.nowMs);
        this.store.calm();
        if (this.manager === null) {
            this.#open();
            this.checkers.calmBegan();
            return;
        }
        this.checkers.calmBegan();
        this.#tellReachable();
        this.caller.setUp();
    }

    #notice(node: number, isUp: boolean, isTold: boolean): void {
        if (this.network.notice(node, isUp, this.nowMs) && isTold && this.manager !== null) {
            this.marks.hit(isUp ? "reachable" : "unreachable");
            this.feed({ type: isUp ? "reachable" : "unreachable", node: this.nodeIds[node]! });
        }
    }

    #perform(effect: Effect): void {
        switch (effect.type) {
            case "request":
                return this.#send(effect);
            case "store":
                this.checkers.batchSent(effect.batch);
                this.heap.push(this.store.begin(effect.batch, this.nowMs), Kind.STORED, this.life, 0);
                return;
            case "wake":
                this.#wake++;
                if (effect.atMonoMs !== null) {
                    this.heap.push(Math.max(this.nowMs, this.#lifeStartMs + Math.ceil(effect.atMonoMs)), Kind.WAKE, this.life, this.#wake);
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

    #send(effect: RequestEffect): void {
        const node = this.indexOf(effect.node);
        this.deviceRequests++;
        this.checkers.requestSent(effect, node);
        const flight: Flight = { effect, node, outcome: Outcome.NOT_SENT, answer: null };
        const { request } = effect;
        if (request.op === "nonce" || request.op === "issue") {
            flight.outcome = Outcome.ANSWERED;
            flight.answer = this.issuer.answer(this.nodes[node]!.identity(MANAGER_FABRIC).certificate.nodeId, request);
            this.heap.push(this.nowMs + ISSUER_LATENCY_MS, Kind.OUTCOME, this.life, 0, flight);
            return;
        }
        if (this.isLost(node)) {
            this.heap.push(this.nowMs + 1, Kind.OUTCOME, this.life, 0, flight);
            return;
        }
        const fate = this.network.decide(node, this.nowMs, effect.deadlineMs);
        flight.outcome = fate.outcome;
        if (fate.effectAtMs !== NEVER) {
            this.heap.push(fate.effectAtMs, Kind.EFFECT, node, 1, flight);
            if (fate.effectAtMs > fate.outcomeAtMs) {
                this.marks.hit("lateEffect");
            }
        }
        if (fate.repeatedAtMs !== NEVER) {
            this.marks.hit("duplicateEffect");
            this.heap.push(fate.repeatedAtMs, Kind.EFFECT, node, 0, flight);
        }
        this.heap.push(fate.outcomeAtMs, Kind.OUTCOME, this.life, 0, flight);
        if (fate.outcome !== Outcome.ANSWERED) {
            this.marks.hit(fate.outcome === Outcome.NOT_SENT ? "notSent" : "unknown");
        }
    }

    #carryOut(flight: Flight, counts: boolean): void {
        this.events++;
        const device = this.nodes[flight.node]!;
        const { request } = flight.effect;
        this.checkers.requestArrives(flight.effect, flight.node);
        // What is left besides interactions is a new session, which changes nothing in a device model.
        const answer = isInteraction(request) ? device.handle(request) : successAnswer;
        if (counts) {
            flight.answer = answer;
        }
        this.recorder?.carriedOut(this.nowMs, flight.effect, answer, counts);
        if (!isQuery(request)) {
            this.checkers.requestCarriedOut(flight.effect, flight.node);
            this.checkers.deviceChanged(flight.node);
        }
    }

    #outcome(flight: Flight): void {
        const answer = flight.outcome === Outcome.ANSWERED ? flight.answer! : flight.outcome === Outcome.UNKNOWN ? UNKNOWN : NOT_SENT;
        this.checkers.requestOver(flight.effect, flight.node, answer);
        this.feed({ type: "answer", request: flight.effect.id, answer });
    }

    #stored(): void {
        if (this.#crashesNow()) {
            this.#crash();
            return;
        }
        const batch: StoreBatch = this.store.inFlight!;
        const durable = this.store.finish();
        if (!durable) {
            this.marks.hit("storeRefused");
        }
        this.checkers.batchDecided(batch, durable);
        this.feed({ type: "stored", batch: batch.id, durable });
    }

    /** Repeat the setup a little later; for {@link Caller}. */
    setUpLater(): void {
        this.heap.push(this.nowMs + 1_000, Kind.SETUP, this.life, 0);
    }

    /** An action comes while no process runs: the caller waits for one; for {@link Caller}. */
    actLater(action: number): void {
        this.heap.push(this.nowMs + 1_000, Kind.ACTION, action, 0);
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
