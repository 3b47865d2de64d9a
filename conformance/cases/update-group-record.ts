import { Status } from "../../src/core/status.js";
import { section } from "../conformance-case.js";
import { G1, group, groupChange, K2, N1 } from "../fixtures.js";
import { ADMINISTRATOR_CAT, ANCHOR_CAT, Privilege } from "../specification.js";

const { CONSTRAINT_ERROR, INVALID_ACTION, INVALID_COMMAND, NOT_FOUND, SUCCESS } = Status;

/** UpdateGroup as far as the datastore's own record goes. */
export const updateGroupRecord = section("11.24.7.5", "UGR", [
    {
        n: 1,
        reqs: ["R-079"],
        must: "An unknown group is refused.",
        fixture: "F0",
        when: "UpdateGroup of a group that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(NOT_FOUND, "updateGroup", groupChange(G1, { friendlyName: "Hall" }));
        },
    },
    {
        n: 3,
        reqs: ["R-085"],
        must: "No difference is no change.",
        fixture: "FM",
        when: "UpdateGroup with what is stored, and with nothing",
        then: "SUCCESS; same rows, no traffic",
        async run(bed) {
            const before = await bed.attributes();
            await bed.ok("updateGroup", await bed.row("groupList", { groupId: G1 }));
            await bed.ok("updateGroup", groupChange(G1, {}));
            await bed.settle();
            bed.equal(await bed.attributes(), before, "the attributes");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 4,
        reqs: ["R-080", "R-084"],
        must: "A stored null can be set; null sets nothing.",
        fixture: "F0",
        when: "UpdateGroup of a group whose fields are null, with values; then all null",
        then: "the values are stored, and stay",
        async run(bed) {
            await bed.ok("addGroup", group(G1));
            const given = { friendlyName: "Hall", groupKeySetId: 0x0c, groupCat: 3, groupCatVersion: 2, groupPermission: Privilege.VIEW };
            await bed.ok("updateGroup", groupChange(G1, given));
            bed.equal(await bed.row("groupList", { groupId: G1 }), { groupId: G1, ...given }, "the stored group");
            await bed.ok("updateGroup", groupChange(G1, {}));
            bed.equal(await bed.row("groupList", { groupId: G1 }), { groupId: G1, ...given }, "the stored group");
        },
    },
    {
        n: 5,
        reqs: ["R-084"],
        must: "The fields given are stored; without members nobody is contacted.",
        fixture: "FK",
        when: "UpdateGroup of a group without members: name, key set, CAT version, permission",
        then: "SUCCESS; stored; no traffic",
        async run(bed) {
            const given = { friendlyName: "Hall", groupKeySetId: K2, groupCatVersion: 2, groupPermission: Privilege.OPERATE };
            await bed.ok("updateGroup", groupChange(G1, given));
            await bed.settle();
            bed.equal(await bed.row("groupList", { groupId: G1 }), { groupId: G1, groupCat: 1, ...given }, "the stored group");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 6,
        reqs: ["R-081"],
        must: "The Administrator and Anchor groups keep their CATs.",
        fixture: "F0",
        when: "UpdateGroup of both with GroupCAT 5",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            for (const groupCat of [ADMINISTRATOR_CAT, ANCHOR_CAT]) {
                const reserved = await bed.row("groupList", { groupCat });
                await bed.expect(CONSTRAINT_ERROR, "updateGroup", groupChange(Number(reserved["groupId"]), { groupCat: 5 }));
            }
        },
    },
    {
        n: 7,
        reqs: ["R-082"],
        must: "Other fields of the Administrator group are refused, or changed as a whole; its permission is never lowered.",
        fixture: "F0",
        when: "UpdateGroup of the Administrator group: name; version; permission View",
        then: "CONSTRAINT_ERROR (profile allowNonCat: SUCCESS for name and version)",
        async run(bed) {
            const reserved = await bed.row("groupList", { groupCat: ADMINISTRATOR_CAT });
            const groupId = Number(reserved["groupId"]);
            const order = bed.profile.adminGroupUpdate === "refuseAll" ? [CONSTRAINT_ERROR, SUCCESS] : [SUCCESS, CONSTRAINT_ERROR];
            await bed.expect(order, "updateGroup", groupChange(groupId, { friendlyName: "Masters" }));
            await bed.expect(order, "updateGroup", groupChange(groupId, { groupCatVersion: 2 }));
            await bed.expect(CONSTRAINT_ERROR, "updateGroup", groupChange(groupId, { groupPermission: Privilege.VIEW }));
        },
    },
    {
        n: 9,
        reqs: ["R-083"],
        must: "No group gets the Administrator or Anchor CAT.",
        fixture: "FK",
        when: "UpdateGroup with GroupCAT 0xFFFE and 0xFFFF",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            for (const groupCat of [ANCHOR_CAT, ADMINISTRATOR_CAT]) {
                await bed.expect(CONSTRAINT_ERROR, "updateGroup", groupChange(G1, { groupCat }));
            }
        },
    },
    {
        n: 10,
        reqs: ["R-072", "R-073", "R-074", "R-075"],
        must: "The rules of AddGroup hold for the entry that results.",
        fixture: "FK",
        when: "UpdateGroup: GroupCAT 0; version 0; key set 0; permission Manage while a key set stays",
        then: "CONSTRAINT_ERROR each",
        async run(bed) {
            const changes = [{ groupCat: 0 }, { groupCatVersion: 0 }, { groupKeySetId: 0 }, { groupPermission: Privilege.MANAGE }];
            for (const change of changes) {
                await bed.expect([CONSTRAINT_ERROR], "updateGroup", groupChange(G1, change));
            }
            for (const change of [{ groupCatVersion: 65535 }, { groupKeySetId: 65535 }]) {
                await bed.expect([CONSTRAINT_ERROR, INVALID_COMMAND, INVALID_ACTION], "updateGroup", groupChange(G1, change));
            }
        },
    },
    {
        n: 36,
        reqs: ["R-082", "R-078"],
        must: "A second group that administers is an ordinary one.",
        fixture: "FK",
        when: "UpdateGroup and RemoveGroup of a second Administer group",
        then: "SUCCESS; the Administrator group is as before",
        async run(bed) {
            const second = group(0x0109, { groupPermission: Privilege.ADMINISTER, groupCat: 9, groupCatVersion: 1 });
            if ((await bed.expect([SUCCESS, CONSTRAINT_ERROR], "addGroup", second)) === SUCCESS) {
                const reserved = await bed.row("groupList", { groupCat: ADMINISTRATOR_CAT });
                await bed.ok("updateGroup", groupChange(0x0109, { groupCatVersion: 2 }));
                await bed.ok("removeGroup", { groupId: 0x0109 });
                bed.equal(await bed.row("groupList", { groupCat: ADMINISTRATOR_CAT }), reserved, "the Administrator group");
            }
        },
    },
    {
        n: 50,
        reqs: ["R-034", "R-251"],
        must: "A formed fabric has an Administrator and an Anchor group, both of version 1.",
        fixture: "F0",
        when: "read GroupList",
        then: "one group each with CAT 0xFFFF and 0xFFFE, permission Administer, without key set",
        async run(bed) {
            for (const groupCat of [ADMINISTRATOR_CAT, ANCHOR_CAT]) {
                const reserved = await bed.row("groupList", { groupCat });
                bed.equal(reserved["groupPermission"], Privilege.ADMINISTER, "its permission");
                bed.equal(reserved["groupKeySetId"], null, "its key set");
                bed.equal(reserved["groupCatVersion"], 1, "its CAT version");
            }
        },
    },
]);
