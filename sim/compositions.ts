import { onOffLightSwitchWithGroups, type Composition } from "./devices/composition.js";
import type { NodeScript } from "./script.js";

const compositions = new Map<number, Composition>();

/** The switch that a script asks for; the same object for the same wishes, so that devices can be used again. */
export function compositionOf({ maxGroups, maxKeys, maxAcl, binds, certificates, hasClock }: Pick<NodeScript, "maxGroups" | "maxKeys" | "maxAcl" | "binds" | "certificates" | "hasClock">): Composition {
    const index = ((maxGroups * 256 + maxKeys) * 256 + maxAcl) * 8 + (certificates ? 4 : 0) + (binds ? 2 : 0) + (hasClock ? 1 : 0);
    let composition = compositions.get(index);
    if (composition === undefined) {
        composition = onOffLightSwitchWithGroups({
            maxGroupsPerFabric: maxGroups,
            maxGroupKeysPerFabric: maxKeys,
            accessControl: { entriesPerFabric: maxAcl },
            binding: binds,
            certificates,
            maxBindings: 10,
            senderRule: hasClock ? "clock" : "noClock",
        });
        compositions.set(index, composition);
    }
    return composition;
}
