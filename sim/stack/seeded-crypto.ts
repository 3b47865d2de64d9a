import {
    Bytes,
    CurveType,
    ec,
    EcdsaSignature,
    Key,
    KeyType,
    NodeJsStyleCrypto,
    type PrivateKey,
} from "@matter/general";
import * as nodeCrypto from "node:crypto";
import { SeededRandom } from "./random.js";

/** Fewer rounds than any device would ask for: what it protects here is a test passcode. */
const PBKDF_ITERATIONS = 1000;

/**
 * Real Matter cryptography without any source of nondeterminism: entropy comes from a seed, ECDSA is RFC 6979, and nothing runs in
 * libuv's thread pool, whose completion order differs from run to run (and would let virtual time run ahead of a key derivation).
 */
export class SeededCrypto extends NodeJsStyleCrypto {
    readonly #random: SeededRandom;

    constructor(seed: string) {
        super(nodeCrypto);
        this.#random = new SeededRandom(seed);
    }

    override randomBytes(length: number): Bytes {
        return this.#random.bytes(length);
    }

    override createPbkdf2Key(secret: Bytes, salt: Bytes, _iterations: number, keyLength: number): Promise<Bytes> {
        const key = nodeCrypto.pbkdf2Sync(Bytes.of(secret), Bytes.of(salt), PBKDF_ITERATIONS, keyLength, "sha256");
        return Promise.resolve(new Uint8Array(key));
    }

    override createHkdfKey(secret: Bytes, salt: Bytes, info: Bytes, length = 16): Promise<Bytes> {
        return Promise.resolve(
            new Uint8Array(nodeCrypto.hkdfSync("sha256", Bytes.of(secret), Bytes.of(salt), Bytes.of(info), length)),
        );
    }

    override createKeyPair(): PrivateKey {
        const privateBits = ec.mapHashToField(this.#random.bytes(48), ec.p256.Point.CURVE().n);
        return Key({ kty: KeyType.EC, crv: CurveType.p256, privateBits: new Uint8Array(privateBits) }) as PrivateKey;
    }

    override signEcdsa(key: JsonWebKey, data: Bytes | Bytes[]): EcdsaSignature {
        const message = Array.isArray(data) ? Bytes.concat(...data) : data;
        const signature = ec.p256.sign(Bytes.of(message), privateBitsOf(key), { lowS: false });
        return new EcdsaSignature(new Uint8Array(signature));
    }
}

/** matter.js passes its own key objects, which carry the raw bits, as JSON web keys. */
function privateBitsOf(key: JsonWebKey): Uint8Array {
    if (typeof key.d === "string") {
        return new Uint8Array(Buffer.from(key.d, "base64url"));
    }
    return Bytes.of((key as unknown as PrivateKey).privateBits);
}
