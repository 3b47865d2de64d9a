import type { DeviceValue } from "../../src/core/device.js";
import { encodeCertificate, type OperationalCertificate } from "./operational-certificate.js";

/** Who a node is on one fabric: its certificates, immutable. */
export class OperationalIdentity {
    #nocs: DeviceValue | undefined;

    constructor(
        readonly certificate: OperationalCertificate,
        readonly noc: Uint8Array,
        readonly icac: Uint8Array | null,
    ) {}

    /** As AddNOC left it. */
    static commissioned(fabric: number, nodeId: bigint): OperationalIdentity {
        const certificate = { publicKey: "commissioned", fabric, nodeId, cats: [], serial: 0 };
        return new OperationalIdentity(certificate, encodeCertificate(certificate), null);
    }

    /** The attribute NOCs (core section 11.18.5.1) of this fabric. */
    get nocs(): DeviceValue {
        return (this.#nocs ??= [{ noc: this.noc, icac: this.icac }]);
    }
}
