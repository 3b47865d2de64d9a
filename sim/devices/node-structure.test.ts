import { describe, expect, it } from "vitest";
import { Descriptor, GroupKeyManagement } from "../../src/core/clusters.js";
import { Status } from "../../src/core/status.js";
import { Random } from "../random.js";
import { bridgeWithSwitches } from "./composition.js";
import { MANAGER_FABRIC, SimNode } from "./sim-node.js";
import * as t from "./testing.js";

const partsAt = (node: SimNode, endpoint: number) => t.valueOf(node.handle(t.read(endpoint, Descriptor.id, Descriptor.attributes.partsList))).value;

/** Groups 1 and 2; endpoint 2 in both, endpoint 1 in the first; both with a binding. */
function busyNode() {
    const node = t.nodeWithKeys(2, { switches: 2, binding: true });
    node.handle(t.addGroup(1, "", 1));
    node.handle(t.addGroup(1, "", 2));
    node.handle(t.addGroup(2, "", 2));
    node.handle(t.writeBindings([{ group: 1 }], undefined, 1));
    node.handle(t.writeBindings([{ group: 1 }], undefined, 2));
    return node;
}

describe("an endpoint that goes", () => {
    it("answers UNSUPPORTED_ENDPOINT and is no part any more", () => {
        const node = busyNode();
        const version = t.versionAt(node, t.readParts);
        node.removeEndpoint(2);
        expect(t.statusOf(node.handle(t.getMembership([], 2)))).toBe(Status.UNSUPPORTED_ENDPOINT);
        expect(partsAt(node, 0)).toEqual([1]);
        expect(t.versionAt(node, t.readParts)).toBe((version + 1) >>> 0);
    });
    it("and comes back has what it had", () => {
        const node = busyNode();
        node.removeEndpoint(2);
        node.restoreEndpoint(2);
        expect(partsAt(node, 0)).toEqual([1, 2]);
        expect(t.fieldsOf(node.handle(t.getMembership([], 2)))["groupList"]).toEqual([1, 2]);
        expect(node.bindings(MANAGER_FABRIC, 2)).toEqual([{ group: 1 }]);
    });
    it("and is forgotten comes back empty, in all fabrics, with a version that tells", () => {
        const node = busyNode();
        node.addFabric(2);
        node.handle(t.writeBindings([{ group: 7 }], undefined, 2), 2);
        const version = t.versionAt(node, t.readGroupTable);
        node.removeEndpoint(2, true);
        expect(t.versionAt(node, t.readGroupTable)).toBe((version + 1) >>> 0);
        expect(node.groupTable(MANAGER_FABRIC)).toEqual([{ groupId: 1, endpoints: [1], groupName: "" }]);
        node.restoreEndpoint(2);
        expect(t.fieldsOf(node.handle(t.getMembership([], 2)))["groupList"]).toEqual([]);
        expect([node.bindings(MANAGER_FABRIC, 1).length, node.bindings(MANAGER_FABRIC, 2), node.bindings(2, 2)]).toEqual([1, [], []]);
    });
    it("that had nothing leaves the group table's version alone", () => {
        const node = t.newNode({ switches: 2 });
        const version = t.versionAt(node, t.readGroupTable);
        node.removeEndpoint(2, true);
        expect(t.versionAt(node, t.readGroupTable)).toBe(version);
    });
    it("is there again after a reset, and away through a reboot and a power cut", () => {
        const node = busyNode();
        const snapshot = node.snapshot();
        node.removeEndpoint(2);
        node.reboot(new Random(5));
        node.restore(snapshot);
        expect(partsAt(node, 0)).toEqual([1]);
        node.reset(node.composition, new Random(5));
        expect(partsAt(node, 0)).toEqual([1, 2]);
        expect(t.statusOf(node.handle(t.getMembership([], 2)))).toBe("a response");
    });
});

describe("a bridge", () => {
    it("lists its devices on the root and on the aggregator", () => {
        const node = new SimNode(bridgeWithSwitches({ switches: 3, binding: true }), new Random(1));
        expect([partsAt(node, 0), partsAt(node, 1), partsAt(node, 2)]).toEqual([[1, 2, 3, 4], [2, 3, 4], []]);
        const heard: string[] = [];
        node.setChangeListener((...path) => heard.push(path.join("/")));
        node.removeEndpoint(3);
        expect([partsAt(node, 0), partsAt(node, 1)]).toEqual([[1, 2, 4], [2, 4]]);
        node.restoreEndpoint(3);
        expect(partsAt(node, 1)).toEqual([2, 3, 4]);
        expect(heard).toEqual(["0/29/3", "1/29/3", "0/29/3", "1/29/3"]);
        expect(t.valueOf(node.handle(t.read(1, Descriptor.id, 0))).value).toEqual([{ deviceType: 0x0e, revision: 2 }]);
    });
    it("has one switch unless asked for more", () => {
        expect(bridgeWithSwitches().endpoints.map(({ number }) => number)).toEqual([0, 1, 2]);
    });
});

describe("a change listener", () => {
    function heardOf(node: SimNode, step: () => void): string[] {
        const heard: string[] = [];
        node.setChangeListener((endpoint, cluster, attribute) => heard.push(`${endpoint}/${cluster.toString(16)}/${attribute}`));
        step();
        node.setChangeListener(undefined);
        return heard;
    }
    it("hears every attribute that changed, by whomever, and nothing else", () => {
        const node = busyNode();
        node.addFabric(2);
        const steps: readonly [string[], () => void][] = [
            [[], () => node.handle(t.readKeyMap)],
            [["0/3f/0"], () => node.handle(t.writeKeyMap([[1, 1]]))],
            [[], () => node.handle(t.writeKeyMap([[1, 1]]))],
            [[], () => node.handle(t.writeKeyMap([[1, 0]]))],
            [[], () => node.handle(t.writeKeySet(2))],
            [["0/3f/0"], () => node.handle(t.removeKeySet(1))],
            [["0/3f/1"], () => node.handle(t.removeGroup(1, 1))],
            [["0/1f/0"], () => node.handle(t.writeAcl([t.aclEntry()]))],
            [["0/1f/0"], () => node.handle(t.write(0, 0x1f, 0, []), 2)],
            [["2/1e/0"], () => node.handle(t.writeBindings([], undefined, 2))],
            [["0/28/5"], () => node.handle(t.write(0, 0x28, 5, "new"))],
            [["1/3/0"], () => node.handle(t.identify(3))],
            [["0/28/9", "0/3f/2", "0/3f/3"], () => node.updateSoftware(2, 4, 4)],
            [["0/1d/3"], () => node.removeEndpoint(2)],
        ];
        for (const [expected, step] of steps) {
            expect(heardOf(node, step)).toEqual(expected);
        }
        node.restoreEndpoint(2);
        expect(heardOf(node, () => node.removeEndpoint(2, true))).toEqual(["0/3f/1", "0/1d/3"]);
    });
    it("stays through a reset, of another composition too", () => {
        const node = t.newNode();
        const heard: number[] = [];
        node.setChangeListener((_, cluster) => heard.push(cluster));
        node.reset(bridgeWithSwitches(), new Random(1));
        node.handle(t.writeKeyMap([[1, 1]]));
        expect(heard).toEqual([GroupKeyManagement.id]);
    });
});
