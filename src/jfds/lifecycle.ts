import type { Formation } from "../core/command.js";
import type { KeySetId, NodeId } from "../core/ids.js";
import { Status, type StatusCode } from "../core/status.js";
import type { Timed } from "../core/timers.js";
import { ADMINISTRATOR_CAT, ANCHOR_CAT, formationFields } from "./fields.js";
import { listedKinds } from "./item-lists.js";
import type { Parts } from "./parts.js";
import type { FabricRecord, GroupRecord } from "./records.js";
import type { Refresh } from "./refresh.js";

const IPK_KEY_SET = 0;
const ADMINISTER = 5;
const FIRST_VERSION = 1;

/** The end of a transfer that nobody completes. */
class TransferTimer implements Timed {
    dueMs = Infinity;
    heapIndex = -1;
    /** Before everything else that is due at the same time. */
    readonly timerOrder = -1;

    constructor(readonly due: () => void) {}
}

/** How a datastore begins, is handed over to another Anchor (section 12.2.6), and ends. */
export class Lifecycle {
    readonly #timer = new TransferTimer(() => void this.#abort());

    constructor(
        private readonly parts: Parts,
        private readonly refresh: Refresh,
    ) {}

    /** Commands that change something are taken. */
    get isReady(): boolean {
        return this.parts.tables.get("fabric")?.state === "committed";
    }

    form(formation: Formation): StatusCode {
        const { tables, machine } = this.parts;
        if (tables.get("fabric") !== undefined) {
            return Status.INVALID_IN_STATE;
        }
        const malformed = formationFields(formation);
        if (malformed !== Status.SUCCESS) {
            return malformed;
        }
        const { administratorGroup, anchorGroup, ipk } = formation;
        if (administratorGroup.groupId === anchorGroup.groupId) {
            return Status.CONSTRAINT_ERROR;
        }
        const revision = machine.keySets.put({ keySetId: IPK_KEY_SET as KeySetId, policy: 0, slots: ipk });
        if (!revision.ok) {
            return Status.CONSTRAINT_ERROR;
        }
        const { anchorRootCa, anchorNodeId, anchorVendorId, friendlyName, anchorName, icac } = formation;
        const changedAtMs = machine.context.wallMs;
        tables.put({
            type: "fabric",
            anchorRootCa: anchorRootCa.slice(),
            anchorNodeId,
            anchorVendorId,
            friendlyName,
            state: "committed",
            changedAtMs,
            transferUntilMs: null,
        });
        tables.put({ type: "keySet", keySetId: IPK_KEY_SET, revision: revision.value });
        tables.put(reservedGroup(administratorGroup, ADMINISTRATOR_CAT));
        tables.put(reservedGroup(anchorGroup, ANCHOR_CAT));
        tables.put({ type: "admin", nodeId: anchorNodeId, friendlyName: anchorName, vendorId: anchorVendorId, icac: icac.slice() });
        return Status.SUCCESS;
    }

    transfer(step: "begin" | "complete" | "abort"): StatusCode {
        const { tables, machine, settings } = this.parts;
        const fabric = tables.get("fabric");
        if (fabric === undefined || (fabric.state === "deletePending") !== (step !== "begin")) {
            return fabric !== undefined && step === "begin" ? Status.BUSY : Status.INVALID_IN_STATE;
        }
        switch (step) {
            case "begin":
                if (this.#isAtWork()) {
                    return Status.BUSY;
                }
                this.#write({ ...fabric, state: "deletePending", transferUntilMs: machine.context.wallMs + settings.transferTimeoutMs });
                this.watch();
                return Status.SUCCESS;
            case "abort":
                return this.#abort();
            case "complete":
                this.#erase(tables.all("node").map(({ nodeId }) => nodeId));
                return Status.SUCCESS;
        }
    }

    /** Nothing of the fabric remains, whoever manages it. */
    removeFabric(): StatusCode {
        const { machine } = this.parts;
        this.#erase([...machine.nodes.all()].map(({ nodeId }) => nodeId));
        for (const { keySetId } of machine.keySets.all()) {
            machine.keySets.erase(keySetId);
        }
        return Status.SUCCESS;
    }

    /** Give a transfer that the record tells of up at its time, which a changed clock cannot put off. */
    watch(): void {
        const { tables, machine, settings } = this.parts;
        const { context } = machine;
        const untilMs = tables.get("fabric")?.transferUntilMs ?? null;
        const leftMs = untilMs === null ? Infinity : Math.min(Math.max(untilMs - context.wallMs, 0), settings.transferTimeoutMs);
        context.timers.set(this.#timer, context.monoMs + leftMs);
    }

    #abort(): StatusCode {
        const fabric = this.parts.tables.get("fabric");
        if (fabric?.state === "deletePending") {
            this.#write({ ...fabric, state: "committed", transferUntilMs: null });
        }
        this.watch();
        return Status.SUCCESS;
    }

    #write(fabric: FabricRecord): void {
        this.parts.tables.put({ ...fabric, changedAtMs: this.parts.machine.context.wallMs });
    }

    /** A refresh, or a change that a node still owes. */
    #isAtWork(): boolean {
        const { tables, machine } = this.parts;
        const kinds: readonly string[] = listedKinds;
        return tables.all("node").some(({ nodeId, refresh }) => {
            const owed = [...(machine.nodes.get(nodeId)?.owed ?? [])];
            return refresh !== "none" || owed.some(item => kinds.includes(item.kindName) && item.record!.state !== "commitFailed");
        });
    }

    #erase(nodes: readonly NodeId[]): void {
        const { tables, machine } = this.parts;
        for (const nodeId of nodes) {
            const node = machine.nodes.get(nodeId);
            if (node !== undefined) {
                machine.fabric.removeNode(node);
            }
        }
        for (const { nodeId } of tables.all("node")) {
            this.refresh.forget(nodeId);
        }
        for (const type of ["keySet", "group", "admin", "listIds", "fabric"] as const) {
            for (const record of tables.all(type)) {
                tables.delete(record);
                if (record.type === "keySet") {
                    machine.keySets.erase(record.keySetId as KeySetId);
                }
            }
        }
        this.watch();
    }
}

function reservedGroup({ groupId, friendlyName }: Formation["anchorGroup"], groupCat: number): GroupRecord {
    return { type: "group", groupId, friendlyName, groupKeySetId: null, groupCat, groupCatVersion: FIRST_VERSION, groupPermission: ADMINISTER };
}
