import type { DeviceAnswer } from "../src/core/device.js";
import { statusName } from "../src/core/status.js";

/** An answer in one word: a status by its name, also one inside a response, or why there is none. */
export function answerName(answer: DeviceAnswer | undefined): string {
    switch (answer?.kind) {
        case undefined:
            return "never";
        case "status":
            return statusName(answer.status);
        case "response": {
            const { status } = answer.fields;
            return typeof status === "number" ? statusName(status) : "response";
        }
        case "value":
        case "notSent":
        case "unknown":
            return answer.kind;
    }
}
