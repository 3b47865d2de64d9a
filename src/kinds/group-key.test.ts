/** Goal: a key set is written whole, recognised by its start times alone, and removed only when nobody else's groups hang on it. */
import { describe, expect, it } from "vitest";
import { GroupKeyManagement } from "../core/clusters.js";
import type { DeviceFields, InvokeRequest } from "../core/device.js";
import type { EpochUs, KeySetId } from "../core/ids.js";
import type { KeySetRevision } from "../core/records.js";
import { Status } from "../core/status.js";
import { groupKey } from "./group-key.js";
import { contextOf, key, play, response, status, value } from "./testing/operations.js";

const { commands, attributes } = GroupKeyManagement;
const intent = { keySetId: 5 as KeySetId, revision: 2 };
const slot = (startTime: bigint, byte: number) => ({ startTime: startTime as EpochUs, key: key(byte) });
const revision: KeySetRevision = { revision: 2, policy: 0, slots: [slot(100n, 1), slot(200n, 2)], used: true };
const context = contextOf(intent, { revision });
const onDevice = (...times: (bigint | null)[]): DeviceFields => ({
    groupKeySet: { groupKeySetId: 5, epochStartTime0: times[0] ?? null, epochStartTime1: times[1] ?? null, epochStartTime2: times[2] ?? null },
});

describe("the intent of a key set", () => {
    it("is an id and a revision", () => {
        expect(groupKey.validate({ keySetId: 5, revision: 2, extra: 1 })).toEqual({ ok: true, value: intent });
        expect(groupKey.keyOf(intent)).toEqual([5]);
    });

    it.each([
        ["no object", 5, /must be an object/],
        ["key set 0, the IPK", { keySetId: 0, revision: 1 }, /IPK/],
        ["an id beyond 16 bit", { keySetId: 0x10000, revision: 1 }, /"keySetId" must be an integer/],
        ["revision 0", { keySetId: 5, revision: 0 }, /"revision" must be an integer/],
        ["a text as id", { keySetId: "5", revision: 1 }, /"keySetId" must be an integer/],
    ])("is refused when it is %s", (_, wrong, message) => {
        expect(groupKey.validate(wrong)).toMatchObject({ ok: false, error: { code: "INVALID_INTENT", message: expect.stringMatching(message) as string } });
    });

    it("differs from another revision of the same set", () => {
        expect(groupKey.equal(intent, { ...intent })).toBe(true);
        expect(groupKey.equal(intent, { ...intent, revision: 3 })).toBe(false);
    });
});

describe("writing a key set", () => {
    it("sends all keys in their slots, the rest null, without reading first", () => {
        const { requests, result } = play(groupKey.apply(context), status(Status.SUCCESS));
        expect(requests).toMatchObject([{ op: "invoke", command: commands.keySetWrite, query: false }]);
        expect((requests[0] as InvokeRequest).fields["groupKeySet"]).toEqual({
            groupKeySetId: 5,
            groupKeySecurityPolicy: 0,
            epochKey0: revision.slots[0]!.key,
            epochStartTime0: 100n,
            epochKey1: revision.slots[1]!.key,
            epochStartTime1: 200n,
            epochKey2: null,
            epochStartTime2: null,
        });
        expect(result).toEqual({ done: true });
    });

    it("fails for good, asking nothing, when the material is erased", () => {
        const { requests, result } = play(groupKey.apply(contextOf(intent)));
        expect(requests).toEqual([]);
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", message: expect.stringContaining("erased") as string } });
    });

    it("fails with the status that it is answered", () => {
        const { result } = play(groupKey.apply(context), status(Status.RESOURCE_EXHAUSTED));
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", code: Status.RESOURCE_EXHAUSTED } });
    });

    it("is not done when the answer has an unexpected form", () => {
        const { result } = play(groupKey.apply(context), response({}));
        expect(result).toMatchObject({ done: false, failure: { class: "transient" } });
    });
});

describe("verifying a key set", () => {
    it("only asks, and compares the start times", () => {
        const { requests, result } = play(groupKey.verify(context), response(onDevice(100n, 200n)));
        expect(requests).toMatchObject([{ op: "invoke", command: commands.keySetRead, fields: { groupKeySetId: 5 }, query: true }]);
        expect(result).toEqual({ holds: true });
    });

    it.each([
        ["one time is another", onDevice(100n, 201n)],
        ["one is missing", onDevice(100n)],
        ["there is one too many", onDevice(100n, 200n, 300n)],
        ["the times stand in other slots", onDevice(200n, 100n)],
    ])("finds it different when %s", (_, fields) => {
        expect(play(groupKey.verify(context), response(fields)).result).toEqual({ holds: false });
    });

    it("finds it different when the device has no such set", () => {
        expect(play(groupKey.verify(context), status(Status.NOT_FOUND)).result).toEqual({ holds: false });
    });

    it.each([Status.BUSY, Status.FAILURE, Status.UNSUPPORTED_ACCESS])("knows nothing when the read fails with status %i", code => {
        expect(play(groupKey.verify(context), status(code)).result).toMatchObject({ holds: null, failure: { code } });
    });

    it("finds it different once its material is erased", () => {
        expect(play(groupKey.verify(contextOf(intent)), response(onDevice(100n, 200n))).result).toEqual({ holds: false });
    });
});

describe("removing a key set", () => {
    const mapped = (groupId: number, groupKeySetId: number): DeviceFields => ({ groupId, groupKeySetId });

    it("looks at the map first", () => {
        const { requests, result } = play(groupKey.remove(context), value([mapped(1, 6)]), status(Status.SUCCESS));
        expect(requests).toMatchObject([
            { op: "read", attribute: attributes.groupKeyMap },
            { op: "invoke", command: commands.keySetRemove, fields: { groupKeySetId: 5 }, query: false },
        ]);
        expect(result).toEqual({ done: true });
    });

    it("is refused while another administrator's group uses it", () => {
        const { requests, result } = play(groupKey.remove(context), value([mapped(7, 5)]));
        expect(requests).toHaveLength(1);
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", message: expect.stringContaining("group 7") as string } });
    });

    it("goes ahead when the entry that uses it is managed here", () => {
        const own = contextOf(intent, { wanted: ["groupKeyMap 7"] });
        expect(play(groupKey.remove(own), value([mapped(7, 5)]), status(Status.SUCCESS)).result).toEqual({ done: true });
    });

    it("never goes ahead on a map that it could not read", () => {
        const { requests, result } = play(groupKey.remove(context), status(Status.BUSY));
        expect(requests).toHaveLength(1);
        expect(result).toMatchObject({ done: false, failure: { class: "transient", code: Status.BUSY } });
    });

    it("is done when the set is not there", () => {
        expect(play(groupKey.remove(context), value([]), status(Status.NOT_FOUND)).result).toEqual({ done: true });
    });

    it("fails with any other status", () => {
        const { result } = play(groupKey.remove(context), value([]), status(Status.INVALID_COMMAND));
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", code: Status.INVALID_COMMAND } });
    });
});
