import { AccessControl, GeneralCommissioning } from "../src/core/clusters.js";
import { Status, type StatusCode } from "../src/core/status.js";
import { compositionOf } from "./compositions.js";
import { OtherAdministrator } from "./devices/other-administrator.js";
import { RequestFaults } from "./devices/request-faults.js";
import { MANAGER_FABRIC, SimNode, type NodeSnapshot } from "./devices/sim-node.js";
import type { FaultPlan } from "./fault-plan.js";
import { Random } from "./random.js";
import type { DeviceRequest } from "../src/core/device.js";
import type { EndpointNumber } from "../src/core/ids.js";
import type { NodeScript } from "./script.js";

/** Streams of the seed for what goes wrong inside nodes. */
const FAULT_STREAM = 0x5000_0000;

/** Statuses that a manager takes as a reason to wait. */
const PASSING: readonly StatusCode[] = [Status.BUSY, Status.FAILURE, Status.TIMEOUT];
/** Statuses that a manager takes as the last word. */
const FINAL: readonly StatusCode[] = [Status.RESOURCE_EXHAUSTED, Status.CONSTRAINT_ERROR, Status.INVALID_COMMAND];

/** Node id of the second administrator of the manager's fabric. */
const OTHER_ADMINISTRATOR = 0x2_0001n;
/** A fabric that another ecosystem commissioned the node onto. */
const OTHER_FABRIC = 2;

/** A node's place in the world: the device, and what the world knows about it that is not inside the device. */
export class NodeSite {
    readonly device: SimNode;
    /** Counts sessions: what was sent in an earlier one is lost. */
    session = 0;
    /** It is commissioned: else nobody of the fabric reaches it. */
    isOnFabric = true;
    /** Endpoints that are away. */
    readonly absent = new Set<number>();
    /** Somebody else who administers the node; null until they come. */
    other: OtherAdministrator | null = null;
    /** For whatever happens at the node. */
    readonly random = new Random(0);
    readonly #faultRandom = new Random(0);
    readonly #faults = new RequestFaults(this.#faultRandom);
    #plan!: FaultPlan;
    #limits = { maxGroups: 0, maxKeys: 0 };
    #softwareVersion = 1;
    /** What its certificates call it; 0: it has none that anybody looks at. */
    #nodeId = 0;

    constructor(script: NodeScript, random: Random) {
        this.device = new SimNode(compositionOf(script), random);
    }

    /** A schedule begins; the device may have served another one. */
    begin(script: NodeScript, plan: FaultPlan, seed: number, index: number, random: Random): void {
        this.device.reset(compositionOf(script), random);
        this.#nodeId = script.certificates ? index + 1 : 0;
        this.#setNodeId();
        this.session = 0;
        this.isOnFabric = !script.joinsLater;
        this.other = null;
        if (this.absent.size > 0) {
            this.absent.clear();
        }
        this.random.reset(seed, FAULT_STREAM + 2 * index);
        this.#faultRandom.reset(seed, FAULT_STREAM + 2 * index + 1);
        this.#plan = plan;
        this.#limits = { maxGroups: script.maxGroups, maxKeys: script.maxKeys };
        this.#softwareVersion = 1;
        this.#setFaults();
    }

    /** The device obeys from now on. */
    calm(): void {
        this.#faults.clear();
        this.device.setFaults(undefined);
    }

    /** Out of the box, and commissioned again. Its software is as new as it was. */
    recommission(isCalm: boolean): void {
        const { device } = this;
        this.session++;
        this.isOnFabric = true;
        this.absent.clear();
        device.reset(device.composition, this.random);
        this.#setNodeId();
        device.updateSoftware(this.#softwareVersion, this.#limits.maxGroups, this.#limits.maxKeys);
        if (this.other !== null) {
            this.other = OtherAdministrator.join(device, OTHER_ADMINISTRATOR);
        }
        if (!isCalm) {
            this.#setFaults();
        }
    }

    /** It belongs to no fabric, and keeps nothing. */
    leave(): void {
        this.session++;
        this.isOnFabric = false;
    }

    reboot(): void {
        this.session++;
        this.device.reboot(this.random);
    }

    restore(snapshot: NodeSnapshot): void {
        this.device.restore(snapshot);
        this.reboot();
    }

    updateSoftware(maxGroups: number, maxKeys: number): void {
        this.#limits = { maxGroups, maxKeys };
        this.#softwareVersion++;
        this.reboot();
        this.device.updateSoftware(this.#softwareVersion, maxGroups, maxKeys);
    }

    removeEndpoint(endpoint: number, forgets: boolean): void {
        this.absent.add(endpoint);
        this.device.removeEndpoint(endpoint, forgets);
    }

    /** @returns false: it was not away */
    restoreEndpoint(endpoint: number): boolean {
        if (!this.absent.delete(endpoint)) {
            return false;
        }
        this.device.restoreEndpoint(endpoint);
        return true;
    }

    /** Somebody else who administers the node: comes when first asked for. */
    otherAdministrator(): OtherAdministrator {
        return (this.other ??= OtherAdministrator.join(this.device, OTHER_ADMINISTRATOR));
    }

    /** An administrator of another fabric arms the fail-safe, or ends its own. */
    armForOther(seconds: number): DeviceRequest {
        if (this.device.snapshot().fabrics[OTHER_FABRIC] === undefined) {
            this.device.addFabric(OTHER_FABRIC);
        }
        const { id: cluster, commands } = GeneralCommissioning;
        const fields = { expiryLengthSeconds: seconds, breadcrumb: 0n };
        const request: DeviceRequest = { op: "invoke", endpoint: 0 as EndpointNumber, cluster, command: commands.armFailSafe, fields, query: false };
        this.device.handle(request, OTHER_FABRIC);
        return request;
    }

    #setNodeId(): void {
        if (this.#nodeId > 0) {
            this.device.setNodeId(MANAGER_FABRIC, BigInt(this.#nodeId));
        }
    }

    #setFaults(): void {
        const { statusFault, finalStatusFault, brokenList } = this.#plan;
        if (statusFault + finalStatusFault + brokenList === 0) {
            return;
        }
        const parts = Math.max(1, Math.round((FINAL.length * statusFault) / Math.max(1, finalStatusFault * PASSING.length)));
        const passing = statusFault === 0 ? [] : Array.from({ length: finalStatusFault === 0 ? 1 : parts }, () => PASSING).flat();
        this.#faults.clear();
        this.#faults.refuseSometimes(statusFault + finalStatusFault, [...passing, ...(finalStatusFault === 0 ? [] : FINAL)]);
        // An access control list fits into one message, and is written as a whole.
        this.#faults.breakSometimes(brokenList, request => request.cluster !== AccessControl.id);
        this.device.setFaults(this.#faults);
    }
}
