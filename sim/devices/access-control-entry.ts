import type { DeviceFields, DeviceValue } from "../../src/core/device.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { isInteger } from "./cluster-server.js";
import type { Composition } from "./composition.js";
import { Privilege } from "./privilege.js";

/** AccessControlEntryAuthModeEnum (section 9.10.5.3). */
export const AuthMode = { PASE: 1, CASE: 2, GROUP: 3 } as const;

/** AccessControlTargetStruct (section 9.10.5.5). */
export type AccessControlTarget = { readonly cluster: number | null; readonly endpoint: number | null; readonly deviceType: number | null };

/** AccessControlEntryStruct (section 9.10.5.6), as stored: never an empty list, null instead. */
export type AccessControlEntry = {
    readonly privilege: number;
    readonly authMode: number;
    readonly subjects: readonly bigint[] | null;
    readonly targets: readonly AccessControlTarget[] | null;
};

/** What AddNOC puts down for CaseAdminSubject (section 11.18.6.8). */
export function commissionersEntry(administrator: bigint): AccessControlEntry {
    return { privilege: Privilege.ADMINISTER, authMode: AuthMode.CASE, subjects: [administrator], targets: null };
}

/**
 * The entries that a write of the list asks for, as they are stored, or the status that refuses it. Order of the checks: shape, enumerations
 * (section 7.19.2: a constraint of the single field), number of entries, then entry by entry.
 */
export function parseAcl(value: DeviceValue, composition: Composition): readonly AccessControlEntry[] | StatusCode {
    if (!Array.isArray(value)) {
        return Status.INVALID_DATA_TYPE;
    }
    const entries: AccessControlEntry[] = [];
    for (const fields of value as readonly DeviceValue[]) {
        const entry = entryOf(fields);
        if (entry === undefined) {
            return Status.INVALID_DATA_TYPE;
        }
        entries.push(...(composition.accessControl.splitsEntries ? splitEntry(entry) : [entry]));
    }
    if (!entries.every(entry => hasKnownValues(entry, composition))) {
        return Status.CONSTRAINT_ERROR;
    }
    if (entries.length > composition.accessControl.entriesPerFabric) {
        return Status.RESOURCE_EXHAUSTED;
    }
    for (const entry of entries) {
        const refusal = refusalOfEntry(entry, composition);
        if (refusal !== Status.SUCCESS) {
            return refusal;
        }
    }
    return entries;
}

/** The order of a list, of subjects and of targets is part of the value. */
export function sameAcl(one: readonly AccessControlEntry[], other: readonly AccessControlEntry[]): boolean {
    return one.length === other.length && one.every((entry, at) => sameEntry(entry, other[at]!));
}

export function sameEntry(one: AccessControlEntry, other: AccessControlEntry): boolean {
    return (
        one.privilege === other.privilege &&
        one.authMode === other.authMode &&
        sameList(one.subjects, other.subjects, (a, b) => a === b) &&
        sameList(one.targets, other.targets, (a, b) => a.cluster === b.cluster && a.endpoint === b.endpoint && a.deviceType === b.deviceType)
    );
}

function sameList<T>(one: readonly T[] | null, other: readonly T[] | null, same: (a: T, b: T) => boolean): boolean {
    return one === null || other === null ? one === other : one.length === other.length && one.every((a, at) => same(a, other[at]!));
}

function splitEntry(entry: AccessControlEntry): readonly AccessControlEntry[] {
    return entry.subjects === null ? [entry] : entry.subjects.map(subject => ({ ...entry, subjects: [subject] }));
}

function refusalOfEntry(entry: AccessControlEntry, { accessControl }: Composition): StatusCode {
    if ((entry.subjects?.length ?? 0) > accessControl.subjectsPerEntry || (entry.targets?.length ?? 0) > accessControl.targetsPerEntry) {
        return Status.RESOURCE_EXHAUSTED;
    }
    const isValid = isValidAuthMode(entry) && (entry.targets ?? []).every(isValidTarget);
    return isValid ? Status.SUCCESS : Status.CONSTRAINT_ERROR;
}

function hasKnownValues({ privilege, authMode }: AccessControlEntry, { rules }: Composition): boolean {
    const isKnownPrivilege = isPrivilege(privilege) || (privilege === Privilege.PROXY_VIEW && rules.proxyViewAccepted);
    return isKnownPrivilege && authMode >= AuthMode.PASE && authMode <= AuthMode.GROUP;
}

function isPrivilege(value: number): boolean {
    return value === Privilege.VIEW || (value >= Privilege.OPERATE && value <= Privilege.ADMINISTER);
}

/** PASE is for commissioning alone, and a group never administers (section 9.10.5.6). */
function isValidAuthMode({ authMode, privilege, subjects }: AccessControlEntry): boolean {
    switch (authMode) {
        case AuthMode.CASE:
            return subjects === null || subjects.every(subject => isOperationalNodeId(subject) || isCatSubject(subject));
        case AuthMode.GROUP:
            return privilege !== Privilege.ADMINISTER && (subjects === null || subjects.every(subject => subject >= 1n && subject <= 0xffffn));
        default:
            return false;
    }
}

/** One field at least; a device type names endpoints itself, so not with an endpoint (section 9.10.5.5). */
function isValidTarget({ cluster, endpoint, deviceType }: AccessControlTarget): boolean {
    if ((cluster === null && endpoint === null && deviceType === null) || (endpoint !== null && deviceType !== null)) {
        return false;
    }
    return (cluster === null || isClusterId(cluster)) && endpoint !== 0xffff && (deviceType === null || isDeviceTypeId(deviceType));
}

/** Section 2.5.5.1. */
export function isOperationalNodeId(subject: bigint): boolean {
    return subject >= 1n && subject <= 0xffff_ffef_ffff_ffffn;
}

const CAT_PREFIX = 0xffff_fffdn;

/** A CASE authenticated tag as a subject (section 2.5.5.4): version 0 is none. */
export function isCatSubject(subject: bigint): boolean {
    return subject >> 32n === CAT_PREFIX && (subject & 0xffffn) !== 0n;
}

/** Section 7.10.4: of the standard range, or of a manufacturer. */
export function isClusterId(id: number): boolean {
    const vendor = id >>> 16;
    const suffix = id & 0xffff;
    return vendor === 0 ? suffix <= 0x7fff : vendor <= 0xfff4 && suffix >= 0xfc00 && suffix <= 0xfffe;
}

function isDeviceTypeId(id: number): boolean {
    return id >>> 16 <= 0xfff4 && (id & 0xffff) <= 0xbfff;
}

/** Undefined for what is no such struct. */
function entryOf(value: DeviceValue): AccessControlEntry | undefined {
    if (!isStruct(value)) {
        return undefined;
    }
    const { privilege, authMode } = value;
    const subjects = listOf(value["subjects"], subject => (isUnsigned64(subject) ? subject : undefined));
    const targets = listOf(value["targets"], targetOf);
    if (!isInteger(privilege, 0, 0xff) || !isInteger(authMode, 0, 0xff) || subjects === undefined || targets === undefined) {
        return undefined;
    }
    return { privilege, authMode, subjects, targets };
}

function targetOf(value: DeviceValue): AccessControlTarget | undefined {
    if (!isStruct(value)) {
        return undefined;
    }
    const { cluster, endpoint, deviceType } = value;
    return isNullOrInteger(cluster, 0xffff_ffff) && isNullOrInteger(endpoint, 0xffff) && isNullOrInteger(deviceType, 0xffff_ffff)
        ? { cluster, endpoint, deviceType }
        : undefined;
}

/** An empty list and null are the same, and null is how it is stored and read back. */
function listOf<T>(value: DeviceValue | undefined, elementOf: (element: DeviceValue) => T | undefined): readonly T[] | null | undefined {
    if (value === null) {
        return null;
    }
    if (!Array.isArray(value)) {
        return undefined;
    }
    const elements: T[] = [];
    for (const element of value as readonly DeviceValue[]) {
        const parsed = elementOf(element);
        if (parsed === undefined) {
            return undefined;
        }
        elements.push(parsed);
    }
    return elements.length === 0 ? null : elements;
}

export function isUnsigned64(value: DeviceValue | undefined): value is bigint {
    return typeof value === "bigint" && value >= 0n && value <= 0xffff_ffff_ffff_ffffn;
}

function isNullOrInteger(value: DeviceValue | undefined, max: number): value is number | null {
    return value === null || isInteger(value, 0, max);
}

export function isStruct(value: DeviceValue | undefined): value is DeviceFields {
    return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof KeyMaterial);
}
