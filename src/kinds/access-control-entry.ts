import type { DeviceFields, DeviceValue } from "../core/device.js";

/** AccessControlEntryPrivilegeEnum (section 9.10.5.2). ProxyView is deprecated: read, never written. */
export const Privilege = { VIEW: 1, PROXY_VIEW: 2, OPERATE: 3, MANAGE: 4, ADMINISTER: 5 } as const;

/** AccessControlEntryAuthModeEnum (section 9.10.5.3). */
export const AuthMode = { PASE: 1, CASE: 2, GROUP: 3 } as const;

/** AccessControlTargetStruct (section 9.10.5.5): null is any. An endpoint and a device type exclude each other. */
export interface AccessControlTarget {
    readonly cluster: number | null;
    readonly endpoint: number | null;
    readonly deviceType: number | null;
}

/** AccessControlEntryStruct (section 9.10.5.6) in canonical form: lists are sorted, without repetition, and null where they are empty. */
export interface AccessControlEntry {
    readonly privilege: number;
    readonly authMode: number;
    /** Node ids and CASE authenticated tags with auth mode CASE, group ids with Group; null: any. */
    readonly subjects: readonly bigint[] | null;
    /** null: the whole node. */
    readonly targets: readonly AccessControlTarget[] | null;
}

/** The canonical form of an entry. An empty list is no list: that is how nodes store it. */
export function canonicalEntry({ privilege, authMode, subjects, targets }: AccessControlEntry): AccessControlEntry {
    return {
        privilege,
        authMode,
        subjects: sortedUnique(subjects, (a, b) => (a < b ? -1 : a > b ? 1 : 0)),
        targets: sortedUnique(targets, compareTargets),
    };
}

/** An entry as a node tells it; null for what is none that is known here. */
export function parseEntry({ privilege, authMode, subjects, targets }: DeviceFields): AccessControlEntry | null {
    const subjectList = parseList(subjects, subject => (typeof subject === "bigint" ? subject : null));
    const targetList = parseList(targets, parseTarget);
    if (typeof privilege !== "number" || typeof authMode !== "number" || subjectList === undefined || targetList === undefined) {
        return null;
    }
    return canonicalEntry({ privilege, authMode, subjects: subjectList, targets: targetList });
}

/** An entry as a node is given it. */
export function entryFields({ privilege, authMode, subjects, targets }: AccessControlEntry): DeviceFields {
    return { privilege, authMode, subjects, targets: targets === null ? null : targets.map(target => ({ ...target })) };
}

export function sameEntry(one: AccessControlEntry, other: AccessControlEntry): boolean {
    return (
        one.privilege === other.privilege &&
        one.authMode === other.authMode &&
        sameList(one.subjects, other.subjects, (a, b) => a === b) &&
        sameList(one.targets, other.targets, (a, b) => compareTargets(a, b) === 0)
    );
}

/** One text per canonical subject list: `*` for any, else hexadecimal. */
export function subjectsText(subjects: readonly bigint[] | null): string {
    return subjects === null ? "*" : subjects.map(subject => `0x${subject.toString(16)}`).join(" ");
}

/** One text per canonical target list: `*` for the whole node, else endpoint, device type and cluster of each that are given. */
export function targetsText(targets: readonly AccessControlTarget[] | null): string {
    return targets === null ? "*" : targets.map(targetText).join(" ");
}

function targetText({ cluster, endpoint, deviceType }: AccessControlTarget): string {
    const parts = [endpoint === null ? "" : `ep${endpoint}`, deviceType === null ? "" : `dt0x${deviceType.toString(16)}`, cluster === null ? "" : `cl0x${cluster.toString(16)}`];
    return parts.filter(part => part !== "").join("/");
}

function compareTargets(a: AccessControlTarget, b: AccessControlTarget): number {
    return compareNullable(a.endpoint, b.endpoint) || compareNullable(a.deviceType, b.deviceType) || compareNullable(a.cluster, b.cluster);
}

function compareNullable(a: number | null, b: number | null): number {
    return (a ?? -1) - (b ?? -1);
}

function sortedUnique<T>(list: readonly T[] | null, compare: (a: T, b: T) => number): readonly T[] | null {
    if (list === null || list.length === 0) {
        return null;
    }
    return [...list].sort(compare).filter((element, at, sorted) => at === 0 || compare(element, sorted[at - 1]!) !== 0);
}

function sameList<T>(one: readonly T[] | null, other: readonly T[] | null, same: (a: T, b: T) => boolean): boolean {
    return one === null || other === null ? one === other : one.length === other.length && one.every((element, at) => same(element, other[at]!));
}

/** Undefined for what is neither null nor a list of such elements. */
function parseList<T>(value: DeviceValue | undefined, elementOf: (element: DeviceValue) => T | null): readonly T[] | null | undefined {
    if (value === null || value === undefined) {
        return null;
    }
    if (!Array.isArray(value)) {
        return undefined;
    }
    const elements = (value as readonly DeviceValue[]).map(elementOf);
    return elements.includes(null) ? undefined : (elements as T[]);
}

function parseTarget(value: DeviceValue): AccessControlTarget | null {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return null;
    }
    const { cluster = null, endpoint = null, deviceType = null } = value as DeviceFields;
    return isNullOrNumber(cluster) && isNullOrNumber(endpoint) && isNullOrNumber(deviceType) ? { cluster, endpoint, deviceType } : null;
}

function isNullOrNumber(value: DeviceValue): value is number | null {
    return value === null || typeof value === "number";
}
