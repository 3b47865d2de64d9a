import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { AccessControl, Binding } from "../core/clusters.js";
import type { DeviceFields, DeviceRequest, DeviceValue } from "../core/device.js";
import type { EndpointNumber } from "../core/ids.js";
import { Status } from "../core/status.js";
import { formed, N1, N2, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, BUSY, UNSUPPORTED_CLUSTER } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups({ switches: 2, binding: true }), new Random(1));

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member });
});

const path = (endpoint: number, cluster: number) => ({ endpoint: endpoint as EndpointNumber, cluster, attribute: 0 });
const readList = (endpoint: number, cluster: number, node = N1) => {
    const answer = shell.member<SimNode>(node).handle({ op: "read", ...path(endpoint, cluster) });
    return answer.kind === "value" ? (answer.value as readonly DeviceFields[]) : [];
};
/** Another administrator of the fabric writes. */
const writeList = (endpoint: number, cluster: number, value: DeviceValue, node = N1) =>
    shell.member<SimNode>(node).handle({ op: "write", ...path(endpoint, cluster), value });
const isWrite = (request: DeviceRequest) => request.op === "write";

const toLamp = { node: 7n, endpoint: 1, cluster: 6 };
const bind = (binding: object = toLamp, endpointId = 1, nodeId: bigint = N1) => shell.jfds("addBindingToEndpointForNode", { nodeId, endpointId, binding });
const unbind = (listId: number, endpointId = 1, nodeId: bigint = N1) => shell.jfds("removeBindingFromEndpointForNode", { listId, endpointId, nodeId });
const bindings = () => shell.rows("endpointBindingList");

describe("AddBindingToEndpointForNode", () => {
    it("R-184 does not know other nodes and endpoints", () => {
        expect([bind(toLamp, 1, 0x99n), bind(toLamp, 9)]).toEqual([NOT_FOUND, NOT_FOUND]);
    });

    it.each([{}, { endpoint: 1 }, { node: 7n }, { node: 7n, group: 1 }, { node: 7n, group: 1, endpoint: 1 }, { group: 0 }, { node: 0n, endpoint: 1 }])(
        "R-185 refuses a target that is neither a node's endpoint nor a group: %o",
        target => {
            expect(bind(target)).toBe(CONSTRAINT_ERROR);
            expect(bindings()).toEqual([]);
        },
    );

    it("R-039 R-186 R-188 writes each binding under a ListID of its own; another cluster, or none, is another binding", () => {
        expect([bind(), bind({ node: 7n, endpoint: 1 }), bind({ group: 1 }), bind(toLamp, 2)]).toEqual([SUCCESS, SUCCESS, SUCCESS, SUCCESS]);
        expect(bindings()).toEqual([
            '0x11 1 1 {"node":"0x7","endpoint":1,"cluster":6} C',
            '0x11 1 2 {"node":"0x7","endpoint":1} C',
            '0x11 1 3 {"group":1} C',
            '0x11 2 4 {"node":"0x7","endpoint":1,"cluster":6} C',
        ]);
        expect(readList(1, Binding.id)).toEqual([toLamp, { node: 7n, endpoint: 1 }, { group: 1 }]);
    });

    it("R-187 R-212 keeps an equal one under its ListID: nothing to do, retried, or wanted again", () => {
        bind();
        shell.changes();
        expect(bind()).toBe(SUCCESS);
        expect(shell.changes()).toEqual([]);
        shell.silence();
        unbind(1);
        expect(bindings()[0]).toMatch(/ DP$/);
        expect(bind()).toBe(SUCCESS);
        shell.back();
        expect(bindings()).toEqual(['0x11 1 1 {"node":"0x7","endpoint":1,"cluster":6} C']);
        expect(readList(1, Binding.id)).toEqual([toLamp]);
    });

    it("R-189 R-232 keeps what others have written", () => {
        writeList(1, Binding.id, [{ node: 9n, endpoint: 3 }]);
        expect(bind()).toBe(SUCCESS);
        expect(readList(1, Binding.id)).toEqual([{ node: 9n, endpoint: 3 }, toLamp]);
    });

    it("R-189 writes nothing when the list cannot be read", () => {
        shell.refuse(BUSY, request => request.cluster === Binding.id && request.op === "read");
        expect(bind()).toBe(SUCCESS);
        expect(shell.changes()).toEqual([]);
        expect(bindings()[0]).toMatch(/ CF\(156\)$/);
    });

    it("R-212 wants the group's key again that was leaving, for a binding that needs it", () => {
        const fields = { nodeId: N1, endpointId: 1, groupId: 1 };
        shell.all(["addGroupIdToEndpointForNode", fields]);
        shell.silence();
        shell.all(["removeGroupIdFromEndpointForNode", fields]);
        expect(bind({ group: 1 })).toBe(SUCCESS);
        shell.back();
        expect(bindings()).toEqual(['0x11 1 1 {"group":1} C']);
        expect(shell.rows("nodeKeySetList")).toContain("0x11 1 C");
    });

    it("R-215 fails only the binding that the node refuses", () => {
        shell.device().fault = request =>
            isWrite(request) && JSON.stringify((request as { value: unknown }).value, (_, value: unknown) => (typeof value === "bigint" ? "big" : value)).includes('"group"')
                ? { kind: "status", status: CONSTRAINT_ERROR }
                : undefined;
        shell.send({ type: "jfds", command: "addBindingToEndpointForNode", fields: { nodeId: N1, endpointId: 1, binding: { group: 5 } } });
        expect(bind()).toBe(SUCCESS);
        expect(bindings()).toEqual(['0x11 1 1 {"group":5} CF(135)', '0x11 1 2 {"node":"0x7","endpoint":1,"cluster":6} C']);
    });

    it("R-235 shows UNSUPPORTED_CLUSTER for an endpoint without Binding", () => {
        shell.refuse(UNSUPPORTED_CLUSTER, request => request.cluster === Binding.id);
        expect(bind()).toBe(SUCCESS);
        expect(bindings()[0]).toMatch(/ CF\(195\)$/);
    });

    it("R-018 answers RESOURCE_EXHAUSTED when the list is full", () => {
        shell = formed({ member, datastore: { limits: { endpointBindings: 1 } } });
        expect([bind(), bind({ group: 1 }), bind()]).toEqual([SUCCESS, RESOURCE_EXHAUSTED, SUCCESS]);
    });
});

describe("RemoveBindingFromEndpointForNode", () => {
    beforeEach(() => {
        bind();
        bind(toLamp, 2);
        bind(toLamp, 1, N2);
        shell.changes();
    });

    it("R-190 does not know an endpoint without bindings", () => {
        expect([unbind(1, 1, 0x99n), unbind(1, 9), unbind(1, 2, N2)]).toEqual([NOT_FOUND, NOT_FOUND, NOT_FOUND]);
    });

    it("R-191 R-192 deletes nothing for a ListID that is not that endpoint's", () => {
        const before = bindings();
        expect([unbind(999), unbind(2), unbind(3)]).toEqual([SUCCESS, SUCCESS, SUCCESS]);
        expect(bindings()).toEqual(before);
    });

    it("R-189 R-193 takes just this one out of the node's list", () => {
        writeList(1, Binding.id, [{ node: 9n, endpoint: 3 }, toLamp]);
        expect(unbind(1)).toBe(SUCCESS);
        expect(readList(1, Binding.id)).toEqual([{ node: 9n, endpoint: 3 }]);
        expect(bindings().length).toBe(2);
        expect(shell.changes()).toEqual(["write Binding"]);
        const kept = [...shell.image.jfds.values()] as { type: string; list?: string }[];
        expect(kept.filter(({ type, list }) => type === "entry" && list === "binding").length).toBe(2);
    });

    it("R-039 does not give the ListID to the next one", () => {
        unbind(1);
        bind({ group: 9 });
        expect(bindings().map(row => row.split(" ")[2])).toEqual(["2", "3", "4"]);
    });

    it("R-193 R-219 R-210 waits for a node that does not answer, shows a failure, and never adds again", () => {
        shell.silence();
        expect(unbind(1)).toBe(SUCCESS);
        expect(bindings()[0]).toMatch(/ DP$/);
        shell.device().fault = request => (isWrite(request) ? { kind: "status", status: BUSY } : undefined);
        shell.input({ type: "reachable", node: N1 });
        shell.settle();
        expect(bindings()[0]).toMatch(/ CF\(156\)$/);
        shell.heal();
        shell.run(120_000);
        expect(bindings().length).toBe(2);
        expect(readList(1, Binding.id)).toEqual([]);
    });
});

const CAT = 0xffff_fffd_0007_0001n;
const entry = (changes: object = {}) => ({ privilege: 3, authMode: 2, subjects: [0x77n, CAT], targets: [{ cluster: 6, endpoint: 1, deviceType: null }], ...changes });
const grant = (aclEntry: object = entry(), nodeId: bigint = N1) => shell.jfds("addAclToNode", { nodeId, aclEntry });
const revoke = (listId: number, nodeId: bigint = N1) => shell.jfds("removeAclFromNode", { listId, nodeId });
/** Rows of N1 but for the commissioner's. */
const acls = () => shell.rows("nodeAclList").filter(row => row.startsWith("0x11") && !row.includes('"privilege":5'));

describe("AddACLToNode", () => {
    it("R-194 does not know other nodes", () => {
        expect(grant(entry(), 0x99n)).toBe(NOT_FOUND);
    });

    it("R-195 R-200 R-201 writes the entry beside those that are there, on this node only", () => {
        expect(grant()).toBe(SUCCESS);
        expect(readList(0, AccessControl.id)).toEqual([expect.objectContaining({ privilege: 5 }), entry()]);
        expect(readList(0, AccessControl.id, N2).length).toBe(1);
        expect(acls().length).toBe(1);
        expect(acls()[0]).toMatch(/^0x11 3 .* C$/);
    });

    it("R-196 R-197 takes permuted subjects and targets, and an empty list instead of null, for the same entry", () => {
        const targets = [{ cluster: 6, endpoint: null, deviceType: null }, { cluster: null, endpoint: 2, deviceType: null }];
        expect(grant(entry({ targets }))).toBe(SUCCESS);
        shell.changes();
        expect(grant(entry({ subjects: [CAT, 0x77n], targets: [...targets].reverse() }))).toBe(SUCCESS);
        expect(grant({ privilege: 1, authMode: 2, subjects: null, targets })).toBe(SUCCESS);
        expect(grant({ privilege: 1, authMode: 2, subjects: [], targets })).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["write ACL"]);
        expect(acls().length).toBe(2);
        expect(grant(entry({ targets, privilege: 4 }))).toBe(SUCCESS);
        expect(acls().length).toBe(3);
    });

    it.each([
        ["PASE", { authMode: 1 }, CONSTRAINT_ERROR],
        ["Group with Administer", { authMode: 3, privilege: 5, subjects: [1n] }, CONSTRAINT_ERROR],
        ["group 0", { authMode: 3, subjects: [0n] }, CONSTRAINT_ERROR],
        ["subject 0", { subjects: [0n] }, CONSTRAINT_ERROR],
        ["a CAT of version 0", { subjects: [0xffff_fffd_0007_0000n] }, CONSTRAINT_ERROR],
        ["a target that says nothing", { targets: [{}] }, CONSTRAINT_ERROR],
        ["a target with endpoint and device type", { targets: [{ endpoint: 1, deviceType: 1 }] }, CONSTRAINT_ERROR],
        ["R-015 ProxyView", { privilege: 2 }, CONSTRAINT_ERROR],
        ["R-199 more subjects than can be kept", { subjects: Array.from({ length: 10_000 }, (_, at) => BigInt(at + 1)) }, RESOURCE_EXHAUSTED],
    ])("R-198 refuses %s", (_what, changes, status) => {
        expect(grant(entry(changes))).toBe(status);
        expect(acls()).toEqual([]);
    });

    it("R-195 R-199 R-209 shows that a node has no room, and keeps showing it", () => {
        expect([1n, 2n, 3n, 4n].map(subject => grant(entry({ subjects: [subject] })))).toEqual([SUCCESS, SUCCESS, SUCCESS, SUCCESS]);
        expect(acls().at(-1)).toMatch(/ CF\(137\)$/);
        shell.run(24 * 3_600_000);
        expect(acls().at(-1)).toMatch(/ CF\(137\)$/);
        expect(readList(0, AccessControl.id).length).toBe(4);
    });

    it("gives a node that was only announced something to do when it can be reached", () => {
        shell.all(["addPendingNode", { nodeId: 0x13n, friendlyName: "New" }]);
        shell.device(0x13n as typeof N1).fault = () => ({ kind: "notSent", reason: "no session" });
        expect(grant(entry(), 0x13n)).toBe(SUCCESS);
        expect(shell.rows("nodeAclList").at(-1)).toMatch(/^0x13 .* P$/);
        shell.back(0x13n as typeof N1);
        expect(shell.rows("nodeAclList").some(row => /^0x13 .*"privilege":3.* C$/.test(row))).toBe(true);
    });
});

describe("RemoveACLFromNode", () => {
    beforeEach(() => {
        grant();
        grant(entry(), N2);
        shell.changes();
    });

    it("R-202 R-203 does not know other nodes, and deletes nothing for a ListID that is not that node's", () => {
        expect([revoke(3, 0x99n), revoke(999), revoke(4)]).toEqual([NOT_FOUND, SUCCESS, SUCCESS]);
        expect(shell.rows("nodeAclList").length).toBe(4);
    });

    it("R-200 R-204 takes just this one out of the node's list", () => {
        expect(revoke(3)).toBe(SUCCESS);
        expect(readList(0, AccessControl.id)).toEqual([expect.objectContaining({ privilege: 5 })]);
        expect(acls()).toEqual([]);
    });

    it("R-205 never locks the datastore out: neither by the Administrator CAT's last entry, nor by its own", () => {
        expect(revoke(1)).toBe(CONSTRAINT_ERROR);
        const byTag = { privilege: 5, authMode: 2, subjects: [0xffff_fffd_ffff_0001n], targets: null };
        expect(grant(byTag)).toBe(SUCCESS);
        expect(revoke(5)).toBe(SUCCESS);
    });

    it("R-206 is done when somebody else has removed it, and removes no other", () => {
        writeList(0, AccessControl.id, [readList(0, AccessControl.id)[0]!, entry({ subjects: [0x78n] })]);
        expect(revoke(3)).toBe(SUCCESS);
        expect(acls()).toEqual([]);
        expect(readList(0, AccessControl.id).length).toBe(2);
    });
});
