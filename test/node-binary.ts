import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./package.js";

/** One exact version of each major version that is supported, to compare with: what CI runs is one of these majors. */
const VERSIONS = ["20.19.6", "22.23.3"] as const;

/** Kept beside the dependencies, so that `npm ci` makes room and the next run need not download again. */
const CACHE = join(ROOT, "node_modules/.cache/selvage");

/**
 * A Node of another major version than this one, from npm's `node-<platform>-<arch>` packages, which carry the bare binary. Downloads some
 * 60 MB the first time. `SELVAGE_OTHER_NODE` names one that is there already.
 */
export function otherNode(): { readonly path: string; readonly version: string } {
    const given = process.env["SELVAGE_OTHER_NODE"];
    if (given !== undefined) {
        return { path: given, version: execFileSync(given, ["--version"], { encoding: "utf8" }).trim() };
    }
    const version = VERSIONS.find(candidate => candidate.split(".")[0] !== process.versions.node.split(".")[0])!;
    const directory = join(CACHE, `node-${version}`);
    if (!existsSync(directory)) {
        install(`node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`, version, directory);
    }
    return { path: join(directory, process.platform === "win32" ? "node.exe" : "node"), version: `v${version}` };
}

function install(name: string, version: string, directory: string): void {
    mkdirSync(CACHE, { recursive: true });
    const temporary = mkdtempSync(join(CACHE, "download-"));
    try {
        const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"];
        execFileSync("npm", ["install", "--prefix", temporary, ...options, `${name}@${version}`], { stdio: "pipe" });
        // Moved as a whole: a test that was stopped half-way leaves nothing that looks complete.
        renameSync(join(temporary, "node_modules", name, "bin"), directory);
    } finally {
        rmSync(temporary, { recursive: true, force: true });
    }
}
