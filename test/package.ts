import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository root, whether this file runs compiled or not. */
export const ROOT = [1, 2, 3]
    .map(levels => join(dirname(fileURLToPath(import.meta.url)), ...Array<string>(levels).fill("..")))
    .find(directory => existsSync(join(directory, "package-lock.json")))!;

/** What the tests read of `package.json`. */
export interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly bin: Readonly<Record<string, string>>;
    readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
}

export const MANIFEST = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;

/** One way to import the package. */
export interface EntryPoint {
    /** As in `exports`: `.` or `./core`. */
    readonly path: string;
    /** As in an import statement: `selvage` or `selvage/core`. */
    readonly specifier: string;
    /** Absolute path of its declarations. */
    readonly types: string;
}

/** The entry points that consist of code. */
export const ENTRY_POINTS: readonly EntryPoint[] = Object.entries(MANIFEST.exports).flatMap(([path, target]) =>
    typeof target === "string" ? [] : [{ path, specifier: MANIFEST.name + path.slice(1), types: join(ROOT, target.types) }],
);

/**
 * What package.json promises and nobody has written yet. The tests insist that it is still missing, so that a name leaves this
 * list with the commit that brings the file.
 */
export const PENDING: readonly string[] = [];
