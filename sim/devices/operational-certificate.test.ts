import { Noc, Rcac, TlvCertSigningRequest } from "@matter/protocol";
import { describe, expect, it } from "vitest";
import {
    decodeCertificate,
    decodeSigningRequest,
    encodeCertificate,
    encodeSigningRequest,
    hex,
    rootCertificateOf,
    rootPublicKeyOf,
    type OperationalCertificate,
} from "./operational-certificate.js";
import { decodeTlv, encodeTlv, tlvField, type TlvValue } from "./tlv.js";

const certificate: OperationalCertificate = {
    publicKey: "key7",
    fabric: 3,
    nodeId: 0x12_0000_0000_0034n,
    cats: [0xabcd_0001, 0x1234_0002],
    serial: 0x0102_0304,
    notAfterS: 800_000_000,
};

describe("a simulated certificate", () => {
    it("says what was put in, and not more than a command takes", () => {
        const bytes = encodeCertificate(certificate);
        expect(decodeCertificate(bytes)).toEqual(certificate);
        expect(bytes.length).toBeLessThanOrEqual(400);
    });

    it("is a certificate to matter.js too", () => {
        const { cert } = Noc.fromTlv(encodeCertificate(certificate));
        expect(cert.subject).toMatchObject({ nodeId: certificate.nodeId, fabricId: 3n, caseAuthenticatedTags: certificate.cats });
        expect([cert.notAfter, (cert.ellipticCurvePublicKey as Uint8Array).byteLength]).toEqual([800_000_000, 65]);
        const root = Rcac.fromTlv(rootCertificateOf(3)).cert;
        expect(new Uint8Array(root.ellipticCurvePublicKey as Uint8Array)).toEqual(rootPublicKeyOf(3));
        expect(root.extensions.basicConstraints.isCa).toBe(true);
    });

    it("has no end unless it says so, and no tags", () => {
        const plain = { publicKey: "k", fabric: 1, nodeId: 5n, cats: [], serial: 0 };
        expect(decodeCertificate(encodeCertificate(plain))).toEqual(plain);
    });

    it("is nothing that was cut, prolonged or made of something else", () => {
        const bytes = encodeCertificate(certificate);
        for (let length = 0; length < bytes.length; length++) {
            expect(decodeCertificate(bytes.subarray(0, length))).toBeUndefined();
        }
        expect(decodeCertificate(Uint8Array.of(...bytes, 0x18))).toBeUndefined();
        expect(decodeCertificate(rootCertificateOf(3))).toBeUndefined();
        expect(decodeCertificate(encodeSigningRequest({ publicKey: "key7", nonce: "00" }))).toBeUndefined();
    });

    it("is none with another signature than a simulated one", () => {
        const bytes = encodeCertificate(certificate);
        expect(decodeCertificate(bytes.with(bytes.length - 2, 1))).toBeUndefined();
    });

    it("that holds a real key is none of ours", () => {
        const bytes = encodeCertificate(certificate);
        const at = bytes.findIndex((_, i) => bytes[i] === 0x6b && bytes[i + 1] === 0x65);
        expect(decodeCertificate(bytes.with(at, 0xf3))).toBeUndefined();
    });
});

describe("a simulated signing request", () => {
    it("carries the key's name and the nonce, in the elements that the specification names", () => {
        const nonce = "00ff10".padEnd(64, "ab");
        const bytes = encodeSigningRequest({ publicKey: "key1", nonce });
        expect(decodeSigningRequest(bytes)).toEqual({ publicKey: "key1", nonce });
        expect(hex(new Uint8Array(TlvCertSigningRequest.decode(bytes).csrNonce as Uint8Array))).toBe(nonce);
        expect(decodeSigningRequest(encodeCertificate(certificate))).toBeUndefined();
    });
});

describe("TLV", () => {
    it("gives back what was written, whatever the size", () => {
        const value: TlvValue = {
            type: "structure",
            elements: [
                ...[0n, 0xffn, 0x100n, 0xffffn, 0x1_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0xffff_ffff_ffff_ffffn].map((number, tag) => [tag, number] as const),
                [8, true],
                [9, new Uint8Array(300).fill(7)],
                [10, { type: "array", elements: [[-1, false]] }],
                [11, { type: "list", elements: [] }],
            ],
        };
        expect(decodeTlv(encodeTlv(value))).toEqual(value);
        expect(tlvField(value, 1)).toBe(0xffn);
        expect([tlvField(value, 99), tlvField(7n, 1)]).toEqual([undefined, undefined]);
    });

    it("is not read where it has what certificates have not: other tags, signed integers, text", () => {
        const strange = [Uint8Array.of(0x00, 1), Uint8Array.of(0x0c, 0), Uint8Array.of(0x40, 0, 1), Uint8Array.of(0x15), Uint8Array.of(0x18), new Uint8Array(0)];
        expect(strange.map(decodeTlv)).toEqual(strange.map(() => undefined));
    });
});
