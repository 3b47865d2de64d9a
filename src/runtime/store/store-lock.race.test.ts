import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { lockDirectory } from "./store-lock.js";

/** What the next look at the directory shows, instead of what is there: the look of a process that was then held up. */
const stale = vi.hoisted(() => ({ names: undefined as string[] | undefined }));

vi.mock("node:fs/promises", async original => {
    const real = await original<typeof import("node:fs/promises")>();
    const look = async (path: string): Promise<string[]> => {
        const names = stale.names;
        stale.names = undefined;
        return names ?? real.readdir(path);
    };
    return { ...real, readdir: look };
});

let directory: string;

afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
});

it("a process that was held up between looking and taking gives way to who came meanwhile", async () => {
    directory = await mkdtemp(join(tmpdir(), "selvage-race-"));
    await (await lockDirectory(directory))();
    await (await lockDirectory(directory))();
    const unlock = await lockDirectory(directory);
    expect(await readdir(directory)).toEqual(["lock.3"]);

    // It saw lock.1, whose owner was gone, and now finds lock.2 free.
    stale.names = ["lock.1"];
    await expect(lockDirectory(directory)).rejects.toMatchObject({ code: "LOCKED" });
    expect(await readdir(directory)).toEqual(["lock.3"]);
    await unlock();
});
