import type { ServerNode } from "@matter/node";
import { PeerAddress, PeerSet, SessionManager } from "@matter/protocol";
import { FabricIndex, NodeId as MatterNodeId } from "@matter/types";
import type { DeviceAnswer, DeviceRequest } from "../core/device.js";
import type { NodeId } from "../core/ids.js";
import type { Administrator } from "../core/kind.js";
import type { Transport, TransportEvent } from "../core/ports.js";
import { Status } from "../core/status.js";
import { interact, type PreparedRequest } from "./interaction.js";
import { prepareInvoke } from "./invoke.js";
import { ManagedFabric } from "./managed-fabric.js";
import { answerOfInvalidRequest, notSent, statusAnswer } from "./outcome.js";
import { OwnNode } from "./own-node.js";
import { prepareRead } from "./read.js";
import { watchPeers } from "./reachability.js";
import { renewSession } from "./session-renewal.js";
import { prepareWrite } from "./write.js";

/** Choices for a {@link MatterTransport}; all have defaults. */
export interface MatterTransportOptions {
    /** The fabric whose nodes are addressed. Default: the first fabric that the controller administers. */
    readonly fabricIndex?: number;
    /**
     * Name of a matter.js network profile that limits concurrent requests, or `"medium"` for the profile that matter.js derives from
     * each node's medium. Default: `"unlimited"`, because a limit shared by nodes lets one that does not answer delay the others.
     */
    readonly network?: string;
}

/**
 * Carries the machine's requests over a matter.js controller: a `ServerNode` with `ControllerBehavior` that is online and has
 * commissioned the nodes. Nodes are addressed by operational node id on the managed fabric; the controller's own is one of them
 * ({@link MatterTransport.administrator}).
 *
 * An answer is `notSent` exactly when no exchange with the node was begun, `unknown` when one was and no answer came. Lists are written in
 * one message if they fit; longer ones unconditionally in several, which a failure leaves truncated.
 *
 * Keys are kept out of matter.js's log of commands. Its message log, at level *debug*, prints every decrypted payload: keep that off
 * wherever keys matter.
 *
 * ```ts
 * const transport = new MatterTransport(controller);
 * const answer = await transport.request(nodeId(5n), { op: "read", endpoint, cluster: 0x3f, attribute: 0 }, { deadlineMs: 30_000 });
 * ```
 */
export class MatterTransport implements Transport {
    readonly #controller: ServerNode;
    readonly #fabric: ManagedFabric;
    readonly #own: OwnNode;
    readonly #network: string | undefined;
    readonly #watches = new Set<() => void>();
    readonly #outstanding = new Set<() => void>();
    #closed = false;

    constructor(controller: ServerNode, options: MatterTransportOptions = {}) {
        this.#controller = controller;
        this.#fabric = new ManagedFabric(controller, options.fabricIndex);
        this.#own = new OwnNode(controller, this.#fabric);
        this.#network = options.network === "medium" ? undefined : (options.network ?? "unlimited");
    }

    async request(node: NodeId, request: DeviceRequest, options: { readonly deadlineMs: number }): Promise<DeviceAnswer> {
        if (this.#closed) {
            return notSent("the transport is closed");
        }
        let prepared: PreparedRequest;
        try {
            prepared = this.#prepare(request);
        } catch (error) {
            return answerOfInvalidRequest(error);
        }
        const way = await this.#wayTo(node);
        if (typeof way === "string") {
            return notSent(way);
        }
        const limits = { deadlineMs: options.deadlineMs, closing: this.#outstanding };
        return way instanceof OwnNode
            ? way.request(request, prepared, limits)
            : interact(this.#controller.env.get(PeerSet).for(way).exchangeProvider, prepared, limits);
    }

    async renewSession(node: NodeId, options: { readonly deadlineMs: number }): Promise<DeviceAnswer> {
        if (this.#closed) {
            return notSent("the transport is closed");
        }
        const way = await this.#wayTo(node);
        if (typeof way === "string") {
            return notSent(way);
        }
        if (way instanceof OwnNode) {
            return statusAnswer(Status.SUCCESS); // there is no session with oneself
        }
        const { env } = this.#controller;
        return renewSession(way, env.get(SessionManager), env.get(PeerSet), { deadlineMs: options.deadlineMs, closing: this.#outstanding });
    }

    /**
     * The controller itself: what access control lists know it by (the `administrator` of `openManager`), and with its `nodeId` one more node of
     * the fabric. Undefined while the controller has no fabric; it creates one with its first commissioning. Rejects when the controller is
     * shut down.
     *
     * Requests to that node id are carried out on the controller's own node, which is always reachable. Add it to the manager to have the
     * keys managed of the groups that the controller sends to (kinds `groupKey` and `groupKeyMap`); it answers like a node without access
     * control, groups and bindings.
     */
    async administrator(): Promise<Administrator | undefined> {
        await this.#fabric.ready();
        return this.#own.administrator;
    }

    observe(observer: (event: TransportEvent) => void): () => void {
        if (this.#closed) {
            return () => {};
        }
        const watches = [this.#own.observe(observer), watchPeers(this.#controller, this.#fabric, observer)];
        const stop = () => {
            this.#watches.delete(stop);
            for (const stopWatching of watches) {
                stopWatching();
            }
        };
        this.#watches.add(stop);
        return stop;
    }

    async close(): Promise<void> {
        for (const stop of [...this.#watches]) {
            stop();
        }
        this.#closed = true;
        for (const giveUp of [...this.#outstanding]) {
            giveUp();
        }
    }

    #prepare(request: DeviceRequest): PreparedRequest {
        switch (request.op) {
            case "read":
                return prepareRead(request, this.#network);
            case "write":
                return prepareWrite(request, this.#network);
            case "invoke":
                return prepareInvoke(request, this.#network);
        }
    }

    /** Where a node of the fabric is, or why nowhere. */
    async #wayTo(node: NodeId): Promise<PeerAddress | OwnNode | string> {
        try {
            await this.#fabric.ready();
            const fabricIndex = this.#fabric.index;
            if (this.#closed) {
                return "the transport is closed";
            }
            if (fabricIndex === undefined) {
                return "the controller administers no fabric";
            }
            if (node === this.#own.id) {
                return this.#own;
            }
            const address = PeerAddress({ fabricIndex: FabricIndex(fabricIndex), nodeId: MatterNodeId(node) });
            const peers = this.#controller.env.get(PeerSet);
            if (!peers.has(address) && this.#controller.peers.get(address) === undefined) {
                return `node ${node} is not commissioned into fabric ${fabricIndex}`;
            }
            return address;
        } catch (error) {
            // The controller is shut down, or not built yet.
            return `the controller is not ready: ${error instanceof Error ? error.message : String(error)}`;
        }
    }
}
