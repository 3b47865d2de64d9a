import { Descriptor } from "../../src/core/clusters.js";
import type { DeviceValue } from "../../src/core/device.js";
import { ClusterServer, type ClusterShape, type ServerSite } from "./cluster-server.js";

const { deviceTypeList, serverList, clientList, partsList } = Descriptor.attributes;

const SHAPE: ClusterShape = {
    id: Descriptor.id,
    revision: 3,
    attributes: [deviceTypeList, serverList, clientList, partsList],
    commands: [],
    responses: [],
};

/** Descriptor (core section 9.5): what an endpoint is, and on the root, which endpoints there are. */
export class DescriptorServer extends ClusterServer {
    override readonly shape = SHAPE;
    readonly #deviceTypes: DeviceValue;
    #parts: readonly number[] = [];
    #structureVersion = -1;

    constructor(site: ServerSite) {
        super(site);
        const { deviceType, deviceTypeRevision } = site.endpoint;
        this.#deviceTypes = [{ deviceType, revision: deviceTypeRevision }];
    }

    #partsNow(): readonly number[] {
        const { structureVersion, partsOf } = this.site.node;
        if (structureVersion !== this.#structureVersion) {
            this.#structureVersion = structureVersion;
            this.#parts = partsOf(this.site.endpoint.number);
        }
        return this.#parts;
    }

    protected override attributeValue(attribute: number): DeviceValue | undefined {
        switch (attribute) {
            case deviceTypeList:
                return this.#deviceTypes;
            case serverList:
                return this.site.endpoint.servers;
            case clientList:
                return this.site.endpoint.clients;
            case partsList:
                return this.#partsNow();
            default:
                return undefined;
        }
    }
}
