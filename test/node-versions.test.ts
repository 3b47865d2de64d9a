/**
 * Goal: the same seed gives the same trace on every supported version of Node, in both worlds. Method: the built command line (model world) and
 * the stack world's run, in a process of this Node and in one of another major version that npm's packages carry.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { otherNode } from "./node-binary.js";
import { ROOT } from "./package.js";

const TIMEOUT_MS = 180_000;

async function lastLine(node: string, args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { stdout } = await promisify(execFile)(node, args, { cwd: ROOT });
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as Readonly<Record<string, unknown>>;
}

describe("another version of Node", () => {
    let other = { path: "", version: "" };

    beforeAll(() => {
        other = otherNode();
    }, TIMEOUT_MS);

    it("is another one", () => {
        expect(other.version.split(".")[0]).not.toBe(process.version.split(".")[0]);
    });

    it("runs the same schedules of the model world", async () => {
        const fuzz = [join(ROOT, "dist/src/cli/main.js"), "fuzz", "--profile", "mixed", "--seed", "1", "--runs", "300", "--workers", "1", "--json"];
        const [here, there] = [await lastLine(process.execPath, fuzz), await lastLine(other.path, fuzz)];
        expect(there["traceHash"]).toBe(here["traceHash"]);
        expect(there["marks"]).toEqual(here["marks"]);
        expect(here["failures"]).toBe(0);
    }, TIMEOUT_MS);

    it("runs the same stack world", async () => {
        const run = ["--import", "tsx", join(ROOT, "sim/stack/determinism-run.ts"), "1"];
        const [here, there] = [await lastLine(process.execPath, run), await lastLine(other.path, run)];
        expect(there).toEqual(here);
    }, TIMEOUT_MS);
});
