import { OperationalCredentials } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { isOperationalNodeId } from "./access-control-entry.js";
import { responseAnswer, statusAnswer } from "./answers.js";
import { ClusterServer, utf8Length, type ClusterShape } from "./cluster-server.js";
import type { FabricTables } from "./fabric-tables.js";
import { decodeCertificate, encodeSigningRequest, hex, rootCertificateOf, rootPublicKeyOf } from "./operational-certificate.js";
import { OperationalIdentity } from "./operational-identity.js";
import { Privilege } from "./privilege.js";

const { nocs, fabrics, supportedFabrics, commissionedFabrics, trustedRootCertificates, currentFabricIndex } = OperationalCredentials.attributes;
const { csrRequest, updateNoc } = OperationalCredentials.commands;
/** Only the simulator needs its number. */
export const UPDATE_FABRIC_LABEL = 9;


/** NodeOperationalCertStatusEnum (core section 11.18.4.2). */
export const CertificateStatus = { OK: 0, INVALID_PUBLIC_KEY: 1, INVALID_NODE_OP_ID: 2, INVALID_NOC: 3, MISSING_CSR: 4, LABEL_CONFLICT: 10 } as const;

const NONCE_LENGTH = 32;
const MAX_CERTIFICATE_LENGTH = 400;
const SUPPORTED_FABRICS = 5;
const MAX_LABEL_LENGTH = 32;

const SHAPE: ClusterShape = {
    id: OperationalCredentials.id,
    revision: 2,
    attributes: [nocs, fabrics, supportedFabrics, commissionedFabrics, trustedRootCertificates, currentFabricIndex],
    commands: [csrRequest, updateNoc, UPDATE_FABRIC_LABEL],
    responses: [5, 8],
    privileges: { read: { [nocs]: Privilege.ADMINISTER }, invoke: { [csrRequest]: Privilege.ADMINISTER, [updateNoc]: Privilege.ADMINISTER, [UPDATE_FABRIC_LABEL]: Privilege.ADMINISTER } },
};

/**
 * Operational Credentials (core section 11.18), endpoint 0, as far as the renewal of a certificate goes. Attestation, AddNOC and roots are the commissioner's and not
 * modelled; certificates are {@link OperationalCertificate}s.
 */
export class OperationalCredentialsServer extends ClusterServer {
    override readonly shape = SHAPE;
    override invoke(command: number, fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        switch (command) {
            case csrRequest:
                return this.#csrRequest(fields);
            case updateNoc:
                return this.#updateNoc(fields, tables);
            case UPDATE_FABRIC_LABEL:
                return this.#updateFabricLabel(fields, tables);
            default:
                return statusAnswer(Status.UNSUPPORTED_COMMAND);
        }
    }

    protected override attributeValue(attribute: number, tables: FabricTables): DeviceValue | undefined {
        switch (attribute) {
            case nocs:
                return tables.identity.nocs;
            case fabrics:
                return [this.#descriptorOf(tables)];
            case supportedFabrics:
                return SUPPORTED_FABRICS;
            case commissionedFabrics:
                return this.site.node.fabricIndexes().length;
            case trustedRootCertificates:
                return this.site.node.fabricIndexes().map(rootCertificateOf);
            case currentFabricIndex:
                return tables.index;
            default:
                return undefined;
        }
    }

    /** FabricDescriptorStruct (section 11.18.4.5). */
    #descriptorOf({ index, identity, label }: FabricTables): DeviceFields {
        const { nodeId } = identity.certificate;
        return { rootPublicKey: rootPublicKeyOf(index), vendorId: this.site.composition.vendorId, fabricId: BigInt(index), nodeId, label };
    }

    /** Section 11.18.6.5. Each makes another key pair: the last one counts. */
    #csrRequest(fields: DeviceFields): DeviceAnswer {
        const { csrNonce, isForUpdateNoc } = fields;
        if (!(csrNonce instanceof Uint8Array) || !(isForUpdateNoc === undefined || typeof isForUpdateNoc === "boolean")) {
            return this.malformed;
        }
        if (csrNonce.length !== NONCE_LENGTH) {
            return statusAnswer(Status.INVALID_COMMAND);
        }
        const { failSafe, nowMs } = this.site.node;
        if (failSafe.owner(nowMs) === undefined) {
            return statusAnswer(Status.FAILSAFE_REQUIRED);
        }
        if (failSafe.isUpdated) {
            return statusAnswer(Status.CONSTRAINT_ERROR);
        }
        const earlier = this.site.composition.rules.csrMakesNewKey ? undefined : failSafe.pendingKey?.publicKey;
        const publicKey = earlier ?? `key${++this.site.node.keyPairs}`;
        failSafe.pendingKey = { publicKey, forUpdateNoc: isForUpdateNoc ?? false };
        return responseAnswer({ nocsrElements: encodeSigningRequest({ publicKey, nonce: hex(csrNonce) }), attestationSignature: new Uint8Array(64) });
    }

    /** Section 11.18.6.9: preconditions are the command's own status, what is wrong with the certificate is told inside the response. */
    #updateNoc(fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const { nocValue, icacValue } = fields;
        if (!(nocValue instanceof Uint8Array) || !(icacValue === undefined || icacValue instanceof Uint8Array)) {
            return this.malformed;
        }
        if (nocValue.length > MAX_CERTIFICATE_LENGTH || (icacValue?.length ?? 0) > MAX_CERTIFICATE_LENGTH) {
            return statusAnswer(Status.CONSTRAINT_ERROR);
        }
        const { failSafe, nowMs } = this.site.node;
        const owner = failSafe.owner(nowMs);
        if (owner === undefined) {
            return statusAnswer(Status.FAILSAFE_REQUIRED);
        }
        if (owner !== tables || failSafe.isUpdated || failSafe.pendingKey?.forUpdateNoc === false) {
            return statusAnswer(Status.CONSTRAINT_ERROR);
        }
        if (failSafe.pendingKey === undefined) {
            return responseAnswer({ statusCode: CertificateStatus.MISSING_CSR });
        }
        const statusCode = statusOfNoc(nocValue, failSafe.pendingKey.publicKey, tables.index);
        if (statusCode !== CertificateStatus.OK) {
            return responseAnswer({ statusCode });
        }
        failSafe.update(new OperationalIdentity(decodeCertificate(nocValue)!, nocValue, icacValue ?? null));
        this.changed(nocs);
        this.tell(fabrics);
        return responseAnswer({ statusCode, fabricIndex: tables.index });
    }

    /** Section 11.18.6.11: no two fabrics of a node have the same label. */
    #updateFabricLabel({ label }: DeviceFields, tables: FabricTables): DeviceAnswer {
        if (typeof label !== "string") {
            return this.malformed;
        }
        const { rules } = this.site.composition;
        if ((rules.nameLimitInBytes ? utf8Length(label) : label.length) > MAX_LABEL_LENGTH) {
            return statusAnswer(Status.CONSTRAINT_ERROR);
        }
        if (label === "" && !rules.fabricLabelCanBeEmpty) {
            return statusAnswer(Status.FAILURE);
        }
        if (this.site.node.fabricLabels(tables).includes(label)) {
            return responseAnswer({ statusCode: CertificateStatus.LABEL_CONFLICT });
        }
        if (label !== tables.label) {
            tables.label = label;
            this.changed(fabrics);
        }
        return responseAnswer({ statusCode: CertificateStatus.OK, fabricIndex: tables.index });
    }
}

function statusOfNoc(noc: Uint8Array, publicKey: string, fabric: number): number {
    const certificate = decodeCertificate(noc);
    if (certificate === undefined || certificate.fabric !== fabric || certificate.cats.length > 3) {
        return CertificateStatus.INVALID_NOC;
    }
    if (certificate.publicKey !== publicKey) {
        return CertificateStatus.INVALID_PUBLIC_KEY;
    }
    return isOperationalNodeId(certificate.nodeId) ? CertificateStatus.OK : CertificateStatus.INVALID_NODE_OP_ID;
}
