import { Descriptor } from "../../src/core/clusters.js";
import type { DeviceRequest } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import type { ClusterServer, NodeState } from "./cluster-server.js";
import type { Composition, EndpointComposition } from "./composition.js";
import { serversOf } from "./server-factory.js";

interface SimEndpoint {
    readonly number: number;
    readonly servers: readonly ClusterServer[];
}

/** The endpoints of a node with their servers: those of its composition, and which of them are there now. */
export class NodeEndpoints {
    readonly #all: readonly SimEndpoint[];
    #present: readonly SimEndpoint[];

    constructor(
        private readonly composition: Composition,
        private readonly state: NodeState,
    ) {
        this.#present = this.#all = composition.endpoints.map(endpoint => ({ number: endpoint.number, servers: serversOf({ composition, endpoint, node: state }) }));
    }

    /** Every cluster instance of the composition, of endpoints that are away too. */
    get servers(): readonly ClusterServer[] {
        return this.#all.flatMap(endpoint => endpoint.servers);
    }

    forEachServer(action: (server: ClusterServer) => void): void {
        for (const endpoint of this.#all) {
            for (const server of endpoint.servers) {
                action(server);
            }
        }
    }

    /** The addressed server, or the status that says what is missing (section 8.4.3.2: endpoint, then cluster). */
    serverOf(request: DeviceRequest): ClusterServer | number {
        const present = this.#present;
        for (let i = 0; i < present.length; i++) {
            const endpoint = present[i]!;
            if (endpoint.number === request.endpoint) {
                const servers = endpoint.servers;
                for (let j = 0; j < servers.length; j++) {
                    if (servers[j]!.shape.id === request.cluster) {
                        return servers[j]!;
                    }
                }
                return Status.UNSUPPORTED_CLUSTER;
            }
        }
        return Status.UNSUPPORTED_ENDPOINT;
    }

    server(endpoint: number, cluster: number): ClusterServer | undefined {
        return this.#present.find(({ number }) => number === endpoint)?.servers.find(({ shape }) => shape.id === cluster);
    }

    compositionOf(number: number): EndpointComposition | undefined {
        return this.composition.endpoints.find(endpoint => endpoint.number === number);
    }

    /** The endpoints that are there and whose parent this is; the root's parts are all of them. */
    partsOf(number: number): readonly number[] {
        return this.composition.endpoints
            .filter(({ number: part, parent }) => part !== 0 && (number === 0 || parent === number) && this.#present.some(each => each.number === part))
            .map(part => part.number);
    }

    remove(number: number): void {
        this.#set(this.#present.filter(endpoint => endpoint.number !== number));
        this.#tellParts(number);
    }

    restore(number: number): void {
        this.#set(this.#all.filter(endpoint => endpoint.number === number || this.#present.includes(endpoint)));
        this.#tellParts(number);
    }

    /** As composed, told to nobody. */
    restoreAll(): void {
        if (this.#present !== this.#all) {
            this.#set(this.#all);
        }
    }

    #set(present: readonly SimEndpoint[]): void {
        this.#present = present;
        this.state.structureVersion++;
    }

    #tellParts(number: number): void {
        const parent = this.compositionOf(number)?.parent ?? 0;
        for (const listing of parent === 0 ? [0] : [0, parent]) {
            this.server(listing, Descriptor.id)?.changed(Descriptor.attributes.partsList);
        }
    }
}
