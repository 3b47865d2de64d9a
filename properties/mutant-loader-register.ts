/** Preloaded with `node --import <this file>?mutant=NAME&root=DIR`: puts the load hook of a mutant in place. */
import { realpathSync } from "node:fs";
import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { mutatedSources } from "./mutant-loader.js";
import type { HookData } from "./mutant-loader-hooks.js";

const query = new URL(import.meta.url).searchParams;
const name = query.get("mutant") ?? "";
// Node names modules by their real path.
const root = realpathSync(query.get("root") ?? "");

const data: HookData = { root: pathToFileURL(`${root}/`).href, sources: mutatedSources(name, root) };
register("./mutant-loader-hooks.js", { parentURL: import.meta.url, data });
