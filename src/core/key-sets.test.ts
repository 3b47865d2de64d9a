import { beforeEach, describe, expect, it } from "vitest";
import { Context } from "./context.js";
import { keySetId } from "./ids.js";
import { KeySets, type KeySetInput } from "./key-sets.js";
import { defaultTiming, Limits } from "./limits.js";
import { Numbers } from "./numbers.js";
import { FABRIC } from "./testing/test-shell.js";

const ID = keySetId(42);
const SECOND = 1_000_000n;

const bytes = (fill: number, length = 16) => new Uint8Array(length).fill(fill);
const input = (...slots: [bigint, number][]): KeySetInput => ({
    keySetId: ID,
    policy: 0,
    slots: slots.map(([startTime, fill]) => ({ startTime, key: bytes(fill) })),
});

let context: Context;
let keySets: KeySets;
beforeEach(() => {
    context = new Context(defaultTiming, { below: () => 0, bytes }, key => `fp${key[0]}`, new Numbers(FABRIC, null));
    keySets = new KeySets(context);
});

const put = (...slots: [bigint, number][]) => {
    const result = keySets.put(input(...slots));
    return result.ok ? result.value : result.error.code;
};
const revisions = () => keySets.get(ID)!.revisions.map(({ revision }) => revision);
/** What waits for the store is durable. */
const land = () => context.ledger.landed(context.ledger.nextBatch()!.id);
const refuse = () => context.ledger.refused(context.ledger.nextBatch()!.id);

describe("revisions", () => {
    it("are numbered from 1 and keep their material", () => {
        expect(put([1n, 1])).toBe(1);
        expect(put([1n, 1], [2n, 2])).toBe(2);
        expect(revisions()).toEqual([1, 2]);
        expect(keySets.revision(ID, 1)!.slots.map(({ startTime, key }) => [startTime, key.reveal()])).toEqual([[1n, bytes(1)]]);
        expect(keySets.latest(ID)!.revision).toBe(2);
    });

    it("are not added for the material of the newest one", () => {
        put([1n, 1]);
        land();
        expect(put([1n, 1])).toBe(1);
        expect(context.ledger.idle).toBe(true);
    });

    it.each([
        ["another policy", { ...input([1n, 1]), policy: 1 as const }],
        ["fewer keys", input([1n, 1])],
        ["other start times", input([1n, 1], [3n, 3])],
    ])("are added for %s", (_what, other) => {
        put([1n, 1], [2n, 2]);
        expect(keySets.put(other)).toEqual({ ok: true, value: 2 });
    });

    it("are unknown outside of what was put", () => {
        expect([keySets.get(ID), keySets.latest(ID), keySets.revision(ID, 1)]).toEqual([undefined, undefined, undefined]);
        put([1n, 1]);
        expect(keySets.revision(ID, 2)).toBeUndefined();
        expect(keySets.all().map(record => record.keySetId)).toEqual([ID]);
    });
});

describe("a start time", () => {
    it("stays bound to its key, also when a later revision left it out", () => {
        put([1n, 1]);
        put([2n, 2]);
        expect(put([1n, 9])).toBe("KEY_TIME_REUSED");
        expect(put([1n, 1], [2n, 2])).toBe(3);
    });

    it("stays bound after the revision was erased", () => {
        put([1n, 1]);
        keySets.claim(ID, 1);
        keySets.release(ID, 1);
        keySets.settle();
        expect(revisions()).toEqual([]);
        expect(put([1n, 9])).toBe("KEY_TIME_REUSED");
        expect(put([1n, 1])).toBe(2);
    });

    it("is remembered once, and the newest few only", () => {
        for (let i = 1; i <= Limits.startTimesPerKeySet + 5; i++) {
            put([BigInt(i), i % 200], [BigInt(i) + 1n, (i + 1) % 200]);
        }
        const times = keySets.get(ID)!.startTimes.map(([time]) => time);
        expect(times.length).toBe(Limits.startTimesPerKeySet);
        expect(new Set(times).size).toBe(times.length);
        expect(times.at(-1)).toBe(BigInt(Limits.startTimesPerKeySet + 6));
    });

    it("of the next key is the next whole second above all it ever had", () => {
        expect(keySets.nextStartTime(ID)).toBe(SECOND);
        put([1n, 1]);
        expect(keySets.nextStartTime(ID)).toBe(SECOND);
        put([SECOND, 2], [5n * SECOND + 1n, 3]);
        expect(keySets.nextStartTime(ID)).toBe(6n * SECOND);
        put([6n * SECOND, 4]);
        expect(keySets.nextStartTime(ID)).toBe(7n * SECOND);
        put([SECOND, 2]);
        expect(keySets.nextStartTime(ID)).toBe(7n * SECOND);
    });
});

describe("a key set is refused", () => {
    const key = bytes(1);
    it.each([
        ["for a key of 15 bytes", input(), [{ startTime: 1n, key: bytes(1, 15) }]],
        ["for a key of 17 bytes", input(), [{ startTime: 1n, key: bytes(1, 17) }]],
        ["for a key that is text", input(), [{ startTime: 1n, key: "0123456789abcdef" as never }]],
        ["without keys", input(), []],
        ["with four keys", input(), [1n, 2n, 3n, 4n].map(startTime => ({ startTime, key }))],
        ["with start time 0", input(), [{ startTime: 0n, key }]],
        ["with the start time that disables a slot", input(), [{ startTime: 2n ** 64n - 1n, key }]],
        ["with a start time that is no bigint", input(), [{ startTime: 1 as never, key }]],
        ["with equal start times", input(), [1n, 1n].map(startTime => ({ startTime, key }))],
        ["with descending start times", input(), [2n, 1n].map(startTime => ({ startTime, key }))],
        ["under a negative id", { ...input(), keySetId: -1 as never }, [{ startTime: 1n, key }]],
        ["under an id that is too large", { ...input(), keySetId: 0x1_0000 as never }, [{ startTime: 1n, key }]],
        ["with an unknown policy", { ...input(), policy: 2 as never }, [{ startTime: 1n, key }]],
    ])("%s", (_why, whole, slots) => {
        const result = keySets.put({ ...whole, slots });
        expect(result).toMatchObject({ ok: false, error: { code: "INVALID_KEY_SET" } });
        expect(keySets.all()).toEqual([]);
        expect(context.ledger.idle).toBe(true);
    });

    it("in words that name what is wrong, and never a key", () => {
        const refused = keySets.put({ ...input([1n, 83]), keySetId: 0.5 as never });
        expect(refused).toMatchObject({ error: { message: expect.stringContaining("key set id") as string } });
        expect(JSON.stringify(refused)).not.toContain("83");
    });
});

it("the IPK is a key set like others, with id 0", () => {
    expect(keySets.put({ ...input([1n, 1]), keySetId: 0 as never })).toEqual({ ok: true, value: 1 });
    expect(keySets.latest(0 as never)).toMatchObject({ revision: 1 });
});

it("checking keeps nothing", () => {
    expect(keySets.check(input([1n, 1]))).toMatchObject({ ok: true });
    expect(keySets.get(ID)).toBeUndefined();
    expect(context.ledger.idle).toBe(true);
});

it("the largest start time that is a time is accepted", () => {
    expect(put([2n ** 64n - 2n, 1])).toBe(1);
});

describe("a revision", () => {
    it("stays while nobody has named it yet", () => {
        put([1n, 1]);
        keySets.settle();
        expect(revisions()).toEqual([1]);
    });

    it("is erased at the end of the step in which its last claim went", () => {
        put([1n, 1]);
        keySets.claim(ID, 1);
        keySets.claim(ID, 1);
        keySets.release(ID, 1);
        keySets.settle();
        expect(revisions()).toEqual([1]);
        keySets.release(ID, 1);
        expect(revisions()).toEqual([1]);
        keySets.settle();
        expect(revisions()).toEqual([]);
        expect(keySets.get(ID)!.latest).toBe(1);
    });

    it("stays when it is claimed again within the step", () => {
        put([1n, 1]);
        keySets.claim(ID, 1);
        keySets.release(ID, 1);
        keySets.claim(ID, 1);
        keySets.settle();
        expect(revisions()).toEqual([1]);
    });

    it("is erased alone: newer and older ones have claims of their own", () => {
        put([1n, 1]);
        put([2n, 2]);
        put([3n, 3]);
        for (const revision of [1, 2]) {
            keySets.claim(ID, revision);
        }
        keySets.release(ID, 1);
        keySets.settle();
        expect(revisions()).toEqual([2, 3]);
    });

    it("comes back with the store's refusal of its erasure, and goes again when nothing claims it", () => {
        put([1n, 1]);
        keySets.claim(ID, 1);
        land();
        keySets.release(ID, 1);
        keySets.settle();
        refuse();
        expect(revisions()).toEqual([1]);
        keySets.settle();
        expect(revisions()).toEqual([]);
    });

    it("that the store refused is not there", () => {
        put([1n, 1]);
        refuse();
        expect(keySets.get(ID)).toBeUndefined();
        expect(put([1n, 9])).toBe(1);
    });

    it("is erased after a restart if nothing names it any more", () => {
        put([1n, 1]);
        keySets.claim(ID, 1);
        const record = keySets.get(ID)!;
        for (const claimed of [true, false]) {
            keySets = new KeySets(context);
            keySets.load(1, record);
            if (claimed) {
                keySets.claim(ID, 1);
            }
            keySets.settle();
            expect(revisions()).toEqual(claimed ? [1] : []);
        }
    });
});

describe("the IPK", () => {
    const ipk = (startTime: bigint) => keySets.put({ keySetId: keySetId(0), policy: 0, slots: [{ startTime, key: bytes(9) }] }).ok;

    it("may start at 0, as the one that AddNOC brings does; no other key may", () => {
        expect(ipk(0n)).toBe(true);
        expect(put([0n, 1])).toBe("INVALID_KEY_SET");
    });
});

describe("a key set that is forgotten", () => {
    it("has no keys and no memory of their start times, and counts on; one that is erased is gone", () => {
        put([SECOND, 1]);
        keySets.forget(ID);
        expect(keySets.get(ID)).toMatchObject({ revisions: [], startTimes: [] });
        expect(put([SECOND, 2])).toBe(2);
        keySets.erase(ID);
        expect(keySets.get(ID)).toBeUndefined();
    });

    it("keeps its keys when it is claimed again before the store has given it back", () => {
        put([SECOND, 1]);
        keySets.claim(ID, 1);
        context.ledger.landed(context.ledger.nextBatch()!.id);
        keySets.release(ID, 1);
        keySets.forget(ID);
        keySets.claim(ID, 1); // as a row that was taken back first does
        context.ledger.refused(context.ledger.nextBatch()!.id);
        keySets.settle();
        expect(revisions()).toEqual([1]);
    });

    it("stays as long as something claims a revision of it", () => {
        put([SECOND, 1]);
        keySets.claim(ID, 1);
        keySets.forget(ID);
        expect(put([SECOND, 2])).toBe("KEY_TIME_REUSED");
    });

    it("is known again, with who claims it, when the store refuses", () => {
        put([SECOND, 1]);
        const first = context.ledger.nextBatch()!;
        context.ledger.landed(first.id);
        keySets.forget(ID);
        put([SECOND, 2]);
        context.ledger.refused(context.ledger.nextBatch()!.id);
        keySets.claim(ID, 1);
        keySets.settle();
        expect(keySets.get(ID)!.revisions).toMatchObject([{ revision: 1, slots: [{ key: { fingerprint: "fp1" } }] }]);
        expect(put([SECOND, 2])).toBe("KEY_TIME_REUSED");
    });
});
