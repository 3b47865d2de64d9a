import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDirectory } from "./store-lock.js";

let directory: string;

beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "selvage-lock-"));
});

afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
});

describe("the lock of a directory", () => {
    it("goes to exactly one of many who want it at once, again and again", async () => {
        for (let round = 0; round < 20; round++) {
            const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
            const holders = outcomes.filter(outcome => outcome.status === "fulfilled");
            expect(holders).toHaveLength(1);
            for (const outcome of outcomes) {
                if (outcome.status === "rejected") {
                    expect(outcome.reason).toMatchObject({ code: "LOCKED", message: expect.stringMatching(/close that one/) as string });
                }
            }
            await holders[0]!.value();
        }
    });

    it("leaves one small file behind, however often it is taken", async () => {
        for (let round = 0; round < 5; round++) {
            await (await lockDirectory(directory))();
        }
        expect(await readdir(directory)).toEqual(["lock.5"]);
    });

    it.runIf(process.platform === "linux")("works under a path that is too long for a socket", async () => {
        const deep = join(directory, "d".repeat(100), "e".repeat(100));
        await mkdir(deep, { recursive: true });
        const unlock = await lockDirectory(deep);
        await expect(lockDirectory(deep)).rejects.toMatchObject({ code: "LOCKED" });
        await unlock();
        await (await lockDirectory(deep))();
    });
});
