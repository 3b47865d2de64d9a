import * as fc from "fast-check";
import { Descriptor } from "../../src/core/clusters.js";
import { anyRead, conditionally, path, sequenceOf, strayWrite } from "./requests.js";
import type { TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "Descriptor";
const { attributes, id } = Descriptor;
const endpoints = fc.constantFrom(0, 1, 2);

const descriptorCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    { weight: 8, arbitrary: endpoints.chain(endpoint => anyRead(endpoint, id, Object.values(attributes))).map(request => ({ cluster: NAME, request })) },
    { weight: 1, arbitrary: endpoints.chain(endpoint => conditionally(NAME, strayWrite(endpoint, id, [[attributes.partsList, []]]))) },
);

/** Descriptor (core section 9.5), which nothing but the node itself changes. */
export const descriptor: TruthCluster = {
    name: NAME,
    devices: ["switch", "light"],
    share: 1,
    sequence: sequenceOf(descriptorCommands),
    observed: [path(0, id, attributes.partsList)],
    affects: [],
    async undo() {},
};
