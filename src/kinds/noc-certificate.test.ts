/** Goal: certificates of a real authority are read right, and bytes that are no certificate are refused, whatever they are. */
import { CertificateAuthority, Noc, Rcac } from "@matter/protocol";
import { CaseAuthenticatedTag, FabricId, NodeId } from "@matter/types";
import { Bytes, Crypto, Environment, Logger, LogLevel } from "@matter/general";
import "@matter/nodejs";
import { beforeAll, describe, expect, it } from "vitest";
import { hexOf, parseCertificate } from "./noc-certificate.js";

const crypto = Environment.default.get(Crypto);
let authority: CertificateAuthority;
let publicKey: Uint8Array;

beforeAll(async () => {
    Logger.level = LogLevel.FATAL;
    authority = await CertificateAuthority.create(crypto, true);
    publicKey = Bytes.of((await crypto.createKeyPair()).publicKey);
});

async function nocWith(nodeId: bigint, fabricId: bigint, tags: number[]): Promise<Uint8Array> {
    return Bytes.of(await authority.generateNoc(publicKey, FabricId(fabricId), NodeId(nodeId), tags.map(tag => CaseAuthenticatedTag(tag))));
}

describe("a node's operational certificate", () => {
    it.each([
        ["small ids and no tags", 1n, 1n, []],
        ["ids of 64 bit and three tags", 0xffff_ffef_ffff_ffffn, 0xfedc_ba98_7654_3210n, [0x0001_0001, 0xabcd_0002, 0xffff_0001]],
    ])("made by matter.js with %s", async (_, nodeId, fabricId, tags) => {
        const bytes = await nocWith(nodeId, fabricId, tags);
        const { notAfter, extensions } = Noc.fromTlv(bytes).cert;
        expect(parseCertificate(bytes)).toEqual({
            nodeId,
            fabricId,
            caseAuthenticatedTags: tags,
            notAfterS: notAfter,
            publicKey,
            subjectKeyId: Bytes.of(extensions.subjectKeyIdentifier as Bytes),
        });
    });

    it("tells its tags in ascending order", async () => {
        const { caseAuthenticatedTags } = parseCertificate(await nocWith(5n, 1n, [0xffff_0001, 0xabcd_0002]))!;
        expect(caseAuthenticatedTags).toEqual([0xabcd_0002, 0xffff_0001]);
    });
});

describe("a root certificate", () => {
    it("has a subject key identifier, but names no node and no fabric", () => {
        const bytes = Bytes.of(authority.rootCert);
        const parsed = parseCertificate(bytes)!;
        expect(parsed).toMatchObject({ nodeId: null, fabricId: null, caseAuthenticatedTags: [] });
        expect(parsed.subjectKeyId).toEqual(Bytes.of(Rcac.fromTlv(bytes).cert.extensions.subjectKeyIdentifier as Bytes));
    });
});

describe("bytes that are no certificate", () => {
    it("are refused when they end anywhere before their end, or go on behind it", async () => {
        const bytes = await nocWith(5n, 1n, [0xabcd_0001]);
        for (let length = 0; length < bytes.length; length++) {
            expect(parseCertificate(bytes.subarray(0, length))).toBeUndefined();
        }
        expect(parseCertificate(Uint8Array.of(...bytes, 0))).toBeUndefined();
    });

    it.each([
        ["a public key of another length", [0x15, 0x24, 5, 0, 0x37, 6, 0x18, 0x30, 9, 1, 4, 0x18]],
        ["no subject", [0x15, 0x24, 5, 0, 0x30, 9, 65, ...new Array<number>(65).fill(4), 0x18]],
        ["no end of validity", [0x15, 0x37, 6, 0x18, 0x30, 9, 65, ...new Array<number>(65).fill(4), 0x18]],
        ["a text", [...new TextEncoder().encode("no certificate")]],
        ["containers nested without end", new Array<number>(200_000).fill(0x15)],
        ["tags of a profile", [0x15, 0x44, 5, 0, 0, 0x18]],
    ])("are refused: %s", (_, bytes) => {
        expect(parseCertificate(Uint8Array.from(bytes))).toBeUndefined();
    });

    it("never make it throw, whichever byte is another", async () => {
        const bytes = await nocWith(5n, 1n, [0xabcd_0001]);
        for (let at = 0; at < bytes.length; at++) {
            for (const value of [0x00, 0x0b, 0x18, 0xff]) {
                const changed = Uint8Array.from(bytes);
                changed[at] = value;
                expect(() => parseCertificate(changed)).not.toThrow();
            }
        }
    });
});

describe("integers of every width, and signed ones", () => {
    it("are read by their width", () => {
        const subject = [0x37, 6, 0x24, 17, 7, 0x20, 21, 0xff, 0x26, 22, 1, 0, 0xcd, 0xab, 0x18];
        const bytes = Uint8Array.from([0x15, 0x26, 5, 1, 2, 3, 4, ...subject, 0x30, 9, 65, ...new Array<number>(65).fill(4), 0x18]);
        expect(parseCertificate(bytes)).toMatchObject({ nodeId: 7n, fabricId: -1n, caseAuthenticatedTags: [0xabcd_0001], notAfterS: 0x0403_0201, subjectKeyId: null });
    });
});

it("hexadecimal is two lower-case digits for each byte", () => {
    expect(hexOf(Uint8Array.of(0, 10, 255))).toBe("000aff");
});
