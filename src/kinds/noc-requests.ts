import { GeneralCommissioning, OperationalCredentials } from "../core/clusters.js";
import type { DeviceFields, InvokeRequest, ReadRequest } from "../core/device.js";
import { answerStatus, type KindAnswer } from "../core/kind.js";
import { statusFailure, type OperationFailure } from "../core/outcome.js";
import { Status, type StatusCode } from "../core/status.js";
import { ROOT_ENDPOINT } from "./group-key-management.js";

/** Requests for the renewal of a node's certificate, and what their answers mean. */

/** How long the node's fail-safe is armed for: issuing, and a new session to a slow node, fit in. */
export const FAIL_SAFE_S = 120;

/** What this manager arms fail-safes with: a breadcrumb of this value says that the fail-safe is its own, and still armed ("selvage" in ASCII). */
export const OWN_BREADCRUMB = 0x73_656c_7661_6765n;

const commissioning = GeneralCommissioning.commands;
const credentials = OperationalCredentials.commands;

export const readBreadcrumb: ReadRequest = {
    op: "read",
    endpoint: ROOT_ENDPOINT,
    cluster: GeneralCommissioning.id,
    attribute: GeneralCommissioning.attributes.breadcrumb,
};

export const readNocs: ReadRequest = {
    op: "read",
    endpoint: ROOT_ENDPOINT,
    cluster: OperationalCredentials.id,
    attribute: OperationalCredentials.attributes.nocs,
};

function invoke(cluster: number, command: number, fields: DeviceFields): InvokeRequest {
    return { op: "invoke", endpoint: ROOT_ENDPOINT, cluster, command, fields, query: false };
}

export const armFailSafe = invoke(GeneralCommissioning.id, commissioning.armFailSafe, { expiryLengthSeconds: FAIL_SAFE_S, breadcrumb: OWN_BREADCRUMB });
export const disarmFailSafe = invoke(GeneralCommissioning.id, commissioning.armFailSafe, { expiryLengthSeconds: 0, breadcrumb: 0n });
export const commissioningComplete = invoke(GeneralCommissioning.id, commissioning.commissioningComplete, {});

export function csrRequest(csrNonce: Uint8Array): InvokeRequest {
    return invoke(OperationalCredentials.id, credentials.csrRequest, { csrNonce, isForUpdateNoc: true });
}

export function updateNoc(nocValue: Uint8Array, icacValue: Uint8Array | undefined): InvokeRequest {
    return invoke(OperationalCredentials.id, credentials.updateNoc, icacValue === undefined ? { nocValue } : { nocValue, icacValue });
}

/** CommissioningErrorEnum (section 11.10.5.1). */
export const CommissioningError = { OK: 0, VALUE_OUTSIDE_RANGE: 1, INVALID_AUTHENTICATION: 2, NO_FAIL_SAFE: 3, BUSY_WITH_OTHER_ADMIN: 4 } as const;

/** NodeOperationalCertStatusEnum (section 11.18.4.2). */
const certificateStatusNames = [
    "OK",
    "InvalidPublicKey",
    "InvalidNodeOpId",
    "InvalidNOC",
    "MissingCsr",
    "TableFull",
    "InvalidAdminSubject",
    "reserved",
    "FabricConflict",
    "LabelConflict",
    "InvalidFabricIndex",
];
const INVALID_NODE_OP_ID = 2;
const INVALID_NOC = 3;

/** The failure that an answer of General Commissioning tells; null: none. A failure told inside the response may be over the next time. */
export function commissioningFailure(answer: KindAnswer, doing: string): OperationFailure | null {
    const code = payloadCode(answer, "errorCode");
    if (code === undefined) {
        return stepFailure(answer, doing);
    }
    const name = Object.entries(CommissioningError).find(([, value]) => value === code)?.[0] ?? String(code);
    return code === CommissioningError.OK ? null : { class: "transient", message: `${doing}: ${name}` };
}

/** The failure that the answer to UpdateNOC tells; null: none. */
export function updateFailure(answer: KindAnswer): OperationFailure | null {
    const code = payloadCode(answer, "statusCode");
    if (code === undefined) {
        return stepFailure(answer, "UpdateNOC");
    }
    if (code === 0) {
        return null;
    }
    const isFinal = code === INVALID_NOC || code === INVALID_NODE_OP_ID;
    return { class: isFinal ? "terminal" : "transient", message: `UpdateNOC: ${certificateStatusNames[code] ?? code}` };
}

/**
 * A status instead of a response. CONSTRAINT_ERROR, terminal elsewhere, means here that the fail-safe is not as it was left: another request came in between, and
 * the whole is worth repeating.
 */
export function stepFailure(answer: KindAnswer, doing: string): OperationFailure {
    const status: StatusCode = answerStatus(answer);
    const failure = statusFailure(status, doing);
    return status === Status.CONSTRAINT_ERROR ? { ...failure, class: "transient" } : failure;
}

/** The code inside a response; undefined when the answer is none. */
export function payloadCode(answer: KindAnswer, name: string): number | undefined {
    const code = answer.kind === "response" ? answer.fields[name] : undefined;
    return typeof code === "number" ? code : undefined;
}
