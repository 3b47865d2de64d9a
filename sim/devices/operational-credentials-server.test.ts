import { describe, expect, it } from "vitest";
import { GeneralCommissioning, OperationalCredentials } from "../../src/core/clusters.js";
import type { DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { Random } from "../random.js";
import { CommissioningError } from "./general-commissioning-server.js";
import { decodeCertificate, decodeSigningRequest, encodeCertificate, rootCertificateOf, rootPublicKeyOf, type OperationalCertificate } from "./operational-certificate.js";
import { matterJsRules, specificationRules, type DeviceRules } from "./device-rules.js";
import { CertificateStatus, UPDATE_FABRIC_LABEL } from "./operational-credentials-server.js";
import { MANAGER_FABRIC, type SimNode } from "./sim-node.js";
import * as t from "./testing.js";

const NONCE = new Uint8Array(32).fill(7);
const newNode = () => t.newNode({ certificates: true });
const arm = (expiryLengthSeconds: number, breadcrumb = 0n) =>
    t.invoke(0, GeneralCommissioning.id, GeneralCommissioning.commands.armFailSafe, { expiryLengthSeconds, breadcrumb });
const complete = t.invoke(0, GeneralCommissioning.id, GeneralCommissioning.commands.commissioningComplete);
const csr = (fields: DeviceFields = { csrNonce: NONCE, isForUpdateNoc: true }) =>
    t.invoke(0, OperationalCredentials.id, OperationalCredentials.commands.csrRequest, fields);
const update = (nocValue: Uint8Array, more: DeviceFields = {}) =>
    t.invoke(0, OperationalCredentials.id, OperationalCredentials.commands.updateNoc, { nocValue, ...more });
const readNocs = t.read(0, OperationalCredentials.id, OperationalCredentials.attributes.nocs);
const readCrumb = t.read(0, GeneralCommissioning.id, GeneralCommissioning.attributes.breadcrumb);
const errorOf = (node: SimNode, request: ReturnType<typeof arm>, fabric = MANAGER_FABRIC) => t.fieldsOf(node.handle(request, fabric))["errorCode"];
const serialOf = (node: SimNode) => node.identity(MANAGER_FABRIC).certificate.serial;

/** A certificate for the key of this node's next signing request. */
function certificateFor(node: SimNode, changes: Partial<OperationalCertificate> = {}): Uint8Array {
    const elements = t.fieldsOf(node.handle(csr()))["nocsrElements"];
    const { publicKey } = decodeSigningRequest(elements as Uint8Array)!;
    return encodeCertificate({ publicKey, fabric: MANAGER_FABRIC, nodeId: 1n, cats: [0xabcd_0001], serial: 1, ...changes });
}

/** Up to and with UpdateNOC, unconfirmed. */
function updatedNode(): SimNode {
    const node = newNode();
    node.handle(arm(120));
    expect(t.fieldsOf(node.handle(update(certificateFor(node))))["statusCode"]).toBe(CertificateStatus.OK);
    return node;
}

describe("a renewal", () => {
    it("is arm, sign, update, complete", () => {
        const node = newNode();
        expect(errorOf(node, arm(120, 5n))).toBe(CommissioningError.OK);
        expect(t.valueOf(node.handle(readCrumb)).value).toBe(5n);
        const { nocsrElements } = t.fieldsOf(node.handle(csr()));
        expect(decodeSigningRequest(nocsrElements as Uint8Array)).toEqual({ publicKey: "key1", nonce: "07".repeat(32) });
        const noc = certificateFor(node);
        const version = t.versionAt(node, readNocs);
        const answer = node.handle(update(noc, { icacValue: new Uint8Array(3) }));
        expect(t.fieldsOf(answer)).toEqual({ statusCode: CertificateStatus.OK, fabricIndex: MANAGER_FABRIC });
        expect(t.valueOf(node.handle(readNocs))).toEqual({ kind: "value", value: [{ noc, icac: new Uint8Array(3) }], dataVersion: (version + 1) >>> 0 });
        expect(errorOf(node, complete)).toBe(CommissioningError.OK);
        expect(t.valueOf(node.handle(readCrumb)).value).toBe(0n);
        node.setTime(10_000_000);
        expect(node.identity(MANAGER_FABRIC).certificate).toEqual(decodeCertificate(noc));
        expect(node.changes(MANAGER_FABRIC).identity).toBe(2);
    });
    it("makes a new key pair with each signing request, of which the last counts", () => {
        const node = newNode();
        node.handle(arm(120));
        const first = certificateFor(node);
        const second = certificateFor(node);
        expect(t.fieldsOf(node.handle(update(first)))["statusCode"]).toBe(CertificateStatus.INVALID_PUBLIC_KEY);
        expect(t.fieldsOf(node.handle(update(second)))["statusCode"]).toBe(CertificateStatus.OK);
    });
});

describe("without CommissioningComplete the old certificate is back", () => {
    it("when the time is over, to the millisecond, told to who reads and who listens", () => {
        const node = updatedNode();
        node.handle(arm(120, 9n));
        const heard: number[] = [];
        node.setChangeListener((_endpoint, _cluster, attribute) => heard.push(attribute));
        node.setTime(119_999);
        expect(serialOf(node)).toBe(1);
        node.setTime(120_000);
        expect(t.valueOf(node.handle(readNocs)).value).toEqual([{ noc: encodeCertificate(node.identity(MANAGER_FABRIC).certificate), icac: null }]);
        expect(serialOf(node)).toBe(0);
        expect(t.valueOf(node.handle(readCrumb)).value).toBe(0n);
        expect(heard).toEqual([0, 1, 0]);
        expect(errorOf(node, complete)).toBe(CommissioningError.NO_FAIL_SAFE);
    });
    it("when it is armed for zero seconds", () => {
        const node = updatedNode();
        expect(errorOf(node, arm(0, 9n))).toBe(CommissioningError.OK);
        expect(serialOf(node)).toBe(0);
        expect(t.valueOf(node.handle(readCrumb)).value).toBe(0n);
    });
    it("after a reboot, and after a power cut to a moment in between", () => {
        const node = updatedNode();
        const between = node.snapshot();
        node.reboot(new Random(2));
        expect(serialOf(node)).toBe(0);
        const other = updatedNode();
        const snapshot = other.snapshot();
        other.handle(complete);
        other.restore(snapshot);
        other.reboot(new Random(2));
        expect([serialOf(other), between.fabrics[MANAGER_FABRIC]!.identity.certificate.serial]).toEqual([0, 0]);
    });
    it("but a confirmed one survives both", () => {
        const node = updatedNode();
        node.handle(complete);
        const snapshot = node.snapshot();
        node.restore(snapshot);
        node.reboot(new Random(2));
        expect(serialOf(node)).toBe(1);
    });
});

describe("the fail-safe", () => {
    it("is prolonged by its owner, not beyond 900 seconds in all", () => {
        const node = updatedNode();
        for (let second = 100; second <= 800; second += 100) {
            node.setTime(1000 * second);
            node.handle(arm(120));
        }
        node.setTime(899_999);
        expect(serialOf(node)).toBe(1);
        node.setTime(900_000);
        expect(serialOf(node)).toBe(0);
    });
    it("belongs to one administrator at a time", () => {
        const node = updatedNode();
        node.addFabric(2);
        expect(errorOf(node, arm(60), 2)).toBe(CommissioningError.BUSY_WITH_OTHER_ADMIN);
        expect(errorOf(node, arm(0), 2)).toBe(CommissioningError.BUSY_WITH_OTHER_ADMIN);
        expect(errorOf(node, complete, 2)).toBe(CommissioningError.INVALID_AUTHENTICATION);
        expect(serialOf(node)).toBe(1);
        expect(errorOf(node, complete)).toBe(CommissioningError.OK);
        expect(errorOf(node, arm(60), 2)).toBe(CommissioningError.OK);
    });
    it("armed for nothing when it was not armed does nothing", () => {
        const node = newNode();
        expect(errorOf(node, arm(0, 4n))).toBe(CommissioningError.OK);
        expect(t.valueOf(node.handle(readCrumb)).value).toBe(0n);
        expect(errorOf(node, complete)).toBe(CommissioningError.NO_FAIL_SAFE);
    });
    it("goes with its fabric, and with a reset", () => {
        const node = newNode();
        node.addFabric(2);
        node.handle(arm(60), 2);
        node.removeFabric(2);
        expect(errorOf(node, arm(60))).toBe(CommissioningError.OK);
        node.reset(node.composition, new Random(1));
        expect(errorOf(node, complete)).toBe(CommissioningError.NO_FAIL_SAFE);
        expect(serialOf(node)).toBe(0);
    });
    it("needs fields of the right kind", () => {
        const node = newNode();
        const command = (fields: DeviceFields) => t.statusOf(node.handle(t.invoke(0, GeneralCommissioning.id, 0, fields)));
        expect(command({ breadcrumb: 0n })).toBe(Status.INVALID_COMMAND);
        expect(command({ expiryLengthSeconds: 60, breadcrumb: 0 })).toBe(Status.INVALID_COMMAND);
        expect(t.statusOf(node.handle(t.invoke(0, GeneralCommissioning.id, 2)))).toBe(Status.UNSUPPORTED_COMMAND);
    });
    it("has a breadcrumb that an administrator may write", () => {
        const node = newNode();
        const version = t.versionAt(node, readCrumb);
        expect(t.statusOf(node.handle(t.write(0, GeneralCommissioning.id, 0, 8n)))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.write(0, GeneralCommissioning.id, 0, 8n)))).toBe(Status.SUCCESS);
        expect(t.statusOf(node.handle(t.write(0, GeneralCommissioning.id, 0, 8)))).toBe(Status.INVALID_DATA_TYPE);
        expect(t.valueOf(node.handle(readCrumb))).toEqual({ kind: "value", value: 8n, dataVersion: (version + 1) >>> 0 });
        node.reboot(new Random(2));
        expect(t.valueOf(node.handle(readCrumb)).value).toBe(0n);
        expect(t.valueOf(node.handle(t.read(0, GeneralCommissioning.id, 1))).value).toEqual({
            failSafeExpiryLengthSeconds: 60,
            maxCumulativeFailsafeSeconds: 900,
        });
    });
});

describe("CSRRequest is refused", () => {
    it("with FAILSAFE_REQUIRED unless the fail-safe is armed", () => {
        const node = newNode();
        expect(t.statusOf(node.handle(csr()))).toBe(Status.FAILSAFE_REQUIRED);
        node.handle(arm(60));
        node.setTime(60_000);
        expect(t.statusOf(node.handle(csr()))).toBe(Status.FAILSAFE_REQUIRED);
    });
    it("with INVALID_COMMAND for a nonce of another length, or no bytes", () => {
        const node = newNode();
        node.handle(arm(60));
        expect(t.statusOf(node.handle(csr({ csrNonce: new Uint8Array(31) })))).toBe(Status.INVALID_COMMAND);
        expect(t.statusOf(node.handle(csr({ csrNonce: "nonce" })))).toBe(Status.INVALID_COMMAND);
        expect(t.statusOf(node.handle(csr({ csrNonce: NONCE, isForUpdateNoc: 1 })))).toBe(Status.INVALID_COMMAND);
    });
    it("with CONSTRAINT_ERROR after UpdateNOC", () => {
        expect(t.statusOf(updatedNode().handle(csr()))).toBe(Status.CONSTRAINT_ERROR);
    });
});

describe("UpdateNOC is refused", () => {
    const NOC = encodeCertificate({ publicKey: "key1", fabric: 1, nodeId: 1n, cats: [], serial: 1 });
    it("with FAILSAFE_REQUIRED unless the fail-safe is armed", () => {
        expect(t.statusOf(newNode().handle(update(NOC)))).toBe(Status.FAILSAFE_REQUIRED);
    });
    it("with MissingCsr unless a key pair waits for it", () => {
        const node = newNode();
        node.handle(arm(60));
        expect(t.fieldsOf(node.handle(update(NOC)))).toEqual({ statusCode: CertificateStatus.MISSING_CSR });
    });
    it("with CONSTRAINT_ERROR a second time, for another fabric, after a request for AddNOC, and for what is too long", () => {
        expect(t.statusOf(updatedNode().handle(update(NOC)))).toBe(Status.CONSTRAINT_ERROR);
        const node = newNode();
        node.addFabric(2);
        node.handle(arm(60));
        node.handle(csr());
        expect(t.statusOf(node.handle(update(NOC), 2))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.statusOf(node.handle(update(new Uint8Array(401))))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.statusOf(node.handle(update(NOC, { icacValue: new Uint8Array(401) })))).toBe(Status.CONSTRAINT_ERROR);
        node.handle(csr({ csrNonce: NONCE }));
        expect(t.statusOf(node.handle(update(NOC)))).toBe(Status.CONSTRAINT_ERROR);
    });
    it.each<[string, Partial<OperationalCertificate>, number]>([
        ["another key", { publicKey: "key9" }, CertificateStatus.INVALID_PUBLIC_KEY],
        ["another fabric", { fabric: 2 }, CertificateStatus.INVALID_NOC],
        ["four CATs", { cats: [1, 2, 3, 4] }, CertificateStatus.INVALID_NOC],
        ["a node id that is none", { nodeId: 0n }, CertificateStatus.INVALID_NODE_OP_ID],
    ])("inside the response for %s, and the old one stays", (_, changes, status) => {
        const node = newNode();
        node.handle(arm(60));
        expect(t.fieldsOf(node.handle(update(certificateFor(node, changes))))).toEqual({ statusCode: status });
        expect(serialOf(node)).toBe(0);
    });
    it.each(["no JSON", "5", "{}", '{"noc":"key1","nodeId":"x","cats":[],"fabric":1,"serial":1}'])("inside the response for bytes that are no certificate: %s", text => {
        const node = newNode();
        node.handle(arm(60));
        node.handle(csr());
        expect(t.fieldsOf(node.handle(update(new TextEncoder().encode(text))))).toEqual({ statusCode: CertificateStatus.INVALID_NOC });
    });
    it("with INVALID_COMMAND for fields of another kind", () => {
        const node = newNode();
        node.handle(arm(60));
        expect(t.statusOf(node.handle(update("noc" as never)))).toBe(Status.INVALID_COMMAND);
        expect(t.statusOf(node.handle(update(NOC, { icacValue: 5 })))).toBe(Status.INVALID_COMMAND);
    });
});

describe("attributes", () => {
    it("tell the accessing fabric's own", () => {
        const node = newNode();
        node.setNodeId(MANAGER_FABRIC, 0x55n);
        node.addFabric(2);
        const value = (id: number, fabric = MANAGER_FABRIC) => t.valueOf(node.handle(t.read(0, OperationalCredentials.id, id), fabric)).value;
        expect(value(1)).toEqual([{ rootPublicKey: rootPublicKeyOf(1), vendorId: 0xfff1, fabricId: 1n, nodeId: 0x55n, label: "" }]);
        expect([value(4), value(4, 2)]).toEqual([[1, 2].map(rootCertificateOf), [1, 2].map(rootCertificateOf)]);
        expect([value(2), value(3), value(5), value(5, 2)]).toEqual([5, 2, 1, 2]);
        expect(value(0)).not.toEqual(value(0, 2));
    });
    it("and commands are an administrator's; who the fabric is, anybody may see", () => {
        const node = newNode();
        node.setAcl(MANAGER_FABRIC, [t.ownEntry, t.aclEntry({ privilege: 4 })]);
        const as = (request: ReturnType<typeof arm>  ) => t.statusOf(node.handle(request, { subject: 0x77n }));
        expect([readNocs, csr(), update(NONCE), arm(60), complete].map(as)).toEqual(Array.from({ length: 5 }, () => Status.UNSUPPORTED_ACCESS));
        expect(as(t.read(0, OperationalCredentials.id, 1))).toBe("a value");
    });
    it("are there only where the composition has them", () => {
        expect(t.statusOf(t.newNode().handle(readNocs))).toBe(Status.UNSUPPORTED_CLUSTER);
    });
});

describe("a breadcrumb", () => {
    const writeBreadcrumb = (value: bigint) => t.write(0, GeneralCommissioning.id, GeneralCommissioning.attributes.breadcrumb, value);
    const crumbOf = (node: SimNode) => t.valueOf(node.handle(readCrumb)).value;
    it("goes when the fail-safe runs out, at that moment: what is written later stays", () => {
        const node = newNode();
        const heard: string[] = [];
        node.handle(arm(60));
        node.handle(writeBreadcrumb(7n));
        node.setChangeListener((...path) => heard.push(path.join("/")));
        node.setTime(59_999);
        expect([crumbOf(node), heard]).toEqual([7n, []]);
        node.setTime(60_000);
        expect(heard).toEqual(["0/48/0"]);
        node.handle(writeBreadcrumb(8n));
        expect(crumbOf(node)).toBe(8n);
    });
    it("stays where nobody armed anything", () => {
        const node = newNode();
        node.handle(writeBreadcrumb(7n));
        node.setTime(10_000_000);
        node.handle(arm(0));
        expect(crumbOf(node)).toBe(7n);
    });
});

describe("a fabric's label", () => {
    const label = (text: DeviceValue) => t.invoke(0, OperationalCredentials.id, UPDATE_FABRIC_LABEL, { label: text });
    const labelOf = (node: SimNode) => (t.valueOf(node.handle(t.read(0, OperationalCredentials.id, 1))).value as unknown as readonly DeviceFields[])[0]!["label"];
    it("is kept, through a power cut to before it not, and moves the version when it is another", () => {
        const node = newNode();
        const snapshot = node.snapshot();
        const before = t.versionAt(node, readNocs);
        expect(t.fieldsOf(node.handle(label("home")))).toEqual({ statusCode: CertificateStatus.OK, fabricIndex: MANAGER_FABRIC });
        node.handle(label("home"));
        expect([labelOf(node), (t.versionAt(node, readNocs) - before) >>> 0]).toEqual(["home", 1]);
        node.reboot(new Random(3));
        expect(labelOf(node)).toBe("home");
        node.restore(snapshot);
        expect(labelOf(node)).toBe("");
    });
    it("is no other fabric's, of 32 bytes at most, and text", () => {
        const node = newNode();
        node.addFabric(2);
        node.handle(label("home"), 2);
        expect(t.fieldsOf(node.handle(label("home")))).toEqual({ statusCode: CertificateStatus.LABEL_CONFLICT });
        expect([label("ä".repeat(17)), label(7)].map(request => t.statusOf(node.handle(request)))).toEqual([Status.CONSTRAINT_ERROR, Status.INVALID_COMMAND]);
        expect(labelOf(node)).toBe("");
    });
    it("cannot be taken away on matter.js", () => {
        const statusUnder = (rules: DeviceRules) => {
            const node = t.newNode({ certificates: true, rules });
            node.handle(label("home"));
            const answer = node.handle(label(""));
            return answer.kind === "status" ? answer.status : labelOf(node);
        };
        expect([statusUnder(specificationRules), statusUnder(matterJsRules)]).toEqual(["", Status.FAILURE]);
    });
});

describe("signing requests on matter.js", () => {
    it("are about one key as long as the fail-safe lasts", () => {
        const keysUnder = (rules: DeviceRules) => {
            const node = t.newNode({ certificates: true, rules });
            const key = () => decodeSigningRequest(t.fieldsOf(node.handle(csr()))["nocsrElements"] as Uint8Array)?.publicKey;
            node.handle(arm(60));
            const [first, second] = [key(), key()];
            node.handle(arm(0));
            node.handle(arm(60));
            return [first === second, key() === first];
        };
        expect([keysUnder(specificationRules), keysUnder(matterJsRules)]).toEqual([[false, false], [true, false]]);
    });
});
