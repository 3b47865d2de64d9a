import type { ResponseAnswer, StatusAnswer } from "../../src/core/device.js";
import type { DeviceFields } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";

const statusAnswers: readonly StatusAnswer[] = Array.from({ length: 256 }, (_, status) => Object.freeze({ kind: "status", status }));

/** The one shared answer of a status, 0 to 255. */
export function statusAnswer(status: StatusCode): StatusAnswer {
    return statusAnswers[status]!;
}

/** A write done, or a command without response payload carried out. */
export const successAnswer = statusAnswer(Status.SUCCESS);

/** A command's response payload. */
export function responseAnswer(fields: DeviceFields): ResponseAnswer {
    return { kind: "response", fields };
}
