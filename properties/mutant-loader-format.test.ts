import { describe, expect, it } from "vitest";
import { applyEdits, parseMutant } from "./mutant-loader-format.js";

const TEXT = `bug: An answer that comes late
  is believed.
hazards: A14, B3
killers: committed-is-true, S1

@@ src/core/lane.ts
     const item = find(outcome);
-    if (item.generation !== outcome.generation) return;
+    if (item === undefined) return;
     record(item);

@@ src/kinds/acl.ts
-    guard(list);
`;

describe("the text of a mutant", () => {
    it("gives the header and one edit per hunk", () => {
        expect(parseMutant("late", TEXT)).toEqual({
            name: "late",
            bug: "An answer that comes late is believed.",
            hazards: ["A14", "B3"],
            killers: ["committed-is-true", "S1"],
            edits: [
                {
                    file: "src/core/lane.ts",
                    find: "    const item = find(outcome);\n    if (item.generation !== outcome.generation) return;\n    record(item);",
                    replace: ["    const item = find(outcome);", "    if (item === undefined) return;", "    record(item);"],
                },
                { file: "src/kinds/acl.ts", find: "    guard(list);", replace: [] },
            ],
        });
    });

    it.each([
        ["no hunk", TEXT.split("@@")[0] ?? "", /no hunk/],
        ["a field missing", TEXT.replace("killers: committed-is-true, S1\n", ""), /needs the fields/],
        ["a field twice", `bug: again\n${TEXT}`, /twice/],
        ["an unknown field", `author: me\n${TEXT}`, /unknown field "author"/],
        ["a line outside of any field", `hello\n${TEXT}`, /belongs to no field/],
        ["a hazard that is no catalogue entry", TEXT.replace("A14", "14"), /"14" in "hazards"/],
        ["a file outside the library", TEXT.replace("src/kinds", "sim"), /not a source file below src/],
        ["a path that climbs out", TEXT.replace("src/kinds/", "src/../"), /not a source file below src/],
        ["a test file", TEXT.replace("acl.ts", "acl.test.ts"), /not a source file below src/],
        ["a stray line in a hunk", TEXT.replace("-    guard", "guard"), /begins with/],
        ["only new lines", TEXT.replace("-    guard", "+    guard"), /no line to find its place by/],
        ["only context", TEXT.replace("-    guard", "     guard"), /changes nothing/],
    ])("is refused with %s", (_, text, message) => {
        expect(() => parseMutant("odd", text)).toThrow(
            expect.objectContaining({ code: "MUTANT_MALFORMED", message: expect.stringMatching(message) as string }),
        );
    });
});

describe("an edit", () => {
    const edit = (find: string, ...replace: string[]) => [{ file: "src/a.ts", find, replace }];

    it("replaces the lines it found, and no others", () => {
        expect(applyEdits("m", edit("b\nc", "B"), "a\nb\nc\nd\n")).toBe("a\nB\nd\n");
    });

    it("reaches the first and the last line", () => {
        expect(applyEdits("m", [...edit("a", "A"), ...edit("c", "C")], "a\nb\nc")).toBe("A\nb\nC");
    });

    it("keeps what has a meaning in replacement patterns", () => {
        expect(applyEdits("m", edit("a", "$&$1"), "a\n")).toBe("$&$1\n");
    });

    it("deletes lines when nothing comes instead", () => {
        expect(applyEdits("m", edit("b"), "a\nb\nc\n")).toBe("a\nc\n");
    });

    it.each([
        ["are not there", "x", "a\nb\n"],
        ["are not there", "a", "aa\n  a\n"],
        ["stand there 2 times", "a", "a\na\n"],
    ])("is refused when the lines %s", (problem, find, source) => {
        expect(() => applyEdits("late", edit(find), source)).toThrow(
            expect.objectContaining({
                code: "MUTANT_DOES_NOT_APPLY",
                message: expect.stringContaining(`late no longer applies to src/a.ts: the lines it replaces ${problem}`) as string,
            }),
        );
    });
});
