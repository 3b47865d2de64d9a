import { Bytes, Crypto, EcdsaSignature, PublicKey } from "@matter/general";
import type { ServerNode } from "@matter/node";
import { Certificate, Dac, type Fabric, FabricAuthority, type Peer, PeerAddress, PeerSet, TlvCertSigningRequest } from "@matter/protocol";
import { CaseAuthenticatedTag, FabricIndex, NodeId as MatterNodeId } from "@matter/types";
import type { CertificateRequest } from "../core/certificate-step.js";
import { OperationalCredentials } from "../core/clusters.js";
import { endpointNumber, type NodeId } from "../core/ids.js";
import type { Issuer, IssueResult } from "../core/ports.js";
import { interact } from "./interaction.js";
import { prepareInvoke } from "./invoke.js";
import { ManagedFabric } from "./managed-fabric.js";

/** Choices for a {@link MatterIssuer}; all have defaults. */
export interface MatterIssuerOptions {
    /** The fabric that certificates are issued for. Default: the first fabric that the controller administers. */
    readonly fabricIndex?: number;
}

/**
 * Issues certificates with the certificate authority of a matter.js controller, as the controller itself does when it commissions a node: valid for ten years, under
 * the fabric's root, and through its intermediate certificate if it has one.
 *
 * A signing request is accepted when it carries the nonce, is signed by the key that it is about, and is attested by the node: by the key of its device attestation
 * certificate, for one of the sessions that the controller has with it (section 11.18.6.6).
 *
 * ```ts
 * const manager = await openManager({ fabric, store, transport: new MatterTransport(controller), issuer: new MatterIssuer(controller) });
 * await manager.setIntent(node, "noc", { caseAuthenticatedTags: [0xabcd_0001] });
 * ```
 */
export class MatterIssuer implements Issuer {
    readonly #controller: ServerNode;
    readonly #fabric: ManagedFabric;

    constructor(controller: ServerNode, options: MatterIssuerOptions = {}) {
        this.#controller = controller;
        this.#fabric = new ManagedFabric(controller, options.fabricIndex);
    }

    async nonce(): Promise<Uint8Array> {
        return Bytes.of(this.#controller.env.get(Crypto).randomBytes(NONCE_BYTES));
    }

    async issue(node: NodeId, request: CertificateRequest, { deadlineMs }: { readonly deadlineMs: number }): Promise<IssueResult> {
        await this.#fabric.ready();
        const fabric = this.#fabric.current;
        const { ca } = await this.#controller.env.load(FabricAuthority);
        if (fabric === undefined || !Bytes.areEqual(fabric.rootCert, ca.rootCert)) {
            return { refusal: "the controller's certificate authority is not the root of the managed fabric", isFinal: true };
        }
        const publicKey = await this.#publicKeyOf(request);
        if (publicKey === undefined) {
            return { refusal: "the node's signing request is not in order, or not the one that was asked for", isFinal: false };
        }
        if (!(await this.#isAttested(this.#peer(node, fabric), request, deadlineMs))) {
            return { refusal: "the node's attestation signature does not belong to its signing request", isFinal: false };
        }
        const tags = request.caseAuthenticatedTags.map(tag => CaseAuthenticatedTag(tag));
        const noc = Bytes.of(await ca.generateNoc(publicKey, fabric.fabricId, MatterNodeId(node), tags));
        return ca.icacCert === undefined ? { noc } : { noc, icac: Bytes.of(ca.icacCert) };
    }

    /** The key that the request is about and signed by; undefined when it is not, or is another request. */
    async #publicKeyOf({ nocsrElements, nonce }: CertificateRequest): Promise<Bytes | undefined> {
        try {
            const { certSigningRequest, csrNonce } = TlvCertSigningRequest.decode(nocsrElements) as { readonly certSigningRequest: Bytes; readonly csrNonce: Bytes };
            return Bytes.areEqual(csrNonce, nonce)
                ? await Certificate.getPublicKeyFromCsr(this.#controller.env.get(Crypto), certSigningRequest)
                : undefined;
        } catch {
            return undefined;
        }
    }

    #peer(node: NodeId, { fabricIndex }: Fabric): Peer {
        return this.#controller.env.get(PeerSet).for(PeerAddress({ fabricIndex: FabricIndex(fabricIndex), nodeId: MatterNodeId(node) }));
    }

    /** The node signed the elements together with the challenge of the session that they came on, which is one of the present ones. */
    async #isAttested(peer: Peer, { nocsrElements, attestationSignature }: CertificateRequest, deadlineMs: number): Promise<boolean> {
        const challenges = [...peer.sessions].map(({ attestationChallengeKey }) => attestationChallengeKey);
        const answer = await interact(peer.exchangeProvider, prepareInvoke(readAttestationCertificate, "unlimited"), { deadlineMs, closing: new Set() });
        const certificate = answer.kind === "response" ? answer.fields["certificate"] : undefined;
        if (!(certificate instanceof Uint8Array)) {
            return false;
        }
        const key = PublicKey(Dac.fromAsn1(certificate).cert.ellipticCurvePublicKey);
        const crypto = this.#controller.env.get(Crypto);
        for (const challenge of challenges) {
            try {
                await crypto.verifyEcdsa(key, Bytes.concat(nocsrElements, challenge), new EcdsaSignature(attestationSignature));
                return true;
            } catch {
                // Of another session.
            }
        }
        return false;
    }
}

const NONCE_BYTES = 32;

/** CertificateChainRequest for the device attestation certificate (section 11.18.6.3). */
const readAttestationCertificate = {
    op: "invoke",
    endpoint: endpointNumber(0),
    cluster: OperationalCredentials.id,
    command: OperationalCredentials.commands.certificateChainRequest,
    fields: { certificateType: 1 },
    query: true,
} as const;
