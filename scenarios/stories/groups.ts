import type { Group } from "../bed.js";

/** A key that is easy to find in any output. */
const KNOWN_KEY = new Uint8Array(16).fill(0x5a);

/** The groups of the scenarios. Lights and Blinds have key sets of their own; Lamps shares that of Lights. */
export const LIGHTS: Group & { readonly epochKey: Uint8Array } = { groupId: 0x101, groupName: "lights", keySetId: 0x2a, epochKey: KNOWN_KEY };
export const LAMPS: Group = { groupId: 0x102, groupName: "lamps", keySetId: 0x2a };
export const BLINDS: Group = { groupId: 0x201, groupName: "blinds", keySetId: 0x2b };

export const MINUTE_MS = 60_000;
