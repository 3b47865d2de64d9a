import { onOffLightSwitchWithGroups, type Composition } from "../../sim/devices/composition.js";
import type { DeviceRules } from "../../sim/devices/device-rules.js";

/** Application endpoints of the compared nodes, numbered from 1. */
export const ENDPOINTS = 2;

/** The specification's minimum (core section 2.11.1.2): full after a few commands. */
export const LIMITS = { maxGroups: 4, maxGroupKeys: 3 } as const;

/** Matter.js's own, which cannot be configured. */
const ACCESS_CONTROL_LIMITS = { entriesPerFabric: 4, subjectsPerEntry: 4, targetsPerEntry: 4 } as const;

/**
 * The device model's composition that equals the real node's.
 *
 * @param administrator node id of the controller that commissioned the real node
 */
export function modelComposition(rules: DeviceRules, administrator: bigint): Composition {
    const composition = onOffLightSwitchWithGroups({
        switches: ENDPOINTS,
        binding: true,
        maxGroupsPerFabric: LIMITS.maxGroups,
        maxGroupKeysPerFabric: LIMITS.maxGroupKeys,
        accessControl: ACCESS_CONTROL_LIMITS,
        administrator,
        rules,
    });
    return { ...composition, softwareVersion: 0 };
}
