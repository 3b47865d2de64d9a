import { hex, rootCertificateOf } from "./devices/operational-certificate.js";
import { MANAGER_FABRIC } from "./devices/sim-node.js";
import { parseCertificate } from "../src/kinds/noc-certificate.js";

/** The CASE authenticated tags that scripts name by their place here; the first is what commissioning gives. */
export const SCRIPT_TAG_SETS: readonly (readonly number[])[] = [[], [0xabcd_0001], [0xabcd_0002, 0xffff_0001]];

/** The roots that scripts name by their place here, by subject key identifier: the fabric's own, and one that no node trusts. */
export const SCRIPT_ROOTS: readonly string[] = [hex(parseCertificate(rootCertificateOf(MANAGER_FABRIC))!.subjectKeyId!), "f7".repeat(20)];
