import { AccessControl } from "../src/core/clusters.js";
import { isGranted } from "./devices/access-guard.js";
import { MANAGER_NODE_ID } from "./devices/composition.js";
import { AuthMode, type AccessControlEntry } from "./devices/access-control-entry.js";
import type { BindingEntry } from "./devices/binding-entry.js";
import { Privilege } from "./devices/privilege.js";

const SWITCH = 1;
const ON_OFF = 0x06;
const ANA = 0x3_0001n;
const BEN = 0x3_0002n;
const STRANGER = 0x2_0009n;

function entry(privilege: number, authMode: number, subjects: readonly bigint[] | null, endpoint: number | null, cluster: number | null): AccessControlEntry {
    return { privilege, authMode, subjects, targets: endpoint === null && cluster === null ? null : [{ cluster, endpoint, deviceType: null }] };
}

/**
 * The access control entries that scripts name by their place here: some cover others, two let the manager in, one of them as commissioning puts it down. From {@link OTHERS_ENTRIES} on they are
 * those that only the other administrator makes.
 */
export const SCRIPT_ACL_ENTRIES: readonly AccessControlEntry[] = [
    entry(Privilege.OPERATE, AuthMode.CASE, [ANA], SWITCH, null),
    entry(Privilege.OPERATE, AuthMode.CASE, [ANA, BEN], SWITCH, null),
    entry(Privilege.MANAGE, AuthMode.CASE, [ANA], SWITCH, null),
    entry(Privilege.VIEW, AuthMode.CASE, [BEN], null, null),
    entry(Privilege.OPERATE, AuthMode.GROUP, [1n], SWITCH, null),
    entry(Privilege.OPERATE, AuthMode.CASE, null, null, ON_OFF),
    entry(Privilege.ADMINISTER, AuthMode.CASE, [MANAGER_NODE_ID], null, null),
    entry(Privilege.ADMINISTER, AuthMode.CASE, [MANAGER_NODE_ID, BEN], null, null),
    entry(Privilege.OPERATE, AuthMode.CASE, [STRANGER], SWITCH, null),
    entry(Privilege.VIEW, AuthMode.CASE, [STRANGER], null, null),
];
export const OTHERS_ENTRIES = 8;
/** The entry that commissioning puts down. */
export const COMMISSIONERS_ENTRY = 6;
/** Lets the manager in together with somebody else. */
export const BOTH_ADMINISTRATORS = 7;

/** The bindings that scripts name by their place here; from {@link OTHERS_TARGETS} on those that only the other administrator makes. */
export const SCRIPT_TARGETS: readonly BindingEntry[] = [
    { node: 5n, endpoint: 1, cluster: ON_OFF },
    { node: 5n, endpoint: 2 },
    { group: 1 },
    { group: 2, cluster: ON_OFF },
    { node: 9n, endpoint: 1, cluster: ON_OFF },
    { group: 101 },
];
export const OTHERS_TARGETS = 4;

/** By the device's own check: the manager may write the list again. */
export function letsManagerIn(entries: readonly AccessControlEntry[]): boolean {
    const manager = { subject: MANAGER_NODE_ID, cats: [], authMode: AuthMode.CASE };
    return isGranted(entries, manager, { privilege: Privilege.ADMINISTER, endpoint: 0, deviceType: -1, cluster: AccessControl.id });
}

/** One text per content of an access control entry, whatever the order of subjects and targets. */
export function aclText({ privilege, authMode, subjects, targets }: AccessControlEntry): string {
    const whom = subjects === null ? "*" : subjects.map(String).sort().join();
    const where = targets === null ? "*" : targets.map(({ cluster, endpoint, deviceType }) => `${cluster}/${endpoint}/${deviceType}`).sort().join();
    return `aclEntry ${privilege} ${authMode} ${whom} ${where}`;
}

/** One text per content of an endpoint's binding. */
export function bindingText(place: number, { node, group, endpoint, cluster }: { readonly [F in keyof BindingEntry]?: BindingEntry[F] | null }): string {
    return `bindingEntry ${place} ${node ?? "-"} ${group ?? "-"} ${endpoint ?? "-"} ${cluster ?? "-"}`;
}
