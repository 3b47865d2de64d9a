/** Goal: what an intent may ask for, and what each answer on the way of a renewal leads to. What it leads to on a device is tested in sim. */
import { describe, expect, it } from "vitest";
import { GeneralCommissioning, OperationalCredentials } from "../core/clusters.js";
import type { DeviceFields } from "../core/device.js";
import type { KindAnswer } from "../core/kind.js";
import { Status } from "../core/status.js";
import { noc, type NocIntent } from "./noc.js";
import { contextOf, play, response, status, value } from "./testing/operations.js";

const TAG = 0xabcd_0001;
const intent: NocIntent = { caseAuthenticatedTags: [TAG] };
const context = contextOf(intent);
const OWN = 0x73_656c_7661_6765n;
const KEY = Uint8Array.of(4, ...new Array<number>(64).fill(7));
const NONCE = new Uint8Array(32).fill(9);
const CSR = { nocsrElements: Uint8Array.of(0x15, ...KEY, 0x18), attestationSignature: new Uint8Array(64) };

interface Content {
    readonly nodeId: number;
    readonly fabricId: number;
    readonly tags: readonly number[];
    readonly notAfterS: number;
    readonly key: Uint8Array;
}
const littleEndian = (number: number) => [0, 8, 16, 24].map(shift => (number >>> shift) & 0xff);

/** A certificate in Matter's encoding. */
function certificate({ nodeId = 5, fabricId = 1, tags = [TAG], notAfterS = 0, key = KEY }: Partial<Content> = {}): Uint8Array {
    const subject = [0x24, 17, nodeId, 0x24, 21, fabricId, ...tags.flatMap(tag => [0x26, 22, ...littleEndian(tag)])];
    return Uint8Array.from([0x15, 0x26, 5, ...littleEndian(notAfterS), 0x37, 6, ...subject, 0x18, 0x30, 9, 65, ...key, 0x18]);
}

const crumb = (breadcrumb: bigint) => value(breadcrumb);
const nocs = (...certificates: Uint8Array[]) => value(certificates.map(bytes => ({ noc: bytes, icac: null })));
const success = status(Status.SUCCESS);
const commissioning = (errorCode: number) => response({ errorCode, debugText: "" });
const issued = (fields: DeviceFields) => response(fields);

const old = nocs(certificate({ tags: [] }));
/** Up to and with CSRResponse. */
const signed = [crumb(0n), old, response({ nonce: NONCE }), commissioning(0), response(CSR)];
/** Up to and with NOCResponse. */
const updated = [...signed, issued({ noc: certificate() }), response({ statusCode: 0, fabricIndex: 1 })];
/** The fail-safe is disarmed, and the session renewed. */
const disarmed = [commissioning(0), success];

const apply = (answers: readonly KindAnswer[], asked = context) => play(noc.apply(asked), ...answers);
const ended = (failure: object, unfinished?: true) => ({
    done: false,
    failure: expect.objectContaining(failure) as unknown,
    ...(unfinished === undefined ? {} : { unfinished }),
});
const text = (part: string) => expect.stringContaining(part) as string;

describe("the intent of a certificate", () => {
    it("is a set of tags, kept in ascending order, and a validity", () => {
        expect(noc.validate({ caseAuthenticatedTags: [0xffff_0001, TAG], extra: 1 })).toEqual({ ok: true, value: { caseAuthenticatedTags: [TAG, 0xffff_0001] } });
        expect(noc.validate({ caseAuthenticatedTags: [], notAfterAtLeastS: 9 })).toEqual({ ok: true, value: { caseAuthenticatedTags: [], notAfterAtLeastS: 9 } });
        expect(noc.keyOf(intent)).toEqual([0]);
    });

    it("leaves the caller's list alone", () => {
        const tags = [0xffff_0001, TAG];
        noc.validate({ caseAuthenticatedTags: tags });
        expect(tags).toEqual([0xffff_0001, TAG]);
    });

    it.each([
        ["no object", null, /must be an object/],
        ["no list", { caseAuthenticatedTags: TAG }, /at most 3 integers/],
        ["four tags", { caseAuthenticatedTags: [0x1_0001, 0x2_0001, 0x3_0001, 0x4_0001] }, /at most 3 integers/],
        ["a tag beyond 32 bit", { caseAuthenticatedTags: [0x1_0000_0001] }, /32 bit/],
        ["a text", { caseAuthenticatedTags: ["1"] }, /32 bit/],
        ["a tag of version 0", { caseAuthenticatedTags: [0xabcd_0000] }, /version 0/],
        ["two versions of one tag", { caseAuthenticatedTags: [0xabcd_0001, 0xabcd_0002] }, /two versions/],
        ["a validity of 0", { caseAuthenticatedTags: [], notAfterAtLeastS: 0 }, /"notAfterAtLeastS"/],
        ["a validity beyond 32 bit", { caseAuthenticatedTags: [], notAfterAtLeastS: 2 ** 32 }, /"notAfterAtLeastS"/],
    ])("is refused when it is %s", (_, wrong, message) => {
        expect(noc.validate(wrong)).toMatchObject({ ok: false, error: { code: "INVALID_INTENT", message: expect.stringMatching(message) as string } });
    });

    it("differs from one with other tags, or another validity", () => {
        expect(noc.equal(intent, { caseAuthenticatedTags: [TAG] })).toBe(true);
        expect(noc.equal(intent, { caseAuthenticatedTags: [] })).toBe(false);
        expect(noc.equal(intent, { ...intent, notAfterAtLeastS: 5 })).toBe(false);
    });
});

describe("verifying a certificate", () => {
    const verify = (answers: readonly KindAnswer[], asked: NocIntent = intent) => play(noc.verify(contextOf(asked)), ...answers).result;

    it("reads the breadcrumb first, then the certificate", () => {
        const { requests } = play(noc.verify(context), crumb(0n), nocs(certificate()));
        expect(requests).toMatchObject([
            { op: "read", cluster: GeneralCommissioning.id, attribute: GeneralCommissioning.attributes.breadcrumb },
            { op: "read", cluster: OperationalCredentials.id, attribute: OperationalCredentials.attributes.nocs },
        ]);
    });

    it.each<[string, Partial<Content>, NocIntent, boolean]>([
        ["the tags are the same", {}, intent, true],
        ["the tags are the same in another order", { tags: [0xffff_0001, TAG] }, { caseAuthenticatedTags: [TAG, 0xffff_0001] }, true],
        ["there is one tag too many", { tags: [TAG, 0xffff_0001] }, intent, false],
        ["there is none", { tags: [] }, intent, false],
        ["a tag has another version", { tags: [0xabcd_0002] }, intent, false],
        ["it is valid for as long as asked", { notAfterS: 100 }, { ...intent, notAfterAtLeastS: 100 }, true],
        ["it is valid for ever", { notAfterS: 0 }, { ...intent, notAfterAtLeastS: 100 }, true],
        ["it ends too early", { notAfterS: 99 }, { ...intent, notAfterAtLeastS: 100 }, false],
        ["its end does not matter", { notAfterS: 1 }, intent, true],
    ])("when %s", (_, content, asked, isHeld) => {
        expect(verify([crumb(0n), nocs(certificate(content))], asked)).toEqual({ holds: isHeld });
    });

    it.each<[string, readonly KindAnswer[]]>([
        ["the breadcrumb cannot be read", [status(Status.BUSY)]],
        ["a renewal is open", [crumb(OWN)]],
        ["the certificates cannot be read", [crumb(0n), status(Status.BUSY)]],
        ["there is no certificate", [crumb(0n), value([])]],
        ["the certificate cannot be understood", [crumb(0n), nocs(Uint8Array.of(1, 2, 3))]],
        ["the certificate names no node", [crumb(0n), nocs(certificate().slice(0, 3))]],
    ])("knows nothing when %s", (_, answers) => {
        expect(verify(answers)).toMatchObject({ holds: null, failure: { class: "transient" } });
    });
});

describe("a renewal", () => {
    it("asks with the nonce that the issuer gave, hands on what the node signed, and sends what was issued", () => {
        const certificates = { noc: certificate(), icac: Uint8Array.of(1) };
        const { requests, result } = apply([...signed, issued(certificates), response({ statusCode: 0 }), success, commissioning(0)]);
        expect(requests.slice(2)).toMatchObject([
            { op: "nonce" },
            { command: GeneralCommissioning.commands.armFailSafe, fields: { expiryLengthSeconds: 120, breadcrumb: OWN }, query: false },
            { command: OperationalCredentials.commands.csrRequest, fields: { csrNonce: NONCE, isForUpdateNoc: true }, query: false },
            { op: "issue", ...CSR, nonce: NONCE, caseAuthenticatedTags: [TAG], notAfterAtLeastS: null },
            { command: OperationalCredentials.commands.updateNoc, fields: { nocValue: certificates.noc, icacValue: certificates.icac } },
            { op: "renewSession" },
            { command: GeneralCommissioning.commands.commissioningComplete, fields: {} },
        ]);
        expect(result).toEqual({ done: true });
    });

    it("sends no intermediate certificate when there is none", () => {
        const { requests } = apply([...signed, issued({ noc: certificate() })]);
        expect(requests.at(-1)).toHaveProperty("fields", { nocValue: certificate() });
    });

    it.each<[string, readonly KindAnswer[], object]>([
        ["the breadcrumb cannot be read", [status(Status.UNSUPPORTED_CLUSTER)], { class: "notApplicable" }],
        ["the certificates cannot be read", [crumb(0n), status(Status.BUSY)], { class: "transient" }],
        ["nobody issues certificates", [crumb(0n), old, response({ refusal: "no issuer", isFinal: true })], { class: "terminal", message: text("no issuer") }],
        ["the issuer is away", [crumb(0n), old, response({ refusal: "away", isFinal: false })], { class: "transient", message: text("away") }],
        ["another administrator is at work", [...signed.slice(0, 3), commissioning(4)], { class: "transient", message: text("BUSY_WITH_OTHER_ADMIN") }],
        ["arming fails", [...signed.slice(0, 3), status(Status.BUSY)], { class: "transient", code: Status.BUSY }],
    ])("ends there when %s: nothing is armed", (_, answers, failure) => {
        expect(apply(answers).result).toEqual(ended(failure));
    });

    it.each<[string, readonly KindAnswer[], object]>([
        ["CSRRequest fails", [...signed.slice(0, 4), status(Status.FAILSAFE_REQUIRED)], { class: "transient" }],
        ["CSRRequest is refused after another's UpdateNOC", [...signed.slice(0, 4), status(Status.CONSTRAINT_ERROR)], { class: "transient" }],
        ["CSRResponse is incomplete", [...signed.slice(0, 4), response({ nocsrElements: KEY })], { class: "transient" }],
        ["the issuer refuses for good", [...signed, issued({ refusal: "blocked", isFinal: true })], { class: "terminal", message: text("blocked") }],
        ["the issuer answers anything", [...signed, issued({})], { class: "transient", message: text("unexpected form") }],
        ["what is issued is no certificate", [...signed, issued({ noc: KEY })], { class: "terminal", message: text("no certificate in") }],
        ["it is for another node", [...signed, issued({ noc: certificate({ nodeId: 6 }) })], { class: "terminal", message: text("another node") }],
        ["it is for another fabric", [...signed, issued({ noc: certificate({ fabricId: 2 }) })], { class: "terminal", message: text("another node or fabric") }],
        ["it has other tags", [...signed, issued({ noc: certificate({ tags: [] }) })], { class: "terminal", message: text("does not satisfy") }],
        ["it is for another key", [...signed, issued({ noc: certificate({ key: KEY.slice().fill(8, 1) }) })], { class: "terminal", message: text("another key") }],
        ["it is too long", [...signed, issued({ noc: certificate(), icac: new Uint8Array(401) })], { class: "terminal", message: text("400 bytes") }],
        ["UpdateNOC fails", [...updated.slice(0, 6), status(Status.FAILSAFE_REQUIRED)], { class: "transient" }],
        ["UpdateNOC comes too late", [...updated.slice(0, 6), response({ statusCode: 4 })], { class: "transient", message: text("MissingCsr") }],
        ["the node does not accept the certificate", [...updated.slice(0, 6), response({ statusCode: 3 })], { class: "terminal", message: text("InvalidNOC") }],
        ["the node does not accept its id", [...updated.slice(0, 6), response({ statusCode: 2 })], { class: "terminal", message: text("InvalidNodeOpId") }],
        ["the node gives a status that nobody knows", [...updated.slice(0, 6), response({ statusCode: 77 })], { class: "transient", message: text("77") }],
    ])("disarms the fail-safe when %s", (_, answers, failure) => {
        const { requests, result } = apply([...answers, ...disarmed]);
        expect(requests.slice(-2)).toMatchObject([{ command: GeneralCommissioning.commands.armFailSafe, fields: { expiryLengthSeconds: 0 } }, { op: "renewSession" }]);
        expect(result).toEqual(ended(failure));
    });

    it("is unfinished, and worth repeating, when the fail-safe cannot be disarmed", () => {
        expect(apply([...signed, issued({ refusal: "blocked", isFinal: true }), status(Status.BUSY)]).result).toEqual(ended({ class: "transient" }, true));
    });

    it("is unfinished when no new session or no completion comes about, and the fail-safe is left to run out", () => {
        expect(apply([...updated, status(Status.FAILURE)]).result).toEqual(ended({ class: "transient", message: text("no new session") }, true));
        expect(apply([...updated, success, status(Status.INVALID_COMMAND)]).result).toEqual(ended({ class: "transient" }, true));
        expect(apply([...updated, success, commissioning(2)]).result).toEqual(ended({ class: "transient", message: text("INVALID_AUTHENTICATION") }, true));
    });

    it("is over when the fail-safe ran out before the completion", () => {
        expect(apply([...updated, success, commissioning(3)]).result).toEqual(ended({ class: "transient", message: text("NO_FAIL_SAFE") }));
    });
});

describe("a renewal that an earlier try left open", () => {
    it("is completed when its certificate is what is wanted", () => {
        const { requests, result } = apply([crumb(OWN), nocs(certificate()), success, commissioning(0)]);
        expect(requests.slice(2)).toMatchObject([{ op: "renewSession" }, { command: GeneralCommissioning.commands.commissioningComplete }]);
        expect(result).toEqual({ done: true });
    });

    it("is looked at once more when it ran out in that moment", () => {
        const ranOut = [crumb(OWN), nocs(certificate()), success, commissioning(3)];
        expect(apply([...ranOut, nocs(certificate())]).result).toEqual({ done: true });
        expect(apply([...ranOut, old]).requests.at(-1)).toEqual({ op: "nonce" });
    });

    it("is given up when its certificate is not what is wanted, and the one from before may be", () => {
        const givenUp = [crumb(OWN), old, ...disarmed];
        expect(apply([...givenUp, nocs(certificate())]).result).toEqual({ done: true });
        expect(apply([...givenUp, old]).requests.at(-1)).toEqual({ op: "nonce" });
        expect(apply([...givenUp, status(Status.BUSY)]).result).toEqual(ended({ class: "transient" }));
    });

    it("stays unfinished when it cannot be given up", () => {
        expect(apply([crumb(OWN), old, status(Status.BUSY)]).result).toEqual(ended({ code: Status.BUSY }, true));
    });
});

describe("removing the intent", () => {
    const remove = (...answers: KindAnswer[]) => play(noc.remove(context), ...answers);

    it("takes nothing from the node, and says so", () => {
        const { requests, result } = remove(crumb(0n));
        expect(requests).toHaveLength(1);
        expect(result).toEqual({ done: true, withdrawn: true });
    });

    it("gives up a renewal that was left open", () => {
        const { requests, result } = remove(crumb(OWN), ...disarmed);
        expect(requests[1]).toMatchObject({ command: GeneralCommissioning.commands.armFailSafe, fields: { expiryLengthSeconds: 0 } });
        expect(result).toEqual({ done: true, withdrawn: true });
    });

    it("is done again when that is not known, or could not be done", () => {
        expect(remove(status(Status.BUSY)).result).toEqual(ended({ class: "transient" }, true));
        expect(remove(crumb(OWN), status(Status.BUSY)).result).toEqual(ended({ class: "transient" }, true));
    });

    it("is over at once on a node without the cluster", () => {
        expect(remove(status(Status.UNSUPPORTED_CLUSTER)).result).toEqual({ done: true, withdrawn: true });
    });
});
