import type { NodeId } from "../core/ids.js";
import { Status, type StatusCode } from "../core/status.js";
import type { AdminFields } from "./fields.js";
import type { CommandHandlers, Parts } from "./parts.js";

/** AddAdmin, UpdateAdmin and RemoveAdmin (sections 11.24.7.7 to 11.24.7.9). No node hears of them. */
export class AdminCommands {
    readonly handlers: CommandHandlers = {
        addAdmin: (fields: AdminFields) => this.#add(fields),
        updateAdmin: (fields: Partial<AdminFields> & { nodeId: NodeId }) => this.#update(fields),
        removeAdmin: (fields: { nodeId: NodeId }) => this.#remove(fields.nodeId),
    };

    constructor(private readonly parts: Parts) {}

    #add({ nodeId, friendlyName, vendorId, icac }: AdminFields): StatusCode {
        const { tables, settings } = this.parts;
        if (tables.get("admin", nodeId) !== undefined) {
            return Status.CONSTRAINT_ERROR;
        }
        if (tables.count("admin") >= settings.limits.admins) {
            return Status.RESOURCE_EXHAUSTED;
        }
        tables.put({ type: "admin", nodeId, friendlyName, vendorId, icac: icac.slice() });
        return Status.SUCCESS;
    }

    #update({ nodeId, friendlyName, icac }: Partial<AdminFields> & { nodeId: NodeId }): StatusCode {
        const { tables } = this.parts;
        const before = tables.get("admin", nodeId);
        if (before === undefined) {
            return Status.NOT_FOUND;
        }
        if (friendlyName !== undefined || icac !== undefined) {
            tables.put({ ...before, friendlyName: friendlyName ?? before.friendlyName, icac: icac?.slice() ?? before.icac });
        }
        return Status.SUCCESS;
    }

    #remove(nodeId: NodeId): StatusCode {
        const { tables } = this.parts;
        const admin = tables.get("admin", nodeId);
        if (admin === undefined) {
            return Status.NOT_FOUND;
        }
        if (tables.get("fabric")?.anchorNodeId === nodeId || tables.count("admin") === 1) {
            return Status.CONSTRAINT_ERROR; // the first entry is the Anchor, always
        }
        tables.delete(admin);
        return Status.SUCCESS;
    }
}
