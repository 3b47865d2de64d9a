import * as fc from "fast-check";
import { OnOff } from "../../sim/devices/composition.js";
import { anyRead, APPLICATION_ENDPOINTS, conditionally, invoke, path, sequenceOf, strayEndpoints, strayWrite } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "OnOff";
const { attributes, commands, id } = OnOff;

/** Any command of this cluster. */
export const onOffCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    {
        weight: 4,
        arbitrary: fc
            .tuple(strayEndpoints(APPLICATION_ENDPOINTS), fc.constantFrom(...Object.values(commands)))
            .map(([endpoint, command]) => ({ cluster: NAME, request: invoke(endpoint, id, command) })),
    },
    { weight: 1, arbitrary: anyRead(1, id, Object.values(attributes)).map(request => ({ cluster: NAME, request })) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(1, id, [[attributes.onOff, true]])) },
);

/** On/Off (cluster section 1.5), as far as scenes act on it. */
export const onOff: TruthCluster = {
    name: NAME,
    devices: ["light"],
    share: 1,
    sequence: sequenceOf(onOffCommands),
    observed: APPLICATION_ENDPOINTS.map(endpoint => path(endpoint, id, attributes.onOff)),
    affects: ["ScenesManagement"],
    async undo(ask: Ask) {
        for (const endpoint of APPLICATION_ENDPOINTS) {
            await ask(invoke(endpoint, id, commands.off));
        }
    },
};
