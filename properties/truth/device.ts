import { onOffLight, onOffLightSwitchWithGroups, type Composition, type SwitchOptions } from "../../sim/devices/composition.js";
import type { DeviceRules } from "../../sim/devices/device-rules.js";
import type { DeviceSpec, StackWorld } from "../../sim/stack/index.js";

/** Which of the compared nodes: no device has every cluster. */
export type DeviceName = "switch" | "light";

/** A real node and the composition of the device model that equals it. */
export interface TruthDevice {
    readonly name: DeviceName;
    readonly spec: DeviceSpec;
    /** @param administrator node id of the controller that commissioned the real node */
    composition(rules: DeviceRules, administrator: bigint): Composition;
    /** Limits of a running node that its specification does not take, and that a restart forgets. */
    prepare(world: StackWorld, id: string): Promise<void>;
}

/** Application endpoints of each node, numbered from 1. */
export const ENDPOINTS = 2;

/** The specification's minimum (core section 2.11.1.2): full after a few commands. */
export const LIMITS = { maxGroups: 4, maxGroupKeys: 3 } as const;

/** The specification's minima (core section 11.18.5.3, cluster section 1.4.8.1). */
const SUPPORTED_FABRICS = 5;
const SCENE_TABLE_SIZE = 16;

/** Matter.js's own, which cannot be configured. */
const ACCESS_CONTROL_LIMITS = { entriesPerFabric: 4, subjectsPerEntry: 4, targetsPerEntry: 4 } as const;

function optionsOf(rules: DeviceRules, administrator: bigint): SwitchOptions {
    return {
        certificates: true,
        maxGroupsPerFabric: LIMITS.maxGroups,
        maxGroupKeysPerFabric: LIMITS.maxGroupKeys,
        accessControl: ACCESS_CONTROL_LIMITS,
        administrator,
        rules,
    };
}

/** What matter.js's ServerNode tells unless configured otherwise. */
const asUnconfigured = (composition: Composition): Composition => ({ ...composition, softwareVersion: 0 });

async function prepareRoot(world: StackWorld, id: string): Promise<void> {
    await world.until(world.node(id).setStateOf("operationalCredentials", { supportedFabrics: SUPPORTED_FABRICS }));
}

const switches: TruthDevice = {
    name: "switch",
    spec: { kind: "switch", endpoints: ENDPOINTS, bindings: true, ...LIMITS },
    composition: (rules, administrator) =>
        asUnconfigured(onOffLightSwitchWithGroups({ ...optionsOf(rules, administrator), switches: ENDPOINTS, binding: true })),
    prepare: prepareRoot,
};

const lights: TruthDevice = {
    name: "light",
    spec: { kind: "light", endpoints: ENDPOINTS, ...LIMITS },
    composition: (rules, administrator) =>
        asUnconfigured(onOffLight({ ...optionsOf(rules, administrator), lights: ENDPOINTS, sceneTableSize: SCENE_TABLE_SIZE })),
    async prepare(world, id) {
        await prepareRoot(world, id);
        for (const part of world.node(id).parts) {
            await world.until(part.setStateOf("scenesManagement", { sceneTableSize: SCENE_TABLE_SIZE }));
        }
    },
};

export const truthDevices: readonly TruthDevice[] = [switches, lights];
