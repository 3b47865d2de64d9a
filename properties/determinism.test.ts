/**
 * Claim: a schedule of the model world is decided by its script alone, and its trace hash covers every input and effect.
 * Generator: seeds of all profiles; which bit of which answer is flipped.
 * Oracle: trace hashes: of two processes, of one and of several threads, of worlds that ran other schedules before; with one bit flipped in
 * one answer of one device, another one.
 * Known gaps: other versions of Node are compared in `test/node-versions.test.ts`, the stack world's processes in `sim/stack`.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { DeviceAnswer } from "../src/core/device.js";
import { runCampaign } from "../sim/campaign.js";
import { SCHEDULES_PER_CHUNK } from "../sim/campaign-chunk.js";
import { allCheckers } from "../sim/checkers/index.js";
import { SimNode } from "../sim/devices/sim-node.js";
import { crowded, mixed } from "../sim/generate.js";
import { record } from "../sim/replay.js";
import type { Replay } from "../sim/replay-token.js";
import type { TraceLine } from "../sim/trace-recorder.js";
import { World } from "../sim/world.js";
import { parameters } from "./group-schedules.js";
import { checkoutRoot } from "./mutant-loader.js";

afterEach(() => {
    vi.restoreAllMocks();
});

const RUNS = 3 * SCHEDULES_PER_CHUNK + 10;

async function hashInProcess(workers: number): Promise<unknown> {
    const main = join(checkoutRoot(), "dist/src/cli/main.js");
    const args = ["fuzz", "--profile", "mixed", "--seed", "7", "--runs", String(RUNS), "--workers", String(workers), "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args]);
    return (JSON.parse(stdout.trim().split("\n").at(-1)!) as { traceHash: unknown }).traceHash;
}

describe("the trace hash of a campaign", () => {
    it("is the same in other processes, whatever the number of threads", async () => {
        const here = await runCampaign({ profile: mixed, seed: 7, runs: RUNS, now: () => 0 });
        expect(here.failures).toBe(0);
        expect(await hashInProcess(1)).toBe(here.traceHash);
        expect(await hashInProcess(1)).toBe(here.traceHash);
        expect(await hashInProcess(3)).toBe(here.traceHash);
    }, 120_000);

    it("depends on the seed and on the number of schedules", async () => {
        const hash = async (seed: number, runs: number) => (await runCampaign({ profile: mixed, seed, runs, now: () => 0 })).traceHash;
        const hashes = new Set([await hash(7, 20), await hash(8, 20), await hash(7, 21)]);
        expect(hashes.size).toBe(3);
    });
});

describe("the trace hash of a schedule", () => {
    it("does not depend on what its world ran before, nor on being recorded or scanned", () => {
        const used = new World(allCheckers());
        const property = fc.property(fc.nat(0x7fff_ffff), fc.boolean(), (seed, scanThroughout) => {
            const script = mixed.draw(seed);
            used.hash.reset();
            used.run(script);
            expect(record({ script, scanThroughout }).traceHash).toBe(used.hash.hex());
        });
        fc.assert(property, parameters(100));
    });

    it("changes when one bit of one answer does", () => {
        const property = fc.property(fc.nat(10_000), fc.nat(1_000), fc.nat(31), (seed, place, bit) => {
            const replay = { script: crowded.draw(seed), scanThroughout: false };
            const plain = record(replay);
            const heard = heardAnswers(plain.lines);
            fc.pre(heard.length > 0);
            const chosen = heard[place % heard.length]!;
            const flipped = withAnswers(replay, (answer, n) => (n === chosen ? withFlippedBit(answer, bit) : answer));
            expect(flipped).not.toBe(plain.traceHash);
        });
        fc.assert(property, parameters(50));
    });

    it("is the same when answers are looked at and left alone", () => {
        const replay = { script: crowded.draw(3), scanThroughout: false };
        expect(withAnswers(replay, answer => ({ ...answer }))).toBe(record(replay).traceHash);
    });
});

/**
 * Which answers, counted in the order in which devices give them, have a data version and are heard by the process that asked: what nobody
 * hears changes nothing.
 */
function heardAnswers(lines: readonly TraceLine[]): number[] {
    const given = lines.flatMap((line, at) => (line.lane === "device" ? [{ line, at }] : []));
    return given.flatMap(({ line, at }, n) => {
        const [, request, answer] = /^carries out request (\d+): (.*\(data version \d+\))$/.exec(line.text) ?? [];
        const rest = lines.slice(at);
        const death = rest.findIndex(({ lane, text }) => lane === "note" && text.includes("dies"));
        const heard = rest.findIndex(({ lane, text }) => lane === "input" && text === `answer to request ${request}: ${answer}`);
        return request !== undefined && heard >= 0 && (death < 0 || heard < death) ? [n] : [];
    });
}

function withFlippedBit(answer: DeviceAnswer, bit: number): DeviceAnswer {
    return answer.kind === "value" ? { ...answer, dataVersion: (answer.dataVersion ^ (1 << bit)) >>> 0 } : answer;
}

/** The schedule's trace hash when devices give the answers that `change` makes of theirs. */
function withAnswers(replay: Replay, change: (answer: DeviceAnswer, n: number) => DeviceAnswer): string {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- because it is called with its node as `this` below
    const handle = SimNode.prototype.handle;
    let given = 0;
    const spy = vi.spyOn(SimNode.prototype, "handle").mockImplementation(function (this: SimNode, ...args) {
        return change(handle.apply(this, args), given++);
    });
    const { traceHash } = record(replay);
    spy.mockRestore();
    return traceHash;
}
