import { createHash } from "node:crypto";

/**
 * A deterministic random bit generator: SHA-256 in counter mode over a seed string. Bytes and integers only; its output is the same on
 * every platform and Node version.
 */
export class SeededRandom {
    readonly #key: Buffer;
    #counter = 0n;
    #block = Buffer.alloc(0);
    #used = 0;

    constructor(seed: string) {
        this.#key = createHash("sha256").update(seed).digest();
    }

    bytes(length: number): Uint8Array<ArrayBuffer> {
        const result = new Uint8Array(length);
        for (let i = 0; i < length; i++) {
            if (this.#used === this.#block.length) {
                this.#refill();
            }
            result[i] = this.#block[this.#used++]!;
        }
        return result;
    }

    /** Uniform integer from 0 to `bound - 1`; `bound` is at most 2^31. */
    below(bound: number): number {
        if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 31) {
            throw new RangeError(`bound ${bound} is not an integer from 1 to 2^31`);
        }
        // Rejection keeps it uniform: the last, incomplete run of `bound` values is thrown away.
        const limit = 2 ** 32 - (2 ** 32 % bound);
        for (;;) {
            const value = this.#uint32();
            if (value < limit) {
                return value % bound;
            }
        }
    }

    /** In [0, 1), for code that expects `Math.random`; a multiple of 2^-32, so exact on every platform. */
    fraction(): number {
        return this.#uint32() / 2 ** 32;
    }

    #uint32(): number {
        const [a, b, c, d] = this.bytes(4) as unknown as [number, number, number, number];
        return a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
    }

    #refill(): void {
        const counter = Buffer.alloc(8);
        counter.writeBigUInt64BE(this.#counter++);
        this.#block = createHash("sha256").update(this.#key).update(counter).digest();
        this.#used = 0;
    }
}
