import type { DeviceAnswer, DeviceFields, DeviceRequest, DeviceValue } from "../../src/core/device.js";
import { GeneralCommissioning, OperationalCredentials } from "../../src/core/clusters.js";
import { hexOf, parseCertificate } from "../../src/kinds/noc-certificate.js";
import { member, readTlv } from "../../src/kinds/noc-tlv.js";

/** A certificate to send with UpdateNOC; each node gets one of its own. */
export interface CertificatePlan {
    /** "issued": for the latest signing request. "tampered": the same with another signature. "foreignKey": for a key of the past. "garbage": none at all. */
    readonly kind: "issued" | "tampered" | "foreignKey" | "garbage";
    readonly cats: readonly number[];
}

/** A node's answer to CSRRequest, and the nonce that it was asked with. */
export interface SigningRequestAnswer {
    readonly nocsrElements: Uint8Array;
    readonly attestationSignature: Uint8Array;
    readonly nonce: Uint8Array;
}

/** Issues a NOC for a node's signing request; undefined when the request is not in order any more. */
export type IssueNoc = (request: SigningRequestAnswer, cats: readonly number[]) => Promise<Uint8Array | undefined>;

const { attributes, commands } = OperationalCredentials;
const GARBAGE = Uint8Array.of(1, 2, 3);

/**
 * The certificates of one node, real or simulated: makes those that are sent to it, and tells those that it shows in words that are the same for both.
 */
export class Certificates {
    /** Public keys in the order of their appearance. */
    #keys: string[] = [];
    #request: SigningRequestAnswer | undefined;
    /** The NOC that was there first. */
    #firstNoc: Uint8Array = GARBAGE;

    constructor(private readonly issue: IssueNoc) {}

    /** The node is as out of the box again. */
    forget(): void {
        this.#keys = [];
        this.#request = undefined;
        this.#firstNoc = GARBAGE;
    }

    /** The other's node is of the same kind, and this one was put into its state. */
    becomeLike(other: Certificates): void {
        this.#keys = [...other.#keys];
        this.#request = other.#request;
    }

    async make({ kind, cats }: CertificatePlan): Promise<Uint8Array> {
        if (kind === "garbage") {
            return GARBAGE;
        }
        const issued = kind === "foreignKey" || this.#request === undefined ? undefined : await this.issue(this.#request, cats);
        const noc = issued ?? this.#firstNoc;
        // The signature comes last, before the end of the structure.
        return kind === "tampered" ? noc.with(noc.length - 2, noc[noc.length - 2]! ^ 1) : noc;
    }

    /** The answer without what is another one on every node: keys, signatures and texts for people. */
    plain(request: DeviceRequest, answer: DeviceAnswer): DeviceAnswer {
        if (answer.kind === "response" && [OperationalCredentials.id, GeneralCommissioning.id].some(id => id === request.cluster)) {
            const { debugText: _, ...fields } = answer.fields;
            return { ...answer, fields: isCsr(request) ? this.#plainRequest(request.fields, fields) : fields };
        }
        if (answer.kind === "value" && request.op === "read" && request.cluster === OperationalCredentials.id) {
            return { ...answer, value: this.#plainValue(request.attribute, answer.value) };
        }
        return answer;
    }

    #plainRequest(asked: DeviceFields, fields: DeviceFields): DeviceFields {
        const { nocsrElements, attestationSignature } = fields as Readonly<Record<string, Uint8Array>>;
        const nonce = asked["csrNonce"] as Uint8Array;
        this.#request = { nocsrElements: nocsrElements!, attestationSignature: attestationSignature!, nonce };
        const elements = readTlv(nocsrElements!)?.value;
        const [request, echoed] = [member(elements, 1), member(elements, 2)];
        const isEchoed = echoed instanceof Uint8Array && hexOf(echoed) === hexOf(nonce);
        const key = request instanceof Uint8Array ? this.#keyNumber(publicKeyOf(request)) : -1;
        return { nocsrElements: { key, isEchoed }, attestationSignature: attestationSignature!.length };
    }

    #plainValue(attribute: number, value: DeviceValue): DeviceValue {
        switch (attribute) {
            case attributes.nocs:
                return (value as readonly DeviceFields[]).map(({ noc, icac }) => ({ noc: this.#plainNoc(noc as Uint8Array), hasIcac: icac !== null }));
            case attributes.fabrics:
                return (value as readonly DeviceFields[]).map(fabric => ({ ...fabric, rootPublicKey: (fabric["rootPublicKey"] as Uint8Array).length }));
            case attributes.trustedRootCertificates:
                return (value as readonly Uint8Array[]).map(root => parseCertificate(root)?.nodeId === null);
            default:
                return value;
        }
    }

    #plainNoc(noc: Uint8Array): DeviceValue {
        const content = parseCertificate(noc);
        if (content === undefined) {
            return "no certificate";
        }
        if (this.#keys.length === 0) {
            this.#firstNoc = noc;
        }
        const { nodeId, fabricId, caseAuthenticatedTags, publicKey } = content;
        return { nodeId, fabricId, caseAuthenticatedTags, key: this.#keyNumber(publicKey) };
    }

    #keyNumber(publicKey: Uint8Array): number {
        const key = hexOf(publicKey);
        const known = this.#keys.indexOf(key);
        return known >= 0 ? known : this.#keys.push(key) - 1;
    }
}

function isCsr(request: DeviceRequest): request is DeviceRequest & { readonly op: "invoke" } {
    return request.op === "invoke" && request.cluster === OperationalCredentials.id && request.command === commands.csrRequest;
}

/** An uncompressed key of 65 bytes, alone or as the bit string of a request in PKCS #10. */
function publicKeyOf(request: Uint8Array): Uint8Array {
    const BIT_STRING_OF_KEY = [0x03, 0x42, 0x00, 0x04];
    const at = request.findIndex((_, start) => BIT_STRING_OF_KEY.every((byte, offset) => request[start + offset] === byte));
    return at < 0 ? request : request.subarray(at + 3, at + 3 + 65);
}
