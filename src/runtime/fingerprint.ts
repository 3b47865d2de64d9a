import { createHash, createHmac } from "node:crypto";
import type { Fingerprint } from "../core/key-material.js";
import type { FabricIdentity } from "../core/records.js";

/** 64 bits: equal fingerprints of different keys of one fabric are not to be expected, and nothing of a key can be told from them. */
const FINGERPRINT_BYTES = 8;

/**
 * The fingerprints of one fabric: HMAC-SHA-256 under a key that is derived from the fabric's identity, cut to 8 bytes, in hex.
 *
 * Fingerprints are stored (which start time had which key, which request id had which parameters) and so must come out the same in
 * every process that opens the store; deriving the key needs no further secret to be kept, and equal keys of two fabrics still have
 * unlike fingerprints. Who knows the fabric can test a *guessed* key against a fingerprint. That is no help against random keys.
 */
export function fabricFingerprint({ rootPublicKey, fabricId }: FabricIdentity): Fingerprint {
    const key = createHash("sha256").update(`selvage fingerprint 1\0${rootPublicKey}\0${fabricId.toString(16)}`).digest();
    return bytes => createHmac("sha256", key).update(bytes).digest("hex").slice(0, 2 * FINGERPRINT_BYTES);
}
