import { GeneralCommissioning } from "../src/core/clusters.js";
import type { AttributePath, DeviceAnswer } from "../src/core/device.js";
import type { LaneRequest, RequestEffect } from "../src/core/effect.js";
import type { InputBody } from "../src/core/input.js";
import { isInteraction, isQuery } from "../src/core/pass.js";
import { Kind } from "./agenda.js";
import { successAnswer } from "./devices/answers.js";
import { MANAGER_FABRIC } from "./devices/sim-node.js";
import { ISSUER_LATENCY_MS } from "./issuer-model.js";
import { NEVER, Outcome } from "./network.js";
import { drawDeed } from "./other-deeds.js";
import { Reports } from "./reports.js";
import type { World } from "./world.js";

/** A request on its way. */
export interface Flight {
    readonly effect: RequestEffect;
    readonly node: number;
    /** The node's session that it belongs to. */
    readonly session: number;
    outcome: number;
    /** Null until the node carried it out. */
    answer: DeviceAnswer | null;
}

const NOT_SENT: DeviceAnswer = { kind: "notSent", reason: "no session" };
const UNKNOWN: DeviceAnswer = { kind: "unknown", reason: "no answer" };

/** What lies between the machine and the nodes: carries requests there, answers and reports back, and tells what it notices. */
export class Transport {
    readonly reports = new Reports();

    constructor(private readonly world: World) {}

    begin(): void {
        const { script, sites } = this.world;
        this.reports.begin(script.faults, script.nodes.length, script.seed);
        for (let node = 0; node < script.nodes.length; node++) {
            const listens = this.reports.isOn ? (endpoint: number, cluster: number, attribute: number) => this.#changed(node, endpoint, cluster, attribute) : undefined;
            sites[node]!.device.setChangeListener(listens);
        }
    }

    send(effect: RequestEffect): void {
        const { world } = this;
        const { heap, nowMs } = world;
        const node = world.indexOf(effect.node);
        world.deviceRequests++;
        world.checkers.requestSent(effect, node);
        const flight: Flight = { effect, node, session: world.sites[node]!.session, outcome: Outcome.NOT_SENT, answer: null };
        const { request } = effect;
        if (request.op === "nonce" || request.op === "issue") {
            flight.outcome = Outcome.ANSWERED;
            flight.answer = world.issuer.answer(world.nodes[node]!.identity(MANAGER_FABRIC).certificate.nodeId, request);
            heap.push(nowMs + ISSUER_LATENCY_MS, Kind.OUTCOME, world.life, 0, flight);
            return;
        }
        if (world.isLost(node)) {
            heap.push(nowMs + 1, Kind.OUTCOME, world.life, 0, flight);
            return;
        }
        const fate = world.network.decide(node, nowMs, effect.deadlineMs);
        flight.outcome = fate.outcome;
        if (fate.effectAtMs !== NEVER) {
            heap.push(fate.effectAtMs, Kind.EFFECT, node, 1, flight);
            if (fate.effectAtMs > fate.outcomeAtMs) {
                world.marks.hit("lateEffect");
            }
        }
        if (fate.repeatedAtMs !== NEVER) {
            world.marks.hit("duplicateEffect");
            heap.push(fate.repeatedAtMs, Kind.EFFECT, node, 0, flight);
        }
        heap.push(fate.outcomeAtMs, Kind.OUTCOME, world.life, 0, flight);
        if (fate.outcome !== Outcome.ANSWERED) {
            world.marks.hit(fate.outcome === Outcome.NOT_SENT ? "notSent" : "unknown");
        }
    }

    carryOut(flight: Flight, counts: boolean): void {
        const { world } = this;
        const site = world.sites[flight.node]!;
        if (flight.session !== site.session || !site.isOnFabric) {
            world.marks.hit("sessionLost");
            return;
        }
        world.events++;
        const { request } = flight.effect;
        const changes = !isQuery(request);
        if (changes && world.script.faults.otherInBetween > 0) {
            this.#otherInBetween(flight.node);
        }
        site.device.setTime(world.nowMs);
        world.checkers.requestArrives(flight.effect, flight.node);
        // What is left besides interactions is a new session, which changes nothing in a device model.
        const answer = isInteraction(request) ? site.device.handle(request) : successAnswer;
        if (counts) {
            flight.answer = answer;
        }
        world.recorder?.carriedOut(world.nowMs, flight.effect, answer, counts);
        if (answer.kind === "unknown") {
            world.marks.hit("brokenList");
        }
        if (changes) {
            this.failSafeArmed(flight.node, request);
            world.checkers.requestCarriedOut(flight.effect, flight.node, answer);
            world.checkers.deviceChanged(flight.node);
            world.leftovers.prune(flight.node, site.device);
        }
    }

    /** Whatever was armed ends by itself, if nobody does anything about it. */
    failSafeArmed(node: number, request: LaneRequest): void {
        if (request.op === "invoke" && request.cluster === GeneralCommissioning.id && request.command === GeneralCommissioning.commands.armFailSafe) {
            const seconds = request.fields["expiryLengthSeconds"] as number;
            this.world.heap.push(this.world.nowMs + 1_000 * seconds, Kind.FAIL_SAFE_OVER, node, 0);
        }
    }

    outcome(flight: Flight): void {
        const { world } = this;
        const given = flight.outcome === Outcome.ANSWERED ? flight.answer : null;
        const answer = given ?? (flight.outcome === Outcome.NOT_SENT ? NOT_SENT : UNKNOWN);
        world.checkers.requestOver(flight.effect, flight.node, answer);
        world.feed({ type: "answer", request: flight.effect.id, answer });
    }

    /** The transport notices an edge of an outage, or of a flap. */
    notice(node: number, isUp: boolean, isTold: boolean): void {
        const { world } = this;
        if (world.network.notice(node, isUp, world.nowMs) && isTold && world.manager !== null && world.sites[node]!.isOnFabric) {
            world.marks.hit(isUp ? "reachable" : "unreachable");
            this.#feed(node, { type: isUp ? "reachable" : "unreachable", node: world.nodeIds[node]! });
        }
    }

    /** A new process learns what is reachable; so does one when calm begins. */
    tellReachable(): void {
        const { world } = this;
        for (let node = 0; node < world.script.nodes.length && world.manager !== null; node++) {
            if (!world.isLost(node) && world.sites[node]!.isOnFabric && world.network.seemsUp(node)) {
                this.#feed(node, { type: "reachable", node: world.nodeIds[node]! });
            }
        }
    }

    /** A node was commissioned: it can be talked to, and mostly the transport says so. */
    connected(node: number): void {
        const { world } = this;
        const isMissing = world.sites[node]!.random.chance(world.script.faults.eventMissing);
        if (world.isCalm || !isMissing) {
            this.tell(node, "reachable");
        }
    }

    /** The transport notices something about the node, if it has a connection to it. */
    tell(node: number, type: "reachable" | "softwareChanged" | "structureChanged"): void {
        const { world } = this;
        if (world.manager !== null && !world.isLost(node) && world.sites[node]!.isOnFabric && world.network.isUp(node, world.nowMs)) {
            world.marks.hit(type);
            this.#feed(node, { type, node: world.nodeIds[node]! });
        }
    }

    report(node: number, life: number, path: AttributePath): void {
        const { world } = this;
        if (life !== world.life || world.manager === null || world.isLost(node) || !world.sites[node]!.isOnFabric || !world.network.isUp(node, world.nowMs)) {
            return;
        }
        world.marks.hit("report");
        this.#feed(node, { type: "report", node: world.nodeIds[node]!, path });
    }

    #feed(node: number, input: InputBody): void {
        this.world.checkers.told(node, input);
        this.world.feed(input);
    }

    #changed(node: number, endpoint: number, cluster: number, attribute: number): void {
        const { world, reports } = this;
        if (world.manager === null || !world.sites[node]!.isOnFabric) {
            return; // nobody subscribes
        }
        const fate = reports.decide(node, world.nowMs);
        const path = reports.path(endpoint, cluster, attribute);
        if (fate.atMs >= 0) {
            world.heap.push(fate.atMs, Kind.REPORT, node, world.life, path);
        } else {
            world.marks.hit("reportLost");
        }
        if (fate.againAtMs >= 0) {
            world.marks.hit("staleReport");
            world.heap.push(fate.againAtMs, Kind.REPORT, node, world.life, path);
        }
    }

    #otherInBetween(node: number): void {
        const { world } = this;
        const { random } = world.sites[node]!;
        const isHit = random.chance(world.script.faults.otherInBetween);
        const deed = drawDeed(random, node);
        if (isHit && !world.isCalm) {
            world.marks.hit("otherInBetween");
            world.recorder?.incident(world.nowMs, world.nodeIds[node]!, deed);
            world.incidents.deed(deed);
        }
    }
}

