import type { DeviceAnswer, DeviceRequest, DeviceValue, WriteRequest } from "../../src/core/device.js";
import { commissionersEntry } from "./access-control-entry.js";
import type { RequestOptions } from "./request-options.js";
import { MANAGER_FABRIC, type SimNode } from "./sim-node.js";

type ListPath = Pick<WriteRequest, "endpoint" | "cluster" | "attribute">;

/**
 * Somebody else who administers the node: a second administrator of the manager's fabric, or the one of another fabric.
 *
 * @example
 * const other = OtherAdministrator.join(node, 0x2_0001n);
 * other.rewriteList({ endpoint: 0, cluster: AccessControl.id, attribute: 0 }, entries => [...entries, entry]);
 */
export class OtherAdministrator {
    constructor(
        readonly node: SimNode,
        readonly options: RequestOptions,
    ) {}

    /** With an Administer entry of its own in the fabric's list, past the manager. */
    static join(node: SimNode, subject: bigint, fabric = MANAGER_FABRIC): OtherAdministrator {
        node.setAcl(fabric, [...node.acl(fabric), commissionersEntry(subject)]);
        return new OtherAdministrator(node, { fabric, subject });
    }

    handle(request: DeviceRequest): DeviceAnswer {
        return this.node.handle(request, this.options);
    }

    /** Reads a list and at once writes what becomes of it, without a condition; the answer is the read's if that fails. */
    rewriteList(path: ListPath, change: (entries: readonly DeviceValue[]) => readonly DeviceValue[]): DeviceAnswer {
        const answer = this.handle({ op: "read", ...path });
        return answer.kind === "value" && Array.isArray(answer.value) ? this.handle({ op: "write", ...path, value: change(answer.value) }) : answer;
    }
}
