import { describe, expect, it } from "vitest";
import type { StoreImage } from "../../core/store.js";
import { LogStore } from "./log-store.js";
import { batchesIn, crashBatch, inconsistency, seededRandom } from "./testing/crash-workload.js";
import { PowerLossDisk, type IgnoredSync } from "./testing/power-loss-disk.js";

const BATCHES = 30;
const VARIANTS = 6;
/** Several compactions fall into the batches. */
const COMPACT_AT_BYTES = 1_500;

const storeOn = (files: PowerLossDisk): LogStore =>
    new LogStore({ directory: "/disk", files, compactAtBytes: COMPACT_AT_BYTES });

/** Commit until the power goes; resolves to the number of batches acknowledged until then. */
async function workUntilPowerLoss(disk: PowerLossDisk): Promise<number> {
    let acknowledged = 0;
    try {
        const store = storeOn(disk);
        await store.open();
        for (let n = 1; n <= BATCHES; n++) {
            await store.commit(crashBatch(n));
            acknowledged = n;
        }
        await store.close();
    } catch {
        // The power went.
    }
    return acknowledged;
}

/** What is wrong after the power went at one call, in one of the ways a disk may look afterwards. */
async function faultAfter(cutAt: number, variant: number, ignoredSync: IgnoredSync): Promise<string | undefined> {
    const random = seededRandom(cutAt * 1_000 + variant);
    const disk = new PowerLossDisk({ cutAt, ignoredSync });
    const acknowledged = await workUntilPowerLoss(disk);
    // With every other variant the process dies first, and the power goes when the next one has read the store.
    const found = variant % 2 === 0 ? disk.crash(random, { ignoredSync }) : disk.afterKill({ ignoredSync });
    try {
        const image = await storeOn(found).open();
        // What the image showed is relied upon from now on: it must survive the next power loss.
        const next = await storeOn(found.crash(random)).open();
        return faultOf(acknowledged, image) ?? faultOf(batchesIn(image), next);
    } catch (error) {
        return `cannot be opened: ${String(error)}`;
    }
}

function faultOf(acknowledged: number, image: StoreImage): string | undefined {
    const kept = batchesIn(image);
    if (kept < acknowledged) {
        return `batch ${acknowledged} was acknowledged, ${kept} are there`;
    }
    return kept > acknowledged + 1 ? `batch ${kept} is there and was never committed` : inconsistency(image);
}

async function faults(ignoredSync: IgnoredSync): Promise<string[]> {
    const rehearsal = new PowerLossDisk();
    await workUntilPowerLoss(rehearsal);
    const found: string[] = [];
    for (let cutAt = 1; cutAt <= rehearsal.calls.length + 1; cutAt++) {
        for (let variant = 0; variant < VARIANTS; variant++) {
            const fault = await faultAfter(cutAt, variant, ignoredSync);
            if (fault !== undefined) {
                found.push(`power lost at call ${cutAt} (${rehearsal.calls[cutAt - 1]}), variant ${variant}: ${fault}`);
            }
        }
    }
    return found;
}

describe("a power loss between any two calls", () => {
    it("meets commits, a rotation and several compactions", async () => {
        const disk = new PowerLossDisk();
        expect(await workUntilPowerLoss(disk)).toBe(BATCHES);
        expect(disk.calls.filter(call => call.startsWith("rename")).length).toBeGreaterThanOrEqual(3);
    });

    it("loses nothing acknowledged and leaves nothing half there", async () => {
        expect(await faults("none")).toEqual([]);
    }, 60_000);

    it.each(["files", "directories", "all"] as const)(
        "is noticed to lose something when the sync of %s is off",
        async ignoredSync => {
            expect((await faults(ignoredSync)).length).toBeGreaterThan(0);
        },
        60_000,
    );
});
