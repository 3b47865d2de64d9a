import { GeneralCommissioning, OperationalCredentials } from "../src/core/clusters.js";
import type { CertificateRequest } from "../src/core/certificate-step.js";
import type { DeviceAnswer, DeviceFields, DeviceRequest } from "../src/core/device.js";
import { endpointNumber } from "../src/core/ids.js";
import type { IssueResult } from "../src/core/ports.js";
import { ScenarioFailure } from "./scenario.js";

const FAIL_SAFE_S = 60;
const { csrRequest, updateNoc } = OperationalCredentials.commands;
const { armFailSafe, commissioningComplete } = GeneralCommissioning.commands;

/** The ways of whoever renews a node's certificate. */
interface Ways {
    request(request: DeviceRequest): Promise<DeviceAnswer>;
    nonce(): Promise<Uint8Array>;
    issue(request: CertificateRequest): Promise<IssueResult>;
    renewSession(): Promise<void>;
}

/** Renew a node's certificate by hand, step by step (section 11.18.6.7); each step succeeds. */
export async function recertify(caseAuthenticatedTags: readonly number[], ways: Ways): Promise<void> {
    const invoke = async (cluster: number, command: number, fields: DeviceFields): Promise<DeviceFields> => {
        const answer = await ways.request({ op: "invoke", endpoint: endpointNumber(0), cluster, command, fields, query: false });
        if (answer.kind !== "response" || (answer.fields["errorCode"] ?? answer.fields["statusCode"] ?? 0) !== 0) {
            throw new ScenarioFailure(`another administrator's renewal was refused: command ${command} of cluster 0x${cluster.toString(16)}`);
        }
        return answer.fields;
    };
    await invoke(GeneralCommissioning.id, armFailSafe, { expiryLengthSeconds: FAIL_SAFE_S, breadcrumb: 1n });
    const nonce = await ways.nonce();
    const csr = await invoke(OperationalCredentials.id, csrRequest, { csrNonce: nonce, isForUpdateNoc: true });
    const [nocsrElements, attestationSignature] = [csr["nocsrElements"] as Uint8Array, csr["attestationSignature"] as Uint8Array];
    const issued = await ways.issue({ nocsrElements, attestationSignature, nonce, caseAuthenticatedTags, notAfterAtLeastS: null });
    if ("refusal" in issued) {
        throw new ScenarioFailure(`another administrator got no certificate: ${issued.refusal}`);
    }
    await invoke(OperationalCredentials.id, updateNoc, issued.icac === undefined ? { nocValue: issued.noc } : { nocValue: issued.noc, icacValue: issued.icac });
    await ways.renewSession();
    await invoke(GeneralCommissioning.id, commissioningComplete, {});
}
