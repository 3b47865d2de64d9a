import { Status } from "../../src/core/status.js";
import { section } from "../conformance-case.js";
import { G1, group } from "../fixtures.js";
import { ADMINISTRATOR_CAT, ANCHOR_CAT, Privilege } from "../specification.js";

const { CONSTRAINT_ERROR, INVALID_ACTION, INVALID_COMMAND, RESOURCE_EXHAUSTED, SUCCESS } = Status;
const REFUSED = [CONSTRAINT_ERROR] as const;

export const addGroup = section("11.24.7.4", "AGR", [
    {
        n: 2,
        reqs: ["R-069"],
        must: "An id that is listed is refused.",
        fixture: "F0",
        when: "AddGroup twice with one id and other fields",
        then: "CONSTRAINT_ERROR; the entry stays",
        async run(bed) {
            await bed.ok("addGroup", group(G1));
            await bed.expect(REFUSED, "addGroup", group(G1, { friendlyName: "other" }));
        },
    },
    {
        n: 4,
        reqs: ["R-071"],
        must: "The Administrator CAT and the Anchor CAT cannot be given to a group.",
        fixture: "F0",
        when: "AddGroup with GroupCAT 0xFFFF and 0xFFFE",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            for (const groupCat of [ADMINISTRATOR_CAT, ANCHOR_CAT]) {
                await bed.expect(REFUSED, "addGroup", group(G1, { groupCat, groupCatVersion: 1 }));
            }
        },
    },
    {
        n: 5,
        reqs: ["R-072"],
        must: "GroupCAT 0 is refused; the upper range goes by the profile.",
        fixture: "F0",
        when: "AddGroup with GroupCAT 0, 0xF000 and 0xFFFD",
        then: "CONSTRAINT_ERROR; SUCCESS (profile 1-0xEFFF: CONSTRAINT_ERROR)",
        async run(bed) {
            await bed.expect(REFUSED, "addGroup", group(G1, { groupCat: 0, groupCatVersion: 1 }));
            const order = bed.profile.catRange === "1-0xFFFD" ? [SUCCESS, CONSTRAINT_ERROR] : [CONSTRAINT_ERROR, SUCCESS];
            await bed.expect(order, "addGroup", group(0x201, { groupCat: 0xf000, groupCatVersion: 1 }));
            await bed.expect(order, "addGroup", group(0x202, { groupCat: 0xfffd, groupCatVersion: 1 }));
        },
    },
    {
        n: 6,
        reqs: ["R-072", "R-070"],
        must: "GroupCATs 1 and 0xEFFF are taken, and the group is listed as given.",
        fixture: "F0",
        when: "AddGroup with GroupCAT 1 and 0xEFFF",
        then: "SUCCESS; listed as given",
        async run(bed) {
            for (const [at, groupCat] of [1, 0xefff].entries()) {
                const given = group(G1 + at, { groupCat, groupCatVersion: 3 });
                await bed.ok("addGroup", given);
                bed.equal(await bed.row("groupList", { groupId: G1 + at }), given, "the stored group");
            }
        },
    },
    {
        n: 7,
        reqs: ["R-073"],
        must: "A CAT has a version from 1 to 65534, and there is no version without a CAT.",
        fixture: "F0",
        when: "AddGroup: CAT with version 0, null, 65535; version without CAT",
        then: "CONSTRAINT_ERROR each",
        async run(bed) {
            for (const [groupCat, groupCatVersion] of [
                [1, 0],
                [1, null],
                [null, 1],
            ] as const) {
                await bed.expect(REFUSED, "addGroup", group(G1, { groupCat, groupCatVersion }));
            }
            await bed.expect([CONSTRAINT_ERROR, INVALID_COMMAND, INVALID_ACTION], "addGroup", group(G1, { groupCat: 1, groupCatVersion: 65535 }));
        },
    },
    {
        n: 8,
        reqs: ["R-073", "R-070"],
        must: "No CAT at all, and versions 1 and 65534, are taken.",
        fixture: "F0",
        when: "AddGroup: CAT and version null; version 1; version 65534",
        then: "SUCCESS; listed as given",
        async run(bed) {
            const given = [group(G1), group(G1 + 1, { groupCat: 5, groupCatVersion: 1 }), group(G1 + 2, { groupCat: 6, groupCatVersion: 65534 })];
            for (const each of given) {
                await bed.ok("addGroup", each);
                bed.equal(await bed.row("groupList", { groupId: each["groupId"] }), each, "the stored group");
            }
        },
    },
    {
        n: 9,
        reqs: ["R-074"],
        must: "Key sets 0 and 65535 cannot be a group's.",
        fixture: "F0",
        when: "AddGroup with GroupKeySetID 0 and 65535",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            await bed.expect(REFUSED, "addGroup", group(G1, { groupKeySetId: 0 }));
            await bed.expect([CONSTRAINT_ERROR, INVALID_COMMAND, INVALID_ACTION], "addGroup", group(G1, { groupKeySetId: 65535 }));
        },
    },
    {
        n: 10,
        reqs: ["R-074", "R-076"],
        must: "A group may be without key set, or name one that is not there yet.",
        fixture: "F0",
        when: "AddGroup with GroupKeySetID null, and with that of an absent set",
        then: "SUCCESS",
        async run(bed) {
            await bed.ok("addGroup", group(G1));
            await bed.ok("addGroup", group(G1 + 1, { groupKeySetId: 0x0777 }));
        },
    },
    {
        n: 11,
        reqs: ["R-075"],
        must: "Groups that manage or administer have no key set.",
        fixture: "F0",
        when: "AddGroup with permission Manage or Administer and key set 5",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            for (const groupPermission of [Privilege.MANAGE, Privilege.ADMINISTER]) {
                await bed.expect(REFUSED, "addGroup", group(G1, { groupPermission, groupKeySetId: 5, groupCat: 1, groupCatVersion: 1 }));
            }
        },
    },
    {
        n: 12,
        reqs: ["R-075", "R-078"],
        must: "A group without key set may manage.",
        fixture: "F0",
        when: "AddGroup with permission Manage and no key set; a second Administer group",
        then: "SUCCESS; the second is a matter of policy",
        async run(bed) {
            const administrators = await bed.row("groupList", { groupCat: ADMINISTRATOR_CAT });
            await bed.ok("addGroup", group(G1, { groupPermission: Privilege.MANAGE }));
            const second = group(G1 + 1, { groupPermission: Privilege.ADMINISTER, groupCat: 2, groupCatVersion: 1 });
            await bed.expect([SUCCESS, CONSTRAINT_ERROR], "addGroup", second);
            bed.equal(await bed.row("groupList", { groupCat: ADMINISTRATOR_CAT }), administrators, "the Administrator group");
        },
    },
    {
        n: 13,
        reqs: ["R-077"],
        must: "Group id 0 is refused.",
        fixture: "F0",
        when: "AddGroup with ids 0, 0xFF00 and 0xFFFF",
        then: "CONSTRAINT_ERROR (the latter two: a matter of policy)",
        async run(bed) {
            await bed.expect(REFUSED, "addGroup", group(0));
            await bed.expect([CONSTRAINT_ERROR, SUCCESS], "addGroup", group(0xff00));
            await bed.expect([CONSTRAINT_ERROR, SUCCESS], "addGroup", group(0xffff));
        },
    },
    {
        n: 14,
        reqs: ["R-018", "R-070"],
        must: "A full list is answered with RESOURCE_EXHAUSTED.",
        fixture: "F0",
        when: "254 groups are listed; AddGroup",
        then: "RESOURCE_EXHAUSTED",
        async run(bed) {
            for (let count = (await bed.rows("groupList")).length; count < 254; count++) {
                await bed.session.invoke("addGroup", group(0x1000 + count));
            }
            await bed.expectRows("groupList", {}, 254);
            await bed.expect(RESOURCE_EXHAUSTED, "addGroup", group(G1));
        },
    },
]);
