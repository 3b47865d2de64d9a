import { describe, expect, it } from "vitest";
import { canonical, TraceHash } from "./trace.js";

function digest(bytes: readonly number[], line = "packet 1 a b", content: unknown = {}): string {
    const trace = new TraceHash();
    trace.add(line, Uint8Array.from(bytes));
    return trace.digest(content);
}

describe("a trace hash", () => {
    it("is the same for the same events", () => {
        expect(digest([1, 2, 3])).toBe(digest([1, 2, 3]));
    });

    it("changes with one bit of one packet, one character of a line, one stored value", () => {
        const hash = digest([1, 2, 3]);
        expect(digest([1, 2, 2])).not.toBe(hash);
        expect(digest([1, 2, 3], "packet 2 a b")).not.toBe(hash);
        expect(digest([1, 2, 3], undefined, { counter: 1n })).not.toBe(hash);
    });

    it("can be taken in between without changing what follows", () => {
        const [plain, looked] = [new TraceHash(), new TraceHash()];
        for (const trace of [plain, looked]) {
            trace.add("one");
            if (trace === looked) {
                trace.digest({});
            }
            trace.add("two");
        }
        expect(looked.digest({})).toBe(plain.digest({}));
    });

    it("keeps no lines unless asked, and never the bytes themselves", () => {
        const trace = new TraceHash();
        trace.add("before", Uint8Array.of(0xab));
        trace.record();
        trace.add("after", Uint8Array.from({ length: 16 }, () => 0xab));
        expect(trace.lines).toHaveLength(1);
        expect(trace.lines[0]).toMatch(/^after [0-9a-f]{12}$/);
        expect(trace.lines[0]).not.toContain("abab");
        expect(trace.count).toBe(2);
    });
});

describe("canonical text", () => {
    it("does not depend on the order in which members were set", () => {
        expect(canonical({ b: 1, a: [1n, null] })).toBe(canonical({ a: [1n, null], b: 1 }));
    });

    it("tells types apart", () => {
        const texts = [1, 1n, "1", [1], { 1: 1 }, Uint8Array.of(1), null, undefined, true].map(canonical);
        expect(new Set(texts).size).toBe(texts.length);
    });
});
