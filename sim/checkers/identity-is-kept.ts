import { GeneralCommissioning, OperationalCredentials } from "../../src/core/clusters.js";
import type { DeviceAnswer } from "../../src/core/device.js";
import type { RequestEffect } from "../../src/core/effect.js";
import { isInteraction, isQuery } from "../../src/core/pass.js";
import { Status } from "../../src/core/status.js";
import { OWN_BREADCRUMB } from "../../src/kinds/noc-requests.js";
import type { OperationalIdentity } from "../devices/operational-identity.js";
import { MANAGER_FABRIC, type SimNode } from "../devices/sim-node.js";
import { confirmedIdentity } from "../oracle.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

const { armFailSafe, commissioningComplete } = GeneralCommissioning.commands;
const { updateNoc } = OperationalCredentials.commands;

/**
 * S17: a node has an operational identity that works at every instant. Its certificates, the present one and the one that a restart would go back to, are for this node on this
 * fabric; a new one is confirmed only after a session was opened with it; giving the item up takes no confirmed one away; and while a fail-safe of the manager's may
 * be armed, or a certificate waits to be confirmed, the manager writes nothing else to the node. What another fabric does under its fail-safe is its own business.
 */
export class IdentityIsKept implements Checker {
    readonly name = "S17";
    readonly claim = "a node always has an identity that works, and nothing else is written under a fail-safe";
    /** By node: as far as the manager was told, its fail-safe may be armed. */
    readonly #mayBeArmed: boolean[] = [];
    /** By node: this process opened a session since it sent the latest certificate. */
    readonly #hasSession: boolean[] = [];
    #before: OperationalIdentity | null = null;
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#mayBeArmed.length = 0;
        this.#hasSession.length = 0;
        this.#before = null;
    }

    restarted(): void {
        this.#hasSession.length = 0;
    }

    requestSent({ request }: RequestEffect, node: number): void {
        if (!this.#hasCertificates(node) || !isInteraction(request) || isQuery(request)) {
            return;
        }
        if (isCommand(request, OperationalCredentials.id, updateNoc)) {
            this.#hasSession[node] = false;
        } else if (isCommand(request, GeneralCommissioning.id, commissioningComplete) && this.#hasSession[node] !== true) {
            this.#world.violate(this.name, `the new certificate of node ${node} was to be confirmed before a session was opened with it`);
        }
        if (request.cluster !== GeneralCommissioning.id && request.cluster !== OperationalCredentials.id) {
            this.#checkAlone(node, request.cluster);
        }
    }

    requestOver({ request }: RequestEffect, node: number, answer: DeviceAnswer): void {
        if (request.op === "renewSession" && answer.kind === "status" && answer.status === Status.SUCCESS) {
            this.#hasSession[node] = true;
        }
        if (request.op === "read" && request.cluster === GeneralCommissioning.id && answer.kind === "value" && answer.value !== OWN_BREADCRUMB) {
            this.#mayBeArmed[node] = false; // an arming that lands after this has changed nothing that could be lost
        }
        if (request.op !== "invoke" || request.cluster !== GeneralCommissioning.id) {
            return;
        }
        const errorCode = answer.kind === "response" ? answer.fields["errorCode"] : undefined;
        if (request.command === armFailSafe && request.fields["expiryLengthSeconds"] !== 0) {
            this.#mayBeArmed[node] ||= answer.kind === "unknown" || errorCode === 0;
        } else if (errorCode === 0) {
            this.#mayBeArmed[node] = false;
        }
    }

    requestArrives({ cause }: RequestEffect, node: number): void {
        this.#before = cause?.operation === "remove" && this.#hasCertificates(node) ? confirmedIdentity(this.#world.nodes[node]!) : null;
    }

    requestCarriedOut(_effect: RequestEffect, node: number): void {
        if (this.#before !== null && confirmedIdentity(this.#world.nodes[node]!) !== this.#before) {
            this.#world.violate(this.name, `giving an intent up took the confirmed certificate of node ${node} away`);
        }
    }

    deviceChanged(node: number): void {
        if (!this.#hasCertificates(node) || !this.#world.sites[node]!.isOnFabric) {
            return;
        }
        const device = this.#world.nodes[node]!;
        for (const { certificate } of [device.identity(MANAGER_FABRIC), confirmedIdentity(device)]) {
            if (certificate.nodeId !== this.#world.nodeIds[node]! || certificate.fabric !== MANAGER_FABRIC) {
                this.#world.violate(this.name, `node ${node} has a certificate for node ${certificate.nodeId} of fabric ${certificate.fabric}`);
            }
        }
    }

    #checkAlone(node: number, cluster: number): void {
        const device = this.#world.nodes[node]!;
        device.setTime(this.#world.nowMs);
        const isAtStake = device.identity(MANAGER_FABRIC) !== confirmedIdentity(device);
        if (isAtStake || (this.#mayBeArmed[node] === true && isArmed(device))) {
            this.#world.violate(this.name, `cluster ${cluster} of node ${node} was written while ${isAtStake ? "a certificate waits to be confirmed" : "the fail-safe is armed"}`);
        }
    }

    #hasCertificates(node: number): boolean {
        return this.#world.script.nodes[node]!.certificates;
    }
}

function isCommand(request: RequestEffect["request"], cluster: number, command: number): boolean {
    return request.op === "invoke" && request.cluster === cluster && request.command === command;
}

/** By the manager. */
function isArmed(device: SimNode): boolean {
    const server = device.servers.find(({ shape }) => shape.id === GeneralCommissioning.id)!;
    const answer = server.read(GeneralCommissioning.attributes.breadcrumb, NO_FABRIC);
    return answer.kind === "value" && answer.value === OWN_BREADCRUMB;
}

/** The breadcrumb is no fabric's. */
const NO_FABRIC = null as never;
