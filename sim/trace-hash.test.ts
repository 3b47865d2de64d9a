import { describe, expect, it } from "vitest";
import { KeyMaterial } from "../src/core/key-material.js";
import { TraceHash } from "./trace-hash.js";

const hashOf = (...values: unknown[]) => {
    const hash = new TraceHash();
    values.forEach(value => hash.value(value));
    return hash.hex();
};
const key = (fingerprint: string) => new KeyMaterial(new Uint8Array(16), fingerprint);

describe("TraceHash", () => {
    it("gives the same hash on every machine and Node version", () => {
        const hash = new TraceHash();
        hash.int(7);
        hash.int(2 ** 40 + 1);
        hash.big(0xfedcba9876543210n);
        hash.text("groupKeySetId");
        hash.bytes(Uint8Array.of(1, 2, 3, 4, 5));
        hash.value({ groupKeySetId: 7, slots: [1n, null, key("k")], on: true });
        expect(hash.hex()).toBe("90d262346f0c8ee6");
    });

    it("tells all kinds of values apart", () => {
        const values: unknown[] = [
            0, 1, -1, 0xffffffff, 2 ** 32, 2 ** 53 - 1, 0.5, "", "0", "1", "a", 0n, 1n, -1n, 0xffffffffffffffffn, 1n << 64n, 1n << 96n, -(1n << 64n),
            true, false, null, undefined, [], [1], [[1]], [1, 2], [2, 1], {}, { a: 1 }, { b: 1 }, { a: null }, { a: undefined }, { a: { b: 1 } }, [{}],
            { a: 1, b: 2 }, { a: 2, b: 1 }, Uint8Array.of(), Uint8Array.of(1), Uint8Array.of(0, 1), Uint8Array.of(1, 0, 0, 0), key("1"), key("2"), key("a"),
        ];
        expect(new Set(values.map(value => hashOf(value))).size).toBe(values.length);
    });

    it("changes with every single bit of every part", () => {
        const hash = new TraceHash();
        const run = (change: (part: number) => number) => {
            hash.reset();
            hash.int(change(0));
            hash.big(BigInt(change(1)));
            hash.text(String.fromCharCode(change(2) & 0xffff, 5));
            hash.bytes(new Uint8Array(Int32Array.of(change(3)).buffer));
            hash.value({ a: change(4), b: [change(5), { c: change(6) }] });
            return hash.hex();
        };
        const seen = new Set([run(() => 0x1234)]);
        for (let part = 0; part < 7; part++) {
            for (let bit = 0; bit < (part === 2 ? 16 : 32); bit++) {
                seen.add(run(index => (index === part ? 0x1234 ^ (1 << bit) : 0x1234)));
            }
        }
        expect(seen.size).toBe(1 + 6 * 32 + 16);
    });

    it("depends on the order of what happens, not on the order of fields", () => {
        expect(hashOf(1, 2)).not.toBe(hashOf(2, 1));
        expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
    });

    it("hashes structs by their content, whatever was hashed before", () => {
        const used = new TraceHash();
        for (let i = 0; i < 500; i++) {
            used.value({ [`a${i % 7}`]: 1, [`b${i}`]: { [`c${i}`]: 2 } });
        }
        for (const struct of [{ a1: 1, b499: 2 }, { b3: 1, a1: 2 }, { c1: 1 }, { fresh: { c1: 1, fresh: 2 } }]) {
            used.reset();
            used.value(struct);
            expect(used.hex()).toBe(hashOf(struct));
        }
    });

    it("does not run values into each other", () => {
        expect(hashOf("ab", "c")).not.toBe(hashOf("a", "bc"));
        expect(hashOf([1], [2])).not.toBe(hashOf([1, [2]]));
        expect(hashOf(Uint8Array.of(1), Uint8Array.of(2, 3))).not.toBe(hashOf(Uint8Array.of(1, 2), Uint8Array.of(3)));
    });

    it("hashes texts by their content, whether remembered or not", () => {
        const fresh = new TraceHash();
        const used = new TraceHash();
        for (let i = 0; i < 10_000; i++) {
            used.text(`text ${i}`);
        }
        const long = "x".repeat(1000);
        for (const text of ["text 1", "text 9999", long]) {
            fresh.reset();
            used.reset();
            fresh.text(text);
            used.text(text);
            used.text(text);
            fresh.text(text);
            expect(used.hex()).toBe(fresh.hex());
        }
        expect(hashOf(long)).not.toBe(hashOf(`${long}y`));
    });

    it("never looks at the bytes of a key", () => {
        const one = new KeyMaterial(new Uint8Array(16).fill(1), "same");
        const two = new KeyMaterial(new Uint8Array(16).fill(2), "same");
        expect(hashOf(one)).toBe(hashOf(two));
    });

    it("can be read in between and reset", () => {
        const hash = new TraceHash();
        const empty = hash.hex();
        hash.int(1);
        const one = hash.hex();
        expect(hash.hex()).toBe(one);
        hash.int(2);
        hash.reset();
        expect(hash.hex()).toBe(empty);
        hash.int(1);
        expect(hash.hex()).toBe(one);
        expect(one).toMatch(/^[0-9a-f]{16}$/);
    });

    it("refuses what is no plain data", () => {
        expect(() => hashOf(new Map())).toThrow(TypeError);
        expect(() => hashOf(() => 0)).toThrow(TypeError);
        expect(() => hashOf({ a: new Set([1]) })).toThrow(/not a Set/);
        expect(hashOf(Object.create(null))).toBe(hashOf({}));
    });
});
