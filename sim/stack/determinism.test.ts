import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("determinism-run.ts", import.meta.url));

interface Run {
    readonly hash: string;
    readonly events: number;
    readonly answers: readonly string[];
}

async function runInProcess(seed: string): Promise<Run> {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", SCRIPT, seed]);
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Run;
}

/** The same on another version of Node: `test/node-versions.test.ts`. */
describe("a stack world", () => {
    let first: Run;

    beforeAll(async () => {
        first = await runInProcess("1");
    }, 120_000);

    it("does the same again, byte for byte, in another process", async () => {
        expect(first.events).toBeGreaterThan(1_000);
        expect(await runInProcess("1")).toEqual(first);
    }, 120_000);

    it("does something else for another seed", async () => {
        expect((await runInProcess("2")).hash).not.toBe(first.hash);
    }, 120_000);
});
