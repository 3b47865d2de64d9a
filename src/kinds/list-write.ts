import type { AttributePath, DeviceFields, ReadRequest, WriteRequest } from "../core/device.js";
import { answerStatus, failed, type KindAnswer, type Operation, type OperationResult } from "../core/kind.js";
import { statusFailure, type OperationFailure } from "../core/outcome.js";
import { Status, type StatusCode } from "../core/status.js";

/** Reading and writing list attributes, for every kind that keeps entries in one. */

/** A list as it was read. */
export interface ReadList {
    readonly entries: readonly DeviceFields[];
    readonly dataVersion: number;
}

export function readOf(path: AttributePath): ReadRequest {
    return { op: "read", endpoint: path.endpoint, cluster: path.cluster, attribute: path.attribute };
}

/** The list that was read, or why it is not known. What cannot be read, or is no list, is never an empty list. */
export function listOf(answer: KindAnswer, doing: string): ReadList | OperationFailure {
    if (answer.kind !== "value") {
        return statusFailure(answerStatus(answer), doing);
    }
    const { value, dataVersion } = answer;
    return Array.isArray(value)
        ? { entries: value as readonly DeviceFields[], dataVersion }
        : { class: "transient", message: `${doing}: the node answered with something that is no list` };
}

export function isFailure(list: ReadList | OperationFailure): list is OperationFailure {
    return "class" in list;
}

/** The node takes no list of that length, which can be less than what it holds after an update of its software. */
export function noRoom(name: string, limit: number, needed: number): OperationFailure {
    return {
        class: "terminal",
        code: Status.RESOURCE_EXHAUSTED,
        message: `not sent: ${name} takes ${limit} ${limit === 1 ? "entry" : "entries"}, and it would have ${needed}`,
    };
}

/** One "replace all" in one message, on condition that nobody wrote since the list was read. */
export function writeOf(path: AttributePath, entries: readonly DeviceFields[], dataVersion: number): WriteRequest {
    return { op: "write", endpoint: path.endpoint, cluster: path.cluster, attribute: path.attribute, value: entries, dataVersion };
}

/**
 * The failure of a refused write. A node can stop in the middle of a list; then what it held before is written back, as far as that goes: entries of others
 * were among it, and nobody else remembers them here.
 */
export function* refusedWrite(
    path: AttributePath,
    status: StatusCode,
    doing: string,
    before: readonly DeviceFields[],
    written: readonly DeviceFields[],
): Operation<OperationResult> {
    const failure = statusFailure(status, doing);
    if (before.length === 0) {
        return failed(failure);
    }
    const found = listOf(yield readOf(path), doing);
    if (isFailure(found) || !isCutShort(found.entries, before, written)) {
        return failed(failure);
    }
    const restored = answerStatus(yield writeOf(path, before, found.dataVersion));
    return failed(
        restored === Status.SUCCESS ? failure : { ...failure, message: `${failure.message}; the node kept only ${found.entries.length} of ${before.length} entries` },
    );
}

/** The beginning of what was written, and less than was there before. */
function isCutShort(found: readonly DeviceFields[], before: readonly DeviceFields[], written: readonly DeviceFields[]): boolean {
    return found.length < before.length && found.every((entry, at) => sameFields(entry, written[at]));
}

/** Deep equality of plain fields; a field that is null and one that is absent are the same. */
function sameFields(one: unknown, other: unknown): boolean {
    if (typeof one !== "object" || one === null || typeof other !== "object" || other === null) {
        return (one ?? null) === (other ?? null);
    }
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].every(name => sameFields((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]));
}
