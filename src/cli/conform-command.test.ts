import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCommandLine } from "./command-line.js";

const directory = mkdtempSync(join(tmpdir(), "selvage-conform-cli-"));
let out: string[] = [];

beforeEach(() => {
    out = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void out.push(line));
    vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
    vi.restoreAllMocks();
});

const conform = (...flags: readonly string[]) => runCommandLine(["conform", ...flags]);

/** A file in the scratch directory. */
function file(name: string, text: string): string {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
}

describe("selvage conform", () => {
    it("a run without surprises ends with 0, and its last line has the figures", async () => {
        expect(await conform("--target", "plain", "--filter", "RKS-0[12]", "--json")).toBe(0);
        expect(out).toHaveLength(3);
        expect(JSON.parse(out[2]!)).toMatchObject({ target: "plain", passed: 2, failed: 0, notApplicable: 0, requirementsCovered: 2 });
    });

    it("an unexpected failure ends with 1, unless it is known; a pass that is known to fail ends with 3", async () => {
        const path = file("bad.mjs", 'export const target = { name: "bad", capabilities: new Set(), cleanUpPeriodMs: 1, close: async () => {}, open: async () => ({' +
            'invoke: async () => ({ status: 1 }), read: async () => ({ status: 0, value: [] }), readAll: async () => ({ attributes: {} }), close: async () => {} }) };');
        const flags = ["--target", `module:${path}`, "--filter", "RKS-02"];
        expect(await conform(...flags)).toBe(1);
        const known = file("known.json", JSON.stringify({ knownFailures: [{ case: "JFDS-RKS-02", reason: "not done" }] }));
        expect(await conform(...flags, "--expect", known)).toBe(0);
        expect(await conform("--target", "plain", "--filter", "RKS-02", "--expect", known)).toBe(3);
    });

    it("a target that breaks down ends with 2, as wrong usage does", async () => {
        const path = file("broken.mjs", 'export const target = { name: "broken", capabilities: new Set(), cleanUpPeriodMs: 1, close: async () => {}, open: async () => { throw new TypeError("broken"); } };');
        expect(await conform("--target", `module:${path}`, "--filter", "RKS-02")).toBe(2);
        for (const flags of [["--target", "none"], [], ["--target", "plain", "--filter", "nothing"], ["--target", "plain", "--profile", "x=y"], ["--target", "plain", "--expect", "none"]]) {
            expect(await conform(...flags)).toBe(2);
        }
    });

    it("writes the reports that are asked for", async () => {
        const reports = join(directory, "reports");
        expect(await conform("--target", "plain", "--filter", "RKS-01", "--report", "junit,html,json,ctrf,badge", "--out", reports)).toBe(0);
        for (const name of ["junit.xml", "index.html", "results.ndjson", "ctrf.json", "badge.svg"]) {
            expect(existsSync(join(reports, name))).toBe(true);
        }
        expect(readFileSync(join(reports, "index.html"), "utf8")).toContain("R-063");
    });

    it("a profile moves what is taken for the default", async () => {
        await conform("--target", "plain", "--filter", "RKS-09", "--json", "--profile", "keySetGuard=nodesAndGroups");
        expect(JSON.parse(out[0]!)).toMatchObject({ alias: "JFDS-RKS-09", verdict: "policy" });
    });

    it("lists cases of one level", async () => {
        expect(await conform("--list", "--json", "--level", "MAY")).toBe(0);
        const listed = out.join("\n").split("\n").map(line => JSON.parse(line) as { level: string });
        expect(new Set(listed.map(({ level }) => level))).toEqual(new Set(["MAY"]));
    });
});
