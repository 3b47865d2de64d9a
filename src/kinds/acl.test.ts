import { describe, expect, it } from "vitest";
import { AccessControl, Descriptor } from "../core/clusters.js";
import type { DeviceFields } from "../core/device.js";
import { nodeId } from "../core/ids.js";
import type { Administrator, KindAnswer, SiblingItem } from "../core/kind.js";
import { Status } from "../core/status.js";
import { AuthMode, Privilege } from "./access-control-entry.js";
import { catSubject } from "./access-coverage.js";
import { acl, type AclIntent } from "./acl.js";
import { claimed, contextOf, play, siblings, status, value } from "./testing/operations.js";

/** Goal: an item adds what is missing, takes away only what is its own, never locks its manager out, and never writes a list it could not read. */

const administrator: Administrator = { nodeId: nodeId(0x70n), caseAuthenticatedTags: [0xabcd_0002] };
const admin: DeviceFields = { privilege: Privilege.ADMINISTER, authMode: AuthMode.CASE, subjects: [0x70n], targets: null };
const onOff = { cluster: 6, endpoint: 1, deviceType: null };
const grant = { privilege: Privilege.OPERATE, authMode: AuthMode.CASE, subjects: [5n], targets: [onOff], label: "a" } as const;
const own = { spared: [] };

function intentOf(intent: object): AclIntent {
    const checked = acl.validate(intent);
    if (!checked.ok) {
        throw new RangeError(checked.error.message);
    }
    return checked.value;
}

function entryOf(intent: object): DeviceFields {
    const { privilege, authMode, subjects, targets } = intentOf(intent);
    return { privilege, authMode, subjects, targets: targets === null ? null : targets.map(target => ({ ...target })) };
}

function item(intent: object, { claim = null, isLeaving = false }: { claim?: object | null; isLeaving?: boolean } = {}): SiblingItem {
    const checked = intentOf(intent);
    return { key: acl.keyOf(checked), intent: checked, claim, isLeaving };
}

const context = (intent: object, limit: number | null = null) => contextOf(intentOf(intent), { key: acl.keyOf(intentOf(intent)), limit });
const apply = (intent: object, answers: KindAnswer[], limit: number | null = null) => play(acl.apply(context(intent, limit)), ...answers);
const remove = (intent: object, answers: KindAnswer[], limit: number | null = null) => play(acl.remove(context(intent, limit)), ...answers);
const known = (...items: SiblingItem[]) => siblings(items, administrator);
const ok = status(Status.SUCCESS);
/** What was written, if anything. */
const written = ({ requests }: { requests: readonly object[] }) => requests.flatMap(request => ("value" in request ? [request.value] : [])).at(-1);
const claims = ({ requests }: { requests: readonly object[] }) => requests.flatMap(request => ("claims" in request ? [request.claims] : []));

describe("an intent", () => {
    it("is brought into canonical form: sorted, without repetition, empty lists as none", () => {
        const intent = intentOf({ ...grant, subjects: [9n, 5n, 9n], targets: [], label: undefined });
        expect([intent.subjects, intent.targets, intent.label]).toEqual([[5n, 9n], null, ""]);
    });

    it("has the same identity however it is written, and another one under another label", () => {
        const key = (intent: object) => acl.keyOf(intentOf(intent));
        expect(key({ ...grant, subjects: [5n, 5n] })).toEqual(key(grant));
        expect(key({ ...grant, label: "b" })).not.toEqual(key(grant));
    });

    it.each([
        ["no object", 7],
        ["ProxyView", { ...grant, privilege: 2 }],
        ["a privilege beyond Administer", { ...grant, privilege: 6 }],
        ["PASE", { ...grant, authMode: AuthMode.PASE }],
        ["a group that administers", { ...grant, authMode: AuthMode.GROUP, privilege: Privilege.ADMINISTER }],
        ["a group id of 17 bits", { ...grant, authMode: AuthMode.GROUP, subjects: [0x1_0000n] }],
        ["a number as subject", { ...grant, subjects: [5] }],
        ["a tag of version 0", { ...grant, subjects: [0xffff_fffd_abcd_0000n] }],
        ["a group node id as CASE subject", { ...grant, subjects: [0xffff_ffff_ffff_0001n] }],
        ["a target that names nothing", { ...grant, targets: [{}] }],
        ["a target with endpoint and device type", { ...grant, targets: [{ endpoint: 1, deviceType: 0x100 }] }],
        ["undefined subjects", { ...grant, subjects: undefined }],
    ])("is refused when it is %s", (_, intent) => {
        expect(acl.validate(intent)).toMatchObject({ ok: false, error: { code: "INVALID_INTENT" } });
    });
});

describe("applying", () => {
    it("claims the entry, then appends it, on condition that nobody wrote meanwhile", () => {
        const { requests, result } = apply(grant, [value([admin], 7), known(item(grant)), claimed, known(item(grant, { claim: own })), ok]);
        expect(requests).toEqual([
            { op: "read", endpoint: 0, cluster: AccessControl.id, attribute: AccessControl.attributes.acl },
            { op: "siblings" },
            { op: "claim", claims: [{ key: acl.keyOf(intentOf(grant)), claim: own }] },
            { op: "siblings" },
            { op: "write", endpoint: 0, cluster: AccessControl.id, attribute: AccessControl.attributes.acl, value: [admin, entryOf(grant)], dataVersion: 7 },
        ]);
        expect(result).toMatchObject({ done: true, rows: { length: 2 } });
    });

    it("writes and claims nothing where somebody's entry grants it already", () => {
        const broad = { ...admin, subjects: [5n] };
        const course = apply(grant, [value([admin, broad]), known(item(grant))]);
        expect([course.result?.done, written(course), claims(course)]).toEqual([true, undefined, []]);
    });

    it("shares the entry of another item with the same content", () => {
        const twin = { ...grant, label: "b" };
        const items = (claim: object | null) => known(item(grant, { claim: own }), item(twin, { claim }));
        const course = apply(twin, [value([admin, entryOf(grant)]), items(null), claimed, items(own)]);
        expect([course.result?.done, written(course)]).toEqual([true, undefined]);
        expect(claims(course)).toEqual([[{ key: acl.keyOf(intentOf(twin)), claim: own }]]);
    });

    it("reads again when somebody wrote in between, and keeps what they wrote", () => {
        const theirs = { ...grant, subjects: [99n] };
        const owned = known(item(grant, { claim: own }));
        const course = apply(grant, [value([admin], 1), owned, status(Status.DATA_VERSION_MISMATCH), value([admin, entryOf(theirs)], 2), owned, ok]);
        expect(written(course)).toEqual([admin, entryOf(theirs), entryOf(grant)]);
        expect(course.result?.done).toBe(true);
    });

    it("does not call its own what somebody else wrote in between", () => {
        const owned = known(item(grant, { claim: own }));
        const course = apply(grant, [
            value([admin], 1),
            known(item(grant)),
            claimed,
            owned,
            status(Status.DATA_VERSION_MISMATCH),
            value([admin, entryOf(grant)], 2),
            owned,
            claimed,
            known(item(grant)),
        ]);
        expect(claims(course).at(-1)).toEqual([{ key: acl.keyOf(intentOf(grant)), claim: null }]);
        expect(course.result?.done).toBe(true);
    });

    it("keeps its claim when an earlier, unanswered write may have made the entry", () => {
        const owned = known(item(grant, { claim: own }));
        const course = apply(grant, [value([admin, entryOf(grant)]), owned]);
        expect([course.result?.done, claims(course)]).toEqual([true, []]);
    });

    it("puts the entry that lets the manager in first", () => {
        const theirs = entryOf({ ...grant, subjects: [99n] });
        const owned = known(item(grant, { claim: own }));
        expect(written(apply(grant, [value([theirs, admin]), owned, ok]))).toEqual([admin, theirs, entryOf(grant)]);
    });

    it.each([
        ["by node id", admin, true],
        ["by a tag of its own version", { ...admin, subjects: [catSubject(0xabcd_0002)] }, true],
        ["by a tag of an earlier version", { ...admin, subjects: [catSubject(0xabcd_0001)] }, true],
        ["by a tag of a later version", { ...admin, subjects: [catSubject(0xabcd_0003)] }, false],
        ["for anybody", { ...admin, subjects: null, targets: [{ cluster: 0x1f, endpoint: null, deviceType: null }] }, true],
        ["on the Access Control cluster alone", { ...admin, targets: [{ cluster: 0x1f, endpoint: null, deviceType: null }] }, true],
        ["on endpoint 1 alone", { ...admin, targets: [{ cluster: null, endpoint: 1, deviceType: null }] }, false],
        ["with Manage only", { ...admin, privilege: Privilege.MANAGE }, false],
        ["as a group", { ...admin, authMode: AuthMode.GROUP }, false],
    ])("is sent only where the list lets the manager in: %s", (_, entry, isSent) => {
        const owned = known(item(grant, { claim: own }));
        const { result, requests } = play(acl.apply(context(grant)), value([entry]), owned, ...(isSent ? [ok] : []));
        expect(requests.some(request => request.op === "write")).toBe(isSent);
        expect(result?.done).toBe(isSent);
    });

    it("is not sent by a manager that does not know who it is", () => {
        const { result } = apply(grant, [value([admin]), siblings([item(grant)])]);
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", message: expect.stringContaining("setAdministrator") as string } });
    });

    it.each([
        ["a status", status(Status.BUSY)],
        ["null", value(null)],
        ["a struct", value({})],
    ])("never takes what is not a list for an empty one: %s", (_, answer) => {
        const { requests, result } = apply(grant, [answer]);
        expect([requests.length, result?.done]).toEqual([1, false]);
    });

    it("is refused here when the list is as long as the node takes", () => {
        const { result } = apply(grant, [value([admin]), known(item(grant))], 1);
        expect(result).toMatchObject({ done: false, failure: { class: "terminal", code: Status.RESOURCE_EXHAUSTED } });
    });

    it("needs no room where it is covered", () => {
        expect(apply(grant, [value([admin, { ...admin, subjects: [5n] }]), known(item(grant))], 2).result?.done).toBe(true);
    });

    it("restores a list that a node left half done", () => {
        const theirs = entryOf({ ...grant, subjects: [99n] });
        const course = apply(grant, [
            value([admin, theirs], 1),
            known(item(grant, { claim: own })),
            status(Status.FAILURE),
            value([admin], 2),
            ok,
        ]);
        expect([written(course), course.result?.done]).toEqual([[admin, theirs], false]);
    });

    it("leaves an entry alone that it does not understand", () => {
        const odd = { privilege: "?", authMode: 2, subjects: null, targets: null };
        expect(written(apply(grant, [value([admin, odd]), known(item(grant, { claim: own })), ok]))).toEqual([admin, odd, entryOf(grant)]);
    });

    it("asks the Descriptor before it believes that a device type covers an endpoint", () => {
        const byType = entryOf({ ...grant, targets: [{ deviceType: 0x100 }] });
        const course = apply(grant, [value([admin, byType]), known(item(grant)), value([{ deviceType: 0x100, revision: 1 }])]);
        expect(course.requests.at(-1)).toMatchObject({ endpoint: 1, cluster: Descriptor.id });
        expect([course.result?.done, written(course)]).toEqual([true, undefined]);
    });
});

describe("removing", () => {
    it("takes its own entry away and leaves the others", () => {
        const theirs = entryOf({ ...grant, subjects: [99n] });
        const course = remove(grant, [value([admin, entryOf(grant), theirs], 3), known(item(grant, { claim: own, isLeaving: true })), ok]);
        expect([written(course), course.result?.done]).toEqual([[admin, theirs], true]);
    });

    it("leaves an entry that it does not own, and says so", () => {
        const course = remove(grant, [value([admin, entryOf(grant)]), known(item(grant, { isLeaving: true }))]);
        expect(written(course)).toBeUndefined();
        expect(course.result).toMatchObject({ done: true, remains: expect.stringContaining("not this manager's") as string });
    });

    it("leaves the shared entry, and its ownership, to the item that still needs it", () => {
        const twin = { ...grant, label: "b" };
        const items = (claim: object | null) => known(item(grant, { claim: own, isLeaving: true }), item(twin, { claim }));
        const course = remove(grant, [value([admin, entryOf(grant)]), items(null), claimed, items(own)]);
        expect(written(course)).toBeUndefined();
        expect(claims(course)).toEqual([[{ key: acl.keyOf(intentOf(twin)), claim: own }]]);
        expect(course.result).toMatchObject({ done: true, remains: expect.stringContaining("another item") as string });
    });

    it("takes the shared entry away when every item that needs it leaves", () => {
        const twin = item({ ...grant, label: "b" }, { claim: own, isLeaving: true });
        const course = remove(grant, [value([admin, entryOf(grant)]), known(item(grant, { claim: own, isLeaving: true }), twin), ok]);
        expect(written(course)).toEqual([admin]);
    });

    it("keeps an item covered that only its broader entry covers", () => {
        const broad = { ...grant, privilege: Privilege.MANAGE, targets: null };
        const items = (claim: object | null) => known(item(broad, { claim: own, isLeaving: true }), item(grant, { claim }));
        const course = remove(broad, [value([admin, entryOf(broad)]), items(null), claimed, items(own), ok]);
        expect(written(course)).toEqual([admin, entryOf(grant)]);
        expect(claims(course)).toEqual([[{ key: acl.keyOf(intentOf(grant)), claim: own }]]);
    });

    it("finds the pieces into which the node has split it, and spares one that was there before", () => {
        const both = { ...grant, subjects: [5n, 6n] };
        const piece = (subject: bigint) => entryOf({ ...grant, subjects: [subject] });
        const spared = { spared: [piece(6n)] };
        const course = remove(both, [value([admin, piece(6n), piece(5n), piece(6n)]), known(item(both, { claim: spared, isLeaving: true })), ok]);
        expect(written(course)).toEqual([admin, piece(6n)]);
    });

    it("takes nobody's smaller entry for a piece of its own", () => {
        const both = { ...grant, subjects: [5n, 6n] };
        const smaller = [entryOf({ ...grant, subjects: [5n] }), entryOf({ ...grant, privilege: Privilege.VIEW, subjects: [6n] })];
        const course = remove(both, [value([admin, ...smaller]), known(item(both, { claim: own, isLeaving: true }))]);
        expect([written(course), course.result?.done]).toEqual([undefined, true]);
    });

    it("is refused where it would lock the manager out", () => {
        const self = { privilege: Privilege.ADMINISTER, authMode: AuthMode.CASE, subjects: [0x70n], targets: null, label: "me" };
        const { result, requests } = remove(self, [value([entryOf(self)]), known(item(self, { claim: own, isLeaving: true }))]);
        expect(requests.some(request => request.op === "write")).toBe(false);
        expect(result).toMatchObject({ done: false, failure: { class: "terminal" } });
    });

    it("is done where the entry is gone", () => {
        const { result } = remove(grant, [value([admin]), known(item(grant, { claim: own, isLeaving: true }))]);
        expect(result).toEqual({ done: true, rows: expect.any(Array) as number[] });
    });
});

describe("verifying", () => {
    it.each([
        ["the entry is there", [admin, entryOf(grant)], true],
        ["two entries cover it together", [entryOf({ ...grant, targets: null }), admin], true],
        ["the privilege is too low", [admin, entryOf({ ...grant, privilege: Privilege.VIEW })], false],
        ["ProxyView is all there is", [admin, { ...entryOf(grant), privilege: Privilege.PROXY_VIEW }], false],
        ["it is for another auth mode", [admin, { ...entryOf(grant), authMode: AuthMode.GROUP }], false],
        ["it is gone", [admin], false],
    ])("looks at what the list grants: %s", (_, list, isHeld) => {
        expect(play(acl.verify(context(grant)), value(list)).result).toEqual({ holds: isHeld });
    });

    it("knows nothing when the list cannot be read", () => {
        expect(play(acl.verify(context(grant)), status(Status.BUSY)).result).toMatchObject({ holds: null });
    });
});
