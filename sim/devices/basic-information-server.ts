import { BasicInformation } from "../../src/core/clusters.js";
import type { DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { ClusterServer, utf8Length, type ClusterShape } from "./cluster-server.js";
import { Privilege } from "./privilege.js";

const { vendorId, productId, nodeLabel, softwareVersion } = BasicInformation.attributes;
const MAX_NODE_LABEL_LENGTH = 32;

const SHAPE: ClusterShape = {
    id: BasicInformation.id,
    revision: 6,
    attributes: [vendorId, productId, nodeLabel, softwareVersion],
    commands: [],
    responses: [],
    privileges: { write: { [nodeLabel]: Privilege.MANAGE } },
};

/** The part of Basic Information (core section 11.1) that a manager looks at. */
export class BasicInformationServer extends ClusterServer {
    override readonly shape = SHAPE;

    protected override attributeValue(attribute: number): DeviceValue | undefined {
        switch (attribute) {
            case vendorId:
                return this.site.composition.vendorId;
            case productId:
                return this.site.composition.productId;
            case nodeLabel:
                return this.site.node.nodeLabel;
            case softwareVersion:
                return this.site.node.softwareVersion;
            default:
                return undefined;
        }
    }

    protected override isWritable(attribute: number): boolean {
        return attribute === nodeLabel;
    }

    protected override writeAttribute(_attribute: number, value: DeviceValue): number {
        if (typeof value !== "string") {
            return Status.INVALID_DATA_TYPE;
        }
        const length = this.site.composition.rules.nameLimitInBytes ? utf8Length(value) : value.length;
        if (length > MAX_NODE_LABEL_LENGTH) {
            return Status.CONSTRAINT_ERROR;
        }
        if (value !== this.site.node.nodeLabel) {
            this.site.node.nodeLabel = value;
            this.changed(nodeLabel);
        }
        return Status.SUCCESS;
    }
}
