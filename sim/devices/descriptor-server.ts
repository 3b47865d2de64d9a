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
    readonly #parts: DeviceValue;

    constructor(site: ServerSite) {
        super(site);
        const { number, deviceType, deviceTypeRevision } = site.endpoint;
        this.#deviceTypes = [{ deviceType, revision: deviceTypeRevision }];
        this.#parts = number === 0 ? site.composition.endpoints.map(endpoint => endpoint.number).filter(part => part !== 0) : [];
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
                return this.#parts;
            default:
                return undefined;
        }
    }
}
