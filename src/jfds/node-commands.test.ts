import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { Status } from "../core/status.js";
import { formed, N1, N2, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups({ binding: true }), new Random(1));

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member });
});

const join = () => shell.all(["addGroupIdToEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 1 }]);
const nodeLists = ["endpointGroupIdList", "endpointBindingList", "nodeKeySetList", "nodeAclList", "nodeEndpointList"] as const;
const rowsOf = (node: bigint) => nodeLists.flatMap(list => shell.rows(list).filter(row => row.includes(`0x${node.toString(16)} `)));

describe("AddPendingNode", () => {
    it("R-119 R-120 lists the node as Pending, and sends it nothing", () => {
        expect(shell.jfds("addPendingNode", { nodeId: 0x13n, friendlyName: "New" })).toBe(SUCCESS);
        shell.run(3_600_000);
        expect(shell.rows("nodeList")).toContain("0x13 New P");
        expect(rowsOf(0x13n)).toEqual([]);
        expect(shell.sent.filter(({ node }) => node === 0x13n)).toEqual([]);
    });

    it("R-112 R-118 R-227 refuses a node that is there, in whatever state, and ids that are no nodes'", () => {
        shell.all(["addPendingNode", { nodeId: 0x13n, friendlyName: "New" }]);
        for (const nodeId of [N1, 0x13n, 0n, 0xffff_fffd_0001_0001n]) {
            expect(shell.jfds("addPendingNode", { nodeId, friendlyName: "" })).toBe(CONSTRAINT_ERROR);
        }
    });

    it("R-018 answers RESOURCE_EXHAUSTED when the list is full", () => {
        shell = formed({ member, datastore: { limits: { nodes: 2 } } });
        expect(shell.jfds("addPendingNode", { nodeId: 0x13n, friendlyName: "" })).toBe(RESOURCE_EXHAUSTED);
    });
});

describe("UpdateNode and UpdateEndpointForNode", () => {
    it("R-122 R-123 names a node, whatever its state, and does not tell it", () => {
        expect(shell.jfds("updateNode", { nodeId: 0x99n, friendlyName: "x" })).toBe(NOT_FOUND);
        expect(shell.jfds("updateNode", { nodeId: N1, friendlyName: "Lamp" })).toBe(SUCCESS);
        expect(shell.rows("nodeList")).toEqual(["0x11 Lamp C", "0x12 Node 18 C"]);
        expect(shell.changes()).toEqual([]);
    });

    it("R-129 R-130 names one endpoint of one node", () => {
        const update = (nodeId: bigint, endpointId: number) => shell.jfds("updateEndpointForNode", { nodeId, endpointId, friendlyName: "Left" });
        expect([update(0x99n, 1), update(N1, 7), update(N1, 1)]).toEqual([NOT_FOUND, NOT_FOUND, SUCCESS]);
        expect(shell.rows("nodeEndpointList")).toEqual(["0x11 1 Left", "0x12 1 "]);
    });

    it("R-122 R-129 answers CONSTRAINT_ERROR for what it does not know, where that is the policy", () => {
        shell = formed({ member, datastore: { policies: { unknownTarget: "CONSTRAINT_ERROR" } } }, []);
        expect(shell.jfds("updateNode", { nodeId: 0x99n, friendlyName: "x" })).toBe(CONSTRAINT_ERROR);
        expect(shell.jfds("updateEndpointForNode", { nodeId: N1, endpointId: 1, friendlyName: "x" })).toBe(CONSTRAINT_ERROR);
    });
});

describe("RemoveNode", () => {
    const remove = (nodeId: bigint) => shell.jfds("removeNode", { nodeId });

    it("R-124 does not know other nodes", () => {
        expect(remove(0x99n)).toBe(NOT_FOUND);
    });

    it("R-125 R-126 R-128 removes every row of the node, leaves the others, and sends the node nothing", () => {
        join();
        shell.all(["addGroupIdToEndpointForNode", { nodeId: N2, endpointId: 1, groupId: 1 }]);
        const other = rowsOf(N2);
        shell.changes();
        expect(remove(N1)).toBe(SUCCESS);
        expect(rowsOf(N1)).toEqual([]);
        expect(rowsOf(N2)).toEqual(other);
        expect(shell.changes()).toEqual([]);
        expect([...shell.image.jfds.values()].filter(record => (record as { nodeId?: bigint }).nodeId === N1)).toEqual([]);
    });

    it("R-126 frees key set and group", () => {
        join();
        expect(remove(N1)).toBe(SUCCESS);
        expect([shell.jfds("removeKeySet", { groupKeySetId: 1 }), shell.jfds("removeGroup", { groupId: 1 })]).toEqual([SUCCESS, SUCCESS]);
    });

    it("R-125 R-127 removes a node that does not answer, and gives up what was to be done there", () => {
        shell.silence();
        join();
        expect(remove(N1)).toBe(SUCCESS);
        shell.sent = [];
        shell.run(24 * 3_600_000);
        expect(shell.sent).toEqual([]);
        expect(shell.rows("nodeList")).toEqual(["0x12 Node 18 C"]);
    });

    it("R-127 ignores an answer that comes after it", () => {
        shell.send({ type: "jfds", command: "addGroupIdToEndpointForNode", fields: { nodeId: N1, endpointId: 1, groupId: 1 } });
        shell.stored();
        const [request] = shell.requests;
        shell.requests = [];
        expect(remove(N1)).toBe(SUCCESS);
        shell.answer({ kind: "status", status: SUCCESS }, request);
        shell.settle();
        expect(rowsOf(N1)).toEqual([]);
    });

    it("R-126 lets the node come again, and begins anew", () => {
        join();
        remove(N1);
        shell.all(["addPendingNode", { nodeId: N1, friendlyName: "Again" }]);
        expect(rowsOf(N1)).toEqual([]);
        shell.all(["refreshNode", { nodeId: N1 }]);
        shell.back();
        expect(shell.rows("nodeList")).toEqual(["0x12 Node 18 C", "0x11 Again C"]);
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 1 1 C"]);
    });

    it("R-021 also when it is the application that removes the node", () => {
        join();
        shell.do({ type: "removeNode", node: N1 });
        expect(rowsOf(N1)).toEqual([]);
        expect(shell.rows("nodeList")).toEqual(["0x12 Node 18 C"]);
    });
});
