import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { applyEdits, MutantError, parseMutant, type Mutant } from "./mutant-loader-format.js";

/**
 * Mutants: known bugs, switched on for one process.
 *
 * A process is mutated by starting it with the arguments of {@link mutantExecArgv}; a load hook then patches and transpiles the
 * TypeScript source of each file concerned in place of its compiled form. Nothing in the sources knows of it, and the parent
 * process stays clean. This needs the sources, hence a checkout.
 */

export { MutantError, type Mutant, type MutantEdit, type MutantErrorCode } from "./mutant-loader-format.js";

const LOADER = "dist/properties/mutant-loader-register.js";
const SUFFIX = ".mutant";

/** Modules that were loaded with a mutation tell so under this symbol of the global object. */
export const APPLIED = Symbol.for("selvage.mutations");

/** The repository root that this file, compiled or not, belongs to. */
export function checkoutRoot(): string {
    const above = dirname(dirname(fileURLToPath(import.meta.url)));
    return above.endsWith("dist") ? dirname(above) : above;
}

/** The names of all mutants, sorted. */
export function listMutants(root = checkoutRoot()): string[] {
    const directory = mutantDirectory(root);
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
        .filter(file => file.endsWith(SUFFIX))
        .map(file => file.slice(0, -SUFFIX.length))
        .sort();
}

/**
 * One mutant.
 *
 * @throws MutantError MUTANT_UNKNOWN (the message lists the known ones), MUTANT_MALFORMED
 */
export function readMutant(name: string, root = checkoutRoot()): Mutant {
    const known = listMutants(root);
    if (!known.includes(name)) {
        throw new MutantError("MUTANT_UNKNOWN", `There is no mutant "${name}". Known: ${known.join(", ") || "none"}.`);
    }
    return parseMutant(name, readFileSync(join(mutantDirectory(root), name + SUFFIX), "utf8"));
}

/**
 * The source files that a mutant touches, with its edits made, by their path below the root.
 *
 * @throws MutantError MUTANT_DOES_NOT_APPLY, MUTANT_NEEDS_CHECKOUT, and what {@link readMutant} throws
 */
export function mutatedSources(name: string, root = checkoutRoot()): Map<string, string> {
    const mutant = readMutant(name, root);
    const files = new Set(mutant.edits.map(edit => edit.file));
    return new Map([...files].map(file => [file, mutatedSource(mutant, file, root)]));
}

/**
 * Arguments for Node (before the script) that start a process with a mutant switched on. Worker threads and forked processes
 * inherit them. Checks first that the mutant still applies, so that the process does not fail where nobody looks.
 *
 * ```ts
 * spawn(process.execPath, [...mutantExecArgv("no-generation-check"), "dist/src/cli/main.js", "fuzz"]);
 * ```
 *
 * @throws MutantError of every code
 */
export function mutantExecArgv(name: string, root = checkoutRoot()): string[] {
    mutatedSources(name, root);
    const loader = join(checkoutRoot(), LOADER);
    if (!existsSync(loader)) throw new MutantError("MUTANT_NEEDS_CHECKOUT", `${loader} is missing; run "npm run build" first.`);
    const url = pathToFileURL(loader);
    url.searchParams.set("mutant", name);
    url.searchParams.set("root", root);
    return ["--import", url.href];
}

/** The mutant this process was started with, or undefined. */
export function activeMutant(): string | undefined {
    for (const argument of process.execArgv) {
        const url = argument.replace(/^--import=/, "");
        if (url.startsWith("file:") && url.includes(`/${LOADER}?`)) return new URL(url).searchParams.get("mutant") ?? undefined;
    }
    return undefined;
}

/**
 * The mutated source files that this thread has loaded, sorted. A mutant of which nothing was loaded has not been tested:
 * look at this before believing that it survived.
 */
export function loadedMutations(): string[] {
    const applied = (globalThis as { [APPLIED]?: ReadonlySet<string> })[APPLIED];
    return [...(applied ?? [])].sort();
}

function mutatedSource(mutant: Mutant, file: string, root: string): string {
    const path = join(root, file);
    if (!existsSync(path)) {
        const isCheckout = existsSync(join(root, "src"));
        throw isCheckout
            ? new MutantError("MUTANT_DOES_NOT_APPLY", `Mutant ${mutant.name} no longer applies: there is no ${file}.`)
            : new MutantError("MUTANT_NEEDS_CHECKOUT", `Mutants patch the sources, and ${root} has none; use a checkout of the repository.`);
    }
    const edits = mutant.edits.filter(edit => edit.file === file);
    return applyEdits(mutant.name, edits, readFileSync(path, "utf8"));
}

function mutantDirectory(root: string): string {
    return join(root, "properties", "mutants");
}
