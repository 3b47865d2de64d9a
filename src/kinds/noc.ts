import { OperationalCredentials } from "../core/clusters.js";
import { ok } from "../core/error.js";
import {
    differs,
    holds,
    unread,
    type Kind,
    type Operation,
    type OperationContext,
    type OperationResult,
    type VerifyResult,
} from "../core/kind.js";
import { ROOT_ENDPOINT } from "./group-key-management.js";
import { FAIL_SAFE_S } from "./noc-requests.js";
import { abandonRenewal, hasOpenRenewal, readCertificate, renew, satisfies, type CertificateDemand } from "./noc-renewal.js";
import { integerField, invalidIntent, isRecord } from "./validation.js";

/** What the node's operational certificate must satisfy; never its bytes. */
export interface NocIntent {
    /** Exactly these CASE authenticated tags (section 6.6.2.1.2), 32 bit each, at most three, ascending. */
    readonly caseAuthenticatedTags: readonly number[];
    /** The certificate must be valid until then at least: seconds since 2000-01-01T00:00:00Z. Without it any validity will do. */
    readonly notAfterAtLeastS?: number;
}

/** Name of the kind {@link noc}. */
export const NOC = "noc";

const MAX_TAGS = 3;
const MAX_UINT32 = 0xffff_ffff;
/** The longest that a step and its late effect can take before the fail-safe begins to run. */
const LATEST_EFFECT_MS = 90_000;

/**
 * A node's operational certificate (section 6.5.10), one per node: issued anew, under the same root, when it does not satisfy the intent. It needs an
 * `Issuer`. A node cannot be without one, so that removing the item takes nothing from the node: the item ends as withdrawn.
 */
export const noc: Kind<NocIntent> = {
    name: NOC,
    // Before everything else: what an earlier renewal left behind is put in order first.
    applyOrder: 5,
    removeOrder: 5,
    locksNodeMs: FAIL_SAFE_S * 1_000 + LATEST_EFFECT_MS,

    validate(intent) {
        if (!isRecord(intent)) {
            return invalidIntent(NOC, "the intent must be an object { caseAuthenticatedTags, notAfterAtLeastS? }")!;
        }
        const { caseAuthenticatedTags: tags, notAfterAtLeastS } = intent;
        const invalid = invalidIntent(
            NOC,
            tagsProblem(tags),
            notAfterAtLeastS === undefined ? null : integerField(intent, "notAfterAtLeastS", 1, MAX_UINT32),
        );
        if (invalid !== null) {
            return invalid;
        }
        const caseAuthenticatedTags = [...(tags as number[])].sort((a, b) => a - b);
        return ok(notAfterAtLeastS === undefined ? { caseAuthenticatedTags } : { caseAuthenticatedTags, notAfterAtLeastS: notAfterAtLeastS as number });
    },

    keyOf: () => [0],
    equal: (a, b) => String(a.caseAuthenticatedTags) === String(b.caseAuthenticatedTags) && a.notAfterAtLeastS === b.notAfterAtLeastS,
    dependsOn: () => [],
    watch: () => [{ endpoint: ROOT_ENDPOINT, cluster: OperationalCredentials.id, attribute: OperationalCredentials.attributes.nocs }],

    *apply({ intent }: OperationContext<NocIntent>): Operation<OperationResult> {
        return yield* renew(demandOf(intent));
    },

    *verify({ intent }: OperationContext<NocIntent>): Operation<VerifyResult> {
        const open = yield* hasOpenRenewal();
        if ("failure" in open) {
            return unread(open.failure);
        }
        if (open.value) {
            return unread({ class: "transient", message: "a renewal is open on the node: what it has now may be gone in a minute" });
        }
        const present = yield* readCertificate();
        if ("failure" in present) {
            return unread(present.failure);
        }
        return satisfies(present.value, demandOf(intent)) ? holds : differs;
    },

    *remove(): Operation<OperationResult> {
        const open = yield* hasOpenRenewal();
        if ("failure" in open) {
            // A node without the attribute has no renewal open.
            return open.failure.class === "notApplicable" ? { done: true, withdrawn: true } : { done: false, failure: open.failure, unfinished: true };
        }
        const failure = open.value ? yield* abandonRenewal() : null;
        return failure === null ? { done: true, withdrawn: true } : { done: false, failure, unfinished: true };
    },
};

function demandOf({ caseAuthenticatedTags, notAfterAtLeastS }: NocIntent): CertificateDemand {
    return { caseAuthenticatedTags, notAfterAtLeastS: notAfterAtLeastS ?? null };
}

function tagsProblem(tags: unknown): string | null {
    if (!Array.isArray(tags) || tags.length > MAX_TAGS || !tags.every(tag => Number.isInteger(tag) && tag >= 0 && tag <= MAX_UINT32)) {
        return `"caseAuthenticatedTags" must be a list of at most ${MAX_TAGS} integers of 32 bit`;
    }
    if (!tags.every(tag => (tag & 0xffff) !== 0)) {
        return '"caseAuthenticatedTags" has a tag of version 0: versions (the lower 16 bit) begin with 1';
    }
    return new Set(tags.map((tag: number) => tag >>> 16)).size === tags.length
        ? null
        : '"caseAuthenticatedTags" has two versions of one tag: a certificate names each identifier (the upper 16 bit) once';
}
