import { ControllerBehavior, type Endpoint, ServerNode } from "@matter/node";
import { BindingServer } from "@matter/node/behaviors/binding";
import { GroupsServer } from "@matter/node/behaviors/groups";
import { OnOffLightDevice } from "@matter/node/devices/on-off-light";
import { OnOffLightSwitchDevice } from "@matter/node/devices/on-off-light-switch";
import { CaseAuthenticatedTag, FabricId } from "@matter/types";

/** What a node of a world is; plain data, so that a node can be restarted and a world restored from it. */
export type NodeSpec = ControllerSpec | DeviceSpec;

/** A node that commissions and manages others. */
export interface ControllerSpec {
    readonly kind: "controller";
    /** Default 1. */
    readonly fabricId?: number;
    /** CASE authenticated tags of its certificate, 32 bit each; default none. */
    readonly caseAuthenticatedTags?: readonly number[];
}

/** A commissionable node with one or more application endpoints, numbered from 1. */
export interface DeviceSpec {
    /** `switch`: OnOffLightSwitch with a Groups server; `light`: OnOffLight, which has one anyway and obeys group commands. */
    readonly kind: "switch" | "light";
    /** Application endpoints; default 1. */
    readonly endpoints?: number;
    /** `MaxGroupKeysPerFabric`, the IPK included; default: matter.js's, for its composition. */
    readonly maxGroupKeys?: number;
    /** `MaxGroupsPerFabric`; default: matter.js's, for its composition. */
    readonly maxGroups?: number;
    /** With a Binding server: the device then opens sessions to its targets by itself. */
    readonly bindings?: boolean;
}

/** Everything a passcode protects here is in this process. */
export const PASSCODE = 20202021;

/** What `ServerNode` takes, but for id and environment. `index` is unique in its world. */
export function configurationOf(spec: NodeSpec, index: number): object {
    if (spec.kind === "controller") {
        const { fabricId = 1, caseAuthenticatedTags = [] } = spec;
        return {
            type: ServerNode.RootEndpoint.with(ControllerBehavior),
            controller: {
                adminFabricLabel: "selvage",
                adminFabricId: FabricId(fabricId),
                ...(caseAuthenticatedTags.length === 0 ? {} : { caseAuthenticatedTags: caseAuthenticatedTags.map(tag => CaseAuthenticatedTag(tag)) }),
            },
            commissioning: { enabled: false },
        };
    }
    return {
        commissioning: { passcode: PASSCODE, discriminator: index },
        groupKeyManagement: {
            ...(spec.maxGroupKeys === undefined ? {} : { maxGroupKeysPerFabric: spec.maxGroupKeys }),
            ...(spec.maxGroups === undefined ? {} : { maxGroupsPerFabric: spec.maxGroups }),
        },
    };
}

/** The application endpoints of a node. */
export function endpointsOf(spec: NodeSpec): Endpoint.Definition[] {
    if (spec.kind === "controller") {
        return [];
    }
    const type = endpointTypeOf(spec);
    return Array.from({ length: spec.endpoints ?? 1 }, (_, index) => ({ type, id: `app${index + 1}` }) as Endpoint.Definition);
}

function endpointTypeOf({ kind, bindings }: DeviceSpec) {
    if (kind === "light") {
        return bindings === true ? OnOffLightDevice.with(BindingServer) : OnOffLightDevice;
    }
    return bindings === true
        ? OnOffLightSwitchDevice.with(GroupsServer, BindingServer)
        : OnOffLightSwitchDevice.with(GroupsServer);
}
