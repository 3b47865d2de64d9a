import type { InitializeHook, LoadHook } from "node:module";

/** What the registering thread hands to the hooks, which run in a thread of their own. */
export interface HookData {
    /** File URL of the repository root, with a slash at the end. */
    readonly root: string;
    /** JavaScript of the mutated files, by the path of their source below the root. */
    readonly compiled: ReadonlyMap<string, string>;
}

let hookData: HookData = { root: "", compiled: new Map() };

/** Called once by Node, before the first load. */
export const initialize: InitializeHook<HookData> = data => {
    hookData = data;
};

/** Gives the mutated form of a module that the mutant touches, whether it is asked for compiled (`dist/...js`) or as `.ts`. */
export const load: LoadHook = (url, context, nextLoad) => {
    const file = sourceFile(url);
    const source = file === undefined ? undefined : hookData.compiled.get(file);
    if (source === undefined) return nextLoad(url, context);
    return { format: "module", shortCircuit: true, source };
};

function sourceFile(url: string): string | undefined {
    if (!url.startsWith(hookData.root)) return undefined;
    const path = decodeURIComponent(url.slice(hookData.root.length).split("?")[0] ?? "");
    return path.replace(/^dist\/(.*)\.js$/, "$1.ts");
}
