import type { InitializeHook, LoadHook } from "node:module";
import ts from "typescript";
import { APPLIED } from "./mutant-loader.js";

/** What the registering thread hands to the hooks, which run in a thread of their own. */
export interface HookData {
    /** File URL of the repository root, with a slash at the end. */
    readonly root: string;
    /** Mutated TypeScript text by path below the root. */
    readonly sources: ReadonlyMap<string, string>;
}

let hookData: HookData = { root: "", sources: new Map() };

/** Called once by Node, before the first load. */
export const initialize: InitializeHook<HookData> = data => {
    hookData = data;
};

/** Gives the mutated form of a module that the mutant touches, compiled (`dist/...js`) or not (`...ts`, under tsx). */
export const load: LoadHook = (url, context, nextLoad) => {
    const file = sourceFile(url);
    const source = file === undefined ? undefined : hookData.sources.get(file);
    if (file === undefined || source === undefined) return nextLoad(url, context);
    return { format: "module", shortCircuit: true, source: transpileMutant(file, source) + announcement(file) };
};

/**
 * Compile one mutated file the way the build does, without types.
 *
 * @throws SyntaxError when the mutated text is not TypeScript
 */
export function transpileMutant(file: string, source: string): string {
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
    return outputText;
}

function sourceFile(url: string): string | undefined {
    if (!url.startsWith(hookData.root)) return undefined;
    const path = decodeURIComponent(url.slice(hookData.root.length).split("?")[0] ?? "");
    return path.replace(/^dist\/(.*)\.js$/, "$1.ts");
}

function announcement(file: string): string {
    const set = `globalThis[Symbol.for(${JSON.stringify(APPLIED.description)})]`;
    return `\n(${set} ??= new Set()).add(${JSON.stringify(file)});\n`;
}
