/** Every mutant in the repository still applies to the sources as they are, and the result is still a program. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileMutated } from "./mutant-loader-compile.js";
import { checkoutRoot, listMutants, mutatedSources } from "./mutant-loader.js";

describe("the mutants of this repository", () => {
    // One test over all of them, so that it also runs, and holds, when there are none.
    it("apply to the current sources and still parse", () => {
        for (const name of listMutants()) {
            for (const [file, source] of mutatedSources(name)) {
                expect(() => compileMutated(file, source), `${name}: ${file}`).not.toThrow();
            }
        }
    });

    it("are the only files in their directory", () => {
        const directory = join(checkoutRoot(), "properties/mutants");
        const files = existsSync(directory) ? readdirSync(directory) : [];
        const others = files.filter(file => !file.endsWith(".mutant"));
        expect(others).toEqual([]);
    });
});
