import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LogStore } from "./log-store.js";
import { batchesIn, inconsistency, seededRandom } from "./testing/crash-workload.js";
import { startChild } from "./testing/child.js";

const KILLS = 50;
const LONGEST_LIFE_MS = 120;
const OUTSTANDING = 3;

const SOURCES = fileURLToPath(new URL("../../", import.meta.url));
const NEEDED = ["core", "runtime/store", "runtime/store/testing"];

/**
 * The store as plain JavaScript in a directory, so that a child process starts in the time that Node needs.
 *
 * @returns the path of the child's script.
 */
async function compileForPlainNode(target: string, script: string): Promise<string> {
    for (const folder of NEEDED) {
        await mkdir(join(target, folder), { recursive: true });
        for (const name of await readdir(join(SOURCES, folder))) {
            if (name.endsWith(".ts") && !name.endsWith(".test.ts")) {
                const source = await readFile(join(SOURCES, folder, name), "utf8");
                await writeFile(join(target, folder, name.replace(/\.ts$/, ".js")), transpile(source));
            }
        }
    }
    await writeFile(join(target, "package.json"), '{ "type": "module" }');
    return join(target, "runtime/store/testing", script);
}

function transpile(source: string): string {
    return ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
    }).outputText;
}

let home: string;
let script: string;

beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "selvage-kill-"));
    script = await compileForPlainNode(join(home, "code"), "kill-child.js");
});

afterAll(async () => {
    await rm(home, { recursive: true, force: true });
});

describe("kill -9 of a process that writes through the store", () => {
    it(`at ${KILLS} random moments loses nothing acknowledged and leaves nothing half there`, async () => {
        const directory = join(home, "store");
        const random = seededRandom(9);
        let kept = 0;
        let told = 0;
        for (let kill = 0; kill < KILLS; kill++) {
            const child = startChild(script, directory);
            // Every fifth is killed while it starts: before, in or just after open().
            if (kill % 5 !== 4) {
                await child.started;
            }
            await sleep(random(LONGEST_LIFE_MS));
            await child.kill();

            const acknowledged = child.lines.slice(1).map(Number);
            const last = Math.max(kept, ...acknowledged);
            const store = new LogStore({ directory });
            const image = await store.open();
            expect(inconsistency(image)).toBeUndefined();
            expect(batchesIn(image)).toBeGreaterThanOrEqual(last);
            expect(batchesIn(image)).toBeLessThanOrEqual(last + OUTSTANDING);
            await store.close();
            kept = batchesIn(image);
            told += acknowledged.length;
        }
        // Kills fell among many commits and several compactions, or this shows nothing.
        expect(told).toBeGreaterThan(KILLS * 10);
        expect((await readdir(directory)).some(name => name.endsWith(".snapshot"))).toBe(true);
    }, 120_000);

    it("finds the store locked while that process lives, and free at once when it is dead", async () => {
        const directory = join(home, "locked");
        const child = startChild(script, directory);
        await child.started;
        await expect(new LogStore({ directory }).open()).rejects.toMatchObject({ code: "LOCKED" });
        await child.kill();
        const store = new LogStore({ directory });
        await store.open();
        await store.close();
    }, 30_000);
});
