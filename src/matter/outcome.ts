/**
 * Turns everything that can go wrong into one of the answers of `src/core/device.ts`. What matters is *when* it went wrong: before
 * anything was encoded, before an exchange with the node existed, or after. Only the first two are certain.
 */
import { asError } from "@matter/general";
import { ReceivedStatusResponseError, StatusResponseError } from "@matter/types";
import type { DeviceAnswer, NotSentAnswer, StatusAnswer, UnknownAnswer } from "../core/device.js";
import { Status } from "../core/status.js";

/**
 * The request could not be encoded: it is invalid before sending, and would be so again. matter.js attaches the status that a device
 * would have given (CONSTRAINT_ERROR, INVALID_ACTION); anything else thrown by an encoder is an invalid request too.
 */
export function answerOfInvalidRequest(error: unknown): StatusAnswer {
    const status = StatusResponseError.of(error);
    return statusAnswer(status?.code ?? Status.INVALID_ACTION, status?.clusterCode);
}

/**
 * The interaction failed. Until an exchange existed nothing can have left (no session, connection refused, given up, or
 * aborted while connecting). From then on only a status that the node itself sent is an answer: a lost session, an exhausted
 * retransmission, an abort or an undecodable response all leave open what happened.
 */
export function answerOfFailure(error: unknown, exchangeBegan: boolean): DeviceAnswer {
    if (!exchangeBegan) {
        return notSent(describe(error));
    }
    const status = receivedStatus(error);
    return status === undefined ? unknown(describe(error)) : statusAnswer(status.code, status.clusterCode);
}

/** A status as the device or the encoder gave it. */
export function statusAnswer(status: number, clusterStatus?: number): StatusAnswer {
    return clusterStatus === undefined ? { kind: "status", status } : { kind: "status", status, clusterStatus };
}

/** Surely nothing was sent. */
export function notSent(reason: string): NotSentAnswer {
    return { kind: "notSent", reason };
}

/** It may have taken effect, or may still. */
export function unknown(reason: string): UnknownAnswer {
    return { kind: "unknown", reason };
}

/**
 * A validation error is a status error to matter.js although no device sent it: decoding a malformed response throws one. Taking it
 * for the device's refusal would record a failure that never happened.
 */
function receivedStatus(error: unknown): StatusResponseError | undefined {
    const status = StatusResponseError.of(error);
    return status instanceof ReceivedStatusResponseError ? status : undefined;
}

/** Class and message; matter.js's transport errors carry neither payloads nor keys. */
function describe(error: unknown): string {
    const { cause } = asError(error);
    return cause instanceof Error ? `${summary(asError(error))} (${summary(cause)})` : summary(asError(error));
}

/** matter.js leaves `name` at "Error"; its classes say more. */
function summary(error: Error): string {
    return `${error.constructor.name}: ${error.message}`;
}
