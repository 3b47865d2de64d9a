/** Preloaded with `node --import <this file>?mutant=NAME&root=DIR`: puts the load hook of a mutant in place. */
import { realpathSync } from "node:fs";
import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import type { HookData } from "./mutant-loader-hooks.js";
import { mutatedSources } from "./mutant-loader.js";

/** Worker threads preload this file again; they find here what the main thread compiled, and need not load the compiler. */
const SHARED = "selvage.mutant";

const data = (getEnvironmentData(SHARED) as HookData | undefined) ?? (await compile(new URL(import.meta.url).searchParams));
setEnvironmentData(SHARED, data);
register("./mutant-loader-hooks.js", { parentURL: import.meta.url, data });

async function compile(query: URLSearchParams): Promise<HookData> {
    const { compileMutated } = await import("./mutant-loader-compile.js");
    // Node names modules by their real path.
    const root = realpathSync(query.get("root") ?? "");
    const sources = mutatedSources(query.get("mutant") ?? "", root);
    const compiled = new Map([...sources].map(([file, source]) => [file, compileMutated(file, source)]));
    return { root: pathToFileURL(`${root}/`).href, compiled };
}
