import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyMaterial } from "../../core/key-material.js";
import { decodeRecord, encodeRecord } from "./record-codec.js";

/** KeyMaterial hides its bytes from every comparison; this shows them, and tells `-0` and `undefined` apart as well. */
function visible(value: unknown): unknown {
    if (value instanceof KeyMaterial) {
        return { isKeyMaterial: true, bytes: [...value.reveal()], fingerprint: value.fingerprint };
    }
    if (Array.isArray(value)) {
        return Array.from(value, visible);
    }
    if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
        return Object.entries(value).map(([key, member]) => [key, visible(member)]);
    }
    return value;
}

const key = fc.oneof(
    fc.string(),
    fc.constantFrom("__proto__", "constructor", "toString", "$", "$n", "$$n", "$k", "$u", "0", "-1"),
    fc.string({ unit: "binary" }),
);

const leaf = fc.oneof(
    fc.constantFrom(null, undefined, true, false, 0, -0, Number.NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.string()).map(([b, f]) => new KeyMaterial(b, f)),
);

const { record } = fc.letrec<{ value: unknown; record: object }>(tie => ({
    value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        leaf,
        fc.array(tie("value"), { maxLength: 4 }),
        tie("record"),
    ),
    record: fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map(entries => Object.fromEntries(entries)),
}));

describe("record codec", () => {
    it("gives back exactly what it got", () => {
        fc.assert(
            fc.property(record, original => {
                const decoded = decodeRecord(encodeRecord(original));
                expect(visible(decoded)).toStrictEqual(visible(original));
            }),
            { numRuns: 2_000, seed: 1 },
        );
    });

    it("is stable: what was decoded encodes to the same bytes", () => {
        fc.assert(
            fc.property(record, original => {
                const bytes = encodeRecord(original);
                expect(encodeRecord(decodeRecord(bytes)!).equals(bytes)).toBe(true);
            }),
            { numRuns: 500, seed: 2 },
        );
    });

    it("writes the same bytes today as yesterday", () => {
        const bytes = encodeRecord({
            node: 0x1122n,
            name: "hall",
            keys: [new KeyMaterial(new Uint8Array(16).fill(7), "ab12")],
            raw: Uint8Array.of(1, 2),
            $odd: [null, -0, undefined],
        });
        expect(bytes.toString()).toBe(
            '{"node":{"$n":"4386"},"name":"hall","keys":[{"$k":["BwcHBwcHBwcHBwcHBwcHBw==","ab12"]}],' +
                '"raw":{"$b":"AQI="},"$$odd":[null,{"$f":"-0"},{"$u":0}]}',
        );
    });

    it("keeps a property called __proto__ a property, whoever wrote the bytes", () => {
        for (const text of ['{"__proto__":{"polluted":true}}', '{"__proto__":{"polluted":{"$n":"1"}},"a":{"$$b":1}}']) {
            const decoded = decodeRecord(Buffer.from(text))!;
            expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
            expect("polluted" in decoded).toBe(false);
            expect(Object.keys(decoded)).toContain("__proto__");
        }
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });

    it("decodes nothing from bytes that are no record, and does not throw", () => {
        const broken = [
            "", "{", "1", "null", '"text"', '{"a":{"$n":"0x1"}}', '{"a":{"$n":1}}', '{"a":{"$b":"!"}}', '{"a":{"$k":["AQI=","f"]}}',
            '{"a":{"$k":"AQI="}}', '{"a":{"$f":"1"}}', '{"a":{"$z":1}}', '{"$n":"1","b":2}',
        ];
        for (const text of broken) {
            expect(decodeRecord(Buffer.from(text)), text).toBeUndefined();
        }
        expect(decodeRecord(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), "not UTF-8").toBeUndefined();
        expect(decodeRecord(Buffer.from(`${'{"$$a":'.repeat(100)}1${"}".repeat(100)}`)), "too deep").toBeUndefined();
        fc.assert(
            fc.property(fc.oneof(fc.uint8Array(), fc.json().map(text => Buffer.from(text))), bytes => {
                const decoded = decodeRecord(bytes);
                expect(decoded === undefined || typeof decoded === "object").toBe(true);
            }),
            { numRuns: 1_000, seed: 3 },
        );
    });

    it("refuses what is not plain data, without showing it", () => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        for (const record of [{ f: () => "secret" }, { s: Symbol("secret") }, { d: new Date(0) }, new Map([["secret", 1]]), cycle]) {
            expect(() => encodeRecord(record)).toThrow(expect.objectContaining({ code: "REFUSED" }));
            expect(() => encodeRecord(record)).toThrow(/plain data/);
            expect(() => encodeRecord(record)).not.toThrow(/secret/);
        }
    });

    it("copies bytes out of what it reads", () => {
        const encoded = encodeRecord({ raw: Uint8Array.of(1, 2, 3) });
        const decoded = decodeRecord(encoded) as { raw: Uint8Array };
        encoded.fill(0);
        expect([...decoded.raw]).toEqual([1, 2, 3]);
        expect(decoded.raw.buffer.byteLength).toBe(3);
    });
});
