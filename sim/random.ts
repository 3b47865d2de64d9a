/**
 * The simulator's only source of chance: sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, 128 bit of state).
 * 32-bit integer arithmetic only, so the same seed gives the same draws on every machine and Node version. It satisfies the
 * `Entropy` port, so that it can also stand in for the manager's generator.
 *
 * @example
 * const random = new Random(42);
 * const latencyMs = 5 + random.below(95);
 */
export class Random {
    // Signed 32-bit integers: V8 keeps them unboxed in the object, which it does not do for values above 2^31.
    #a = 0;
    #b = 0;
    #c = 0;
    #counter = 0;
    #seed = 0;
    #stream = 0;

    /** @param seed any 32-bit integer @param stream tells generators of one seed apart; see {@link fork} */
    constructor(seed: number, stream = 0) {
        this.reset(seed, stream);
    }

    /** Start again, as if newly made: schedules reuse their generators. */
    reset(seed: number, stream = 0): void {
        this.#seed = seed | 0;
        this.#stream = stream | 0;
        this.#a = this.#seed;
        this.#b = this.#stream;
        this.#c = 0x9e3779b9 | 0;
        this.#counter = 1;
        // Neighbouring seeds differ in one bit only; twelve rounds are what the author recommends to spread it.
        for (let i = 0; i < 12; i++) {
            this.int32();
        }
    }

    /** Uniform over all signed 32-bit integers. The fastest draw. */
    int32(): number {
        const sum = (this.#a + this.#b + this.#counter) | 0;
        this.#counter = (this.#counter + 1) | 0;
        this.#a = this.#b ^ (this.#b >>> 9);
        this.#b = (this.#c + (this.#c << 3)) | 0;
        this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
        return sum;
    }

    /** Uniform over 0 to 2^32 - 1. */
    uint32(): number {
        return this.int32() >>> 0;
    }

    /**
     * Uniform integer from 0 to `bound - 1`. Up to 2^16 one draw is used, with a bias below 2^-16; above, draws are repeated until
     * one fits, without bias.
     * @param bound 1 to 2^31
     */
    below(bound: number): number {
        if (bound <= 0x10000) {
            // Below 2^48 and so exact in a double: the scaling is integer arithmetic, and several times faster than a remainder.
            return ((this.int32() >>> 0) * bound * SCALE) >>> 0;
        }
        const mask = 0xffffffff >>> Math.clz32(bound - 1);
        for (;;) {
            const draw = (this.int32() & mask) >>> 0;
            if (draw < bound) {
                return draw;
            }
        }
    }

    /** Uniform integer from `min` to `max`, both included. */
    between(min: number, max: number): number {
        return max <= min ? min : min + this.below(max - min + 1);
    }

    /** True in `perMille` of 1000 cases. Always one draw, whatever `perMille` is, so that a change of strength shifts no later draw. */
    chance(perMille: number): boolean {
        return (((this.int32() >>> 0) * 1000 * SCALE) >>> 0) < perMille;
    }

    /** Bytes for key material. */
    bytes(length: number): Uint8Array {
        const bytes = new Uint8Array(length);
        for (let i = 0; i < length; i += 4) {
            const word = this.int32();
            for (let j = i; j < length && j < i + 4; j++) {
                bytes[j] = word >>> ((j - i) << 3);
            }
        }
        return bytes;
    }

    /**
     * An independent generator for the part of the world that `label` names. It depends on the seed and the label only, not on what was drawn
     * here: leaving one part of a script out leaves the chances of the others as they were.
     */
    fork(label: number): Random {
        return new Random(this.#seed, mixLabel(this.#stream, label));
    }

    /** {@link fork} into a generator that exists already. */
    forkInto(label: number, target: Random): void {
        target.reset(this.#seed, mixLabel(this.#stream, label));
    }
}

/** 2^-32 */
const SCALE = 1 / 0x1_0000_0000;

/** Forks of forks must not meet: (1, 2) and (2, 1) give different streams. */
function mixLabel(stream: number, label: number): number {
    let mixed = Math.imul(stream ^ 0x2545f491, 0x85ebca6b) ^ label;
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1);
    return mixed ^ (mixed >>> 13);
}
