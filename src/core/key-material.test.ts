import { Buffer } from "node:buffer";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { KeyMaterial } from "./key-material.js";

const bytes = new TextEncoder().encode("SECRET-KEY-BYTES");
const key = new KeyMaterial(bytes, "fp7");

/** Every way in which the bytes could be recognised. */
const shown = /SECRET|83|69, ?67|0x53|534543/;

describe("key material", () => {
    it("is shown as its fingerprint", () => {
        expect([`${key.toString()}`, JSON.stringify({ key }), inspect({ key })]).toEqual(["key:fp7", '{"key":"key:fp7"}', "{ key: key:fp7 }"]);
    });

    it.each([
        ["inspect", inspect(key, { depth: Infinity, showHidden: true, customInspect: false })],
        ["JSON", JSON.stringify([key, { ...key }])],
        ["a text", String(key)],
        ["structuredClone", inspect(structuredClone(key), { showHidden: true })],
        ["spread", inspect({ ...key }, { showHidden: true })],
    ])("does not show itself through %s", (_how, text) => {
        expect(text).not.toMatch(shown);
    });

    it("has no property but its fingerprint", () => {
        expect(Reflect.ownKeys(key)).toEqual(["fingerprint"]);
    });

    it("reveals a copy of its bytes", () => {
        expect(key.reveal()).toEqual(bytes);
        key.reveal().fill(0);
        expect(key.reveal()).toEqual(bytes);
    });

    it("shares no memory with what it was made of, nor with a Buffer's pool", () => {
        const pooled = Buffer.from("SECRET-KEY-BYTES");
        const material = new KeyMaterial(pooled, "fp7");
        pooled.fill(0);
        expect(material.reveal()).toEqual(bytes);
        expect(material.reveal()).not.toBeInstanceOf(Buffer);
    });

    it.each([0, 15, 17, 32])("has 16 bytes, not %i", length => {
        expect(() => new KeyMaterial(new Uint8Array(length), "x")).toThrow(RangeError);
    });

    it("is equal when its bytes are", () => {
        expect(key.equals(new KeyMaterial(bytes, "other"))).toBe(true);
        const last = bytes.slice();
        last[15]! ^= 1;
        expect(key.equals(new KeyMaterial(last, "fp7"))).toBe(false);
    });
});
