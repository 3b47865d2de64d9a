import type { CertificateStep } from "../core/certificate-step.js";
import type { DeviceFields } from "../core/device.js";
import { answerStatus, done, failed, type KindAnswer, type Operation, type OperationResult } from "../core/kind.js";
import { statusFailure, type OperationFailure } from "../core/outcome.js";
import { Status } from "../core/status.js";
import { parseCertificate, type CertificateContent } from "./noc-certificate.js";
import {
    armFailSafe,
    CommissioningError,
    commissioningComplete,
    commissioningFailure,
    csrRequest,
    disarmFailSafe,
    OWN_BREADCRUMB,
    payloadCode,
    readBreadcrumb,
    readNocs,
    stepFailure,
    updateFailure,
    updateNoc,
} from "./noc-requests.js";

/** What a certificate must satisfy. */
export interface CertificateDemand {
    readonly caseAuthenticatedTags: readonly number[];
    readonly notAfterAtLeastS: number | null;
}

/** A failure to read, or what was read. */
type Read<T> = { readonly failure: OperationFailure } | { readonly value: T };

/** Longer ones are refused by every node (section 6.1.3). */
const MAX_CERTIFICATE_BYTES = 400;

/** Tags exactly, validity at least: 0 is no end. */
export function satisfies(certificate: CertificateContent, { caseAuthenticatedTags, notAfterAtLeastS }: CertificateDemand): boolean {
    return (
        String(certificate.caseAuthenticatedTags) === String(caseAuthenticatedTags) &&
        (notAfterAtLeastS === null || certificate.notAfterS === 0 || certificate.notAfterS >= notAfterAtLeastS)
    );
}

/** The certificate that the node has on this fabric, confirmed or not (section 11.18.5.1). */
export function* readCertificate(): Operation<Read<CertificateContent>> {
    const answer = yield readNocs;
    if (answer.kind !== "value") {
        return { failure: statusFailure(answerStatus(answer), "reading NOCs") };
    }
    const { noc } = ((answer.value as readonly DeviceFields[])[0] ?? {}) as { readonly noc?: unknown };
    const certificate = noc instanceof Uint8Array ? parseCertificate(noc) : undefined;
    return certificate === undefined || certificate.nodeId === null || certificate.fabricId === null
        ? { failure: { class: "transient", message: "the node's certificate for this fabric cannot be read" } }
        : { value: certificate };
}

/** A fail-safe of this manager's is armed on the node: an earlier renewal was not seen to end. */
export function* hasOpenRenewal(): Operation<Read<boolean>> {
    const answer = yield readBreadcrumb;
    return answer.kind === "value"
        ? { value: answer.value === OWN_BREADCRUMB }
        : { failure: statusFailure(answerStatus(answer), "reading the breadcrumb") };
}

/**
 * Bring the node to a certificate that satisfies the demand. Whatever happens on the way, the node has one that works: until CommissioningComplete is carried
 * out, which is sent over a session made with the new certificate, the node goes back to the old one by itself.
 *
 * The breadcrumb is read before the certificate: when no renewal is open *then*, what is read afterwards is confirmed.
 */
export function* renew(demand: CertificateDemand): Operation<OperationResult> {
    const open = yield* hasOpenRenewal();
    if ("failure" in open) {
        // Unless the node knows no fail-safe, an earlier renewal may still be open: nothing was learnt.
        return open.failure.class === "notApplicable" ? failed(open.failure) : { done: false, failure: open.failure, unfinished: true };
    }
    let present = yield* readCertificate();
    let isOpen = open.value;
    if (isOpen && "value" in present && satisfies(present.value, demand)) {
        const result = yield* confirm();
        if (result.done || result.unfinished === true) {
            return result;
        }
        isOpen = false; // it ran out just before
        present = yield* readCertificate();
    }
    if (isOpen) {
        const failure = yield* abandonRenewal();
        if (failure !== null) {
            return { done: false, failure, unfinished: true };
        }
        present = yield* readCertificate();
    }
    if ("failure" in present) {
        return failed(present.failure);
    }
    return satisfies(present.value, demand) ? done : yield* replace(demand, present.value);
}

/** Give up what is done under this manager's fail-safe: the node is as it was before. Null: it is; else why that is not known. */
export function* abandonRenewal(): Operation<OperationFailure | null> {
    const answer = yield disarmFailSafe;
    if (payloadCode(answer, "errorCode") === undefined) {
        return stepFailure(answer, "disarming the fail-safe");
    }
    // Whatever the response says: this manager's fail-safe is not armed any more. The end of one may end the sessions.
    yield { op: "renewSession" };
    return null;
}

/** The whole way, from a node whose fail-safe is not this manager's. */
function* replace(demand: CertificateDemand, present: CertificateContent): Operation<OperationResult> {
    const begun = yield { op: "nonce" };
    const nonce = octets(begun, "nonce");
    if (nonce === undefined) {
        return failed(refusalOf(begun));
    }
    const armed = commissioningFailure(yield armFailSafe, "arming the fail-safe");
    if (armed !== null) {
        return failed(armed);
    }
    const answer = yield csrRequest(nonce);
    const [nocsrElements, attestationSignature] = [octets(answer, "nocsrElements"), octets(answer, "attestationSignature")];
    if (nocsrElements === undefined || attestationSignature === undefined) {
        return yield* giveUp(stepFailure(answer, "CSRRequest"));
    }
    const step: CertificateStep = { op: "issue", nocsrElements, attestationSignature, nonce, ...demand };
    const issued = yield step;
    const noc = octets(issued, "noc");
    const icac = octets(issued, "icac");
    const fault = noc === undefined ? refusalOf(issued) : faultOf({ noc, icac, nocsrElements }, demand, present);
    if (noc === undefined || fault !== null) {
        return yield* giveUp(fault!);
    }
    const failure = updateFailure(yield updateNoc(noc, icac));
    return failure === null ? yield* confirm() : yield* giveUp(failure);
}

/** Put the new certificate to the test, and keep it. A node that does not say yes goes back to the old one by itself. */
function* confirm(): Operation<OperationResult> {
    const renewed = answerStatus(yield { op: "renewSession" });
    if (renewed !== Status.SUCCESS) {
        return { done: false, failure: { class: "transient", code: renewed, message: "no new session could be made with the new certificate" }, unfinished: true };
    }
    const answer = yield commissioningComplete;
    const failure = commissioningFailure(answer, "CommissioningComplete");
    if (failure === null) {
        return done;
    }
    const isOver = payloadCode(answer, "errorCode") === CommissioningError.NO_FAIL_SAFE;
    return { done: false, failure: { ...failure, class: "transient" }, ...(isOver ? {} : { unfinished: true }) };
}

/** The renewal has failed: leave the node as it was. */
function* giveUp(failure: OperationFailure): Operation<OperationResult> {
    return (yield* abandonRenewal()) === null ? failed(failure) : { done: false, failure: { ...failure, class: "transient" }, unfinished: true };
}

/** A certificate that the node must refuse, or that somebody else meant, is not sent. */
function faultOf(
    { noc, icac, nocsrElements }: { readonly noc: Uint8Array; readonly icac: Uint8Array | undefined; readonly nocsrElements: Uint8Array },
    demand: CertificateDemand,
    present: CertificateContent,
): OperationFailure | null {
    const certificate = parseCertificate(noc);
    const problem =
        certificate === undefined
            ? "is no certificate in Matter's encoding"
            : certificate.nodeId !== present.nodeId || certificate.fabricId !== present.fabricId
              ? "is for another node or fabric"
              : !satisfies(certificate, demand)
                ? "does not satisfy the intent"
                : Math.max(noc.length, icac?.length ?? 0) > MAX_CERTIFICATE_BYTES
                  ? `is longer than ${MAX_CERTIFICATE_BYTES} bytes`
                  : !contains(nocsrElements, certificate.publicKey)
                    ? "is for another key than the node's"
                    : null;
    return problem === null ? null : { class: "terminal", message: `what the issuer gave ${problem}: not sent` };
}

/** A signing request carries the public key as it is. */
function contains(bytes: Uint8Array, part: Uint8Array): boolean {
    for (let at = 0; at + part.length <= bytes.length; at++) {
        if (part.every((byte, index) => bytes[at + index] === byte)) {
            return true;
        }
    }
    return false;
}

function octets(answer: KindAnswer, name: string): Uint8Array | undefined {
    const value = answer.kind === "response" ? answer.fields[name] : undefined;
    return value instanceof Uint8Array ? value : undefined;
}

function refusalOf(answer: KindAnswer): OperationFailure {
    const { refusal, isFinal } = answer.kind === "response" ? answer.fields : {};
    return typeof refusal === "string"
        ? { class: isFinal === true ? "terminal" : "transient", message: `no certificate: ${refusal}` }
        : { class: "transient", code: Status.FAILURE, message: "no certificate: the issuer's answer is of an unexpected form" };
}
