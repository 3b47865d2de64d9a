/** Goal: a certificate is issued for what a real node signed just now, and for nothing else; what the other kinds of certificates and keys find on a real node. */
import { Noc } from "@matter/protocol";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CertificateRequest } from "../../src/core/certificate-step.js";
import { GeneralCommissioning, GroupKeyManagement, OperationalCredentials } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import type { EpochUs, NodeId } from "../../src/core/ids.js";
import type { KindAnswer, Operation } from "../../src/core/kind.js";
import type { KeySetRevision } from "../../src/core/records.js";
import { Status } from "../../src/core/status.js";
import { ipk, trustedRoot } from "../../src/kinds/index.js";
import { hexOf, parseCertificate } from "../../src/kinds/noc-certificate.js";
import { MatterIssuer } from "../../src/matter/index.js";
import { fabricOf } from "./group-command.fixture.js";
import { type StackSnapshot, StackWorld } from "./index.js";
import * as send from "./requests.fixture.js";

const TAGS = [0xabcd_0001];
let fixture: { snapshot: StackSnapshot; node: NodeId };
let world: StackWorld;

beforeAll(async () => {
    const building = new StackWorld({ seed: "issuer" });
    await building.addController();
    await building.addDevice("light", { kind: "light", maxGroupKeys: 3 });
    const node = await building.commission("controller", "light");
    await building.untilSubscribed();
    fixture = { snapshot: building.snapshot(), node };
    await building.close();
});

beforeEach(async () => {
    world = await StackWorld.restore(fixture.snapshot, { seed: "test" });
});

afterEach(async () => {
    await world.close();
});

const ask = (request: DeviceRequest): Promise<DeviceAnswer> => world.until(world.transport().request(fixture.node, request, { deadlineMs: 30_000 }));
const fieldsOf = (answer: DeviceAnswer) => (answer.kind === "response" ? answer.fields : {});

/** Have the node make a key pair and sign for it. */
async function signingRequest(nonce: Uint8Array): Promise<CertificateRequest> {
    await ask(send.invoke(GeneralCommissioning.id, GeneralCommissioning.commands.armFailSafe, { expiryLengthSeconds: 60, breadcrumb: 1n }));
    const { nocsrElements, attestationSignature } = fieldsOf(
        await ask(send.invoke(OperationalCredentials.id, OperationalCredentials.commands.csrRequest, { csrNonce: nonce, isForUpdateNoc: true })),
    );
    return {
        nocsrElements: nocsrElements as Uint8Array,
        attestationSignature: attestationSignature as Uint8Array,
        nonce,
        caseAuthenticatedTags: TAGS,
        notAfterAtLeastS: null,
    };
}

const issue = (request: CertificateRequest, node = fixture.node) =>
    world.until(new MatterIssuer(world.node("controller")).issue(node, request, { deadlineMs: 30_000 }));

/** The bytes with one bit changed. */
function forged(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
    const copy = Uint8Array.from(bytes);
    copy[at]! ^= 1;
    return copy;
}

describe("the issuer", () => {
    it("gives fresh nonces", async () => {
        const issuer = new MatterIssuer(world.node("controller"));
        const [first, second] = [await issuer.nonce(), await issuer.nonce()];
        expect(first).toHaveLength(32);
        expect(first).not.toEqual(second);
    });

    it("issues what was asked for, under the fabric's root, for the key that the node made", async () => {
        const request = await signingRequest(new Uint8Array(32).fill(5));
        const issued = (await issue(request)) as { readonly noc: Uint8Array };
        const content = parseCertificate(issued.noc)!;
        expect(content).toMatchObject({ nodeId: fixture.node, fabricId: fabricOf(world.node("controller")).fabricId, caseAuthenticatedTags: TAGS });
        expect(hexOf(request.nocsrElements)).toContain(hexOf(content.publicKey));
        expect(Noc.fromTlv(issued.noc).cert.issuer).toEqual(Noc.fromTlv(fabricOf(world.node("controller")).operationalCert).cert.issuer);
        expect(issued).not.toHaveProperty("icac");
    });

    it("refuses, for now, what is not the answer to its nonce, or not signed", async () => {
        const request = await signingRequest(new Uint8Array(32).fill(5));
        const refused = (text: string) => ({ refusal: expect.stringContaining(text) as string, isFinal: false });
        expect(await issue({ ...request, nonce: new Uint8Array(32).fill(6) })).toEqual(refused("signing request"));
        expect(await issue({ ...request, nocsrElements: new Uint8Array(5) })).toEqual(refused("signing request"));
        const key = hexOf(request.nocsrElements).indexOf("03420004") / 2 + 10;
        expect(await issue({ ...request, nocsrElements: forged(request.nocsrElements, key) })).toEqual(refused("signing request"));
        expect(await issue({ ...request, attestationSignature: forged(request.attestationSignature) })).toEqual(refused("attestation"));
        expect(await issue(request)).toHaveProperty("noc");
    });

    it("refuses what was signed on a session that is no more", async () => {
        const request = await signingRequest(new Uint8Array(32).fill(5));
        expect(await world.until(world.transport().renewSession(fixture.node, { deadlineMs: 60_000 }))).toEqual({ kind: "status", status: Status.SUCCESS });
        expect(await issue(request)).toMatchObject({ refusal: expect.stringContaining("attestation") as string });
    });
});

/** Play an operation against the real node. */
async function play<R>(operation: Operation<R>): Promise<R> {
    let step = operation.next(undefined as never);
    while (!step.done) {
        step = operation.next((await ask(step.value as DeviceRequest)) as KindAnswer);
    }
    return step.value;
}

describe("the IPK of a real node", () => {
    const revision: KeySetRevision = { revision: 1, policy: 0, slots: [{ startTime: 1_000_000n as EpochUs, key: send.KEY }], used: true };
    const context = { intent: { revision: 1 }, key: [0], keySet: () => revision, wanted: () => undefined, limit: null };

    it("is told from the one of commissioning, written, and recognised, though it is listed twice then", async () => {
        expect(await play(ipk.verify(context))).toEqual({ holds: false });
        expect(await play(ipk.apply(context))).toEqual({ done: true });
        expect(await play(ipk.verify(context))).toEqual({ holds: true });
        expect(await play(ipk.apply(context))).toEqual({ done: true });
        expect(await play(ipk.capacity!.table.observe())).toEqual({ limit: 3, rows: [0, -2] });
    });

    it("cannot be written where every row is taken: the node takes one more for it", async () => {
        await ask(send.writeKeySet(1));
        await ask(send.writeKeySet(2));
        expect(await play(ipk.apply(context))).toMatchObject({ done: false, failure: { class: "terminal", code: Status.RESOURCE_EXHAUSTED } });
        await ask(send.invoke(GroupKeyManagement.id, GroupKeyManagement.commands.keySetRemove, { groupKeySetId: 2 }));
        expect(await play(ipk.apply(context))).toEqual({ done: true });
    });
});

describe("the trusted root of a real node", () => {
    const contextOf = (subjectKeyId: string) => ({ intent: { subjectKeyId }, key: [subjectKeyId], keySet: () => undefined, wanted: () => undefined, limit: null });

    it("is the root of the fabric, and no other", async () => {
        const root = new Uint8Array(fabricOf(world.node("controller")).rootCert as Uint8Array);
        const subjectKeyId = hexOf(parseCertificate(root)!.subjectKeyId!);
        expect(await play(trustedRoot.apply(contextOf(subjectKeyId)))).toEqual({ done: true });
        expect(await play(trustedRoot.verify(contextOf(subjectKeyId)))).toEqual({ holds: true });
        expect(await play(trustedRoot.apply(contextOf("00".repeat(20))))).toMatchObject({ done: false, failure: { class: "terminal" } });
    });
});
