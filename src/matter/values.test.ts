import { Matter } from "@matter/model";
import { describe, expect, it } from "vitest";
import { KeyMaterial } from "../core/key-material.js";
import { findAttribute, requireCommand } from "./schema.js";
import { fromMatter, toMatter } from "./values.js";

const UNIX_TO_MATTER_US = 946_684_800_000_000n;
const ACCESS_CONTROL = 0x1f;
const GROUP_KEY_MANAGEMENT = 0x3f;
const KEY_SET_WRITE = 0;

const keySetWrite = requireCommand(GROUP_KEY_MANAGEMENT, KEY_SET_WRITE).command.schema;
const acl = findAttribute(ACCESS_CONTROL, 0)!.attribute.schema;
const key = new KeyMaterial(new Uint8Array(KeyMaterial.LENGTH).fill(7), "seven");

describe("start times", () => {
    it("shift from the epoch of the wire to matter.js's and back, exact in all 64 bits", () => {
        const startTime = 2n ** 63n + 12_345n;
        const sent = toMatter(keySetWrite, { groupKeySet: { epochStartTime0: startTime } });
        expect(sent).toEqual({ groupKeySet: { epochStartTime0: startTime + UNIX_TO_MATTER_US } });
        expect(fromMatter(keySetWrite, sent)).toEqual({ groupKeySet: { epochStartTime0: startTime } });
    });

    it("stay null where a slot is unused", () => {
        expect(toMatter(keySetWrite, { groupKeySet: { epochStartTime1: null } })).toEqual({ groupKeySet: { epochStartTime1: null } });
    });
});

describe("key material", () => {
    it("is unwrapped for matter.js", () => {
        expect(toMatter(keySetWrite, { groupKeySet: { epochKey0: key } })).toEqual({ groupKeySet: { epochKey0: key.reveal() } });
    });

    it("is not named by the error of an invalid request", () => {
        const attempt = () => toMatter(keySetWrite, { groupKeySet: { groupKeySetId: key } });
        expect(attempt).toThrow(/groupKeySet\.groupKeySetId is not an integer/);
        expect(attempt).not.toThrow(/seven|0?7,0?7/);
    });
});

describe("structures", () => {
    it("lose fabricIndex and absent fields on the way in", () => {
        const entry = { privilege: 5, authMode: 2, subjects: [1n], targets: undefined, fabricIndex: 3 };
        expect(fromMatter(acl, [entry])).toEqual([{ privilege: 5, authMode: 2, subjects: [1n] }]);
    });

    it("keep absent and null apart on the way out", () => {
        expect(toMatter(acl, [{ subjects: null }])).toEqual([{ subjects: null }]);
        expect(toMatter(acl, [{}])).toEqual([{}]);
    });

    it("refuse a field that the specification does not have", () => {
        expect(() => toMatter(acl, [{ privilige: 5 }])).toThrow(/acl\[0\]\.privilige/);
    });

    it.each([
        ["a list", [5]],
        ["text", "x"],
        ["bytes", new Uint8Array(2)],
    ])("refuse %s in the place of a structure", (_what, value) => {
        expect(() => toMatter(acl, [value])).toThrow(/acl\[0\] is not a structure/);
    });
});

describe("numbers", () => {
    it("of 64 bits are bigint both ways, whatever their size", () => {
        expect(toMatter(acl, [{ subjects: [5] }])).toEqual([{ subjects: [5n] }]);
        expect(fromMatter(acl, [{ subjects: [5] }])).toEqual([{ subjects: [5n] }]);
    });

    it("of fewer bits must be safe integers", () => {
        expect(() => toMatter(acl, [{ privilege: 1.5 }])).toThrow(/not an integer/);
        expect(() => toMatter(acl, [{ privilege: 5n }])).toThrow(/not an integer/);
    });
});

describe("bitmaps", () => {
    const nameSupport = findAttribute(0x04, 0)!.attribute.schema;
    // One field of two bits, among flags.
    const colorCapabilities = Matter.clusters.require("ColorControl").attributes.require("ColorCapabilities");

    it("are numbers for the cores and flags for matter.js", () => {
        expect(fromMatter(nameSupport, { groupNames: true })).toBe(0x80);
        expect(toMatter(nameSupport, 0x80)).toEqual({ groupNames: true });
    });

    it("survive the way there and back", () => {
        for (const bits of [0, 1, 5, 31]) {
            expect(fromMatter(colorCapabilities, toMatter(colorCapabilities, bits))).toBe(bits);
        }
    });
});
