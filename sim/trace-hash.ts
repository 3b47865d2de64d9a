import { KeyMaterial } from "../src/core/key-material.js";

/** Marks what kind of value follows, so that 1, "1", 1n, [1] and true differ. */
const Tag = {
    NULL: 0x6e01,
    UNDEFINED: 0x7502,
    FALSE: 0x6603,
    TRUE: 0x7404,
    NUMBER: 0x6e05,
    WIDE_NUMBER: 0x7706,
    BIGINT: 0x6207,
    TEXT: 0x7308,
    BYTES: 0x6f09,
    KEY: 0x6b0a,
    LIST: 0x6c0b,
    STRUCT: 0x730c,
} as const;

const MULTIPLIER_A = 0x9e3779b1 | 0;
const MULTIPLIER_B = 0x85ebca6b | 0;
const ADDEND_A = 0x27d4eb2f;
const ADDEND_B = 0x165667b1;

/** Texts longer than this are hashed each time; the cache is for names and reasons that come again and again. */
const CACHED_TEXT_LENGTH = 64;
const TEXT_CACHE_SIZE = 4096;

/**
 * A rolling 64-bit hash of everything that happened: the identity of a run. Not cryptographic. Each step is a bijection of the state and of
 * the word mixed in, so that two traces that differ in one word only never have the same hash; for all others it is a matter of 2^-64.
 *
 * @example
 * hash.int(nowMs);
 * hash.value(answer);
 * hash.hex();
 */
export class TraceHash {
    #a = 0;
    #b = 0;
    /** Texts -> place of their two words in `#textWords`: a string's content decides its hash, so sharing between runs changes nothing. */
    readonly #texts = new Map<string, number>();
    readonly #textWords = new Int32Array(2 * TEXT_CACHE_SIZE);

    constructor() {
        this.reset();
    }

    /** Begin a new trace. */
    reset(): void {
        this.#a = 0x243f6a88;
        this.#b = 0x85a308d3 | 0;
    }

    /** Any number; integers within 32 bits are fastest. */
    int(n: number): void {
        if ((n | 0) === n) {
            this.#mix(n);
        } else {
            this.#wide(n);
        }
    }

    /** Any bigint; up to 64 bits are fast. */
    big(n: bigint): void {
        scratch.setBigUint64(0, n, true);
        this.#mix(scratch.getInt32(0, true));
        this.#mix(scratch.getInt32(4, true));
        // setBigUint64 takes n modulo 2^64: sign and anything above must be told apart.
        this.#mix(n < 0n ? 1 : 0);
        for (let rest = n < 0n ? -n >> 64n : n >> 64n; rest > 0n; rest >>= 32n) {
            this.#mix(Number(rest & 0xffffffffn) | 0);
        }
    }

    text(s: string): void {
        let place = this.#texts.get(s);
        if (place === undefined) {
            place = this.#rememberText(s);
        }
        this.#mix(this.#textWords[place]!);
        this.#mix(this.#textWords[place + 1]!);
    }

    bytes(u8: Uint8Array): void {
        this.#mix(u8.length);
        let i = 0;
        for (; i + 4 <= u8.length; i += 4) {
            this.#mix(u8[i]! | (u8[i + 1]! << 8) | (u8[i + 2]! << 16) | (u8[i + 3]! << 24));
        }
        for (; i < u8.length; i++) {
            this.#mix(u8[i]!);
        }
    }

    /**
     * Plain data of any depth: what a `DeviceValue`, an input, an effect or a record consists of. Names of fields count, their order does
     * not; key material counts by its fingerprint.
     * @throws TypeError for functions, symbols, maps and other things that are no plain data
     */
    value(v: unknown): void {
        switch (typeof v) {
            case "number":
                this.#number(v);
                return;
            case "string":
                this.#mix(Tag.TEXT);
                this.text(v);
                return;
            case "bigint":
                this.#mix(Tag.BIGINT);
                this.big(v);
                return;
            case "boolean":
                this.#mix(v ? Tag.TRUE : Tag.FALSE);
                return;
            case "undefined":
                this.#mix(Tag.UNDEFINED);
                return;
            case "object":
                this.#object(v);
                return;
            default:
                throw new TypeError(`a trace holds plain data, not a ${typeof v}`);
        }
    }

    /** The first 32 bits of the hash so far, as a signed integer. */
    get high(): number {
        return avalanche(this.#a ^ Math.imul(this.#b, MULTIPLIER_B));
    }

    /** The last 32 bits. */
    get low(): number {
        return avalanche(this.#b);
    }

    /** The hash so far, 16 hexadecimal digits. Hashing can go on. */
    hex(): string {
        return hex32(this.high) + hex32(this.low);
    }

    #mix(word: number): void {
        const a = this.#a ^ word;
        const b = (this.#b + word) | 0;
        this.#a = (Math.imul((a << 13) | (a >>> 19), MULTIPLIER_A) + ADDEND_A) | 0;
        this.#b = (Math.imul((b << 17) | (b >>> 15), MULTIPLIER_B) + ADDEND_B) | 0;
    }

    #number(n: number): void {
        if ((n | 0) === n) {
            this.#mix(Tag.NUMBER);
            this.#mix(n);
        } else {
            this.#wide(n);
        }
    }

    #wide(n: number): void {
        this.#mix(Tag.WIDE_NUMBER);
        scratch.setFloat64(0, n, true);
        this.#mix(scratch.getInt32(0, true));
        this.#mix(scratch.getInt32(4, true));
    }

    #object(v: object | null): void {
        if (v === null) {
            this.#mix(Tag.NULL);
        } else if (Array.isArray(v)) {
            this.#mix(Tag.LIST);
            this.#mix(v.length);
            for (let i = 0; i < v.length; i++) {
                this.value(v[i]);
            }
        } else if (v instanceof KeyMaterial) {
            this.#mix(Tag.KEY);
            this.text(v.fingerprint);
        } else if (v instanceof Uint8Array) {
            this.#mix(Tag.BYTES);
            this.bytes(v);
        } else if (v instanceof Map || v instanceof Set || ArrayBuffer.isView(v)) {
            throw new TypeError(`a trace holds plain data, not a ${v.constructor.name}`);
        } else {
            this.#struct(v as { readonly [name: string]: unknown });
        }
    }

    /** Each field is hashed from the same start and the results are added: their order does not matter. */
    #struct(v: { readonly [name: string]: unknown }): void {
        this.#mix(Tag.STRUCT);
        const a = this.#a;
        const b = this.#b;
        let sumA = 0;
        let sumB = 0;
        let count = 0;
        for (const name in v) {
            this.#a = a;
            this.#b = b;
            this.text(name);
            this.value(v[name]);
            sumA = (sumA + this.#a) | 0;
            sumB = (sumB + this.#b) | 0;
            count++;
        }
        this.#a = a ^ sumA;
        this.#b = (b + sumB) | 0;
        this.#mix(count);
    }

    #rememberText(s: string): number {
        const a = this.#a;
        const b = this.#b;
        this.reset();
        this.#mix(s.length);
        for (let i = 0; i < s.length; i++) {
            this.#mix(s.charCodeAt(i));
        }
        if (this.#texts.size >= TEXT_CACHE_SIZE - 1) {
            this.#texts.clear();
        }
        // Place 0 serves texts that are not worth remembering.
        const place = s.length > CACHED_TEXT_LENGTH ? 0 : 2 * (this.#texts.size + 1);
        this.#textWords[place] = this.high;
        this.#textWords[place + 1] = this.low;
        if (place !== 0) {
            this.#texts.set(s, place);
        }
        this.#a = a;
        this.#b = b;
        return place;
    }
}

const scratch = new DataView(new ArrayBuffer(8));

function avalanche(word: number): number {
    let x = word;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return x ^ (x >>> 15);
}

function hex32(word: number): string {
    return (word >>> 0).toString(16).padStart(8, "0");
}
