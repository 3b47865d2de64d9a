import { describe, expect, it } from "vitest";
import { identityText, nodeText, slotText, type KeyPart } from "./identity.js";
import { endpointNumber, groupId, keySetId, nodeId } from "./ids.js";

/** Parts that could be taken for others, or for a separator. */
const parts: KeyPart[] = [1, 11, "", "1", "11", "1/1", '"', '1"', '"/"', '"1"', "/", "\\"];

describe("the text of an identity", () => {
    it("is one per identity: no part can imitate a separator", () => {
        const keys = [...parts.map(part => [part]), ...parts.flatMap(a => parts.map(b => [a, b]))];
        expect(new Set(keys.map(key => identityText("kind", key))).size).toBe(keys.length);
    });

    it("shows numbers plainly and texts quoted", () => {
        expect(identityText("groupKey", [7, "7"])).toBe('groupKey/7/"7"');
    });
});

it("the text of a slot keeps numbers, texts and node ids apart", () => {
    const texts = [slotText(["a", 1]), slotText(["a", "1"]), slotText(["a", 1n]), slotText(["a/1"])];
    expect(texts).toEqual(['"a"/1', '"a"/"1"', '"a"/0x1', '"a/1"']);
});

it("a node id is written in hex", () => {
    expect(nodeText(nodeId(0xffff_ffef_ffff_ffffn))).toBe("0xffffffefffffffff");
});

describe("ids", () => {
    it.each([
        ["node id", (value: number) => nodeId(BigInt(value)), [1], [0, -1]],
        ["endpoint number", endpointNumber, [0, 0xfffe], [-1, 0xffff, 1.5, NaN]],
        ["group id", groupId, [1, 0xfeff], [0, 0xff00, 1.5]],
        ["key set id", keySetId, [0, 0xffff], [-1, 0x1_0000, 0.5]],
    ] as const)("%s: only what the specification allows", (_what, make, valid, invalid) => {
        for (const value of valid) {
            expect(Number(make(value))).toBe(value);
        }
        for (const value of invalid) {
            expect(() => make(value)).toThrow(RangeError);
        }
    });

    it("a node id is operational, and a bigint", () => {
        expect(() => nodeId(0xffff_fff0_0000_0000n)).toThrow(RangeError);
        expect(() => nodeId(5 as never)).toThrow(RangeError);
    });
});
