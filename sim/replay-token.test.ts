import { describe, expect, it } from "vitest";
import { failureFileText, readFailureFile, type FailureFile } from "./failure-file.js";
import { crowded, devices, standard } from "./generate.js";
import { noFaults } from "./fault-plan.js";
import { scriptFrom } from "./script-check.js";
import { plainNode, SCRIPT_FORMAT } from "./script.js";
import { looksLikeReplayToken, readReplayToken, replayToken } from "./replay-token.js";

const replay = { script: crowded.draw(5), scanThroughout: true };
const token = replayToken(replay);

describe("a replay token", () => {
    it("stands for the script that it was made of", () => {
        for (let seed = 0; seed < 200; seed++) {
            const each = { script: [standard, crowded, devices][seed % 3]!.draw(seed), scanThroughout: seed % 2 === 0 };
            expect(readReplayToken(replayToken(each))).toEqual(each);
        }
    });

    it("is one short line that survives any shell", () => {
        expect(token).toMatch(/^slv1\.[\w-]+$/);
        expect(replayToken({ script: standard.draw(1), scanThroughout: false }).length).toBeLessThan(500);
    });

    it("may have white space around it", () => {
        expect(readReplayToken(`  ${token}\n`)).toEqual(replay);
    });

    it.each([
        ["cut off", token.slice(0, -3)],
        ["with a letter changed", token.replace(/.$/, last => (last === "A" ? "B" : "A"))],
        ["with a letter changed in the middle", token.slice(0, 40) + (token[40] === "A" ? "B" : "A") + token.slice(41)],
        ["empty", "slv1."],
        ["something else", "hello"],
    ])("is refused when it is %s", (_, text) => {
        expect(() => readReplayToken(text)).toThrow(expect.objectContaining({ code: "SCRIPT_DAMAGED" }));
    });

    it("of a newer format says so", () => {
        expect(looksLikeReplayToken("slv2.AAAA")).toBe(true);
        expect(() => readReplayToken("slv2.AAAA")).toThrow(expect.objectContaining({ code: "SCRIPT_NEWER" }));
    });

    it("leaves out no fault that differs from a world that works", () => {
        const odd = { ...replay.script, faults: { ...replay.script.faults, duplicateAfterAnswer: 3, storeKeepsInFlight: 0 } };
        expect(readReplayToken(replayToken({ script: odd, scanThroughout: false })).script).toEqual(odd);
    });
});

describe("a script of format 1", () => {
    it("is read as what it was then: without incidents, on plain nodes", () => {
        const node = { maxGroups: 4, maxKeys: 3, outages: [] };
        const rest = { seed: 1, faults: {}, chaosMs: 1000, lostNode: -1 };
        const old = {
            format: 1,
            nodes: [node],
            actions: [
                { type: "setKey", atMs: 1, node: 0, keySet: 1 },
                { type: "reconcile", atMs: 2, node: 0 },
            ],
            crashes: [{ beforeInput: 2, downMs: 3 }],
            ...rest,
        };
        expect(scriptFrom(old)).toEqual({
            ...rest,
            format: SCRIPT_FORMAT,
            nodes: [{ ...plainNode, ...node }],
            faults: noFaults,
            actions: [
                { type: "setKey", atMs: 1, node: 0, keySet: 1, force: false, maintain: false },
                { type: "reconcile", atMs: 2, node: 0, rewrite: false },
            ],
            incidents: [],
            crashes: [{ beforeInput: 2, downMs: 3, backupMs: 0 }],
        });
    });
});

describe("a failure file", () => {
    const file: FailureFile = {
        ...replay,
        about: "S1: an example",
        violation: { checker: "S1", message: "not so", atMs: 7 },
        mutant: "late",
        versions: { selvage: "0.1.0", node: "v20" },
    };
    const text = failureFileText(file);
    const changed = (change: object) => JSON.stringify({ ...(JSON.parse(text) as object), ...change });

    it("gives back what was saved", () => {
        expect(readFailureFile(text)).toEqual(file);
    });

    it.each([
        ["not JSON", text.slice(0, -10), "SCRIPT_DAMAGED"],
        ["of another kind", changed({ kind: "else" }), "SCRIPT_DAMAGED"],
        ["newer", changed({ format: 2 }), "SCRIPT_NEWER"],
        ["without a violation", changed({ violation: null }), "SCRIPT_DAMAGED"],
        ["with a newer script", changed({ script: { ...replay.script, format: SCRIPT_FORMAT + 1 } }), "SCRIPT_NEWER"],
        ["with an unknown fault", changed({ script: { ...replay.script, faults: { earthquake: 1 } } }), "SCRIPT_NEWER"],
        ["with an unknown action", changed({ script: { ...replay.script, actions: [{ type: "dance", atMs: 0 }] } }), "SCRIPT_NEWER"],
        ["with a node that is not there", changed({ script: { ...replay.script, actions: [{ type: "reconcile", atMs: 0, node: 99 }] } }), "SCRIPT_DAMAGED"],
        ["with an unknown incident", changed({ script: { ...replay.script, incidents: [{ type: "earthquake", atMs: 0, node: 0 }] } }), "SCRIPT_NEWER"],
        ["with a flag that is a number", changed({ script: { ...replay.script, actions: [{ type: "reconcile", atMs: 0, node: 0, rewrite: 1 }] } }), "SCRIPT_DAMAGED"],
        ["with a node without room for the IPK", changed({ script: { ...replay.script, nodes: [{ ...plainNode, maxKeys: 0 }] } }), "SCRIPT_DAMAGED"],
        ["with a time that is no number", changed({ script: { ...replay.script, chaosMs: "1" } }), "SCRIPT_DAMAGED"],
        ["without nodes", changed({ script: { ...replay.script, nodes: [] } }), "SCRIPT_DAMAGED"],
        ["with outages out of order", changed({ script: { ...replay.script, nodes: [{ ...plainNode, outages: [5, 2] }] } }), "SCRIPT_DAMAGED"],
    ])("is refused when it is %s", (_, damaged, code) => {
        expect(() => readFailureFile(damaged)).toThrow(expect.objectContaining({ code }));
    });
});
