import { Binding, Groups } from "../../src/core/clusters.js";
import { onOffLightSwitchWithGroups, type Composition } from "../../sim/devices/composition.js";
import { specificationRules } from "../../sim/devices/device-rules.js";
import type { MemberSpec } from "../target.js";

/** The simulated device for a member that a case asks for: switches, whose endpoints have what is asked. Limits default to the specification's minimum. */
export function compositionOf(spec: MemberSpec, administrator: bigint): Composition {
    const { limits = {} } = spec;
    const base = onOffLightSwitchWithGroups({
        binding: true,
        administrator,
        maxBindings: limits.bindings ?? 10,
        maxGroupsPerFabric: limits.groups ?? 4,
        maxGroupKeysPerFabric: limits.keySets ?? 3,
        accessControl: { entriesPerFabric: limits.aclEntries ?? 4, subjectsPerEntry: limits.subjects ?? 4, targetsPerEntry: limits.targets ?? 3 },
        rules: { ...specificationRules, bindingNeedsClientCluster: spec.bindingNeedsClient ?? false },
    });
    const [root, template] = base.endpoints;
    const endpoints = spec.endpoints.map(({ endpoint, groups = true, binding = true }) => ({
        ...template!,
        number: endpoint,
        servers: template!.servers.filter(id => (id !== Groups.id || groups) && (id !== Binding.id || binding)),
    }));
    return { ...base, endpoints: [root!, ...endpoints] };
}
