/**
 * Goal: the core runs where there is no Node: in a browser, in a worker, in an embedded engine. Method: load the built entry
 * point, with everything it imports, into a context that has the language and nothing else. This is not a browser; it shows that
 * nothing a browser lacks is asked for.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PENDING, ROOT } from "./package.js";

/** Prints the names that the module given as an argument exports, once evaluated in an empty context. */
const LOADER = `
    import { readFileSync } from "node:fs";
    import { createContext, SourceTextModule } from "node:vm";
    const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
    const modules = new Map();
    const load = url => {
        if (!url.startsWith("file:")) throw new Error("imports " + url);
        if (!modules.has(url)) {
            modules.set(url, new SourceTextModule(readFileSync(new URL(url), "utf8"), { context, identifier: url }));
        }
        return modules.get(url);
    };
    const resolve = (specifier, from) => (specifier.startsWith(".") ? new URL(specifier, from).href : specifier);
    const root = load(new URL("file://" + process.argv[1]).href);
    await root.link((specifier, from) => load(resolve(specifier, from.identifier)));
    await root.evaluate();
    console.log(JSON.stringify(Object.keys(root.namespace)));
`;

function exportsInBareRealm(file: string): string[] {
    const flags = ["--experimental-vm-modules", "--no-warnings", "--input-type=module"];
    const output = execFileSync(process.execPath, [...flags, "-e", LOADER, file], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    return JSON.parse(output) as string[];
}

describe("an empty realm", () => {
    const core = join(ROOT, "dist/src/core/index.js");

    it("is enough for the core", () => {
        if (PENDING.includes("./core")) {
            expect(existsSync(core)).toBe(false);
        } else {
            expect(exportsInBareRealm(core)).not.toEqual([]);
        }
    });

    it("is not enough for what needs Node", () => {
        expect(() => exportsInBareRealm(join(ROOT, "dist/test/package.js"))).toThrow(/imports node:fs/);
    });
});
