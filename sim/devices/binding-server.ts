import { Binding } from "../../src/core/clusters.js";
import type { DeviceValue } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { parseBindings, sameBindings } from "./binding-entry.js";
import { ClusterServer, type ClusterShape } from "./cluster-server.js";
import type { FabricTables } from "./fabric-tables.js";
import { Privilege } from "./privilege.js";

const { binding } = Binding.attributes;

const SHAPE: ClusterShape = {
    id: Binding.id,
    revision: 1,
    attributes: [binding],
    commands: [],
    responses: [],
    privileges: { write: { [binding]: Privilege.MANAGE } },
};

/** Binding (core section 9.6), one per endpoint: whom its client clusters talk to. */
export class BindingServer extends ClusterServer {
    override readonly shape = SHAPE;

    protected override attributeValue(attribute: number, tables: FabricTables): DeviceValue | undefined {
        return attribute === binding ? tables.bindingsOf(this.site.endpoint.number) : undefined;
    }

    protected override isWritable(attribute: number): boolean {
        return attribute === binding;
    }

    /** The accessing fabric's entries of this endpoint are replaced as a whole, or not at all. */
    protected override writeAttribute(_attribute: number, value: DeviceValue, tables: FabricTables): StatusCode {
        const { composition, endpoint, node } = this.site;
        const entries = parseBindings(value, endpoint, composition.rules);
        if (typeof entries === "number") {
            return entries;
        }
        const before = tables.bindingsOf(endpoint.number);
        if (node.countBindings() - before.length + entries.length > composition.maxBindings) {
            return Status.RESOURCE_EXHAUSTED;
        }
        if (!sameBindings(entries, before)) {
            tables.setBindings(endpoint.number, entries);
            this.changed(binding);
        }
        return Status.SUCCESS;
    }
}
