/** Goal: equal parameters have equal digests, whatever the order of their fields; what differs, differs. */
import { describe, expect, it } from "vitest";
import { fingerprintOf } from "./canonical.js";

const text = (value: unknown) => fingerprintOf(value, bytes => new TextDecoder().decode(bytes));

describe("the digest of parameters", () => {
    it.each([
        [{ a: 1, b: 2 }, { b: 2, a: 1 }],
        [{ a: 1, b: undefined }, { a: 1 }],
        [{ a: { d: [1], c: 2n } }, { a: { c: 2n, d: [1] } }],
        [new Uint8Array([1, 255]), new Uint8Array([1, 255])],
    ])("is the same for %o and %o", (a, b) => {
        expect(text(a)).toBe(text(b));
    });

    it.each([
        [1, "1"],
        [1, 1n],
        [1n, "1n"],
        [null, "null"],
        [null, {}],
        [[], {}],
        [[1, 2], [2, 1]],
        [[[1], 2], [1, [2]]],
        [{ a: 1 }, { a: 2 }],
        [{ "a:1,b": 2 }, { a: 1, b: 2 }],
        [new Uint8Array([0x12]), new Uint8Array([0x01, 0x02])],
        [new Uint8Array([0x12]), "x12"],
        [true, 1],
    ])("differs for %o and %o", (a, b) => {
        expect(text(a)).not.toBe(text(b));
    });

    it("is made of the keyed function that it is given", () => {
        expect(fingerprintOf(1, () => "digest")).toBe("digest");
    });
});
