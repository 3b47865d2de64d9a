import { AccessControl, Descriptor } from "../core/clusters.js";
import type { AttributePath, DeviceFields } from "../core/device.js";
import { ok, type Result } from "../core/error.js";
import type { EndpointNumber } from "../core/ids.js";
import type { Administrator, Kind, Operation } from "../core/kind.js";
import { Limits } from "../core/limits.js";
import type { OperationFailure } from "../core/outcome.js";
import {
    AuthMode,
    canonicalEntry,
    entryFields,
    parseEntry,
    Privilege,
    sameEntry,
    subjectsText,
    targetsText,
    type AccessControlEntry,
    type AccessControlTarget,
} from "./access-control-entry.js";
import { isCatSubject, isCovered, letsAdministrate, type DeviceTypes } from "./access-coverage.js";
import { accessControlTable } from "./capacity-tables.js";
import { applyEntry, removeEntry, verifyEntry, type Entry, type EntryList } from "./claimed-entries.js";
import { readOf } from "./list-write.js";
import { ROOT_ENDPOINT } from "./group-key-management.js";
import { integerField, invalidIntent, isRecord, textField } from "./validation.js";

/**
 * The node is to grant this. `label` says for whom: items with the same content and different labels share one entry on the node, and it stays until the last
 * of them is removed.
 */
export interface AclIntent extends AccessControlEntry {
    readonly label: string;
}

/** Name of the kind {@link acl}. */
export const ACL = "acl";

const PATH: AttributePath = { endpoint: ROOT_ENDPOINT, cluster: AccessControl.id, attribute: AccessControl.attributes.acl };
/** Endpoints whose device types are read for one decision at most. */
const MAX_CONSULTED = 4;
const MAX_OPERATIONAL_NODE_ID = 0xffff_ffef_ffff_ffffn;

/**
 * An entry of a node's access control list (section 9.10.6.1). It is there when the list grants what it says, by whatever entries. No list is ever written
 * that does not let the manager itself administer the node, and none that could not be read.
 */
export const acl: Kind<AclIntent> = {
    name: ACL,
    applyOrder: 40,
    removeOrder: 50,
    capacity: { table: accessControlTable, rowOf: intent => accessControlTable.rowOf(intent), isJudgedByOperation: true },
    sharesWrites: true,

    validate: validateIntent,
    keyOf: ({ label, privilege, authMode, subjects, targets }) => [label, privilege, authMode, subjectsText(subjects), targetsText(targets)],
    equal: (a, b) => a.label === b.label && sameEntry(a, b),
    dependsOn: () => [],
    watch: () => [PATH],

    apply: ({ key, limit }) => applyEntry(entryList, key, limit),
    verify: ({ intent }) => verifyEntry(entryList, intent),
    remove: ({ key, limit }) => removeEntry(entryList, key, limit),
};

const entryList: EntryList<AccessControlEntry, DeviceTypes> = {
    path: PATH,
    name: "the access control list",
    contentOf: intent => intent as AclIntent,
    parse: parseEntry,
    format: entryFields,
    same: sameEntry,
    textOf: entry => accessControlTable.textOf(entry),
    isCovered,
    isPiece: (part, whole, deviceTypes) => part.privilege === whole.privilege && isCovered(part, [whole], deviceTypes),
    consult: readDeviceTypes,
    arrange: administratorFirst,
};

/** The entry that lets the manager in comes first: a node that stops in the middle of the list then still has it. */
function administratorFirst(
    entries: readonly Entry<AccessControlEntry>[],
    administrator: Administrator | null,
): readonly Entry<AccessControlEntry>[] | OperationFailure {
    if (administrator === null) {
        return {
            class: "terminal",
            message: "not sent: the manager was not told which subject it acts as, so nobody can tell whether this locks it out: give it its administrator (openManager, setAdministrator)",
        };
    }
    const at = entries.findIndex(({ content }) => content !== null && letsAdministrate(content, administrator));
    if (at < 0) {
        return {
            class: "terminal",
            message: "not sent: the list would not let this manager administer the node any more, and nobody could repair that: add an entry that does first",
        };
    }
    return at === 0 ? entries : [entries[at]!, ...entries.filter((_, index) => index !== at)];
}

/** Which device types the endpoints are of that somebody wants access to, where an entry grants by device type. */
function* readDeviceTypes(entries: readonly AccessControlEntry[], contents: readonly AccessControlEntry[]): Operation<DeviceTypes> {
    const types = new Map<number, readonly number[]>();
    if (!entries.some(({ targets }) => targets?.some(({ deviceType }) => deviceType !== null))) {
        return types;
    }
    const endpoints = new Set(contents.flatMap(({ targets }) => (targets ?? []).flatMap(({ endpoint }) => (endpoint === null ? [] : [endpoint]))));
    for (const endpoint of [...endpoints].slice(0, MAX_CONSULTED)) {
        const answer = yield readOf({ endpoint: endpoint as EndpointNumber, cluster: Descriptor.id, attribute: Descriptor.attributes.deviceTypeList });
        if (answer.kind === "value" && Array.isArray(answer.value)) {
            types.set(endpoint, (answer.value as readonly DeviceFields[]).map(type => type["deviceType"] as number));
        }
    }
    return types;
}

function validateIntent(intent: unknown): Result<AclIntent> {
    if (!isRecord(intent)) {
        return invalidIntent(ACL, "the intent must be an object { privilege, authMode, subjects, targets, label? }")!;
    }
    const { authMode, privilege } = intent;
    const label = intent["label"] ?? "";
    const invalid = invalidIntent(
        ACL,
        textField({ label }, "label", Limits.textLength),
        integerField(intent, "privilege", Privilege.VIEW, Privilege.ADMINISTER),
        privilege === Privilege.PROXY_VIEW ? '"privilege" 2 (ProxyView) is deprecated: use 1 (View)' : null,
        authMode === AuthMode.CASE || authMode === AuthMode.GROUP ? null : '"authMode" must be 2 (CASE) or 3 (Group)',
        authMode === AuthMode.GROUP && privilege === Privilege.ADMINISTER ? '"privilege" of a group is at most 4 (Manage)' : null,
        listProblem(intent["subjects"], "subjects", subject => subjectProblem(subject, authMode)),
        listProblem(intent["targets"], "targets", targetProblem),
    );
    if (invalid !== null) {
        return invalid;
    }
    const targets = (intent["targets"] as readonly Partial<AccessControlTarget>[] | null)?.map(({ cluster = null, endpoint = null, deviceType = null }) => ({ cluster, endpoint, deviceType })) ?? null;
    const entry = canonicalEntry({ privilege: privilege as number, authMode: authMode as number, subjects: intent["subjects"] as readonly bigint[] | null, targets });
    return ok({ label: label as string, ...entry });
}

function listProblem(value: unknown, name: string, problemOf: (element: unknown) => string | null): string | null {
    if (value === null) {
        return null;
    }
    if (!Array.isArray(value) || value.length > Limits.listLength) {
        return `"${name}" must be null (any) or a list of at most ${Limits.listLength}`;
    }
    const problem = value.map(problemOf).find(each => each !== null);
    return problem === undefined ? null : `"${name}" ${problem}`;
}

function subjectProblem(subject: unknown, authMode: unknown): string | null {
    if (typeof subject !== "bigint") {
        return "must be bigints: node ids, CASE authenticated tags as subjects, or group ids";
    }
    if (authMode === AuthMode.GROUP) {
        return subject >= 1n && subject <= 0xffffn ? null : "of auth mode Group must be group ids from 1 to 0xFFFF";
    }
    const isNode = subject >= 1n && subject <= MAX_OPERATIONAL_NODE_ID;
    return isNode || isCatSubject(subject) ? null : "must be operational node ids, or tags 0xFFFFFFFDiiiivvvv with a version of 1 or more";
}

function targetProblem(target: unknown): string | null {
    if (!isRecord(target)) {
        return "must be objects { cluster?, endpoint?, deviceType? }";
    }
    const { cluster = null, endpoint = null, deviceType = null } = target;
    if ((cluster === null && endpoint === null && deviceType === null) || (endpoint !== null && deviceType !== null)) {
        return "must name a cluster, an endpoint or a device type, and not both an endpoint and a device type";
    }
    const problems = [
        cluster === null ? null : integerField({ cluster }, "cluster", 0, 0xffff_ffff),
        endpoint === null ? null : integerField({ endpoint }, "endpoint", 0, 0xfffe),
        deviceType === null ? null : integerField({ deviceType }, "deviceType", 0, 0xffff_ffff),
    ];
    return problems.find(problem => problem !== null) ?? null;
}
