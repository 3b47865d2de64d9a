import { describe, expect, it } from "vitest";
import { AccessControl } from "../../src/core/clusters.js";
import { Status } from "../../src/core/status.js";
import { Random } from "../random.js";
import { RequestFaults } from "./request-faults.js";
import { MANAGER_FABRIC } from "./sim-node.js";
import * as t from "./testing.js";

function nodeWithFaults(seed = 1) {
    const node = t.nodeWithKeys(2);
    const faults = new RequestFaults(new Random(seed));
    node.setFaults(faults);
    return { node, faults };
}

describe("a status once", () => {
    it.each([Status.BUSY, Status.FAILURE, Status.TIMEOUT])("%i: no effect, and the repetition works", status => {
        const { node, faults } = nodeWithFaults();
        faults.refuseOnce(status);
        expect(t.statusOf(node.handle(t.addGroup(1)))).toBe(status);
        expect(node.groupTable(MANAGER_FABRIC)).toEqual([]);
        expect(t.payloadStatusOf(node.handle(t.addGroup(1)))).toBe(Status.SUCCESS);
    });
    it("waits for the request that it is for: another exchange is just writing the access control list", () => {
        const { node, faults } = nodeWithFaults();
        faults.refuseOnce(Status.BUSY, request => request.op === "write" && request.cluster === AccessControl.id);
        expect(t.statusOf(node.handle(t.readAcl))).toBe("a value");
        expect(t.statusOf(node.handle(t.writeKeyMap([[1, 1]])))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.writeAcl([])))).toBe(Status.BUSY);
        expect(t.statusOf(node.handle(t.writeAcl([])))).toBe(Status.SUCCESS);
    });
    it("comes in the order given", () => {
        const { node, faults } = nodeWithFaults();
        faults.refuseOnce(Status.BUSY);
        faults.refuseOnce(Status.FAILURE);
        expect([node, node].map(each => t.statusOf(each.handle(t.readKeyMap)))).toEqual([Status.BUSY, Status.FAILURE]);
    });
});

describe("a list that breaks off once", () => {
    it("is left as far as it got, and nobody knows", () => {
        const { node, faults } = nodeWithFaults();
        faults.breakOnce(2, request => request.cluster === AccessControl.id);
        expect(t.statusOf(node.handle(t.writeKeyMap([[1, 1]])))).toBe(Status.SUCCESS);
        expect(node.handle(t.writeAcl([t.aclEntry(), t.aclEntry()])).kind).toBe("unknown");
        expect(node.acl(MANAGER_FABRIC)).toEqual([t.ownEntry]);
        expect(t.statusOf(node.handle(t.writeAcl([t.aclEntry(), t.aclEntry()])))).toBe(Status.SUCCESS);
    });
    it("passes by what writes no list", () => {
        const { node, faults } = nodeWithFaults();
        faults.breakOnce(0);
        expect(t.statusOf(node.handle(t.write(0, 0x28, 5, "label")))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.readKeyMap))).toBe("a value");
        expect(node.handle(t.writeKeyMap([])).kind).toBe("unknown");
    });
});

describe("chance", () => {
    const runOf = (seed: number) => {
        const { node, faults } = nodeWithFaults(seed);
        faults.refuseSometimes(300, [Status.BUSY, Status.FAILURE], request => request.op === "invoke");
        faults.breakSometimes(300);
        return Array.from({ length: 300 }, (_, i) => node.handle([t.getMembership([]), t.readKeyMap, t.writeKeyMap([[1, 1], [2, 1]])][i % 3]!)).map(t.statusOf);
    };
    it("agrees for one seed and differs for another", () => {
        expect(runOf(7)).toEqual(runOf(7));
        expect(runOf(7)).not.toEqual(runOf(8));
    });
    it("is about as likely as asked for, and only for what it is for", () => {
        const answers = runOf(7);
        const refused = answers.filter((answer, at) => at % 3 === 0 && (answer === Status.BUSY || answer === Status.FAILURE));
        expect(refused.length).toBeGreaterThan(15);
        expect(refused.length).toBeLessThan(50);
        expect(new Set(refused).size).toBe(2);
        expect(new Set(answers.filter((_, at) => at % 3 === 1))).toEqual(new Set(["a value"]));
        const broken = answers.filter((answer, at) => at % 3 === 2 && answer === "a unknown");
        expect(broken.length).toBeGreaterThan(15);
        expect(broken.length).toBeLessThan(50);
    });
    it("draws nothing while it is off, and ends when cleared or the node is reset", () => {
        const random = new Random(1);
        const before = random.fork(0).uint32();
        const faults = new RequestFaults(random);
        const node = t.newNode();
        node.setFaults(faults);
        node.handle(t.writeKeyMap([]));
        expect(random.fork(0).uint32()).toBe(before);
        faults.refuseSometimes(1000, [Status.BUSY]);
        expect(t.statusOf(node.handle(t.readKeyMap))).toBe(Status.BUSY);
        faults.refuseOnce(Status.FAILURE);
        faults.breakSometimes(1000);
        faults.clear();
        expect(t.statusOf(node.handle(t.readKeyMap))).toBe("a value");
        expect(t.statusOf(node.handle(t.writeKeyMap([])))).toBe(Status.SUCCESS);
        faults.refuseSometimes(1000, [Status.BUSY]);
        node.reset(node.composition, new Random(1));
        expect(t.statusOf(node.handle(t.readKeyMap))).toBe("a value");
    });
});
