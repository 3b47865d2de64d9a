/**
 * Goal: whatever happens between any two steps of a renewal, the node has a confirmed identity afterwards, the old one or the new one, and the next try
 * succeeds. Played against the device model, step by step.
 */
import { describe, expect, it } from "vitest";
import type { DeviceAnswer } from "../src/core/device.js";
import type { LaneRequest } from "../src/core/effect.js";
import type { KindAnswer, Operation, OperationContext, OperationResult, VerifyResult } from "../src/core/kind.js";
import { isInteraction, isQuery } from "../src/core/pass.js";
import { Status } from "../src/core/status.js";
import { noc, type NocIntent } from "../src/kinds/noc.js";
import { statusAnswer, successAnswer } from "./devices/answers.js";
import { MANAGER_FABRIC, type SimNode } from "./devices/sim-node.js";
import { newNode } from "./devices/testing.js";
import { IssuerModel } from "./issuer-model.js";
import { Random } from "./random.js";

const OLD_TAGS: readonly number[] = [];
const NEW_TAGS = [0xabcd_0001, 0xffff_0002];
const THIRD_TAGS = [0x0007_0001];
/** Longer than any fail-safe, and than the lock of a node. */
const LONG_MS = 250_000;

/** What happens at one step of an operation; the answer that the operation gets, or "silence" for the end of it. */
type Happening = (bench: Bench, request: LaneRequest, carryOut: () => DeviceAnswer) => DeviceAnswer | "silence";

/** A node, its issuer and a clock. */
class Bench {
    readonly node: SimNode = newNode({ certificates: true });
    readonly issuer = new IssuerModel();
    readonly asked: LaneRequest[] = [];
    nowMs = 0;

    pass(ms: number): void {
        this.nowMs += ms;
        this.node.setTime(this.nowMs);
    }

    /** What the node carries out when this comes to it. */
    carryOut(request: LaneRequest): DeviceAnswer {
        if (isInteraction(request)) {
            return this.node.handle(request);
        }
        return request.op === "renewSession" ? successAnswer : this.issuer.answer(this.node.identity(MANAGER_FABRIC).certificate.nodeId, request);
    }

    /** Play an operation to its end; undefined when it was left without an answer. */
    play<R>(operation: Operation<R>, happening?: Happening): R | undefined {
        let step = operation.next(undefined as never);
        for (let at = 0; !step.done; at++) {
            const request = step.value as LaneRequest;
            this.asked.push(request);
            this.pass(10);
            const answer = happening === undefined ? this.carryOut(request) : happening(this, request, () => this.carryOut(request));
            if (answer === "silence") {
                return undefined;
            }
            step = operation.next(answer as KindAnswer);
        }
        return step.value;
    }

    apply(tags: readonly number[], happening?: Happening): OperationResult | undefined {
        return this.play(noc.apply(contextOf({ caseAuthenticatedTags: tags })), happening);
    }

    verify(tags: readonly number[]): VerifyResult | undefined {
        return this.play(noc.verify(contextOf({ caseAuthenticatedTags: tags })));
    }

    remove(happening?: Happening): OperationResult | undefined {
        return this.play(noc.remove(contextOf({ caseAuthenticatedTags: NEW_TAGS })), happening);
    }

    get tags(): readonly number[] {
        return this.node.identity(MANAGER_FABRIC).certificate.cats;
    }

    /** What the certificate is after a restart. */
    get confirmedTags(): readonly number[] {
        return this.node.snapshot().fabrics[MANAGER_FABRIC]!.identity.certificate.cats;
    }
}

function contextOf(intent: NocIntent): OperationContext<NocIntent> {
    return { intent, key: [0], keySet: () => undefined, wanted: () => undefined, limit: null };
}

const names = (requests: readonly LaneRequest[]) =>
    requests.map(request =>
        request.op === "invoke" ? `invoke ${request.cluster.toString(16)}/${request.command}` : request.op === "read" ? `read ${request.cluster.toString(16)}/${request.attribute}` : request.op,
    );

/** Something happens at the nth step, and only there. */
const atStep = (wanted: number, happening: Happening): Happening => {
    let at = 0;
    return (bench, request, carryOut) => (at++ === wanted ? happening(bench, request, carryOut) : carryOut());
};

const WHOLE_WAY = ["read 30/0", "read 3e/0", "nonce", "invoke 30/0", "invoke 3e/4", "issue", "invoke 3e/7", "renewSession", "invoke 30/4"];

describe("a renewal", () => {
    it("is arm, sign, issue, update, a new session, complete", () => {
        const bench = new Bench();
        expect(bench.apply(NEW_TAGS)).toEqual({ done: true });
        expect(names(bench.asked)).toEqual(WHOLE_WAY);
        expect(bench.confirmedTags).toEqual(NEW_TAGS);
        expect(bench.verify(NEW_TAGS)).toEqual({ holds: true });
        expect(bench.verify(THIRD_TAGS)).toEqual({ holds: false });
    });

    it("is nothing but two reads when the certificate satisfies already", () => {
        const bench = new Bench();
        bench.apply(NEW_TAGS);
        bench.asked.length = 0;
        expect(bench.apply(NEW_TAGS)).toEqual({ done: true });
        expect(names(bench.asked)).toEqual(["read 30/0", "read 3e/0"]);
    });
});

const lost: [string, Happening][] = [
    ["the request is lost", () => "silence"],
    ["the answer is lost", (_bench, _request, carryOut) => (carryOut(), "silence")],
];
const interruptions: [string, Happening][] = [
    ...lost,
    ["the node restarts before it", (bench, _request, carryOut) => (bench.node.reboot(new Random(3)), carryOut())],
    ["the node restarts after it", (bench, _request, carryOut) => after(carryOut(), () => bench.node.reboot(new Random(3)))],
    ["the answer is lost, and the node restarts", (bench, _request, carryOut) => (carryOut(), bench.node.reboot(new Random(3)), "silence")],
    ["the fail-safe runs out before it", (bench, _request, carryOut) => (bench.pass(LONG_MS), carryOut())],
    ["the fail-safe runs out after it", (bench, _request, carryOut) => after(carryOut(), () => bench.pass(LONG_MS))],
    ["it takes effect twice", (_bench, _request, carryOut) => after(carryOut(), () => carryOut())],
    ["it is busy", (_bench, request, carryOut) => (isInteraction(request) ? statusAnswer(Status.BUSY) : carryOut())],
    ["it fails after all", (_bench, request, carryOut) => (carryOut(), isInteraction(request) ? statusAnswer(Status.FAILURE) : { kind: "response", fields: {} })],
];

function after<T>(value: T, what: () => void): T {
    what();
    return value;
}

describe.each(interruptions)("when %s", (_name, interruption) => {
    it.each(WHOLE_WAY.map((step, index) => [step, index] as const))("at the step %s, the node keeps an identity and the next try succeeds", (_step, index) => {
        const bench = new Bench();
        const result = bench.apply(NEW_TAGS, atStep(index, interruption));
        expect([OLD_TAGS, NEW_TAGS]).toContainEqual(bench.confirmedTags);
        if (result?.done === true) {
            expect(bench.confirmedTags).toEqual(NEW_TAGS);
        } else if (result !== undefined) {
            expect(result.failure.class).toBe("transient");
        }
        expect(bench.apply(NEW_TAGS)).toEqual({ done: true });
        expect(bench.confirmedTags).toEqual(NEW_TAGS);
        bench.pass(LONG_MS);
        expect(bench.tags).toEqual(NEW_TAGS);
    });

    it.each(WHOLE_WAY.map((step, index) => [step, index] as const))("at the step %s, another intent gets its certificate", (_step, index) => {
        const bench = new Bench();
        bench.apply(NEW_TAGS, atStep(index, interruption));
        expect(bench.apply(THIRD_TAGS)).toEqual({ done: true });
        bench.pass(LONG_MS);
        expect(bench.tags).toEqual(THIRD_TAGS);
    });

    it.each(WHOLE_WAY.map((step, index) => [step, index] as const))("at the step %s, an intent that asks for what was there before gets that", (_step, index) => {
        const bench = new Bench();
        bench.apply(NEW_TAGS, atStep(index, interruption));
        expect(bench.apply(OLD_TAGS)).toEqual({ done: true });
        bench.pass(LONG_MS);
        expect(bench.tags).toEqual(OLD_TAGS);
    });

    it.each(WHOLE_WAY.map((step, index) => [step, index] as const))("at the step %s, a removal leaves no fail-safe and a confirmed certificate", (_step, index) => {
        const bench = new Bench();
        bench.apply(NEW_TAGS, atStep(index, interruption));
        expect(bench.remove()).toEqual({ done: true, withdrawn: true });
        expect(bench.tags).toEqual(bench.confirmedTags);
        expect([OLD_TAGS, NEW_TAGS]).toContainEqual(bench.tags);
        expect(bench.node.handle({ op: "read", endpoint: 0 as never, cluster: 0x30, attribute: 0 })).toMatchObject({ value: 0n });
    });
});

describe("a write of an earlier try that takes effect late", () => {
    const writesOf = (bench: Bench) => bench.asked.filter(request => isInteraction(request) && !isQuery(request));

    it.each(WHOLE_WAY.map((step, index) => [step, index] as const))("before the step %s of the next try does no harm for long, whichever it is", (_step, index) => {
        for (let cut = 0; cut < WHOLE_WAY.length; cut++) {
            for (const [, loss] of lost) {
                const first = new Bench();
                first.apply(NEW_TAGS, atStep(cut, loss));
                for (let late = 0; late < writesOf(first).length; late++) {
                    const bench = new Bench();
                    bench.apply(NEW_TAGS, atStep(cut, loss));
                    const request = writesOf(bench)[late]!;
                    const result = bench.apply(
                        THIRD_TAGS,
                        atStep(index, (_bench, _request, carryOut) => {
                            bench.carryOut(request);
                            return carryOut();
                        }),
                    );
                    expect([OLD_TAGS, NEW_TAGS, THIRD_TAGS]).toContainEqual(bench.confirmedTags);
                    if (result?.done === true) {
                        bench.pass(LONG_MS);
                        expect(bench.tags).toEqual(THIRD_TAGS);
                    } else {
                        expect(result).toMatchObject({ failure: { class: "transient" } });
                        expect(bench.apply(THIRD_TAGS)).toEqual({ done: true });
                    }
                }
            }
        }
    });
});

describe("what is not seen to be in order afterwards", () => {
    const isUnfinished = (index: number, interruption: Happening) => {
        const bench = new Bench();
        const result = bench.apply(NEW_TAGS, (each, request, carryOut) => (each.asked.length > index ? interruption(each, request, carryOut) : carryOut()));
        return result !== undefined && !result.done && result.unfinished === true;
    };
    const busy: Happening = (_bench, request, carryOut) => (isInteraction(request) ? statusAnswer(Status.BUSY) : carryOut());

    it("is a breadcrumb that could not be read, a fail-safe that was armed and could not be disarmed, or a completion that was refused", () => {
        const unfinished = WHOLE_WAY.filter((_step, index) => isUnfinished(index, busy));
        expect(unfinished).toEqual(["read 30/0", "invoke 3e/4", "issue", "invoke 3e/7", "renewSession", "invoke 30/4"]);
    });

    it("is told by a verify as not known", () => {
        const bench = new Bench();
        bench.apply(NEW_TAGS, atStep(7, () => "silence"));
        expect(bench.tags).toEqual(NEW_TAGS);
        expect(bench.verify(NEW_TAGS)).toMatchObject({ holds: null, failure: { class: "transient" } });
        bench.pass(LONG_MS);
        expect(bench.verify(NEW_TAGS)).toEqual({ holds: false });
    });

    it("is finished by the next try without issuing again", () => {
        const bench = new Bench();
        bench.apply(NEW_TAGS, atStep(8, () => "silence"));
        bench.asked.length = 0;
        expect(bench.apply(NEW_TAGS)).toEqual({ done: true });
        expect(names(bench.asked)).toEqual(["read 30/0", "read 3e/0", "renewSession", "invoke 30/4"]);
    });
});

describe("another administrator's fail-safe", () => {
    it("is waited for", () => {
        const bench = new Bench();
        bench.node.addFabric(2);
        const arm = bench.asked;
        bench.apply(NEW_TAGS, atStep(3, (_bench, request) => (arm.push(request), bench.node.handle(request as never, 2), bench.node.handle(request as never))));
        const result = bench.apply(NEW_TAGS);
        expect(result).toMatchObject({ done: false, failure: { class: "transient", message: expect.stringContaining("BUSY_WITH_OTHER_ADMIN") as string } });
        bench.pass(LONG_MS);
        expect(bench.apply(NEW_TAGS)).toEqual({ done: true });
    });
});
