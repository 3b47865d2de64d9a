/**
 * Steps of the renewal of a node's certificate that are no interaction with the node, yet are carried out by the shell, for one node, and answered like
 * its requests. They change nothing on the node.
 * - `nonce`: begin a renewal. Answered by a response `{ nonce }` of 32 fresh random bytes for CSRRequest, or by a refusal when no renewal is possible at all.
 * - `issue`: have a certificate issued for a signing request. Answered by a response `{ noc, icac? }`, or by a refusal.
 * - `renewSession`: give up the sessions with the node and make a new one, by a full CASE handshake with the certificates that both sides have now.
 *   Answered by status SUCCESS, or as not sent or unknown.
 *
 * A refusal is a response `{ refusal, isFinal }`: the reason, and whether asking again is of no use.
 */
export type CertificateStep = NonceStep | IssueStep | RenewSessionStep;

/** See {@link CertificateStep}. */
export interface NonceStep {
    readonly op: "nonce";
}

/** See {@link CertificateStep}. */
export interface IssueStep extends CertificateRequest {
    readonly op: "issue";
}

/** See {@link CertificateStep}. */
export interface RenewSessionStep {
    readonly op: "renewSession";
}

/** What a node wants a certificate for, and what the certificate must say. No part of it is a secret. */
export interface CertificateRequest {
    /** As the node gave it in CSRResponse (section 11.18.6.6): TLV with the PKCS #10 request and the nonce. */
    readonly nocsrElements: Uint8Array;
    /** The node's attestation signature over the elements and the attestation challenge of the session they came on: 64 bytes. */
    readonly attestationSignature: Uint8Array;
    /** What CSRRequest was sent with. The elements must contain it, else they answer another request. */
    readonly nonce: Uint8Array;
    /** Exactly these tags, 32 bit each, at most three (section 6.6.2.1.2). */
    readonly caseAuthenticatedTags: readonly number[];
    /** The certificate must be valid until then at least: seconds since 2000-01-01T00:00:00Z; null: no matter. */
    readonly notAfterAtLeastS: number | null;
}
