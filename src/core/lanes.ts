import type { Context } from "./context.js";
import type { DeviceAnswer } from "./device.js";
import type { LaneRequest } from "./effect.js";
import { refuse } from "./error.js";
import { nodeText } from "./identity.js";
import type { Items } from "./items.js";
import type { KindAnswer, LocalStep, OperationResult, VerifyResult } from "./kind.js";
import type { KeySets } from "./key-sets.js";
import { Limits } from "./limits.js";
import { isLocal, LocalSteps } from "./local-steps.js";
import { nextLookMs } from "./next-look.js";
import { lockNode, unlockNode } from "./node-lock.js";
import type { NodeState } from "./node-state.js";
import { abandon, faulty, isResult, misbehaved, stop } from "./operation-check.js";
import { Outcomes } from "./outcomes.js";
import { isQuery, isIdleRewrite, isSuperseded, Pass, type Running } from "./pass.js";
import { PassStages } from "./pass-stages.js";
import { PassRequest } from "./pass-request.js";

/** One lane per node: runs passes, one at a time, one request at a time. Lanes know nothing of each other. */
export class Lanes {
    readonly outcomes: Outcomes;
    readonly #stages: PassStages;
    readonly #local: LocalSteps;
    readonly #outstanding = new Map<number, NodeState>();
    /** Nodes to look at when the step is over. */
    #queue: NodeState[] = [];
    /** Nodes whose next write waits for the store. */
    #held = new Set<NodeState>();

    constructor(
        private readonly context: Context,
        items: Items,
        keySets: KeySets,
    ) {
        this.outcomes = new Outcomes(context, items);
        this.#stages = new PassStages(context, keySets, this.outcomes);
        this.#local = new LocalSteps(context, items);
    }

    /** Requests under way. */
    get outstanding(): number {
        return this.#outstanding.size;
    }

    /** Ask for a pass; what kind of pass is set on `node.next`. */
    want(node: NodeState): void {
        node.next.wanted = true;
        this.#enqueue(node);
    }

    /** Times of the node changed: look at it again, asking for nothing. */
    requeue(node: NodeState): void {
        this.#enqueue(node);
    }

    /** Begin what can be begun. Returns whether anything was done. */
    pump(): boolean {
        if (this.#queue.length === 0) {
            return false;
        }
        const queue = this.#queue;
        this.#queue = [];
        for (const node of queue) {
            node.queued = false;
            this.#pump(node);
        }
        return true;
    }

    answer(requestId: number, answer: DeviceAnswer): void {
        const node = this.#outstanding.get(requestId);
        if (node === undefined) {
            return; // given up by the watchdog, or answered before
        }
        this.#outstanding.delete(requestId);
        const pass = node.pass!;
        const request = pass.sent!;
        pass.requestId = 0;
        pass.sent = null;
        if (answer.kind === "notSent" || answer.kind === "unknown") {
            this.#unanswered(node, pass, request, answer.kind);
            return;
        }
        node.reachable = true;
        node.backoffStep = 0;
        node.retryAtMs = 0;
        if (isQuery(request)) {
            if (pass.stage !== "act") {
                pass.remember(request, requestId, answer);
            }
        } else {
            pass.forget();
        }
        if (this.#feed(node, pass, answer, requestId)) {
            this.#advance(node, pass);
        }
    }

    /** The node's time has come: a watchdog, or something that can be tried again. */
    due(node: NodeState): void {
        const { monoMs, timing } = this.context;
        const pass = node.pass;
        if (pass !== null) {
            if (pass.requestId !== 0 && monoMs - pass.sentAtMs >= timing.watchdogMs) {
                const request = pass.sent!;
                this.#outstanding.delete(pass.requestId);
                this.#unanswered(node, pass, request, "unknown");
            } else {
                this.#reschedule(node);
            }
            return;
        }
        for (const item of node.reread) {
            if (item.rereadAtMs <= monoMs) {
                node.reread.delete(item);
                item.rereadAtMs = Infinity;
                node.next.addVerify(item);
                node.next.addRewrite(item);
            }
        }
        if (node.maintainAtMs <= monoMs) {
            node.maintainAtMs = Infinity;
            for (const item of node.unwatched) {
                node.next.addVerify(item);
            }
        }
        this.want(node);
    }

    /** A batch landed or was refused: writes that waited for it can go, or are void. */
    storeSettled(): void {
        if (this.#held.size === 0) {
            return;
        }
        const held = this.#held;
        this.#held = new Set();
        for (const node of held) {
            if (node.pass !== null) {
                this.#advance(node, node.pass);
            }
        }
    }

    /** The node is gone: nothing of its lane remains. */
    drop(node: NodeState): void {
        const pass = node.pass;
        if (pass !== null) {
            this.#outstanding.delete(pass.requestId);
            if (pass.sent !== null && !isQuery(pass.sent)) {
                // The removal may be taken back, and then the request is one that nobody answered.
                this.outcomes.unanswered(pass.running!.item!, pass.running!.generation);
            }
            stop(pass.running);
            node.next.commands.push(...pass.request.commands);
            node.pass = null;
        }
        this.#replyOutOfReach(node, node.next.commands);
        node.next = new PassRequest();
        this.#held.delete(node);
        node.lock = null;
        this.context.timers.set(node, Infinity);
    }

    #enqueue(node: NodeState): void {
        if (!node.queued) {
            node.queued = true;
            this.#queue.push(node);
        }
    }

    #pump(node: NodeState): void {
        if (node.record === null || node.durable === null || node.pass !== null) {
            return; // a node that is not durable yet may be taken back: its lane begins when it is
        }
        if (!node.next.wanted) {
            return this.#reschedule(node);
        }
        const { monoMs, timers } = this.context;
        if (monoMs < node.retryAtMs && !node.next.isExplicit) {
            if (node.owed.size > 0 || node.unwatched.size > 0 || node.next.isAwaited) {
                timers.set(node, Math.min(node.dueMs, node.retryAtMs));
            }
            return;
        }
        const pass = new Pass(node.next);
        node.next = new PassRequest();
        node.pass = pass;
        this.#stages.begin(node, pass);
        this.#advance(node, pass);
    }

    /** Go on until something is awaited, or the pass is over. */
    #advance(node: NodeState, pass: Pass): void {
        while (node.pass === pass && pass.requestId === 0) {
            const running = pass.running ?? this.#stages.next(node, pass);
            if (running === null) {
                this.#finish(node, pass);
                return;
            }
            if (!this.#proceed(node, pass, running)) {
                return;
            }
        }
    }

    /** One step of the operation under way. False: it waits. */
    #proceed(node: NodeState, pass: Pass, running: Running): boolean {
        if (isSuperseded(running) || isIdleRewrite(running, pass.request)) {
            return abandon(pass);
        }
        const held = running.held;
        if (held === null) {
            return this.#feed(node, pass, undefined, NO_REQUEST);
        }
        const item = running.item!;
        if (isLocal(held)) {
            const claimed = this.#local.answer(item, held);
            if (claimed === null) {
                this.#held.add(node);
                return false;
            }
            running.held = null;
            return this.#feed(node, pass, claimed, NO_REQUEST);
        }
        if (!item.isDurable) {
            this.#held.add(node);
            return false;
        }
        running.held = null;
        this.#send(node, pass, running, held);
        return false;
    }

    /**
     * Give the operation its answer and take its next request, from the cache where the pass has read it already. True: the
     * operation is over; false: it waits.
     */
    #feed(node: NodeState, pass: Pass, answer: KindAnswer | undefined, sequence: number): boolean {
        const running = pass.running!;
        let given = answer;
        let at = sequence;
        for (;;) {
            if (given !== undefined) {
                running.answers.push(given);
                if (at !== NO_REQUEST) {
                    running.firstSequence = running.firstSequence === NO_REQUEST ? at : Math.min(running.firstSequence, at);
                }
            }
            if (isIdleRewrite(running, pass.request)) {
                return abandon(pass);
            }
            if (isSuperseded(running)) {
                stop(running);
                pass.running = null;
                if (running.hasWritten) {
                    this.#lookAnew(node, pass);
                }
                return true;
            }
            const step = this.#step(running, given);
            if (step.done) {
                pass.running = null;
                this.#settle(node, pass, running, step.value);
                return true;
            }
            const next = this.#take(node, pass, running, step.value);
            if (next === null) {
                return false;
            }
            given = next.answer;
            at = next.sequence;
        }
    }

    /** The answer to what the operation asks, from what is known here; null: it is on its way, or held. */
    #take(node: NodeState, pass: Pass, running: Running, asked: LaneRequest | LocalStep): { answer: KindAnswer; sequence: number } | null {
        if (isLocal(asked)) {
            const answer = this.#local.answer(running.item!, asked);
            if (answer === null) {
                running.held = asked;
                this.#held.add(node);
                return null;
            }
            return { answer, sequence: NO_REQUEST };
        }
        const cached = pass.stage !== "act" && isQuery(asked) ? pass.cached(asked) : undefined;
        if (cached === undefined) {
            this.#issue(node, pass, running, asked);
            return null;
        }
        return cached;
    }

    /** A kind is code of somebody's: a throw or an endless loop of requests is a failure of its item, not of the machine. */
    #step(running: Running, answer: KindAnswer | undefined): IteratorResult<LaneRequest | LocalStep, unknown> {
        try {
            const step = running.generator.next(answer as KindAnswer);
            if (step.done) {
                return isResult(running.purpose, step.value) ? step : { done: true, value: faulty(running, "what it returned is no result") };
            }
            if (running.item === null && (isLocal(step.value) || !isQuery(step.value))) {
                return misbehaved(running, "only an item's operation has siblings, claims and writes");
            }
            const limit = running.purpose === "observe" ? Limits.stepsPerObservation : Limits.stepsPerOperation;
            return running.steps++ < limit ? step : misbehaved(running, `more than ${limit} requests in one operation`);
        } catch (error) {
            return { done: true, value: faulty(running, error instanceof Error ? error.message : String(error)) };
        }
    }

    #issue(node: NodeState, pass: Pass, running: Running, request: LaneRequest): void {
        if (!isQuery(request) && !running.item!.isDurable) {
            running.held = request;
            this.#held.add(node);
            return;
        }
        this.#send(node, pass, running, request);
    }

    #send(node: NodeState, pass: Pass, running: Running, request: LaneRequest): void {
        const { context } = this;
        const id = context.nextRequest();
        pass.requestId = id;
        pass.sent = request;
        pass.sentAtMs = context.monoMs;
        this.#outstanding.set(id, node);
        context.timers.set(node, context.monoMs + context.timing.watchdogMs);
        const { item, purpose } = running;
        if (item !== null && !isQuery(request)) {
            running.hasWritten = true;
            lockNode(item, context.monoMs);
        }
        context.effects.push({
            type: "request",
            id,
            node: node.nodeId,
            request,
            deadlineMs: context.deadlineMs(item),
            cause:
                item === null || purpose === "capacity" || purpose === "observe" ? null : { item: item.id, generation: running.generation, operation: purpose },
        });
    }

    #settle(node: NodeState, pass: Pass, running: Running, value: unknown): void {
        if (running.purpose === "observe") {
            pass.request.observe = false;
            this.context.observer!.observed(node, value as object | null);
        } else if (running.purpose === "capacity") {
            const table = running.table!;
            const observation = value as { limit: number; rows: number[] } | null;
            if (observation !== null && node.capacity.of(table).observe(observation)) {
                this.outcomes.roomMade(node, table);
            }
        } else if (running.purpose === "verify") {
            this.outcomes.verified(pass, running, value as VerifyResult);
        } else {
            const result = value as OperationResult;
            if (result.done || result.unfinished !== true) {
                unlockNode(running.item!);
            }
            this.outcomes.acted(pass, running, result);
        }
    }

    /** No answer: the pass is over, everything stays owed. */
    #unanswered(node: NodeState, pass: Pass, request: LaneRequest, kind: "notSent" | "unknown"): void {
        const { context } = this;
        const running = pass.running!;
        if (kind === "unknown" && !isQuery(request)) {
            this.outcomes.unanswered(running.item!, running.generation);
        }
        stop(running);
        node.pass = null;
        const { request: wanted } = pass;
        if (pass.stage !== "act") {
            const next = node.next;
            next.merge(wanted);
            next.commands.splice(next.commands.length - wanted.commands.length);
        }
        node.next.addRewrites(pass.toRewrite);
        if (running.purpose === "apply" && running.item!.drifted) {
            node.next.addRewrite(running.item!);
        }
        node.next.wanted = true;
        const { laneBackoffMinMs, laneBackoffMaxMs } = context.timing;
        node.retryAtMs = context.monoMs + context.backoff(laneBackoffMinMs, laneBackoffMaxMs, node.backoffStep);
        node.backoffStep++;
        this.#replyOutOfReach(node, wanted.commands);
        if (node.next.isExplicit) {
            this.#enqueue(node);
        }
        this.#reschedule(node);
    }

    /** Something was written that nobody counts any more: the tables are read before anything else is. */
    #lookAnew(node: NodeState, pass: Pass): void {
        pass.queue = [];
        node.next.addRewrites(pass.toRewrite);
        node.next.capacity = true;
    }

    #finish(node: NodeState, pass: Pass): void {
        const { context } = this;
        node.pass = null;
        const { applied, removed, verified, drifted, failed, request } = pass;
        const unread = pass.unread ?? [];
        for (const command of request.commands) {
            const report = { applied, removed, verified, drifted, failed, unread };
            context.reply(command, { ok: true, value: { type: "pass", report } }, false);
        }
        if ((pass.progressed && pass.waited) || node.next.capacity) {
            node.next.wanted = true;
        }
        if (node.next.wanted) {
            this.#enqueue(node);
        }
        if (node.unwatched.size > 0 && node.maintainAtMs === Infinity) {
            node.maintainAtMs = context.monoMs + context.timing.maintainMs;
        }
        this.#reschedule(node);
    }

    #replyOutOfReach(node: NodeState, commands: readonly number[]): void {
        for (const command of commands) {
            this.context.reply(
                command,
                refuse("OUT_OF_REACH", `node ${nodeText(node.nodeId)} did not answer; what is owed there is done as soon as it can be reached`),
                false,
            );
        }
    }

    /** When to look at the node again without being asked. Costs a look at everything owed, so once per pass. */
    #reschedule(node: NodeState): void {
        const { monoMs, timers, timing } = this.context;
        if (node.pass !== null) {
            timers.set(node, node.pass.requestId === 0 ? Infinity : node.pass.sentAtMs + timing.watchdogMs);
            return;
        }
        timers.set(node, nextLookMs(node, monoMs));
    }
}

/** Sequence of an answer that no request was made for. */
const NO_REQUEST = 0;
