import { decodeTlv, encodeTlv, isContainer, tlvField, type TlvElement, type TlvValue } from "./tlv.js";

/** What a simulated NOC says: the part of a real one that anybody here decides on. */
export interface OperationalCertificate {
    /** Names the key pair that the node made for it: at most 64 characters of ASCII, in the place of the key's coordinates. */
    readonly publicKey: string;
    readonly fabric: number;
    readonly nodeId: bigint;
    /** CASE authenticated tags, each of 32 bit; at most three. */
    readonly cats: readonly number[];
    /** Of the issuer, so that two certificates for one key differ. */
    readonly serial: number;
    /** Seconds since 2000-01-01; 0, the default, for no end. */
    readonly notAfterS?: number;
}

/** Fields of a certificate (core section 6.5.2). */
const Field = { SERIAL: 1, SIGNATURE_ALGORITHM: 2, ISSUER: 3, NOT_BEFORE: 4, NOT_AFTER: 5, SUBJECT: 6, KEY_ALGORITHM: 7, CURVE: 8, PUBLIC_KEY: 9, EXTENSIONS: 10, SIGNATURE: 11 } as const;

/** Attributes of a distinguished name (section 6.5.6.1). */
const Name = { NODE_ID: 17, RCAC_ID: 20, FABRIC_ID: 21, CAT: 22 } as const;

/** Extensions (section 6.5.11). */
const Extension = { BASIC_CONSTRAINTS: 1, KEY_USAGE: 2, EXTENDED_KEY_USAGE: 3, SUBJECT_KEY_ID: 4, AUTHORITY_KEY_ID: 5 } as const;

const PUBLIC_KEY_LENGTH = 65;
const SIGNATURE_LENGTH = 64;
const KEY_ID_LENGTH = 20;
/** First byte of an uncompressed public key. */
const UNCOMPRESSED = 4;

/**
 * The bytes of a simulated NOC: a certificate in Matter's encoding (core section 6.5.2) that every parser reads, with a public key that is only a name and a signature
 * that no real node would take.
 */
export function encodeCertificate({ publicKey, fabric, nodeId, cats, serial, notAfterS = 0 }: OperationalCertificate): Uint8Array {
    const subject: TlvElement[] = [[Name.NODE_ID, nodeId], [Name.FABRIC_ID, BigInt(fabric)], ...cats.map((cat): TlvElement => [Name.CAT, BigInt(cat)])];
    return encode({ serial, notAfterS, subject, fabric, publicKey, isCa: false });
}

/** The root certificate that stands above a simulated fabric's NOCs. */
export function rootCertificateOf(fabric: number): Uint8Array {
    return encode({ serial: 1, notAfterS: 0, subject: [[Name.RCAC_ID, BigInt(fabric)]], fabric, publicKey: rootKeyOf(fabric), isCa: true });
}

/** The public key of a simulated fabric's root, 65 bytes. */
export function rootPublicKeyOf(fabric: number): Uint8Array {
    return keyBytes(rootKeyOf(fabric));
}

function rootKeyOf(fabric: number): string {
    return `root${fabric}`;
}

function encode(certificate: {
    readonly serial: number;
    readonly notAfterS: number;
    readonly subject: readonly TlvElement[];
    readonly fabric: number;
    readonly publicKey: string;
    readonly isCa: boolean;
}): Uint8Array {
    return encodeTlv({
        type: "structure",
        elements: [
            [Field.SERIAL, Uint8Array.of(certificate.serial >>> 24, certificate.serial >>> 16, certificate.serial >>> 8, certificate.serial)],
            [Field.SIGNATURE_ALGORITHM, 1n],
            [Field.ISSUER, { type: "list", elements: [[Name.RCAC_ID, BigInt(certificate.fabric)]] }],
            [Field.NOT_BEFORE, 0n],
            [Field.NOT_AFTER, BigInt(certificate.notAfterS)],
            [Field.SUBJECT, { type: "list", elements: certificate.subject }],
            [Field.KEY_ALGORITHM, 1n],
            [Field.CURVE, 1n],
            [Field.PUBLIC_KEY, keyBytes(certificate.publicKey)],
            [
                Field.EXTENSIONS,
                {
                    type: "list",
                    elements: [
                        ...(certificate.isCa ? CA_EXTENSIONS : NODE_EXTENSIONS),
                        [Extension.SUBJECT_KEY_ID, keyId(certificate.publicKey)],
                        [Extension.AUTHORITY_KEY_ID, keyId(rootKeyOf(certificate.fabric))],
                    ],
                },
            ],
            [Field.SIGNATURE, new Uint8Array(SIGNATURE_LENGTH)],
        ],
    });
}

const NODE_EXTENSIONS: readonly TlvElement[] = [
    [Extension.BASIC_CONSTRAINTS, { type: "structure", elements: [[1, false]] }],
    [Extension.KEY_USAGE, 1n],
    [Extension.EXTENDED_KEY_USAGE, { type: "array", elements: [[-1, 2n], [-1, 1n]] }],
];
const CA_EXTENSIONS: readonly TlvElement[] = [
    [Extension.BASIC_CONSTRAINTS, { type: "structure", elements: [[1, true]] }],
    [Extension.KEY_USAGE, 0x60n],
];

/** Undefined for what is no simulated NOC, or not signed as one: with nothing but zeros. */
export function decodeCertificate(bytes: Uint8Array): OperationalCertificate | undefined {
    const certificate = decodeTlv(bytes);
    const subject = tlvField(certificate, Field.SUBJECT);
    const publicKey = keyName(tlvField(certificate, Field.PUBLIC_KEY));
    const serial = tlvField(certificate, Field.SERIAL);
    const notAfterS = tlvField(certificate, Field.NOT_AFTER);
    const signature = tlvField(certificate, Field.SIGNATURE);
    const [nodeId, fabric] = [tlvField(subject, Name.NODE_ID), tlvField(subject, Name.FABRIC_ID)];
    if (!isContainer(subject) || publicKey === undefined || !(serial instanceof Uint8Array) || typeof notAfterS !== "bigint") {
        return undefined;
    }
    if (!(signature instanceof Uint8Array) || signature.some(byte => byte !== 0)) {
        return undefined;
    }
    if (typeof nodeId !== "bigint" || typeof fabric !== "bigint") {
        return undefined;
    }
    return {
        publicKey,
        fabric: Number(fabric),
        nodeId,
        cats: subject.elements.flatMap(([tag, value]) => (tag === Name.CAT && typeof value === "bigint" ? [Number(value)] : [])),
        serial: serial.reduce((number, byte) => number * 256 + byte, 0),
        ...(notAfterS === 0n ? {} : { notAfterS: Number(notAfterS) }),
    };
}

/** What an issuer learns from CSRResponse.NOCSRElements (core section 11.18.4.9) of a simulated node. */
export interface SigningRequest {
    readonly publicKey: string;
    /** Hexadecimal, of the CSRRequest. */
    readonly nonce: string;
}

const Csr = { REQUEST: 1, NONCE: 2 } as const;

/** Where a real node has a signed request in PKCS #10, this has the key's name in the form of a public key. */
export function encodeSigningRequest({ publicKey, nonce }: SigningRequest): Uint8Array {
    return encodeTlv({
        type: "structure",
        elements: [
            [Csr.REQUEST, keyBytes(publicKey)],
            [Csr.NONCE, Uint8Array.from(nonce.match(/../g) ?? [], byte => Number.parseInt(byte, 16))],
        ],
    });
}

/** Undefined for what is no simulated request. */
export function decodeSigningRequest(bytes: Uint8Array): SigningRequest | undefined {
    const elements = decodeTlv(bytes);
    const publicKey = keyName(tlvField(elements, Csr.REQUEST));
    const nonce = tlvField(elements, Csr.NONCE);
    return publicKey === undefined || !(nonce instanceof Uint8Array) ? undefined : { publicKey, nonce: hex(nonce) };
}

export function hex(bytes: Uint8Array): string {
    return Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
}

function keyId(name: string): Uint8Array {
    return keyBytes(name).slice(1, 1 + KEY_ID_LENGTH);
}

function keyBytes(name: string): Uint8Array {
    const bytes = new Uint8Array(PUBLIC_KEY_LENGTH);
    bytes[0] = UNCOMPRESSED;
    bytes.set(new TextEncoder().encode(name), 1);
    return bytes;
}

/** Undefined for what is no name: a real key for instance. */
function keyName(value: TlvValue | undefined): string | undefined {
    if (!(value instanceof Uint8Array) || value.length !== PUBLIC_KEY_LENGTH || value[0] !== UNCOMPRESSED) {
        return undefined;
    }
    const end = value.indexOf(0);
    const name = value.subarray(1, end < 0 ? undefined : end);
    return name.every(byte => byte >= 0x20 && byte < 0x7f) ? String.fromCharCode(...name) : undefined;
}
