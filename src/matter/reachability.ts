import { ObserverGroup } from "@matter/general";
import { ChangeNotificationService, type ClientNode, NetworkClient, Node, type ServerNode } from "@matter/node";
import { type NodeId, nodeId } from "../core/ids.js";
import type { TransportEvent } from "../core/ports.js";
import type { ManagedFabric } from "./managed-fabric.js";
import { eventsOfChange } from "./reports.js";

/**
 * Tells what matter.js notices about the commissioned nodes of a fabric, beginning with the present state of each. Returns the way
 * to stop; nothing is left behind in matter.js.
 *
 * These are hints: matter.js notices a silent node only after 90 s, and a reboot within the subscription interval only by the node's
 * StartUp event, if that arrives.
 */
export function watchPeers(
    controller: ServerNode,
    fabric: ManagedFabric,
    tell: (event: TransportEvent) => void,
): () => void {
    const watches = new Map<ClientNode, PeerWatch>();
    const observers = new ObserverGroup();
    let stopped = false;

    const add = (node: ClientNode) => {
        if (!watches.has(node)) {
            watches.set(node, new PeerWatch(node, fabric, tell));
        }
    };
    const remove = (node: ClientNode) => {
        watches.get(node)?.close();
        watches.delete(node);
    };
    const changed = (change: ChangeNotificationService.Change) => {
        const node = change.endpoint.env.maybeGet(Node);
        watches.get(node as ClientNode)?.changed(change);
    };

    // matter.js tells of a node from within its constructor, when hardly anything of it can be used yet.
    observers.on(controller.peers.added, node => queueMicrotask(() => stopped || add(node)));
    observers.on(controller.peers.deleted, remove);
    observers.on(controller.env.get(ChangeNotificationService).change, changed);
    for (const node of controller.peers) {
        add(node);
    }
    const tellPresentStates = () => {
        for (const watch of watches.values()) {
            watch.tellPresentState();
        }
    };
    // Until then it is not known which of the nodes are meant.
    fabric.ready().then(tellPresentStates, () => {});

    return () => {
        stopped = true;
        observers.close();
        for (const watch of watches.values()) {
            watch.close();
        }
        watches.clear();
    };
}

/** One node's reachability, told on change only. */
class PeerWatch {
    readonly #node: ClientNode;
    readonly #fabric: ManagedFabric;
    readonly #tell: (event: TransportEvent) => void;
    readonly #observers = new ObserverGroup();
    #reachable: boolean | undefined;

    constructor(node: ClientNode, fabric: ManagedFabric, tell: (event: TransportEvent) => void) {
        this.#node = node;
        this.#fabric = fabric;
        this.#tell = tell;

        const network = node.eventsOf(NetworkClient);
        this.#observers.on(network.subscriptionStatusChanged, active => this.#set(active));
        this.#observers.on(node.lifecycle.online, () => this.#set(true));
        this.#observers.on(node.lifecycle.offline, () => this.#set(false));
        this.#observers.on(node.lifecycle.decommissioned, () => this.#set(false));
    }

    /**
     * Told once, unless something was told already. A node counts as reachable when there is a subscription or at least a session: one
     * that nobody subscribed to can be talked to as well.
     */
    tellPresentState(): void {
        if (this.#reachable !== undefined) {
            return;
        }
        this.#set(this.#isSubscribed || this.#node.lifecycle.isOnline);
    }

    changed(change: ChangeNotificationService.Change): void {
        const node = this.#nodeId;
        if (node === undefined) {
            return;
        }
        for (const event of eventsOfChange(node, change)) {
            if (event.type === "reachable") {
                this.#reachable = true;
            }
            this.#tell(event);
        }
    }

    close(): void {
        this.#observers.close();
    }

    #set(reachable: boolean): void {
        const node = this.#nodeId;
        if (node === undefined || this.#reachable === reachable) {
            return;
        }
        this.#reachable = reachable;
        this.#tell({ type: reachable ? "reachable" : "unreachable", node });
    }

    get #isSubscribed(): boolean {
        if (!this.#node.lifecycle.isReady) {
            return false;
        }
        return this.#node.act((agent): boolean => agent.get(NetworkClient).subscriptionActive === true) === true;
    }

    /** Undefined for nodes that are only discovered, or belong to another fabric. */
    get #nodeId(): NodeId | undefined {
        const address = this.#node.peerAddress;
        if (this.#node.nodeType === "group" || address === undefined || address.fabricIndex !== this.#fabric.index) {
            return undefined;
        }
        return nodeId(address.nodeId);
    }
}
