import { accessControl } from "./access-control.js";
import { basicInformation } from "./basic-information.js";
import { binding } from "./binding.js";
import { descriptor } from "./descriptor.js";
import { groupKeyManagement } from "./group-key-management.js";
import { groups } from "./groups.js";
import { identify } from "./identify.js";
import type { TruthCluster } from "./truth-cluster.js";

/** Every cluster that is compared. */
export const truthClusters: readonly TruthCluster[] = [groupKeyManagement, groups, accessControl, binding, identify, descriptor, basicInformation];

/** The attributes of a command's cluster, and of those that it changes too. */
export function clustersTouchedBy(name: string): readonly TruthCluster[] {
    const own = truthClusters.find(cluster => cluster.name === name);
    return own === undefined ? [] : [own, ...own.affects.flatMap(other => truthClusters.filter(cluster => cluster.name === other))];
}
