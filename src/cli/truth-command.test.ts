import { afterEach, describe, expect, it, vi } from "vitest";
import { endpointNumber } from "../core/ids.js";
import { runCommandLine } from "./command-line.js";
import { findingText } from "./truth-report.js";

const LIMIT_MS = 60_000;

afterEach(() => void vi.restoreAllMocks());

describe("selvage truth", () => {
    it(
        "prints figures per cluster as its last line, and ends with 0",
        async () => {
            const log = vi.spyOn(console, "log").mockImplementation(() => {});
            expect(await runCommandLine(["truth", "--runs", "2", "--cluster", "Groups", "--json"])).toBe(0);
            const figures = JSON.parse(String(log.mock.calls.at(-1)![0])) as Record<string, object>;
            expect(Object.keys(figures["Groups"]!)).toEqual(["compared", "differences", "known"]);
            expect(figures["Groups"]).toMatchObject({ differences: 0 });
        },
        LIMIT_MS,
    );

    it("ends with 2 for a cluster that is not compared, and for no runs", async () => {
        vi.spyOn(process.stderr, "write").mockReturnValue(true);
        vi.spyOn(console, "error").mockImplementation(() => {});
        expect(await runCommandLine(["truth", "--cluster", "Nope"])).toBe(2);
        expect(await runCommandLine(["truth", "--runs", "0"])).toBe(2);
    });

    it("shows a difference with the commands that lead there and both answers, and no key", () => {
        const key = new Uint8Array(8).fill(0xab);
        const request = { op: "write", endpoint: endpointNumber(0), cluster: 0x3f, attribute: 0, value: [{ groupId: 1, key }] } as const;
        const command = { cluster: "GroupKeyManagement", request, condition: "stale" } as const;
        const difference = { rules: "specification", aspect: "answer", real: "SUCCESS", model: "NOT_FOUND" } as const;
        const text = findingText({ sequence: [command], finding: { place: 0, command, differences: [difference] } });
        expect(text).toContain("1. GroupKeyManagement: write 0/0x3f/0 on the stale data version [{groupId: 1, key: <8 bytes");
        expect(text).toMatch(/real node: SUCCESS\n.*the specification: NOT_FOUND/);
        expect(text).not.toContain("abab");
    });
});
