import { describe, expect, it } from "vitest";
import { classifyStatus, statusFailure, type FailureClass } from "./outcome.js";
import { Status, statusName } from "./status.js";

/** The whole table, as DESIGN section 4 says it. */
const table: Record<Exclude<keyof typeof Status, "SUCCESS">, FailureClass> = {
    FAILURE: "transient",
    UNSUPPORTED_ACCESS: "transient",
    UNSUPPORTED_ENDPOINT: "notApplicable",
    INVALID_ACTION: "terminal",
    UNSUPPORTED_COMMAND: "notApplicable",
    INVALID_COMMAND: "terminal",
    UNSUPPORTED_ATTRIBUTE: "notApplicable",
    CONSTRAINT_ERROR: "terminal",
    UNSUPPORTED_WRITE: "transient",
    RESOURCE_EXHAUSTED: "terminal",
    NOT_FOUND: "transient",
    UNREPORTABLE_ATTRIBUTE: "transient",
    INVALID_DATA_TYPE: "transient",
    UNSUPPORTED_READ: "transient",
    DATA_VERSION_MISMATCH: "transient",
    TIMEOUT: "transient",
    UNSUPPORTED_NODE: "transient",
    BUSY: "transient",
    ACCESS_RESTRICTED: "transient",
    UNSUPPORTED_CLUSTER: "notApplicable",
    NO_UPSTREAM_SUBSCRIPTION: "transient",
    NEEDS_TIMED_INTERACTION: "transient",
    UNSUPPORTED_EVENT: "transient",
    PATHS_EXHAUSTED: "transient",
    TIMED_REQUEST_MISMATCH: "transient",
    FAILSAFE_REQUIRED: "transient",
    INVALID_IN_STATE: "transient",
    NO_COMMAND_RESPONSE: "transient",
};

describe("the outcome table", () => {
    it("has a row for every status that has a name", () => {
        expect(Object.keys(table).sort()).toEqual(
            Object.keys(Status)
                .filter(name => name !== "SUCCESS")
                .sort(),
        );
    });

    it.each(Object.entries(table))("%s is %s", (name, expected) => {
        expect(classifyStatus(Status[name as keyof typeof table])).toBe(expected);
    });

    it("takes every code without a name for worth repeating", () => {
        const named = new Set<number>(Object.values(Status));
        for (let code = 1; code < 256; code++) {
            if (!named.has(code)) {
                expect(classifyStatus(code)).toBe("transient");
            }
        }
    });
});

describe("a failure", () => {
    it("says what was tried, and the status by its name", () => {
        expect(statusFailure(Status.BUSY, "writing GroupKeyMap")).toEqual({
            class: "transient",
            code: 0x9c,
            message: "writing GroupKeyMap: BUSY",
        });
    });

    it("names a status without a name by its code", () => {
        expect(statusName(0x03)).toBe("0x03");
        expect(statusName(0xf0)).toBe("0xf0");
    });
});
