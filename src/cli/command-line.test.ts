/**
 * Goal: the command line keeps its contract: exit codes, one JSON object at the end, messages that say what to do, and mutants that are found. Method:
 * processes of the built command.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkoutRoot, listMutants, readMutant } from "../../properties/mutant-loader.js";

const MAIN = join(checkoutRoot(), "dist/src/cli/main.js");
const TIMEOUT_MS = 120_000;

interface Ended {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

function selvage(...args: readonly string[]): Promise<Ended> {
    return new Promise(resolve => {
        execFile(process.execPath, [MAIN, ...args], { env: { ...process.env, NO_COLOR: "1" } }, (error, stdout, stderr) => {
            resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        });
    });
}

function lastObject({ stdout }: Ended): Readonly<Record<string, unknown>> {
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as Readonly<Record<string, unknown>>;
}

let directory = "";
beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "selvage-cli-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("wrong usage", () => {
    it.each([
        [["fuzz", "--bogus"], /unknown option '--bogus'/],
        [["fuzz", "--run", "5"], /Did you mean --runs/],
        [["nonsense"], /unknown command 'nonsense'/],
        [[], /Usage/],
        [["fuzz", "--runs", "many"], /whole number from 1/],
        [["fuzz", "--runs", "0"], /whole number from 1/],
        [["fuzz", "--runs", "-3"], /whole number from 1/],
        [["fuzz", "--time", "soon"], /time like 500ms, 30s/],
        [["fuzz", "--workers", "0"], /whole number from 1/],
        [["fuzz", "--seed", "1.5"], /whole number from 0/],
        [["fuzz", "--seed", "4294967295", "--runs", "2"], /Lower --runs or --seed.*BAD_ARGUMENT/],
        [["fuzz", "--profile", "wild"], /one of standard, crowded, devices, lists, certificates, mixed.*BAD_ARGUMENT/],
        [["fuzz", "--mutant", "none-such"], /no mutant "none-such".*MUTANT_UNKNOWN/],
        [["replay"], /missing required argument/],
        [["replay", "slv1.AAAA"], /damaged.*SCRIPT_DAMAGED/],
        [["replay", "slv7.AAAA"], /format 7.*newer|newer.*SCRIPT_NEWER|SCRIPT_NEWER/],
        [["replay", "/no/such/file"], /neither a replay token.*UNREADABLE_FILE/],
        [["scenario", "none-such"], /no scenario "none-such".*UNKNOWN_SCENARIO/],
        [["scenario", "bindings-full", "--nodes", "matter"], /with --nodes sim alone: .*NOT_ON_THESE_NODES/],
        [["scenario", "--nodes", "toy"], /Allowed choices are sim, matter/],
    ] as const)("%j ends with 2 and says what to do", async (args, message) => {
        const ended = await selvage(...args);
        expect(ended.stderr).toMatch(message);
        expect(ended.stdout).toBe("");
        expect(ended.code).toBe(2);
    });

    it("a file that is none of ours ends with 2", async () => {
        const file = join(directory, "other.json");
        writeFileSync(file, "{}");
        const ended = await selvage("replay", file);
        expect(ended.stderr).toMatch(/no failure file of Selvage.*SCRIPT_DAMAGED/);
        expect(ended.code).toBe(2);
    });
});

describe("help and version", () => {
    it.each([["--help"], ["fuzz", "--help"], ["help", "replay"], ["scenario", "-h"], ["start", "--help"]])("%s %s", async (...args) => {
        const ended = await selvage(...args);
        expect(ended.stdout).toMatch(/Usage: selvage/);
        expect(ended.code).toBe(0);
    });

    it("--version prints the version alone", async () => {
        expect((await selvage("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
    });
});

describe("fuzz", () => {
    it("prints one JSON object with all figures", async () => {
        const ended = await selvage("fuzz", "--runs", "200", "--seed", "1", "--workers", "1", "--json");
        expect(ended.code).toBe(0);
        expect(ended.stderr).toBe("");
        expect(lastObject(ended)).toMatchObject({
            schedules: 200,
            failures: 0,
            seed: 1,
            schedulesPerSecond: expect.any(Number) as number,
            simulatedSeconds: expect.any(Number) as number,
            wallSeconds: expect.any(Number) as number,
            traceHash: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
            eventsMedian: expect.any(Number) as number,
            deviceRequests: expect.any(Number) as number,
            faults: { schedulesWith: expect.any(Object) as object },
            marks: expect.any(Object) as object,
        });
    }, TIMEOUT_MS);

    it("keeps the standard schedule what it is meant to be", async () => {
        const figures = lastObject(await selvage("fuzz", "--runs", "1000", "--seed", "1", "--workers", "1", "--json"));
        const { crashShare, outageShare } = figures["faults"] as { readonly crashShare: number; readonly outageShare: number };
        expect(figures["eventsMedian"]).toBeGreaterThanOrEqual(120);
        expect(crashShare).toBeGreaterThanOrEqual(0.3);
        expect(outageShare).toBeGreaterThanOrEqual(0.6);
    }, TIMEOUT_MS);

    it("stops when the time is over", async () => {
        const figures = lastObject(await selvage("fuzz", "--time", "300ms", "--workers", "2", "--json"));
        expect(figures["schedules"]).toBeGreaterThan(0);
        expect(figures["wallSeconds"]).toBeGreaterThan(0.2);
    }, TIMEOUT_MS);

    it("draws another seed each time, and says which", async () => {
        const run = async () => lastObject(await selvage("fuzz", "--runs", "1", "--json"))["seed"];
        expect(await run()).not.toBe(await run());
    }, TIMEOUT_MS);

    it("prints a readable verdict", async () => {
        const ended = await selvage("fuzz", "--runs", "20", "--progress");
        expect(ended.stdout).toMatch(/verdict .*nothing found that does not hold/);
        expect(ended.code).toBe(0);
    }, TIMEOUT_MS);
});

describe("with a mutant", () => {
    const name = listMutants()[0]!;

    it("fuzz ends with 1, names the checker, and gives a token and a file that fail with the mutant only", async () => {
        const found = await selvage("fuzz", "--mutant", name, "--json", "--save", directory);
        expect(found.code).toBe(1);
        const { violation, mutant } = lastObject(found) as { violation: { checker: string; token: string; isPredicted: boolean; file: string }; mutant: string };
        expect(mutant).toBe(name);
        expect(readMutant(name).killers).toContain(violation.checker);
        expect(violation.isPredicted).toBe(true);
        expect(readdirSync(directory).some(file => violation.file.endsWith(file))).toBe(true);

        const without = await selvage("replay", violation.token, "--json");
        expect(lastObject(without)).toMatchObject({ failed: false, violation: null });
        expect(without.code).toBe(0);
        const withIt = await selvage("replay", "--mutant", name, violation.token);
        expect(withIt.stdout).toContain(`${violation.checker} does not hold`);
        expect(withIt.stdout).toMatch(/-> in {4}/);
        expect(withIt.code).toBe(1);

        // The file remembers its mutant.
        expect((await selvage("replay", violation.file, "--no-timeline")).code).toBe(1);
        expect((await selvage("replay", violation.file, "--no-timeline", "--no-mutant")).code).toBe(0);
    }, TIMEOUT_MS);

    it("--list-mutants names all, with their predicted checkers", async () => {
        const { stdout } = await selvage("fuzz", "--list-mutants");
        for (const each of listMutants()) {
            expect(stdout).toContain(`${each}\n`);
        }
        const listed = JSON.parse((await selvage("fuzz", "--list-mutants", "--json")).stdout) as { name: string; killers: string[] }[];
        expect(listed.map(({ name }) => name)).toEqual(listMutants());
    });
});

describe("scenario", () => {
    it("runs one on device models", async () => {
        const ended = await selvage("scenario", "happy", "--nodes", "sim", "--json");
        expect(ended.code).toBe(0);
        expect(lastObject(ended)).toMatchObject({ passed: true, scenarios: [{ name: "happy", nodes: "sim", passed: true }] });
    }, TIMEOUT_MS);

    it("lists them", async () => {
        expect((await selvage("scenario", "--list")).stdout).toMatch(/^happy: /);
    });
});
