/** Goal: the IPK is replaced as a whole, recognised by its start times, and never removed. */
import { describe, expect, it } from "vitest";
import { GroupKeyManagement } from "../core/clusters.js";
import type { DeviceFields } from "../core/device.js";
import type { EpochUs } from "../core/ids.js";
import type { KeySetRevision } from "../core/records.js";
import { Status } from "../core/status.js";
import { ipk } from "./ipk.js";
import { contextOf, key, play, response, status } from "./testing/operations.js";

const { commands } = GroupKeyManagement;
const intent = { revision: 2 };
const slot = (startTime: bigint, byte: number) => ({ startTime: startTime as EpochUs, key: key(byte) });
const revision: KeySetRevision = { revision: 2, policy: 0, slots: [slot(100n, 1), slot(200n, 2)], used: true };
const context = contextOf(intent, { revision });
const onDevice = (...times: (bigint | null)[]): DeviceFields => ({
    groupKeySet: { groupKeySetId: 0, epochStartTime0: times[0] ?? null, epochStartTime1: times[1] ?? null, epochStartTime2: times[2] ?? null },
});

describe("the intent of the IPK", () => {
    it("is a revision of key set 0, one per node", () => {
        expect(ipk.validate({ revision: 2, extra: 1 })).toEqual({ ok: true, value: intent });
        expect(ipk.keyOf(intent)).toEqual([0]);
        expect(ipk.keySetOf!(intent)).toEqual({ keySetId: 0, revision: 2 });
        expect(ipk.equal(intent, { revision: 2 })).toBe(true);
        expect(ipk.equal(intent, { revision: 3 })).toBe(false);
    });

    it.each([[null], [{}], [{ revision: 0 }], [{ revision: "2" }]])("is refused when it is %j", wrong => {
        expect(ipk.validate(wrong)).toMatchObject({ ok: false, error: { code: "INVALID_INTENT" } });
    });

    it("takes the row that every node has in use already", () => {
        expect(ipk.capacity!.table.minimum.rows).toContain(ipk.capacity!.rowOf(intent));
    });
});

describe("writing the IPK", () => {
    it("is one KeySetWrite of set 0, with every key in its slot", () => {
        const { requests, result } = play(ipk.apply(context), status(Status.SUCCESS));
        expect(requests).toMatchObject([
            {
                command: commands.keySetWrite,
                fields: { groupKeySet: { groupKeySetId: 0, epochKey0: revision.slots[0]!.key, epochStartTime0: 100n, epochStartTime1: 200n, epochKey2: null } },
                query: false,
            },
        ]);
        expect(result).toEqual({ done: true });
    });

    it("fails for good, asking nothing, when the material is erased", () => {
        const { requests, result } = play(ipk.apply(contextOf(intent)));
        expect(requests).toEqual([]);
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", message: expect.stringContaining("erased") as string } });
    });

    it("fails with the status that it is answered, as a full node may", () => {
        expect(play(ipk.apply(context), status(Status.RESOURCE_EXHAUSTED)).result).toMatchObject({ failure: { class: "terminal", code: Status.RESOURCE_EXHAUSTED } });
        expect(play(ipk.apply(context), response({})).result).toMatchObject({ failure: { class: "transient" } });
    });
});

describe("verifying the IPK", () => {
    it("asks for set 0 and compares the start times", () => {
        const { requests, result } = play(ipk.verify(context), response(onDevice(100n, 200n)));
        expect(requests).toMatchObject([{ command: commands.keySetRead, fields: { groupKeySetId: 0 }, query: true }]);
        expect(result).toEqual({ holds: true });
    });

    it.each([
        ["it is the one of AddNOC", onDevice(0n)],
        ["a time is another", onDevice(100n, 201n)],
        ["a key is missing", onDevice(100n)],
    ])("finds it different when %s", (_, fields) => {
        expect(play(ipk.verify(context), response(fields)).result).toEqual({ holds: false });
    });

    it("knows nothing when it cannot be read", () => {
        expect(play(ipk.verify(context), status(Status.BUSY)).result).toMatchObject({ holds: null, failure: { code: Status.BUSY } });
    });
});

it("removing the IPK's intent asks nothing of the node, and is no removal", () => {
    expect(play(ipk.remove(context))).toEqual({ requests: [], result: { done: true, withdrawn: true } });
});
