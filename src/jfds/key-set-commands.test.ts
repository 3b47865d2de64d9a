import { beforeEach, describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { Status } from "../core/status.js";
import { formed, group, keyBytes, keySet, N1, N2, SECOND, type DatastoreShell } from "./testing/datastore-shell.js";

const { SUCCESS, CONSTRAINT_ERROR, NOT_FOUND, RESOURCE_EXHAUSTED, BUSY, INVALID_COMMAND } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups({ maxGroupKeysPerFabric: 6 }), new Random(1));
const far = 9n * SECOND;

let shell: DatastoreShell;
beforeEach(() => {
    shell = formed({ member });
});

const add = (id: number, changes: object = {}) => shell.jfds("addKeySet", { groupKeySet: keySet(id, changes) });
const update = (id: number, changes: object = {}) => shell.jfds("updateKeySet", { groupKeySet: keySet(id, changes) });
const remove = (groupKeySetId: number) => shell.jfds("removeKeySet", { groupKeySetId });
const join = (nodeId = N1) => shell.all(["addGroupIdToEndpointForNode", { nodeId, endpointId: 1, groupId: 1 }]);
const leave = (nodeId = N1) => shell.all(["removeGroupIdFromEndpointForNode", { nodeId, endpointId: 1, groupId: 1 }]);
const listed = () => shell.datastore.attribute("groupKeySetList").map(({ groupKeySetId }) => groupKeySetId);
const keys = (id: number) => shell.datastore.attribute("groupKeySetList").find(({ groupKeySetId }) => groupKeySetId === id)!;

describe("AddKeySet", () => {
    it("R-044 R-045 lists the set with all its fields, and tells no node", () => {
        expect(add(2, { epochKey1: keyBytes(7), epochStartTime1: far })).toBe(SUCCESS);
        expect(keys(2)).toMatchObject({ groupKeySecurityPolicy: 0, epochStartTime0: SECOND, epochStartTime1: far, epochKey2: null, epochStartTime2: null });
        expect(keys(2).epochKey0!.reveal()).toEqual(keyBytes(2));
        expect(shell.rows("nodeKeySetList")).toEqual(["0x11 0 C", "0x12 0 C"]);
        expect(shell.changes()).toEqual([]);
    });

    it.each([
        ["R-043 an id that is there", 1, {}, CONSTRAINT_ERROR],
        ["R-043 the IPK", 0, {}, CONSTRAINT_ERROR],
        ["R-050 the placeholder 0xFFFF", 0xffff, {}, CONSTRAINT_ERROR],
        ["R-046 a policy other than TrustFirst", 2, { groupKeySecurityPolicy: 1 }, CONSTRAINT_ERROR],
        ["R-047 a key of 15 bytes", 2, { epochKey0: keyBytes(1, 15) }, CONSTRAINT_ERROR],
        ["R-047 a key of 17 bytes in slot 2", 2, { epochKey2: keyBytes(1, 17) }, CONSTRAINT_ERROR],
        ["R-048 no first key", 2, { epochKey0: null, epochStartTime0: null }, CONSTRAINT_ERROR],
        ["R-048 a first key without start time", 2, { epochStartTime0: null }, CONSTRAINT_ERROR],
        ["R-048 start time 0", 2, { epochStartTime0: 0n }, CONSTRAINT_ERROR],
        ["R-048 a start time without its key", 2, { epochStartTime1: far }, CONSTRAINT_ERROR],
        ["R-048 start times that do not ascend", 2, { epochKey1: keyBytes(3), epochStartTime1: SECOND }, CONSTRAINT_ERROR],
        ["R-048 a third key without the second", 2, { epochKey2: keyBytes(3), epochStartTime2: far }, CONSTRAINT_ERROR],
        ["R-013 a policy that is missing", 2, { groupKeySecurityPolicy: undefined }, INVALID_COMMAND],
        ["R-013 a key of a wrong type", 2, { epochKey0: "key" }, INVALID_COMMAND],
    ])("refuses %s", (_what, id, changes, status) => {
        const before = shell.datastore.attributes();
        expect(add(id, changes)).toBe(status);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("R-049 tolerates GroupKeyMulticastPolicy and does not keep it", () => {
        expect(add(2, { groupKeyMulticastPolicy: 1 })).toBe(SUCCESS);
        expect(Object.keys(keys(2))).not.toContain("groupKeyMulticastPolicy");
    });

    it("R-018 answers RESOURCE_EXHAUSTED when the list is full", () => {
        shell = formed({ member, datastore: { limits: { groupKeySets: 3 } } }, []);
        expect([add(2), add(3)]).toEqual([SUCCESS, RESOURCE_EXHAUSTED]);
        expect(listed()).toEqual([0, 1, 2]);
    });

    it("takes other material under the same start time once the old one is gone everywhere, and not before", () => {
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["removeKeySet", { groupKeySetId: 2 }]);
        expect(add(2, { epochKey0: keyBytes(99) })).toBe(SUCCESS);
        expect(keys(2).epochKey0!.reveal()).toEqual(keyBytes(99));
        expect(update(2, { epochKey0: keyBytes(98) })).toBe(CONSTRAINT_ERROR);
    });

    it("R-174 R-089 gives the set to the nodes that waited for it", () => {
        shell.all(["addGroup", group(2, 5)], ["addGroupIdToEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 2 }]);
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 1 2 P"]);
        expect(shell.rows("nodeKeySetList")).toEqual(["0x11 0 C", "0x12 0 C", "0x11 5 P"]);
        expect(shell.changes()).toEqual([]);
        expect(add(5)).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["KeySetWrite", "write GroupKeyMap", "AddGroup"]);
        expect(shell.rows("endpointGroupIdList")).toEqual(["0x11 1 2 C"]);
        expect(shell.rows("nodeKeySetList")).toEqual(["0x11 0 C", "0x12 0 C", "0x11 5 C"]);
    });
});

describe("UpdateKeySet", () => {
    it("R-054 R-055 R-056 R-059 brings the new set to the nodes that have the old one, and to no other", () => {
        join();
        shell.changes();
        expect(update(1, { epochKey1: keyBytes(7), epochStartTime1: far })).toBe(SUCCESS);
        expect(shell.changes()).toEqual(["KeySetWrite"]);
        expect(shell.changes(N2)).toEqual([]);
        expect(shell.rows("nodeKeySetList")).toContain("0x11 1 C");
        expect(update(1)).toBe(SUCCESS);
        expect(keys(1)).toMatchObject({ epochKey1: null, epochStartTime1: null });
    });

    it("R-042 shows the old keys until the new ones are durable", () => {
        shell.send({ type: "jfds", command: "updateKeySet", fields: { groupKeySet: keySet(1, { epochKey0: keyBytes(9), epochStartTime0: far }) } });
        expect(keys(1).epochKey0!.reveal()).toEqual(keyBytes(1));
        shell.settle();
        expect(keys(1).epochKey0!.reveal()).toEqual(keyBytes(9));
    });

    it("keeps the old keys when the store refuses the new ones", () => {
        shell.send({ type: "jfds", command: "updateKeySet", fields: { groupKeySet: keySet(1, { epochKey0: keyBytes(9), epochStartTime0: far }) } });
        shell.stored(false);
        shell.settle();
        shell.restart();
        shell.run(60_000);
        join();
        expect(keys(1).epochKey0!.reveal()).toEqual(keyBytes(1));
        expect(shell.rows("nodeKeySetList")).toContain("0x11 1 C");
    });

    it("R-058 does nothing when nothing changed", () => {
        join();
        shell.changes();
        const before = shell.datastore.attributes();
        expect(update(1)).toBe(SUCCESS);
        expect(shell.changes()).toEqual([]);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("R-052 does not know other sets", () => {
        expect(update(9)).toBe(NOT_FOUND);
    });

    it("R-053 refuses content that no node can hold, and changes nothing", () => {
        join();
        const before = shell.datastore.attributes();
        expect(update(1, { groupKeySecurityPolicy: 1 })).toBe(CONSTRAINT_ERROR);
        expect(update(1, { epochStartTime1: far })).toBe(CONSTRAINT_ERROR);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("R-057 succeeds though the node refuses, and shows what it answered", () => {
        join();
        shell.refuse(RESOURCE_EXHAUSTED, request => request.op === "invoke" && !request.query);
        expect(update(1, { epochKey1: keyBytes(7), epochStartTime1: far })).toBe(SUCCESS);
        expect(shell.rows("nodeKeySetList")).toContain("0x11 1 CF(137)");
    });

    it("R-057 R-217 stays Pending on a node that does not answer, and commits on the others", () => {
        join();
        join(N2);
        shell.silence();
        expect(update(1, { epochKey1: keyBytes(7), epochStartTime1: far })).toBe(SUCCESS);
        expect(shell.rows("nodeKeySetList").slice(2)).toEqual(["0x11 1 P", "0x12 1 C"]);
        shell.back();
        expect(shell.rows("nodeKeySetList").slice(2)).toEqual(["0x11 1 C", "0x12 1 C"]);
    });

    it("R-060 leaves a row that is DeletePending alone", () => {
        join();
        shell.silence();
        leave();
        expect(update(1, { epochKey1: keyBytes(7), epochStartTime1: far })).toBe(SUCCESS);
        expect(shell.rows("nodeKeySetList")).toContain("0x11 1 DP");
        shell.changes();
        shell.back();
        expect(shell.changes()).toEqual(["RemoveGroup", "write GroupKeyMap", "KeySetRemove"]);
    });

    it("R-061 brings a changed IPK to every node", () => {
        expect(update(0, { epochKey0: keyBytes(0xe2) })).toBe(SUCCESS);
        expect([shell.changes(), shell.changes(N2)]).toEqual([["KeySetWrite"], ["KeySetWrite"]]);
    });

    it("R-017 answers BUSY, and changes nothing, when a node owes too much", () => {
        shell = formed({ member, datastore: { limits: { owedPerNode: 3 } } });
        join(N2);
        join();
        shell.silence();
        shell.all(["addKeySet", { groupKeySet: keySet(2) }], ["addGroup", group(2, 2)]);
        shell.all(["addGroupIdToEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 2 }]);
        shell.changes(N2);
        const before = shell.datastore.attributes();
        expect(update(1, { epochKey1: keyBytes(7), epochStartTime1: far })).toBe(BUSY);
        expect(shell.changes(N2)).toEqual([]);
        expect(shell.datastore.attributes()).toEqual(before);
    });
});

describe("RemoveKeySet", () => {
    it("R-063 R-064 refuses the IPK before all else, and does not know other sets", () => {
        expect([remove(0), remove(9)]).toEqual([CONSTRAINT_ERROR, NOT_FOUND]);
    });

    it("R-067 R-068 takes the set out of the list, also when a group names it, and tells no node", () => {
        expect(remove(1)).toBe(SUCCESS);
        expect(listed()).toEqual([0]);
        expect(shell.changes()).toEqual([]);
    });

    it("R-068 keeps a set that a group names, where that is the policy", () => {
        shell = formed({ member, datastore: { policies: { keySetGuard: "nodesAndGroups" } } }, []);
        expect(remove(1)).toBe(CONSTRAINT_ERROR);
    });

    it("R-051 erases the keys from the store", () => {
        expect(remove(1)).toBe(SUCCESS);
        const kept = [...shell.image.keySet.values()] as { keySetId: number; revisions: readonly object[] }[];
        expect(kept.filter(({ revisions }) => revisions.length > 0).map(({ keySetId }) => keySetId)).toEqual([0]);
    });

    it("R-065 keeps a set that a node has: Committed, Pending, or CommitFailed also where that was its removal", () => {
        join();
        expect(remove(1)).toBe(CONSTRAINT_ERROR);
        shell.refuse(BUSY, request => request.op === "invoke" && request.cluster === 63 && !request.query);
        leave();
        expect(shell.rows("nodeKeySetList")).toContain("0x11 1 CF(156)");
        expect(remove(1)).toBe(CONSTRAINT_ERROR);
        shell.heal();
        shell.silence(N2);
        join(N2);
        expect(shell.rows("nodeKeySetList")).toContain("0x12 1 P");
        expect(remove(1)).toBe(CONSTRAINT_ERROR);
    });

    it("may come again at once, with its new keys", () => {
        shell.send({ type: "jfds", command: "removeKeySet", fields: { groupKeySetId: 1 } });
        shell.send({ type: "jfds", command: "addKeySet", fields: { groupKeySet: keySet(1, { epochKey0: keyBytes(9) }) } });
        shell.settle();
        expect(keys(1).epochKey0!.reveal()).toEqual(keyBytes(9));
    });

    it("R-066 may go while nodes still have to be rid of it, and they are", () => {
        join();
        shell.silence();
        leave();
        expect(remove(1)).toBe(SUCCESS);
        expect(shell.rows("nodeKeySetList")).toContain("0x11 1 DP");
        shell.back();
        expect(shell.rows("nodeKeySetList")).toEqual(["0x11 0 C", "0x12 0 C"]);
        expect(shell.changes()).toContain("KeySetRemove");
    });
});
