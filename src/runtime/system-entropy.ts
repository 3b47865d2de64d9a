import { randomBytes, randomInt } from "node:crypto";
import type { Entropy } from "../core/ports.js";

/** The operating system's cryptographically strong randomness. */
export function systemEntropy(): Entropy {
    return {
        below: bound => randomInt(bound),
        bytes: length => new Uint8Array(randomBytes(length)),
    };
}
