import { afterEach, describe, expect, it, vi } from "vitest";
import { runCampaign, type CampaignOptions } from "./campaign.js";
import { SCHEDULES_PER_CHUNK } from "./campaign-chunk.js";
import { standard } from "./generate.js";
import { World } from "./world.js";

afterEach(() => {
    vi.restoreAllMocks();
});

const campaign = (options: Partial<CampaignOptions>) => runCampaign({ profile: standard, seed: 1, runs: 10, now: () => 0, ...options });

/** Schedules of these seeds violate something. */
function violateAt(...seeds: readonly number[]): void {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- because it is called with its world as `this` below
    const run = World.prototype.run;
    vi.spyOn(World.prototype, "run").mockImplementation(function (this: World, script, options) {
        const result = run.call(this, script, options);
        return seeds.includes(script.seed) ? { ...result, violation: { checker: "S1", message: `seed ${script.seed}`, atMs: 1 } } : result;
    });
}

describe("a campaign", () => {
    it("runs each seed once, in one chunk or in many", async () => {
        const draw = vi.spyOn(standard, "draw");
        const runs = 2 * SCHEDULES_PER_CHUNK + 3;
        const { schedules, failures } = await campaign({ seed: 5, runs });
        expect({ schedules, failures }).toEqual({ schedules: runs, failures: 0 });
        expect(draw.mock.calls.map(([seed]) => seed)).toEqual(Array.from({ length: runs }, (_, i) => 5 + i));
    });

    it("scans throughout in every 64th schedule", async () => {
        const run = vi.spyOn(World.prototype, "run");
        await campaign({ seed: 0, runs: 130 });
        const scanned = run.mock.calls.filter(([, options]) => options?.scanThroughout === true).map(([script]) => script.seed);
        expect(scanned).toEqual([0, 64, 128]);
    });

    it("ends with the chunk of the first violation, and names it", async () => {
        violateAt(20, 30, 20 + SCHEDULES_PER_CHUNK);
        const result = await campaign({ runs: 10 * SCHEDULES_PER_CHUNK });
        expect(result.schedules).toBe(SCHEDULES_PER_CHUNK);
        expect(result.failures).toBe(2);
        expect(result.failing.map(({ seed, violation }) => [seed, violation.message])).toEqual([
            [20, "seed 20"],
            [30, "seed 30"],
        ]);
    });

    it("goes on when asked to", async () => {
        violateAt(20, 30, 20 + SCHEDULES_PER_CHUNK);
        const result = await campaign({ runs: 2 * SCHEDULES_PER_CHUNK, keepGoing: true });
        expect(result.schedules).toBe(2 * SCHEDULES_PER_CHUNK);
        expect(result.failures).toBe(3);
    });

    it("ends when its time is over, with whole chunks", async () => {
        let now = 0;
        const result = await runCampaign({ profile: standard, seed: 1, forMs: 25, now: () => (now += 10) });
        expect(result.schedules % SCHEDULES_PER_CHUNK).toBe(0);
        expect(result.schedules).toBeGreaterThan(0);
    });

    it("counts the fault classes that schedules had", async () => {
        const { faults, marks } = await campaign({ runs: 200 });
        const drawn = Array.from({ length: 200 }, (_, i) => standard.draw(1 + i));
        expect(faults.schedulesWith["outage"]).toBe(drawn.filter(({ nodes }) => nodes.some(node => node.outages.length > 0)).length);
        expect(faults.schedulesWith["storeRefusal"]).toBe(drawn.filter(script => script.faults.storeRefusal > 0).length);
        expect(faults.outageShare).toBe(faults.schedulesWith["outage"]! / 200);
        // A crash that the schedule did not live to see does not count.
        expect(faults.schedulesWith["crash"]).toBeLessThanOrEqual(drawn.filter(({ crashes }) => crashes.length > 0).length);
        expect(faults.schedulesWith["crash"]).toBeLessThanOrEqual(marks["crash"]!);
    });

    it.each([
        [{ seed: -1 }, /first seed/],
        [{ seed: 0.5 }, /first seed/],
        [{ runs: 0 }, /1 to \d+ runs/],
        [{ seed: 0xffff_ffff, runs: 2 }, /1 to 1 runs/],
        [{ forMs: 0 }, /more than 0 ms/],
        [{ workers: 0 }, /workers/],
    ])("refuses %j", async (options, message) => {
        await expect(campaign(options)).rejects.toThrow(message);
    });

    it("wants to know for how long", async () => {
        await expect(runCampaign({ profile: standard, seed: 1, now: () => 0 })).rejects.toThrow(/how long/);
    });
});
