import { AccessControl } from "../core/clusters.js";
import type { Administrator } from "../core/kind.js";
import { AuthMode, Privilege, type AccessControlEntry, type AccessControlTarget } from "./access-control-entry.js";

/**
 * What access control entries grant, compared with each other (sections 6.6.2 and 6.6.6.2). An entry is a set of cells, each subject (or any) on each
 * target (or the whole node); it is covered when every cell is covered by one entry of a list. Where that cannot be known, a cell counts as not
 * covered: an entry too many is harmless, one too few is not.
 */

/** Device types of endpoints, as far as their Descriptors were read. */
export type DeviceTypes = ReadonlyMap<number, readonly number[]>;

/** Everything that the entry grants is granted by the list. */
export function isCovered(entry: AccessControlEntry, by: readonly AccessControlEntry[], deviceTypes: DeviceTypes): boolean {
    const able = by.filter(other => other.authMode === entry.authMode && implies(other.privilege, entry.privilege));
    return (entry.subjects ?? ANYBODY).every(subject =>
        (entry.targets ?? EVERYWHERE).every(target =>
            able.some(other => coversSubject(other.subjects, subject, entry.authMode) && coversTarget(other.targets, target, deviceTypes)),
        ),
    );
}

/**
 * Administer on the Access Control cluster of endpoint 0 for this subject: whoever has it can repair everything else. A target by device type does not count:
 * what endpoint 0 calls itself is not known here.
 */
export function letsAdministrate(entry: AccessControlEntry, { nodeId, caseAuthenticatedTags }: Administrator): boolean {
    if (entry.authMode !== AuthMode.CASE || entry.privilege !== Privilege.ADMINISTER) {
        return false;
    }
    const isSubject =
        entry.subjects === null ||
        entry.subjects.some(subject => subject === nodeId || caseAuthenticatedTags.some(tag => coversTag(subject, catSubject(tag))));
    return isSubject && coversTarget(entry.targets, ACCESS_CONTROL, NO_TYPES);
}

/** View < Operate < Manage < Administer; ProxyView implies View, and nothing implies it (section 6.6.2.2). */
export function implies(granted: number, wanted: number): boolean {
    if (granted === wanted) {
        return true;
    }
    return wanted !== Privilege.PROXY_VIEW && granted > wanted && (granted !== Privilege.PROXY_VIEW || wanted === Privilege.VIEW);
}

/** A CASE authenticated tag as a subject (section 2.5.5.4). */
export function catSubject(tag: number): bigint {
    return (CAT_PREFIX << 32n) | BigInt(tag);
}

export function isCatSubject(subject: bigint): boolean {
    return subject >> 32n === CAT_PREFIX && (subject & 0xffffn) !== 0n;
}

const CAT_PREFIX = 0xffff_fffdn;
const ANYBODY: readonly null[] = [null];
const EVERYWHERE: readonly null[] = [null];
const NO_TYPES: DeviceTypes = new Map();
const ACCESS_CONTROL: AccessControlTarget = { cluster: AccessControl.id, endpoint: 0, deviceType: null };

function coversSubject(subjects: readonly bigint[] | null, subject: bigint | null, authMode: number): boolean {
    if (subjects === null) {
        return true;
    }
    return subject !== null && subjects.some(other => other === subject || (authMode === AuthMode.CASE && coversTag(other, subject)));
}

/** A tag stands for every NOC that has its identifier with its version or a later one (section 6.6.2.1.2). */
function coversTag(granted: bigint, wanted: bigint): boolean {
    return isCatSubject(granted) && isCatSubject(wanted) && granted >> 16n === wanted >> 16n && (granted & 0xffffn) <= (wanted & 0xffffn);
}

function coversTarget(targets: readonly AccessControlTarget[] | null, target: AccessControlTarget | null, deviceTypes: DeviceTypes): boolean {
    if (targets === null) {
        return true;
    }
    return target !== null && targets.some(other => coversOne(other, target, deviceTypes));
}

function coversOne(granted: AccessControlTarget, wanted: AccessControlTarget, deviceTypes: DeviceTypes): boolean {
    if (granted.cluster !== null && granted.cluster !== wanted.cluster) {
        return false;
    }
    if (granted.endpoint !== null && granted.endpoint !== wanted.endpoint) {
        return false;
    }
    const { deviceType } = granted;
    if (deviceType === null || deviceType === wanted.deviceType) {
        return true;
    }
    return wanted.endpoint !== null && (deviceTypes.get(wanted.endpoint)?.includes(deviceType) ?? false);
}
