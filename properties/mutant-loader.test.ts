/**
 * Goal: a mutated process runs the mutated source, worker threads included, and nothing else changes; what cannot be applied
 * says so before anything runs. Method: a toy repository in a temporary directory, and real Node processes.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activeMutant, listMutants, loadedMutations, mutantExecArgv, readMutant } from "./mutant-loader.js";

const HEADER = "bug: Counts wrong.\nhazards: A1\nkillers: counting\n\n";

const FILES = {
    "package.json": `{ "type": "module" }`,
    "src/core/toy.ts": "export function next(n: number): number {\n    return n + 1;\n}\n",
    "dist/src/core/toy.js": "export function next(n) {\n    return n + 1;\n}\n",
    "dist/other.js": "export const other = 'untouched';\n",
    "dist/worker.js": `
        import { parentPort } from "node:worker_threads";
        import { next } from "./src/core/toy.js";
        parentPort.postMessage(next(1));
    `,
    "dist/main.js": `
        import { once } from "node:events";
        import { Worker } from "node:worker_threads";
        import { other } from "./other.js";
        import { next } from "./src/core/toy.js";
        const [inWorker] = await once(new Worker(new URL("./worker.js", import.meta.url)), "message");
        const applied = [...(globalThis[Symbol.for("selvage.mutations")] ?? [])];
        console.log(JSON.stringify({ here: next(1), inWorker, other, applied }));
    `,
    "properties/mutants/adds-two.mutant": `${HEADER}@@ src/core/toy.ts\n-    return n + 1;\n+    return (n + 2) as number;\n`,
    "properties/mutants/outdated.mutant": `${HEADER}@@ src/core/toy.ts\n-    return n + 3;\n+    return n;\n`,
    "properties/mutants/moved.mutant": `${HEADER}@@ src/core/gone.ts\n-    return n + 1;\n+    return n;\n`,
};

let root = "";

beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "selvage-mutant-")));
    for (const [path, text] of Object.entries(FILES)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
    }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function runToy(execArgv: string[]): unknown {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...execArgv, join(root, "dist/main.js")], { encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    return JSON.parse(stdout);
}

describe("a process started with a mutant", () => {
    it("runs the mutated source, in its worker threads too", () => {
        expect(runToy(mutantExecArgv("adds-two", root))).toEqual({
            here: 3,
            inWorker: 3,
            other: "untouched",
            applied: ["src/core/toy.ts"],
        });
    });

    it("differs from one without by the mutant alone", () => {
        expect(runToy([])).toEqual({ here: 2, inWorker: 2, other: "untouched", applied: [] });
    });

    it("leaves this process as it is", () => {
        expect(activeMutant()).toBeUndefined();
        expect(loadedMutations()).toEqual([]);
    });

    it("knows which mutant it was started with", () => {
        const argv = mutantExecArgv("adds-two", root);
        const program = `
            import { activeMutant } from ${JSON.stringify((argv[1] ?? "").replace(/-register\.js\?.*/, ".js"))};
            console.log(activeMutant());
        `;
        const { stdout } = spawnSync(process.execPath, [...argv, "--input-type=module", "-e", program], { encoding: "utf8" });
        expect(stdout.trim()).toBe("adds-two");
    });
});

describe("a mutant that cannot be used", () => {
    it("is refused when the source has changed", () => {
        expect(() => mutantExecArgv("outdated", root)).toThrow(
            expect.objectContaining({
                code: "MUTANT_DOES_NOT_APPLY",
                message: expect.stringContaining("Mutant outdated no longer applies to src/core/toy.ts") as string,
            }),
        );
    });

    it("is refused when the source file is gone", () => {
        expect(() => mutantExecArgv("moved", root)).toThrow(expect.objectContaining({ code: "MUTANT_DOES_NOT_APPLY" }));
    });

    it("is answered with the names of the known ones when there is none of that name", () => {
        expect(listMutants(root)).toEqual(["adds-two", "moved", "outdated"]);
        expect(() => readMutant("../mutants/adds-two", root)).toThrow(
            expect.objectContaining({
                code: "MUTANT_UNKNOWN",
                message: 'There is no mutant "../mutants/adds-two". Known: adds-two, moved, outdated.',
            }),
        );
    });

    it("is explained where there are no sources", () => {
        const installed = join(root, "installed");
        mkdirSync(join(installed, "properties/mutants"), { recursive: true });
        writeFileSync(join(installed, "properties/mutants/adds-two.mutant"), FILES["properties/mutants/adds-two.mutant"]);
        expect(() => mutantExecArgv("adds-two", installed)).toThrow(expect.objectContaining({ code: "MUTANT_NEEDS_CHECKOUT" }));
    });
});
