import * as fc from "fast-check";
import { GeneralCommissioning } from "../../src/core/clusters.js";
import { anyRead, conditionally, invoke, path, sequenceOf, strayEndpoints, strayWrite, write } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "GeneralCommissioning";
const { attributes, commands, id } = GeneralCommissioning;
const BREADCRUMB = path(0, id, attributes.breadcrumb);

const breadcrumbs = fc.constantFrom(0n, 1n, 0xffff_ffff_ffff_ffffn);
/** Sums of the waits below never end a fail-safe to the millisecond, whatever a new session takes. */
const seconds = fc.constantFrom(0, 60, 300, 900, 1200);
const waits = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(70_000, 410_000) });

/** Any command of this cluster, some after a while. */
export const generalCommissioningCommands: fc.Arbitrary<TruthCommand> = fc
    .tuple(
        fc.oneof(
            {
                weight: 5,
                arbitrary: fc
                    .tuple(strayEndpoints([0]), seconds, breadcrumbs)
                    .map(([endpoint, expiryLengthSeconds, breadcrumb]) => ({
                        cluster: NAME,
                        request: invoke(endpoint, id, commands.armFailSafe, { expiryLengthSeconds, breadcrumb }),
                    })),
            },
            { weight: 2, arbitrary: fc.constant({ cluster: NAME, request: invoke(0, id, commands.commissioningComplete) }) },
            { weight: 2, arbitrary: conditionally(NAME, breadcrumbs.map(breadcrumb => write(BREADCRUMB, breadcrumb))) },
            { weight: 2, arbitrary: anyRead(0, id, Object.values(attributes)).map(request => ({ cluster: NAME, request })) },
            { weight: 1, arbitrary: conditionally(NAME, strayWrite(0, id, [])) },
        ),
        waits,
    )
    .map(([command, afterMs]) => (afterMs === 0 ? command : { ...command, afterMs }));

/** The fail-safe is armed for five minutes. */
export const armed: TruthCommand = { cluster: NAME, request: invoke(0, id, commands.armFailSafe, { expiryLengthSeconds: 300, breadcrumb: 1n }) };

/** General Commissioning (core section 11.10): the fail-safe. */
export const generalCommissioning: TruthCluster = {
    name: NAME,
    devices: ["switch", "light"],
    share: 1,
    sequence: sequenceOf(generalCommissioningCommands, [armed]),
    observed: [BREADCRUMB],
    affects: ["OperationalCredentials"],
    async undo(ask: Ask) {
        await ask(invoke(0, id, commands.armFailSafe, { expiryLengthSeconds: 0, breadcrumb: 0n }));
        await ask(write(BREADCRUMB, 0n));
    },
};
