import { describe, expect, it } from "vitest";
import { Binding, Groups } from "../../src/core/clusters.js";
import type { DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { Random } from "../random.js";
import { matterJsRules } from "./device-rules.js";
import { Privilege } from "./privilege.js";
import { MANAGER_FABRIC } from "./sim-node.js";
import * as t from "./testing.js";

const ON_OFF = 6;
const unicast = { node: 5n, endpoint: 1, cluster: ON_OFF };
const node = (options = {}) => t.newNode({ binding: true, ...options });
const verdict = (entry: DeviceValue, device = node()) => t.statusOf(device.handle(t.writeBindings([entry])));

describe("binding", () => {
    it("is there only where the composition has it", () => {
        expect(t.statusOf(t.newNode().handle(t.readBindings()))).toBe(Status.UNSUPPORTED_CLUSTER);
        expect(t.valueOf(node().handle(t.readBindings())).value).toEqual([]);
    });

    it.each<[string, DeviceValue]>([
        ["an endpoint of a node", { node: 5n, endpoint: 1 }],
        ["a cluster of an endpoint of a node", unicast],
        ["a group", { group: 1 }],
        ["a cluster of a group", { group: 0xfeff, cluster: ON_OFF }],
    ])("takes %s", (_, entry) => {
        const device = node();
        expect(verdict(entry, device)).toBe(Status.SUCCESS);
        expect(t.valueOf(device.handle(t.readBindings())).value).toEqual([entry]);
        expect(device.bindings(MANAGER_FABRIC, 1)).toEqual([entry]);
    });

    it.each<[string, DeviceValue]>([
        ["nothing", {}],
        ["only a cluster", { cluster: ON_OFF }],
        ["a node without endpoint", { node: 5n }],
        ["an endpoint without node", { endpoint: 1 }],
        ["a node and a group", { node: 5n, endpoint: 1, group: 1 }],
        ["a node without endpoint, and a group", { node: 5n, group: 1 }],
        ["a group and an endpoint", { group: 1, endpoint: 1 }],
        ["group 0", { group: 0 }],
        ["no endpoint's number", { node: 5n, endpoint: 0xffff }],
        ["no cluster's number", { node: 5n, endpoint: 1, cluster: 0x8000 }],
        ["a cluster that the endpoint is no client of", { node: 5n, endpoint: 1, cluster: Groups.id }],
    ])("refuses %s with CONSTRAINT_ERROR", (_, entry) => {
        const device = node();
        device.handle(t.writeBindings([unicast]));
        expect(t.statusOf(device.handle(t.writeBindings([{ group: 9 }, entry])))).toBe(Status.CONSTRAINT_ERROR);
        expect(device.bindings(MANAGER_FABRIC, 1)).toEqual([unicast]);
    });

    it("takes any cluster where matter.js does", () => {
        expect(verdict({ node: 5n, endpoint: 1, cluster: Groups.id }, node({ rules: matterJsRules }))).toBe(Status.SUCCESS);
        expect(verdict({ group: 1, cluster: 0x8000 }, node({ rules: matterJsRules }))).toBe(Status.SUCCESS);
    });

    it.each<[string, DeviceValue]>([
        ["no struct", 5],
        ["a node that is a number", { node: 5, endpoint: 1 }],
        ["a group that is null", { node: 5n, endpoint: 1, group: null }],
        ["an endpoint that is no number", { node: 5n, endpoint: "1" }],
        ["a cluster that is no number", { group: 1, cluster: 6n }],
    ])("refuses %s with INVALID_DATA_TYPE", (_, entry) => {
        expect(verdict(entry)).toBe(Status.INVALID_DATA_TYPE);
    });
    it("refuses what is no list", () => {
        expect(t.statusOf(node().handle(t.writeBindings(1)))).toBe(Status.INVALID_DATA_TYPE);
    });

    it("replaces this fabric's entries of this endpoint only", () => {
        const device = node({ switches: 2 });
        device.addFabric(2);
        device.handle(t.writeBindings([{ group: 1 }]));
        device.handle(t.writeBindings([{ group: 2 }], undefined, 2));
        device.handle(t.writeBindings([{ group: 3 }]), 2);
        device.handle(t.writeBindings([{ group: 4 }]));
        expect([device.bindings(MANAGER_FABRIC, 1), device.bindings(MANAGER_FABRIC, 2), device.bindings(2, 1)]).toEqual([
            [{ group: 4 }],
            [{ group: 2 }],
            [{ group: 3 }],
        ]);
    });

    it("moves its own version, for a new value only", () => {
        const device = node({ switches: 2 });
        const version = t.versionAt(device, t.readBindings());
        const other = t.versionAt(device, t.readBindings(2));
        for (const entries of [[unicast], [unicast], [{ ...unicast, endpoint: 2 }], [{ ...unicast, node: 6n }], [{ group: 1 }], [{ group: 1, cluster: ON_OFF }], []]) {
            device.handle(t.writeBindings(entries));
        }
        expect(t.versionAt(device, t.readBindings())).toBe((version + 6) >>> 0);
        expect(t.versionAt(device, t.readBindings(2))).toBe(other);
        expect(device.changes(MANAGER_FABRIC).bindings).toBe(7);
        expect(t.statusOf(device.handle(t.writeBindings([], version)))).toBe(Status.DATA_VERSION_MISMATCH);
    });

    it("is limited for the whole node, other fabrics included", () => {
        const device = node({ switches: 2, maxBindings: 3 });
        device.addFabric(2);
        const put = (count: number, endpoint: number, fabric = MANAGER_FABRIC) =>
            t.statusOf(device.handle(t.writeBindings(Array.from({ length: count }, (_, i) => ({ group: i + 1 })), undefined, endpoint), fabric));
        expect(put(1, 2, 2)).toBe(Status.SUCCESS);
        expect(put(1, 2)).toBe(Status.SUCCESS);
        expect(put(2, 1)).toBe(Status.RESOURCE_EXHAUSTED);
        expect(put(1, 1)).toBe(Status.SUCCESS);
        expect(put(2, 1)).toBe(Status.RESOURCE_EXHAUSTED);
        expect(put(0, 2)).toBe(Status.SUCCESS);
        expect(put(2, 1)).toBe(Status.SUCCESS);
        expect(device.bindings(MANAGER_FABRIC, 1)).toHaveLength(2);
    });

    it("takes Manage to write and View to read", () => {
        const device = node();
        device.setAcl(MANAGER_FABRIC, [t.ownEntry, t.aclEntry({ privilege: Privilege.OPERATE }), t.aclEntry({ subjects: [0x78n], privilege: Privilege.MANAGE })]);
        expect(t.statusOf(device.handle(t.writeBindings([]), { subject: 0x77n }))).toBe(Status.UNSUPPORTED_ACCESS);
        expect(t.statusOf(device.handle(t.readBindings(), { subject: 0x77n }))).toBe("a value");
        expect(t.statusOf(device.handle(t.writeBindings([]), { subject: 0x78n }))).toBe(Status.SUCCESS);
    });

    it("is truncated by a chunked write that breaks off, or is too long", () => {
        const device = node({ maxBindings: 2 });
        const list = t.writeBindings([{ group: 1 }, { group: 2 }, { group: 3 }]);
        expect(device.handle(list, { chunks: 2 }).kind).toBe("unknown");
        expect(device.bindings(MANAGER_FABRIC, 1)).toEqual([{ group: 1 }]);
        expect(t.statusOf(device.handle(list, { chunks: Infinity }))).toBe(Status.RESOURCE_EXHAUSTED);
        expect(device.bindings(MANAGER_FABRIC, 1)).toEqual([{ group: 1 }, { group: 2 }]);
    });

    it("survives a reboot, goes back with a power cut, is gone after a reset", () => {
        const device = node();
        const before = device.snapshot();
        device.handle(t.writeBindings([unicast]));
        device.reboot(new Random(3));
        expect(device.bindings(MANAGER_FABRIC, 1)).toHaveLength(1);
        device.restore(before);
        expect(device.bindings(MANAGER_FABRIC, 1)).toEqual([]);
        device.handle(t.writeBindings([unicast]));
        device.reset(device.composition, new Random(3));
        expect(device.bindings(MANAGER_FABRIC, 1)).toEqual([]);
    });

    it("is told by the descriptor", () => {
        expect(t.valueOf(node().handle(t.read(1, 0x1d, 1))).value).toContain(Binding.id);
    });
});
