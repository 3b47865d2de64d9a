/** Goal: a root is looked for and nothing else: nothing is ever written, whether it is there or not. */
import { Bytes, Crypto, Environment, Logger, LogLevel } from "@matter/general";
import "@matter/nodejs";
import { CertificateAuthority, Rcac } from "@matter/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { OperationalCredentials } from "../core/clusters.js";
import { Status } from "../core/status.js";
import { hexOf } from "./noc-certificate.js";
import { contextOf, play, status, value } from "./testing/operations.js";
import { trustedRoot, type TrustedRootIntent } from "./trusted-root.js";

let root: Uint8Array;
let other: Uint8Array;
let intent: TrustedRootIntent;

beforeAll(async () => {
    Logger.level = LogLevel.FATAL;
    const crypto = Environment.default.get(Crypto);
    [root, other] = await Promise.all([1, 2].map(async () => Bytes.of((await CertificateAuthority.create(crypto)).rootCert))) as [Uint8Array, Uint8Array];
    intent = { subjectKeyId: hexOf(Bytes.of(Rcac.fromTlv(root).cert.extensions.subjectKeyIdentifier as Bytes)) };
});

describe("the intent of a trusted root", () => {
    it("is the subject key identifier of its certificate, in lower case", () => {
        const subjectKeyId = "00112233445566778899AABBCCDDEEFF00112233";
        expect(trustedRoot.validate({ subjectKeyId })).toEqual({ ok: true, value: { subjectKeyId: subjectKeyId.toLowerCase() } });
        expect(trustedRoot.keyOf({ subjectKeyId })).toEqual([subjectKeyId]);
        expect(trustedRoot.equal({ subjectKeyId }, { subjectKeyId })).toBe(true);
    });

    it.each([[null], [{}], [{ subjectKeyId: 5 }], [{ subjectKeyId: "0011" }], [{ subjectKeyId: "x".repeat(40) }]])("is refused when it is %j", wrong => {
        expect(trustedRoot.validate(wrong)).toMatchObject({ ok: false, error: { code: "INVALID_INTENT" } });
    });
});

describe("a trusted root", () => {
    const verify = (roots: Uint8Array[]) => play(trustedRoot.verify(contextOf(intent)), value(roots)).result;
    const apply = (roots: Uint8Array[]) => play(trustedRoot.apply(contextOf(intent)), value(roots));

    it("is there when one of the node's certificates has the identifier", () => {
        expect(verify([other, root])).toEqual({ holds: true });
        expect(verify([other])).toEqual({ holds: false });
        expect(verify([Uint8Array.of(1, 2, 3)])).toEqual({ holds: false });
        expect(verify([])).toEqual({ holds: false });
    });

    it("is not known to be there when that cannot be read", () => {
        expect(play(trustedRoot.verify(contextOf(intent)), status(Status.BUSY)).result).toMatchObject({ holds: null, failure: { code: Status.BUSY } });
        expect(play(trustedRoot.apply(contextOf(intent)), status(Status.BUSY)).result).toMatchObject({ done: false, failure: { class: "transient" } });
    });

    it("is applied by looking for it, and fails for good when it is not there", () => {
        const found = apply([root]);
        expect(found.requests).toMatchObject([{ op: "read", attribute: OperationalCredentials.attributes.trustedRootCertificates }]);
        expect(found.result).toEqual({ done: true });
        expect(apply([other]).result).toMatchObject({
            done: false,
            failure: { class: "terminal", message: expect.stringContaining("cannot be renewed") as string },
        });
    });

    it("is never removed: its intent is given up without a request", () => {
        expect(play(trustedRoot.remove(contextOf(intent)))).toEqual({ requests: [], result: { done: true, withdrawn: true } });
    });
});
