import type { DeviceValue } from "../../src/core/device.js";
import { encodeCertificate, type OperationalCertificate } from "./operational-certificate.js";

/** Who a node is on one fabric: its certificates, immutable. */
export class OperationalIdentity {
    #noc: Uint8Array | undefined;
    #nocs: DeviceValue | undefined;

    /** @param noc the bytes of the certificate; encoded when somebody looks, if left out */
    constructor(
        readonly certificate: OperationalCertificate,
        noc?: Uint8Array,
        readonly icac: Uint8Array | null = null,
    ) {
        this.#noc = noc;
    }

    /** As AddNOC left it. */
    static commissioned(fabric: number, nodeId: bigint): OperationalIdentity {
        return new OperationalIdentity({ publicKey: "commissioned", fabric, nodeId, cats: [], serial: 0 });
    }

    get noc(): Uint8Array {
        return (this.#noc ??= encodeCertificate(this.certificate));
    }

    /** The attribute NOCs (core section 11.18.5.1) of this fabric. */
    get nocs(): DeviceValue {
        return (this.#nocs ??= [{ noc: this.noc, icac: this.icac }]);
    }
}
