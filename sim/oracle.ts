import type { ItemRecord, KeySetRecord } from "../src/core/records.js";
import type { AclIntent, BindingIntent, GroupKeyIntent, GroupKeyMapIntent, GroupMembershipIntent, IpkIntent, NocIntent, TrustedRootIntent } from "../src/kinds/index.js";
import type { AccessControlEntry } from "./devices/access-control-entry.js";
import { isGranted } from "./devices/access-guard.js";
import type { OperationalIdentity } from "./devices/operational-identity.js";
import { aclText, bindingText } from "./list-entries.js";
import { MANAGER_FABRIC, type SimNode } from "./devices/sim-node.js";
import { SCRIPT_ROOTS } from "./script-certificates.js";

const IPK_KEY_SET = 0;
/** A node that is on the fabric trusts its root. */
const FABRICS_ROOT = SCRIPT_ROOTS[0]!;

/** What a device's inside says about an item, key bytes included. The second opinion on every `verify`. An endpoint that is away holds nothing. */
export function deviceHolds(
    node: SimNode,
    record: ItemRecord,
    keySets: (id: number) => KeySetRecord | undefined,
    absentEndpoints: ReadonlySet<number>,
): boolean {
    switch (record.kind) {
        case "groupKey":
            return holdsKey(node, (record.intent as GroupKeyIntent).keySetId, (record.intent as GroupKeyIntent).revision, keySets);
        case "groupKeyMap": {
            const { groupId, keySetId } = record.intent as GroupKeyMapIntent;
            return node.mappedKeySetId(MANAGER_FABRIC, groupId) === keySetId;
        }
        case "groupMembership": {
            const { groupId, endpoint } = record.intent as GroupMembershipIntent;
            return !absentEndpoints.has(endpoint) && node.isMember(MANAGER_FABRIC, groupId, endpoint);
        }
        case "acl":
            return grants(node.acl(MANAGER_FABRIC), record.intent as AclIntent);
        case "binding": {
            const { endpoint, target } = record.intent as BindingIntent;
            return !absentEndpoints.has(endpoint) && hasBinding(node, endpoint, target);
        }
        case "noc":
            return confirmedIdentity(node).certificate.cats.join() === (record.intent as NocIntent).caseAuthenticatedTags.join();
        case "ipk":
            return holdsKey(node, IPK_KEY_SET, (record.intent as IpkIntent).revision, keySets);
        case "trustedRoot":
            return (record.intent as TrustedRootIntent).subjectKeyId === FABRICS_ROOT;
        default:
            return false;
    }
}

/**
 * The device holds nothing that the item alone owns: for what an id names, nothing under that id, whatever the value; for an entry of a list, not that entry, unless the item owns
 * none or another item that stays has a use for it.
 *
 * @param siblings what else is wanted on the node
 * @param isOthers somebody else put this content there
 */
export function deviceLacks(
    node: SimNode,
    record: ItemRecord,
    absentEndpoints: ReadonlySet<number>,
    siblings: () => Iterable<ItemRecord>,
    isOthers: (content: string) => boolean,
): boolean {
    switch (record.kind) {
        case "groupKey":
            return node.keySet(MANAGER_FABRIC, (record.intent as GroupKeyIntent).keySetId) === undefined;
        case "groupKeyMap":
            return node.mappedKeySetId(MANAGER_FABRIC, (record.intent as GroupKeyMapIntent).groupId) < 0;
        case "groupMembership": {
            const { groupId, endpoint } = record.intent as GroupMembershipIntent;
            return absentEndpoints.has(endpoint) || !node.isMember(MANAGER_FABRIC, groupId, endpoint);
        }
        case "acl": {
            const text = aclText(record.intent as AclIntent);
            const list = node.acl(MANAGER_FABRIC);
            const without = list.filter(entry => aclText(entry) !== text);
            return record.claim === undefined || without.length === list.length || isOthers(text) || isNeeded<AclIntent>(record, siblings(), other => aclText(other) === text || (grants(list, other) && !grants(without, other)));
        }
        case "binding": {
            const { endpoint, target } = record.intent as BindingIntent;
            const text = bindingText(endpoint, target);
            return (
                record.claim === undefined ||
                absentEndpoints.has(endpoint) ||
                !hasBinding(node, endpoint, target) ||
                isOthers(text) ||
                isNeeded<BindingIntent>(record, siblings(), other => bindingText(other.endpoint, other.target) === text)
            );
        }
        case "noc":
        case "ipk":
        case "trustedRoot":
            return false; // a node is never without: giving the item up takes nothing
        default:
            return true;
    }
}

/** Another item of the kind that stays has a use for it. */
function isNeeded<I extends object>(record: ItemRecord, siblings: Iterable<ItemRecord>, uses: (other: I) => boolean): boolean {
    for (const other of siblings) {
        if (other.kind === record.kind && other.owes !== "remove" && other.generation !== record.generation && uses(other.intent as I)) {
            return true;
        }
    }
    return false;
}

function hasBinding(node: SimNode, endpoint: number, target: BindingIntent["target"]): boolean {
    const text = bindingText(endpoint, target);
    return node.bindings(MANAGER_FABRIC, endpoint).some(entry => bindingText(endpoint, entry) === text);
}

/** Somebody, an endpoint and a cluster that nothing names: only wildcards let them in. */
const ANYBODY = 0x7_7777n;
const ANY_ENDPOINT = 0x7777;
const ANY_CLUSTER = 0xfff1_fc77;

/** Everyone whom the entry names gets what it says everywhere that it names: the device's own check, asked for each of them. */
function grants(list: readonly AccessControlEntry[], { privilege, authMode, subjects, targets }: AccessControlEntry): boolean {
    return (subjects ?? [ANYBODY]).every(subject =>
        (targets ?? [{ endpoint: null, cluster: null }]).every(({ endpoint, cluster }) =>
            isGranted(list, { subject, cats: [], authMode }, { privilege, endpoint: endpoint ?? ANY_ENDPOINT, deviceType: -1, cluster: cluster ?? ANY_CLUSTER }),
        ),
    );
}

/** What the node's certificate is after a restart: one that is not confirmed counts for nothing. */
export function confirmedIdentity(node: SimNode): OperationalIdentity {
    return node.snapshot().fabrics[MANAGER_FABRIC]!.identity;
}

function holdsKey(node: SimNode, keySetId: number, wanted: number, keySets: (id: number) => KeySetRecord | undefined): boolean {
    const onDevice = node.keySet(MANAGER_FABRIC, keySetId);
    const revisions = keySets(keySetId)?.revisions;
    if (onDevice === undefined || revisions === undefined) {
        return false;
    }
    for (const revision of revisions) {
        if (revision.revision !== wanted) {
            continue;
        }
        for (let i = 0; i < 3; i++) {
            const slot = revision.slots[i];
            const key = onDevice.keys[i] ?? null;
            if (slot === undefined ? key !== null : key === null || onDevice.startTimes[i] !== slot.startTime || !key.equals(slot.key)) {
                return false;
            }
        }
        return true;
    }
    return false;
}
