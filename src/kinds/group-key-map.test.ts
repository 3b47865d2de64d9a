/** Goal: one entry of the map is ours, the others are written back untouched, and nothing is written on a stale or unknown list. */
import { describe, expect, it } from "vitest";
import { GroupKeyManagement } from "../core/clusters.js";
import type { GroupId, KeySetId } from "../core/ids.js";
import type { KindAnswer } from "../core/kind.js";
import { Limits } from "../core/limits.js";
import { Status } from "../core/status.js";
import { groupKeyMap } from "./group-key-map.js";
import { contextOf, play, status, value } from "./testing/operations.js";

const MAP = GroupKeyManagement.attributes.groupKeyMap;
const intent = { groupId: 10 as GroupId, keySetId: 5 as KeySetId };
const context = contextOf(intent);
const entry = (groupId: number, groupKeySetId: number) => ({ groupId, groupKeySetId });
const success = status(Status.SUCCESS);
const mismatch = status(Status.DATA_VERSION_MISMATCH);

describe("the intent of a map entry", () => {
    it("is a group and its key set, and depends on that key set", () => {
        expect(groupKeyMap.validate({ groupId: 10, keySetId: 5 })).toEqual({ ok: true, value: intent });
        expect(groupKeyMap.keyOf(intent)).toEqual([10]);
        expect(groupKeyMap.dependsOn(intent)).toEqual([{ kind: "groupKey", key: [5] }]);
    });

    it.each([
        ["group 0", { groupId: 0, keySetId: 5 }, /"groupId"/],
        ["a universal group", { groupId: 0xff00, keySetId: 5 }, /"groupId"/],
        ["key set 0, the IPK", { groupId: 10, keySetId: 0 }, /IPK/],
        ["no object", null, /must be an object/],
    ])("is refused when it is %s", (_, wrong, message) => {
        expect(groupKeyMap.validate(wrong)).toMatchObject({ ok: false, error: { code: "INVALID_INTENT", message: expect.stringMatching(message) as string } });
    });
});

describe("writing a map entry", () => {
    it("adds it behind what is there, on condition that the list is still the one that was read", () => {
        const { requests, result } = play(groupKeyMap.apply(context), value([entry(1, 2)], 77), success);
        expect(requests).toMatchObject([
            { op: "read", attribute: MAP },
            { op: "write", attribute: MAP, value: [entry(1, 2), entry(10, 5)], dataVersion: 77 },
        ]);
        expect(result).toEqual({ done: true });
    });

    it("replaces the group's old key set", () => {
        const { requests } = play(groupKeyMap.apply(context), value([entry(10, 4), entry(1, 2)]), success);
        expect(requests[1]).toMatchObject({ value: [entry(1, 2), entry(10, 5)] });
    });

    it("writes nothing when the entry is there", () => {
        const { requests, result } = play(groupKeyMap.apply(context), value([entry(10, 5)]));
        expect(requests).toHaveLength(1);
        expect(result).toEqual({ done: true });
    });

    it("reads again and takes up what somebody wrote in between", () => {
        const { requests, result } = play(groupKeyMap.apply(context), value([], 1), mismatch, value([entry(3, 4)], 2), success);
        expect(requests[3]).toMatchObject({ op: "write", value: [entry(3, 4), entry(10, 5)], dataVersion: 2 });
        expect(result).toEqual({ done: true });
    });

    it("gives a list that keeps changing up for now, after three more tries", () => {
        const tries: KindAnswer[] = Array.from({ length: 1 + Limits.versionMismatchRetries }, (_, i) => [value([], i), mismatch]).flat();
        const { requests, result } = play(groupKeyMap.apply(context), ...tries);
        expect(requests).toHaveLength(8);
        expect(result).toMatchObject({ done: false, failure: { class: "transient", code: Status.DATA_VERSION_MISMATCH } });
    });

    it("never takes a list that it could not read for an empty one", () => {
        const { requests, result } = play(groupKeyMap.apply(context), status(Status.FAILURE));
        expect(requests).toHaveLength(1);
        expect(result).toMatchObject({ done: false, failure: { class: "transient", code: Status.FAILURE } });
    });

    it("does not try again at once after any other refusal", () => {
        const { result } = play(groupKeyMap.apply(context), value([]), status(Status.RESOURCE_EXHAUSTED));
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", code: Status.RESOURCE_EXHAUSTED } });
    });
});

describe("verifying a map entry", () => {
    it.each([
        ["holds", [entry(1, 2), entry(10, 5)], true],
        ["differs with another key set", [entry(10, 4)], false],
        ["differs when the group is not mapped", [entry(1, 5)], false],
    ])("%s", (_, entries, isHeld) => {
        expect(play(groupKeyMap.verify(context), value(entries)).result).toEqual({ holds: isHeld });
    });

    it("knows nothing when the list cannot be read", () => {
        expect(play(groupKeyMap.verify(context), status(Status.BUSY)).result).toMatchObject({ holds: null, failure: { code: Status.BUSY } });
    });
});

it("is not sent when the node holds more than it takes by now", () => {
    const limited = contextOf(intent, { limit: 1 });
    const list = value([{ groupId: 98, groupKeySetId: 1 }, { groupId: 99, groupKeySetId: 1 }, { groupId: intent.groupId, groupKeySetId: 1 }]);
    for (const operation of [groupKeyMap.apply(limited), groupKeyMap.remove(limited)]) {
        const { requests, result } = play(operation, list);
        expect(requests).toHaveLength(1);
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", code: Status.RESOURCE_EXHAUSTED } });
    }
});

describe("removing a map entry", () => {
    it("writes back the others", () => {
        const { requests, result } = play(groupKeyMap.remove(context), value([entry(10, 5), entry(1, 2)], 9), success);
        expect(requests[1]).toMatchObject({ op: "write", value: [entry(1, 2)], dataVersion: 9 });
        expect(result).toEqual({ done: true });
    });

    it("takes the group's entry, whatever key set it names by now", () => {
        const { requests } = play(groupKeyMap.remove(context), value([entry(10, 4)]), success);
        expect(requests[1]).toMatchObject({ value: [] });
    });

    it("writes nothing when there is none", () => {
        const { requests, result } = play(groupKeyMap.remove(context), value([entry(1, 2)]));
        expect(requests).toHaveLength(1);
        expect(result).toEqual({ done: true });
    });

    it("does nothing to a list that it could not read", () => {
        const { requests, result } = play(groupKeyMap.remove(context), status(Status.TIMEOUT));
        expect(requests).toHaveLength(1);
        expect(result).toMatchObject({ done: false, failure: { code: Status.TIMEOUT } });
    });
});
