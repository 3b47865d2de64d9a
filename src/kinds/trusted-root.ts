import { OperationalCredentials } from "../core/clusters.js";
import { ok } from "../core/error.js";
import {
    answerStatus,
    differs,
    done,
    failed,
    holds,
    unread,
    type Kind,
    type Operation,
    type OperationContext,
    type OperationResult,
    type VerifyResult,
} from "../core/kind.js";
import { statusFailure } from "../core/outcome.js";
import { ROOT_ENDPOINT } from "./group-key-management.js";
import { hexOf, parseCertificate } from "./noc-certificate.js";
import { invalidIntent, isRecord } from "./validation.js";

/** The node is to trust the root certificate with this subject key identifier. */
export interface TrustedRootIntent {
    /** Subject key identifier of the root certificate (section 6.5.11.4): 20 bytes, as 40 lower-case hexadecimal digits. */
    readonly subjectKeyId: string;
}

/** Name of the kind {@link trustedRoot}. */
export const TRUSTED_ROOT = "trustedRoot";

const ROOTS = OperationalCredentials.attributes.trustedRootCertificates;

/**
 * A root certificate that a node trusts (section 11.18.5.5): it can be watched and nothing else. AddTrustedRootCertificate only prepares an AddNOC, and
 * removing a root removes the fabric, so that a root that is not there is a final failure, and removing the item sends nothing and ends it as withdrawn.
 */
export const trustedRoot: Kind<TrustedRootIntent> = {
    name: TRUSTED_ROOT,
    applyOrder: 6,
    removeOrder: 50,

    validate(intent) {
        if (!isRecord(intent)) {
            return invalidIntent(TRUSTED_ROOT, "the intent must be an object { subjectKeyId }")!;
        }
        const { subjectKeyId } = intent;
        return typeof subjectKeyId === "string" && /^[0-9a-f]{40}$/i.test(subjectKeyId)
            ? ok({ subjectKeyId: subjectKeyId.toLowerCase() })
            : invalidIntent(TRUSTED_ROOT, '"subjectKeyId" must be 20 bytes as 40 hexadecimal digits')!;
    },

    keyOf: intent => [intent.subjectKeyId],
    equal: (a, b) => a.subjectKeyId === b.subjectKeyId,
    dependsOn: () => [],
    watch: () => [{ endpoint: ROOT_ENDPOINT, cluster: OperationalCredentials.id, attribute: ROOTS }],

    *apply(context: OperationContext<TrustedRootIntent>): Operation<OperationResult> {
        const result = yield* trustedRoot.verify(context);
        if (result.holds === null) {
            return failed(result.failure);
        }
        return result.holds
            ? done
            : failed({
                  class: "terminal",
                  message: `the node does not trust root ${context.intent.subjectKeyId}: trusted roots cannot be renewed; commission the node again under that root`,
              });
    },

    *verify({ intent }: OperationContext<TrustedRootIntent>): Operation<VerifyResult> {
        const answer = yield { op: "read", endpoint: ROOT_ENDPOINT, cluster: OperationalCredentials.id, attribute: ROOTS };
        if (answer.kind !== "value") {
            return unread(statusFailure(answerStatus(answer), "reading TrustedRootCertificates"));
        }
        return (answer.value as readonly Uint8Array[]).some(root => subjectKeyIdOf(root) === intent.subjectKeyId) ? holds : differs;
    },

    *remove(): Operation<OperationResult> {
        return { done: true, withdrawn: true };
    },
};

function subjectKeyIdOf(root: Uint8Array): string | null {
    const subjectKeyId = parseCertificate(root)?.subjectKeyId;
    return subjectKeyId == null ? null : hexOf(subjectKeyId);
}
