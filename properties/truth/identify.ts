import * as fc from "fast-check";
import { Identify } from "../../sim/devices/composition.js";
import { anyRead, APPLICATION_ENDPOINTS, conditionally, invoke, path, sequenceOf, strayEndpoints, strayWrite, write } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "Identify";
const { attributes, commands, id } = Identify;

/** No virtual time passes within a sequence to speak of: none of these runs out in one. */
const seconds = fc.constantFrom(0, 0, 600, 0xfffe);
const endpoints = strayEndpoints(APPLICATION_ENDPOINTS);

/** Any command of this cluster. */
export const identifyCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    {
        weight: 3,
        arbitrary: fc
            .tuple(endpoints, seconds)
            .map(([endpoint, identifyTime]) => ({ cluster: NAME, request: invoke(endpoint, id, commands.identify, { identifyTime }) })),
    },
    {
        weight: 1,
        arbitrary: conditionally(
            NAME,
            fc.tuple(endpoints, seconds).map(([endpoint, time]) => write(path(endpoint, id, attributes.identifyTime), time)),
        ),
    },
    { weight: 1, arbitrary: anyRead(1, id, Object.values(attributes)).map(request => ({ cluster: NAME, request })) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(1, id, [[attributes.identifyType, 0]])) },
);

/** Identify (application cluster specification, section 1.2): AddGroupIfIdentifying asks it. */
export const identify: TruthCluster = {
    name: NAME,
    devices: ["switch", "light"],
    share: 1,
    sequence: sequenceOf(identifyCommands),
    observed: APPLICATION_ENDPOINTS.map(endpoint => path(endpoint, id, attributes.identifyTime)),
    affects: [],
    async undo(ask: Ask) {
        for (const endpoint of APPLICATION_ENDPOINTS) {
            await ask(invoke(endpoint, id, commands.identify, { identifyTime: 0 }));
        }
    },
};
