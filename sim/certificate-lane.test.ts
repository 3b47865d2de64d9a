/**
 * Goal: while a certificate waits to be confirmed, the manager writes nothing else to the node, whatever is lost, late, restarted or crashed; and in the end all is as it
 * is wanted. Method: a manager and one device model, with everything else drawn from a seed.
 */
import { describe, expect, it } from "vitest";
import { GeneralCommissioning, OperationalCredentials } from "../src/core/clusters.js";
import type { Change } from "../src/core/command.js";
import type { DeviceAnswer } from "../src/core/device.js";
import type { Effect, LaneRequest, RequestEffect } from "../src/core/effect.js";
import { nodeId } from "../src/core/ids.js";
import type { InputBody } from "../src/core/input.js";
import { isInteraction, isQuery } from "../src/core/pass.js";
import { OWN_BREADCRUMB, readBreadcrumb } from "../src/kinds/noc-requests.js";
import { Manager } from "../src/tasks/manager.js";
import { successAnswer } from "./devices/answers.js";
import { MANAGER_FABRIC } from "./devices/sim-node.js";
import { newNode } from "./devices/testing.js";
import { noFaults } from "./fault-plan.js";
import { fingerprint } from "./fingerprint.js";
import { IssuerModel } from "./issuer-model.js";
import { Random } from "./random.js";
import { StoreModel } from "./store-model.js";

const NODE = nodeId(1n);
const FABRIC = { rootPublicKey: "04".repeat(65), fabricId: 1n };
const CHAOS_MS = 600_000;
const CALM_MS = 45 * 60_000;
const CERTIFICATE_CLUSTERS: readonly number[] = [GeneralCommissioning.id, OperationalCredentials.id];
const TAG_SETS = [[0xabcd_0001], [0xabcd_0002, 0xffff_0001], []];

/** One schedule. */
class House {
    readonly node = newNode({ certificates: true, maxGroupKeysPerFabric: 4 });
    readonly issuer = new IssuerModel();
    readonly store = new StoreModel();
    readonly random: Random;
    readonly marks = new Set<string>();
    readonly violations: string[] = [];
    manager: Manager | null = null;
    /** What callers were acknowledged, by identity. */
    readonly wanted = new Map<string, object>();
    #agenda: { readonly atMs: number; readonly run: () => void }[] = [];
    #nowMs = 0;
    #life = 0;
    #lifeStartMs = 0;
    #wakes = 0;
    #commands = 0;
    readonly #open = new Map<number, () => void>();

    constructor(
        seed: number,
        readonly isEffectLate: boolean,
    ) {
        this.random = new Random(seed, 77);
        this.store.reset(noFaults, seed);
    }

    run(): void {
        this.#start();
        for (let i = 0; i < 12; i++) {
            this.#at(this.random.below(CHAOS_MS), () => this.#change());
        }
        for (let i = 0; i < 3; i++) {
            this.#at(this.random.below(CHAOS_MS), () => this.node.reboot(this.random));
            this.#at(this.random.below(CHAOS_MS), () => this.#crash());
        }
        this.#at(CHAOS_MS, () => this.#submit({ type: "reconcile", node: NODE, rewrite: "all" }));
        this.#at(CHAOS_MS + CALM_MS, () => {});
        while (this.#agenda.length > 0 && this.violations.length === 0) {
            let next = 0;
            this.#agenda.forEach(({ atMs }, index) => (next = atMs < this.#agenda[next]!.atMs ? index : next));
            const { atMs, run } = this.#agenda.splice(next, 1)[0]!;
            if (atMs > CHAOS_MS + CALM_MS) {
                return;
            }
            this.#nowMs = Math.max(this.#nowMs, atMs);
            this.node.setTime(this.#nowMs);
            run();
        }
    }

    /** A certificate that a restart would take back. */
    get isAtStake(): boolean {
        return this.node.identity(MANAGER_FABRIC) !== this.node.snapshot().fabrics[MANAGER_FABRIC]!.identity;
    }

    get isArmedByManager(): boolean {
        const answer = this.node.handle(readBreadcrumb);
        return answer.kind === "value" && answer.value === OWN_BREADCRUMB;
    }

    #at(atMs: number, run: () => void): void {
        this.#agenda.push({ atMs, run });
    }

    /** Something that dies with the present process. */
    #inLife(atMs: number, run: () => void): void {
        const life = this.#life;
        this.#at(atMs, () => (life === this.#life ? run() : undefined));
    }

    #start(): void {
        this.#life++;
        this.#lifeStartMs = this.#nowMs;
        const entropy = { below: (bound: number) => this.random.below(bound), bytes: (length: number) => this.random.bytes(length) };
        const opened = Manager.open({ fabric: FABRIC, entropy, fingerprint }, this.store.image(), { monoMs: 0, wallMs: this.#nowMs });
        if (!opened.ok) {
            throw new TypeError(opened.error.message);
        }
        this.manager = opened.value;
        this.#feed({ type: "start" });
        this.#submit({ type: "addNode", node: NODE });
        for (const [id, time] of [[0, 1], [0, 2], [1, 3], [1, 4]] as const) {
            this.#submit({ type: "putKeySet", keySetId: id, slots: [{ startTime: BigInt(time) * 1_000_000n, key: new Uint8Array(16).fill(time) }] });
        }
        this.#feed({ type: "reachable", node: NODE });
    }

    #crash(): void {
        this.store.crash();
        this.#open.clear();
        this.#start();
    }

    #change(): void {
        const change = this.#draw();
        const identity = change.op === "set" ? change.kind : change.op === "remove" ? change.kind : "";
        this.#submit({ type: "change", changes: [change] }, () => {
            if (change.op === "set") {
                this.wanted.set(identity, change.intent as object);
            } else {
                this.wanted.delete(identity);
            }
        });
    }

    #draw(): Change {
        const revision = 1 + this.random.below(2);
        const mode = "converge";
        switch (this.random.below(6)) {
            case 0:
            case 1:
                return { op: "set", node: NODE, kind: "noc", intent: { caseAuthenticatedTags: TAG_SETS[this.random.below(3)]! }, mode };
            case 2:
                return { op: "remove", node: NODE, kind: "noc", key: [0] };
            case 3:
                return { op: "set", node: NODE, kind: "ipk", intent: { revision }, mode };
            case 4:
                return { op: "set", node: NODE, kind: "groupKey", intent: { keySetId: 1, revision }, mode };
            default:
                return { op: "set", node: NODE, kind: "groupKeyMap", intent: { groupId: 7, keySetId: 1 }, mode };
        }
    }

    #submit(command: object, acknowledged = () => {}): void {
        const id = ++this.#commands;
        this.#open.set(id, acknowledged);
        this.#feed({ type: "command", id, command: command as never });
    }

    #feed(body: InputBody): void {
        for (const effect of this.manager!.step({ ...body, monoMs: this.#nowMs - this.#lifeStartMs, wallMs: this.#nowMs })) {
            this.#perform(effect);
        }
    }

    #perform(effect: Effect): void {
        if (effect.type === "request") {
            this.#send(effect);
        } else if (effect.type === "store") {
            this.#inLife(this.store.begin(effect.batch, this.#nowMs) + 5, () => {
                const batch = this.store.inFlight!;
                this.#feed({ type: "stored", batch: batch.id, durable: this.store.finish() });
            });
        } else if (effect.type === "wake") {
            const wake = ++this.#wakes;
            if (effect.atMonoMs !== null) {
                this.#inLife(Math.max(this.#nowMs, this.#lifeStartMs + effect.atMonoMs), () => (wake === this.#wakes ? this.#feed({ type: "wake" }) : undefined));
            }
        } else if (effect.type === "reply" && effect.result.ok) {
            this.#open.get(effect.command)?.();
        }
    }

    /** Whatever is not about certificates must find nothing at stake. */
    #check(request: LaneRequest): void {
        if (!isInteraction(request) || isQuery(request) || CERTIFICATE_CLUSTERS.includes(request.cluster)) {
            return;
        }
        if (this.isAtStake || (!this.isEffectLate && this.isArmedByManager)) {
            this.violations.push(`${this.#nowMs} ms: ${request.cluster} is written while a certificate waits to be confirmed`);
        }
    }

    #send({ id, request, deadlineMs }: RequestEffect): void {
        this.#check(request);
        const answered = (answer: DeviceAnswer, afterMs: number) => this.#inLife(this.#nowMs + afterMs, () => this.#feed({ type: "answer", request: id, answer }));
        const travelMs = 5 + this.random.below(100);
        const giveUpMs = 500 + this.random.below(deadlineMs - 500);
        const lateMs = giveUpMs + this.random.below(30_000);
        const fate = this.#nowMs >= CHAOS_MS ? 99 : this.random.below(100);
        const carryOut = (afterMs: number, told: boolean) => this.#at(this.#nowMs + afterMs, () => {
            const answer = this.#carryOut(request);
            if (told) {
                answered(answer, travelMs);
            }
        });
        if (fate < 5) {
            return answered({ kind: "notSent", reason: "no session" }, 1);
        }
        if (fate < 25) {
            answered({ kind: "unknown", reason: "no answer" }, giveUpMs);
            this.marks.add(fate < 10 ? "lost" : fate < 18 ? "answerLost" : "late");
            return fate < 10 ? undefined : carryOut(fate < 18 || !this.isEffectLate ? travelMs : lateMs, false);
        }
        carryOut(travelMs, true);
        if (fate < 30 && this.isEffectLate) {
            this.marks.add("repeated");
            carryOut(travelMs + this.random.below(30_000), false);
        }
    }

    #carryOut(request: LaneRequest): DeviceAnswer {
        if (isInteraction(request)) {
            const answer = this.node.handle(request);
            if (this.isAtStake) {
                this.marks.add("atStake");
            }
            return answer;
        }
        return request.op === "renewSession" ? successAnswer : this.issuer.answer(this.node.identity(MANAGER_FABRIC).certificate.nodeId, request);
    }
}

/** What is not as it is wanted. */
function unsettled(house: House): string[] {
    const { manager, node, wanted } = house;
    const problems: string[] = [];
    for (const { kind, state, failure } of manager!.items(NODE)) {
        if (state !== "committed") {
            problems.push(`${kind} is ${state}: ${failure?.message}`);
        }
    }
    const noc = wanted.get("noc") as { readonly caseAuthenticatedTags: readonly number[] } | undefined;
    if (noc !== undefined && String(node.identity(MANAGER_FABRIC).certificate.cats) !== String(noc.caseAuthenticatedTags)) {
        problems.push("the certificate has other tags");
    }
    if (house.isAtStake || house.isArmedByManager) {
        problems.push("a fail-safe is left");
    }
    const ipk = wanted.get("ipk") as { readonly revision: number } | undefined;
    if (ipk !== undefined && node.keySet(MANAGER_FABRIC, 0)!.startTimes[0] !== BigInt(ipk.revision) * 1_000_000n) {
        problems.push("the IPK is another");
    }
    return problems;
}

describe.each([
    ["on time", false],
    ["late and repeated", true],
])("with effects %s", (_, isEffectLate) => {
    it("nothing else is written while a certificate is at stake, and all is settled in the end", () => {
        const marks = new Set<string>();
        for (let seed = 1; seed <= 400; seed++) {
            const house = new House(seed, isEffectLate);
            house.run();
            expect({ seed, violations: house.violations }).toEqual({ seed, violations: [] });
            expect({ seed, unsettled: unsettled(house) }).toEqual({ seed, unsettled: [] });
            house.marks.forEach(mark => marks.add(mark));
        }
        expect([...marks].sort()).toEqual(["answerLost", "atStake", "late", "lost", ...(isEffectLate ? ["repeated"] : [])]);
    });
});
