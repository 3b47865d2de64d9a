/** What a simulated NOC says: the part of a real one that anybody here decides on. */
export interface OperationalCertificate {
    /** Hexadecimal; names the key pair that the node made for it. */
    readonly publicKey: string;
    readonly fabric: number;
    readonly nodeId: bigint;
    /** CASE authenticated tags, each of 32 bit; at most three. */
    readonly cats: readonly number[];
    /** Of the issuer, so that two certificates for one key differ. */
    readonly serial: number;
}

/** The bytes of a simulated NOC: readable, and nothing that a real node would take. */
export function encodeCertificate({ publicKey, fabric, nodeId, cats, serial }: OperationalCertificate): Uint8Array {
    return new TextEncoder().encode(JSON.stringify({ noc: publicKey, fabric, nodeId: nodeId.toString(16), cats, serial }));
}

/** Undefined for what is no simulated NOC. */
export function decodeCertificate(bytes: Uint8Array): OperationalCertificate | undefined {
    const fields = parse(bytes);
    if (typeof fields?.["noc"] !== "string" || typeof fields["nodeId"] !== "string" || !Array.isArray(fields["cats"])) {
        return undefined;
    }
    if (typeof fields["fabric"] !== "number" || typeof fields["serial"] !== "number" || !/^[0-9a-f]{1,16}$/.test(fields["nodeId"])) {
        return undefined;
    }
    return {
        publicKey: fields["noc"],
        fabric: fields["fabric"],
        nodeId: BigInt(`0x${fields["nodeId"]}`),
        cats: fields["cats"] as readonly number[],
        serial: fields["serial"],
    };
}

/** What an issuer learns from CSRResponse.NOCSRElements of a simulated node. */
export interface SigningRequest {
    readonly publicKey: string;
    /** Hexadecimal, of the CSRRequest. */
    readonly nonce: string;
}

export function encodeSigningRequest({ publicKey, nonce }: SigningRequest): Uint8Array {
    return new TextEncoder().encode(JSON.stringify({ csr: publicKey, nonce }));
}

/** Undefined for what is no simulated request. */
export function decodeSigningRequest(bytes: Uint8Array): SigningRequest | undefined {
    const fields = parse(bytes);
    return typeof fields?.["csr"] === "string" && typeof fields["nonce"] === "string" ? { publicKey: fields["csr"], nonce: fields["nonce"] } : undefined;
}

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
    try {
        const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
        return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
    } catch {
        return undefined;
    }
}
