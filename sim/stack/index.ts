/** The stack world: real matter.js nodes, every protocol layer included, deterministic and replayable from a seed. */
export { ControllerProcess } from "./controller-process.js";
export { type Packet, type StackNetwork, type Verdict } from "./network.js";
export { type ControllerSpec, type DeviceSpec, type NodeSpec } from "./node-specs.js";
export { type StackSnapshot, StackWorld, type StackWorldOptions } from "./stack-world.js";
export { type GroupTruth, groupTruthOf, type KeySetTruth } from "./truth.js";
export { type UntilOptions, VirtualTime } from "./virtual-time.js";
