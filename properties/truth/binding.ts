import * as fc from "fast-check";
import { Binding } from "../../src/core/clusters.js";
import type { DeviceFields } from "../../src/core/device.js";
import { anyRead, APPLICATION_ENDPOINTS, conditionally, path, sequenceOf, strayEndpoints, strayWrite, write } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "Binding";
const { attributes, id } = Binding;

/** OnOff and Identify are client clusters of the switch, Groups is not; 0x8000 is none at all. */
const clusters = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(undefined, 0x06, 0x03) }, { weight: 1, arbitrary: fc.constantFrom(0x04, 0x8000) });

/** Few nodes: matter.js goes looking for each. */
const sound = fc.oneof(
    fc.record({ node: fc.constantFrom(0x10n, 0x11n), endpoint: fc.constantFrom(0, 1), cluster: clusters }),
    fc.record({ group: fc.constantFrom(1, 2, 0xfeff), cluster: clusters }),
);

const unsound = fc.record({
    node: fc.constantFrom(undefined, 0x10n, 0n),
    group: fc.constantFrom(undefined, 1, 0),
    endpoint: fc.constantFrom(undefined, 1, 0xfffe),
    cluster: clusters,
});

const targets = fc.oneof({ weight: 6, arbitrary: sound }, { weight: 1, arbitrary: unsound }).map(withoutAbsent);

const bindingCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    {
        weight: 6,
        arbitrary: conditionally(
            NAME,
            fc
                .tuple(strayEndpoints(APPLICATION_ENDPOINTS), fc.array(targets, { maxLength: 4 }))
                .map(([endpoint, list]) => write(path(endpoint, id, attributes.binding), list)),
        ),
    },
    { weight: 2, arbitrary: anyRead(1, id, Object.values(attributes)).map(request => ({ cluster: NAME, request })) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(1, id, [])) },
);

/** Binding (core section 9.6), on two endpoints of one node. */
export const binding: TruthCluster = {
    name: NAME,
    devices: ["switch"],
    share: 2,
    sequence: sequenceOf(bindingCommands),
    observed: APPLICATION_ENDPOINTS.map(endpoint => path(endpoint, id, attributes.binding)),
    affects: [],
    async undo(ask: Ask) {
        for (const endpoint of APPLICATION_ENDPOINTS) {
            await ask(write(path(endpoint, id, attributes.binding), []));
        }
    },
};

function withoutAbsent(fields: Readonly<Record<string, number | bigint | undefined>>): DeviceFields {
    return Object.fromEntries(Object.entries(fields).filter((field): field is [string, number | bigint] => field[1] !== undefined));
}
