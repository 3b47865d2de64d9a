import { accessControl } from "./access-control.js";
import { basicInformation } from "./basic-information.js";
import { binding } from "./binding.js";
import { descriptor } from "./descriptor.js";
import type { DeviceName } from "./device.js";
import { generalCommissioning } from "./general-commissioning.js";
import { groupKeyManagement } from "./group-key-management.js";
import { groups } from "./groups.js";
import { identify } from "./identify.js";
import { onOff } from "./on-off.js";
import { operationalCredentials } from "./operational-credentials.js";
import { scenesManagement } from "./scenes-management.js";
import type { Ask, TruthCluster } from "./truth-cluster.js";

/** Every cluster that is compared. */
export const truthClusters: readonly TruthCluster[] = [
    groupKeyManagement,
    groups,
    accessControl,
    binding,
    operationalCredentials,
    generalCommissioning,
    scenesManagement,
    onOff,
    identify,
    descriptor,
    basicInformation,
];

/** The compared clusters of one of the nodes. */
export function clustersOf(device: DeviceName): readonly TruthCluster[] {
    return truthClusters.filter(({ devices }) => devices.includes(device));
}

/** Of these, a command's own cluster, and those whose attributes it changes too. */
export function clustersTouchedBy(name: string, among: readonly TruthCluster[]): readonly TruthCluster[] {
    const own = among.find(cluster => cluster.name === name);
    return own === undefined ? [] : [own, ...own.affects.flatMap(other => among.filter(cluster => cluster.name === other))];
}

/** As far as commands can: out of the box. */
export async function undoAll(clusters: readonly TruthCluster[], ask: Ask): Promise<void> {
    // Backwards: access control, which can stand in the way, before what it can be in the way of.
    for (const cluster of [...clusters].reverse()) {
        await cluster.undo(ask);
    }
}
