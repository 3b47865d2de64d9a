import { AccessControl } from "../../src/core/clusters.js";
import type { DeviceValue } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { parseAcl, sameAcl } from "./access-control-entry.js";
import { ClusterServer, type ClusterShape } from "./cluster-server.js";
import { Privilege } from "./privilege.js";
import type { FabricTables } from "./fabric-tables.js";

const { acl, subjectsPerAccessControlEntry, targetsPerAccessControlEntry, accessControlEntriesPerFabric } = AccessControl.attributes;

const SHAPE: ClusterShape = {
    id: AccessControl.id,
    revision: 3,
    attributes: [acl, subjectsPerAccessControlEntry, targetsPerAccessControlEntry, accessControlEntriesPerFabric],
    commands: [],
    responses: [],
    privileges: { read: { [acl]: Privilege.ADMINISTER }, write: { [acl]: Privilege.ADMINISTER } },
};

/** Access Control (core section 9.10), endpoint 0: who may do what. Extensions, restrictions under review and events are not modelled. */
export class AccessControlServer extends ClusterServer {
    override readonly shape = SHAPE;

    protected override attributeValue(attribute: number, tables: FabricTables): DeviceValue | undefined {
        const { accessControl } = this.site.composition;
        switch (attribute) {
            case acl:
                return tables.acl;
            case subjectsPerAccessControlEntry:
                return accessControl.subjectsPerEntry;
            case targetsPerAccessControlEntry:
                return accessControl.targetsPerEntry;
            case accessControlEntriesPerFabric:
                return accessControl.entriesPerFabric;
            default:
                return undefined;
        }
    }

    protected override isWritable(attribute: number): boolean {
        return attribute === acl;
    }

    protected override writeAttribute(_attribute: number, value: DeviceValue, tables: FabricTables): StatusCode {
        const entries = parseAcl(value, this.site.composition);
        if (typeof entries === "number") {
            return entries;
        }
        if (!sameAcl(entries, tables.acl)) {
            tables.setAcl(entries);
            this.changed(acl);
        }
        return Status.SUCCESS;
    }
}
