import type { CertificateStep, IssueStep } from "../core/certificate-step.js";
import type { DeviceAnswer } from "../core/device.js";
import type { NodeId } from "../core/ids.js";
import type { Clock, IssueResult, Issuer, Transport } from "../core/ports.js";
import { errorName, type ProblemHandler } from "./problem.js";

/** What certificate steps are carried out with. */
export interface CertificateStepParts {
    readonly issuer: Issuer | undefined;
    readonly transport: Transport;
    readonly clock: Clock;
    readonly onProblem: ProblemHandler;
}

/** Carries out the steps of a certificate's renewal that are no interaction with the node. An issuer's failure is a refusal worth repeating. */
export class CertificateSteps {
    constructor(private readonly parts: CertificateStepParts) {}

    /** Rejects only where the transport does. */
    perform(node: NodeId, step: CertificateStep, options: { readonly deadlineMs: number }): Promise<DeviceAnswer> {
        switch (step.op) {
            case "nonce":
                return this.#nonce(options.deadlineMs);
            case "issue":
                return this.#issue(node, step, options.deadlineMs);
            case "renewSession":
                return this.parts.transport.renewSession?.(node, options) ?? Promise.resolve(refusal("the transport cannot renew sessions", true));
        }
    }

    /** What can be known to be missing is told before anything is begun on the node. */
    async #nonce(deadlineMs: number): Promise<DeviceAnswer> {
        const { issuer, transport } = this.parts;
        if (issuer === undefined) {
            return refusal("there is nobody to issue certificates: open the manager with the option \"issuer\"", true);
        }
        if (transport.renewSession === undefined) {
            return refusal("the transport has no renewSession(), without which no renewed certificate can be put to the test", true);
        }
        return this.#asked("give a nonce", deadlineMs, async () => {
            const nonce: unknown = await issuer.nonce();
            return nonce instanceof Uint8Array && nonce.length === NONCE_BYTES
                ? { kind: "response", fields: { nonce } }
                : refusal(`the issuer's nonce is not ${NONCE_BYTES} bytes`, true);
        });
    }

    #issue(node: NodeId, { op: _, ...request }: IssueStep, deadlineMs: number): Promise<DeviceAnswer> {
        return this.#asked("issue a certificate", deadlineMs, async () => answerOf(await this.parts.issuer!.issue(node, request, { deadlineMs })));
    }

    /** The issuer's answer, or a refusal at the deadline or when it fails. */
    async #asked(what: string, deadlineMs: number, ask: () => Promise<DeviceAnswer>): Promise<DeviceAnswer> {
        const { clock, onProblem } = this.parts;
        let cancel = () => {};
        const late = new Promise<DeviceAnswer>(resolve => {
            cancel = clock.wakeAt(clock.monoMs() + deadlineMs, () => resolve(refusal(`the issuer did not ${what} within ${deadlineMs} ms`, false)));
        });
        try {
            return await Promise.race([ask(), late]);
        } catch (error) {
            const message = `the issuer failed (${errorName(error)}) instead of refusing to ${what}`;
            onProblem({ source: "issuer", message, error });
            return refusal(message, false);
        } finally {
            cancel();
        }
    }
}

const NONCE_BYTES = 32;

function answerOf(result: IssueResult): DeviceAnswer {
    if ("refusal" in result) {
        return refusal(result.refusal, result.isFinal);
    }
    return { kind: "response", fields: { noc: result.noc, ...(result.icac === undefined ? {} : { icac: result.icac }) } };
}

function refusal(reason: string, isFinal: boolean): DeviceAnswer {
    return { kind: "response", fields: { refusal: reason, isFinal } };
}
