import { describe, expect, it } from "vitest";
import { onOffLightSwitchWithGroups } from "../../sim/devices/composition.js";
import { SimNode } from "../../sim/devices/sim-node.js";
import { Random } from "../../sim/random.js";
import { Status } from "../core/status.js";
import { ANCHOR, DatastoreShell, formation, formed, keyBytes, keySet, N1 } from "./testing/datastore-shell.js";

const { SUCCESS, CONSTRAINT_ERROR, INVALID_COMMAND, INVALID_IN_STATE, BUSY } = Status;
const member = () => new SimNode(onOffLightSwitchWithGroups({ binding: true }), new Random(1));

const form = (shell: DatastoreShell, changes: object = {}) => shell.statusOf(shell.do({ type: "formDatastore", formation: { ...formation, ...changes } }));
const transfer = (shell: DatastoreShell, step: "begin" | "complete" | "abort") => shell.statusOf(shell.do({ type: "transferAnchor", step }));
const state = (shell: DatastoreShell) => shell.datastore.attribute("status").state;
const addKeys = (shell: DatastoreShell) => shell.jfds("addKeySet", { groupKeySet: keySet(8) });
const PENDING = 0;
const COMMITTED = 1;
const DELETE_PENDING = 2;

describe("formation", () => {
    it("R-036 is not ready before it, and refuses every command", () => {
        const shell = new DatastoreShell({ member });
        expect(shell.datastore.attributes()).toMatchObject({ anchorRootCa: null, adminList: [], groupList: [], groupKeySetList: [], status: { state: PENDING } });
        expect(addKeys(shell)).toBe(BUSY);
    });

    it("R-028 R-029 R-030 R-031 R-032 R-034 R-035 R-251 makes all that a datastore must hold, in one batch", () => {
        const shell = new DatastoreShell({ member });
        const batches = shell.batches.length;
        expect(form(shell)).toBe(SUCCESS);
        expect(shell.batches.length).toBe(batches + 1);
        const { anchorRootCa, anchorNodeId, anchorVendorId, friendlyName, adminList, groupList, groupKeySetList, status } = shell.datastore.attributes();
        expect([anchorRootCa, anchorNodeId, anchorVendorId, friendlyName]).toEqual([formation.anchorRootCa, ANCHOR, 0xfff1, "Home"]);
        expect(adminList).toEqual([{ nodeId: ANCHOR, friendlyName: "Anchor", vendorId: 0xfff1, icac: formation.icac }]);
        expect(groupList.map(({ groupCat, groupCatVersion, groupPermission, groupKeySetId }) => [groupCat, groupCatVersion, groupPermission, groupKeySetId])).toEqual([
            [0xffff, 1, 5, null],
            [0xfffe, 1, 5, null],
        ]);
        expect(groupKeySetList.map(({ groupKeySetId, epochKey0 }) => [groupKeySetId, epochKey0!.reveal()])).toEqual([[0, keyBytes(0xe1)]]);
        expect(status).toEqual({ state: COMMITTED, updateTimestamp: Math.floor((shell.wallMs - 946_684_800_000) / 1000), failureCode: 0 });
    });

    it.each([
        ["a name of 33 bytes", { friendlyName: "x".repeat(33) }, CONSTRAINT_ERROR],
        ["no IPK", { ipk: [] }, CONSTRAINT_ERROR],
        ["one group for both CATs", { anchorGroup: formation.administratorGroup }, CONSTRAINT_ERROR],
        ["no root certificate", { anchorRootCa: undefined }, INVALID_COMMAND],
        ["a root certificate of 401 bytes", { anchorRootCa: keyBytes(1, 401) }, CONSTRAINT_ERROR],
    ])("refuses %s, and forms nothing", (_what, changes, status) => {
        const shell = new DatastoreShell({ member });
        expect(form(shell, changes)).toBe(status);
        expect(shell.image.jfds.size).toBe(0);
    });

    it("happens once", () => {
        const shell = new DatastoreShell({ member });
        expect([form(shell), form(shell)]).toEqual([SUCCESS, INVALID_IN_STATE]);
    });

    it("R-251 happens wholly or not at all when the process ends in the middle", () => {
        const shell = new DatastoreShell({ member });
        shell.send({ type: "formDatastore", formation });
        shell.restart();
        expect(state(shell)).toBe(PENDING);
        expect(form(shell)).toBe(SUCCESS);
        shell.restart();
        expect(state(shell)).toBe(COMMITTED);
    });
});

describe("a transfer to another Anchor", () => {
    it("R-037 R-038 R-242 freezes the datastore, which can still be read", () => {
        const shell = formed({ member });
        expect(transfer(shell, "begin")).toBe(SUCCESS);
        expect(state(shell)).toBe(DELETE_PENDING);
        const before = shell.datastore.attributes();
        expect([addKeys(shell), shell.jfds("refreshNode", { nodeId: N1 }), transfer(shell, "begin")]).toEqual([BUSY, BUSY, BUSY]);
        expect(shell.datastore.attributes()).toEqual(before);
    });

    it("R-241 does not begin while something is under way, and does when it is through", () => {
        const shell = formed({ member });
        shell.silence();
        shell.all(["addGroupIdToEndpointForNode", { nodeId: N1, endpointId: 1, groupId: 1 }]);
        expect([transfer(shell, "begin"), state(shell)]).toEqual([BUSY, COMMITTED]);
        shell.refuse(CONSTRAINT_ERROR, request => request.op === "write");
        shell.back();
        shell.refuse(CONSTRAINT_ERROR, request => request.op === "write");
        shell.all(["addBindingToEndpointForNode", { nodeId: N1, endpointId: 1, binding: { group: 9 } }]);
        expect(transfer(shell, "begin")).toBe(SUCCESS);
    });

    it("R-243 ends with nothing left here, and only after a request", () => {
        const shell = formed({ member });
        expect([transfer(shell, "complete"), transfer(shell, "abort")]).toEqual([INVALID_IN_STATE, INVALID_IN_STATE]);
        transfer(shell, "begin");
        expect(transfer(shell, "complete")).toBe(SUCCESS);
        expect(state(shell)).toBe(PENDING);
        expect([shell.image.jfds.size, shell.image.item.size, shell.image.keySet.size, shell.image.node.size]).toEqual([0, 0, 0, 0]);
        expect(shell.manager.isIdle).toBe(true);
    });

    it("R-244 is given up when nobody completes it, also across a restart, and can be given up before", () => {
        const shell = formed({ member, datastore: { transferTimeoutMs: 60_000 } });
        transfer(shell, "begin");
        shell.run(30_000);
        shell.restart();
        shell.run(29_000);
        expect(state(shell)).toBe(DELETE_PENDING);
        shell.run(1_000);
        expect([state(shell), addKeys(shell)]).toEqual([COMMITTED, SUCCESS]);
        transfer(shell, "begin");
        expect([transfer(shell, "abort"), state(shell)]).toEqual([SUCCESS, COMMITTED]);
    });
});

describe("the removal of the fabric", () => {
    it("R-249 erases everything, keys included, ends what is under way, and ignores what comes late", () => {
        const shell = formed({ member });
        shell.do({ type: "putKeySet", keySetId: 40, slots: [{ startTime: 5n, key: keyBytes(4) }] });
        shell.send({ type: "jfds", command: "addGroupIdToEndpointForNode", fields: { nodeId: N1, endpointId: 1, groupId: 1 } });
        shell.stored();
        const [request] = shell.requests;
        shell.requests = [];
        expect(shell.statusOf(shell.do({ type: "removeFabric" }))).toBe(SUCCESS);
        shell.answer({ kind: "status", status: SUCCESS }, request);
        shell.settle();
        expect([shell.image.jfds.size, shell.image.item.size, shell.image.keySet.size, shell.image.node.size]).toEqual([0, 0, 0, 0]);
        expect(state(shell)).toBe(PENDING);
        expect(addKeys(shell)).toBe(BUSY);
        expect(shell.manager.isIdle).toBe(true);
    });
});
