/** Goal: what a device tells about its tables is taken as it is; a device that does not tell is not guessed about. */
import { describe, expect, it } from "vitest";
import { GroupKeyManagement } from "../core/clusters.js";
import { Status } from "../core/status.js";
import { groupTable, keySetTable } from "./capacity-tables.js";
import { play, response, status, value } from "./testing/operations.js";

const { attributes, commands } = GroupKeyManagement;

describe("the table of key sets", () => {
    it("has the limit and the ids that the device tells, the IPK included", () => {
        const { requests, result } = play(keySetTable.observe(), value(6), response({ groupKeySetIDs: [0, 5] }));
        expect(requests).toMatchObject([
            { op: "read", attribute: attributes.maxGroupKeysPerFabric },
            { op: "invoke", command: commands.keySetReadAllIndices, query: true },
        ]);
        expect(result).toEqual({ limit: 6, rows: [0, 5] });
    });

    it("has one row more when the device lists the IPK twice", () => {
        expect(play(keySetTable.observe(), value(6), response({ groupKeySetIDs: [0, 5, 0] })).result).toEqual({ limit: 6, rows: [0, 5, -3] });
    });

    it.each([
        ["limit", status(Status.UNSUPPORTED_ATTRIBUTE), response({ groupKeySetIDs: [] })],
        ["ids", value(6), status(Status.BUSY)],
    ])("is unknown without the %s", (_, first, second) => {
        expect(play(keySetTable.observe(), first, second).result).toBeNull();
    });
});

describe("the table of groups", () => {
    it("has one row per mapped group", () => {
        const map = [
            { groupId: 7, groupKeySetId: 1 },
            { groupId: 9, groupKeySetId: 1 },
        ];
        expect(play(groupTable.observe(), value(12), value(map), value([])).result).toEqual({ limit: 12, rows: [7, 9] });
    });

    it("has one row per group that lost its key and still has members", () => {
        const members = [{ groupId: 7 }, { groupId: 8 }];
        expect(play(groupTable.observe(), value(12), value([{ groupId: 7 }]), value(members)).result).toEqual({ limit: 12, rows: [7, 7, 8] });
    });

    it.each([
        ["the map", status(Status.FAILURE), value([])],
        ["the group table", value([]), status(Status.FAILURE)],
    ])("is unknown when %s cannot be read", (_, map, members) => {
        expect(play(groupTable.observe(), value(12), map, members).result).toBeNull();
    });
});

describe("a device that was not read yet", () => {
    it("counts with the specification's minimum", () => {
        expect(keySetTable.minimum).toEqual({ limit: 3, used: 1, rows: [0] });
        expect(groupTable.minimum).toEqual({ limit: 4, used: 0 });
    });
});
