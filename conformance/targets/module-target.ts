import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { AdapterError } from "../stdio/adapter-error.js";
import type { Target } from "../target.js";

/**
 * A target out of a module: one that exports `target`, or a function `createTarget` that makes one.
 *
 * @example
 * // my-target.js
 * export const createTarget = async () => ({ name: "mine", capabilities: new Set(), cleanUpPeriodMs: 60_000, open, close });
 *
 * @throws AdapterError NO_TARGET
 */
export async function openModule(path: string): Promise<Target> {
    const loaded = (await loadModule(path)) as { readonly target?: unknown; readonly createTarget?: unknown };
    const made: unknown = typeof loaded.createTarget === "function" ? await (loaded.createTarget as () => unknown)() : loaded.target;
    if (!isTarget(made)) {
        throw new AdapterError("NO_TARGET", `${path} exports neither "target" nor "createTarget" with name, capabilities, cleanUpPeriodMs, open and close.`);
    }
    return made;
}

async function loadModule(path: string): Promise<unknown> {
    try {
        return await import(pathToFileURL(resolve(path)).href);
    } catch (error) {
        throw new AdapterError("NO_TARGET", `${path} cannot be loaded: ${String(error)}`);
    }
}

function isTarget(made: unknown): made is Target {
    const { name, capabilities, cleanUpPeriodMs, open, close } = (made ?? {}) as Partial<Target>;
    return (
        typeof name === "string" &&
        capabilities instanceof Set &&
        typeof cleanUpPeriodMs === "number" &&
        typeof open === "function" &&
        typeof close === "function"
    );
}
