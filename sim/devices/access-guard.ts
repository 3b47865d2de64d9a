import type { DeviceRequest } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { AuthMode, type AccessControlEntry } from "./access-control-entry.js";
import type { ClusterServer } from "./cluster-server.js";
import type { AccessRestriction, EndpointComposition } from "./composition.js";
import { Privilege } from "./privilege.js";

/** Whom a request comes from, as the node's session knows it. */
export interface Requester {
    /** Node id or, with auth mode Group, group id. */
    readonly subject: bigint;
    readonly cats: readonly number[];
    readonly authMode: number;
}

/** What somebody asks of a place on the node. */
export interface AccessQuestion {
    readonly privilege: number;
    readonly endpoint: number;
    /** Of the endpoint; -1 when there is no such endpoint. */
    readonly deviceType: number;
    readonly cluster: number;
}

/** Access control's answer (core section 6.6.6.2): one entry that fits is enough. */
export function isGranted(acl: readonly AccessControlEntry[], requester: Requester, question: AccessQuestion): boolean {
    return acl.some(
        entry =>
            entry.authMode === requester.authMode &&
            includesPrivilege(entry.privilege, question.privilege) &&
            (entry.subjects === null || entry.subjects.some(subject => matchesSubject(subject, requester))) &&
            coversPlace(entry, question),
    );
}

/** Whether this member may do everything everywhere, by one entry: the usual case, decided once for each change of the list. */
export function isFullAdministrator(acl: readonly AccessControlEntry[], requester: Requester): boolean {
    return isGranted(acl.filter(entry => entry.targets === null), requester, { privilege: Privilege.ADMINISTER, endpoint: 0, deviceType: -1, cluster: 0 });
}

/** Each privilege implies the lesser ones (section 6.6.2.2). ProxyView stands just above View, and nothing asks for it. */
function includesPrivilege(granted: number, wanted: number): boolean {
    return granted >= wanted;
}

function matchesSubject(subject: bigint, requester: Requester): boolean {
    return subject === requester.subject || (requester.authMode === AuthMode.CASE && requester.cats.some(cat => matchesCat(subject, cat)));
}

/** Same identifier, and at least the entry's version (section 6.6.2.1.2). */
function matchesCat(subject: bigint, cat: number): boolean {
    const wanted = Number(subject & 0xffff_ffffn);
    return subject >> 32n === 0xffff_fffdn && wanted >>> 16 === cat >>> 16 && (cat & 0xffff) >= (wanted & 0xffff);
}

function coversPlace({ targets }: AccessControlEntry, { endpoint, deviceType, cluster }: AccessQuestion): boolean {
    return (
        targets === null ||
        targets.some(
            target =>
                (target.cluster === null || target.cluster === cluster) &&
                (target.endpoint === null || target.endpoint === endpoint) &&
                (target.deviceType === null || target.deviceType === deviceType),
        )
    );
}

/** What access control decides on. */
export interface GuardedPlace {
    readonly acl: readonly AccessControlEntry[];
    readonly restrictions: readonly AccessRestriction[];
    /** Undefined when there is no such endpoint. */
    readonly endpoint: EndpointComposition | undefined;
    /** The addressed server, or the status that says what is missing. */
    readonly server: ClusterServer | StatusCode;
}

/**
 * The status that access control refuses a request with, SUCCESS for none. Order (sections 8.4.3.2, 8.7.3.2, 8.8.3.2): a first look, with View (Operate for a
 * command), so that nobody learns what there is without a right to; then what is not there or not writable; then the privilege that it takes.
 */
export function refusalOf(request: DeviceRequest, requester: Requester, place: GuardedPlace): StatusCode {
    const { server } = place;
    const question = { endpoint: request.endpoint, deviceType: place.endpoint?.deviceType ?? -1, cluster: request.cluster };
    const first = request.op === "invoke" ? Privilege.OPERATE : Privilege.VIEW;
    if (!isGranted(place.acl, requester, { ...question, privilege: first })) {
        return Status.UNSUPPORTED_ACCESS;
    }
    if (typeof server === "number") {
        return server;
    }
    if (!server.serves(request)) {
        // The server says what is missing.
        return Status.SUCCESS;
    }
    if (!isGranted(place.acl, requester, { ...question, privilege: server.privilegeFor(request) })) {
        return Status.UNSUPPORTED_ACCESS;
    }
    return place.restrictions.some(restriction => restricts(restriction, request)) ? Status.ACCESS_RESTRICTED : Status.SUCCESS;
}

function restricts({ endpoint, cluster, type, id }: AccessRestriction, request: DeviceRequest): boolean {
    if (endpoint !== request.endpoint || cluster !== request.cluster) {
        return false;
    }
    if (request.op === "invoke") {
        return type === "command" && (id === null || id === request.command);
    }
    return (type === "attribute" || (type === "write" && request.op === "write")) && (id === null || id === request.attribute);
}
