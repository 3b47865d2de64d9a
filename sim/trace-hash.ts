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

/** Field names remembered, counted once for each place in a structure. */
const NAMES_REMEMBERED = 2048;

/**
 * A field name, its hash, and the names that were seen after it: structures of one type have the same names in the same order, so that
 * the next one is nearly always the latest.
 */
class FieldName {
    latest: FieldName | undefined = undefined;
    readonly others = new Map<string, FieldName>();

    constructor(
        readonly name: string,
        readonly a: number,
        readonly b: number,
    ) {}
}

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
    readonly #names = new FieldName("", 0, 0);
    #nameCount = 0;

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
        this.#mixPair(scratch.getInt32(0, true), scratch.getInt32(4, true));
        // setBigUint64 takes n modulo 2^64: sign and anything above must be told apart.
        if (n < 0n || n > MAX_UINT64) {
            this.#mix(n < 0n ? 1 : 2);
            for (let rest = n < 0n ? -n >> 64n : n >> 64n; rest > 0n; rest >>= 32n) {
                this.#mix(Number(rest & 0xffffffffn) | 0);
            }
        }
    }

    text(s: string): void {
        const place = this.#texts.get(s) ?? this.#rememberText(s);
        this.#mixPair(this.#textWords[place]!, this.#textWords[place + 1]!);
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
     * @throws TypeError for functions, symbols, maps, sets and other things that are no plain data
     */
    value(v: unknown): void {
        switch (typeof v) {
            case "number":
                if ((v | 0) === v) {
                    this.#mixPair(v ^ Tag.NUMBER, v + Tag.NUMBER);
                } else {
                    this.#wide(v);
                }
                return;
            case "string":
                // No tag: the words of a text are as good as random, and meet nothing else.
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
        this.#mixPair(word, word);
    }

    /** 64 bits in one step, one half for each lane. */
    #mixPair(wordA: number, wordB: number): void {
        const a = this.#a ^ wordA;
        const b = (this.#b + wordB) | 0;
        this.#a = (Math.imul((a << 13) | (a >>> 19), MULTIPLIER_A) + ADDEND_A) | 0;
        this.#b = (Math.imul((b << 17) | (b >>> 15), MULTIPLIER_B) + ADDEND_B) | 0;
    }

    #wide(n: number): void {
        this.#mix(Tag.WIDE_NUMBER);
        scratch.setFloat64(0, n, true);
        this.#mixPair(scratch.getInt32(0, true), scratch.getInt32(4, true));
    }

    #object(v: object | null): void {
        if (v === null) {
            this.#mix(Tag.NULL);
        } else if (Array.isArray(v)) {
            this.#mixPair(Tag.LIST, v.length);
            for (let i = 0; i < v.length; i++) {
                this.value(v[i]);
            }
        } else if (v instanceof KeyMaterial) {
            this.#mix(Tag.KEY);
            this.text(v.fingerprint);
        } else if (v instanceof Uint8Array) {
            this.#mix(Tag.BYTES);
            this.bytes(v);
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
        let names = this.#names;
        for (const name in v) {
            const known = names.latest;
            names = known !== undefined && known.name === name ? known : this.#nameAfter(names, name);
            this.#a = a ^ names.a;
            this.#b = b ^ names.b;
            this.value(v[name]);
            sumA = (sumA + this.#a) | 0;
            sumB = (sumB + this.#b) | 0;
            count++;
        }
        if (count === 0) {
            requirePlain(v);
        }
        this.#a = a ^ sumA;
        this.#b = (b + sumB) | 0;
        this.#mix(count);
    }

    #nameAfter(before: FieldName, name: string): FieldName {
        let after = before.others.get(name);
        if (after === undefined) {
            const place = this.#texts.get(name) ?? this.#rememberText(name);
            after = new FieldName(name, this.#textWords[place]!, this.#textWords[place + 1]!);
            // Objects used as dictionaries have ever new names; those are not worth remembering.
            if (this.#nameCount < NAMES_REMEMBERED) {
                this.#nameCount++;
                before.others.set(name, after);
            }
        }
        before.latest = after;
        return after;
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

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;
const scratch = new DataView(new ArrayBuffer(8));

/** Something without fields of its own may be no struct at all: a map's entries would go unnoticed. */
function requirePlain(v: object): void {
    const prototype: unknown = Object.getPrototypeOf(v);
    if (prototype !== Object.prototype && prototype !== null) {
        throw new TypeError(`a trace holds plain data, not a ${v.constructor.name}`);
    }
}

function avalanche(word: number): number {
    let x = word;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return x ^ (x >>> 15);
}

function hex32(word: number): string {
    return (word >>> 0).toString(16).padStart(8, "0");
}
