import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { Binding, Groups } from "../core/clusters.js";
import { Status } from "../core/status.js";
import type { ManagerEvent } from "../core/event.js";
import { inspect } from "node:util";
import { formed, group, groupUpdate, keyBytes, keySet, N1, N2, SECOND, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, CONSTRAINT_ERROR, INVALID_COMMAND, BUSY, RESOURCE_EXHAUSTED } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups({ switches: 2, binding: true }), new Random(1));

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member });
});

const join = (endpointId = 1, nodeId = N1) => shell.jfds("addGroupIdToEndpointForNode", { nodeId, endpointId, groupId: 1 });
const changed = () => shell.events.splice(0).flatMap((event: ManagerEvent) => (event.type === "jfdsChanged" ? event.attributes : []));

/** Something of everything: rows in every state, held ones, entries that take each other's place. */
function furnish(): void {
    join();
    shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addGroup", group(2, 2, { groupCat: 7, groupCatVersion: 1 })], ["addGroup", group(3, 30)]);
    shell.refuse(RESOURCE_EXHAUSTED, request => request.cluster === Binding.id && request.op === "write");
    shell.all(
        ["addBindingToEndpointForNode", { nodeId: N1, endpointId: 1, binding: { node: 7n, endpoint: 1 } }],
        ["addAclToNode", { nodeId: N1, aclEntry: { privilege: 3, authMode: 2, subjects: [0xffff_fffd_0007_0001n], targets: null } }],
        ["addGroupIdToEndpointForNode", { nodeId: N1, endpointId: 2, groupId: 3 }],
        ["addAdmin", { nodeId: 0xa1n, friendlyName: "Second", vendorId: 1, icac: keyBytes(1, 9) }],
    );
    shell.silence();
    shell.all(
        ["removeGroupIdFromEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 1 }],
        ["updateGroup", groupUpdate(2, { groupCatVersion: 2 })],
        ["addPendingNode", { nodeId: 0x13n, friendlyName: "New" }],
        ["updateNode", { nodeId: N2, friendlyName: "Küche" }],
    );
}

describe("the door", () => {
    it.each([
        ["addKeySet", { groupKeySet: 5 }],
        ["removeKeySet", {}],
        ["addPendingNode", { nodeId: "0x11", friendlyName: "" }],
        ["refreshNode", { nodeId: null }],
        ["addBindingToEndpointForNode", { nodeId: N1, endpointId: 1 }],
        ["addAclToNode", { nodeId: N1, aclEntry: { privilege: 3, authMode: 2, subjects: 5, targets: null } }],
        ["updateGroup", { groupId: 1 }],
    ])("R-013 refuses %s with fields that are missing or of a wrong type: %o", (command, fields) => {
        const before = shell.datastore.attributes();
        expect(shell.jfds(command, fields)).toBe(INVALID_COMMAND);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("R-014 refuses values outside their range", () => {
        expect(shell.jfds("removeKeySet", { groupKeySetId: 0x1_0000 })).toBe(CONSTRAINT_ERROR);
        expect(shell.jfds("addGroupIdToEndpointForNode", { nodeId: N1, endpointId: 0xffff, groupId: 1 })).toBe(CONSTRAINT_ERROR);
    });

    it("does not know other commands, by whatever name", () => {
        for (const command of ["addNode", "toString", "constructor"]) {
            expect(shell.jfds(command, {})).toBe("INVALID_COMMAND");
        }
    });
});

describe("durability", () => {
    it("R-042 answers when the change is durable, and shows nothing before", () => {
        const id = shell.send({ type: "jfds", command: "addGroup", fields: group(2, 1) });
        expect([shell.replies.get(id), shell.rows("groupList").length]).toEqual([undefined, 3]);
        shell.stored();
        expect([shell.statusOf(shell.replies.get(id)), shell.rows("groupList").length]).toEqual([SUCCESS, 4]);
    });

    it("R-041 R-042 R-039 is the same after a restart, in every attribute", () => {
        furnish();
        const before = shell.datastore.attributes();
        shell.restart();
        expect(shell.datastore.attributes()).toEqual(before);
        const kept = ["DP", "P", "CF(137)"].map(state => JSON.stringify(["endpointGroupIdList", "nodeKeySetList", "endpointBindingList", "nodeAclList"].flatMap(list => shell.rows(list as "nodeAclList"))).includes(` ${state}"`));
        expect(kept).toEqual([true, true, true]);
    });

    it("R-218 goes on after a restart without a command", () => {
        furnish();
        shell.restart();
        shell.heal();
        shell.run(600_000);
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 2 3 P"]);
        expect(shell.rows("nodeAclList").at(-1)).toMatch(/0007_?0002|fffd00070002.* C$/);
        shell.all(["addKeySet", { groupKeySet: keySet(30) }]);
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 2 3 C"]);
    });

    it("R-218 does not do twice what the node did before the end", () => {
        shell.send({ type: "jfds", command: "addBindingToEndpointForNode", fields: { nodeId: N1, endpointId: 1, binding: { group: 5 } } });
        shell.stored();
        while (shell.requests.length > 0 || shell.batch !== null) {
            if (shell.batch !== null) {
                shell.stored();
            } else if (shell.requests[0]!.request.op === "write") {
                shell.answer();
                break;
            } else {
                shell.answer();
            }
        }
        shell.restart();
        shell.run(600_000);
        const answer = shell.member<SimNode>().bindings(1, 1);
        expect(answer).toEqual([{ group: 5 }]);
        expect(shell.rows("endpointBindingList")).toEqual(['0x11 1 1 {"group":5} C']);
    });

    it("R-158 goes on with a refresh after a restart, before and after the node was read", () => {
        shell.silence();
        shell.all(["refreshNode", { nodeId: N1 }]);
        shell.restart();
        shell.refuse(BUSY, request => request.cluster === Groups.id && request.op === "invoke" && !request.query);
        shell.send({ type: "jfds", command: "addGroupIdToEndpointForNode", fields: { nodeId: N1, endpointId: 1, groupId: 1 } });
        shell.settle();
        shell.run(10_000);
        expect(shell.rows("nodeList")[0]).toBe("0x11 Node 17 P");
        shell.restart();
        shell.run(10_000);
        expect(shell.rows("nodeList")[0]).toBe("0x11 Node 17 P");
        shell.heal();
        shell.run(3_600_000);
        expect(shell.rows("nodeList")[0]).toBe("0x11 Node 17 C");
    });

    it("reads a node again when the store refuses what a refresh found", () => {
        shell.send({ type: "jfds", command: "refreshNode", fields: { nodeId: N1 } });
        shell.stored();
        while (shell.batch === null) {
            shell.answer();
        }
        shell.stored(false);
        shell.settle();
        shell.run(120_000);
        expect(shell.rows("nodeList")[0]).toBe("0x11 Node 17 C");
    });

    it("finds an entry by what it says, also when the store refused to change that before", () => {
        const aclEntry = (version: bigint) => ({ privilege: 3, authMode: 2, subjects: [0xffff_fffd_0007_0000n + version], targets: null });
        shell.all(["addGroup", group(2, null, { groupCat: 7, groupCatVersion: 1 })], ["addAclToNode", { nodeId: N1, aclEntry: aclEntry(1n) }]);
        shell.send({ type: "jfds", command: "updateGroup", fields: groupUpdate(2, { groupCatVersion: 2 }) });
        shell.stored(false);
        shell.settle();
        shell.all(["removeAclFromNode", { nodeId: N1, listId: 3 }], ["addAclToNode", { nodeId: N1, aclEntry: aclEntry(2n) }]);
        expect(shell.rows("nodeAclList").at(-1)).toMatch(/^0x11 4 .*fffd00070002.* C$/);
    });

    it("counts nothing that the store refused", () => {
        shell.send({ type: "jfds", command: "addGroupIdToEndpointForNode", fields: { nodeId: N1, endpointId: 1, groupId: 1 } });
        shell.stored(false);
        expect(shell.jfds("removeGroup", { groupId: 1 })).toBe(SUCCESS);
    });

    it.each([
        ["addKeySet", { groupKeySet: keySet(5) }],
        ["addGroup", group(5, 1)],
        ["addPendingNode", { nodeId: 0x15n, friendlyName: "x" }],
        ["removeNode", { nodeId: N1 }],
        ["addGroupIdToEndpointForNode", { nodeId: N1, endpointId: 2, groupId: 1 }],
        ["removeGroupIdFromEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 1 }],
        ["addBindingToEndpointForNode", { nodeId: N1, endpointId: 1, binding: { group: 5 } }],
        ["updateKeySet", { groupKeySet: keySet(1, { epochKey1: keyBytes(7), epochStartTime1: 9n * SECOND }) }],
        ["updateGroup", groupUpdate(1, { groupKeySetId: 2, friendlyName: "x" })],
        ["removeKeySet", { groupKeySetId: 2 }],
        ["refreshNode", { nodeId: N1 }],
    ])("leaves no trace of %s when the store refuses it, and takes it afterwards", (command, fields) => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }]);
        join();
        const before = shell.datastore.attributes();
        const id = shell.send({ type: "jfds", command, fields });
        shell.stored(false);
        expect(shell.statusOf(shell.replies.get(id))).toBe("STORE_REFUSED");
        shell.settle();
        expect(shell.datastore.attributes()).toEqual(before);
        shell.run(60_000);
        expect(shell.jfds(command, fields)).toBe(SUCCESS);
        shell.run(60_000);
        shell.restart();
        shell.run(60_000);
        expect(shell.machine.quarantined).toEqual([]);
    });
});

describe("reports", () => {
    it("R-025 tells which attributes changed when that is durable", () => {
        shell.events.splice(0);
        shell.send({ type: "jfds", command: "addGroup", fields: group(2, 1) });
        expect(changed()).toEqual([]);
        shell.stored();
        expect(changed()).toEqual(["groupList"]);
        join();
        expect(new Set(changed())).toEqual(new Set(["endpointGroupIdList", "nodeKeySetList"]));
        shell.jfds("refreshNode", { nodeId: N1 });
        expect(changed()).toEqual(["nodeList", "nodeList"]);
        shell.jfds("removeNode", { nodeId: N1 });
        expect(new Set(changed())).toEqual(new Set(["nodeList", "endpointGroupIdList", "nodeKeySetList", "nodeAclList", "endpointBindingList", "nodeEndpointList"]));
    });

    it("R-010 R-022 R-023 tells each state, with the time of its change, and a code only with CommitFailed", () => {
        const entryOf = () => shell.datastore.attribute("endpointGroupIdList")[0]!.statusEntry;
        const at = () => Math.floor((shell.wallMs - 946_684_800_000) / 1000);
        shell.silence();
        join();
        expect(entryOf()).toEqual({ state: 0, updateTimestamp: at(), failureCode: 0 });
        shell.run(50_000);
        shell.device().fault = request => (request.cluster === Groups.id && request.op === "invoke" && !request.query ? { kind: "status", status: CONSTRAINT_ERROR } : undefined);
        shell.input({ type: "reachable", node: N1 });
        shell.settle();
        expect(entryOf()).toEqual({ state: 3, updateTimestamp: at(), failureCode: CONSTRAINT_ERROR });
        shell.run(50_000);
        shell.heal();
        join();
        expect(entryOf()).toEqual({ state: 1, updateTimestamp: at(), failureCode: 0 });
    });
});

describe("what is kept", () => {
    it("R-051 shows no key anywhere but in GroupKeySetList, and there only to who reveals it", () => {
        join();
        const shown = inspect([shell.events, shell.datastore.attributes(), [...shell.replies]], { depth: null, maxArrayLength: null });
        expect(shown).not.toContain(keyBytes(1).join(", "));
        expect(shell.datastore.attribute("groupKeySetList")[1]!.epochKey0!.reveal()).toEqual(keyBytes(1));
    });

    it("sets aside records that it cannot use, and goes on with the others", () => {
        shell.image.jfds.set(90_001, { type: "group", groupId: "x" });
        shell.image.jfds.set(90_002, { type: "nothing" });
        shell.image.jfds.set(90_003, [...shell.image.jfds.values()].find(record => (record as { type: string }).type === "fabric")!);
        const before = shell.datastore.attributes();
        shell.restart();
        expect(shell.machine.quarantined.map(({ table, id }) => [table, id])).toEqual([
            ["jfds", 90_001],
            ["jfds", 90_002],
            ["jfds", 90_003],
        ]);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("is at rest when everything is done", () => {
        join();
        shell.run(3_600_000);
        expect(shell.manager.isIdle).toBe(true);
    });
});
