/** Goal: Groups commands tell failure inside their response, and it is believed there; absence counts as removed, an unread list as nothing. */
import { describe, expect, it } from "vitest";
import { GroupKeyManagement, Groups } from "../core/clusters.js";
import type { EndpointNumber, GroupId } from "../core/ids.js";
import type { KindAnswer } from "../core/kind.js";
import { Status } from "../core/status.js";
import { groupMembership } from "./group-membership.js";
import { contextOf, play, response, status, value } from "./testing/operations.js";

const { commands } = Groups;
const intent = { endpoint: 2 as EndpointNumber, groupId: 10 as GroupId, name: "hall" };
const context = contextOf(intent);
const intact = [response({ capacity: 3, groupList: [9, 10] }), value([{ groupId: 10, groupKeySetId: 5 }]), response({ groupKeySet: {} })];
const payload = (code: number) => response({ status: code, groupId: 10 });

describe("the intent of a membership", () => {
    it("names endpoint and group, so that endpoints of a node do not overwrite each other", () => {
        expect(groupMembership.keyOf(intent)).toEqual([2, 10]);
        expect(groupMembership.keyOf({ ...intent, endpoint: 3 as EndpointNumber })).toEqual([3, 10]);
    });

    it("takes one row of the node's groups, however many endpoints are in the group", () => {
        expect(groupMembership.capacity!.rowOf(intent)).toBe(groupMembership.capacity!.rowOf({ ...intent, endpoint: 3 as EndpointNumber }));
    });

    it("has an empty name when none is given", () => {
        expect(groupMembership.validate({ endpoint: 2, groupId: 10 })).toEqual({ ok: true, value: { ...intent, name: "" } });
    });

    it("counts a name in bytes of UTF-8", () => {
        expect(groupMembership.validate({ ...intent, name: "a".repeat(16) }).ok).toBe(true);
        expect(groupMembership.validate({ ...intent, name: "ä".repeat(8) }).ok).toBe(true);
        expect(groupMembership.validate({ ...intent, name: "ä".repeat(9) }).ok).toBe(false);
        expect(groupMembership.validate({ ...intent, name: "漢".repeat(6) }).ok).toBe(false);
        expect(groupMembership.validate({ ...intent, name: "🛋️".repeat(3) }).ok).toBe(false);
    });

    it.each([
        ["group 0", { endpoint: 2, groupId: 0 }],
        ["an endpoint beyond 0xFFFE", { endpoint: 0xffff, groupId: 1 }],
        ["a number as name", { endpoint: 2, groupId: 1, name: 5 }],
        ["a list", []],
    ])("is refused when it is %s", (_, wrong) => {
        expect(groupMembership.validate(wrong)).toMatchObject({ ok: false, error: { code: "INVALID_INTENT" } });
    });

    it("changes with the name", () => {
        expect(groupMembership.equal(intent, { ...intent, name: "attic" })).toBe(false);
    });
});

describe("joining a group", () => {
    it("is one AddGroup on the endpoint, without reading first", () => {
        const { requests, result } = play(groupMembership.apply(context), payload(Status.SUCCESS));
        expect(requests).toEqual([
            { op: "invoke", endpoint: 2, cluster: Groups.id, command: commands.addGroup, fields: { groupId: 10, groupName: "hall" }, query: false },
        ]);
        expect(result).toEqual({ done: true });
    });

    it.each([
        [Status.RESOURCE_EXHAUSTED, "terminal"],
        [Status.CONSTRAINT_ERROR, "terminal"],
        [Status.FAILURE, "transient"],
    ])("fails with the status inside the response: %i", (code, failureClass) => {
        expect(play(groupMembership.apply(context), payload(code)).result).toMatchObject({ done: false, failure: { class: failureClass, code } });
    });

    it("waits for the group's key when the response says that there is none", () => {
        const { result } = play(groupMembership.apply(context), payload(Status.UNSUPPORTED_ACCESS));
        expect(result).toMatchObject({ done: false, failure: { class: "notApplicable", code: Status.UNSUPPORTED_ACCESS, message: expect.stringContaining("no key") as string } });
    });

    it("takes UNSUPPORTED_ACCESS outside of the response for what it is", () => {
        const { result } = play(groupMembership.apply(context), status(Status.UNSUPPORTED_ACCESS));
        expect(result).toMatchObject({ done: false, failure: { class: "transient", code: Status.UNSUPPORTED_ACCESS } });
    });

    it("is not done when the response has no status", () => {
        expect(play(groupMembership.apply(context), response({})).result).toMatchObject({ done: false });
    });

    it("has no place where the endpoint is gone", () => {
        const { result } = play(groupMembership.apply(context), status(Status.UNSUPPORTED_ENDPOINT));
        expect(result).toMatchObject({ done: false, failure: { class: "notApplicable" } });
    });
});

describe("verifying a membership", () => {
    it("asks for all groups of the endpoint, so that one answer serves all of them", () => {
        const { requests, result } = play(groupMembership.verify(context), ...intact);
        expect(requests[0]).toEqual({
            op: "invoke",
            endpoint: 2,
            cluster: Groups.id,
            command: commands.getGroupMembership,
            fields: { groupList: [] },
            query: true,
        });
        expect(result).toEqual({ holds: true });
    });

    it("looks at the group's map entry and key set, too: KeySetRemove takes both and leaves the member a member", () => {
        const { requests } = play(groupMembership.verify(context), ...intact);
        expect(requests.slice(1)).toMatchObject([
            { op: "read", attribute: GroupKeyManagement.attributes.groupKeyMap },
            { op: "invoke", command: GroupKeyManagement.commands.keySetRead, fields: { groupKeySetId: 5 }, query: true },
        ]);
        const withAnswer = (at: number, answer: KindAnswer) => play(groupMembership.verify(context), ...intact.slice(0, at), answer).result;
        expect(withAnswer(1, value([{ groupId: 9, groupKeySetId: 5 }]))).toEqual({ holds: false });
        expect(withAnswer(2, status(Status.NOT_FOUND))).toEqual({ holds: false });
        expect([withAnswer(1, status(Status.BUSY)), withAnswer(2, status(Status.BUSY))]).toMatchObject([{ holds: null }, { holds: null }]);
    });

    it("differs when the group is not among them", () => {
        expect(play(groupMembership.verify(context), response({ capacity: 3, groupList: [9] })).result).toEqual({ holds: false });
    });

    it("differs when the endpoint is gone", () => {
        expect(play(groupMembership.verify(context), status(Status.UNSUPPORTED_ENDPOINT)).result).toEqual({ holds: false });
    });

    it("knows nothing when the device is busy", () => {
        expect(play(groupMembership.verify(context), status(Status.BUSY)).result).toMatchObject({ holds: null, failure: { code: Status.BUSY } });
    });
});

describe("leaving a group", () => {
    it.each([Status.SUCCESS, Status.NOT_FOUND])("is done when the response says %i", code => {
        const { requests, result } = play(groupMembership.remove(context), payload(code));
        expect(requests).toMatchObject([{ command: commands.removeGroup, fields: { groupId: 10 }, query: false }]);
        expect(result).toEqual({ done: true });
    });

    it("is done when the whole command finds nothing", () => {
        expect(play(groupMembership.remove(context), status(Status.NOT_FOUND)).result).toEqual({ done: true });
    });

    it("is not done when the response tells a failure", () => {
        expect(play(groupMembership.remove(context), payload(Status.BUSY)).result).toMatchObject({ done: false, failure: { code: Status.BUSY } });
    });
});
