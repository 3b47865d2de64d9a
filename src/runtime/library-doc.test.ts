/** Goal: the examples of the documents for callers can be copied. Method: each one is compiled as a module of a strict project. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

it("the examples of the library's documents compile", () => {
    const text = ["docs/library.md", "docs/kinds.md"].map(file => readFileSync(join(ROOT, file), "utf8")).join("\n");
    const examples = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code!);
    expect(examples.length).toBeGreaterThan(4);
    // Below the root, so that packages are found.
    mkdirSync(join(ROOT, "selvage-report"), { recursive: true });
    const folder = mkdtempSync(join(ROOT, "selvage-report/doc-"));
    try {
        const files = examples.map((code, index) => {
            const file = join(folder, `example-${index}.ts`);
            writeFileSync(file, code);
            return file;
        });
        const program = ts.createProgram(files, {
            target: ts.ScriptTarget.ES2023,
            module: ts.ModuleKind.NodeNext,
            moduleDetection: ts.ModuleDetectionKind.Force,
            lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.esnext.disposable.d.ts"],
            types: ["node"],
            strict: true,
            noUncheckedIndexedAccess: true,
            noEmit: true,
            skipLibCheck: true,
            paths: { selvage: [join(ROOT, "src/index.ts")], "selvage/matter": [join(ROOT, "src/matter/index.ts")] },
        });
        const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
            const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
            return `${file?.fileName.slice(ROOT.length) ?? ""}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
        });
        expect(problems).toEqual([]);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
});
