/** Goal: the issuer of the model world gives what was asked for, to who asked for it, and never the same twice. */
import { describe, expect, it } from "vitest";
import type { ResponseAnswer } from "../src/core/device.js";
import { decodeCertificate, encodeSigningRequest, hex } from "./devices/operational-certificate.js";
import { IssuerModel } from "./issuer-model.js";

const issuer = new IssuerModel();
const fieldsOf = (answer: unknown) => (answer as ResponseAnswer).fields;
const nonceOf = () => fieldsOf(issuer.answer(7n, { op: "nonce" }))["nonce"] as Uint8Array;
const issued = (nonce: Uint8Array, nonceInside = nonce, notAfterAtLeastS: number | null = null) => {
    const nocsrElements = encodeSigningRequest({ publicKey: "key3", nonce: hex(nonceInside) });
    return fieldsOf(
        issuer.answer(7n, { op: "issue", nocsrElements, attestationSignature: new Uint8Array(64), nonce, caseAuthenticatedTags: [0xabcd_0001], notAfterAtLeastS }),
    );
};

describe("the issuer of the model world", () => {
    it("certifies the key of the request with the tags that are wanted", () => {
        const nonce = nonceOf();
        expect(nonce).toHaveLength(32);
        const certificate = decodeCertificate(issued(nonce)["noc"] as Uint8Array);
        expect(certificate).toMatchObject({ publicKey: "key3", fabric: 1, nodeId: 7n, cats: [0xabcd_0001] });
        expect(certificate).not.toHaveProperty("notAfterS");
        expect(decodeCertificate(issued(nonce, nonce, 99)["noc"] as Uint8Array)).toMatchObject({ notAfterS: 99 });
    });

    it("never repeats a nonce or a certificate, and begins anew with the next schedule", () => {
        issuer.reset();
        const [first, second] = [nonceOf(), nonceOf()];
        expect(first).not.toEqual(second);
        const certificate = issued(first)["noc"];
        expect(issued(first)["noc"]).not.toEqual(certificate);
        issuer.reset();
        expect(nonceOf()).toEqual(first);
        expect(issued(first)["noc"]).toEqual(certificate);
    });

    it("refuses a request made for another nonce, and bytes that are no request", () => {
        expect(issued(nonceOf(), nonceOf())).toMatchObject({ refusal: expect.stringContaining("not the one") as string, isFinal: false });
        const noRequest = { op: "issue", nocsrElements: new Uint8Array(3), attestationSignature: new Uint8Array(64), nonce: nonceOf() } as const;
        expect(fieldsOf(issuer.answer(7n, { ...noRequest, caseAuthenticatedTags: [], notAfterAtLeastS: null }))).toHaveProperty("refusal");
    });
});
