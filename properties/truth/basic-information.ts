import * as fc from "fast-check";
import { BasicInformation } from "../../src/core/clusters.js";
import { anyRead, conditionally, path, sequenceOf, strayWrite, write } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "BasicInformation";
const { attributes, id } = BasicInformation;
const NODE_LABEL = path(0, id, attributes.nodeLabel);

const labels = fc.constantFrom("", "a", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef0", "äääääääääääääääää");

const basicInformationCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    { weight: 4, arbitrary: conditionally(NAME, labels.map(label => write(NODE_LABEL, label))) },
    { weight: 2, arbitrary: anyRead(0, id, Object.values(attributes)).map(request => ({ cluster: NAME, request })) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(0, id, [[attributes.vendorId, 1], [attributes.softwareVersion, 2]])) },
);

/** The part of Basic Information (core section 11.1) that the device model has. */
export const basicInformation: TruthCluster = {
    name: NAME,
    devices: ["switch", "light"],
    share: 1,
    sequence: sequenceOf(basicInformationCommands),
    observed: [NODE_LABEL],
    affects: [],
    async undo(ask: Ask) {
        await ask(write(NODE_LABEL, ""));
    },
};
