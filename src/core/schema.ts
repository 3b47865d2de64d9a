import { KeyMaterial } from "./key-material.js";
import { failureClasses } from "./outcome.js";

/**
 * Checks stored records before they are used: a record that does not validate is quarantined, never half-used. A check returns null
 * or names the field that is wrong; values are never shown.
 */
type Check = (value: unknown) => string | null;

function is(what: string, test: (value: unknown) => boolean): Check {
    return value => (test(value) ? null : `must be ${what}`);
}

const nonNegative = is("a non-negative integer", value => Number.isSafeInteger(value) && (value as number) >= 0);
const positive = is("a positive integer", value => Number.isSafeInteger(value) && (value as number) > 0);
const time = is("a time in milliseconds", value => typeof value === "number" && Number.isFinite(value));
const text = is("a text", value => typeof value === "string");
const flag = is("a boolean", value => typeof value === "boolean");
const unsigned64 = is("an unsigned 64-bit bigint", value => typeof value === "bigint" && value >= 0n && value < 1n << 64n);
const anObject = is("an object", isObject);

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function oneOf(...values: unknown[]): Check {
    return is(`one of ${values.join(", ")}`, value => values.includes(value));
}

function orNull(check: Check): Check {
    return value => (value === null ? null : check(value));
}

function optional(check: Check): Check {
    return value => (value === undefined ? null : check(value));
}

function list(check: Check, min = 0, max = Infinity): Check {
    return value => {
        if (!Array.isArray(value) || value.length < min || value.length > max) {
            return "must be a list of the right length";
        }
        for (const element of value) {
            const wrong = check(element);
            if (wrong !== null) {
                return `has an element that ${wrong}`;
            }
        }
        return null;
    };
}

function record(fields: Record<string, Check>): Check {
    const entries = Object.entries(fields);
    return value => {
        if (!isObject(value)) {
            return "must be an object";
        }
        for (const [name, check] of entries) {
            const wrong = check(value[name]);
            if (wrong !== null) {
                return `field "${name}" ${wrong}`;
            }
        }
        return null;
    };
}

const keyPart = is("a number or a text", value => typeof value === "number" || typeof value === "string");
const itemKey = list(keyPart, 1, 8);
const mode = oneOf("converge", "maintain");
const want = orNull(record({ intent: anObject, mode }));

const failureCheck = record({ code: text, message: text });

const itemFailure = record({
    class: oneOf(...failureClasses),
    code: optional(nonNegative),
    message: text,
    attempts: nonNegative,
    retryAtMs: optional(time),
});

export const checkMeta = record({
    schema: positive,
    fabric: record({ rootPublicKey: text, fabricId: unsigned64 }),
    reservedNumber: positive,
});

export const checkNode = record({ nodeId: unsigned64, incarnation: nonNegative });

export const checkItem = record({
    type: oneOf("item"),
    node: positive,
    kind: text,
    key: itemKey,
    intent: anObject,
    mode,
    state: oneOf("pending", "committed", "deletePending", "commitFailed"),
    owes: oneOf("apply", "remove", "nothing"),
    generation: positive,
    replaced: flag,
    incarnation: nonNegative,
    changedAtMs: time,
    failure: orNull(itemFailure),
    claim: optional(anObject),
});

export const checkTombstone = record({
    type: oneOf("tombstone"),
    node: positive,
    kind: text,
    key: itemKey,
    leftover: optional(record({ intent: anObject, mode, claim: optional(anObject) })),
});

const keySlot = record({ startTime: unsigned64, key: is("key material", value => value instanceof KeyMaterial) });

export const checkKeySet = record({
    keySetId: nonNegative,
    latest: nonNegative,
    revisions: list(record({ revision: positive, policy: oneOf(0, 1), slots: list(keySlot, 1, 3), used: flag })),
    startTimes: list(is("a start time and a fingerprint", value => Array.isArray(value) && unsigned64(value[0]) === null && text(value[1]) === null)),
});

export const checkRun = record({
    task: text,
    version: positive,
    requestId: orNull(text),
    paramsFingerprint: text,
    params: orNull(anObject),
    drawn: orNull(anObject),
    slots: list(text),
    nodes: list(unsigned64),
    state: oneOf("running", "stuck", "completed", "failed", "cancelled", "abandoned"),
    direction: oneOf("forward", "backward"),
    phase: nonNegative,
    cause: orNull(failureCheck),
    cancelled: flag,
    changeSet: list(
        record({ node: positive, kind: text, key: itemKey, phase: nonNegative, prior: want, wants: want, generation: nonNegative, undo: oneOf("open", "written", "left") }),
    ),
    notRestored: list(record({ node: unsigned64, kind: text, key: itemKey, reason: text })),
    admittedAtMs: time,
    deadlineMs: orNull(time),
    settledAtMs: orNull(time),
    settledOrder: nonNegative,
});
