import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { Status } from "../core/status.js";
import { ANCHOR, formed, keyBytes, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, INVALID_COMMAND } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups(), new Random(1));

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member }, []);
});

const admin = (nodeId: bigint, changes: object = {}) => ({ nodeId, friendlyName: "Other", vendorId: 0xfff2, icac: keyBytes(1, 400), ...changes });
const add = (nodeId: bigint, changes: object = {}) => shell.jfds("addAdmin", admin(nodeId, changes));
const names = () => shell.datastore.attribute("adminList").map(({ nodeId, friendlyName }) => `${nodeId} ${friendlyName}`);

describe("AddAdmin", () => {
    it("R-035 R-110 lists the administrator after the Anchor", () => {
        expect([add(0xa2n), add(0xa1n)]).toEqual([SUCCESS, SUCCESS]);
        expect(names()).toEqual(["160 Anchor", "162 Other", "161 Other"]);
    });

    it.each([
        ["R-109 an administrator that is there", ANCHOR, {}, CONSTRAINT_ERROR],
        ["R-111 an ICAC of 401 bytes", 0xa1n, { icac: keyBytes(1, 401) }, CONSTRAINT_ERROR],
        ["R-112 node id 0", 0n, {}, CONSTRAINT_ERROR],
        ["R-112 a group node id", 0xffff_ffff_ffff_0001n, {}, CONSTRAINT_ERROR],
        ["R-013 a missing vendor", 0xa1n, { vendorId: undefined }, INVALID_COMMAND],
    ])("refuses %s", (_what, nodeId, changes, status) => {
        expect(add(nodeId, changes)).toBe(status);
        expect(names()).toEqual(["160 Anchor"]);
    });

    it("R-018 answers RESOURCE_EXHAUSTED when the list is full", () => {
        shell = formed({ member, datastore: { limits: { admins: 2 } } }, []);
        expect([add(0xa1n), add(0xa2n)]).toEqual([SUCCESS, RESOURCE_EXHAUSTED]);
    });
});

describe("UpdateAdmin", () => {
    it("R-113 R-114 changes what is present, and neither vendor nor place", () => {
        add(0xa1n);
        add(0xa2n);
        expect(shell.jfds("updateAdmin", { nodeId: 0xa9n })).toBe(NOT_FOUND);
        expect(shell.jfds("updateAdmin", { nodeId: 0xa1n })).toBe(SUCCESS);
        expect(shell.jfds("updateAdmin", { nodeId: 0xa1n, icac: keyBytes(9, 3) })).toBe(SUCCESS);
        expect(shell.jfds("updateAdmin", { nodeId: 0xa1n, friendlyName: "New" })).toBe(SUCCESS);
        expect(shell.datastore.attribute("adminList")[1]).toEqual({ nodeId: 0xa1n, friendlyName: "New", vendorId: 0xfff2, icac: keyBytes(9, 3) });
    });
});

describe("RemoveAdmin", () => {
    it("R-115 R-116 R-117 removes any but the Anchor, and keeps the order of the others", () => {
        add(0xa1n);
        add(0xa2n);
        const remove = (nodeId: bigint) => shell.jfds("removeAdmin", { nodeId });
        expect([remove(0xa9n), remove(ANCHOR), remove(0xa1n)]).toEqual([NOT_FOUND, CONSTRAINT_ERROR, SUCCESS]);
        expect(names()).toEqual(["160 Anchor", "162 Other"]);
    });
});
