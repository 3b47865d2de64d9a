import { isContainer, member, readTlv, type TlvValue } from "./noc-tlv.js";

/** What a certificate in Matter's own encoding (section 6.5.2) says, as far as anybody here looks at it. Its signature is not checked. */
export interface CertificateContent {
    /** Operational node id of the subject; null: it names none, as a CA's does. */
    readonly nodeId: bigint | null;
    /** Fabric id of the subject; null: it names none. */
    readonly fabricId: bigint | null;
    /** CASE authenticated tags of the subject (section 6.6.2.1.2), 32 bit each, ascending. */
    readonly caseAuthenticatedTags: readonly number[];
    /** Seconds since 2000-01-01T00:00:00Z; 0: it does not end (section 6.5.4). */
    readonly notAfterS: number;
    /** Public key of the subject: 65 bytes, uncompressed. */
    readonly publicKey: Uint8Array;
    /** Extension subject key identifier (section 6.5.11.4), 20 bytes; null: it has none. */
    readonly subjectKeyId: Uint8Array | null;
}

/** Fields of a certificate (section 6.5.2). */
const Field = { NOT_AFTER: 5, SUBJECT: 6, PUBLIC_KEY: 9, EXTENSIONS: 10 } as const;
/** Attributes of a distinguished name (section 6.5.6.1). */
const Name = { NODE_ID: 17, FABRIC_ID: 21, CASE_AUTHENTICATED_TAG: 22 } as const;
const SUBJECT_KEY_ID = 4;
const PUBLIC_KEY_BYTES = 65;

/** Undefined for bytes that are no certificate. */
export function parseCertificate(bytes: Uint8Array): CertificateContent | undefined {
    const certificate = readTlv(bytes)?.value;
    const subject = member(certificate, Field.SUBJECT);
    const publicKey = member(certificate, Field.PUBLIC_KEY);
    const notAfter = member(certificate, Field.NOT_AFTER);
    if (!isContainer(subject) || !(publicKey instanceof Uint8Array) || publicKey.length !== PUBLIC_KEY_BYTES || typeof notAfter !== "bigint") {
        return undefined;
    }
    const subjectKeyId = member(member(certificate, Field.EXTENSIONS), SUBJECT_KEY_ID);
    return {
        nodeId: integer(member(subject, Name.NODE_ID)),
        fabricId: integer(member(subject, Name.FABRIC_ID)),
        caseAuthenticatedTags: subject
            .flatMap(({ tag, value }) => (tag === Name.CASE_AUTHENTICATED_TAG && typeof value === "bigint" ? [Number(value)] : []))
            .sort((a, b) => a - b),
        notAfterS: Number(notAfter),
        publicKey,
        subjectKeyId: subjectKeyId instanceof Uint8Array ? subjectKeyId : null,
    };
}

function integer(value: TlvValue | undefined): bigint | null {
    return typeof value === "bigint" ? value : null;
}

/** Lower-case hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
    let text = "";
    for (const byte of bytes) {
        text += byte.toString(16).padStart(2, "0");
    }
    return text;
}
