import ts from "typescript";
import { APPLIED } from "./mutant-loader.js";

/**
 * Compile one mutated file the way the build does, without looking at types. Once loaded, the module tells that it was.
 *
 * @param file path below the repository root, e.g. `src/core/lane.ts`
 * @param source its mutated TypeScript text
 * @throws SyntaxError when the text is not TypeScript
 */
export function compileMutated(file: string, source: string): string {
    const { outputText, diagnostics = [] } = ts.transpileModule(source, {
        fileName: file,
        reportDiagnostics: true,
        compilerOptions: {
            target: ts.ScriptTarget.ES2023,
            module: ts.ModuleKind.ESNext,
            verbatimModuleSyntax: true,
            inlineSourceMap: true,
            inlineSources: true,
        },
    });
    const [first] = diagnostics;
    if (first !== undefined) {
        throw new SyntaxError(`Mutated ${file} does not parse: ${ts.flattenDiagnosticMessageText(first.messageText, "\n")}`);
    }
    return outputText + announcement(file);
}

function announcement(file: string): string {
    const set = `globalThis[Symbol.for(${JSON.stringify(APPLIED.description)})]`;
    return `\n(${set} ??= new Set()).add(${JSON.stringify(file)});\n`;
}
