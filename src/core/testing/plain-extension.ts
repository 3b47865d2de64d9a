import type { Extension } from "../context.js";

/** Takes part in nothing. */
export const plainExtension: Extension = {
    command: () => false,
    itemChanged: () => {},
    nodeRemoved: () => {},
    kindRegistered: () => {},
    occupant: () => 0,
    forcedOut: () => {},
    neededBy: () => 0,
    drive: () => {},
    storeRefused: () => {},
    storeRecovered: () => {},
};
