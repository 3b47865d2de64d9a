import type { NodeId } from "../core/ids.js";
import { Status, type StatusCode } from "../core/status.js";
import type { EndpointFields, NodeFields } from "./fields.js";
import { unknownTarget, type CommandHandlers, type Parts } from "./parts.js";
import type { Refresh } from "./refresh.js";

/** The commands on nodes and endpoints, RefreshNode included (sections 11.24.7.10 to 11.24.7.14). */
export class NodeCommands {
    readonly handlers: CommandHandlers = {
        addPendingNode: (fields: NodeFields) => this.#add(fields),
        refreshNode: (fields: { nodeId: NodeId }) => this.#refresh(fields.nodeId),
        updateNode: (fields: NodeFields) => this.#update(fields),
        removeNode: (fields: { nodeId: NodeId }) => this.#remove(fields.nodeId),
        updateEndpointForNode: (fields: EndpointFields & { friendlyName: string }) => this.#updateEndpoint(fields),
    };

    constructor(
        private readonly parts: Parts,
        private readonly refresh: Refresh,
    ) {}

    /** The node is usually not commissioned yet: nothing is sent to it. */
    #add({ nodeId, friendlyName }: NodeFields): StatusCode {
        const { tables, settings, machine } = this.parts;
        if (tables.get("node", nodeId) !== undefined) {
            return Status.CONSTRAINT_ERROR;
        }
        if (tables.count("node") >= settings.limits.nodes) {
            return Status.RESOURCE_EXHAUSTED;
        }
        const changedAtMs = machine.context.wallMs;
        tables.put({ type: "node", nodeId, friendlyName, state: "pending", failureCode: Status.SUCCESS, changedAtMs, refresh: "none" });
        return Status.SUCCESS;
    }

    #refresh(nodeId: NodeId): StatusCode {
        const node = this.parts.tables.get("node", nodeId);
        if (node === undefined) {
            return Status.NOT_FOUND;
        }
        this.refresh.begin(node);
        return Status.SUCCESS;
    }

    #update({ nodeId, friendlyName }: NodeFields): StatusCode {
        const { tables } = this.parts;
        const node = tables.get("node", nodeId);
        if (node === undefined) {
            return unknownTarget(this.parts);
        }
        tables.put({ ...node, friendlyName });
        return Status.SUCCESS;
    }

    /** Everything about the node goes, and what is under way there is given up; the node itself is left as it is. */
    #remove(nodeId: NodeId): StatusCode {
        const { tables, machine } = this.parts;
        if (tables.get("node", nodeId) === undefined) {
            return unknownTarget(this.parts);
        }
        const node = machine.nodes.get(nodeId);
        if (node !== undefined) {
            machine.fabric.removeNode(node);
        }
        this.refresh.forget(nodeId);
        return Status.SUCCESS;
    }

    #updateEndpoint({ nodeId, endpointId, friendlyName }: EndpointFields & { friendlyName: string }): StatusCode {
        const { tables } = this.parts;
        const endpoint = tables.get("endpoint", nodeId, endpointId);
        if (endpoint === undefined) {
            return unknownTarget(this.parts);
        }
        tables.put({ ...endpoint, friendlyName });
        return Status.SUCCESS;
    }
}
