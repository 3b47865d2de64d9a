import { refuse } from "./error.js";
import type { ItemMode } from "./records.js";

/** The refusal of an unknown mode. */
export const badMode = refuse("INVALID_COMMAND", 'the mode must be "converge" or "maintain"');

export function isMode(mode: unknown): mode is ItemMode {
    return mode === "converge" || mode === "maintain";
}
