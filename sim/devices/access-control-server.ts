import { AccessControl } from "../../src/core/clusters.js";
import type { DeviceValue } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { AuthMode, parseAcl, sameAcl } from "./access-control-entry.js";
import { eventsOf } from "./access-control-event.js";
import { ClusterServer, type ClusterShape, type ServerSite } from "./cluster-server.js";
import { Privilege } from "./privilege.js";
import type { FabricTables } from "./fabric-tables.js";

/** Provisional, and no business of a manager's: entries that the node made by itself. */
const AUXILIARY_ACL = 7;
const AUXILIARY_FEATURE = 4;
/** AccessControlAuxiliaryTypeEnum: an entry that Groupcast stands behind. */
const GROUPCAST_ENTRY = 1;

const { acl, subjectsPerAccessControlEntry, targetsPerAccessControlEntry, accessControlEntriesPerFabric } = AccessControl.attributes;

const SHAPE: ClusterShape = {
    id: AccessControl.id,
    revision: 3,
    attributes: [acl, subjectsPerAccessControlEntry, targetsPerAccessControlEntry, accessControlEntriesPerFabric],
    commands: [],
    responses: [],
    privileges: { read: { [acl]: Privilege.ADMINISTER }, write: { [acl]: Privilege.ADMINISTER } },
};

const AUXILIARY_SHAPE: ClusterShape = {
    ...SHAPE,
    attributes: [...SHAPE.attributes, AUXILIARY_ACL],
    privileges: { ...SHAPE.privileges, read: { [acl]: Privilege.ADMINISTER, [AUXILIARY_ACL]: Privilege.ADMINISTER } },
};

/** Access Control (core section 9.10), endpoint 0: who may do what. Extensions and reviews of restrictions are not modelled. */
export class AccessControlServer extends ClusterServer {
    override readonly shape: ClusterShape;
    readonly #auxiliaryAcl: DeviceValue | undefined;

    constructor(site: ServerSite) {
        super(site);
        const { auxiliaryAcl } = site.composition;
        this.shape = auxiliaryAcl.length === 0 ? SHAPE : AUXILIARY_SHAPE;
        this.#auxiliaryAcl = auxiliaryAcl.length === 0 ? undefined : auxiliaryAcl.map(entry => ({ ...entry, auxiliaryType: GROUPCAST_ENTRY }));
    }

    protected override get featureMap(): number {
        return this.#auxiliaryAcl === undefined ? 0 : AUXILIARY_FEATURE;
    }

    protected override attributeValue(attribute: number, tables: FabricTables): DeviceValue | undefined {
        const { accessControl } = this.site.composition;
        switch (attribute) {
            case acl:
                return tables.acl;
            case AUXILIARY_ACL:
                return this.#auxiliaryAcl;
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
        if (tables.isAclBusy) {
            return Status.BUSY;
        }
        const entries = parseAcl(value, this.site.composition);
        if (typeof entries === "number") {
            return entries;
        }
        if (!sameAcl(entries, tables.acl)) {
            const { subject, authMode } = this.site.node.requester ?? tables.administrator;
            tables.addAclEvents(eventsOf(tables.acl, entries, authMode === AuthMode.CASE ? subject : null));
            tables.setAcl(entries);
            this.changed(acl);
        }
        return Status.SUCCESS;
    }
}
