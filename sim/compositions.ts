import { onOffLightSwitchWithGroups, type Composition } from "./devices/composition.js";

const compositions = new Map<number, Composition>();

/** A switch with these limits; the same object for the same limits, so that devices can be used again. */
export function compositionOf(maxGroups: number, maxKeys: number): Composition {
    const index = maxGroups * 256 + maxKeys;
    let composition = compositions.get(index);
    if (composition === undefined) {
        composition = onOffLightSwitchWithGroups({ maxGroupsPerFabric: maxGroups, maxGroupKeysPerFabric: maxKeys });
        compositions.set(index, composition);
    }
    return composition;
}
