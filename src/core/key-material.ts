/**
 * A secret: the bytes of an epoch key. It never shows itself (`toString`, `toJSON`, `util.inspect`, `structuredClone`
 * and spread yield no bytes); a fingerprint stands for it wherever something is shown. Only transports, stores and device
 * models may call {@link reveal}.
 */
export class KeyMaterial {
    readonly #bytes: Uint8Array;
    /** A short keyed digest of the bytes: equal material under one manager has equal fingerprints. */
    readonly fingerprint: string;

    /**
     * @param bytes 16 bytes of an epoch key (section 4.17.2); copied.
     * @param fingerprint from the injected {@link Fingerprint} function.
     * @throws RangeError for any other length.
     */
    constructor(bytes: Uint8Array, fingerprint: string) {
        if (bytes.length !== KeyMaterial.LENGTH) {
            throw new RangeError(`an epoch key has ${KeyMaterial.LENGTH} bytes, not ${bytes.length}`);
        }
        this.#bytes = new Uint8Array(bytes); // slice() of a Buffer would share its memory
        this.fingerprint = fingerprint;
    }

    /** Length of an epoch key in bytes. */
    static readonly LENGTH = 16;

    /** A copy of the bytes. The caller must keep it out of every log, event, trace, report and error. */
    reveal(): Uint8Array {
        return this.#bytes.slice();
    }

    equals(other: KeyMaterial): boolean {
        for (let i = 0; i < KeyMaterial.LENGTH; i++) {
            if (this.#bytes[i] !== other.#bytes[i]) {
                return false;
            }
        }
        return true;
    }

    toString(): string {
        return `key:${this.fingerprint}`;
    }

    toJSON(): string {
        return this.toString();
    }

    [Symbol.for("nodejs.util.inspect.custom")](): string {
        return this.toString();
    }
}

/** Keyed one-way digest of a secret, short and printable; injected, because the pure layers hold no cryptography. */
export type Fingerprint = (bytes: Uint8Array) => string;
