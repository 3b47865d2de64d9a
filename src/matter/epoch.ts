/**
 * The one place where start times change their zero.
 *
 * The wire and the cores count `epoch-us` and `epoch-s` from 2000-01-01 (section 7.19.2.4); matter.js's API counts from
 * 1970-01-01 and refuses smaller values as a mistake of the caller.
 */
import { MATTER_EPOCH_OFFSET_S, MATTER_EPOCH_OFFSET_US } from "@matter/types";

/** `epoch-us` of the wire to what matter.js takes. */
export function epochUsToMatter(wire: bigint): bigint {
    return wire + MATTER_EPOCH_OFFSET_US;
}

/** What matter.js gives for an `epoch-us` to the wire's unit. */
export function epochUsFromMatter(value: bigint): bigint {
    return value - MATTER_EPOCH_OFFSET_US;
}

/** `epoch-s` of the wire to what matter.js takes. */
export function epochSToMatter(wire: number): number {
    return wire + MATTER_EPOCH_OFFSET_S;
}

/** What matter.js gives for an `epoch-s` to the wire's unit. */
export function epochSFromMatter(value: number): number {
    return value - MATTER_EPOCH_OFFSET_S;
}
