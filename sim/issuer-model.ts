import type { IssueStep, NonceStep } from "../src/core/certificate-step.js";
import type { DeviceAnswer } from "../src/core/device.js";
import { decodeSigningRequest, encodeCertificate, hex } from "./devices/operational-certificate.js";
import { MANAGER_FABRIC } from "./devices/sim-node.js";

/** How long the issuer takes for an answer, in virtual milliseconds. */
export const ISSUER_LATENCY_MS = 5;

const NONCE_BYTES = 32;

/**
 * Who issues certificates in the model world: always at hand, and the same for the same questions. Nonces and serial numbers count up over all lives of
 * the manager, so that no two certificates are the same.
 */
export class IssuerModel {
    #nonces = 0;
    #serial = 0;

    reset(): void {
        this.#nonces = 0;
        this.#serial = 0;
    }

    /** @param nodeId what the device's certificates call it */
    answer(nodeId: bigint, step: NonceStep | IssueStep): DeviceAnswer {
        return step.op === "nonce" ? this.#nonce() : this.#issue(nodeId, step);
    }

    #nonce(): DeviceAnswer {
        const nonce = new Uint8Array(NONCE_BYTES);
        new DataView(nonce.buffer).setUint32(0, ++this.#nonces);
        return { kind: "response", fields: { nonce } };
    }

    #issue(nodeId: bigint, { nocsrElements, nonce, caseAuthenticatedTags, notAfterAtLeastS }: IssueStep): DeviceAnswer {
        const request = decodeSigningRequest(nocsrElements);
        if (request === undefined || request.nonce !== hex(nonce)) {
            return { kind: "response", fields: { refusal: "the signing request is not the one that was asked for", isFinal: false } };
        }
        const noc = encodeCertificate({
            publicKey: request.publicKey,
            fabric: MANAGER_FABRIC,
            nodeId,
            cats: caseAuthenticatedTags,
            serial: ++this.#serial,
            ...(notAfterAtLeastS === null ? {} : { notAfterS: notAfterAtLeastS }),
        });
        return { kind: "response", fields: { noc } };
    }
}
