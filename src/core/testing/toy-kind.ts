import type { DeviceAnswer, DeviceRequest, DeviceValue, InvokeRequest, ReadRequest, WriteRequest } from "../device.js";
import { ok, refuse } from "../error.js";
import { endpointNumber } from "../ids.js";
import { answerStatus, differs, done, failed, holds, unread, type CapacityTable, type Kind } from "../kind.js";
import { statusFailure } from "../outcome.js";
import { Status } from "../status.js";

/** The simplest thing a node can hold: a number under an attribute id. */
export interface ToyIntent {
    readonly id: number;
    readonly value: number;
    /** Ids of other toys on the node that must be there before this one. */
    readonly needs?: readonly number[];
}

export const TOY = "toy";
export const TOY_ENDPOINT = endpointNumber(1);
export const TOY_CLUSTER = 0xfff1_fc01;
const REMOVE = 1;
const LIMIT = 0xf000;
const ROWS = 0xf001;

export function readToy(attribute: number): ReadRequest {
    return { op: "read", endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute };
}

export function writeToy(attribute: number, value: DeviceValue): WriteRequest {
    return { op: "write", endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute, value };
}

export function removeToy(id: number): InvokeRequest {
    return { op: "invoke", endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, command: REMOVE, fields: { id }, query: false };
}

/** Applies with one write, verifies with one read, removes with one command. */
export function toyKind(changes: Partial<Kind<ToyIntent>> = {}): Kind<ToyIntent> {
    return {
        name: TOY,
        applyOrder: 10,
        removeOrder: 10,
        validate(intent) {
            return isToy(intent) ? ok({ ...intent }) : refuse("INVALID_INTENT", "a toy has a numeric id and value");
        },
        keyOf: intent => [intent.id],
        equal: (a, b) => a.value === b.value && String(a.needs ?? []) === String(b.needs ?? []),
        dependsOn: intent => (intent.needs ?? []).map(id => ({ kind: TOY, key: [id] })),
        watch: intent => [{ endpoint: TOY_ENDPOINT, cluster: TOY_CLUSTER, attribute: intent.id }],
        *apply({ intent }) {
            const status = answerStatus(yield writeToy(intent.id, intent.value));
            return status === Status.SUCCESS ? done : failed(statusFailure(status, "writing the toy"));
        },
        *verify({ intent }) {
            const answer = yield readToy(intent.id);
            if (answer.kind !== "value") {
                return unread(statusFailure(answerStatus(answer), "reading the toy"));
            }
            return answer.value === intent.value ? holds : differs;
        },
        *remove({ intent }) {
            const status = answerStatus(yield removeToy(intent.id));
            return status === Status.SUCCESS ? done : failed(statusFailure(status, "removing the toy"));
        },
        ...changes,
    };
}

function isToy(intent: unknown): intent is ToyIntent {
    const { id, value } = (intent ?? {}) as Partial<ToyIntent>;
    return typeof id === "number" && typeof value === "number";
}

/** The table that toys take rows of, if their kind says so. Devices tell its limit and its rows. */
export const toyTable: CapacityTable = {
    name: "toys",
    minimum: { limit: 2, used: 0 },
    *observe() {
        const limit = yield readToy(LIMIT);
        if (limit.kind !== "value") {
            return null;
        }
        const rows = yield readToy(ROWS);
        return rows.kind === "value" ? { limit: limit.value as number, rows: rows.value as number[] } : null;
    },
};

/** What becomes of a request: an answer of the test's choosing, or silence. */
export type Fault = (request: DeviceRequest) => DeviceAnswer | "silence" | undefined;

/** A node that holds toys. */
export class ToyNode {
    readonly values = new Map<number, DeviceValue>();
    /** Rows of {@link toyTable}. */
    limit = 100;
    /** Looked at before the node itself does anything; undefined: the node answers. */
    fault: Fault = () => undefined;

    answer(request: DeviceRequest): DeviceAnswer | "silence" {
        return this.fault(request) ?? this.perform(request);
    }

    perform(request: DeviceRequest): DeviceAnswer {
        if (request.op === "read") {
            return { kind: "value", value: this.#read(request.attribute), dataVersion: 0 };
        }
        if (request.op === "write") {
            this.values.set(request.attribute, request.value);
        } else {
            this.values.delete(request.fields["id"] as number);
        }
        return { kind: "status", status: Status.SUCCESS };
    }

    #read(attribute: number): DeviceValue {
        if (attribute === LIMIT) {
            return this.limit;
        }
        return attribute === ROWS ? [...this.values.keys()] : (this.values.get(attribute) ?? null);
    }
}
