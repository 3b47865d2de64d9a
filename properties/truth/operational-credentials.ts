import * as fc from "fast-check";
import { OperationalCredentials } from "../../src/core/clusters.js";
import { UPDATE_FABRIC_LABEL } from "../../sim/devices/operational-credentials-server.js";
import type { CertificatePlan } from "./certificates.js";
import { armed, generalCommissioningCommands } from "./general-commissioning.js";
import { anyRead, conditionally, invoke, path, sequenceOf, strayEndpoints, strayWrite } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "OperationalCredentials";
const { attributes, commands, id } = OperationalCredentials;
/** What matter.js calls the fabric when it commissions a node of a stack world. */
const COMMISSIONERS_LABEL = "selvage";

const nonces = fc.oneof({ weight: 10, arbitrary: fc.constantFrom(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)) }, { weight: 1, arbitrary: fc.constant(new Uint8Array(8)) });
const purposes = fc.oneof({ weight: 10, arbitrary: fc.constant<boolean | undefined>(true) }, { weight: 1, arbitrary: fc.constantFrom(false, undefined) });

const plans: fc.Arbitrary<CertificatePlan> = fc.record({
    kind: fc.oneof(
        { weight: 5, arbitrary: fc.constant("issued" as const) },
        { weight: 2, arbitrary: fc.constantFrom("tampered" as const, "foreignKey" as const, "garbage" as const) },
    ),
    cats: fc.constantFrom<readonly number[]>([], [0x0001_0001], [0x0001_0002, 0x0002_0001, 0x0003_0001]),
});

function requested(endpoint: number, csrNonce: Uint8Array, isForUpdateNoc: boolean | undefined): TruthCommand {
    return { cluster: NAME, request: invoke(endpoint, id, commands.csrRequest, { csrNonce, ...(isForUpdateNoc === undefined ? {} : { isForUpdateNoc }) }) };
}

function updated(endpoint: number, certificate: CertificatePlan): TruthCommand {
    // The plan's certificate takes the place of this one.
    return { cluster: NAME, request: invoke(endpoint, id, commands.updateNoc, { nocValue: new Uint8Array(0) }), certificate };
}

function labelled(label: string): TruthCommand {
    return { cluster: NAME, request: invoke(0, id, UPDATE_FABRIC_LABEL, { label }) };
}

const operationalCredentialsCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(strayEndpoints([0]), nonces, purposes).map(parts => requested(...parts)) },
    { weight: 4, arbitrary: fc.tuple(strayEndpoints([0]), plans).map(parts => updated(...parts)) },
    { weight: 1, arbitrary: fc.constantFrom("", "home", "ä".repeat(17), "x".repeat(33)).map(labelled) },
    { weight: 3, arbitrary: anyRead(0, id, Object.values(attributes)).map(request => ({ cluster: NAME, request })) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(0, id, [[attributes.nocs, []]])) },
);

/** Operational Credentials (core section 11.18), as far as certificates are renewed: under a fail-safe that is kept, left or missed. */
export const operationalCredentials: TruthCluster = {
    name: NAME,
    devices: ["switch", "light"],
    share: 2,
    sequence: sequenceOf(
        fc.oneof({ weight: 2, arbitrary: operationalCredentialsCommands }, { weight: 1, arbitrary: generalCommissioningCommands }),
        [armed, requested(0, new Uint8Array(32).fill(1), true)],
    ),
    observed: [attributes.nocs, attributes.fabrics].map(attribute => path(0, id, attribute)),
    affects: ["GeneralCommissioning"],
    async undo(ask: Ask) {
        await ask(labelled(COMMISSIONERS_LABEL).request);
    },
};
