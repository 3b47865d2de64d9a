import {
    AccessControl,
    BasicInformation,
    Binding,
    Descriptor,
    GeneralCommissioning,
    GroupKeyManagement,
    Groups,
    OperationalCredentials,
} from "../../src/core/clusters.js";
import { AccessControlServer } from "./access-control-server.js";
import { BasicInformationServer } from "./basic-information-server.js";
import { BindingServer } from "./binding-server.js";
import type { ClusterServer, ServerSite } from "./cluster-server.js";
import { Identify, OnOff, ScenesManagement } from "./composition.js";
import { DescriptorServer } from "./descriptor-server.js";
import { GeneralCommissioningServer } from "./general-commissioning-server.js";
import { GroupKeyManagementServer } from "./group-key-management-server.js";
import { GroupsServer } from "./groups-server.js";
import { IdentifyServer } from "./identify-server.js";
import { OnOffServer } from "./on-off-server.js";
import { OperationalCredentialsServer } from "./operational-credentials-server.js";
import { ScenesManagementServer } from "./scenes-management-server.js";

/** Servers of one endpoint that others of it work with. */
interface Neighbours {
    readonly identify: IdentifyServer | undefined;
    readonly onOff: OnOffServer | undefined;
    readonly scenes: ScenesManagementServer | undefined;
}

/** An endpoint's servers, in the order of the composition. */
export function serversOf(site: ServerSite): readonly ClusterServer[] {
    const wanted = site.endpoint.servers;
    const onOff = wanted.includes(OnOff.id) ? new OnOffServer(site) : undefined;
    const neighbours: Neighbours = {
        identify: wanted.includes(Identify.id) ? new IdentifyServer(site) : undefined,
        onOff,
        scenes: wanted.includes(ScenesManagement.id) ? new ScenesManagementServer(site, onOff) : undefined,
    };
    return wanted.map(id => serverOf(id, site, neighbours));
}

function serverOf(id: number, site: ServerSite, { identify, onOff, scenes }: Neighbours): ClusterServer {
    switch (id) {
        case Descriptor.id:
            return new DescriptorServer(site);
        case BasicInformation.id:
            return new BasicInformationServer(site);
        case GroupKeyManagement.id:
            return new GroupKeyManagementServer(site);
        case OperationalCredentials.id:
            return new OperationalCredentialsServer(site);
        case GeneralCommissioning.id:
            return new GeneralCommissioningServer(site);
        case Binding.id:
            return new BindingServer(site);
        case AccessControl.id:
            return new AccessControlServer(site);
        case Groups.id:
            return new GroupsServer(site, identify, scenes);
        case Identify.id:
            return identify!;
        case OnOff.id:
            return onOff!;
        case ScenesManagement.id:
            return scenes!;
        default:
            throw new RangeError(`there is no device model for cluster 0x${id.toString(16)}; add one under sim/devices`);
    }
}
