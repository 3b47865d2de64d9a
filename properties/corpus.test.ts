/**
 * Claim: what was found once stays found out: schedules that once violated something pass now.
 * Generator: none; the files of `properties/corpus`, as `selvage fuzz --save` writes them. Add one by copying it there and saying in `about` what it
 * was.
 * Oracle: all checkers, scanning after every input.
 * Known gaps: a schedule whose crashes are counted in inputs may miss its mark when the machine comes to take other inputs.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readFailureFile } from "../sim/failure-file.js";
import { violationOf } from "../sim/replay.js";
import { readReplayToken, replayToken } from "../sim/replay-token.js";
import { checkoutRoot } from "./mutant-loader.js";

const DIRECTORY = join(checkoutRoot(), "properties/corpus");
const files = readdirSync(DIRECTORY).map(name => [name, readFileSync(join(DIRECTORY, name), "utf8")] as const);

describe.each(files)("the schedule of %s", (_, text) => {
    const file = readFailureFile(text);

    it("passes now", () => {
        expect(violationOf({ script: file.script, scanThroughout: true })).toBeNull();
    });

    it("says what it was", () => {
        expect(file.about).toMatch(/\w+ \w+ \w+/);
    });

    it("fits into a token", () => {
        const { script, scanThroughout } = file;
        expect(readReplayToken(replayToken({ script, scanThroughout }))).toEqual({ script, scanThroughout });
    });
});
