import { Status } from "../../src/core/status.js";
import { section } from "../conformance-case.js";
import { N1 } from "../fixtures.js";
import type { Fields } from "../values.js";

const { CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, SUCCESS } = Status;
const ADD = "11.24.7.7";
const UPDATE = "11.24.7.8";
const REMOVE = "11.24.7.9";
const ICAC = new Uint8Array(300).fill(0x30);

const admin = (nodeId: bigint, changes: Fields = {}): Fields => ({ nodeId, friendlyName: `admin ${nodeId}`, vendorId: 0xfff1, icac: ICAC, ...changes });

export const administrators = section(ADD, "ADM", [
    {
        n: 1,
        reqs: ["R-110"],
        must: "An administrator is appended as given, and no node hears of it.",
        fixture: "F1",
        when: "AddAdmin",
        then: "SUCCESS; the last entry, as given; no traffic",
        async run(bed) {
            const before = await bed.rows("adminList");
            await bed.ok("addAdmin", admin(0xa1n));
            await bed.settle();
            bed.equal(await bed.rows("adminList"), [...before, admin(0xa1n)], "adminList");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 2,
        reqs: ["R-109"],
        must: "A node id that is listed is refused.",
        fixture: "F0",
        when: "AddAdmin twice; AddAdmin with the Anchor's node id",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            await bed.ok("addAdmin", admin(0xa1n));
            await bed.expect(CONSTRAINT_ERROR, "addAdmin", admin(0xa1n, { friendlyName: "other" }));
            const [anchor] = await bed.rows("adminList");
            await bed.expect(CONSTRAINT_ERROR, "addAdmin", admin(BigInt(anchor!["nodeId"] as bigint)));
        },
    },
    {
        n: 3,
        reqs: ["R-111"],
        must: "An ICAC has at most 400 bytes.",
        fixture: "F0",
        when: "AddAdmin and UpdateAdmin with 400 and 401 bytes",
        then: "SUCCESS with 400; CONSTRAINT_ERROR with 401",
        async run(bed) {
            await bed.expect(CONSTRAINT_ERROR, "addAdmin", admin(0xa1n, { icac: new Uint8Array(401) }));
            await bed.ok("addAdmin", admin(0xa1n, { icac: new Uint8Array(400) }));
            await bed.expect(CONSTRAINT_ERROR, "updateAdmin", { nodeId: 0xa1n, icac: new Uint8Array(401) });
            await bed.ok("updateAdmin", { nodeId: 0xa1n, icac: new Uint8Array(400).fill(1) });
        },
    },
    {
        n: 4,
        reqs: ["R-112"],
        must: "A node id is an operational one.",
        fixture: "F0",
        when: "AddAdmin with node id 0, a CAT, a group's node id",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            for (const nodeId of [0n, 0xffff_fffd_0001_0001n, 0xffff_ffff_ffff_0001n]) {
                await bed.expect(CONSTRAINT_ERROR, "addAdmin", admin(nodeId));
            }
        },
    },
    {
        n: 5,
        reqs: ["R-018", "R-110"],
        must: "A full list is answered with RESOURCE_EXHAUSTED.",
        fixture: "F0",
        when: "32 administrators are listed; AddAdmin",
        then: "RESOURCE_EXHAUSTED",
        async run(bed) {
            for (let count = (await bed.rows("adminList")).length; count < 32; count++) {
                await bed.ok("addAdmin", admin(BigInt(0x100 + count), { icac: new Uint8Array(1) }));
            }
            await bed.expect(RESOURCE_EXHAUSTED, "addAdmin", admin(0xa1n));
        },
    },
    {
        n: 6,
        section: UPDATE,
        reqs: ["R-113"],
        must: "An unknown administrator is refused.",
        fixture: "F0",
        when: "UpdateAdmin of a node that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(NOT_FOUND, "updateAdmin", { nodeId: 0xa9n, friendlyName: "x" });
        },
    },
    {
        n: 8,
        section: UPDATE,
        reqs: ["R-114", "R-035"],
        must: "Only what is given changes, and the Anchor stays the first.",
        fixture: "F0",
        when: "UpdateAdmin of the Anchor: ICAC only; name only; nothing",
        then: "SUCCESS; the other fields stay; still at index 0",
        async run(bed) {
            await bed.ok("addAdmin", admin(0xa1n));
            const [anchor, ...others] = await bed.rows("adminList");
            const nodeId = anchor!["nodeId"];
            await bed.ok("updateAdmin", { nodeId, icac: ICAC });
            bed.equal(await bed.rows("adminList"), [{ ...anchor, icac: ICAC }, ...others], "adminList");
            await bed.ok("updateAdmin", { nodeId, friendlyName: "First" });
            await bed.ok("updateAdmin", { nodeId });
            bed.equal(await bed.rows("adminList"), [{ ...anchor, icac: ICAC, friendlyName: "First" }, ...others], "adminList");
        },
    },
    {
        n: 9,
        section: REMOVE,
        reqs: ["R-115"],
        must: "An unknown administrator is refused.",
        fixture: "F0",
        when: "RemoveAdmin of a node that is not listed",
        then: "NOT_FOUND",
        async run(bed) {
            await bed.expect(NOT_FOUND, "removeAdmin", { nodeId: 0xa9n });
        },
    },
    {
        n: 10,
        section: REMOVE,
        reqs: ["R-116"],
        must: "The entry goes, the others keep content and order, and nodes are not contacted.",
        fixture: "F1",
        when: "RemoveAdmin of the middle one of three",
        then: "SUCCESS; the others as before; no traffic",
        async run(bed) {
            await bed.ok("addAdmin", admin(0xa1n));
            await bed.ok("addAdmin", admin(0xa2n, { icac: new Uint8Array(10).fill(2) }));
            const [anchor, , last] = await bed.rows("adminList");
            await bed.ok("removeAdmin", { nodeId: 0xa1n });
            await bed.settle();
            bed.equal(await bed.rows("adminList"), [anchor, last], "adminList");
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 50,
        section: REMOVE,
        reqs: ["R-117"],
        must: "The Anchor's own entry stays.",
        fixture: "F0",
        when: "RemoveAdmin of the first entry",
        then: "CONSTRAINT_ERROR",
        async run(bed) {
            const [anchor] = await bed.rows("adminList");
            const status = await bed.expect([CONSTRAINT_ERROR, SUCCESS], "removeAdmin", { nodeId: anchor!["nodeId"] });
            bed.check(status === CONSTRAINT_ERROR, "the Anchor's entry is removed");
        },
    },
]);
