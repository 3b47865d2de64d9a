/** Goal: whatever an issuer does, the lane gets one answer in time, and what is missing is told before anything is begun on a node. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CertificateStep } from "../core/certificate-step.js";
import { nodeId } from "../core/ids.js";
import type { Issuer } from "../core/ports.js";
import { Status } from "../core/status.js";
import { CertificateSteps } from "./certificate-steps.js";
import type { Problem } from "./problem.js";
import { LoopbackTransport } from "./testing/loopback-transport.js";
import { ManualClock } from "./testing/manual-clock.js";
import { turns } from "./testing/opening.js";

const NODE = nodeId(5n);
const NOC = Uint8Array.of(1);
const ICAC = Uint8Array.of(2);
const request = {
    nocsrElements: Uint8Array.of(3),
    attestationSignature: new Uint8Array(64),
    nonce: new Uint8Array(32),
    caseAuthenticatedTags: [0xabcd_0001],
    notAfterAtLeastS: null,
};
const issue: CertificateStep = { op: "issue", ...request };
const nonce: CertificateStep = { op: "nonce" };

class RenewingTransport extends LoopbackTransport {
    readonly renewed: { readonly node: bigint; readonly deadlineMs: number }[] = [];
    async renewSession(node: bigint, { deadlineMs }: { readonly deadlineMs: number }) {
        this.renewed.push({ node, deadlineMs });
        return { kind: "status", status: Status.SUCCESS } as const;
    }
}

let clock: ManualClock;
let problems: Problem[];
beforeEach(() => {
    clock = new ManualClock();
    problems = [];
});

const perform = (step: CertificateStep, issuer?: Partial<Issuer>, transport: LoopbackTransport = new RenewingTransport()) =>
    new CertificateSteps({ issuer: issuer as Issuer | undefined, transport, clock, onProblem: problem => problems.push(problem) }).perform(NODE, step, {
        deadlineMs: 60_000,
    });
const refused = (text: string, isFinal: boolean) => ({ kind: "response", fields: { refusal: expect.stringContaining(text) as string, isFinal } });

describe("asking for a nonce", () => {
    it("answers what the issuer gives", async () => {
        expect(await perform(nonce, { nonce: async () => request.nonce })).toEqual({ kind: "response", fields: { nonce: request.nonce } });
    });

    it("is refused for good when nobody issues certificates, or the transport cannot renew sessions", async () => {
        expect(await perform(nonce)).toEqual(refused('option "issuer"', true));
        expect(await perform(nonce, { nonce: async () => request.nonce }, new LoopbackTransport())).toEqual(refused("renewSession()", true));
    });

    it.each([["31 bytes", new Uint8Array(31)], ["no bytes", "nonce"]])("is refused for good when it is %s", async (_, wrong) => {
        expect(await perform(nonce, { nonce: async () => wrong as Uint8Array })).toEqual(refused("not 32 bytes", true));
    });
});

describe("asking for a certificate", () => {
    it("hands the request and the time on, and answers what is issued", async () => {
        const asked: unknown[] = [];
        const issuer: Partial<Issuer> = {
            issue: async (...all) => {
                asked.push(all);
                return { noc: NOC, icac: ICAC };
            },
        };
        expect(await perform(issue, issuer)).toEqual({ kind: "response", fields: { noc: NOC, icac: ICAC } });
        expect(asked).toEqual([[NODE, request, { deadlineMs: 60_000 }]]);
        expect(await perform(issue, { issue: async () => ({ noc: NOC }) })).toEqual({ kind: "response", fields: { noc: NOC } });
    });

    it("answers a refusal", async () => {
        expect(await perform(issue, { issue: async () => ({ refusal: "not for him", isFinal: true }) })).toEqual(refused("not for him", true));
    });

    it.each([
        ["rejects", () => Promise.reject(new RangeError("secret text"))],
        [
            "throws",
            () => {
                throw new RangeError("secret text");
            },
        ],
        ["answers nothing", () => Promise.resolve(undefined as never)],
    ])("is refused for now when the issuer %s, without its words", async (_, fail) => {
        const answer = await perform(issue, { issue: fail });
        expect(answer).toEqual(refused("the issuer failed", false));
        expect(JSON.stringify(answer)).not.toContain("secret text");
        expect(problems).toMatchObject([{ source: "issuer" }]);
    });

    it("is refused for now at the deadline, and a later answer is nobody's", async () => {
        let settle!: (result: { noc: Uint8Array }) => void;
        const answer = perform(issue, { issue: () => new Promise(resolve => (settle = resolve)) });
        await turns();
        expect(clock.wakes).toEqual([60_000]);
        clock.advance(60_000);
        expect(await answer).toEqual(refused("within 60000 ms", false));
        settle({ noc: NOC });
        expect(problems).toEqual([]);
    });

    it("leaves no timer behind", async () => {
        await perform(issue, { issue: async () => ({ noc: NOC }) });
        expect(clock.wakes).toEqual([]);
    });
});

describe("renewing a session", () => {
    it("is the transport's", async () => {
        const transport = new RenewingTransport();
        expect(await perform({ op: "renewSession" }, undefined, transport)).toEqual({ kind: "status", status: Status.SUCCESS });
        expect(transport.renewed).toEqual([{ node: NODE, deadlineMs: 60_000 }]);
    });

    it("is refused when the transport cannot", async () => {
        expect(await perform({ op: "renewSession" }, undefined, new LoopbackTransport())).toEqual(refused("cannot renew sessions", true));
    });
});
