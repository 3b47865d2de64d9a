import { AbortedError, ClosedError, Instant } from "@matter/general";
import { PeerUnreachableError, PeerUnresponsiveError } from "@matter/protocol";
import {
    ReceivedStatusResponseError,
    StatusResponse,
    StatusResponseError,
    ValidationDatatypeMismatchError,
    ValidationOutOfBoundsError,
} from "@matter/types";
import { describe, expect, it } from "vitest";
import { Status } from "../core/status.js";
import { answerOfFailure, answerOfInvalidRequest } from "./outcome.js";

function withCause(error: Error, cause: Error): Error {
    error.cause = cause;
    return error;
}

const received = new ReceivedStatusResponseError("refused", Status.BUSY);

describe("a failure after an exchange was begun", () => {
    it("is the status that the node sent", () => {
        expect(answerOfFailure(received, true)).toEqual({ kind: "status", status: Status.BUSY });
    });

    it.each([
        ["no answer", new PeerUnresponsiveError()],
        ["a closed session", withCause(new ClosedError("closed"), new PeerUnresponsiveError())],
        ["a lost connection", withCause(new AbortedError(), new PeerUnreachableError(Instant))],
        ["an undecodable response", new ValidationOutOfBoundsError("too long")],
        ["a status made up on our side", new StatusResponse.FailureError("internal")],
        ["anything else", new TypeError("undefined is not a function")],
        ["something that is no error", "thrown text"],
    ])("is unknown for %s", (_what, error) => {
        expect(answerOfFailure(error, true)).toMatchObject({ kind: "unknown" });
    });
});

describe("a failure before there was an exchange", () => {
    it.each([
        ["no session in time", withCause(new AbortedError(), new PeerUnreachableError(Instant))],
        ["a refused session", received],
        ["anything else", new Error("no fabric")],
    ])("is notSent for %s", (_what, error) => {
        expect(answerOfFailure(error, false)).toMatchObject({ kind: "notSent" });
    });

    it("names matter.js's classes in the reason", () => {
        const error = withCause(new AbortedError("aborted"), new PeerUnresponsiveError());
        const answer = answerOfFailure(error, false);
        expect(answer.kind === "notSent" && answer.reason).toMatch(/^AbortedError: .*PeerUnresponsiveError/);
    });
});

describe("an invalid request", () => {
    it.each([
        [new ValidationOutOfBoundsError("too long"), Status.CONSTRAINT_ERROR],
        [new ValidationDatatypeMismatchError("no list"), Status.INVALID_ACTION],
        [StatusResponseError.create(Status.INVALID_COMMAND), Status.INVALID_COMMAND],
        [new TypeError("cannot encode"), Status.INVALID_ACTION],
    ])("has the status of %o", (error, status) => {
        expect(answerOfInvalidRequest(error)).toEqual({ kind: "status", status });
    });
});
